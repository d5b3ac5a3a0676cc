"""The looks of an .xlsx workbook. Source: ECMA-376 part 1, 18.3 (worksheets) and 18.8 (styles), part 2, 9.3 (relationships)."""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from xml.parsers import expat

from ..cells import Fault
from .number_formats import BUILT_IN, Look, look_of
from .sheet_looks import BinaryWorkbook, SheetLooks, UnreadableXml, parse_xml

REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
CHUNK = 1 << 18
LARGEST_PART = 50_000_000
"""Bytes of a part that is no sheet."""


class Package:
    """The parts of an .xlsx file by their path, whose case and slashes do not count."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self.packed = packed
        self.names = {name.replace("\\", "/").lstrip("/").lower(): name for name in packed.namelist()}

    def holds(self, path: str) -> bool:
        """Whether there is such a part."""
        return path.lower() in self.names

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of a part. Raises KeyError for one that is missing."""
        with self.packed.open(self.names[path.lower()]) as opened:
            while chunk := opened.read(CHUNK):
                yield chunk

    def elements(self, path: str) -> list[tuple[str, dict[str, str]]]:
        """The elements of a small part in order: name without prefix, attributes. Raises KeyError, UnreadableXml."""
        size = self.packed.getinfo(self.names[path.lower()]).file_size
        if size > LARGEST_PART:
            raise UnreadableXml(f"{path}: {size} B")
        found: list[tuple[str, dict[str, str]]] = []
        parse_xml(self.chunks(path), lambda name, attributes: found.append((_bare(name), attributes)))
        return found

    def related(self, path: str) -> Iterator[tuple[str, str, str]]:
        """What a part is related to: the relation's id, its kind, and the path of the other part."""
        folder, name = posixpath.split(path)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        for element, attributes in self.elements(relations) if self.holds(relations) else ():
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
                yield attributes.get("Id", ""), attributes.get("Type", "").rpartition("/")[2], target


def looks_of_xlsx(packed: zipfile.ZipFile) -> dict[str, SheetLooks]:
    """By the names of the sheets. Raises BinaryWorkbook, TooLarge, UnreadableXml."""
    package = Package(packed)
    main = next((path for _, kind, path in package.related("") if kind == "officeDocument"), "xl/workbook.xml")
    if main.lower().endswith(".bin"):
        raise BinaryWorkbook
    if not package.holds(main):
        return {}
    related = {ident: (kind, path) for ident, kind, path in package.related(main) if package.holds(path)}
    styles = next((path for kind, path in related.values() if kind == "styles"), None)
    looks = _cell_styles(package.elements(styles)) if styles else []
    found = {}
    for element, attributes in package.elements(main):
        ident = next((value for name, value in attributes.items() if _bare(name) == "id"), "")
        if element == "sheet" and ident in related:
            found[attributes.get("name", "")] = _read_sheet(package.chunks(related[ident][1]), looks)
    return found


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _cell_styles(elements: list[tuple[str, dict[str, str]]]) -> list[Look | None]:
    """What each of the formats says that cells name by number."""
    codes: dict[int, str] = dict(BUILT_IN)
    found: list[Look | None] = []
    inside = ""
    for element, attributes in elements:
        if element == "numFmt":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif element == "xf" and inside == "cellXfs":
            found.append(look_of(codes.get(_number(attributes.get("numFmtId")), "")))
        elif element in {"cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}:
            inside = element
    return found


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else -1


def _read_sheet(chunks: Iterator[bytes], looks: Sequence[Look | None]) -> SheetLooks:
    reader = _SheetReader(looks)
    parse_xml(chunks, reader.start, prepare=reader.prepare)
    reader.end_of_fault()
    return reader.sheet


class _SheetReader:
    """Follows the cells of a sheet. A cell without a value is none, whatever its style."""

    def __init__(self, looks: Sequence[Look | None]) -> None:
        self.sheet = SheetLooks()
        self.looks = looks
        self.row = self.column = -1
        self.attributes: dict[str, str] = {}
        self.fault: list[str] | None = None
        self.parser: expat.XMLParserType | None = None

    def prepare(self, parser: expat.XMLParserType) -> None:
        """Keep the parser, to be told of text where there is an error."""
        self.parser = parser

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self.fault is not None:
            self.end_of_fault()
        element = _bare(name)
        if element == "c":
            self._place(attributes)
        elif element in {"v", "is"} and self.row >= 0:
            self._value()
        elif element == "row":
            number = _number(attributes.get("r"))
            self.row, self.column = number - 1 if number > 0 else self.row + 1, -1

    def _place(self, attributes: dict[str, str]) -> None:
        self.attributes = attributes
        reference = REFERENCE.fullmatch(attributes.get("r", ""))
        if reference is None:
            self.column += 1
            return
        self.column = -1
        for letter in reference[1].upper():
            self.column = (self.column + 1) * 26 + ord(letter) - ord("A")
        self.row = int(reference[2]) - 1

    def _value(self) -> None:
        style = _number(self.attributes.get("s", "0"))
        self.sheet.fill(self.row, self.column, self.looks[style] if 0 <= style < len(self.looks) else None)
        if self.attributes.get("t") == "e" and self.parser is not None:
            self.fault = []
            self.parser.CharacterDataHandler = self.fault.append

    def end_of_fault(self) -> None:
        """The text of an error is complete."""
        if self.fault is not None and self.parser is not None:
            self.sheet.cells[self.row, self.column] = Fault("".join(self.fault).strip())
            self.fault, self.parser.CharacterDataHandler = None, None
