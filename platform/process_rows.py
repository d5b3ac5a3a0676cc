"""The rows that a process leaves behind: its events as facts, its tasks, its timers. Written and read, never interpreted, here."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from formloom.platform.models import Events, Process, Task, Timer, new_id, table_of
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import events as e
from formloom.workflow_engine.state import OpenTask, State
from formloom.workflow_engine.tree import Workflow

OPEN, DECIDED, CLOSED = "open", "decided", "closed"
OPENED: dict[str, Any] = {"status": OPEN, "closed_at": None, "closed_by": None, "action": None, "comment": None}
"""The columns of a task that change when it is decided or closed, as they are before."""


def happened_in(db: WorkspaceSession, ids: Sequence[str]) -> dict[str, list[e.Event]]:
    """By process: everything that happened in it, in order."""
    found: dict[str, list[e.Event]] = {ident: [] for ident in ids}
    query = select(Events.process_id, Events.data).where(Events.process_id.in_(ids))
    for process_id, data in db.execute(query.order_by(Events.process_id, Events.number)):
        found[process_id] += map(e.from_json, data)
    return found


def task_row_id(process_id: str, task: str) -> str:
    """The id of a task's row: the engine's ids are unique in their process only."""
    return f"{process_id}:{task}"


def split_task_id(task_id: str) -> tuple[str, str]:
    """The process and the engine's task id of a row id."""
    process_id, _, task = task_id.partition(":")
    return process_id, task


def write(
    db: WorkspaceSession,
    caller: Caller,
    process: Process,
    workflow: Workflow,
    events: Sequence[e.Event],
    first: int,
    before: State | None = None,
) -> None:
    """Write what follows from `events`, numbered from `first` on.

    `before`: the state in which they happened; with it, all tasks are written in one statement.
    """
    _events(db, caller, process, events, first)
    _tasks(db, process, workflow, events, before.open_tasks if before is not None else ())
    _timers(db, process, events)


def _events(db: WorkspaceSession, caller: Caller, process: Process, events: Sequence[e.Event], first: int) -> None:
    if not events:
        return
    row = {
        "workspace_id": process.workspace_id,
        "process_id": process.id,
        "number": first,
        "data": [event.to_json() for event in events],
        "at": datetime.fromisoformat(events[0].at),
        "request_id": caller.request_id,
    }
    db.insert(table_of(Events), row)


def _tasks(
    db: WorkspaceSession,
    process: Process,
    workflow: Workflow,
    events: Sequence[e.Event],
    before: Sequence[OpenTask],
) -> None:
    """Tasks that were opened, decided and closed by one command are written as what they became."""
    known = {task.id: task for task in before}
    rows: dict[str, dict[str, Any]] = {}
    for event in events:
        if isinstance(event, e.TaskOpened):
            opened = OpenTask(event.task, event.step, event.member, event.at, event.due, event.rows)
            rows[event.task] = _row(process, workflow, opened)
        if isinstance(event, e.Urged):
            for task in event.tasks:
                _update(db, process, task, {"urged_at": datetime.fromisoformat(event.at)})
        for task, change in _closing(event):
            if task in known and task not in rows:
                rows[task] = _row(process, workflow, known[task])
            if task in rows:
                rows[task] |= change
            else:
                _update(db, process, task, change)
    there = tuple(OPENED) if known.keys() & rows.keys() else ()
    db.insert(table_of(Task), *rows.values(), there=there)


def _update(db: WorkspaceSession, process: Process, task: str, change: dict[str, Any]) -> None:
    key = {"workspace_id": process.workspace_id, "process_id": process.id, "id": task_row_id(process.id, task)}
    db.update(table_of(Task), key, change)


def _closing(event: e.Event) -> Iterator[tuple[str, dict[str, Any]]]:
    """The task that an event decides or closes, and its columns."""
    match event:
        case e.TaskDecided():
            yield event.task, _decided(event)
        case e.TaskClosed():
            yield event.task, {"status": CLOSED, "closed_at": datetime.fromisoformat(event.at)}


def _decided(event: e.TaskDecided) -> dict[str, Any]:
    return {
        "status": DECIDED,
        "closed_at": datetime.fromisoformat(event.at),
        "closed_by": event.by or None,
        "action": event.action,
        "comment": event.comment,
    }


def _row(process: Process, workflow: Workflow, task: OpenTask) -> dict[str, Any]:
    """The row of a task that is open, at a step of this workflow."""
    return {
        "workspace_id": process.workspace_id,
        "id": task_row_id(process.id, task.id),
        "process_id": process.id,
        "record_id": process.record_id,
        "form_key": process.form_key,
        "step_id": task.step,
        "kind": workflow.steps[task.step].type.name,
        "member_id": task.member,
        "opened_at": datetime.fromisoformat(task.opened_at),
        "due_at": datetime.fromisoformat(task.due_at) if task.due_at else None,
        "urged_at": None,
    } | OPENED


def _timers(db: WorkspaceSession, process: Process, events: Sequence[e.Event]) -> None:
    wanted: dict[str, str] = {}
    gone: list[str] = []
    for event in events:
        match event:
            case e.TimerSet():
                wanted[event.timer] = event.due
            case e.TimerCancelled() | e.TimerRang():
                if wanted.pop(event.timer, None) is None:
                    gone.append(event.timer)
    if gone:
        db.execute(delete(Timer).where(Timer.process_id == process.id, Timer.key.in_(gone)))
    rows = [
        {
            "workspace_id": process.workspace_id,
            "id": new_id(),
            "process_id": process.id,
            "key": key,
            "due_at": datetime.fromisoformat(due),
            "attempts": 0,
        }
        for key, due in wanted.items()
    ]
    db.insert(table_of(Timer), *rows)
