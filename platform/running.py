"""One process inside one transaction: a command goes in, and everything that follows from it is in the database.

load → `engine.apply` → what actions ask for → state, events, tasks, timers, notices, outbox. Actions on records of this
database run here and now; their answers are commands again. A refused command raises, so that nothing of it stays.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam

from formloom.platform import actions, definitions, notices, organisation, process_rows
from formloom.platform.definitions import PublishedForm
from formloom.platform.errors import CommandForbidden, CommandRefused, Conflict, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Form, Process, Record, keys_of, new_id, table_of
from formloom.platform.place import Place
from formloom.platform.prepared import PreparedSelect
from formloom.platform.runtime import Caller
from formloom.platform.services import records
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e
from formloom.workflow_engine import state as states
from formloom.workflow_engine.calendar import Calendar
from formloom.workflow_engine.engine import Context, Refused, apply
from formloom.workflow_engine.state import State
from formloom.workflow_engine.tree import Workflow

STATUSES = frozenset({"approved", "rejected", "withdrawn", "terminated"})


@dataclass(slots=True)
class Running:
    """A process with its record and its definitions. `published` has the versions that the process began on;
    `delegates` says for whom the caller may decide, `shown` is the content that they saw, where it is another one."""

    db: WorkspaceSession
    caller: Caller
    row: Process
    record: Record
    published: PublishedForm
    workflow: Workflow
    state: State | None
    delegates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shown: Mapping[str, Any] | None = None
    happened: list[e.Event] = field(default_factory=list)

    kind = "process"

    @property
    def id(self) -> str:
        """The process's id."""
        return self.row.id

    @property
    def initiator(self) -> str:
        """Who began it."""
        return self.row.initiator_id

    def require_free(self, record: Record) -> None:
        """A process may change what its definition says."""

    def changed(self, record: Record, before: Mapping[str, Any]) -> None:
        """Nobody else is told."""

    def do(self, command: c.Command, *, before: dict[str, Any] | None = None) -> None:
        """Let `command` and all that follows from it happen, and store it.

        `before`: the record as it was, when it was changed for this command in this transaction already.

        Raises:
            CommandRefused: the engine refuses; the transaction must be rolled back.
            CommandForbidden: it refuses because of whose the task or the request is.
            Conflict: somebody else stored the process meanwhile; the transaction must be rolled back.
        """
        self.happened, state = [], self.state
        self._apply(command, before)
        first = self.row.events + 1
        self._store(new=state is None)
        process_rows.write(self.db, self.caller, self.row, self.workflow, self.happened, first, state)
        directory = organisation.organisation(self.db, self.caller).directory
        link = link_to(self.published, self.record)
        subject = notices.Subject(self.row, self.record, self.published.form, self.workflow, link, directory)
        notices.tell(self.db, self.caller, subject, notices.notices_of(subject, self.row, self.happened))
        if self.row.outcome is not None and self.row.parent_id is not None:
            actions.answer_parent(self)

    def _apply(self, command: c.Command, before: dict[str, Any] | None) -> None:
        """Let the engine answer `command`, then the answers to what that asked for, one after the other."""
        known: Mapping[str, Any] = self.record.document if before is None else before
        waiting: deque[c.Command] = deque([command])
        while waiting:
            command = waiting.popleft()
            answer = apply(self.workflow, self.state, command, self.context(known))
            if isinstance(answer, Refused) and isinstance(command, c.ActionAnswered):
                continue  # what asked was left meanwhile
            if isinstance(answer, Refused):
                raise (CommandForbidden if answer.forbidden else CommandRefused)(answer.reason, answer.difference)
            known = getattr(command, "record", None) or known
            self.state = answer.state
            self.happened += answer.events
            for event in answer.events:
                if (followed := actions.follow(self, event)) is not None:
                    waiting.append(followed)

    def context(self, document: Mapping[str, Any]) -> Context:
        """What the engine is told of the world; `document` is the record as the engine knows it."""
        place = self.db.place
        return Context(
            now=self.caller.now(),
            directory=organisation.organisation(self.db, self.caller).directory,
            record=document,
            calendar=calendar_of(place),
            lang=self.caller.lang,
            delegates=self.delegates,
            shown=self.shown,
            lookup=records.lookup_in(self.db, self.caller),
        )

    def _store(self, *, new: bool) -> None:
        """Write the process, if it still has the version that was read: the row count of the UPDATE says so."""
        row, state = self.row, self.state
        assert state is not None
        changed: dict[str, Any] = {"state": state.to_json(), "events": row.events + len(self.happened)}
        if any(isinstance(event, e.Returned) and event.target == "initiator" for event in self.happened):
            changed["last_round"] = dict(self.record.document)
        changed["returned_at"] = self.caller.now() if state.back is not None else None
        status = "running"
        if state.outcome is not None:
            changed |= {"outcome": state.outcome, "ended_at": row.ended_at or self.caller.now()}
            status = state.outcome if state.outcome in STATUSES else "approved"
        if new:
            row.__dict__.update(changed)
            self.db.write_new(row)
        else:
            faster = Conflict(gettext(self.caller.lang, "Somebody else was faster. Look at the request again."))
            self.db.change(row, changed | {"version": row.version + 1}, faster)
        if self.record.status != status:
            records.set_status_in(self.db, self.caller, self.record, status)


def link_to(published: PublishedForm, record: Record) -> str:
    """The address of a record's page."""
    return f"/apps/{published.app_key}/{published.key}/{record.id}"


def calendar_of(place: Place) -> Calendar:
    """The workspace's zone, working hours and public holidays."""
    hours = place.hours
    return _calendar(place.zone, None if hours is None else tuple((start, end) for start, end in hours), place.country)


@lru_cache(maxsize=256)
def _calendar(zone: str, hours: tuple[tuple[str, str], ...] | None, country: str | None) -> Calendar:
    if hours is None:
        return Calendar(ZoneInfo(zone), country=country)
    times = tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in hours)
    return Calendar(ZoneInfo(zone), times, country=country)


def begin(db: WorkspaceSession, caller: Caller, record: Record, published: PublishedForm, initiator: str) -> Running:
    """A process that is not started yet.

    Raises:
        NotFound: the form has no workflow.
    """
    if published.workflow is None or published.workflow_version is None:
        raise NotFound(gettext(caller.lang, "This form has no workflow."))
    begun: dict[str, Any] = {"workspace_id": caller.workspace_id, "id": new_id(), "record_id": record.id}
    begun |= {"form_key": published.key, "form_version": published.version}
    begun |= {"workflow_version": published.workflow_version, "initiator_id": initiator, "started_at": caller.now()}
    row = db.make(Process, begun)
    return Running(db, caller, row, record, published, published.workflow, None)


_QUERY = (
    definitions.FORMS.add_columns(*table_of(Process).c, *table_of(Record).c)
    .join(Process, (Process.workspace_id == table_of(Form).c.workspace_id) & (Process.form_key == table_of(Form).c.key))
    .join(Record, (Record.workspace_id == Process.workspace_id + 0) & (Record.id == Process.record_id))
    .where(Process.workspace_id == bindparam("of"), Process.id == bindparam("process"))
)
# "+ 0": without statistics of a new table, PostgreSQL would read all records of the workspace for the one with this id.
_ONE, _LOCKED = PreparedSelect(_QUERY), PreparedSelect(_QUERY.with_for_update(of=table_of(Process)), locks=True)
_PROCESS = slice(len(definitions.COLUMNS), len(definitions.COLUMNS) + len(keys_of(Process)))
_RECORD = slice(_PROCESS.stop, None)


def load(db: WorkspaceSession, caller: Caller, process_id: str, *, lock: bool = True) -> Running:
    """A process as it stands, with the versions of form and workflow that it began on.

    `lock`: nobody else changes it until this transaction ends. Without, `Running.do` finds out that somebody has.

    Raises:
        NotFound: there is no such process, or its record is in the bin.
    """
    found = db.rows(_LOCKED if lock else _ONE, {"of": caller.workspace_id, "process": process_id})
    record = db.adopt(Record, found[0][_RECORD]) if found else None
    if record is None or record.deleted_at is not None:
        raise NotFound(gettext(caller.lang, "There is no such request."))
    definitions.remember(db, caller, found)
    row = db.adopt(Process, found[0][_PROCESS])
    pinned = pinned_in(db, caller, row)
    assert pinned.workflow is not None
    return Running(db, caller, row, record, pinned, pinned.workflow, states.from_json(row.state))


def pinned_in(db: WorkspaceSession, caller: Caller, row: Process) -> PublishedForm:
    """The process's form and workflow in the versions that it began on."""
    current = definitions.published_in(db, caller, row.form_key)
    if (current.version, current.workflow_version) == (row.form_version, row.workflow_version):
        return current
    database, number = caller.runtime.database, current.number
    form = definitions.form_version_in(db, database, number, row.form_key, row.form_version)
    workflow = definitions.workflow_version_in(
        db, database, number, row.form_key, row.workflow_version, form, row.form_version
    )
    return replace(
        current, form=form, version=row.form_version, workflow=workflow, workflow_version=row.workflow_version
    )
