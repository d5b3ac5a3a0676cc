"""Rows on their way into the database: gathered while a transaction works, and written before anybody could look.

One use case writes a dozen rows of as many tables: a record, its projection, events, tasks, notices, what goes out.
Statement by statement each costs SQLAlchemy 50 µs and PostgreSQL a message and an answer; written together, by SQL that
is compiled once a table, 15 µs and one message for all (measured; docs/decisions/rows-written-together.md).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect

from formloom.platform import prepared
from formloom.platform.prepared import Parameters, binder, errors_as_told

Row = Mapping[str, Any]
Names = tuple[str, ...]
Together = Callable[[Connection], AbstractContextManager[None]]
KEY = "key_"
"""Before the name of a column that an UPDATE finds its row by, which it may change too."""


class _Compiled:
    """A statement over one table for one kind of database, and how its values become what the driver takes."""

    def __init__(self, statement: Insert | Update, table: Table, names: Names, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=[name for name in names if not name.startswith(KEY)])
        self.sql = str(compiled)
        self._positional = dialect.positional
        order = (compiled.positiontup if self._positional else None) or names
        self._processors = [(name, binder(table.c[name.removeprefix(KEY)].type, dialect)) for name in order]

    def parameters(self, row: Row) -> Parameters:
        """What the driver takes for one row."""
        values = {name: row[name] if process is None else process(row[name]) for name, process in self._processors}
        return tuple(values.values()) if self._positional else values


@dataclass(slots=True)
class _Batch:
    """Rows for one statement, one after the other. `otherwise` is raised where its one row is not there any more."""

    statement: _Compiled
    rows: list[Any]
    otherwise: Exception | None = None


class Writes:
    """What one transaction has not written yet, in the order in which it came."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._batches: list[_Batch] = []

    def __bool__(self) -> bool:
        return bool(self._batches)

    def add(self, table: Table, row: Row, *, there: Names = (), otherwise: Exception | None = None) -> None:
        """Write `row` later: an UPDATE where it has keys (see `keyed`), else an INSERT of all its columns.

        Where it is there already, only the columns `there` of it change. `otherwise` is raised when it is written and
        there is no row with these keys.
        """
        statement = _compiled(table, tuple(row), there, self._dialect)
        last = self._batches[-1] if self._batches else None
        if last is not None and last.statement is statement and otherwise is last.otherwise is None:
            last.rows.append(statement.parameters(row))
        else:
            self._batches.append(_Batch(statement, [statement.parameters(row)], otherwise))

    def clear(self) -> None:
        """Forget what is not written: its transaction was rolled back."""
        self._batches.clear()

    def write(self, connection: Connection, together: Together) -> None:
        """Write all of it; `together(connection)` is where the database may take several statements as one message.

        Raises:
            sqlalchemy.exc.DBAPIError: the database refused a row, as of any other statement.
            Exception: the `otherwise` of a row that is not there any more.
        """
        batches, self._batches = self._batches, []
        watched = []
        with errors_as_told(connection), together(connection):
            for batch in batches:
                cursor = connection.connection.cursor()
                prepared.execute(cursor, batch.statement.sql, batch.rows if len(batch.rows) > 1 else batch.rows[0])
                if batch.otherwise is not None:
                    watched.append((cursor, batch.otherwise))
        for cursor, otherwise in watched:  # how many rows there were is known at the end of `together`
            if cursor.rowcount != 1:
                raise otherwise


def keyed(key: Row, values: Row) -> Row:
    """The row that changes `values` where the columns of `key` are what it says."""
    return {KEY + name: value for name, value in key.items()} | dict(values)


def insert_unless(table: Table, *, sqlite: bool) -> Any:
    """An INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`, which both databases know."""
    return sqlite_dialect.insert(table) if sqlite else postgresql.insert(table)


def _compiled(table: Table, names: Names, there: Names, dialect: Dialect) -> _Compiled:
    """Kept at the table, so that it is gone with it."""
    kept: dict[tuple[str, Names, Names], _Compiled] = table.info.setdefault("writes", {})
    found = kept.get((dialect.name, names, there))
    if found is None:
        statement = _statement(table, names, there, dialect)
        found = kept[dialect.name, names, there] = _Compiled(statement, table, names, dialect)
    return found


def _statement(table: Table, names: Names, there: Names, dialect: Dialect) -> Insert | Update:
    keys = [name.removeprefix(KEY) for name in names if name.startswith(KEY)]
    if there:
        new = insert_unless(table, sqlite=dialect.name == "sqlite")
        changed = {name: new.excluded[name] for name in there}
        upsert: Insert = new.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)
        return upsert
    if not keys:
        return table.insert()
    changed = {name: bindparam(name) for name in names if not name.startswith(KEY)}
    return table.update().where(*(table.c[key] == bindparam(KEY + key) for key in keys)).values(changed)
