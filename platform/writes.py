"""Rows on their way into the database: gathered while a transaction works, and written before anybody could look.

One use case writes a dozen rows of as many tables: a record, its projection, events, tasks, notices, what goes out.
Statement by statement each costs SQLAlchemy 50 µs and PostgreSQL a message and an answer; written together, by SQL that
is compiled once a table, 15 µs and one message for all (measured; docs/decisions/rows-written-together.md).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Insert, Table, Update, bindparam
from sqlalchemy.exc import DBAPIError

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
        self._processors = [
            (name, table.c[name.removeprefix(KEY)].type.dialect_impl(dialect).bind_processor(dialect)) for name in order
        ]

    def execute(self, connection: Connection, rows: list[Any]) -> CursorResult[Any]:
        """Run it for each of `rows`, as `parameters` gives them."""
        return connection.exec_driver_sql(self.sql, rows if len(rows) > 1 else rows[0])

    def parameters(self, row: Row) -> tuple[Any, ...] | dict[str, Any]:
        """What the driver takes for one row."""
        values = {name: row[name] if process is None else process(row[name]) for name, process in self._processors}
        return tuple(values.values()) if self._positional else values


class Writes:
    """What one transaction has not written yet, in the order in which it came."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._batches: list[tuple[_Compiled, list[Any]]] = []

    def __bool__(self) -> bool:
        return bool(self._batches)

    def add(self, table: Table, row: Row) -> None:
        """Write `row` later: an UPDATE where it has keys (see `keyed`), else an INSERT of all its columns."""
        statement = _compiled(table, tuple(row), self._dialect)
        if not self._batches or self._batches[-1][0] is not statement:
            self._batches.append((statement, []))
        self._batches[-1][1].append(statement.parameters(row))

    def clear(self) -> None:
        """Forget what is not written: its transaction was rolled back."""
        self._batches.clear()

    def write(self, connection: Connection, together: Together) -> None:
        """Write all of it; `together(connection)` is where the database may take several statements as one message.

        Raises:
            sqlalchemy.exc.DBAPIError: the database refused a row, as of any other statement.
        """
        batches, self._batches = self._batches, []
        try:
            with together(connection):
                for statement, rows in batches:
                    statement.execute(connection, rows)
        except connection.dialect.loaded_dbapi.Error as error:  # told at the end of `together`, outside SQLAlchemy
            raise _as_told(error, connection) from error


def keyed(key: Row, values: Row) -> Row:
    """The row that changes `values` where the columns of `key` are what it says."""
    return {KEY + name: value for name, value in key.items()} | dict(values)


def update_now(connection: Connection, table: Table, row: Row) -> bool:
    """Run one UPDATE (see `keyed`) and say whether there was such a row."""
    statement = _compiled(table, tuple(row), connection.dialect)
    return statement.execute(connection, [statement.parameters(row)]).rowcount == 1


def _compiled(table: Table, names: Names, dialect: Dialect) -> _Compiled:
    """Kept at the table, so that it is gone with it."""
    kept: dict[tuple[str, Names], _Compiled] = table.info.setdefault("writes", {})
    found = kept.get((dialect.name, names))
    if found is None:
        found = kept[dialect.name, names] = _Compiled(_statement(table, names), table, names, dialect)
    return found


def _statement(table: Table, names: Names) -> Insert | Update:
    keys = [name.removeprefix(KEY) for name in names if name.startswith(KEY)]
    if not keys:
        return table.insert()
    changed = {name: bindparam(name) for name in names if not name.startswith(KEY)}
    return table.update().where(*(table.c[key] == bindparam(KEY + key) for key in keys)).values(changed)


def _as_told(error: Exception, connection: Connection) -> BaseException:
    """The driver's error as SQLAlchemy tells it of a single statement."""
    return DBAPIError.instance("INSERT", None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect)
