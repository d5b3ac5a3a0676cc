"""Keyset pages in any order: where a page ends is said by values, never by a count of rows.

Blanks have no place among values, and the two databases put them at different ends. So a list ordered by a column that
may be blank is read in two runs: first the rows that have a value, then those that have none. Both runs follow an index
on (column, id), forwards or backwards.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, false, or_

from formloom.platform.projections.layout import Kind

READERS: dict[str, Any] = {
    "decimal": Decimal,
    "integer": int,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "datetime": datetime.fromisoformat,
    "boolean": bool,
}


class BadCursor(ValueError):
    """The text that says where a page ends is none of ours, or belongs to another order."""


@dataclass(frozen=True, slots=True)
class Term:
    """One column to sort by. The kind says how its values are written into a cursor."""

    column: Column[Any]
    kind: Kind
    descending: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the values of its last row, and whether it stood among the blanks of the first column."""

    values: tuple[Any, ...]
    ident: str

    @property
    def blank(self) -> bool:
        """Whether the page had come to the rows without a value."""
        return bool(self.values) and self.values[0] is None

    def write(self) -> str:
        """The cursor as a short text for an address."""
        plain = [None if value is None else _written(value) for value in self.values]
        return base64.urlsafe_b64encode(json.dumps([*plain, self.ident]).encode()).decode().rstrip("=")


def read_cursor(text: str, terms: Sequence[Term]) -> Cursor:
    """The cursor that `write` wrote for the same order.

    Raises:
        BadCursor: it is none of this order.
    """
    try:
        plain = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        *values, ident = plain
        if len(values) != len(terms) or not isinstance(ident, str):
            raise BadCursor(text)
        read = (
            None if value is None else READERS.get(term.kind, str)(value)
            for value, term in zip(values, terms, strict=True)
        )
        return Cursor(tuple(read), ident)
    except (ValueError, TypeError, InvalidOperation, binascii.Error) as error:
        raise BadCursor(text) from error


def ordered(
    query: Select[Any], terms: Sequence[Term], ident: Column[Any], *, blanks: bool, after: Cursor | None
) -> Select[Any]:
    """`query` in order, from `after` on: its rows that have a value in the first column, or (`blanks`) those that have none."""
    down = terms[0].descending if terms else True
    rest = list(terms)
    if terms:
        first = terms[0].column
        query = query.where(first.is_(None) if blanks else first.is_not(None))
        rest = list(terms[1:] if blanks else terms)
    for position, term in enumerate(rest):
        if position or blanks:
            query = query.order_by(term.column.is_(None))
        query = query.order_by(term.column.desc() if term.descending else term.column.asc())
    query = query.order_by(ident.desc() if down else ident.asc())
    if after is not None:
        values = after.values[1:] if blanks and terms else after.values
        query = query.where(_beyond(rest, values, ident, after.ident, down=down))
    return query


def _beyond(
    terms: Sequence[Term], values: Sequence[Any], ident: Column[Any], last: str, *, down: bool
) -> ColumnElement[bool]:
    """The rows that come after the row with these values: the first column that differs decides, in the end the id."""
    alternatives: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for term, value in zip(terms, values, strict=True):
        alternatives.append(and_(*same, _after_value(term, value)))
        same.append(term.column.is_(None) if value is None else term.column == _bound(term, value))
    alternatives.append(and_(*same, ident < last if down else ident > last))
    return or_(*alternatives)


def _after_value(term: Term, value: Any) -> ColumnElement[bool]:
    if value is None:  # blanks stand at the end of every column but the first, which is never compared here
        return false()
    bound = _bound(term, value)
    later = term.column < bound if term.descending else term.column > bound
    return or_(later, term.column.is_(None))


def _bound(term: Term, value: Any) -> ColumnElement[Any]:
    """The value as a parameter: SQLAlchemy compares constants such as False in its own way."""
    return bindparam(None, value, type_=term.column.type)


def _written(value: Any) -> Any:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
