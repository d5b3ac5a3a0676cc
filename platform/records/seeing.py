"""Which records a caller gets at, and how they look to them: the rules of permissions.py put to work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from formloom.form_engine.form import Field
from formloom.form_engine.record import Access, Accesses
from formloom.platform import cards, permissions
from formloom.platform.definitions import PublishedForm, published_in
from formloom.platform.errors import Differing, NotAllowed, NotFound, StaleRecord
from formloom.platform.language import gettext
from formloom.platform.models import Record
from formloom.platform.projections import tables
from formloom.platform.queries.records import Query, Selection
from formloom.platform.records.linked import present_in
from formloom.platform.records.reading import document_in
from formloom.platform.records.store import who_in
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record in a list. `values` are those that the caller sees, read under the published version of the form."""

    id: str
    title: str
    values: Mapping[str, Any]
    version: int
    status: str | None
    created_at: datetime
    created_by: str | None
    updated_at: datetime
    updated_by: str | None


def selection_in(db: WorkspaceSession, caller: Caller, published: PublishedForm, query: Query) -> Selection | None:
    """The query made for this caller; None while the form has no record and so no tables."""
    layout = tables.layout_in(db, caller.runtime.database, published)
    if layout is None:
        return None
    return Selection(db, caller, who_in(db, caller), published.rules, layout, query)


def rows_in(db: WorkspaceSession, caller: Caller, published: PublishedForm, found: list[Record]) -> list[RecordRow]:
    """Records as the caller sees them."""
    who = who_in(db, caller)
    read = [(entry, document_in(db, caller.runtime.database, published, entry)) for entry in found]
    documents = present_in(db, caller, published.form, read)
    foreign = [] if caller.lang == published.language else [(published.form, entry.document) for entry in found]
    names = cards.names_for(db, caller, foreign)
    made: list[RecordRow] = []
    for entry, document in zip(found, documents, strict=True):
        access = permissions.field_access(who, published.rules, entry.created_by, entry.document)
        made.append(
            RecordRow(
                id=entry.id,
                title=cards.title_of(published, entry, caller, names) if foreign else entry.title,
                values=shown(document, access),
                version=entry.version,
                status=entry.status,
                created_at=entry.created_at,
                created_by=entry.created_by,
                updated_at=entry.updated_at,
                updated_by=entry.updated_by,
            )
        )
    return made


def shown(values: Mapping[str, Any] | None, access: Accesses) -> dict[str, Any]:
    """The values without those of fields that are hidden from the caller."""
    return {key: value for key, value in (values or {}).items() if access.get(key) != "hidden"}


def require_visible_in(db: WorkspaceSession, caller: Caller, found: Record, published: PublishedForm) -> None:
    """Refuse a record that the caller doesn't see.

    Raises:
        NotFound: as if there were none.
    """
    if not sees_in(db, caller, published_in(db, caller, published.key), found):
        raise NotFound(gettext(caller.lang, "There is no such record."))


def sees_field_in(db: WorkspaceSession, caller: Caller, found: Record, path: str) -> bool:
    """Whether the caller sees a record and this field of it."""
    published = published_in(db, caller, found.form_key)
    access = permissions.field_access(who_in(db, caller), published.rules, found.created_by, found.document)
    return access.get(path.partition(".")[0]) != "hidden" and sees_in(db, caller, published, found)


def seen_in(
    db: WorkspaceSession, caller: Caller, published: PublishedForm, record_id: str, *, lock: bool = False
) -> Record:
    """A record of this form that the caller sees; one in the bin only if they may delete it.

    Raises:
        NotFound: there is none.
    """
    query = select(Record).where(Record.id == record_id, Record.form_key == published.key)
    found = db.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None or not sees_in(db, caller, published, found):
        raise NotFound(gettext(caller.lang, "There is no such record."))
    who = who_in(db, caller)
    if found.deleted_at is not None and not permissions.may(
        who, "delete", published.rules, found.created_by, found.document
    ):
        raise NotFound(gettext(caller.lang, "There is no such record."))
    return found


def sees_in(db: WorkspaceSession, caller: Caller, published: PublishedForm, found: Record) -> bool:
    """Whether the caller sees a record (the rule of `permissions.visible` for one)."""
    who = who_in(db, caller)
    if who.unlimited or found.created_by == who.member_id:
        return True
    layout = tables.ensure_in(db, caller.runtime.database, published)
    table = layout.main
    query = select(table.c.id).where(table.c.workspace_id == db.workspace_id, table.c.id == found.id)
    return db.execute(query.where(permissions.visible(who, published.rules, layout))).first() is not None


def require_add_in(db: WorkspaceSession, caller: Caller, published: PublishedForm) -> dict[str, Access]:
    """What the caller may do with which field of a new record.

    Raises:
        NotAllowed: they may not add one.
    """
    who = who_in(db, caller)
    if not permissions.may_add(who, published.rules):
        title = published.form.title(caller.lang)
        raise NotAllowed(gettext(caller.lang, "You may not add records to “{form}”.", form=title))
    held = permissions.field_access(who, published.rules, caller.member_id, {})
    started = published.workflow.fields_at(None) if published.workflow is not None else {}
    return permissions.narrowed(started, held)


def changeable_in(
    db: WorkspaceSession, caller: Caller, published: PublishedForm, record_id: str, verb: permissions.Change
) -> Record:
    """A record outside the bin, its row locked, that the caller may change or delete.

    Raises:
        NotFound: there is none, or none that they see.
        NotAllowed: they see it, and may not.
    """
    found = seen_in(db, caller, published, record_id, lock=True)
    if found.deleted_at is not None:
        raise NotFound(gettext(caller.lang, "This record is in the bin."))
    if not permissions.may(who_in(db, caller), verb, published.rules, found.created_by, found.document):
        sentences = {"edit": "You may not change this record.", "delete": "You may not delete this record."}
        raise NotAllowed(gettext(caller.lang, sentences[verb]))
    return found


def require_fresh_in(
    db: WorkspaceSession,
    caller: Caller,
    published: PublishedForm,
    found: Record,
    values: Mapping[str, Any],
    version: int,
    access: Accesses,
) -> None:
    """Refuse values that were typed over an older version of the record than there is.

    Raises:
        StaleRecord: with the fields in which the two differ.
    """
    if found.version == version:
        return
    stored = document_in(db, caller.runtime.database, published, found)
    differing = [
        Differing(key, field.label(caller.lang), stored.get(key), values[key])
        for key, field in published.form.fields.items()
        if key in values
        and access.get(key) != "hidden"
        and not field.read_only
        and _typed(field, stored.get(key)) != _typed(field, values[key])
    ]
    sentence = gettext(
        caller.lang, "Somebody else has changed this record meanwhile. Compare both versions, then save again."
    )
    raise StaleRecord(sentence, found.version, differing)


def _typed(field: Field, value: Any) -> Any:
    """What somebody types of a value: of a table and a group no cells that are worked out or blank."""
    if not field.columns:
        return value
    rows = [row for row in (value if isinstance(value, list) else [value]) if isinstance(row, Mapping)]
    return [
        {
            key: cell
            for key, cell in row.items()
            if cell is not None and not (key in field.columns and field.columns[key].read_only)
        }
        for row in rows
    ]
