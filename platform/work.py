"""What a worker does with what is due: deliver an outbox row, fire a timer, run a job.

Each is taken with a lease (leases.py), done, and written off only while the lease still holds. What fails is tried again
later and, when it keeps failing, parked where an admin sees it.
"""

import os
import socket
import threading
import time
from datetime import timedelta

import structlog

from formloom.platform import attempts, automation_runs, clocks, leases, mail, posting, webhooks
from formloom.platform.errors import FormloomError, NotFound
from formloom.platform.models import AutomationClock, AutomationRun, Job, OutboxMessage, Timer, new_id
from formloom.platform.runtime import Runtime, caller_for
from formloom.platform.services import emptying, files, jobs, processes

log = structlog.get_logger(__name__)

Work = OutboxMessage | Timer | Job | AutomationRun | AutomationClock
MODELS: dict[str, type[Work]] = {
    "outbox": OutboxMessage,
    "timer": Timer,
    "job": Job,
    "automation": AutomationRun,
    "clock": AutomationClock,
}
MOST_ATTEMPTS = 8
LONGEST_PAUSE = timedelta(hours=1)
SWEEP_SECONDS = 20.0
TIDY_SECONDS = 3600.0


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the given number of failures: 5 s, 20 s, 80 s, … at most an hour."""
    return min(LONGEST_PAUSE, timedelta(seconds=5 * 4 ** min(attempts - 1, 8)))


class Hands:
    """The two tasks of a worker process. At most `at_once - 1` of its threads do long jobs: one is always free."""

    def __init__(self, runtime: Runtime, *, at_once: int) -> None:
        self.runtime = runtime
        self.owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{new_id()[-12:]}"
        self._tidied = 0.0
        self._long = threading.BoundedSemaphore(max(1, at_once - 1))

    def nudged(self, kind: str, ident: str) -> None:
        """Do the one thing that `ident` (`<workspace>:<id>`) names, if it is due and nobody has it.

        Of notices, one after the other are posted, whosever they are.
        """
        if kind == "notice":
            self._next(kind)
        workspace, _, row_id = ident.partition(":")
        if kind in MODELS and workspace.isdecimal():
            self._next(kind, (int(workspace), row_id))

    def sweep(self, kind: str) -> None:
        """Do what is due and was not nudged, or whose lease ran out, one after the other."""
        until = time.monotonic() + SWEEP_SECONDS
        while time.monotonic() < until and self._next(kind):
            pass
        if kind == "job" and time.monotonic() > self._tidied + TIDY_SECONDS:
            self._tidied = time.monotonic()
            self._tidy()

    def _tidy(self) -> None:
        """Remove what is of no use any more: counts whose time is over, uploads never saved, what lay in the bin."""
        with self.runtime.writing() as db:
            attempts.forget_old(db, self.runtime.clock())
        files.remove_unsaved(self.runtime)
        emptying.empty(self.runtime)

    def _next(self, kind: str, only: tuple[int, str] | None = None) -> bool:
        """Take one row and do it (of notices, some); False when there was none."""
        if kind == "notice":
            return posting.post_some(self.runtime)
        if kind == "job":
            if not self._long.acquire(blocking=False):
                return False
            try:
                return self._do(kind, only)
            finally:
                self._long.release()
        return self._do(kind, only)

    def _do(self, kind: str, only: tuple[int, str] | None) -> bool:
        row = leases.take(self.runtime, MODELS[kind], self.owner, only)
        if row is None:
            return False
        structlog.contextvars.bind_contextvars(request_id=getattr(row, "request_id", None) or row.id)
        try:
            match row:
                case OutboxMessage():
                    deliver(self.runtime, row, self.owner)
                case Timer():
                    fire(self.runtime, row, self.owner)
                case Job():
                    jobs.run(self.runtime, row, self.owner)
                case AutomationRun():
                    automation_runs.begin_waiting(self.runtime, row, self.owner)
                case AutomationClock():
                    clocks.look(self.runtime, row, self.owner)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        return True


def deliver(runtime: Runtime, row: OutboxMessage, owner: str) -> None:
    """Send a mail or call a webhook, and write down how it went, together with what follows from it."""
    error, answer, for_good = None, None, False
    caller = caller_for(runtime, row.workspace_id, request_id=row.request_id or "")
    if "call" in row.body and "process" in row.body and processes.away(caller, row.body["process"]):
        _put_off(runtime, row, owner)
        return
    try:
        answer = _send(runtime, row, caller.lang)
    except webhooks.WebhookFailed as failure:
        error, for_good = str(failure), failure.for_good
    except Exception as failure:
        log.warning("delivery failed", kind=row.kind, id=row.id, error=str(failure))
        error = f"{type(failure).__name__}: {failure}"
    with caller.writing() as db:
        kept = leases.held(db, row, owner)
        if kept is None:
            return
        kept.lease_owner = kept.lease_until = None
        kept.error = error
        if error is None:
            kept.status, kept.done_at, kept.body = "done", runtime.clock(), _without_content(row)
        elif for_good or row.attempts >= MOST_ATTEMPTS:
            kept.status = "parked"
        else:
            kept.due_at = runtime.clock() + pause_after(row.attempts)
        if "call" in row.body and kept.status != "waiting":
            answers = automation_runs.answer_in if "automation" in row.body else processes.answer_in
            answers(db, caller, row.body, answer=answer, error=error)


def _send(runtime: Runtime, row: OutboxMessage, lang: str) -> object:
    if row.kind == "mail":
        mail.send(runtime.settings, row.id, row.body, runtime.clock())
        return None
    if row.kind == "answer":
        return row.body["record"]
    private = runtime.settings.webhook_private
    return webhooks.call(row.id, row.body, private=private, lang=lang).body


def _without_content(row: OutboxMessage) -> dict[str, object]:
    """What is kept of a delivered message: to whom and about what. Links that sign people in are not."""
    kept = ("to", "subject", "url", "process", "automation", "call")
    return {key: value for key, value in row.body.items() if key in kept}


def fire(runtime: Runtime, row: Timer, owner: str) -> None:
    """Tell its process that the time has come; the timer goes in the same transaction."""
    caller = caller_for(runtime, row.workspace_id)
    try:
        with caller.writing() as db:
            kept = leases.held(db, row, owner)
            if kept is not None:
                db.delete(kept)
                db.flush()
                processes.fire_in(db, caller, row.process_id, row.key)
    except NotFound:
        _put_off(runtime, row, owner)
    except FormloomError as error:
        log.error("timer failed", id=row.id, process=row.process_id, error=str(error))
        _pause(runtime, row, owner)
    except Exception:
        log.exception("timer failed", id=row.id, process=row.process_id)
        _pause(runtime, row, owner)


def _pause(runtime: Runtime, row: Timer, owner: str) -> None:
    with runtime.writing() as db:
        kept = leases.held(db, row, owner)
        if kept is not None:
            kept.lease_until = runtime.clock() + pause_after(row.attempts)


def _put_off(runtime: Runtime, row: Timer | OutboxMessage, owner: str) -> None:
    """Let what belongs to a process in the bin wait until it comes back, or is gone for good; this was no attempt."""
    with runtime.writing() as db:
        kept = leases.held(db, row, owner)
        if kept is not None:
            kept.lease_owner = kept.lease_until = None
            kept.due_at, kept.attempts = runtime.clock() + LONGEST_PAUSE, row.attempts - 1
