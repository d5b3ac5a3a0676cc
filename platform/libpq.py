"""Statements that libpq runs itself, without a cursor of the driver's, where each commits by itself.

A cursor costs more than the message: it converts the query, looks among its prepared statements, and waits in a loop of
generators (measured: 141 µs a message with it, 92 µs without; docs/decisions/rows-written-together.md).
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, Error, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

NUMBERED = PGDialect_psycopg(paramstyle="numeric_dollar")
"""Compiles statements with `$1`, as the server takes them."""
STATEMENTS = "statements"
"""Where the pool keeps a connection's `Statements`, among what it knows of it."""
MOST = 100
"""So many statements stay prepared on one connection, those that were run last; so many others are remembered."""

Rows = list[tuple[Any, ...]]


class Statements:
    """The statements prepared on one connection."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._libpq = connection.pgconn
        self._adapting = Transformer(connection)
        self._names: OrderedDict[str, bytes] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._count = 0

    def run(self, sql: str, values: Sequence[Any]) -> Rows:
        """Run a statement, whose values are `$1`, `$2` ..., in a transaction of its own. Its rows.

        Other threads run meanwhile; a signal is handled when the server has answered.

        Raises:
            psycopg.Error: the database refused it, a text has a NUL, or the connection is gone.
        """
        given = self._adapting.dump_sequence(values, [PyFormat.TEXT] * len(values))
        name = self._name(sql)
        if name is not None:
            try:
                return self._answer(self._libpq.exec_prepared(name, given))
            except (InvalidSqlStatementName, FeatureNotSupported):
                # The driver makes the server forget all statements after a rollback, or a table of this one has changed.
                self._forget(sql)
        return self._answer(self._libpq.exec_params(sql.encode(), given))

    def _name(self, sql: str) -> bytes | None:
        """What the statement was prepared as, which it is when it comes a second time."""
        name = self._names.get(sql)
        if name is not None:
            self._names.move_to_end(sql)
        elif sql in self._seen:
            del self._seen[sql]
            name = self._prepare(sql)
        else:
            self._seen[sql] = None
            if len(self._seen) > MOST:
                self._seen.popitem(last=False)
        return name

    def _prepare(self, sql: str) -> bytes:
        self._count += 1
        name = b"formloom_%d" % self._count
        self._answer(self._libpq.prepare(name, sql.encode()))
        self._names[sql] = name
        if len(self._names) > MOST:
            self._forget(next(iter(self._names)))
        return name

    def _forget(self, sql: str) -> None:
        self._libpq.exec_(b"DEALLOCATE " + self._names.pop(sql))  # no matter if the server has forgotten it

    def _answer(self, result: PGresult) -> Rows:
        if result.status == ExecStatus.TUPLES_OK:
            self._adapting.set_pgresult(result)
            rows = self._adapting.load_rows(0, result.ntuples, tuple)
            self._adapting.set_pgresult(None)
            return rows
        if result.status == ExecStatus.COMMAND_OK:
            return []
        raise self._error(result)

    def _error(self, result: PGresult) -> Error:
        if self._libpq.status == ConnStatus.BAD:
            return OperationalError(result.get_error_message())
        return error_from_result(result)
