"""The recycle bin: what is deleted stays for a time and can be brought back; what pointed at it is cared for."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from formloom.form_engine.errors import RecordInvalid
from formloom.form_engine.field_types.references import Link
from formloom.form_engine.form import Field
from formloom.platform import happenings
from formloom.platform.definitions import PublishedForm, published_in
from formloom.platform.errors import Conflict
from formloom.platform.language import gettext
from formloom.platform.models import App, Record
from formloom.platform.models import Form as FormRow
from formloom.platform.projections import tables
from formloom.platform.projections.layout import Group, Layout
from formloom.platform.records import capacity, unique
from formloom.platform.records.reading import document_in
from formloom.platform.records.store import change_in, set_state_in, subject
from formloom.platform.runtime import Caller
from formloom.platform.services import audit
from formloom.platform.transactions import WorkspaceSession

DEEPEST = 20
"""How long a chain of records that own records may be."""


def delete_in(db: WorkspaceSession, caller: Caller, record: Record, *, depth: int = 0) -> None:
    """Put a record into the bin: give back its unique values, and do with links to it what they say.

    Raises:
        Conflict: records point at it whose link says `restrict`; it says how many and of which form.
    """
    set_state_in(db, caller, record, deleted_at=caller.now(), deleted_by=caller.member_id)
    unique.release_in(db, record.id)
    audit.write(db, caller, "record.deleted", subject(record))
    happenings.note(db, caller, published_in(db, caller, record.form_key), record, "deleted")
    for children, layout, group, field in _links_to(db, caller, record.form_key):
        ids = _pointing(db, layout, group, field, record.id)
        if not ids:
            continue
        match field.settings.get("onDelete", "restrict"):
            case "clear":
                _clear(db, caller, children, field, ids, record.id)
            case "delete" if depth < DEEPEST:
                for child in db.scalars(select(Record).where(Record.id.in_(ids)).with_for_update()).all():
                    delete_in(db, caller.system(), child, depth=depth + 1)
            case _:
                sentence = "“{title}” can't be deleted: {count} of “{form}” point at it."
                title, form = record.title or record.id, children.form.title(caller.lang)
                raise Conflict(gettext(caller.lang, sentence, title=title, count=len(ids), form=form))


def restore_in(db: WorkspaceSession, caller: Caller, record: Record) -> None:
    """Bring a record back from the bin.

    Raises:
        Conflict: another record has taken a value of it that is unique, or its place, meanwhile.
    """
    published = published_in(db, caller, record.form_key)
    document = document_in(db, caller.runtime.database, published, record)
    layout = tables.ensure_in(db, caller.runtime.database, published)
    try:
        unique.claim_in(db, record, published.form, document, caller.lang, new=True)
        has_workflow = published.workflow is not None
        capacity.check_in(db, caller, layout, record.id, document, has_workflow=has_workflow)
    except RecordInvalid as error:
        sentences = " ".join(problem.message for problem in error.errors)
        raise Conflict(gettext(caller.lang, "It can't be brought back: {why}", why=sentences)) from error
    set_state_in(db, caller, record, deleted_at=None, deleted_by=None)
    audit.write(db, caller, "record.restored", subject(record))


def _links_to(
    db: WorkspaceSession, caller: Caller, form_key: str
) -> Iterator[tuple[PublishedForm, Layout, Group, Field]]:
    """Every link field of the workspace that points at records of a form, and where it stands."""
    query = (
        select(FormRow.key)
        .join(App, (App.workspace_id == FormRow.workspace_id) & (App.key == FormRow.app_key))
        .where(FormRow.projected_version.is_not(None), App.deleted_at.is_(None))
        .order_by(FormRow.key)
    )
    for key in db.scalars(query).all():
        published = published_in(db, caller, key)
        fields = [
            field
            for field in published.form.every_field()
            if isinstance(field.type, Link) and field.settings.get("form") == form_key
        ]
        if not fields:
            continue
        layout = tables.ensure_in(db, caller.runtime.database, published)
        for field in fields:
            group = next((group for group in layout.groups if field.path in group.places), None)
            if group is not None:
                yield published, layout, group, field


def _pointing(db: WorkspaceSession, layout: Layout, group: Group, field: Field, ident: str) -> list[str]:
    """The ids of the records outside the bin that point at `ident` by this field."""
    main, place = layout.main, group.places[field.path]
    query = select(main.c.id).where(main.c.workspace_id == db.workspace_id, main.c.deleted_at.is_(None)).distinct()
    query = query.where(field.type.where(field, "contains", place.found, ident))
    for table in {place.column.table} - {main}:
        owner = table.c.id if group is layout.own else table.c.record_id
        query = query.join(table, (table.c.workspace_id == main.c.workspace_id) & (owner == main.c.id))
    return list(db.scalars(query))


def _clear(
    db: WorkspaceSession, caller: Caller, children: PublishedForm, field: Field, ids: list[str], gone: str
) -> None:
    system = caller.system()
    for child in db.scalars(select(Record).where(Record.id.in_(ids)).with_for_update()).all():
        document = document_in(db, caller.runtime.database, children, child)
        top = field.keys[0]
        change_in(
            db, system, child, {top: _without(document.get(top), field.keys[1:], gone)}, children, verb="record.cleared"
        )


def _without(value: Any, keys: tuple[str, ...], gone: str) -> Any:
    """A value without the id that is gone, at the place that `keys` lead to in it."""
    if isinstance(value, list) and keys:
        return [_without(row, keys, gone) for row in value]
    if isinstance(value, dict) and keys:
        left = _without(value.get(keys[0]), keys[1:], gone)
        return {
            key: left if key == keys[0] else kept for key, kept in value.items() if key != keys[0] or left is not None
        }
    if isinstance(value, list):
        return [ident for ident in value if ident != gone]
    return None if value == gone else value
