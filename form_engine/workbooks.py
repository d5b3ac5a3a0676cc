"""Reads the cells of a spreadsheet file that somebody made elsewhere: .xlsx, .xls, .ods, or text with separators.

Rows keep their place, so that whatever is said of one can name the row and column that its author sees. Of a formula
the value counts that the spreadsheet program worked out; nothing is ever worked out here. A number that its cell shows
as a percent or as money comes as a `Share` or an `Amount`, an error as a `Fault` (`cells`).
"""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from .cells import FAULTS, Cell, Fault, is_empty
from .errors import FormloomError
from .looks import BinaryWorkbook, SheetLooks, TooLarge, looks_of
from .messages import say

__all__ = ["Cell", "NoWorkbook", "Sheet", "is_empty", "require_small", "sheets_of"]

ZIPPED = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0"
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

    @property
    def top(self) -> int:
        """The first row that holds anything; that after the last where none does."""
        filled = (number for number, row in enumerate(self.rows) if not all(is_empty(cell) for cell in row))
        return next(filled, len(self.rows))


def sheets_of(data: bytes, lang: str = "en") -> list[Sheet]:
    """The sheets of a workbook in order; a text file is one sheet without a name. Raises NoWorkbook."""
    if data[:4] in (ZIPPED, COMPOUND):
        found = _sheets_of_workbook(data, lang)
    else:
        found = [Sheet("", _rows_of_text(_decoded(data, lang), lang))]
    if all(sheet.blank for sheet in found):
        raise NoWorkbook(say(lang, "This workbook is empty."))
    return found


def require_small(data: bytes, lang: str = "en") -> dict[str, SheetLooks]:
    """Refuse a workbook that would take more room than anybody typed; gives how its sheets look. Raises NoWorkbook."""
    try:
        if data[:4] == ZIPPED:
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                size = sum(entry.file_size for entry in packed.infolist())
            if size > MOST_BYTES:
                raise NoWorkbook(
                    say(lang, "This workbook would unpack to {size:,} MB: too much.", size=size // 1_000_000)
                )
        return looks_of(data) if data[:4] in (ZIPPED, COMPOUND) else {}
    except NoWorkbook:
        raise
    except TooLarge as error:
        sentence = "A sheet of this workbook reaches over {rows:,} rows and {columns:,} columns: too much."
        raise NoWorkbook(say(lang, sentence, rows=error.rows, columns=error.columns)) from None
    except BinaryWorkbook:
        raise NoWorkbook(say(lang, "This is a binary workbook (.xlsb). Save it as .xlsx first.")) from None
    except Exception as error:  # xlrd raises whatever it meets in a damaged file
        raise _unreadable(error, data, lang) from None


def _sheets_of_workbook(data: bytes, lang: str) -> list[Sheet]:
    looks = require_small(data, lang)
    found = []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
            if name in looks:
                looks[name].apply(rows)
            found.append(Sheet(name, rows, sheet.merged_cell_ranges or ()))
    except OverflowError:
        raise NoWorkbook(say(lang, "A cell of this workbook is a day that no calendar has.")) from None
    except (CalamineError, OSError, ValueError, MemoryError) as error:
        raise _unreadable(error, data, lang) from None
    return found


def _unreadable(error: Exception, data: bytes, lang: str) -> NoWorkbook:
    """What is said of a file that a reader refuses with `error`."""
    words = str(error).lower()
    locked = data[:4] == COMPOUND and b"E\0n\0c\0r\0y\0p\0t" in data
    if locked or any(word in words for word in ("password", "encrypted")):
        return NoWorkbook(say(lang, "This workbook is protected by a password: take it off first."))
    return NoWorkbook(say(lang, "This file is damaged, or no workbook: it can't be read."))


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


def _rows_of_text(text: str, lang: str) -> list[list[Cell]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    except csv.Error:
        rows = []
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        try:
            rows = list(csv.reader(io.StringIO(lines, newline=""), delimiter=_separator(lines)))
        except csv.Error:
            raise NoWorkbook(say(lang, "This file is damaged, or no workbook: it can't be read.")) from None
    return [[Fault(cell) if cell in FAULTS else cell for cell in row] for row in rows]


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
