"""What is to be seen in one sheet, and how large it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from ..cells import Cell, Fault
from .number_formats import Look

MOST_CELLS = 6_000_000
"""From the first cell to the last filled one: as many as a million rows of six columns."""


class TooLarge(Exception):
    """A sheet whose cells lie so far apart that it cannot be read."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(f"{rows} × {columns}")
        self.rows = rows
        self.columns = columns


class UnreadableXml(Exception):
    """A part of the file is no XML, or is XML that defines entities."""


class BinaryWorkbook(Exception):
    """An .xlsb file: nobody but Excel knows how its cells look."""


@dataclass(slots=True)
class SheetLooks:
    """`cells` whose look says something, by row and column from 0; `rows` and `columns` up to the last filled cell."""

    rows: int = 0
    columns: int = 0
    cells: dict[tuple[int, int], Look | Fault] = field(default_factory=dict)

    def fill(self, row: int, column: int, look: Look | Fault | None = None) -> None:
        """Note a filled cell. Raises TooLarge."""
        if row >= self.rows or column >= self.columns:
            self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
            if self.rows * self.columns > MOST_CELLS:
                raise TooLarge(self.rows, self.columns)
        if look is not None:
            self.cells[row, column] = look

    def apply(self, rows: list[list[Cell]]) -> None:
        """Put what the cells show in place of their bare values; `rows` from the sheet's first cell on."""
        for (row, column), look in self.cells.items():
            if row < len(rows) and column < len(rows[row]):
                rows[row][column] = look if isinstance(look, Fault) else look.seen(rows[row][column])


def parse_xml(
    chunks: Iterable[bytes],
    start: Callable[[str, dict[str, str]], None],
    *,
    namespaces: bool = False,
    prepare: Callable[[expat.XMLParserType], None] | None = None,
) -> None:
    """Call `start(name, attributes)` for each element; `prepare` is given the parser before. Raises UnreadableXml.

    Bare expat, because a sheet has millions of elements: a tree of them, or defusedxml's own parser in Python, takes
    three to eight times as long. What makes expat safe is here as there: a document that declares an entity is refused.
    """
    made = expat.ParserCreate(namespace_separator=" ") if namespaces else expat.ParserCreate()
    made.StartElementHandler = start
    made.EntityDeclHandler = _forbid
    if prepare is not None:
        prepare(made)
    try:
        for chunk in chunks:
            made.Parse(chunk, False)
        made.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        raise UnreadableXml(str(error)) from None


def _forbid(name: str, *_: object) -> None:
    raise UnreadableXml(f"entity {name}")
