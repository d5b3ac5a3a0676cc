"""What a transaction writes to PostgreSQL, as one statement: in its WITH clause an INSERT or an UPDATE of each table.

It begins and commits by itself, so a transaction is one message and one answer. New rows go as JSON, which PostgreSQL takes
apart by the types of their table: one value instead of a dozen a row (measured; docs/decisions/rows-written-together.md).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import JSON, Dialect, Select, Table, Update, bindparam, column, func, literal_column, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

from formloom.platform.json_column import to_json
from formloom.platform.prepared import binder

KEY = "key_"
"""Before the name of a column that an UPDATE finds its row by, which it may change too."""
NOBODY = "22012"
"""PostgreSQL's division by zero: what an UPDATE that must find its row answers where there is none."""

SHORTER = {"TIMESTAMP WITH TIME ZONE": "timestamptz"}

Row = Mapping[str, Any]
Names = tuple[str, ...]


def unless_there(insert: Any, table: Table, there: Names) -> Any:
    """An INSERT (of one of the two databases) after which only the columns `there` of a row that is there already change."""
    if not there:
        return insert
    changed = {name: insert.excluded[name] for name in there}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


def keyed_update(table: Table, bound: Mapping[str, str]) -> Update:
    """An UPDATE of columns, found by those whose names begin with `KEY`; `bound` has the parameter of each."""
    keys = {name.removeprefix(KEY): of for name, of in bound.items() if name.startswith(KEY)}
    changed = {name: bindparam(of) for name, of in bound.items() if not name.startswith(KEY)}
    return table.update().where(*(table.c[key] == bindparam(of) for key, of in keys.items())).values(changed)


class _Named(UserDefinedType[Any]):
    """A type by a short name: of a statement of more than 4,096 characters the driver does not keep what it made of it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = "text" if name.startswith(("VARCHAR", "TEXT")) else SHORTER.get(name, name)

    def get_col_spec(self, **options: Any) -> str:
        """As it stands in SQL."""
        return self.name


class InsertedRows:
    """New rows of a table. Of one that is there already only the columns `there` change."""

    must = False

    def __init__(self, table: Table, names: Names, there: Names, dialect: Dialect) -> None:
        self.table = table
        self._bound = f"{table.name}__rows"
        kinds = [column(name, _Named(table.c[name].type.compile(dialect))) for name in names]
        rows = func.json_to_recordset(bindparam(self._bound, type_=JSON)).table_valued(*kinds, name="r")
        rows = rows.render_derived(name="r", with_types=True)
        insert = postgresql.insert(table).from_select(list(names), select(literal_column("*")).select_from(rows))
        self.statement = unless_there(insert, table, there)
        self._names, self._order = [str(name) for name in names], itemgetter(*names)
        found = ((name, _as_json(table, name, dialect)) for name in self._names)
        self._processors = [(name, process) for name, process in found if process is not None]

    def taken(self, row: Row) -> Row:
        """A row as it is now."""
        values = dict(zip(self._names, self._order(row), strict=True))
        for name, process in self._processors:
            values[name] = process(values[name])
        return values

    def values(self, rows: Sequence[Row]) -> Row:
        """What the driver takes for rows that were `taken`."""
        return {self._bound: orjson.dumps(rows, default=str).decode()}


class _OneRow:
    """A part that takes its values as they are, once."""

    def values(self, rows: Sequence[Row]) -> Row:
        """What the driver takes for the one row."""
        (row,) = rows
        return row


class UpdatedRow(_OneRow):
    """A row of a table that changes; its keys begin with `KEY`. `must`: it is an error if it is not there."""

    def __init__(self, table: Table, names: Names, dialect: Dialect, *, must: bool) -> None:
        self.table = table
        self.must = must
        bound = {name: f"{table.name}__{name}" for name in names}
        self.statement = keyed_update(table, bound).returning(literal_column("1"))
        self._processors = [
            (name, of, binder(table.c[name.removeprefix(KEY)].type, dialect)) for name, of in bound.items()
        ]

    def taken(self, row: Row) -> Row:
        """A row as it is now."""
        return {of: row[name] if process is None else process(row[name]) for name, of, process in self._processors}


class StillSo(_OneRow):
    """A query that is to give a row. It stands in the statement that writes, so that looking costs no message."""

    must = True
    table = None

    def __init__(self, query: Select[Any]) -> None:
        self.statement = query


Part = InsertedRows | UpdatedRow | StillSo


@lru_cache(maxsize=1024)
def joined(parts: tuple[Part, ...], dialect: Dialect) -> str:
    """The statement that does all of it, each for a table of its own."""
    expressions = [part.statement.cte(f"part{number}") for number, part in enumerate(parts)]
    found = [
        select(literal_column("1 / count(*)")).select_from(expression).scalar_subquery()
        for part, expression in zip(parts, expressions, strict=True)
        if part.must
    ]
    return str(select(*(found or [literal_column("1")])).add_cte(*expressions).compile(dialect=dialect))


def _as_json(table: Table, name: str, dialect: Dialect) -> Any:
    """What makes a value of this column one that orjson takes; None where it is one."""
    kind = table.c[name].type
    return _fragment if isinstance(kind, JSON) else binder(kind, dialect)


def _fragment(value: Any) -> Any:
    return None if value is None else orjson.Fragment(to_json(value))
