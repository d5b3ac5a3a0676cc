"""The database: engine, sessions, and every difference between SQLite and PostgreSQL, which stand nowhere else.

Two kinds of session. A `WorkspaceSession` belongs to one workspace: queries on mapped classes get its `workspace_id` as
a criterion, and a statement on bare tables (projections) that does not compare the workspace itself is refused. An
`UnboundSession` sees every workspace; it is for signing in, sweeps and migrations, and is asked for by that name.

SQLite would lose updates on the driver's own transactions (measured: 1,005 of 1,200 with 8 threads), so a transaction
that writes begins with BEGIN IMMEDIATE, and which one writes is said by whoever opens it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, SessionTransaction, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from formloom.platform.guard import Guarded, require_own, require_writing
from formloom.platform.models import Base, Workspace, defaults_of, keys_of, table_of
from formloom.platform.one_writer import OneWriter
from formloom.platform.place import COLUMNS, Place
from formloom.platform.prepared import PreparedSelect, errors_as_told
from formloom.platform.writes import Names, Row, Writes, insert_unless, keyed

BUSY_SECONDS = 10
IDLE_SECONDS = 30
WRITES = "formloom_writes"
OWN_WORKSPACE = {"own_workspace": True}
"""Execution option of a statement, built once, that compares each `workspace_id` itself: nothing is added or looked at."""


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


class Outdated(RuntimeError):
    """Something that a use case had read before its turn to write has changed; it is to be done again."""


Turn = AbstractContextManager[None]


M = TypeVar("M", bound=Base)


class UnboundSession(Guarded):
    """A session over all workspaces. `nudge` collects what to tell the workers once the transaction is committed."""

    def __init__(self, bind: Engine, *, writes: bool, turn: Turn) -> None:
        super().__init__(bind, expire_on_commit=False, autoflush=True, join_transaction_mode="control_fully")
        self.writes = writes
        self.turns = ExitStack()
        self.nudges: list[tuple[str, str]] = []
        self.endings: list[Callable[[], None]] = []
        self.memo: dict[Any, Any] = {}
        self._turn: Turn | None = turn
        self._expected: list[tuple[PreparedSelect, Row, Any]] = []
        self._engine = bind
        self._held: Connection | None = None
        self._apart: dict[Any, Base] = {}
        self._writes = Writes(bind.dialect)

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self._engine.dialect.name == "sqlite"

    def insert_unless(self, table: Table) -> Any:
        """An INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`, which both databases know."""
        return insert_unless(table, sqlite=self.sqlite)

    def insert(self, table: Table, *rows: Row, there: Names = ()) -> None:
        """Write new rows, by their columns' keys: at the next query, savepoint or flush, at the latest at the commit.

        Each row has every column that has no default of the database's own. With `there`, a row may be there already; then only these
        columns of it change.
        """
        require_writing(self)
        for row in rows:
            require_own(self, table, row)
            self._writes.add(table, row, there=there)

    def update(self, table: Table, key: Row, values: Row) -> None:
        """Change `values` of the row that `key` (columns and their values) names, when `insert` would write too."""
        require_writing(self)
        require_own(self, table, key)
        self._writes.add(table, keyed(key, values))

    def change(self, row: Base, values: Row, otherwise: Exception) -> None:
        """Change columns of a row that has a `version`, if it still has the one that was read; `row` follows.

        Where somebody else was faster, `otherwise` is raised when it is written (see `insert`).
        """
        require_writing(self)
        known: Any = row
        key = {"workspace_id": known.workspace_id, "id": known.id, "version": known.version}
        require_own(self, table_of(type(row)), key)
        self._writes.add(table_of(type(row)), keyed(key, values), otherwise=otherwise)
        for name, value in values.items():
            set_committed_value(row, name, value)

    def rows(self, prepared: PreparedSelect, values: Row) -> list[Any]:
        """What a prepared SELECT gives in this transaction. It compares each `workspace_id` itself."""
        if self.new or self.dirty or self.deleted:
            self.flush()
        self.write_out()
        return prepared.rows(self.connection(), values)

    def adopt(self, model: type[M], columns: Sequence[Any]) -> M:
        """The row of `model` with these values of its table's columns, as if the session had read it just now."""
        values = dict(zip(keys_of(model), columns, strict=True))
        key = tuple(values[column.key] for column in table_of(model).primary_key)
        identity = identity_key(model, key)
        known = self._apart.get(identity) or self.identity_map.get(identity)
        if known is not None:
            for name, value in values.items():
                set_committed_value(known, name, value)
            return cast(M, known)
        row = model()
        row.__dict__.update(values)
        self._keep(row)
        return row

    def write_new(self, row: Base) -> None:
        """Write a new row as `insert` does, and keep it as one that was read.

        What is not set gets the column's plain default, else it is blank.
        """
        state: dict[str, Any] = row.__dict__
        table = table_of(type(row))
        for name, default in defaults_of(type(row)).items():
            state.setdefault(name, default)
        self.insert(table, {column.name: state[column.key] for column in table.columns})
        self._keep(row)

    def _keep(self, row: Base) -> None:
        """Have a row as one that was read. It becomes the session's own (which costs) when anything else goes through it."""
        make_transient_to_detached(row)
        self._apart[inspect(row).key] = row

    def join(self) -> None:
        """Let what goes through the session be in this transaction, and know its rows."""
        self.connection()
        while self._apart:
            self.add(self._apart.popitem()[1])

    def expect(self, query: PreparedSelect, values: Row, row: Any) -> None:
        """Before this session writes, look whether `query` still gives `row`, which was read before its turn."""
        self._expected.append((query, values, row))

    def connection(self, *args: Any, **options: Any) -> Connection:
        """The session's connection, in its transaction; on SQLite one that writes waits for its turn (see `OneWriter`)."""
        if self._held is None:
            turn, self._turn = self._turn, None
            if turn is not None:
                self.turns.enter_context(turn)
            self._held = self.bind = self._engine.connect()
            self._held.begin()
        return self._held

    def write_out(self) -> None:
        """Write the rows that wait.

        Raises:
            Outdated: what was expected is so no longer.
        """
        while self._expected:
            query, values, row = self._expected.pop()
            if query.rows(self.connection(), values) != [row]:
                raise Outdated("what was read before the turn to write is no longer so")
        if self._writes:
            self._writes.write(self.connection(), self._together)

    def forget(self) -> None:
        """Drop the rows that wait."""
        self._writes.clear()

    def begin_nested(self) -> SessionTransaction:
        """A savepoint. What was inserted before it stays when it is rolled back."""
        self.join()
        self.write_out()
        savepoint = super().begin_nested()
        super().connection()  # now, not at its first statement through the session: others go by the driver
        return savepoint

    def finish(self) -> None:
        """Commit: through the session where anything went through it, else what prepared statements did."""
        if any(inspect(row).modified for row in self._apart.values()):
            self.join()
        if self.in_transaction() or self.new or self.dirty or self.deleted:
            self.commit()
        else:
            self.write_out()
            if self._held is not None:
                self._held.commit()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        super().close()
        if self._held is not None:
            self._held.close()
            self._held, self.bind = None, self._engine

    def _together(self, connection: Connection) -> AbstractContextManager[Any]:
        """On PostgreSQL the statements inside go out as one message, and are answered at its end."""
        if self.sqlite:
            return nullcontext()
        driver: Any = connection.connection.driver_connection
        pipeline: AbstractContextManager[Any] = driver.pipeline()
        return pipeline

    def nudge(self, kind: str, ident: str) -> None:
        """After the commit, tell a worker that `kind` (outbox, job, timer) has something to do."""
        self.nudges.append((kind, ident))

    def at_end(self, ending: Callable[[], None]) -> None:
        """Before the commit, when everything else is written, do this too."""
        self.endings.append(ending)


class WorkspaceSession(UnboundSession):
    """A session of one workspace: no statement of it can reach another one."""

    workspace_id: int

    def __init__(self, bind: Engine, *, writes: bool, turn: Turn, workspace_id: int) -> None:
        super().__init__(bind, writes=writes, turn=turn)
        self.workspace_id = workspace_id
        self._place: Place | None = None

    @property
    def place(self) -> Place:
        """The workspace, read once."""
        if self._place is None:
            self._place = Place(*self.rows(_PLACE, {"workspace": self.workspace_id})[0])
        return self._place

    @place.setter
    def place(self, place: Place) -> None:
        """It was read on the way to something else."""
        self._place = place


_PLACE = PreparedSelect(select(*COLUMNS).where(table_of(Workspace).c.id == sa.bindparam("workspace")))
S = TypeVar("S", bound="UnboundSession")


class Database:
    """The engine of one installation and its sessions. Made once a process by `runtime.create_runtime`."""

    def __init__(self, url: str, *, connections: int = 16) -> None:
        self.url: URL = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url, connections) if self.sqlite else _postgres_engine(self.url, connections)
        self._writing = self.engine.execution_options(**{WRITES: True})
        self._one_writer = OneWriter(Path(f"{self.url.database}.turn"), BUSY_SECONDS)
        self._reading = self.engine
        if (
            not self.sqlite
        ):  # each statement sees what is committed anyway, so BEGIN and ROLLBACK would be two messages for nothing
            self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def unbound(self, *, writes: bool) -> UnboundSession:
        """A session over all workspaces, for what happens before or beside any one of them."""
        return UnboundSession(self._writing if writes else self._reading, writes=writes, turn=self._turn(writes))

    def ask(self, query: PreparedSelect, values: Mapping[str, Any]) -> Any | None:
        """The one row of a query, without a session around it: who a request comes from, say. None if there is none."""
        with self._reading.connect() as connection:
            return next(iter(query.rows(connection, values)), None)

    def session(self, workspace_id: int, *, writes: bool) -> WorkspaceSession:
        """A session of one workspace."""
        bind = self._writing if writes else self._reading
        return WorkspaceSession(bind, writes=writes, turn=self._turn(writes), workspace_id=workspace_id)

    def _turn(self, writes: bool) -> Turn:
        """What a transaction waits for before it begins: on SQLite, that nobody else on this machine writes."""
        return self._one_writer() if writes and self.sqlite else nullcontext()

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
        with UnboundSession(engine, writes=False, turn=nullcontext()) as session:
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
        self.engine.dispose()


@contextmanager
def transaction(session: S, nudge: Callable[[str, str], None]) -> Iterator[S]:
    """`session` for one use case: committed at the end if it writes, rolled back if it reads or anything is raised."""
    with session.turns, session:
        yield session
        if session.writes:
            while session.endings:
                session.endings.pop(0)()
            session.finish()
    for kind, ident in session.nudges:
        nudge(kind, ident)


def _postgres_engine(url: URL, connections: int) -> Engine:
    engine = create_engine(url, pool_size=connections, max_overflow=0, pool_use_lifo=True)

    @event.listens_for(engine, "checkout")
    def _look_before_use(driver: Any, record: Any, proxy: Any) -> None:
        """Ask a connection that lay idle for long whether it still lives, so that a restarted server costs no error."""
        if time.monotonic() - record.info.get("used", 0.0) > IDLE_SECONDS:
            try:
                driver.execute("SELECT 1")
                driver.rollback()
            except Exception as error:
                raise DisconnectionError from error

    @event.listens_for(engine, "checkin")
    def _note_use(driver: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    return engine


def _sqlite_engine(url: URL, connections: int) -> Engine:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=connections, max_overflow=0, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def _set_up(driver: Any, record: Any) -> None:
        driver.isolation_level = None
        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = NORMAL")
        driver.execute("PRAGMA wal_autocheckpoint = 4000")
        driver.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        with errors_as_told(connection):
            connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def tables() -> list[Table]:
    """All tables that migrations make, in the order of their foreign keys."""
    return list(Base.metadata.sorted_tables)
