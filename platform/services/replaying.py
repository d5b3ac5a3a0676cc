"""Replaying the last real requests of a form under the draft of its workflow: which of them would go another way.

Nothing is changed, and nobody is told. Every request is run twice, under what is published and under the draft, with the
people of today, each person deciding as they really did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from formloom.form_engine import definition as form_definition
from formloom.platform import process_rows
from formloom.platform.definitions import published_in
from formloom.platform.models import AuditEntry, Process, Record
from formloom.platform.organisation import organisation
from formloom.platform.records.store import subject
from formloom.platform.running import calendar_of
from formloom.platform.runtime import Caller
from formloom.platform.services import forms, records
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import definition as workflow_definition
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
        found = _requests(db, list(rows.values()))
        context = Context(
            now=caller.now(),
            directory=organisation(db, caller).directory,
            record={},
            calendar=calendar_of(db.place),
            lang=caller.lang,
            lookup=records.lookup_in(db, caller),
        )
        differences = simulate.replay(published.workflow, new, found, context)
        titles = _titles(db, rows)
    others = [
        OtherWay(rows[each.request].record_id, titles[each.request], rows[each.request].started_at, each.message)
        for each in differences
    ]
    return Replayed(len(found), tuple(others))


def _requests(db: WorkspaceSession, rows: Sequence[Process]) -> list[simulate.Request]:
    """Requests as they were submitted, and what people then did; without those whose record is gone."""
    query = select(Record).where(Record.id.in_([process.record_id for process in rows]))
    kept = {record.id: record for record in db.scalars(query)}
    happened = process_rows.happened_in(db, [process.id for process in rows])
    first = _first(db, list(kept.values()))
    return [
        simulate.request_of(process.id, first[process.record_id], happened[process.id])
        for process in rows
        if process.record_id in kept
    ]


def _first(db: WorkspaceSession, kept: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """By id, records as they were made: their changes, of which the trail tells, undone from the last to the first."""
    documents = {subject(record): dict(record.document) for record in kept}
    lines = select(AuditEntry.subject, AuditEntry.before, AuditEntry.after).where(
        AuditEntry.subject.in_(list(documents)), AuditEntry.verb.in_(("record.changed", "record.cleared"))
    )
    for of, before, after in db.execute(lines.order_by(AuditEntry.id.desc())):
        for key in {**(before or {}), **(after or {})}:
            if before is not None and key in before:
                documents[of][key] = before[key]
            else:
                documents[of].pop(key, None)
    return {record.id: documents[subject(record)] for record in kept}


def _titles(db: WorkspaceSession, rows: dict[str, Process]) -> dict[str, str]:
    ids = {process.record_id: ident for ident, process in rows.items()}
    query = select(Record.id, Record.title).where(Record.id.in_(ids))
    return {ids[record]: title for record, title in db.execute(query).all()}
