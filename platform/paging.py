"""Pages of lists: keyset pages, never OFFSET, and never a count before the rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list; `after` is what to ask for the next page with, None at the end."""

    rows: tuple[Row, ...]
    after: str | None = None


def page(found: Sequence[Row], limit: int, mark: Callable[[Row], str]) -> Page[Row]:
    """The first `limit` of `found`, which was asked for one row more than that; `mark` says where a row stands."""
    rows = tuple(found[:limit])
    return Page(rows, mark(rows[-1]) if len(found) > limit else None)
