"""A sheet of data as a form: its heads become fields, their types are guessed from the values, its rows become records.

A guess is only made where every value of the column agrees with it; otherwise the column is text.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from pypinyin import lazy_pinyin
from python_calamine import CalamineError, CalamineWorkbook

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import Draft, Imported, Json, finish, options

Cell = Any
MOST_ROWS = 100_000
MOST_OPTIONS = 20
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
URL = re.compile(r"https?://\S+", re.IGNORECASE)
PHONE = re.compile(r"\+?[\d][\d ()-]{6,18}\d")
NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
YES, NO = {"yes", "true", "是", "y", "√", "有"}, {"no", "false", "否", "n", "×", "无"}


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """A form and its records from the first sheet that holds data (.xlsx, .xls, .ods, .csv). Raises DefinitionError."""
    name, rows = _sheet(data, filename, lang)
    draft = Draft(name or "Form", lang)
    start = _head_row(rows)
    heads, body = rows[start], rows[start + 1 : start + 1 + MOST_ROWS]
    if start:
        draft.tell(name, "{count} rows above the column heads were left out.", count=start)
    if len(rows) - start - 1 > MOST_ROWS:
        draft.tell(name, "Only the first {count} rows were read.", count=MOST_ROWS)
    readers: dict[int, tuple[str, Callable[[Cell], Any]]] = {}
    for number, head in enumerate(heads):
        values = [row[number] for row in body if number < len(row) and not _blank(row[number])]
        if not _blank(head) or values:
            readers[number] = _column(head, number, values, draft)
    records = [record for row in body if (record := _record(row, readers))]
    return Imported(finish(draft.document(), draft.report, lang), draft.report, records)


def _sheet(data: bytes, filename: str, lang: str) -> tuple[str, list[Sequence[Cell]]]:
    stem = filename.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if data[:4] not in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return stem, _csv(data, lang)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in workbook.sheet_names:
            rows = [
                row for row in workbook.get_sheet_by_name(name).to_python() if any(not _blank(cell) for cell in row)
            ]
            if rows:
                return stem if re.fullmatch(r"(?i)sheet\s*\d*|工作表\d*", name) and stem else name, list(rows)
    except (CalamineError, OSError, ValueError) as error:
        raise DefinitionError([Problem("", say(lang, "This workbook can't be read: {reason}", reason=error))]) from None
    raise DefinitionError([Problem("", say(lang, "This workbook is empty."))])


def _csv(data: bytes, lang: str) -> list[Sequence[Cell]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise DefinitionError(
            [Problem("", say(lang, "This file is neither a workbook nor text in UTF-8 or GB 18030."))]
        )
    if "\0" in text:
        raise DefinitionError(
            [Problem("", say(lang, "This file is neither a workbook nor text in UTF-8 or GB 18030."))]
        )
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows: list[Sequence[Cell]] = [
            row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise DefinitionError([Problem("", say(lang, "This workbook can't be read: {reason}", reason=error))]) from None
    if not rows:
        raise DefinitionError([Problem("", say(lang, "This workbook is empty."))])
    return rows


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _head_row(rows: list[Sequence[Cell]]) -> int:
    """The row that names the columns: the first of the top five that is filled as widely as any of them, with text only."""
    top = rows[:5]
    widest = max(sum(not _blank(cell) for cell in row) for row in top)
    for number, row in enumerate(top):
        filled = [cell for cell in row if not _blank(cell)]
        if len(filled) >= widest and all(isinstance(cell, str) for cell in filled):
            return number
    return 0


def _key(title: str) -> str:
    """A key from a column head; Chinese by its sound."""
    word = "_".join(lazy_pinyin(unicodedata.normalize("NFKC", title)))
    word = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")[:40].rstrip("_")
    return word if re.match(r"[a-z]", word) else f"column_{word}"[:40].rstrip("_")


def _column(head: Cell, number: int, values: list[Cell], draft: Draft) -> tuple[str, Callable[[Cell], Any]]:
    title = " ".join(str(head).split()) if not _blank(head) else f"Column {number + 1}"
    schema, settings, read = _guess(values)
    key = draft.add(_key(title), {"title": title[:400], **schema}, settings)
    return key, read


def _guess(values: list[Cell]) -> tuple[Json, Json, Callable[[Cell], Any]]:
    """JSON Schema, settings and reader of a column, from all its values that are not blank."""
    texts = [_text(value) for value in values]
    if values:
        for schema, field_type, read in GUESSES:
            if all(read(value) is not None for value in values):
                return dict(schema), {"type": field_type}, read
        if _are_options(texts):
            return (
                {"type": "string", "oneOf": options([(text, text) for text in sorted(set(texts))])},
                {"type": "select"},
                _text,
            )
    if any("\n" in text or len(text) > 120 for text in texts):
        return {"type": "string"}, {"type": "paragraph"}, _text
    return {"type": "string"}, {"type": "text"}, _text


def _are_options(texts: list[str]) -> bool:
    """Few different short texts, each on average at least three times."""
    different = set(texts)
    return 2 <= len(different) <= MOST_OPTIONS and len(texts) >= 3 * len(different) and max(map(len, different)) <= 40


def _record(row: Sequence[Cell], readers: dict[int, tuple[str, Callable[[Cell], Any]]]) -> Json:
    return {
        key: read(row[number])
        for number, (key, read) in readers.items()
        if number < len(row) and not _blank(row[number])
    }


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell).strip()


def _switch(cell: Cell) -> bool | None:
    word = str(cell).strip().lower()
    return cell if isinstance(cell, bool) else True if word in YES else False if word in NO else None


def _integer(cell: Cell) -> int | None:
    number = _decimal(cell)
    return int(number) if number is not None and float(number).is_integer() and not _like_a_code(cell) else None


def _decimal(cell: Cell) -> float | int | None:
    if isinstance(cell, bool | datetime | date | time | timedelta):
        return None
    if isinstance(cell, int | float):
        return cell if abs(cell) < 2**53 else None
    word = str(cell).strip()
    if not NUMBER.fullmatch(word) or _like_a_code(word):
        return None
    number = float(word.replace(",", ""))
    return number if abs(number) < 2**53 else None


def _like_a_code(cell: Cell) -> bool:
    """Digits that are no quantity: a leading zero, or as long as a telephone number."""
    word = str(cell).strip()
    return isinstance(cell, str) and (
        (len(word) > 1 and word[0] == "0" and word[1] != ".") or len(re.sub(r"\D", "", word)) >= 11
    )


def _date(cell: Cell) -> str | None:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else None
    if isinstance(cell, date):
        return cell.isoformat()
    match = DATE.fullmatch(str(cell).strip())
    try:
        return date(*map(int, match.groups())).isoformat() if match else None
    except ValueError:
        return None


def _moment(cell: Cell) -> str | None:
    """A date and time; a sheet says no zone, so it is taken as UTC."""
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0).isoformat() + "Z"
    return None


def _time(cell: Cell) -> str | None:
    return cell.replace(microsecond=0).isoformat() if isinstance(cell, time) else None


def _matching(pattern: re.Pattern[str]) -> Callable[[Cell], str | None]:
    return lambda cell: _text(cell) if pattern.fullmatch(_text(cell)) else None


GUESSES: tuple[tuple[Json, str, Callable[[Cell], Any]], ...] = (
    ({"type": "boolean"}, "switch", _switch),
    ({"type": "integer"}, "integer", _integer),
    ({"type": "number"}, "number", _decimal),
    ({"type": "string", "format": "date"}, "date", _date),
    ({"type": "string", "format": "date-time"}, "datetime", _moment),
    ({"type": "string", "format": "time"}, "time", _time),
    ({"type": "string", "format": "email"}, "email", _matching(EMAIL)),
    ({"type": "string", "format": "uri"}, "url", _matching(URL)),
    ({"type": "string"}, "phone", _matching(PHONE)),
)
