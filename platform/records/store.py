"""Creating and changing a record: settled by the engine, checked against other records, and written everywhere at once.

Whoever calls has checked who may do it. The document, its projection, its unique values, its files and the audit line
are written in the caller's transaction, or nothing is.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from formloom.form_engine import record as engine
from formloom.form_engine.access import without_hidden
from formloom.form_engine.context import access_of
from formloom.form_engine.errors import RecordInvalid
from formloom.form_engine.form import Form
from formloom.form_engine.record import Accesses
from formloom.platform import happenings
from formloom.platform.definitions import PublishedForm, published_in
from formloom.platform.errors import Conflict, Unconfirmed
from formloom.platform.language import gettext
from formloom.platform.models import Record, id_at
from formloom.platform.organisation import WorkspaceNames, organisation
from formloom.platform.permissions import Who
from formloom.platform.projections import rows, tables
from formloom.platform.records import capacity, references, serials, unique
from formloom.platform.records.linked import LinkedRecords
from formloom.platform.records.reading import document_in, left_over, read_as
from formloom.platform.runtime import Caller
from formloom.platform.services import audit
from formloom.platform.transactions import WorkspaceSession

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person who saves has agreed to: `confirmed`, the warnings of the form's rules.

    `everything`: no person fills this in (an action, an import, a sample), so that nobody is asked, and links may lead
    to records that whoever it is done for doesn't see.
    """

    everything: bool = False
    confirmed: bool = False

    def ask(self, settled: engine.Settled) -> None:
        """Raise where a warning is still to be confirmed.

        Raises:
            Unconfirmed: with the warnings.
        """
        if settled.warnings and not (self.everything or self.confirmed):
            raise Unconfirmed(settled.warnings)


NOBODY_TO_ASK = Consent(everything=True)


def who_in(db: WorkspaceSession, caller: Caller) -> Who:
    """The caller as permissions see them."""
    known = db.memo.get(("who", caller.member_id))
    if known is None:
        directory = organisation(db, caller).directory
        known = db.memo["who", caller.member_id] = Who(caller.member_id, caller.admin, directory)
    who: Who = known
    return who


def context_in(db: WorkspaceSession, caller: Caller) -> engine.Context:
    """What the engine is told beside the record."""
    return engine.Context(
        now=caller.now(),
        zone=caller.workspace_zone,
        lang=caller.lang,
        lookup=LinkedRecords(db),
        member=caller.member_id,
        system=caller.member_id is None,
    )


def insert_in(
    db: WorkspaceSession,
    caller: Caller,
    published: PublishedForm,
    values: Mapping[str, Any],
    *,
    access: Accesses | None,
    consent: Consent,
    submission_key: str | None = None,
) -> Record:
    """A new record of `published`, written; its workflow is not started here.

    Raises:
        RecordInvalid: the form does not accept it, or another record has what must be unique, or it is one too many.
        Unconfirmed: warnings are still to be confirmed.
    """
    settled = engine.settle(published.form, values, context_in(db, caller), access=access)
    document = _accepted(published.form, settled)
    consent.ask(settled)
    now = caller.now()
    layout = tables.ensure_in(db, caller.runtime.database, published)
    references.check_in(db, caller, _linking(db, caller, consent), published.form, document, {})
    has_workflow, ident = published.workflow is not None, id_at(now)
    capacity.check_in(db, caller, layout, ident, document, has_workflow=has_workflow)
    document |= serials.number_in(db, published.key, published.form, now, caller.workspace_zone)
    made: dict[str, Any] = {
        "id": ident,
        "form_key": published.key,
        "form_version": published.version,
        "document": document,
    }
    made |= {"workspace_id": caller.workspace_id, "title": title_in(db, caller, published, published.form, document)}
    made |= {"status": "running" if has_workflow else None, "submission_key": submission_key}
    made |= {"created_at": now, "updated_at": now, "created_by": caller.member_id, "updated_by": caller.member_id}
    record = db.make(Record, made)
    db.write_new(record)
    unique.claim_in(db, record, published.form, document, caller.lang, new=True)
    rows.write_in(db, layout, record, document, new=True)
    references.keep_files_in(db, published.key, record.id, published.form, document)
    audit.write(db, caller, "record.created", subject(record))
    happenings.note(db, caller, published, record, "created", {})
    _note_confirmed(db, caller, record, settled)
    return record


def change_in(
    db: WorkspaceSession,
    caller: Caller,
    record: Record,
    values: Mapping[str, Any],
    published: PublishedForm,
    *,
    access: Accesses | None = None,
    consent: Consent = NOBODY_TO_ASK,
    verb: str = "record.changed",
) -> Record:
    """Change fields of a record: those in `values` (None empties one), what is computed from them, and nothing else.

    `published` has the version of the form that the record is to be saved under. Does nothing where nothing changed.

    Raises:
        RecordInvalid, Unconfirmed: as `insert_in`.
        Conflict: somebody else changed the record since it was read.
    """
    database = caller.runtime.database
    stored = document_in(db, database, published, record)
    seen = without_hidden(published.form, stored, access)
    theirs = {key: value for key, value in seen.items() if access_of(access, key) in ("edit", "required")}
    settled = engine.settle(published.form, theirs | dict(values), context_in(db, caller), stored=stored, access=access)
    document = _accepted(published.form, settled) | left_over(published.form, record.document)
    if document == record.document and published.version == record.form_version:
        return record
    consent.ask(settled)
    references.check_in(db, caller, _linking(db, caller, consent), published.form, document, stored)
    current = published_in(db, caller, record.form_key)
    layout = tables.ensure_in(db, database, current)
    shown = document if current.version == published.version else read_as(current.form, published.form, document)
    if any(document.get(rule.link) != stored.get(rule.link) for rule in published.form.capacity):
        capacity.check_in(db, caller, layout, record.id, shown, has_workflow=current.workflow is not None)
    was = record.document
    before, after = differences(was, document)
    title = title_in(db, caller, current, published.form, document)
    _update(db, caller, record, {"document": document, "form_version": published.version, "title": title})
    unique.claim_in(db, record, published.form, document, caller.lang, new=False)
    rows.write_in(db, layout, record, shown)
    references.keep_files_in(db, record.form_key, record.id, published.form, document)
    audit.write(db, caller, verb, subject(record), before, after)
    happenings.note(db, caller, current, record, "updated", was)
    _note_confirmed(db, caller, record, settled)
    return record


def set_state_in(db: WorkspaceSession, caller: Caller, record: Record, **state: Any) -> None:
    """Change what is not in the document: `status`, or `deleted_at` and `deleted_by`.

    Raises:
        Conflict: somebody else changed the record since it was read.
    """
    _update(db, caller, record, state)
    current = published_in(db, caller, record.form_key)
    rows.write_state_in(db, tables.ensure_in(db, caller.runtime.database, current), record)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Document, Document]:
    """The fields in which two documents differ, as each of them has them; a blank is left out."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: before[key] for key in keys if key in before}, {key: after[key] for key in keys if key in after}


def subject(record: Record) -> str:
    """What the audit trail calls a record."""
    return f"record:{record.id}"


def title_in(
    db: WorkspaceSession, caller: Caller, published: PublishedForm, form: Form, document: Mapping[str, Any]
) -> str:
    """What the record is called, in the workspace's language."""
    names = WorkspaceNames(caller, organisation(db, caller), db)
    return form.record_title(document, published.language, names, caller.workspace_zone)


def _row_id() -> str:
    return secrets.token_hex(4)


def _linking(db: WorkspaceSession, caller: Caller, consent: Consent) -> Who:
    """Whose view limits what a link may lead to."""
    who = who_in(db, caller)
    return replace(who, admin=True) if consent.everything else who


def _accepted(form: Form, settled: engine.Settled) -> Document:
    if settled.record is None:
        raise RecordInvalid(settled.errors)
    return engine.with_row_ids(form, settled.record, _row_id)


def _update(db: WorkspaceSession, caller: Caller, record: Record, values: Mapping[str, Any]) -> None:
    """Write columns of a record, if it still has the version that was read: the row count of the UPDATE says so."""
    stamp = {"version": record.version + 1, "updated_at": caller.now(), "updated_by": caller.member_id}
    changed = dict(values) | stamp
    db.change(record, changed, Conflict(gettext(caller.lang, "Somebody else has changed this record meanwhile.")))


def _note_confirmed(db: WorkspaceSession, caller: Caller, record: Record, settled: engine.Settled) -> None:
    """Keep which warnings were confirmed, and by whom."""
    if settled.warnings:
        messages = [warning.message for warning in settled.warnings]
        audit.write(db, caller, "record.confirmed", subject(record), None, {"": messages})
