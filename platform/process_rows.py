"""The rows that a process leaves behind: its events as facts, its tasks, its timers. Written, never interpreted, here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from formloom.platform.database import WorkspaceSession
from formloom.platform.models import Event, Process, Task, Timer, new_id
from formloom.platform.runtime import Caller
from formloom.workflow_engine import events as e
from formloom.workflow_engine.tree import Workflow

OPEN, DECIDED, CLOSED = "open", "decided", "closed"


def task_row_id(process_id: str, task: str) -> str:
    """The id of a task's row: the engine's ids are unique in their process only."""
    return f"{process_id}:{task}"


def split_task_id(task_id: str) -> tuple[str, str]:
    """The process and the engine's task id of a row id."""
    process_id, _, task = task_id.partition(":")
    return process_id, task


def write(
    db: WorkspaceSession, caller: Caller, process: Process, workflow: Workflow, events: Sequence[e.Event], first: int
) -> None:
    """Write what follows from `events`, numbered from `first` on."""
    _events(db, caller, process, events, first)
    _tasks(db, process, workflow, events)
    _timers(db, process, events)


def _events(db: WorkspaceSession, caller: Caller, process: Process, events: Sequence[e.Event], first: int) -> None:
    rows = [
        {
            "workspace_id": process.workspace_id,
            "process_id": process.id,
            "number": number,
            "kind": event.kind,
            "data": event.to_json(),
            "at": datetime.fromisoformat(event.at),
            "member_id": getattr(event, "by", "") or None,
            "request_id": caller.request_id,
        }
        for number, event in enumerate(events, start=first)
    ]
    if rows:
        db.execute(Event.__table__.insert(), rows)


def _tasks(db: WorkspaceSession, process: Process, workflow: Workflow, events: Sequence[e.Event]) -> None:
    opened = {event.task: _opened(process, workflow, event) for event in events if isinstance(event, e.TaskOpened)}
    closed: list[e.TaskClosed] = []
    for event in events:
        match event:
            case e.TaskDecided():
                change = _decided(event)
                if event.task in opened:
                    opened[event.task] |= change
                else:
                    db.execute(_task(process, [event.task]).values(**change))
            case e.TaskClosed() if event.task in opened:
                opened[event.task] |= {"status": CLOSED, "closed_at": datetime.fromisoformat(event.at)}
            case e.TaskClosed():
                closed.append(event)
            case e.Urged():
                db.execute(_task(process, event.tasks).values(urged_at=datetime.fromisoformat(event.at)))
    if closed:
        at = datetime.fromisoformat(closed[0].at)
        db.execute(_task(process, [event.task for event in closed]).values(status=CLOSED, closed_at=at))
    if opened:
        db.execute(Task.__table__.insert(), list(opened.values()))


def _task(process: Process, tasks: Iterable[str]) -> Any:
    ids = [task_row_id(process.id, task) for task in tasks]
    return update(Task).where(Task.id.in_(ids)).execution_options(synchronize_session=False)


def _decided(event: e.TaskDecided) -> dict[str, Any]:
    return {
        "status": DECIDED,
        "closed_at": datetime.fromisoformat(event.at),
        "closed_by": event.by or None,
        "action": event.action,
        "comment": event.comment,
    }


def _opened(process: Process, workflow: Workflow, event: e.TaskOpened) -> dict[str, Any]:
    return {
        "workspace_id": process.workspace_id,
        "id": task_row_id(process.id, event.task),
        "process_id": process.id,
        "record_id": process.record_id,
        "form_key": process.form_key,
        "step_id": event.step,
        "step_title": workflow.title(event.step)[:400],
        "kind": event.form,
        "member_id": event.member,
        "status": OPEN,
        "opened_at": datetime.fromisoformat(event.at),
        "due_at": datetime.fromisoformat(event.due) if event.due else None,
        "urged_at": None,
        "closed_at": None,
        "closed_by": None,
        "action": None,
        "comment": None,
    }


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
    if rows:
        db.execute(Timer.__table__.insert(), rows)
