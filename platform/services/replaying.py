"""Replaying the last real requests of a form under the draft of its workflow: which of them would go another way.

Nothing is changed, and nobody is told. Every request is run twice, under what is published and under the draft, with the
people of today, each person deciding as they really did.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from formloom.form_engine import definition as form_definition
from formloom.platform.definitions import published_in
from formloom.platform.models import AuditEntry, Event, Process, Record
from formloom.platform.organisation import organisation
from formloom.platform.records.store import subject
from formloom.platform.running import calendar_of
from formloom.platform.runtime import Caller
from formloom.platform.services import forms, records
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import definition as workflow_definition
from formloom.workflow_engine import events as e
from formloom.workflow_engine import simulate
from formloom.workflow_engine.engine import Context

LAST = 50


@dataclass(frozen=True, slots=True)
class OtherWay:
    """A request that would go another way, and the first thing that would differ."""

    record_id: str
    title: str
    submitted_at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many requests were run again, and those of them that would go another way."""

    looked_at: int
    others: tuple[OtherWay, ...]


def replay(caller: Caller, form_key: str, limit: int = LAST) -> Replayed:
    """Run the last `limit` requests of a form again, under its published workflow and under the draft.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
        DefinitionError: the draft of the form or of the workflow has errors, or nothing is published.
    """
    forms.require_designer(caller)
    with caller.reading() as db:
        row = forms.form_row_in(db, caller, form_key)
        published = published_in(db, caller, form_key)
        drafted = {kind: forms.draft_in(db, row, kind).document for kind in forms.KINDS}
        form = form_definition.load(drafted["form"])
        new = workflow_definition.load(drafted["workflow"], form)
        if published.workflow is None:
            return Replayed(0, ())
        newest = (
            select(Process).where(Process.form_key == form_key).order_by(Process.started_at.desc(), Process.id.desc())
        )
        rows = {process.id: process for process in db.scalars(newest.limit(limit))}
        found = {ident: _request(db, process) for ident, process in rows.items()}
        context = Context(
            now=caller.now(),
            directory=organisation(db, caller).directory,
            record={},
            calendar=calendar_of(db.place),
            lang=caller.lang,
            lookup=records.lookup_in(db, caller),
        )
        requests = [request for request in found.values() if request is not None]
        differences = simulate.replay(published.workflow, new, requests, context)
        titles = _titles(db, rows)
    others = [
        OtherWay(rows[each.request].record_id, titles[each.request], rows[each.request].started_at, each.message)
        for each in differences
    ]
    return Replayed(len(requests), tuple(others))


def _request(db: WorkspaceSession, process: Process) -> simulate.Request | None:
    """A request as it was submitted, and what people then did; None where its record is gone."""
    record = db.get(Record, (process.workspace_id, process.record_id))
    if record is None:
        return None
    query = select(Event.data).where(Event.process_id == process.id).order_by(Event.number)
    happened = [e.from_json(data) for data in db.scalars(query)]
    return simulate.request_of(process.id, _first(db, record), happened)


def _first(db: WorkspaceSession, record: Record) -> dict[str, Any]:
    """A record as it was made: its changes, of which the trail tells, undone from the last to the first."""
    document = dict(record.document)
    lines = select(AuditEntry.before, AuditEntry.after).where(
        AuditEntry.subject == subject(record), AuditEntry.verb.in_(("record.changed", "record.cleared"))
    )
    for before, after in db.execute(lines.order_by(AuditEntry.id.desc())).all():
        for key in {**(before or {}), **(after or {})}:
            if before is not None and key in before:
                document[key] = before[key]
            else:
                document.pop(key, None)
    return document


def _titles(db: WorkspaceSession, rows: dict[str, Process]) -> dict[str, str]:
    ids = {process.record_id: ident for ident, process in rows.items()}
    query = select(Record.id, Record.title).where(Record.id.in_(ids))
    return {ids[record]: title for record, title in db.execute(query).all()}
