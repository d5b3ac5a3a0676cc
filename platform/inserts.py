"""New rows on their way into the database: gathered while a transaction works, and written before anybody could look.

One use case writes a dozen rows of as many tables: a record, its projection, events, tasks, notices, what goes out.
Statement by statement each costs SQLAlchemy 50 µs and PostgreSQL a message and an answer; written together, by SQL that
is compiled once a table, 15 µs and one message for all (measured; docs/decisions/rows-written-together.md).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError

Row = Mapping[str, Any]
Together = Callable[[Connection], AbstractContextManager[None]]


class _Insert:
    """The INSERT into `table` of rows that have the columns `keys`, for one kind of database."""

    def __init__(self, table: Table, keys: tuple[str, ...], dialect: Dialect) -> None:
        compiled = table.insert().compile(dialect=dialect, column_keys=list(keys))
        self.sql = str(compiled)
        self._positional = dialect.positional
        self._columns = [
            (key, table.c[key].type.dialect_impl(dialect).bind_processor(dialect))
            for key in (compiled.positiontup if self._positional else None) or keys
        ]

    def parameters(self, row: Row) -> tuple[Any, ...] | dict[str, Any]:
        """The values of one row as the driver takes them."""
        values = {key: row[key] if processor is None else processor(row[key]) for key, processor in self._columns}
        return tuple(values.values()) if self._positional else values


class Inserts:
    """Rows of one transaction that are not written yet, in the order in which they came."""

    def __init__(self) -> None:
        self._batches: list[tuple[Table, tuple[str, ...], list[Row]]] = []

    def __bool__(self) -> bool:
        return bool(self._batches)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Write `rows` later. Each must have every column that the table wants, by its key: no default is looked up."""
        for row in rows:
            keys = tuple(row)
            if not self._batches or self._batches[-1][:2] != (table, keys):
                self._batches.append((table, keys, []))
            self._batches[-1][2].append(row)

    def clear(self) -> None:
        """Forget what is not written: its transaction was rolled back."""
        self._batches.clear()

    def write(self, connection: Connection, together: Together) -> None:
        """Write all of them; `together(connection)` is where the database may take several statements as one message.

        Raises:
            sqlalchemy.exc.DBAPIError: the database refused a row, as of any other statement.
        """
        batches, self._batches = self._batches, []
        try:
            with together(connection):
                for table, keys, rows in batches:
                    insert = _insert_of(table, keys, connection.dialect)
                    parameters: Any = [insert.parameters(row) for row in rows]
                    connection.exec_driver_sql(insert.sql, parameters if len(rows) > 1 else parameters[0])
        except connection.dialect.loaded_dbapi.Error as error:  # told at the end of `together`, outside SQLAlchemy
            raise _as_told(error, connection) from error


def _insert_of(table: Table, keys: tuple[str, ...], dialect: Dialect) -> _Insert:
    """Kept at the table, so that it is gone with it."""
    kept: dict[tuple[str, tuple[str, ...]], _Insert] = table.info.setdefault("inserts", {})
    found = kept.get((dialect.name, keys))
    if found is None:
        found = kept[dialect.name, keys] = _Insert(table, keys, dialect)
    return found


def _as_told(error: Exception, connection: Connection) -> BaseException:
    """The driver's error as SQLAlchemy tells it of a single statement."""
    return DBAPIError.instance("INSERT", None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect)
