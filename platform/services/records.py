"""Records: filling in a form, looking, changing, deleting, bringing back. Each asks permissions.py, then the store.

What happens inside another service's transaction (a process, an action, a sample) ends in `_in`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from formloom.form_engine import record as engine
from formloom.form_engine.errors import FormloomError
from formloom.form_engine.record import Accesses
from formloom.platform import happenings, permissions
from formloom.platform.definitions import PublishedForm, look_ahead, published_in
from formloom.platform.errors import Conflict, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Process, Record
from formloom.platform.paging import Page
from formloom.platform.queries.records import Filter, Query, Sort, filter_from_text
from formloom.platform.records import bin as recycle_bin
from formloom.platform.records.linked import LinkedRecords
from formloom.platform.records.seeing import (
    RecordRow,
    changeable_in,
    require_add_in,
    require_fresh_in,
    require_visible_in,
    rows_in,
    seen_in,
    sees_field_in,
    selection_in,
    shown,
)
from formloom.platform.records.store import (
    NOBODY_TO_ASK,
    Consent,
    change_in,
    context_in,
    insert_in,
    set_state_in,
    subject,
    who_in,
)
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, drafts, indexing, processes
from formloom.platform.transactions import Outdated, WorkspaceSession

__all__ = [
    "Consent",
    "Filter",
    "HistoryRow",
    "Query",
    "RecordDetail",
    "RecordRow",
    "Saved",
    "Sort",
    "change_in",
    "count",
    "create_in",
    "create_record",
    "delete_record",
    "filter_from_text",
    "find_in",
    "history",
    "lookup_in",
    "new_record",
    "record",
    "records",
    "require_visible_in",
    "restore_record",
    "sees_field_in",
    "set_status_in",
    "update_record",
]


EVERYTHING = Query()
REFUSED = (DataError, IntegrityError, ProgrammingError)
"""What the database did not do; of other errors nobody knows whether it had done it."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A record that was saved: its version now, and the process that began with it, if any."""

    id: str
    version: int
    process_id: str | None


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """A record on its own page. `access` holds the caller back from fields; `lock` says why nobody may change it now.

    `may_edit` and `may_delete` already heed the lock.
    """

    row: RecordRow
    access: Accesses
    may_edit: bool
    may_delete: bool
    lock: str | None
    process_id: str | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """An empty record to be filled in: its defaults, and what the caller may do with which field."""

    values: Mapping[str, Any]
    access: Accesses


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of a record: who, when, what (`record.changed`), and the fields before and after that the caller sees."""

    at: datetime
    member_id: str | None
    verb: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def records(caller: Caller, form_key: str, query: Query = EVERYTHING) -> Page[RecordRow]:
    """A page of the records that the caller sees.

    Raises:
        NotFound: there is no such form.
        InputInvalid: a filter, a column to sort by, or `after` is none.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        selection = selection_in(db, caller, published, query)
        if selection is None:
            return Page(())
        begun = time.perf_counter()
        found, after = selection.page()
        seconds = time.perf_counter() - begun
        page = Page(tuple(rows_in(db, caller, published, found)), after)
    indexing.ask_in_background(caller, form_key, selection.looked_at(), seconds)
    return page


def count(caller: Caller, form_key: str, query: Query = EVERYTHING) -> int:
    """How many records there are that the caller sees. Raises as `records`."""
    with caller.reading() as db:
        selection = selection_in(db, caller, published_in(db, caller, form_key), query)
        return 0 if selection is None else selection.count()


def record(caller: Caller, form_key: str, record_id: str) -> RecordDetail:
    """One record, also one in the bin for whoever may delete it.

    Raises:
        NotFound: there is none, or none that the caller sees.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        found = seen_in(db, caller, published, record_id)
        who = who_in(db, caller)
        [row] = rows_in(db, caller, published, [found])
        lock = processes.lock_of(db, caller, found.id) if published.workflow is not None else None
        newest = select(Process.id).where(Process.record_id == found.id).order_by(Process.started_at.desc()).limit(1)
        free = lock is None and found.deleted_at is None
        rules = (published.rules, found.created_by, found.document)
        return RecordDetail(
            row=row,
            access=permissions.field_access(who, *rules),
            may_edit=free and permissions.may(who, "edit", *rules),
            may_delete=free and permissions.may(who, "delete", *rules),
            lock=lock,
            process_id=db.scalars(newest).one_or_none() if published.workflow is not None else None,
            deleted_at=found.deleted_at,
        )


def new_record(caller: Caller, form_key: str) -> NewRecord:
    """What the page of a new record begins with.

    Raises:
        NotFound: there is no such form.
        NotAllowed: the caller may not add records to it.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        access = require_add_in(db, caller, published)
        begun = engine.settle(published.form, {}, context_in(db, caller), access=access)
        return NewRecord(begun.values, access)


def create_record(
    caller: Caller,
    form_key: str,
    values: Mapping[str, Any],
    *,
    submission_key: str | None = None,
    confirmed: bool = False,
    chosen: Mapping[str, tuple[str, ...]] | None = None,
    keeps_draft: bool = False,
) -> Saved:
    """Submit a form: a record, and the start of its workflow where it has one.

    `submission_key` is the page's: the same one twice is one record. `confirmed`: the form's warnings were read.
    `keeps_draft`: it is no page of a new record that asks, so the caller's draft of one stays.

    Raises:
        NotFound: there is no such form.
        NotAllowed: the caller may not add records to it.
        RecordInvalid: the form does not accept the values.
        Unconfirmed: the form warns, and nobody has confirmed it.
        CommandForbidden: the workflow can't be started by the caller.
    """

    def _create(*, ahead: bool) -> Saved:
        with caller.writing() as db:
            if ahead:
                look_ahead(db, caller, form_key)
            published = published_in(db, caller, form_key)
            access = require_add_in(db, caller, published)
            consent = Consent(confirmed=confirmed)
            made = insert_in(
                db, caller, published, values, access=access, consent=consent, submission_key=submission_key
            )
            process_id = _start(db, caller, published, made, chosen)
            if submission_key is not None and not keeps_draft:  # a page's, which keeps drafts
                drafts.discard_in(db, caller, f"new:{form_key}")
            return Saved(made.id, made.version, process_id)

    try:
        try:
            return _create(ahead=True)
        except (Outdated, FormloomError, *REFUSED):  # once more, as what is published now has it
            return _create(ahead=False)
    except (FormloomError, IntegrityError):
        before = _submitted_before(caller, form_key, submission_key)
        if before is None:
            raise
        return before


def create_in(db: WorkspaceSession, caller: Caller, published: PublishedForm, values: Mapping[str, Any]) -> Record:
    """A record that an action, an import or a sample makes, with the start of its workflow. Asks no permission.

    Raises:
        RecordInvalid: the form does not accept the values.
    """
    made = insert_in(db, caller, published, values, access=None, consent=NOBODY_TO_ASK)
    _start(db, caller, published, made, None)
    return made


def update_record(
    caller: Caller, form_key: str, record_id: str, values: Mapping[str, Any], *, version: int, confirmed: bool = False
) -> Saved:
    """Change fields of a record that the caller opened at `version`; None empties a field, the others stay.

    Raises:
        NotFound: there is none, or none that the caller sees.
        NotAllowed: the caller may not change it.
        Conflict: a running request locks it.
        StaleRecord: somebody else has changed it since; with both versions.
        RecordInvalid, Unconfirmed: as `create_record`.
    """
    with caller.writing() as db:
        published = published_in(db, caller, form_key)
        found = changeable_in(db, caller, published, record_id, "edit")
        _require_free(db, caller, published, found)
        access = permissions.field_access(who_in(db, caller), published.rules, found.created_by, found.document)
        require_fresh_in(db, caller, published, found, values, version, access)
        before = found.document
        consent = Consent(confirmed=confirmed)
        change_in(db, caller, found, values, published, access=access, consent=consent)
        if published.workflow is not None:
            processes.changed_in(db, caller, found, before)
        drafts.discard_in(db, caller, f"record:{record_id}")
        return Saved(found.id, found.version, None)


def delete_record(caller: Caller, form_key: str, record_id: str) -> None:
    """Put a record into the bin.

    Raises:
        NotFound, NotAllowed, Conflict: as `update_record`; Conflict also where other records hold it fast.
    """
    with caller.writing() as db:
        published = published_in(db, caller, form_key)
        found = changeable_in(db, caller, published, record_id, "delete")
        _require_free(db, caller, published, found)
        recycle_bin.delete_in(db, caller, found)


def restore_record(caller: Caller, form_key: str, record_id: str) -> None:
    """Bring a record back from the bin; whoever may delete it may.

    Raises:
        NotFound: there is none in the bin that the caller sees.
        NotAllowed: the caller may not.
        Conflict: something of it is taken meanwhile.
    """
    with caller.writing() as db:
        published = published_in(db, caller, form_key)
        found = seen_in(db, caller, published, record_id, lock=True)
        if found.deleted_at is None:
            raise NotFound(gettext(caller.lang, "This record is not in the bin."))
        recycle_bin.restore_in(db, caller, found)


def history(caller: Caller, form_key: str, record_id: str, limit: int = 100) -> list[HistoryRow]:
    """What was done to a record, the latest first, without fields that the caller doesn't see.

    Raises:
        NotFound: there is none, or none that the caller sees.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        found = seen_in(db, caller, published, record_id)
        access = permissions.field_access(who_in(db, caller), published.rules, found.created_by, found.document)
        lines = audit.trail_in(db, subject=subject(found), limit=limit)
        return [
            HistoryRow(line.at, line.member_id, line.verb, shown(line.before, access), shown(line.after, access))
            for line in lines
        ]


def find_in(
    db: WorkspaceSession, caller: Caller, published: PublishedForm, where: Mapping[str, Any], *, limit: int = 1
) -> list[Record]:
    """The latest records outside the bin whose fields have these values; nobody's permissions are asked."""
    filters = [
        Filter(key, "empty") if value is None else Filter(key, _same(published, key), value)
        for key, value in where.items()
    ]
    selection = selection_in(db, caller.system(), published, Query(filters=filters, limit=limit))
    return list(selection.page()[0]) if selection is not None else []


def lookup_in(db: WorkspaceSession, caller: Caller) -> LinkedRecords:
    """What logic reads through links, each linked record read once in the transaction."""
    return LinkedRecords(db)


def set_status_in(db: WorkspaceSession, caller: Caller, found: Record, status: str) -> None:
    """Say where the process of a record stands: draft, running, approved, rejected, withdrawn or terminated."""
    set_state_in(db, caller, found, status=status)
    happenings.note(db, caller, published_in(db, caller, found.form_key), found, "status")


def _require_free(db: WorkspaceSession, caller: Caller, published: PublishedForm, found: Record) -> None:
    """Refuse to touch a record that a running request holds."""
    lock = processes.lock_of(db, caller, found.id) if published.workflow is not None else None
    if lock is not None:
        raise Conflict(lock)


def _start(
    db: WorkspaceSession,
    caller: Caller,
    published: PublishedForm,
    made: Record,
    chosen: Mapping[str, tuple[str, ...]] | None,
) -> str | None:
    return None if published.workflow is None else processes.start_in(db, caller, made, published, chosen=chosen)


def _same(published: PublishedForm, key: str) -> str:
    """The operator by which a field is compared with one value: of a list, that it holds it."""
    field = published.form.fields.get(key)
    return "contains" if field is not None and field.several else "eq"


def _submitted_before(caller: Caller, form_key: str, submission_key: str | None) -> Saved | None:
    """The record that was made by the same submission, if this one is its repeat."""
    if submission_key is None:
        return None
    with caller.reading() as db:
        same = (Record.form_key == form_key, Record.submission_key == submission_key)
        found = db.scalars(select(Record).where(*same, Record.created_by == caller.member_id)).one_or_none()
        if found is None:
            return None
        first = select(Process.id).where(Process.record_id == found.id).order_by(Process.started_at).limit(1)
        return Saved(found.id, found.version, db.scalars(first).one_or_none())
