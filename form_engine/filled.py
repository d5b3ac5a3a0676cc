"""Reads a template that somebody filled in (`sheets.xlsx_template`) back into values, each with the cell it came from.

Columns are known by their heads: the label of a field in any language of the form, or its key; so a sheet of one's own
making is read, too, as long as its first row names the columns. Rows of sub-tables stand on sheets of their own and
name the record they belong to by its number (`#`). What a cell means is its field type's affair (`from_text`).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol

from xlsxwriter.utility import xl_col_to_name

from .cells import Amount, Cell, Fault, Share, is_empty
from .field_types import Unreadable
from .form import Field, Form
from .messages import say
from .pointers import join
from .sheets import LISTS_SHEET, NUMBER_HEAD, columns_of, sheet_names
from .workbooks import NoWorkbook, Sheet

DIVIDERS = re.compile(r"[,;，；、\n]")
FINDABLE = {"member", "department", "link"}
FAULTY = "This cell holds the error {error} in place of a value."


class Finder(Protocol):
    """Who or what is meant by a name in a cell: the ids of all that are called so."""

    def find(self, field: Field, text: str) -> Sequence[str]:
        """The ids of the members, departments or records that `text` may mean for `field`."""


class ByIds:
    """The `Finder` of somebody who knows nobody: a text is the id itself."""

    def find(self, field: Field, text: str) -> Sequence[str]:
        """The text."""
        return [text]


BY_IDS: Finder = ByIds()


@dataclass(frozen=True, slots=True)
class Place:
    """A cell as its author sees it: sheet, row (from 1), column letters, and the column's head; no head: the row."""

    sheet: str
    row: int
    column: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with a cell, as a sentence."""

    place: Place
    message: str


@dataclass(slots=True)
class FilledRow:
    """One record: its values, what could not be read, and the places of the values by JSON Pointer ("" is the row)."""

    place: Place
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def place_of(self, pointer: str) -> Place:
        """The cell that an error at `pointer` is about; for a value that stands in none, the row."""
        while pointer:
            if pointer in self.places:
                return self.places[pointer]
            pointer = pointer.rpartition("/")[0]
        return self.place


@dataclass(frozen=True, slots=True)
class Filled:
    """All that a file says: its records, and what belongs to none of them (unknown columns, rows without a record)."""

    rows: tuple[FilledRow, ...]
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    letters: str
    head: str
    keys: tuple[str, ...]
    field: Field

    def at(self, sheet: Sheet, row: int) -> Place:
        return Place(sheet.name, row + 1, self.letters, self.head)


def read_filled(
    form: Form, sheets: Sequence[Sheet], lang: str = "en", zone: str = "UTC", finder: Finder = BY_IDS
) -> Filled:
    """The records of a filled template. Raises NoWorkbook where no column of the form is found in it."""
    reader = _Reader(form, lang, zone, finder)
    main = reader.main_sheet(sheets)
    rows = reader.records(main)
    for key, sheet in reader.table_sheets(sheets, main):
        reader.rows_of_table(key, sheet, rows)
    return Filled(tuple(rows), tuple(reader.problems))


class _Reader:
    def __init__(self, form: Form, lang: str, zone: str, finder: Finder) -> None:
        self.form = form
        self.lang = lang
        self.zone = zone
        self.finder = finder
        self.languages = list(dict.fromkeys([lang, "en", *form.texts.languages]))
        self.problems: list[CellProblem] = []
        self.numbered: dict[str, FilledRow] = {}

    # -- sheets --------------------------------------------------------------------------------------------------

    def main_sheet(self, sheets: Sequence[Sheet]) -> Sheet:
        """The sheet of the form itself: by its name, else the first with data that is no sub-table's."""
        own = self._names("")
        tables = {name for key in self.form.fields for name in self._names(key)}
        held = [sheet for sheet in sheets if not sheet.blank and sheet.name != LISTS_SHEET]
        named = [sheet for sheet in held if sheet.name in own]
        found = next(iter(named or [sheet for sheet in held if sheet.name not in tables] or held), None)
        if found is None:
            raise NoWorkbook(say(self.lang, "This workbook is empty."))
        return found

    def table_sheets(self, sheets: Sequence[Sheet], main: Sheet) -> Iterator[tuple[str, Sheet]]:
        """The sheets of sub-tables with the key of each; any other sheet with data is told."""
        for sheet in sheets:
            if sheet is main or sheet.blank or sheet.name == LISTS_SHEET:
                continue
            key = next((key for key in self.form.fields if sheet.name in self._names(key)), None)
            if key is not None:
                yield key, sheet
            else:
                self._tell(Place(sheet.name, 1), "Nothing of this form stands on this sheet: it is not read.")

    def _names(self, key: str) -> set[str]:
        return {names[key] for names in (sheet_names(self.form, lang) for lang in self.languages) if key in names}

    # -- rows ----------------------------------------------------------------------------------------------------

    def records(self, sheet: Sheet) -> list[FilledRow]:
        """One record a row that holds more than its number."""
        top = sheet.top
        columns = self._columns(sheet, top, self.form.fields)
        if not columns:
            raise NoWorkbook(say(self.lang, "No column of this form is found: the first row must name its fields."))
        number_at = _number_column(sheet.rows[top])
        found = []
        for at in range(top + 1, len(sheet.rows)):
            row = FilledRow(Place(sheet.name, at + 1))
            self._read_cells(sheet, at, columns, row, row.values, "")
            if row.values or row.problems:
                found.append(row)
                self._number(row, sheet.rows[at], number_at)
        return found

    def _number(self, row: FilledRow, cells: Sequence[Cell], number_at: int | None) -> None:
        if number_at is None or number_at >= len(cells) or is_empty(cells[number_at]):
            return
        number = raw_of(cells[number_at], None)
        if number in self.numbered:
            place = Place(row.place.sheet, row.place.row, xl_col_to_name(number_at), NUMBER_HEAD)
            row.problems.append(
                CellProblem(place, say(self.lang, "Another record has the number {number}.", number=number))
            )
        self.numbered.setdefault(number, row)

    def rows_of_table(self, key: str, sheet: Sheet, rows: Sequence[FilledRow]) -> None:
        """The rows of a sub-table, each put into the record whose number it names."""
        top = sheet.top
        columns = self._columns(sheet, top, self.form.fields[key].columns)
        number_at = _number_column(sheet.rows[top])
        for at in range(top + 1, len(sheet.rows)):
            cells = sheet.rows[at]
            if all(is_empty(cells[column.index]) for column in columns if column.index < len(cells)):
                continue
            place = Place(sheet.name, at + 1, xl_col_to_name(number_at or 0), NUMBER_HEAD)
            named = number_at is not None and number_at < len(cells) and not is_empty(cells[number_at])
            owner = self.numbered.get(raw_of(cells[number_at], None)) if named and number_at is not None else None
            if owner is None and not named and len(rows) == 1:
                owner = rows[0]
            if owner is None:
                self._tell(place, "No record on the first sheet has this number: the row is not read.")
                continue
            table = owner.values.setdefault(key, [])
            pointer = join("", key, len(table))
            table.append({})
            owner.places[pointer] = Place(sheet.name, at + 1)
            self._read_cells(sheet, at, columns, owner, table[-1], pointer)

    def _read_cells(
        self, sheet: Sheet, at: int, columns: Sequence[_Column], row: FilledRow, into: dict[str, Any], pointer: str
    ) -> None:
        cells = sheet.rows[at]
        for column in columns:
            place = column.at(sheet, at)
            row.places[join(pointer, *column.keys)] = place
            if column.index >= len(cells) or is_empty(cells[column.index]):
                continue
            try:
                value = self._value(column.field, cells[column.index])
            except Unreadable as error:
                row.problems.append(CellProblem(place, str(error)))
                continue
            if value is not None:
                holder = into
                for key in column.keys[:-1]:
                    holder = holder.setdefault(key, {})
                holder[column.keys[-1]] = value

    # -- cells ---------------------------------------------------------------------------------------------------

    def _value(self, field: Field, cell: Cell) -> Any:
        self._refuse(field, cell)
        text = raw_of(cell, field)
        if field.type.name not in FINDABLE:
            return field.type.from_text(field, text, self.lang, self.zone)
        if not field.several:
            return self._found(field, text)
        parts = [part.strip() for part in DIVIDERS.split(text)]
        return [self._found(field, part) for part in parts if part]

    def _refuse(self, field: Field, cell: Cell) -> None:
        """An error is no value, and an amount of another currency is not this one. Raises Unreadable."""
        if isinstance(cell, Fault):
            raise Unreadable(say(self.lang, FAULTY, error=cell))
        currency = field.type.currency(field.settings)
        if isinstance(cell, Amount) and currency is not None and currency not in cell.currencies:
            sentence = "This cell is an amount in {other}, but the field is in {currency}."
            raise Unreadable(say(self.lang, sentence, other=cell.currencies[0], currency=currency))

    def _found(self, field: Field, text: str) -> str:
        found = self.finder.find(field, text)
        if len(found) == 1:
            return found[0]
        if found:
            raise Unreadable(say(self.lang, "Several are called “{name}”.", name=text))
        raise Unreadable(say(self.lang, "Nobody and nothing here is called “{name}”.", name=text))

    # -- columns -------------------------------------------------------------------------------------------------

    def _columns(self, sheet: Sheet, top: int, fields: Mapping[str, Field]) -> list[_Column]:
        """The columns that are fields; of two fields with the same label the first stands first."""
        above = len(next(iter(fields.values())).keys) - 1 if fields else 0
        waiting: dict[str, list[Field]] = {}
        for lang in self.languages:
            for label, one in columns_of(fields, lang, ""):
                for name in (label, "/".join(one.keys[above:]), ".".join(one.keys)):
                    named = waiting.setdefault(_plain(name), [])
                    if one not in named:
                        named.append(one)
        found: list[_Column] = []
        for index, cell in enumerate(sheet.rows[top]):
            if is_empty(cell) or _plain(str(cell)) == NUMBER_HEAD:
                continue
            head = " ".join(str(cell).split()).removesuffix("*").strip()
            taken = [column.field for column in found]
            one_field = next((one for one in waiting.get(_plain(head), ()) if one not in taken), None)
            if one_field is None:
                place = Place(sheet.name, top + 1, xl_col_to_name(index), head)
                self._tell(place, "This form has no such field to fill in: the column is not read.")
            else:
                found.append(_Column(index, xl_col_to_name(index), head, one_field.keys[above:], one_field))
        return found

    def _tell(self, place: Place, template: str) -> None:
        self.problems.append(CellProblem(place, say(self.lang, template)))


def raw_of(cell: Cell, field: Field | None) -> str:
    """A cell as the text that its author would have typed into the field."""
    kind = field.type.column if field is not None else None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        if kind == "date":
            return cell.date().isoformat()
        return cell.time().isoformat("seconds") if kind == "time" else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("seconds")
    if isinstance(cell, timedelta):
        hours, rest = divmod(int(cell.total_seconds()), 3600)
        return f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if kind == "time" else "")
    if isinstance(cell, float) and kind == "time" and 0 <= cell < 1:
        return (datetime(1900, 1, 1, tzinfo=UTC) + timedelta(days=cell)).time().isoformat("seconds")
    if isinstance(cell, Share):
        if kind == "text":
            return f"{cell.percent}%"
        cell = cell.percent if field is not None and field.type.in_percent else float(cell)
    if isinstance(cell, int | float):
        return format(Decimal(format(cell, ".15g")), "f")
    return str(cell).strip()


def _number_column(heads: Sequence[Cell]) -> int | None:
    return next((index for index, head in enumerate(heads) if str(head).strip() == NUMBER_HEAD), None)


def _plain(head: str) -> str:
    """A head without what does not count: width and case of letters, white space, the star of a required field."""
    return " ".join(unicodedata.normalize("NFKC", head).casefold().split()).removesuffix("*").strip()
