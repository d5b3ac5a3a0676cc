"""Moving running requests to the newest version of their form and workflow: what would go, doing it, taking it back.

Each request is checked and moved in a transaction of its own (workflow_engine/migrate.py says what is in the way); the
move of many is a job with progress, and so is taking it back, which can be done until the next thing happens to the request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from formloom.platform import definitions, process_rows, running
from formloom.platform.definitions import PublishedForm
from formloom.platform.errors import CommandRefused, Conflict, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Process, ProcessMove, Record
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, jobs
from formloom.platform.services.forms import require_designer
from formloom.platform.services.jobs import JobRow, Progress
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import engine
from formloom.workflow_engine import events as e
from formloom.workflow_engine import migrate as moving
from formloom.workflow_engine.engine import Applied
from formloom.workflow_engine.migrate import Reason

SHOWN = 500
_OVER = (Record.workspace_id == Process.workspace_id) & (Record.id == Process.record_id)
"""Which record a request is over."""


@dataclass(frozen=True, slots=True)
class Stays:
    """A request that can't be moved, and why."""

    process_id: str
    record_id: str
    title: str
    version: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What moving would do: to which version, how many requests could go, which would stay, how many moves can be undone.

    Of more than `SHOWN` requests on older versions only so many are looked at; `older` counts all.
    """

    version: int | None
    older: int
    movable: int
    stay: tuple[Stays, ...]
    undoable: int


@dataclass(frozen=True, slots=True)
class MoveOffer:
    """What can be done with one request: whether it is on an older version than `newest`, what is in the way of moving it,
    and whether its last move can be taken back."""

    version: int
    newest: int
    older: bool
    reasons: tuple[Reason, ...]
    undoable: bool


def plan(caller: Caller, form_key: str) -> MovePlan:
    """What moving the running requests of a form to its newest version would do.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
    """
    require_designer(caller)
    with caller.reading() as db:
        published = definitions.published_in(db, caller, form_key)
        ids = _older_in(db, published)
        stay = []
        happened = process_rows.happened_in(db, ids[:SHOWN])
        for row, title in _with_titles_in(db, ids[:SHOWN]):
            reasons = _reasons(caller, running.pinned_in(db, caller, row), published, happened[row.id])
            if reasons:
                stay.append(Stays(row.id, row.record_id, title, row.workflow_version, tuple(reasons)))
        undoable = len(_undoable_in(db, form_key))
        return MovePlan(published.workflow_version, len(ids), len(ids[:SHOWN]) - len(stay), tuple(stay), undoable)


def offer(caller: Caller, process_id: str) -> MoveOffer | None:
    """What an admin can do about the version that a running request is on; None: nothing, or the caller is no admin.

    Raises:
        NotFound: there is no such request.
    """
    if not caller.admin:
        return None
    with caller.reading() as db:
        process = running.load(db, caller, process_id, lock=False)
        row, published = process.row, definitions.published_in(db, caller, process.row.form_key)
        kept = db.get(ProcessMove, (caller.workspace_id, process_id))
        undoable = kept is not None and kept.events == row.events
        older = row.outcome is None and published.workflow is not None and not _current(row, published)
        if published.workflow_version is None or not (older or undoable):
            return None
        happened = _events_in(db, process_id) if older else []
        reasons = tuple(_reasons(caller, process.published, published, happened)) if older else ()
        return MoveOffer(row.workflow_version, published.workflow_version, older, reasons, undoable)


def move_request(caller: Caller, process_id: str) -> None:
    """Move one request now. Raises NotAllowed as `plan`, and as `move_one`."""
    require_designer(caller)
    move_one(caller, process_id, by=caller.member_id or "")


def last_job(caller: Caller, form_key: str) -> JobRow | None:
    """The last move of many requests of a form, or the last taking back: how far it is, or what came of it.

    None: there was none, lately.
    """
    kinds = ("migrate", "take_back")
    found = (job for job in jobs.jobs(caller) if job.kind in kinds and job.arguments.get("form_key") == form_key)
    return next(found, None)


def move(caller: Caller, form_key: str, process_ids: Sequence[str] | None = None) -> str:
    """Begin to move running requests of a form to its newest version: all, or these. Gives the job's id. Raises as `plan`."""
    require_designer(caller)
    with caller.writing() as db:
        definitions.published_in(db, caller, form_key)
        ids = None if process_ids is None else list(process_ids)
        audit.write(db, caller, "process.move", f"form:{form_key}", None, {"processes": ids})
        return jobs.start(db, caller, "migrate", {"form_key": form_key, "process_ids": ids, "by": caller.member_id})


def migrate(
    caller: Caller, progress: Progress, form_key: str, process_ids: list[str] | None, by: str | None
) -> dict[str, Any]:
    """The job: what moved and what stayed, with the reasons. It may begin anew: what moved is on the newest version."""
    with caller.reading() as db:
        older = _older_in(db, definitions.published_in(db, caller, form_key))
    wanted = [ident for ident in older if process_ids is None or ident in process_ids]
    moved, stayed = 0, []
    progress(0, len(wanted))
    for number, ident in enumerate(wanted, start=1):
        try:
            move_one(caller, ident, by=by or "")
            moved += 1
        except (CommandRefused, Conflict, NotFound) as refused:
            stayed.append({"process": ident, "why": str(refused)})
        progress(number)
    return {"moved": moved, "stayed": stayed[:SHOWN], "stay": len(stayed)}


def move_one(caller: Caller, process_id: str, *, by: str) -> None:
    """Move one request to the newest version of its form and workflow.

    Raises:
        NotFound: there is no such request.
        CommandRefused: it can't be moved; the sentence lists why.
    """
    with caller.writing() as db:
        process = running.load(db, caller, process_id)
        published = definitions.published_in(db, caller, process.row.form_key)
        row, state = process.row, process.state
        if state is None or row.outcome is not None or _current(row, published):
            return
        happened = _events_in(db, process_id)
        reasons = _reasons(caller, process.published, published, happened)
        if reasons or published.workflow is None or published.workflow_version is None:
            raise CommandRefused(
                " ".join(reason.message for reason in reasons) or gettext(caller.lang, "This form has no workflow.")
            )
        under = engine.replay(published.workflow, happened)
        done = moving.migrated(
            process.workflow, published.workflow, under, happened,
            by=by, now=caller.now(), version=published.workflow_version,
        )  # fmt: skip
        before = (row.form_version, row.workflow_version)
        process.published, process.workflow = published, published.workflow
        _store(process, done, published.version, published.workflow_version)
        kept = db.get(ProcessMove, (caller.workspace_id, process_id))
        if kept is None:
            kept = ProcessMove(workspace_id=caller.workspace_id, process_id=process_id)
            db.add(kept)
        kept.form_version, kept.workflow_version = before
        kept.events, kept.at = row.events, caller.now()


def undo(caller: Caller, form_key: str, process_ids: Sequence[str]) -> int:
    """Take back the moves of those of these requests to which nothing has happened since. Gives how many.

    Raises:
        NotAllowed: the caller is no admin.
    """
    require_designer(caller)
    with caller.reading() as db:
        wanted = [ident for ident in _undoable_in(db, form_key) if ident in process_ids]
    return sum(_undo_one(caller, ident, by=caller.member_id or "") for ident in wanted)


def begin_undo(caller: Caller, form_key: str) -> str:
    """Begin to take back all moves of a form's requests to which nothing has happened since. Gives the job's id.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
    """
    require_designer(caller)
    with caller.writing() as db:
        definitions.published_in(db, caller, form_key)
        audit.write(db, caller, "process.move_back", f"form:{form_key}", None, None)
        return jobs.start(db, caller, "take_back", {"form_key": form_key, "by": caller.member_id})


def undo_all(caller: Caller, progress: Progress, form_key: str, by: str | None) -> dict[str, Any]:
    """The job: how many moves were taken back. It may begin anew: what is back has no move left."""
    with caller.reading() as db:
        wanted = _undoable_in(db, form_key)
    back = 0
    progress(0, len(wanted))
    for number, ident in enumerate(wanted, start=1):
        back += _undo_one(caller, ident, by=by or "")
        progress(number)
    return {"back": back}


def _undo_one(caller: Caller, process_id: str, *, by: str) -> bool:
    with caller.writing() as db:
        process = running.load(db, caller, process_id)
        row, kept = process.row, db.get(ProcessMove, (caller.workspace_id, process_id))
        if kept is None or kept.events != row.events:
            return False
        row.form_version, row.workflow_version = kept.form_version, kept.workflow_version
        pinned = running.pinned_in(db, caller, row)
        assert pinned.workflow is not None
        happened = _events_in(db, process_id)
        done = moving.undone(pinned.workflow, happened, by=by, now=caller.now(), version=kept.workflow_version)
        process.published, process.workflow = pinned, pinned.workflow
        _store(process, done, kept.form_version, kept.workflow_version)
        db.delete(kept)
        return True


def _store(process: running.Running, done: Applied, form_version: int, workflow_version: int) -> None:
    """Write the process under its other version, with the event that says so."""
    row = process.row
    first = row.events + 1
    process.state = done.state
    row.form_version, row.workflow_version = form_version, workflow_version
    row.state, row.events = done.state.to_json(), row.events + len(done.events)
    process.db.flush()
    process_rows.write(process.db, process.caller, row, process.workflow, done.events, first)


def _older_in(db: WorkspaceSession, published: PublishedForm) -> list[str]:
    """The running requests of a form that are on another version than the newest, the oldest first."""
    query = (
        select(Process.id)
        .join(Record, _OVER)
        .where(Process.form_key == published.key, Process.outcome.is_(None), Record.deleted_at.is_(None))
        .where((Process.workflow_version != published.workflow_version) | (Process.form_version != published.version))
        .order_by(Process.id)
    )
    return list(db.scalars(query)) if published.workflow is not None else []


def _current(row: Process, published: PublishedForm) -> bool:
    return (row.form_version, row.workflow_version) == (published.version, published.workflow_version)


def _undoable_in(db: WorkspaceSession, form_key: str) -> list[str]:
    same = (ProcessMove.workspace_id == Process.workspace_id) & (ProcessMove.process_id == Process.id)
    query = select(Process.id).join(ProcessMove, same).join(Record, _OVER).where(Process.form_key == form_key)
    query = query.where(ProcessMove.events == Process.events, Record.deleted_at.is_(None))
    return list(db.scalars(query.order_by(Process.id)))


def _with_titles_in(db: WorkspaceSession, ids: Sequence[str]) -> list[tuple[Process, str]]:
    """These processes, the oldest first, each with the title of its record."""
    query = select(Process, Record.title).join(Record, _OVER).where(Process.id.in_(ids)).order_by(Process.id)
    return [(row, title) for row, title in db.execute(query)]


def _reasons(
    caller: Caller, pinned: PublishedForm, published: PublishedForm, happened: Sequence[e.Event]
) -> list[Reason]:
    if published.workflow is None or pinned.workflow is None:
        return []
    under = engine.replay(published.workflow, happened)
    return moving.check(pinned.workflow, published.workflow, under, caller.lang)


def _events_in(db: WorkspaceSession, process_id: str) -> list[e.Event]:
    return process_rows.happened_in(db, [process_id])[process_id]
