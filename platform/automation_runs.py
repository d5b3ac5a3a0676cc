"""One run of an automation at work: begun, answered, tried again, each undone alone where it fails.

A run is a workflow of nothing but actions (workflow_engine/automation.py) over one record: the engine says what is to be
done, actions.py does it, its state and events stand in the log.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from formloom.platform import actions, definitions, leases, notices, organisation, running
from formloom.platform.definitions import PublishedForm
from formloom.platform.errors import CommandRefused, Conflict, DefinitionError, FormloomError, NotFound
from formloom.platform.happenings import DEPTH, NOTED, Happening
from formloom.platform.language import gettext
from formloom.platform.models import AutomationRun, Record
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import processes, records
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import automation as automation_definition
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e
from formloom.workflow_engine import state as states
from formloom.workflow_engine.automation import Automation
from formloom.workflow_engine.engine import Context, Refused, apply
from formloom.workflow_engine.state import State

log = structlog.get_logger(__name__)

WAITING, OPEN, DONE, FAILED, PARKED = "waiting", "open", "done", "failed", "parked"


@dataclass(slots=True)
class Automated:
    """A run with its record (one that is nowhere stored, where there is none) and its automation: a `Doer` of actions."""

    db: WorkspaceSession
    caller: Caller
    row: AutomationRun
    record: Record
    published: PublishedForm
    automation: Automation
    state: State | None
    happened: list[e.Event] = field(default_factory=list)

    kind = "automation"

    @property
    def id(self) -> str:
        """The run's id."""
        return self.row.id

    @property
    def initiator(self) -> str:
        """Who caused it; "" where nobody did."""
        return self.row.by

    def require_free(self, record: Record) -> None:
        """Refuse to change a record that a running request locks: what was not approved is not to happen."""
        lock = processes.lock_of(self.db, self.caller, record.id) if record.id else None
        if lock is not None:
            raise Conflict(lock)

    def changed(self, record: Record, before: Mapping[str, Any]) -> None:
        """Tell the request over a record, where that does not lock it."""
        processes.changed_in(self.db, self.caller, record, before)

    def do(self, command: c.Command) -> None:
        """Let a command and all that follows from it happen, and write it down.

        Raises:
            CommandRefused: the engine refuses.
        """
        waiting: deque[c.Command] = deque([command])
        while waiting:
            answer = apply(self.automation.workflow, self.state, waiting.popleft(), self._context())
            if isinstance(answer, Refused):
                raise CommandRefused(answer.reason)
            self.state = answer.state
            self.happened += answer.events
            for event in answer.events:
                if isinstance(event, e.Notified):
                    self._notify(event)
                elif (followed := actions.follow(self, event)) is not None:
                    waiting.append(followed)
        self._store()

    def _context(self) -> Context:
        return Context(
            now=self.caller.now(),
            directory=organisation.organisation(self.db, self.caller).directory,
            record=self.record.document,
            calendar=running.calendar_of(self.db.place),
            lang=self.caller.lang,
            lookup=records.lookup_in(self.db, self.caller),
        )

    def _notify(self, event: e.Notified) -> None:
        form, workflow = self.published.form, self.automation.workflow
        directory = organisation.organisation(self.db, self.caller).directory
        link = running.link_to(self.published, self.record) if self.record.id else f"/apps/{self.published.app_key}"
        subject = notices.Subject(None, self.record, form, workflow, link, directory)
        text = event.message or ""
        told = [notices.Notice("notice", m, link, event.step, text=text) for m in event.members]
        notices.tell(self.db, self.caller, subject, told)

    def _store(self) -> None:
        row, state = self.row, self.state
        assert state is not None
        row.state = state.to_json()
        row.events = [*row.events, *(event.to_json() for event in self.happened)]
        self.happened = []
        blocked = next((visit.block for visit in state.visits.values() if visit.block is not None), None)
        row.status = DONE if state.outcome is not None else FAILED if blocked is not None else OPEN
        row.error = (blocked.detail or blocked.why) if blocked is not None else None
        row.ended_at = self.caller.now() if row.status in (DONE, FAILED) else None


def run_in(db: WorkspaceSession, caller: Caller, row: AutomationRun) -> None:
    """Begin a run, or go on with one that failed. Whatever goes wrong is undone alone and stands in the log."""
    noted: dict[tuple[str, int], Happening] = db.memo.setdefault(NOTED, {})
    before = dict(noted)
    try:
        with _deeper(db, row), db.begin_nested():
            doer = load_in(db, caller, row)
            if row.kind != "deleted" and doer.record.deleted_at is not None:
                raise NotFound(gettext(caller.lang, "Its record is gone."))
            _set_going(doer)
    except Exception as error:
        if not isinstance(error, FormloomError):
            log.exception("automation failed", run=row.id, automation=row.automation)
        noted.clear()
        noted.update(before)
        db.refresh(row)
        row.status, row.ended_at = FAILED, caller.now()
        row.error = str(error) if isinstance(error, FormloomError) else f"{type(error).__name__}: {error}"
    db.flush()


def _set_going(doer: Automated) -> None:
    """Start a run, or try the step that failed again."""
    if doer.state is None:
        doer.do(c.Start(doer.initiator, {}))
        return
    for request in doer.state.requests:  # its answer came while it could not be taken
        doer.do(c.ActionAnswered(request, ok=False))
    blocked = next((visit.step for visit in doer.state.visits.values() if visit.block is not None), "")
    admins = organisation.organisation(doer.db, doer.caller).directory.admins()
    doer.do(c.Retry(next(iter(admins), ""), blocked, None))


def load_in(db: WorkspaceSession, caller: Caller, row: AutomationRun) -> Automated:
    """A run as it stands, over the automation as it was when it began.

    Raises:
        NotFound: its form or its record is gone.
        DefinitionError: the form has changed so that the automation no longer fits.
    """
    published = definitions.published_in(db, caller, row.form_key)
    row.app_key = published.app_key
    record = Record(id="", form_key=row.form_key, document={}, title="")
    if row.record_id is not None:
        found = db.get(Record, (caller.workspace_id, row.record_id))
        if found is None:
            raise NotFound(gettext(caller.lang, "Its record is gone."))
        record = found
    automation = next(
        (a for a in published.automations if a.key == row.automation and a.document == row.document), None
    )
    if automation is None:
        try:
            automation = automation_definition.load(row.automation, row.document, published.form)
        except DefinitionError as error:
            raise NotFound(
                gettext(caller.lang, "The form has changed, so that the automation no longer fits.")
            ) from error
    state = states.from_json(row.state) if row.state is not None else None
    return Automated(db, caller, row, record, published, automation, state)


def begin_waiting(runtime: Runtime, row: AutomationRun, owner: str) -> None:
    """Begin a run that a worker took with a lease; all of it is one transaction."""
    caller = caller_for(runtime, row.workspace_id, request_id=row.request_id or "")
    with caller.writing() as db:
        kept = leases.held(db, row, owner)
        if kept is not None:
            kept.lease_owner = kept.lease_until = None
            run_in(db, caller, kept)


def answer_in(
    db: WorkspaceSession, caller: Caller, message: Mapping[str, Any], *, answer: object, error: str | None
) -> None:
    """Give a run the answer to a mail or webhook, in the transaction that writes the delivery off."""
    row = db.get(AutomationRun, (caller.workspace_id, message["automation"]), with_for_update=True)
    if row is None or row.status not in (OPEN, FAILED):  # failed: an admin had the parked call sent again
        return
    try:
        with _deeper(db, row):
            doer, request = load_in(db, caller, row), message["call"]
            command: c.Command | None = c.ActionAnswered(request, ok=False, error=error)
            if error is None:
                said, into = answer if isinstance(answer, Mapping) else {}, message["into"]
                command = actions.attempt(doer, request, lambda: actions.answer_with(doer, request, into, said))
            if command is not None and doer.state is not None and request in doer.state.requests:
                doer.do(command)
    except NotFound as gone:
        row.status, row.error, row.ended_at = FAILED, str(gone), caller.now()


@contextmanager
def _deeper(db: WorkspaceSession, row: AutomationRun) -> Iterator[None]:
    """What happens inside was caused by `row`, so that what follows of it lies one deeper."""
    depth = db.memo.get(DEPTH)
    db.memo[DEPTH] = row.depth + 1
    try:
        yield
    finally:
        db.memo.pop(DEPTH)
        if depth is not None:
            db.memo[DEPTH] = depth
