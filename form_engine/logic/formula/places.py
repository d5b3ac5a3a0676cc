"""Where in loops a reference of a formula stands, and how it is written there.

In a loop over the table `items` (and over what is filtered or sorted from it), `items.price` is the column of the row at
hand. `_` is the element at hand, `_1` that of the loop around, and so on; `$` is the record, which a plain name means too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..terms import Json

FOLDED = ("accumulator", "current")
"""The names inside a REDUCE."""
_ROWS = ("filter", "slice", "reverse", "sort", "unique")
"""Operators that give rows of their first argument again."""


@dataclass(frozen=True, slots=True)
class Place:
    """The loops around an expression, the outermost first: the table that each goes through (None: no plain table)."""

    tables: tuple[str | None, ...] = ()
    folds: tuple[bool, ...] = ()

    @property
    def depth(self) -> int:
        """How many loops."""
        return len(self.tables)

    def inside(self, table: str | None, *, fold: bool = False) -> "Place":
        """The place inside one more loop."""
        return Place((*self.tables, table), (*self.folds, fold))

    @property
    def in_fold(self) -> bool:
        """Whether the innermost loop is a REDUCE."""
        return bool(self.folds) and self.folds[-1]

    def levels_to(self, table: str) -> int | None:
        """How many loops further out `table` is gone through; None: nowhere."""
        for levels, (one, fold) in enumerate(zip(reversed(self.tables), reversed(self.folds), strict=True)):
            if one == table and not fold:
                return levels
        return None


def read(path: tuple[Json, ...], levels: int) -> Json:
    """The tree that reads `path`, `levels` loops further out."""
    if levels:
        return {"val": [[2 * levels], *path]}
    if not path:
        return {"var": ""}
    if any(not isinstance(part, str) or "." in part or not part for part in path):
        return {"val": list(path)}
    return {"var": ".".join(path)}


def table_of(source: Json, place: Place) -> str | None:
    """The table of the record whose rows `source` gives; None if it is no plain one."""
    match source:
        case {"var": str(key)} if place.depth == 0 and key and "." not in key:
            return key
        case {"val": [[int(jump)], str(key)]} if jump == 2 * place.depth and jump:
            return key
        case Mapping() if len(source) == 1:
            operator, args = next(iter(source.items()))
            return table_of(args[0], place) if operator in _ROWS and isinstance(args, list) and args else None
        case _:
            return None
