"""Reads the cells of a spreadsheet file that somebody made elsewhere: .xlsx, .xls, .ods, or text with separators.

Rows keep their place, so that whatever is said of one can name the row and column that its author sees. Of a formula
the value counts that the spreadsheet program worked out; nothing is ever worked out here.
"""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from .errors import FormloomError
from .messages import say

Cell = Any
"""str, int, float, bool, date, datetime, time, timedelta; "" for an empty one."""
MOST_BYTES = 300_000_000
"""What a workbook may unpack to: one that says more is no table that a person filled in."""
ENCODINGS = ("utf-8-sig", "gb18030")
BYTE_ORDER = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
SEPARATORS = (",", ";", "\t", "|")


class NoWorkbook(FormloomError):
    """The file holds no table that can be read. `str()` is a sentence in the person's language."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `rows` from the first row and column on, also blank ones; `merged` are (first, last) cells as (row, column)."""

    name: str
    rows: Sequence[Sequence[Cell]]
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()

    @property
    def blank(self) -> bool:
        """Whether no cell holds anything."""
        return all(is_empty(cell) for row in self.rows for cell in row)


def is_empty(cell: Cell) -> bool:
    """Whether a cell holds nothing but white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def sheets_of(data: bytes, lang: str = "en") -> list[Sheet]:
    """The sheets of a workbook in order; a text file is one sheet without a name. Raises NoWorkbook."""
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        found = _sheets_of_workbook(data, lang)
    else:
        found = [Sheet("", _rows_of_text(_decoded(data, lang), lang))]
    if all(sheet.blank for sheet in found):
        raise NoWorkbook(say(lang, "This workbook is empty."))
    return found


def require_small(data: bytes, lang: str = "en") -> None:
    """Refuse a zipped workbook that would unpack to more than anybody typed. Raises NoWorkbook."""
    if data[:4] != b"PK\x03\x04":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise NoWorkbook(say(lang, "This workbook can't be read: {reason}", reason=error)) from None
    if size > MOST_BYTES:
        raise NoWorkbook(say(lang, "This workbook would unpack to {size:,} MB: too much.", size=size // 1_000_000))


def _sheets_of_workbook(data: bytes, lang: str) -> list[Sheet]:
    require_small(data, lang)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            found.append(Sheet(name, sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or ()))
    except CalamineError as error:
        if "password" in str(error).lower() or (data[:4] == b"\xd0\xcf\x11\xe0" and b"E\0n\0c\0r\0y\0p\0t" in data):
            raise NoWorkbook(say(lang, "This workbook is protected by a password: take it off first.")) from None
        raise NoWorkbook(say(lang, "This workbook can't be read: {reason}", reason=error)) from None
    except (OSError, ValueError, MemoryError) as error:
        raise NoWorkbook(say(lang, "This workbook can't be read: {reason}", reason=error)) from None
    return found


def _decoded(data: bytes, lang: str) -> str:
    sentence = say(lang, "This file is neither a workbook nor text in UTF-8 or GB 18030.")
    encodings = (BYTE_ORDER[data[:2]],) if data[:2] in BYTE_ORDER else ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if text.lstrip()[:200].lower().startswith(("<html", "<!doctype", "<table", "<?xml", "{\\rtf", "%pdf")):
            sentence = say(lang, "This file is no spreadsheet, whatever its name says. Save it as .xlsx or .csv first.")
            break
        return text
    raise NoWorkbook(sentence)


def _rows_of_text(text: str, lang: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    except csv.Error:
        rows = []
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        try:
            rows = list(csv.reader(io.StringIO(lines, newline=""), delimiter=_separator(lines)))
        except csv.Error as error:
            raise NoWorkbook(say(lang, "This workbook can't be read: {reason}", reason=error)) from None
    return rows


def _separator(text: str) -> str:
    """The sign that divides the first lines into the same number of cells each, and into the most."""
    lines = [line for line in text.replace("\r", "\n").split("\n")[:20] if line.strip()][:10]

    def promise(sign: str) -> tuple[bool, int]:
        counts = [_outside_quotes(line).count(sign) for line in lines]
        least = min(counts, default=0)
        return least > 0 and least == max(counts), counts[0] if counts else 0

    return max(SEPARATORS, key=promise)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])
