"""What a transaction writes to PostgreSQL, as one statement: in its WITH clause an INSERT or an UPDATE of each table.

It begins and commits by itself, so a transaction is one message and one answer (measured;
docs/decisions/rows-written-together.md).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import JSON, Dialect, Select, Table, Update, bindparam, column, func, literal_column, select
from sqlalchemy.dialects import postgresql

from formloom.platform.prepared import binder, numbered

KEY = "key_"
"""Before the name of a column that an UPDATE finds its row by, which it may change too."""
NOBODY = "22012"
"""PostgreSQL's division by zero: what an UPDATE that must find its row answers where there is none."""
FEW = 2
"""So many rows of a table are written value by value, which is faster; but each number of them is a statement to prepare."""

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


def taker(table: Table, names: Sequence[str], dialect: Dialect) -> Callable[[Row], tuple[Any, ...]]:
    """What gives the values of a row, in the order of `names` (which may begin with `KEY`), as the driver takes them."""
    order = itemgetter(*names)
    kinds = enumerate(table.c[name.removeprefix(KEY)].type for name in names)
    binders = [(place, bind) for place, kind in kinds if (bind := binder(kind, dialect)) is not None]

    def taken(row: Row) -> tuple[Any, ...]:
        """The values of a row as it is now."""
        values = list(order(row))
        for place, bind in binders:
            values[place] = bind(values[place])
        return tuple(values)

    return taken


class InsertedRows:
    """New rows of a table. Of one that is there already only the columns `there` change."""

    def __init__(self, table: Table, names: Names, there: Names, dialect: Dialect) -> None:
        self.table = table
        self.taken = taker(table, names, dialect)
        self._names, self._there = [str(name) for name in names], there
        self._parts: dict[int, _Values | _Json] = {}

    def part(self, count: int) -> "_Values | _Json":
        """What writes so many rows."""
        count = count if count <= FEW else 0
        part = self._parts.get(count)
        if part is None:
            given = (self.table, self._names, self._there)
            part = self._parts[count] = _Values(*given, count) if count else _Json(*given)
        return part


class _Values:
    """So many new rows of a table, each value a parameter."""

    must = False

    def __init__(self, table: Table, names: list[str], there: Names, count: int) -> None:
        rows = [{name: f"{table.name}__{number}_{name}" for name in names} for number in range(count)]
        values = [{name: bindparam(bound, type_=table.c[name].type) for name, bound in row.items()} for row in rows]
        self.statement = unless_there(postgresql.insert(table).values(values).inline(), table, there)
        self._bound = [bound for row in rows for bound in row.values()]

    def values(self, rows: Sequence[Any]) -> Row:
        """What the driver takes for rows that were `taken`."""
        return dict(zip(self._bound, chain.from_iterable(rows), strict=True))


class _Json:
    """New rows of a table, as many as there are, as one value: JSON, which PostgreSQL takes apart by the table's types."""

    must = False

    def __init__(self, table: Table, names: list[str], there: Names) -> None:
        self._bound, self._names = f"{table.name}__rows", names
        self._json = [isinstance(table.c[name].type, JSON) for name in names]
        kinds = [column(name, table.c[name].type) for name in names]
        rows = func.json_to_recordset(bindparam(self._bound, type_=JSON)).table_valued(*kinds, name="r")
        rows = rows.render_derived(name="r", with_types=True)
        insert = postgresql.insert(table).from_select(names, select(literal_column("*")).select_from(rows))
        self.statement = unless_there(insert, table, there)

    def values(self, rows: Sequence[Any]) -> Row:
        """What the driver takes for rows that were `taken`."""
        return {self._bound: orjson.dumps([self._object(row) for row in rows], default=str).decode()}

    def _object(self, row: Sequence[Any]) -> Row:
        values = zip(self._names, row, self._json, strict=True)
        return {name: orjson.Fragment(value) if json and value is not None else value for name, value, json in values}


class _OneRow:
    """A part that takes its values as they are, once."""

    def part(self, count: int) -> Any:
        """Itself."""
        return self

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


Part = _Values | _Json | UpdatedRow | StillSo


@lru_cache(maxsize=1024)
def joined(parts: tuple[Part, ...], dialect: Dialect) -> tuple[str, Callable[[Row], tuple[Any, ...]]]:
    """The statement that does all of it, each for a table of its own, and what takes its values by their names."""
    expressions = [part.statement.cte(f"part{number}") for number, part in enumerate(parts)]
    found = [
        select(literal_column("1 / count(*)")).select_from(expression).scalar_subquery()
        for part, expression in zip(parts, expressions, strict=True)
        if part.must
    ]
    compiled = numbered(select(*(found or [literal_column("1")])).add_cte(*expressions), dialect)
    return str(compiled), _in_order(compiled.positiontup)


def _in_order(names: list[str]) -> Callable[[Row], tuple[Any, ...]]:
    """The values of these names."""
    return itemgetter(*names) if len(names) > 1 else lambda values: (values[names[0]],)
