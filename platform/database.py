"""The database: its engines, and how SQLite and PostgreSQL are told to behave alike.

SQLite would lose updates on the driver's own transactions (measured: 1,005 of 1,200 with 8 threads), so a transaction
that writes begins with BEGIN IMMEDIATE, and which one writes is said by whoever opens it.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, Table, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from formloom.platform.checkpoints import Checkpoints
from formloom.platform.connections import IDLE_SECONDS, USED, Connections
from formloom.platform.held import BEGIN, Held
from formloom.platform.json_column import from_json, to_json
from formloom.platform.libpq import STATEMENTS, Statements
from formloom.platform.models import Base
from formloom.platform.one_writer import OneWriter
from formloom.platform.prepared import PreparedSelect, as_told
from formloom.platform.transactions import OWN_WORKSPACE, UnboundSession, WorkspaceSession

BUSY_SECONDS = 10
WRITES = "formloom_writes"
POOLED: Mapping[str, Any] = {"max_overflow": 0, "pool_use_lifo": True, "pool_reset_on_return": None}
"""What was not committed is undone by a listener, which first looks whether there is any."""


class ExactNumber(sa.TypeDecorator[Decimal]):
    """A decimal number. SQLite has none: a double there keeps the 15 digits that a number may have, and gives them back."""

    impl = sa.Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """NUMERIC on PostgreSQL, a double on SQLite."""
        return dialect.type_descriptor(sa.Float(53) if dialect.name == "sqlite" else sa.Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        """What the driver takes."""
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        """The number as it was stored."""
        return Decimal(format(value, ".15g")) if isinstance(value, float) else value


def bytewise() -> sa.Text:
    """Text that is compared byte by byte on both databases, whatever the server's language."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


class Database:
    """The engine of one installation and its sessions. Made once a process by `runtime.create_runtime`."""

    def __init__(self, url: str, *, connections: int = 16) -> None:
        self.url: URL = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url, connections) if self.sqlite else _postgres_engine(self.url, connections)
        self._connections = Connections(self.engine, connections // 2)
        self._writing = self.engine.execution_options(**{WRITES: True})
        self.kept: defaultdict[str, dict[Any, Any]] = defaultdict(dict)
        """What this process remembers of it, by whose it is (see definitions.py, organisation.py, projections/tables.py)."""
        self._checkpoints = Checkpoints(self.url.database or "")
        turns = OneWriter(Path(f"{self.url.database}.turn"), BUSY_SECONDS, self._checkpoints.written)
        self._turns = turns if self.sqlite else None

    def unbound(self, *, writes: bool) -> UnboundSession:
        """A session over all workspaces, for what happens before or beside any one of them."""
        return UnboundSession(self._connections, writes=writes, one_writer=self._turns)

    def ask(self, query: PreparedSelect, values: Mapping[str, Any]) -> Any | None:
        """The one row of a query, without a session around it: who a request comes from, say. None if there is none."""
        with closing(Held(self._connections, writes=False)) as held:
            return next(iter(query.rows(held, values)), None)

    def session(self, workspace_id: int, *, writes: bool) -> WorkspaceSession:
        """A session of one workspace."""
        return WorkspaceSession(self._connections, writes=writes, one_writer=self._turns, workspace_id=workspace_id)

    @contextmanager
    def defining(self) -> Iterator[Connection]:
        """A transaction for DDL. It waits two seconds at most for a lock: whoever waits blocks every later reader.

        Raises:
            sqlalchemy.exc.OperationalError: the lock was not to be had; the caller tries again later.
        """
        with self._writing.begin() as connection:
            self.limit_lock_wait(connection)
            yield connection

    def limit_lock_wait(self, connection: Connection | Session) -> None:
        """Let the rest of this transaction wait at most two seconds for a lock (SQLite has its busy timeout)."""
        if not self.sqlite:
            connection.execute(sa.text("SET LOCAL lock_timeout = '2s'").execution_options(**OWN_WORKSPACE))

    @contextmanager
    def snapshot(self) -> Iterator[UnboundSession]:
        """A session that sees the whole database as it is at its first query, however long it reads."""
        engine = self.engine if self.sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        with UnboundSession(Connections(engine, 0), writes=False, one_writer=None) as session:
            session.join()
            yield session
            session.rollback()

    def advance_sequences(self, session: Session) -> None:
        """After rows with numbers of their own were inserted: let the next number be a new one (SQLite does by itself)."""
        for table in [] if self.sqlite else tables():
            column = table.autoincrement_column
            if column is not None:
                sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
                highest = select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
                session.execute(select(sa.func.setval(sequence, highest, False)))

    def close(self) -> None:
        """Give all connections back."""
        self._checkpoints.close()
        self._connections.close()
        self.engine.dispose()
        if self._turns is not None:
            self._turns.close()


def _postgres_engine(url: URL, connections: int) -> Engine:
    engine = create_engine(url, json_serializer=to_json, pool_size=connections, **POOLED)

    @event.listens_for(engine, "connect")
    def _set_up(driver: Any, record: Any) -> None:
        """Nothing here runs for minutes, and compiling a search over many forms took three seconds of its 3.4."""
        driver.autocommit = True
        driver.execute("SET jit TO off")
        record.info[STATEMENTS] = Statements(driver)

    @event.listens_for(engine, "checkout")
    def _look_before_use(driver: Any, record: Any, proxy: Any) -> None:
        """Ask a connection that lay idle for long whether it still lives, so that a restarted server costs no error."""
        if time.monotonic() - record.info.get(USED, 0.0) > IDLE_SECONDS:
            try:
                driver.execute("SELECT 1")
            except Exception as error:
                raise DisconnectionError from error

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        """Until it begins, each statement commits by itself (see held.py)."""
        driver: Any = connection.connection.driver_connection
        if driver.autocommit and connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            driver.autocommit = False

    @event.listens_for(engine, "reset")
    def _undo(driver: Any, record: Any, state: Any) -> None:
        if driver.info.transaction_status != TransactionStatus.IDLE:
            driver.rollback()

    @event.listens_for(engine, "checkin")
    def _note_use(driver: Any, record: Any) -> None:
        record.info[USED] = time.monotonic()
        if driver is not None and not driver.autocommit:
            driver.autocommit = True

    return engine


def _sqlite_engine(url: URL, connections: int) -> Engine:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, json_serializer=to_json, json_deserializer=from_json, pool_size=connections, **POOLED)

    @event.listens_for(engine, "connect")
    def _set_up(driver: Any, record: Any) -> None:
        driver.isolation_level = None
        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = NORMAL")
        driver.execute("PRAGMA wal_autocheckpoint = 4000")
        driver.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "reset")
    def _undo(driver: Any, record: Any, state: Any) -> None:
        if driver.in_transaction:
            driver.rollback()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.connection.driver_connection.in_transaction:  # a session begins it itself (see held.py)
            writes = connection.get_execution_options().get(WRITES, False)
            try:
                connection.connection.cursor().execute(BEGIN[writes])
            except sqlite3.Error as error:
                raise as_told(error, connection.dialect) from error

    return engine


def tables() -> list[Table]:
    """All tables that migrations make, in the order of their foreign keys."""
    return list(Base.metadata.sorted_tables)
