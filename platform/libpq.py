"""Statements that libpq runs itself, without a cursor of the driver's, where each commits by itself.

A cursor costs more than the message: it converts the query, looks among its prepared statements, and waits in a loop of
generators (measured: 141 µs a message with it, 92 µs without; docs/decisions/rows-written-together.md).
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, Error, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

NUMBERED = PGDialect_psycopg(paramstyle="numeric_dollar")
"""Compiles statements with `$1`, as the server takes them."""
STATEMENTS = "statements"
"""Where the pool keeps a connection's `Statements`, among what it knows of it."""
MOST = 100
"""So many statements stay prepared on one connection: those that were run last."""

Rows = list[tuple[Any, ...]]


class Statements:
    """The statements prepared on one connection."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._libpq = connection.pgconn
        self._adapting = Transformer(connection)
        self._names: OrderedDict[str, bytes | None] = OrderedDict()
        self._count = 0

    def run(self, sql: str, values: Sequence[Any]) -> Rows:
        """Run a statement, whose values are `$1`, `$2` ..., in a transaction of its own. Its rows.

        Raises:
            psycopg.Error: the database refused it, a text has a NUL, or the connection is gone.
        """
        given = self._adapting.dump_sequence(values, [PyFormat.TEXT] * len(values))
        name = self._name(sql)
        if name is None:
            return self._answer(self._libpq.exec_params(sql.encode(), given))
        try:
            return self._answer(self._libpq.exec_prepared(name, given))
        except InvalidSqlStatementName:  # the driver forgets all of a connection's when it has rolled back
            self._names.clear()
            return self._answer(self._libpq.exec_params(sql.encode(), given))

    def _name(self, sql: str) -> bytes | None:
        """What the statement was prepared as, which it is when it comes a second time."""
        known = sql in self._names
        name = self._names.pop(sql, None)
        if known and name is None:
            self._count += 1
            name = b"formloom_%d" % self._count
            self._answer(self._libpq.prepare(name, sql.encode()))
        self._names[sql] = name
        if len(self._names) > MOST:
            _, oldest = self._names.popitem(last=False)
            if oldest is not None:
                self._libpq.exec_(b"DEALLOCATE " + oldest)  # no matter if it is gone already
        return name

    def _answer(self, result: PGresult) -> Rows:
        if result.status == ExecStatus.TUPLES_OK:
            self._adapting.set_pgresult(result)
            return self._adapting.load_rows(0, result.ntuples, tuple)
        if result.status == ExecStatus.COMMAND_OK:
            return []
        raise self._error(result)

    def _error(self, result: PGresult) -> Error:
        if self._libpq.status == ConnStatus.BAD:
            return OperationalError(result.get_error_message())
        return error_from_result(result)
