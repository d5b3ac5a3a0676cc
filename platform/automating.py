"""Automations inside one transaction: what happened is followed before the commit, each run undone alone where it fails.

A run is a workflow of nothing but actions (workflow_engine/automation.py) over one record: the engine says what is to be
done, actions.py does it, its state and events stand in the log. What its actions change is followed in turn, to a depth.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import func, select

from formloom.form_engine import logic
from formloom.platform import actions, definitions, leases, notices, organisation, running
from formloom.platform.database import WorkspaceSession
from formloom.platform.definitions import PublishedForm
from formloom.platform.errors import CommandRefused, Conflict, DefinitionError, FormloomError, NotFound
from formloom.platform.happenings import DEPTH, FOLLOWING, NOTED, Happening
from formloom.platform.language import gettext
from formloom.platform.models import AutomationRun, Record, new_id
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import processes, records
from formloom.workflow_engine import automation as automation_definition
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e
from formloom.workflow_engine import state as states
from formloom.workflow_engine.automation import Automation, Happened
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
            calendar=running.calendar_of(self.db.workspace),
            lang=self.caller.lang,
            lookup=records.lookup_in(self.db, self.caller),
        )

    def _notify(self, event: e.Notified) -> None:
        form, workflow = self.published.form, self.automation.workflow
        directory = organisation.organisation(self.db, self.caller).directory
        link = running.link_to(self.published, self.record) if self.record.id else f"/apps/{self.published.app_key}"
        subject = notices.Subject(None, self.record, form, workflow, link, directory)
        once, text = f"{self.row.id}:{event.visit}", event.message or ""
        told = [notices.Notice("notice", m, once, link, event.step, text=text) for m in event.members]
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


# what happened is followed


def follow_in(db: WorkspaceSession) -> None:
    """Run what the happenings noted in this transaction start, and what that starts in turn, until nothing is left."""
    db.memo[FOLLOWING] = True
    noted: dict[tuple[str, int], Happening] = db.memo.get(NOTED, {})
    try:
        while noted:
            happening = noted.pop(next(iter(noted)))
            for automation, kind in _started_by(db, happening):
                begin_in(
                    db, happening.caller, automation, happening.record, kind, by=happening.by, depth=happening.depth
                )
    finally:
        del db.memo[FOLLOWING]


def begin_in(
    db: WorkspaceSession,
    caller: Caller,
    automation: Automation,
    record: Record,
    kind: str,
    *,
    by: str | None = None,
    depth: int = 0,
) -> AutomationRun:
    """Run an automation over a record here and now, unless a limit holds it back; either is in the log."""
    who = by if by is not None else caller.member_id or ""
    row = new_run(caller, automation, kind, record.id, by=who, depth=depth)
    held_back = _held_back(db, caller, row)
    db.add(row)
    db.flush()
    if not held_back:
        run_in(db, caller.system(), row)
    return row


def _started_by(db: WorkspaceSession, happening: Happening) -> list[tuple[Automation, str]]:
    """The automations that a happening starts, each once, with what started it."""
    published = definitions.published_in(db, happening.caller, happening.form_key)
    document, before = happening.record.document, happening.before
    changed = frozenset(key for key in {**before, **document} if before.get(key) != document.get(key))
    facts = []
    for what in happening.what:
        if what == "updated" and ("created" in happening.what or not changed):
            continue
        facts.append(Happened(what, changed, happening.record.status or ""))
    found: dict[str, tuple[Automation, str]] = {}
    for fact in facts:
        for automation in published.automations:
            if automation.takes(fact) and _holds(db, happening.caller, automation, happening.record):
                found.setdefault(automation.key, (automation, fact.kind))
    return list(found.values())


def _holds(db: WorkspaceSession, caller: Caller, automation: Automation, record: Record) -> bool:
    return holds_in(db, caller, automation, record.document, record.created_by)


def holds_in(
    db: WorkspaceSession, caller: Caller, automation: Automation, document: Mapping[str, Any], member: str | None
) -> bool:
    """Whether an automation's condition holds for a document; one that can't be computed does not."""
    facts = logic.Moment(caller.now(), caller.workspace_zone, member, records.lookup_in(db, caller))
    try:
        return automation.holds(document, facts)
    except logic.LogicError:
        return False


def new_run(
    caller: Caller,
    automation: Automation,
    kind: str,
    record_id: str | None,
    *,
    by: str = "",
    depth: int = 0,
    once: str | None = None,
) -> AutomationRun:
    """A run that is still to begin."""
    row = AutomationRun(workspace_id=caller.workspace_id, id=new_id(), automation=automation.key, form_key="")
    row.once, row.kind, row.by, row.depth, row.record_id = once, kind, by, depth, record_id
    row.document, row.form_key = dict(automation.document), automation.form.key
    row.status, row.attempts, row.events = WAITING, 0, []
    row.created_at = row.due_at = caller.now()
    row.request_id = caller.request_id
    row.app_key = ""
    return row


def _held_back(db: WorkspaceSession, caller: Caller, row: AutomationRun) -> bool:
    """Whether a limit holds the run back; it is kept then, and an admin may try it again."""
    settings = caller.runtime.settings
    row.app_key = definitions.published_in(db, caller, row.form_key).app_key
    if row.depth >= settings.automation_depth:
        sentence = "Automations started automations more than {count} deep."
        row.error = gettext(caller.lang, sentence, count=settings.automation_depth)
    else:
        lately = select(func.count()).select_from(AutomationRun).where(
            AutomationRun.app_key == row.app_key,
            AutomationRun.automation == row.automation,
            AutomationRun.created_at > caller.now() - timedelta(hours=1),
        )  # fmt: skip
        if db.scalars(lately).one() >= settings.automation_runs:
            sentence = "It was started more than {count} times within an hour."
            row.error = gettext(caller.lang, sentence, count=settings.automation_runs)
    if row.error is not None:
        row.status, row.ended_at = PARKED, caller.now()
    return row.error is not None


# running


def run_in(db: WorkspaceSession, caller: Caller, row: AutomationRun) -> None:
    """Begin a run, or go on with one that failed. Whatever goes wrong is undone alone and stands in the log."""
    noted: dict[tuple[str, int], Happening] = db.memo.setdefault(NOTED, {})
    before, depth = dict(noted), db.memo.get(DEPTH)
    db.memo[DEPTH] = row.depth + 1
    try:
        with db.begin_nested():
            doer = load_in(db, caller, row)
            doer.do(_next(doer))
    except Exception as error:
        if not isinstance(error, FormloomError):
            log.exception("automation failed", run=row.id, automation=row.automation)
        noted.clear()
        noted.update(before)
        db.refresh(row)
        row.status, row.ended_at = FAILED, caller.now()
        row.error = str(error) if isinstance(error, FormloomError) else f"{type(error).__name__}: {error}"
    finally:
        db.memo.pop(DEPTH)
        if depth is not None:
            db.memo[DEPTH] = depth
    db.flush()


def _next(doer: Automated) -> c.Command:
    """What sets a run going: its start, or another try of the step that failed."""
    if doer.state is None:
        return c.Start(doer.initiator, {})
    blocked = next((visit.step for visit in doer.state.visits.values() if visit.block is not None), "")
    admins = organisation.organisation(doer.db, doer.caller).directory.admins()
    return c.Retry(next(iter(admins), ""), blocked, None)


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
    if row is None or row.status != OPEN:
        return
    depth = db.memo.get(DEPTH)
    db.memo[DEPTH] = row.depth + 1
    try:
        doer, request = load_in(db, caller, row), message["call"]
        command: c.Command | None = c.ActionAnswered(request, ok=False, error=error)
        if error is None:
            said = answer if isinstance(answer, Mapping) else {}
            command = actions.attempt(doer, request, lambda: actions.answer_with(doer, request, message["into"], said))
        if command is not None and doer.state is not None and request in doer.state.requests:
            doer.do(command)
    except NotFound as gone:
        row.status, row.error, row.ended_at = FAILED, str(gone), caller.now()
    finally:
        db.memo.pop(DEPTH)
        if depth is not None:
            db.memo[DEPTH] = depth
