"""Lists of records: filters, search, order and keyset pages, all on the projection and within what the caller sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, func, select

from formloom.form_engine.field_types.base import EQUALITY, ORDER, Unreadable, compare
from formloom.form_engine.field_types.times import as_moment
from formloom.form_engine.form import Field, Form
from formloom.form_engine.json_text import LARGEST_INTEGER, text_flaw
from formloom.platform import permissions
from formloom.platform.errors import InputInvalid
from formloom.platform.folding import fold
from formloom.platform.language import gettext
from formloom.platform.models import Record
from formloom.platform.permissions import FormRules, Who
from formloom.platform.projections.layout import Layout, Place
from formloom.platform.queries.order import BadCursor, Cursor, Term, ordered, read_cursor
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a list. `value` is a JSON value of the field; a list of such for `in` and `between`."""

    field: str
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Sort:
    """One column of an order."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a list shows: all `filters` hold and `text` is found; in the order of `sort`, else newest first.

    `after` is the `after` of the page before; `bin` asks for the deleted records instead.
    """

    filters: Sequence[Filter] = ()
    sort: Sequence[Sort] = ()
    text: str = ""
    after: str | None = None
    limit: int = 50
    bin: bool = False


@dataclass(slots=True)
class Selection:
    """A query made for one form and one caller; `page` and `count` run it."""

    db: WorkspaceSession
    caller: Caller
    who: Who
    rules: FormRules
    layout: Layout
    query: Query
    terms: list[Term] = field(default_factory=list)

    def page(self) -> tuple[list[Record], str | None]:
        """The records of the page, and where the next one begins (None at the end).

        Raises:
            InputInvalid: a filter, a column to sort by, or the cursor is none; it says which.
        """
        self.terms = [term for sort in self.query.sort if (term := self._term(sort)) is not None]
        after = self._cursor()
        limit = max(1, min(self.query.limit, self.caller.runtime.settings.page_rows))
        wanted = limit + 1
        found: list[tuple[str, tuple[Any, ...]]] = []
        if not self.terms or after is None or not after.blank:
            found = self._run(wanted, after, blanks=False)
        if self.terms and len(found) < wanted:
            found += self._run(wanted - len(found), after if after and after.blank else None, blanks=True)
        ids = [ident for ident, _ in found[:limit]]
        more = len(found) > limit
        last = found[limit - 1] if more else None
        return self._records(ids), Cursor(last[1], last[0]).write() if last else None

    def count(self) -> int:
        """How many records there are on all pages."""
        return int(self.db.execute(self._matching(func.count())).scalar_one())

    def newest(self, limit: int) -> Select[Any]:
        """The ids of the latest that match, as a query to be joined to others."""
        ident = self.layout.main.c.id
        return self._matching(ident.label("id")).order_by(ident.desc()).limit(limit)

    def looked_at(self) -> list[Place]:
        """The fields by which the list is sorted and filtered: those that an index could help."""
        sorts = [sort.field for sort in self.query.sort[:1]]
        filters = [entry.field for entry in self.query.filters if entry.operator not in READS_ALL]
        paths = dict.fromkeys([*sorts, *filters])
        return [place for path in paths if (place := self.layout.places.get(path)) is not None]

    def _run(self, limit: int, after: Cursor | None, *, blanks: bool) -> list[tuple[str, tuple[Any, ...]]]:
        ident = self.layout.main.c.id
        query = self._matching(ident, *(term.column for term in self.terms))
        query = ordered(query, self.terms, ident, blanks=blanks, after=after).limit(limit)
        return [(row[0], tuple(row[1:])) for row in self.db.execute(query)]

    def _records(self, ids: Sequence[str]) -> list[Record]:
        found = {record.id: record for record in self.db.scalars(select(Record).where(Record.id.in_(ids)))}
        return [found[ident] for ident in ids if ident in found]

    def _matching(self, *columns: Any) -> Select[Any]:
        table = self.layout.main
        query = select(*columns).select_from(table).where(table.c.workspace_id == self.db.workspace_id)
        for other in self.layout.own.tables[1:]:
            same = and_(other.c.workspace_id == table.c.workspace_id, other.c.id == table.c.id)
            query = query.join(other, same)
        deleted = table.c.deleted_at
        query = query.where(deleted.is_not(None) if self.query.bin else deleted.is_(None))
        if not self.who.unlimited:
            query = query.where(permissions.visible(self.who, self.rules, self.layout))
        if self.query.bin and not self.who.unlimited:
            query = query.where(permissions.permitted(self.who, "delete", self.rules, self.layout))
        if words := fold(self.query.text.replace("\0", " ").encode(errors="ignore").decode()):
            query = query.where(*(table.c.search.contains(word, autoescape=True) for word in words.split(" ")))
        return query.where(*(self._condition(entry) for entry in self.query.filters))

    def _condition(self, entry: Filter) -> ColumnElement[bool]:
        if entry.field in SYSTEM_OPERATORS:
            return _compared_system(self.layout.main.c[entry.field], entry, self.caller.lang)
        return _compared(self._place(entry.field), entry, self.caller.lang)

    def _place(self, path: str) -> Place:
        place = self.layout.places.get(path)
        if place is None or not permissions.may_ask_for(self.who, self.rules, path):
            sentence = gettext(self.caller.lang, "The list can't be asked for “{field}”.", field=path)
            raise InputInvalid({path: sentence})
        return place

    def _term(self, sort: Sort) -> Term | None:
        table = self.layout.main
        if sort.field == "created_at":  # ids are given in the order of time
            return Term(table.c.id, "key", sort.descending)
        if sort.field == "updated_at":
            return Term(table.c.updated_at, "datetime", sort.descending)
        if sort.field in ("status", "created_by"):
            return Term(table.c[sort.field], "key", sort.descending)
        if sort.field == "title":
            return Term(table.c.title_s, "text", sort.descending)
        place = self._place(sort.field)
        return Term(place.sorted, place.kind, sort.descending)

    def _cursor(self) -> Cursor | None:
        if self.query.after is None:
            return None
        try:
            return read_cursor(self.query.after, self.terms)
        except BadCursor as error:
            sentence = gettext(self.caller.lang, "This page of the list is not there any more. Begin again.")
            raise InputInvalid({"after": sentence}) from error


READS_ALL = ("contains", "ne", "notEmpty")
"""Operators that no index helps: they look at every value, or let most rows through."""
FITS: Mapping[str, type] = {
    "decimal": Decimal,
    "integer": int,
    "date": date,
    "time": time,
    "datetime": datetime,
    "boolean": bool,
}
"""What a filter's value must become in a column of each kind; text in all others."""
MOMENTS = ("created_at", "updated_at")
SYSTEM_OPERATORS: Mapping[str, tuple[str, ...]] = {
    "created_at": ORDER,
    "updated_at": ORDER,
    "created_by": EQUALITY,
    "updated_by": EQUALITY,
    "status": EQUALITY,
}
"""What can be asked of what the platform knows of every record."""


def filter_from_text(form: Form, path: str, operator: str, text: str, lang: str, zone: str) -> Filter:
    """A filter as an address or a page writes it: `text` as people write the field's values, several divided by `|`.

    Raises:
        InputInvalid: there is no such field, or the text is no value of it.
    """
    place = form.field_at(path)
    if path in SYSTEM_OPERATORS or operator in ("empty", "notEmpty"):
        several = operator in ("in", "between")
        return Filter(path, operator, text.split("|") if several else text or None)
    if place is None:
        raise InputInvalid({path: gettext(lang, "The list can't be asked for “{field}”.", field=path)})
    try:
        if operator in ("in", "between"):
            return Filter(path, operator, [_from_text(place, each, lang, zone) for each in text.split("|")])
        return Filter(path, operator, _from_text(place, text, lang, zone))
    except Unreadable as error:
        raise InputInvalid({path: str(error)}) from error


def _from_text(place: Field, text: str, lang: str, zone: str) -> Any:
    """One value; of a list, one of its entries; of a text, what was written even where it is no whole address."""
    if place.logic.kind == "text":
        return text
    value = place.type.from_text(place, text, lang, zone)
    return value[0] if isinstance(value, list) and value else value


def _compared(place: Place, entry: Filter, lang: str) -> ColumnElement[bool]:
    """The condition of one filter on a field; a value that is none of the field is refused, never sent on."""
    operand = entry.value
    if entry.operator in ("empty", "notEmpty"):
        operand = None
    elif place.kind == "text":
        operand = [fold(str(each)) for each in operand] if isinstance(operand, list) else fold(str(operand))
    _require_operand(entry, place.field.type.operators, lang)
    try:
        for each in operand if isinstance(operand, list) else [] if operand is None else [operand]:
            _require_value(place, each)
        condition: ColumnElement[bool] = place.field.type.where(place.field, entry.operator, place.found, operand)
    except (ValueError, TypeError, ArithmeticError, KeyError, LookupError) as error:
        raise InputInvalid(
            {entry.field: gettext(lang, "“{value}” is no value to filter by here.", value=operand)}
        ) from error
    return condition


def _require_value(place: Place, value: Any) -> None:
    """Raise where a value would not fit into the column that it is compared with.

    Raises:
        ValueError, TypeError: it is none of the field.
    """
    if place.kind == "list":
        stored: Any = value if isinstance(value, str) else str(value)
    else:
        stored = place.field.type.stored(place.field, value)
    fits = type(stored) is FITS.get(place.kind, str) and (place.kind == "boolean") == isinstance(value, bool)
    if not fits or (isinstance(stored, int) and abs(stored) > LARGEST_INTEGER):
        raise ValueError(value)
    if isinstance(stored, str) and text_flaw(stored, "en"):
        raise ValueError(value)


def _compared_system(column: Column[Any], entry: Filter, lang: str) -> ColumnElement[bool]:
    _require_operand(entry, SYSTEM_OPERATORS[entry.field], lang)
    if entry.operator in ("empty", "notEmpty"):
        return column.is_(None) if entry.operator == "empty" else column.is_not(None)
    values = entry.value if entry.operator in ("in", "between") else [entry.value]
    read = [as_moment(value) if entry.field in MOMENTS else value for value in values]
    if not all(
        isinstance(value, datetime) or (isinstance(value, str) and not text_flaw(value, lang)) for value in read
    ):
        raise InputInvalid({entry.field: gettext(lang, "“{value}” is no value to filter by here.", value=entry.value)})
    if entry.operator == "in":
        return column.in_(read)
    return column.between(*read[:2]) if entry.operator == "between" else compare(entry.operator, column, read[0])


def _require_operand(entry: Filter, operators: Sequence[str], lang: str) -> None:
    """Refuse an operator that the field doesn't offer, or a value of the wrong shape for it."""
    if entry.operator not in operators:
        sentence = gettext(
            lang, "“{field}” can't be filtered by “{operator}”.", field=entry.field, operator=entry.operator
        )
        raise InputInvalid({entry.field: sentence})
    match entry.operator, entry.value:
        case (("empty" | "notEmpty"), _):
            fits = True
        case "between", [_, _]:
            fits = True
        case "in", [_, *_]:
            fits = True
        case (("between" | "in"), _):
            fits = False
        case _, value:
            fits = value is not None and not isinstance(value, list | dict)
    if not fits:
        raise InputInvalid({entry.field: gettext(lang, "“{value}” is no value to filter by here.", value=entry.value)})
