"""What keeps a session to what it was opened for: it reads only or writes too, in one workspace or in all."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, TextClause

from formloom.platform.models import InWorkspace


class WorkspaceMissing(RuntimeError):
    """A statement would have read or written outside its workspace: a mistake of ours, never shown to a person."""


class WriteInReading(RuntimeError):
    """A service that said it only reads tried to write: a mistake of ours."""


class Guarded(Session):
    """A session that is watched. `workspace_id` is None for one over all workspaces."""

    workspace_id: int | None = None
    writes: bool

    def join(self) -> None:
        """Let what goes through the session be in the transaction that prepared statements are in, too."""

    def write_out(self) -> None:
        """Write what waits to be written; whatever looks at the database does it first."""

    def forget(self) -> None:
        """Drop what waits to be written: what it is of was rolled back."""


def require_writing(session: Guarded) -> None:
    """Refuse to write in a session that was opened for reading.

    Raises:
        WriteInReading: it was.
    """
    if not session.writes:
        raise WriteInReading("this session was opened for reading")


def require_own(session: Guarded, table: Table, row: Mapping[str, Any]) -> None:
    """Refuse a row (or the key of one) that is not the session's workspace's.

    Raises:
        WorkspaceMissing: it names another workspace, or none.
    """
    here = session.workspace_id
    if here is not None and row.get("workspace_id") != here and "workspace_id" in table.c:
        raise WorkspaceMissing(f"{table.name} of workspace {row.get('workspace_id')} in {here}")


@event.listens_for(Guarded, "do_orm_execute", propagate=True)
def _statement(state: ORMExecuteState) -> None:
    """Refuse a write in a reading session, and keep each statement of a workspace session inside its workspace."""
    session = state.session
    assert isinstance(session, Guarded)
    session.join()
    session.write_out()
    if not state.is_select and not isinstance(state.statement, TextClause):
        require_writing(session)
    if session.workspace_id is None or state.is_column_load or state.is_relationship_load or state.is_insert:
        return
    if state.execution_options.get("own_workspace"):
        return
    if state.is_orm_statement:
        workspace_id = session.workspace_id
        state.statement = state.statement.options(
            with_loader_criteria(InWorkspace, lambda model: model.workspace_id == workspace_id, include_aliases=True)
        )
    else:
        require_scoped(state.statement)


@event.listens_for(Guarded, "before_flush", propagate=True)
def _rows(session: Guarded, context: Any, instances: Any) -> None:
    """Refuse a new row that belongs to another workspace, and any in a reading session."""
    require_writing(session)
    session.join()
    session.write_out()
    if session.workspace_id is None:
        return
    for row in session.new:
        if isinstance(row, InWorkspace) and row.workspace_id != session.workspace_id:
            raise WorkspaceMissing(f"{type(row).__name__} of workspace {row.workspace_id} in {session.workspace_id}")


@event.listens_for(Guarded, "before_commit", propagate=True)
def _end(session: Guarded) -> None:
    """Also before a savepoint is given up."""
    session.write_out()


@event.listens_for(Guarded, "after_soft_rollback", propagate=True)
def _undone(session: Guarded, transaction: SessionTransaction) -> None:
    session.forget()


def require_scoped(statement: Any) -> None:
    """Refuse a statement in which not each table has its `workspace_id` compared with a value or with another's.

    Raises:
        WorkspaceMissing: one has not.
    """
    if isinstance(statement, TextClause):
        raise WorkspaceMissing("SQL as text says nothing of its workspace")
    tables: set[Table] = set()
    compared: set[Any] = set()
    for element in visitors.iterate(statement):
        if isinstance(element, Table):
            tables.add(element)
        elif isinstance(element, BinaryExpression) and element.operator is operators.eq:
            compared.update(side.table for side in (element.left, element.right) if _is_workspace(side))
    loose = [table.name for table in tables if "workspace_id" in table.c and table not in compared]
    if loose:
        raise WorkspaceMissing(f"{', '.join(loose)}: no workspace_id in the WHERE of the statement")


def _is_workspace(side: Any) -> bool:
    return getattr(side, "name", None) == "workspace_id" and getattr(side, "table", None) is not None
