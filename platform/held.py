"""The connection of one session, which begins its transaction and lends itself to SQLAlchemy no sooner than needed."""

from collections.abc import Sequence
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Connection, Dialect

from formloom.platform.connections import Connections
from formloom.platform.libpq import STATEMENTS, Rows, Statements
from formloom.platform.prepared import Parameters, as_told

BEGIN = {True: "BEGIN IMMEDIATE", False: "BEGIN"}
"""How a transaction on SQLite begins, by whether it writes."""


class Held:
    """A connection. What is prepared runs on it without SQLAlchemy, everything else on `connection()`.

    Each statement commits by itself until the transaction begins.
    """

    def __init__(self, connections: Connections, *, writes: bool) -> None:
        """Take one.

        Raises:
            sqlalchemy.exc.OperationalError: the database is not to be reached.
        """
        self.dialect: Dialect = connections.dialect
        self._error: type[Exception] = connections.dialect.loaded_dbapi.Error
        self.begun = False
        self.changed = 0  # rows by the last statement, on SQLite
        self._connections = connections
        self._writes = writes
        self._connection: Connection | None = None
        self._pooled = connections.take()
        self._driver: Any = self._pooled.driver_connection
        self._statements: Statements | None = self._pooled.info.get(STATEMENTS)

    def execute(self, sql: str, values: Parameters | list[Parameters]) -> Rows:
        """Run a statement (see `prepared.numbered`), once, or on SQLite for each of a list of values. Its rows.

        Raises:
            sqlalchemy.exc.DBAPIError: the database refused it.
        """
        try:
            if self._statements is not None:
                return self._on_postgresql(self._statements, sql, values)
            cursor = self._driver.cursor()
            if isinstance(values, list):
                cursor.executemany(sql, values)
            else:
                cursor.execute(sql, values)
            self.changed = cursor.rowcount
            rows: Rows = cursor.fetchall()
            return rows
        except self._error as error:
            raise as_told(error, self.dialect) from error

    def _on_postgresql(self, statements: Statements, sql: str, values: Sequence[Any]) -> Rows:
        if not self.begun:
            return statements.run(sql, values)
        cursor = RawCursor(self._driver).execute(sql, values)  # with which the driver begins a transaction to write
        return cursor.fetchall() if cursor.description else []

    def begin(self) -> None:
        """Begin the transaction, if it has not. On PostgreSQL the driver tells it the server with the next statement."""
        if self.begun:
            return
        self.begun = True
        if self.dialect.name == "sqlite":
            self.execute(BEGIN[self._writes], ())
        elif self._writes:
            self._driver.autocommit = False

    def connection(self) -> Connection:
        """SQLAlchemy's connection over it, in the transaction."""
        if self._connection is None:
            self.begin()
            self._connection = Connection(self._connections.engine, connection=self._pooled)
        if not self._connection.in_transaction():
            self._connection.begin()
        return self._connection

    def commit(self) -> None:
        """Commit what was begun."""
        if self._connection is not None:
            self._connection.commit()
        elif self.begun:
            try:
                self._pooled.commit()
            except self._error as error:
                raise as_told(error, self.dialect) from error

    def close(self) -> None:
        """Give it back; what was not committed is undone."""
        if self._connection is not None:
            self._connection.close()
        else:
            self._connections.give(self._pooled)
