"""Long work with progress: it survives a reload of the page and the death of its worker, and can be cancelled.

A job is a row. Its work is a function named in `KINDS`, called with a `Progress`; it must be able to begin anew, because
a worker that is killed half-way is followed by another one.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from formloom.platform import leases
from formloom.platform.errors import FormloomError, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Job, new_id
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import people
from formloom.platform.transactions import UnboundSession

log = structlog.get_logger(__name__)

KINDS: Mapping[str, str] = {
    "migrate": "formloom.platform.services.migrating:migrate",
    "take_back": "formloom.platform.services.migrating:undo_all",
    "rebuild": "formloom.platform.services.rebuilding:rebuild",
    "index": "formloom.platform.services.indexing:build",
}
MOST_ATTEMPTS = 5


class Cancelled(Exception):
    """The job was cancelled, or another worker has it: stop here."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as its page shows it. `status`: waiting (also while it runs), done, failed or cancelled."""

    id: str
    kind: str
    arguments: Mapping[str, Any]
    status: str
    done: int
    total: int | None
    result: Mapping[str, Any] | None
    error: str | None
    created_at: datetime
    created_by: str | None


@dataclass(slots=True)
class Progress:
    """What a running job says of itself. Each call renews the lease and learns whether to go on."""

    caller: Caller
    row: Job
    owner: str

    def __call__(self, done: int, total: int | None = None) -> None:
        """So many of so many are done.

        Raises:
            Cancelled: stop now.
        """
        with self.caller.runtime.writing() as db:
            kept = leases.held(db, self.row, self.owner)
            if kept is None:
                raise Cancelled
            kept.done, kept.total, kept.attempts = done, total if total is not None else kept.total, 0
            kept.lease_until = self.caller.now() + timedelta(seconds=self.caller.runtime.settings.lease_seconds)


def start(db: UnboundSession, caller: Caller, kind: str, arguments: Mapping[str, Any]) -> str:
    """Write a job down in the transaction that wants it; a worker begins it after the commit. Gives its id."""
    job = Job(workspace_id=caller.workspace_id, id=new_id(), kind=kind, arguments=dict(arguments))
    job.due_at = job.created_at = caller.now()
    job.created_by = caller.member_id
    db.add(job)
    db.nudge("job", f"{caller.workspace_id}:{job.id}")
    return job.id


def job(caller: Caller, job_id: str) -> JobRow:
    """One job, for whoever started it and for admins.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    with caller.reading() as db:
        found = db.get(Job, (caller.workspace_id, job_id))
        if found is None or not (caller.admin or found.created_by == caller.member_id):
            raise NotFound(gettext(caller.lang, "There is no such work."))
        return _row(found)


def jobs(caller: Caller, limit: int = 50) -> list[JobRow]:
    """The latest jobs of the workspace, for admins."""
    people.require_admin(caller)
    query = select(Job).where(Job.workspace_id == caller.workspace_id).order_by(Job.id.desc()).limit(limit)
    with caller.reading() as db:
        return [_row(found) for found in db.scalars(query)]


def cancel(caller: Caller, job_id: str) -> None:
    """Stop a job that isn't over; what it did stays.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    job(caller, job_id)
    with caller.writing() as db:
        found = db.get_one(Job, (caller.workspace_id, job_id), with_for_update=True)
        if found.status == "waiting":
            found.status, found.lease_owner, found.lease_until = "cancelled", None, None


def _row(found: Job) -> JobRow:
    return JobRow(
        id=found.id,
        kind=found.kind,
        arguments=found.arguments,
        status=found.status,
        done=found.done,
        total=found.total,
        result=found.result,
        error=found.error,
        created_at=found.created_at,
        created_by=found.created_by,
    )


def run(runtime: Runtime, row: Job, owner: str) -> None:
    """Do a job that was taken with a lease, and write down how it ended."""
    caller = caller_for(runtime, row.workspace_id)
    result, error, over = None, None, True
    try:
        result = _work(row.kind)(caller, Progress(caller, row, owner), **row.arguments)
    except Cancelled:
        return
    except FormloomError as failure:
        error = str(failure)
    except Exception as failure:
        log.exception("job failed", job=row.id, kind=row.kind)
        error, over = f"{type(failure).__name__}: {failure}", row.attempts >= MOST_ATTEMPTS
    with runtime.writing() as db:
        kept = leases.held(db, row, owner)
        if kept is None:
            return
        kept.lease_owner = kept.lease_until = None
        kept.result, kept.error = result, error
        if over:
            kept.status = "done" if error is None else "failed"
        else:
            kept.due_at = runtime.clock() + timedelta(seconds=30 * row.attempts)


def _work(kind: str) -> Callable[..., dict[str, Any]]:
    module, _, name = KINDS[kind].partition(":")
    function: Callable[..., dict[str, Any]] = getattr(importlib.import_module(module), name)
    return function
