"""A sheet of data as a form: its heads become fields, their types are guessed from the values, its rows become records.

A guess is only made where every value of the column agrees with it; otherwise the column is text.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from pypinyin import lazy_pinyin
from xlsxwriter.utility import xl_rowcol_to_cell

from formloom.form_engine.cells import Amount, Fault, Share
from formloom.form_engine.definition import load
from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.schema import value_schema
from formloom.form_engine.validator import compiled
from formloom.form_engine.workbooks import Cell, NoWorkbook, Sheet, is_empty, sheets_of

from .draft import FORM_SCHEMA, Draft, Imported, Json, options
from .finishing import finish
from .sheet_values import Reader, ambiguous_days, currency_of, fitted, guesses, text_of_cell

MOST_ROWS = 100_000
MOST_OPTIONS = 20
MOST_TOLD = 10
"""How many cells with an error a line of the report names."""
TOP = 5
"""Among how many rows the heads are looked for."""
Row = Sequence[Cell]
Body = Sequence[tuple[int, Row]]
"""The rows below the heads, each with its place in the sheet."""


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """A form and its records from the first sheet that holds data (.xlsx, .xls, .ods, .csv). Raises DefinitionError."""
    stem = filename.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    try:
        sheets = [sheet for sheet in sheets_of(data, lang) if not sheet.blank]
    except NoWorkbook as error:
        raise DefinitionError([Problem("", str(error))]) from None
    sheet = sheets[0]
    plain = not sheet.name or re.fullmatch(r"(?i)sheet\s*\d*|工作表\d*", sheet.name)
    draft = Draft((stem if plain and stem else sheet.name) or "Form", lang)
    for other in sheets[1:]:
        draft.tell(other.name, "Only the first sheet with data was read.")
    heads, body = _heads_and_body(sheet, draft)
    readers: dict[int, tuple[str, Reader]] = {}
    for number, head in enumerate(heads):
        filled = [(at, row[number]) for at, row in body if number < len(row) and not is_empty(row[number])]
        if head or filled:
            values = [cell for _, cell in filled if not isinstance(cell, Fault)]
            readers[number] = _column(head, number, values, draft)
            _tell_faults(head, number, filled, draft)
    _tell_headless(heads, body, draft)
    records = [record for _, row in body if (record := _record(row, readers))]
    form = finish(draft.document(), draft.report, lang)
    return Imported(form, draft.report, [_kept(record, form) for record in records])


def _kept(record: Json, form: Json) -> Json:
    return {key: value for key, value in record.items() if key in form["properties"]}


# heads


def _heads_and_body(sheet: Sheet, draft: Draft) -> tuple[list[str], Body]:
    """The heads of the columns, and the rows below them that hold something."""
    filled = [number for number, row in enumerate(sheet.rows) if not all(is_empty(cell) for cell in row)]
    top = [(number, _with_merged(sheet, number)) for number in filled[:TOP]]
    place = _head_row([row for _, row in top])
    at, heads = top[place]
    last, rest = at, filled[place + 1 :]
    if rest and _spans_columns(sheet, at) and all(isinstance(c, str) for c in sheet.rows[rest[0]]):
        below = _with_merged(sheet, rest[0])
        heads = [_joined(above, under) for above, under in zip(heads, below, strict=False)]
        last, rest = rest[0], rest[1:]
    if place:
        draft.tell(draft.title, "{count} rows above the column heads were left out.", count=place)
    if len(rest) > MOST_ROWS:
        draft.tell(draft.title, "Only the first {count} rows were read.", count=MOST_ROWS)
    named = ["" if is_empty(head) else " ".join(text_of_cell(head).split()) for head in heads]
    body = [(number, sheet.rows[number]) for number in rest[:MOST_ROWS] if number > last]
    width = max([len(named), *(len(row) for _, row in body[:1000])])
    return [*named, *[""] * (width - len(named))], body


def _with_merged(sheet: Sheet, number: int) -> list[Cell]:
    """A row in which every cell of a merged range says what its first one says, but a title over the whole sheet only once."""
    row = list(sheet.rows[number])
    for (top, left), (bottom, right) in sheet.merged:
        if top <= number <= bottom and (bottom > top or not _is_title(left, right, len(row))):
            for column in range(left, min(right + 1, len(row))):
                row[column] = sheet.rows[top][left]
    return row


def _spans_columns(sheet: Sheet, number: int) -> bool:
    """Whether a head of this row stands over several columns, so that the next row names them."""
    wide = len(sheet.rows[number])
    return any(
        top == number == bottom and left < right and not _is_title(left, right, wide)
        for (top, left), (bottom, right) in sheet.merged
    )


def _is_title(left: int, right: int, wide: int) -> bool:
    """Whether a merged cell stands over the whole table."""
    return left == 0 and right >= wide - 2


def _joined(above: Cell, under: Cell) -> str:
    words = [text_of_cell(cell) for cell in (above, under) if not is_empty(cell)]
    return " / ".join(dict.fromkeys(words))


def _head_row(top: list[list[Cell]]) -> int:
    """The row that names the columns: the first of the top ones that is filled as widely as any of them, with text only."""
    widest = max(sum(not is_empty(cell) for cell in row) for row in top)
    for number, row in enumerate(top):
        filled = [cell for cell in row if not is_empty(cell)]
        if len(filled) >= widest and all(isinstance(cell, str) for cell in filled):
            return number
    return 0


def _tell_faults(head: str, number: int, filled: Sequence[tuple[int, Cell]], draft: Draft) -> None:
    """Errors that stand in cells are no values: each is named, as many as anybody reads."""
    faults = [f"{xl_rowcol_to_cell(at, number)} {cell}" for at, cell in filled if isinstance(cell, Fault)]
    if faults:
        more = f", … ({len(faults)})" if len(faults) > MOST_TOLD else ""
        cells = ", ".join(faults[:MOST_TOLD]) + more
        draft.tell(head or f"Column {number + 1}", "Cells that hold an error are blank here: {cells}", cells=cells)


def _tell_headless(heads: list[str], body: Body, draft: Draft) -> None:
    for number, head in enumerate(heads):
        if not head and any(number < len(row) and not is_empty(row[number]) for _, row in body):
            draft.tell(
                f"Column {number + 1}", "The column has no head: it is called “{name}”.", name=f"Column {number + 1}"
            )


# columns


def _key(title: str) -> str:
    """A key from a column head; Chinese by its sound."""
    word = "_".join(lazy_pinyin(unicodedata.normalize("NFKC", title)))
    word = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")[:40].rstrip("_")
    return word if re.match(r"[a-z]", word) else f"column_{word}"[:40].rstrip("_")


def _column(head: str, number: int, values: list[Cell], draft: Draft) -> tuple[str, Reader]:
    title = head or f"Column {number + 1}"
    schema, settings, read = _guess(values)
    settings, read, digits = fitted(settings, read, values)
    if digits is not None:
        draft.tell(title, "Numbers with more than {digits} decimals were rounded.", digits=digits)
    if settings["type"] in {"text", "select"} and ambiguous_days(values):
        draft.tell(title, "Nobody can tell the day from the month in these dates: they stay texts.")
    _tell_looks(title, values, settings, draft)
    key = draft.add(_key(title), {"title": title[:400], **schema}, settings)
    return key, read


def _tell_looks(title: str, values: Sequence[Cell], settings: Json, draft: Draft) -> None:
    """What the cells say of their numbers and the field cannot keep, because it is not the same in all of them."""
    if settings["type"] in {"number", "integer"} and any(isinstance(value, Share) for value in values):
        draft.tell(title, "Only some cells are percents: the field holds plain numbers, 0.125 for 12.5%.")
    if settings["type"] in {"number", "integer"} and any(isinstance(value, Amount) for value in values):
        names = ", ".join(dict.fromkeys(found for value in values if (found := currency_of(value))))
        draft.tell(
            title,
            "Not all cells are money of one currency: the field holds plain numbers without {names}.",
            names=names,
        )
    if settings["type"] == "datetime":
        draft.tell(title, "A sheet names no time zone: its times were taken as UTC.")


def _guess(values: list[Cell]) -> tuple[Json, Json, Reader]:
    """JSON Schema, settings and reader of a column, from all its values that are not blank."""
    if values:
        for schema, settings, read in guesses(values):
            if all(read(value) is not None for value in values) and _taken(schema, settings, map(read, values)):
                return dict(schema), settings, read
    texts = [text_of_cell(value) for value in values]
    if values and _are_options(texts):
        listed = options([(text, text) for text in sorted(set(texts))])
        return {"type": "string", "oneOf": listed}, {"type": "select"}, text_of_cell
    if any("\n" in text or len(text) > 120 for text in texts):
        return {"type": "string"}, {"type": "paragraph"}, text_of_cell
    return {"type": "string"}, {"type": "text"}, text_of_cell


def _taken(schema: Json, settings: Json, values: Iterable[Any]) -> bool:
    """Whether a field of this type takes texts that look like it: not every row of digits is a telephone number."""
    if schema["type"] != "string":
        return True
    form = load({"$schema": FORM_SCHEMA, "type": "object", "properties": {"x": {**schema, "x-field": settings}}})
    field = form.fields["x"]
    validator = compiled(value_schema(field))
    different = dict.fromkeys(values)
    return all(validator.is_valid(value) and field.type.flaw(field, value, "en") is None for value in different)


def _are_options(texts: list[str]) -> bool:
    """Few different short texts, each on average at least three times."""
    different = set(texts)
    return 2 <= len(different) <= MOST_OPTIONS and len(texts) >= 3 * len(different) and max(map(len, different)) <= 40


def _record(row: Row, readers: dict[int, tuple[str, Reader]]) -> Json:
    return {
        key: read(row[number])
        for number, (key, read) in readers.items()
        if number < len(row) and not is_empty(row[number]) and not isinstance(row[number], Fault)
    }
