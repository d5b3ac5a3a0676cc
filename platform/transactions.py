"""Sessions: one transaction each, of one workspace or over all of them.

A `WorkspaceSession` belongs to one workspace: queries on mapped classes get its `workspace_id` as a criterion, and a
statement on bare tables (projections) that does not compare the workspace itself is refused (guard.py). An
`UnboundSession` sees every workspace; it is for signing in, sweeps and migrations, and is asked for by that name.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.orm.attributes import instance_state, set_committed_value

from formloom.platform.connections import Connections
from formloom.platform.guard import Guarded, require_own, require_scoped, require_writing
from formloom.platform.held import Held
from formloom.platform.models import Base, Workspace, defaults_of, keys_of, primary_keys_of, table_of
from formloom.platform.one_statement import Names, Row, StillSo
from formloom.platform.one_writer import UNKNOWN, OneWriter, Turn
from formloom.platform.place import COLUMNS, Place
from formloom.platform.prepared import PreparedSelect
from formloom.platform.writes import Writes, insert_unless, keyed

OWN_WORKSPACE = {"own_workspace": True}
"""Execution option of a statement, built once, that compares each `workspace_id` itself: nothing is added or looked at."""


class Outdated(RuntimeError):
    """Something that a use case knew before it was time to write has changed; it is to be done again."""


OUTDATED = "what was known before it was time to write is no longer so"

M = TypeVar("M", bound=Base)
S = TypeVar("S", bound="UnboundSession")


class UnboundSession(Guarded):
    """A session over all workspaces. `nudge` collects what to tell the workers once the transaction is committed."""

    def __init__(self, connections: Connections, *, writes: bool, one_writer: OneWriter | None) -> None:
        """`one_writer` lets this session write when it is its turn, on SQLite."""
        super().__init__(
            connections.engine, expire_on_commit=False, autoflush=True, join_transaction_mode="control_fully"
        )
        self.writes = writes
        self.nudges: list[tuple[str, str]] = []
        self.endings: list[Callable[[], None]] = []
        self.memo: dict[Any, Any] = {}
        self._one_writer = one_writer
        self._turn: Turn | None = None
        self._expected: list[tuple[PreparedSelect, Row, Any, int]] = []
        self._connections = connections
        self._held: Held | None = None
        self._joined = False
        self._apart: dict[Any, Base] = {}
        self._writes = Writes(connections.dialect)

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self._connections.dialect.name == "sqlite"

    @property
    def _unwritten(self) -> bool:
        """Whether rows that the session knows are to be written by its flush."""
        return bool(self.new or self.dirty or self.deleted)

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
        row.__dict__.update(values)

    def rows(self, prepared: PreparedSelect, values: Row) -> list[Any]:
        """What a prepared SELECT gives in this transaction, or, before it begins, by itself."""
        if self._unwritten:
            self.flush()
        if not self._begun and not self._writes and not prepared.locks:
            return prepared.rows(self._hold(), values)
        self.write_out()
        return prepared.rows(self._begin(), values)

    def adopt(self, model: type[M], columns: Sequence[Any]) -> M:
        """The row of `model` with these values of its table's columns, as if the session had read it just now."""
        row = _as_read(model, zip(keys_of(model), columns, strict=True))
        identity = instance_state(row).key
        known = self._apart.setdefault(identity, self.identity_map.get(identity) or row)
        if known is not row:
            for name in keys_of(model):
                set_committed_value(known, name, row.__dict__[name])
        return cast(M, known)

    def make(self, model: type[M], values: Row) -> M:
        """A new row of `model`, for `write_new`. A column that has no value gets its plain default, else it is blank."""
        return _as_read(model, {**defaults_of(model), **values})

    def write_new(self, row: Base) -> None:
        """Write a row that was made, as `insert` does, and keep it as one that was read."""
        held = row.__dict__
        self.insert(table_of(type(row)), {name: held[name] for name in keys_of(type(row))})
        self._apart[instance_state(row).key] = row

    def join(self) -> None:
        """Let what goes through the session be in this transaction, and know its rows (which costs)."""
        self._joined = True
        self.connection()
        while self._apart:
            self.add(self._apart.popitem()[1])

    def look_ahead(self, query: PreparedSelect, values: Row) -> Any | None:
        """The one row of `query` before this session's turn to write, so that others write meanwhile. None if there is none.

        Before it writes it looks whether the row is still the same, unless nobody has written since; else it raises `Outdated`.
        """
        count = UNKNOWN if self._one_writer is None else self._one_writer.count()
        row = next(iter(query.rows(self._hold(), values)), None)
        if row is not None:
            self._expected.append((query, values, row, count))
        return row

    def expect(self, still: StillSo, values: Row) -> None:
        """On PostgreSQL: write only if `still` gives a row for these values then; else `Outdated` is raised."""
        self._writes.expect(still, values, Outdated(OUTDATED))

    def connection(self, *args: Any, **options: Any) -> Connection:
        """SQLAlchemy's connection, in the session's transaction."""
        connection = self.bind = self._begin().connection()
        return connection

    def _hold(self) -> Held:
        if self._held is None:
            self._held = Held(self._connections, writes=self.writes)
        return self._held

    def _begin(self) -> Held:
        """The session's connection in its transaction; on SQLite one that writes waits for its turn (see `OneWriter`)."""
        held = self._hold()
        if not held.begun:
            if self._one_writer is not None and self.writes:
                self._turn = self._one_writer.begin()
            held.begin()
        return held

    @property
    def _begun(self) -> bool:
        return self.sqlite or (self._held is not None and self._held.begun)

    def write_out(self) -> None:
        """Write the rows that wait.

        Raises:
            Outdated: what was expected is so no longer.
        """
        while self._expected:
            query, values, row, count = self._expected.pop()
            held = self._begin()
            unseen = self._turn is None or count == UNKNOWN or self._turn.before != count
            if unseen and query.rows(held, values) != [row]:
                raise Outdated(OUTDATED)
        if self._writes:
            self._writes.write(self._begin())

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
        if any(instance_state(row).modified for row in self._apart.values()):
            self.join()
        if self.in_transaction() or self._unwritten:
            self.commit()
        elif not self._begun and self._writes.at_once and not self._expected:
            if self._writes:
                self._writes.write(self._hold())
        else:
            self.write_out()
            if self._held is not None:
                self._held.commit()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        held, self._held = self._held, None
        turn, self._turn = self._turn, None
        with ExitStack() as last:
            if turn is not None and self._one_writer is not None:
                last.callback(self._one_writer.end, turn)
            if held is not None:
                last.callback(held.close)
            if self._joined:
                super().close()
            self.bind = self._connections.engine

    def nudge(self, kind: str, ident: str) -> None:
        """After the commit, tell a worker that `kind` (outbox, job, timer) has something to do."""
        self.nudges.append((kind, ident))

    def at_end(self, ending: Callable[[], None]) -> None:
        """Before the commit, when everything else is written, do this too."""
        self.endings.append(ending)


class WorkspaceSession(UnboundSession):
    """A session of one workspace: no statement of it can reach another one."""

    workspace_id: int

    def __init__(
        self, connections: Connections, *, writes: bool, one_writer: OneWriter | None, workspace_id: int
    ) -> None:
        super().__init__(connections, writes=writes, one_writer=one_writer)
        self.workspace_id = workspace_id
        self._place: Place | None = None

    def rows(self, prepared: PreparedSelect, values: Row) -> list[Any]:
        """The same; it compares each `workspace_id` itself.

        Raises:
            WorkspaceMissing: it does not.
        """
        if not prepared.scoped:
            require_scoped(prepared.query)
            prepared.scoped = True
        return super().rows(prepared, values)

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


def _as_read(model: type[M], values: Row | Iterable[tuple[str, Any]]) -> M:
    """A row as if a session had read it."""
    mapper = model.__mapper__
    row = cast(M, mapper.class_manager.new_instance())
    held = row.__dict__
    held.update(values)
    instance_state(row).key = mapper.identity_key_from_primary_key([held[name] for name in primary_keys_of(model)])
    return row


_PLACE = PreparedSelect(select(*COLUMNS).where(table_of(Workspace).c.id == bindparam("workspace")))


@contextmanager
def transaction(session: S, nudge: Callable[[str, str], None]) -> Iterator[S]:
    """`session` for one use case: committed at the end if it writes, rolled back if it reads or anything is raised."""
    with session:
        yield session
        if session.writes:
            while session.endings:
                session.endings.pop(0)()
            session.finish()
    for kind, ident in session.nudges:
        nudge(kind, ident)
