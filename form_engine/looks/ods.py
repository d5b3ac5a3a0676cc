"""The looks of an .ods workbook. Source: OpenDocument 1.3 part 3, 9.1 (tables) and 19.385 (office:value-type)."""

import zipfile
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from ..cells import Fault
from ..field_types.currencies import CURRENCIES
from .number_formats import Look
from .sheet_looks import MOST_CELLS, SheetLooks, TooLarge, parse_xml

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
CHUNK = 1 << 18


def looks_of_ods(packed: zipfile.ZipFile) -> dict[str, SheetLooks]:
    """By the names of the sheets. Raises TooLarge, UnreadableXml, KeyError for a file without content."""
    reader = _Reader()
    with packed.open("content.xml") as opened:
        parse_xml(_chunks(opened), reader.start, namespaces=True, prepare=reader.prepare)
    reader.end_of_fault()
    return reader.sheets


def _chunks(opened: IO[bytes]) -> Iterator[bytes]:
    while chunk := opened.read(CHUNK):
        yield chunk


class _Reader:
    """Follows the cells of all sheets; rows and cells that are written once for many count as many."""

    def __init__(self) -> None:
        self.sheets: dict[str, SheetLooks] = {}
        self.sheet = SheetLooks()
        self.row = self.rows = self.column = self.columns = 0
        self.fault: list[str] | None = None
        self.parser: expat.XMLParserType | None = None

    def prepare(self, parser: expat.XMLParserType) -> None:
        """Keep the parser, to be told of text where there is an error."""
        self.parser = parser

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        space, _, element = name.rpartition(" ")
        if space != TABLE:
            return
        self.end_of_fault()
        if element == "table":
            self.sheet = self.sheets.setdefault(attributes.get(f"{TABLE} name", ""), SheetLooks())
            self.row = self.rows = 0
        elif element == "table-row":
            self.row, self.rows = self.row + self.rows, _repeated(attributes.get(f"{TABLE} number-rows-repeated"))
            self.column = self.columns = 0
        elif element in {"table-cell", "covered-table-cell"}:
            self.column += self.columns
            self.columns = _repeated(attributes.get(f"{TABLE} number-columns-repeated"))
            if f"{OFFICE} value-type" in attributes:
                self._value(attributes)

    def _value(self, attributes: dict[str, str]) -> None:
        self.sheet.fill(self.row + self.rows - 1, self.column + self.columns - 1)
        look = _look(attributes)
        if look is not None:
            self._mark(look)
        if attributes.get(f"{CALC} value-type") == "error" and self.parser is not None:
            self.fault = []
            self.parser.CharacterDataHandler = self.fault.append

    def _mark(self, look: Look | Fault) -> None:
        for row in range(self.row, self.row + self.rows):
            for column in range(self.column, self.column + self.columns):
                self.sheet.cells[row, column] = look

    def end_of_fault(self) -> None:
        """The text of an error is complete."""
        if self.fault is not None and self.parser is not None:
            self._mark(Fault("".join(self.fault).strip()))
            self.fault, self.parser.CharacterDataHandler = None, None


def _repeated(text: str | None) -> int:
    """How many rows or columns an element stands for. Raises TooLarge."""
    number = int(text) if text is not None and text.isdecimal() and len(text) < 12 else 1
    if number > MOST_CELLS:
        raise TooLarge(number, 1)
    return max(1, number)


def _look(attributes: dict[str, str]) -> Look | None:
    match attributes.get(f"{OFFICE} value-type"):
        case "percentage":
            return Look(percent=True)
        case "currency" if (code := attributes.get(f"{OFFICE} currency", "")) in CURRENCIES:
            return Look(currencies=(code,))
        case "date" if "T" in attributes.get(f"{OFFICE} date-value", ""):
            return Look(moment=True)
    return None
