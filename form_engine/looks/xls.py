"""The looks of an .xls workbook, as xlrd reads them."""

import io

import xlrd

from ..cells import Fault
from .compound import require_sound
from .number_formats import Look, look_of
from .sheet_looks import SheetLooks

NOTHING = {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}


def looks_of_xls(data: bytes) -> dict[str, SheetLooks]:
    """By the names of the sheets. Raises TooLarge, and whatever xlrd raises on a damaged file."""
    require_sound(data)
    book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
    return {sheet.name: _read_sheet(book, sheet) for sheet in book.sheets()}


def _read_sheet(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> SheetLooks:
    seen = SheetLooks()
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind == xlrd.XL_CELL_ERROR:
                code = sheet.cell_value(row, column)
                seen.fill(row, column, Fault(xlrd.error_text_from_code.get(code, "#N/A")))
            elif kind not in NOTHING:
                seen.fill(row, column, _look(book, sheet.cell_xf_index(row, column)))
    return seen


def _look(book: xlrd.Book, style: int) -> Look | None:
    if not 0 <= style < len(book.xf_list):
        return None
    found = book.format_map.get(book.xf_list[style].format_key)
    return look_of(found.format_str) if found is not None else None
