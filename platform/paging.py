"""Pages of lists: keyset pages, never OFFSET, and never a count before the rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, and_, false, or_

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


def mark_at(at: datetime, ident: str) -> str:
    """Where a row stands in a list that is in order of time."""
    return f"{at.isoformat()}|{ident}"


def newest(query: Select[Any], at: Any, ident: Any, after: str | None, limit: int) -> Select[Any]:
    """The newest first, beginning after the row that `after` marks (see `mark_at`); one more than `limit`, for `page`."""
    if after is not None:
        moment, _, last = after.partition("|")
        try:
            since = datetime.fromisoformat(moment)
        except ValueError:
            return query.where(false())
        query = query.where(or_(at < since, and_(at == since, ident < last)))
    return query.order_by(at.desc(), ident.desc()).limit(limit + 1)
