"""The rows that a process leaves behind: its events as facts, its tasks, its timers. Written, never interpreted, here."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from formloom.platform.database import WorkspaceSession
from formloom.platform.models import Event, Process, Task, Timer, new_id, table_of
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
    db.insert(table_of(Event), *rows)


def _tasks(db: WorkspaceSession, process: Process, workflow: Workflow, events: Sequence[e.Event]) -> None:
    """Tasks that were opened, decided and closed by one command are written as what they became."""
    opened = {event.task: _opened(process, workflow, event) for event in events if isinstance(event, e.TaskOpened)}
    for event in events:
        for task, change in _changes(event):
            if task in opened:
                opened[task] |= change
            else:
                key = {"workspace_id": process.workspace_id, "id": task_row_id(process.id, task)}
                db.update(table_of(Task), key, change)
    db.insert(table_of(Task), *opened.values())


def _changes(event: e.Event) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tasks that an event changes, and their columns."""
    match event:
        case e.TaskDecided():
            yield event.task, _decided(event)
        case e.TaskClosed():
            yield event.task, {"status": CLOSED, "closed_at": datetime.fromisoformat(event.at)}
        case e.Urged():
            yield from ((task, {"urged_at": datetime.fromisoformat(event.at)}) for task in event.tasks)


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
    db.insert(table_of(Timer), *rows)
