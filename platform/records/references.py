"""What a record points at must be there: members, departments, records of other forms, files.

Only what is newly set is looked at: a record that names somebody who left long ago can still be saved.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select, update

from formloom.form_engine.errors import Problem, RecordInvalid
from formloom.form_engine.field_types.references import Department, File, Link, Member, Reference
from formloom.form_engine.form import Field, Form
from formloom.form_engine.pointers import join
from formloom.platform import permissions
from formloom.platform.definitions import published_in
from formloom.platform.errors import NotFound
from formloom.platform.language import gettext
from formloom.platform.models import StoredFile
from formloom.platform.permissions import Who
from formloom.platform.projections.tables import layout_in
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession

Found = tuple[Field, str, str]
"""A field, where in the record its value stands, and an id in it."""


def references_of(form: Form, document: Mapping[str, Any]) -> Iterator[Found]:
    """Every id that the record holds, with the field and the place (a cell of a sub-table included)."""
    yield from _within(form.fields.values(), document, "")


def check_in(
    db: WorkspaceSession, caller: Caller, who: Who, form: Form, document: Mapping[str, Any], before: Mapping[str, Any]
) -> list[str]:
    """Look up everything that the record newly points at; gives the ids of the files among it.

    Raises:
        RecordInvalid: something is not there, or not theirs to point at; each at its field.
    """
    old = {(field.path, ident) for field, _, ident in references_of(form, before)}
    new = [found for found in references_of(form, document) if (found[0].path, found[2]) not in old]
    errors = [
        Problem(pointer, gettext(caller.lang, "There is no such person any more."))
        for field, pointer, ident in new
        if isinstance(field.type, Member) and not who.directory.active(ident)
    ]
    errors += [
        Problem(pointer, gettext(caller.lang, "There is no such department any more."))
        for field, pointer, ident in new
        if isinstance(field.type, Department) and ident not in who.directory.department_ids
    ]
    errors += _missing_records(db, caller, who, [found for found in new if isinstance(found[0].type, Link)])
    files = [found for found in new if isinstance(found[0].type, File)]
    errors += _missing_files(db, caller, files)
    if errors:
        raise RecordInvalid(errors)
    return [ident for _, _, ident in files]


def keep_files_in(db: WorkspaceSession, form_key: str, record_id: str, form: Form, document: Mapping[str, Any]) -> None:
    """Note at each file of the record where it hangs: who may see that field may fetch it."""
    for field, _, ident in references_of(form, document):
        if isinstance(field.type, File):
            place = {"record_id": record_id, "form_key": form_key, "field_key": field.path}
            db.execute(update(StoredFile).where(StoredFile.id == ident).values(place))


def _within(fields: Iterable[Field], values: Mapping[str, Any], pointer: str) -> Iterator[Found]:
    for field in fields:
        value = values.get(field.key)
        if value is None:
            continue
        if not isinstance(field.type, Reference) and not field.columns:
            continue
        at = join(pointer, field.key)
        if isinstance(field.type, Reference):
            yield from ((field, at, ident) for ident in (value if isinstance(value, list) else [value]))
        elif isinstance(value, Mapping):
            yield from _within(field.columns.values(), value, at)
        elif isinstance(value, list):
            for number, row in enumerate(value):
                yield from _within(field.columns.values(), row, join(at, number))


def _missing_records(db: WorkspaceSession, caller: Caller, who: Who, new: list[Found]) -> list[Problem]:
    wanted: dict[str, set[str]] = {}
    for field, _, ident in new:
        wanted.setdefault(str(field.settings["form"]), set()).add(ident)
    there = {key: _visible_ids(db, caller, who, key, ids) for key, ids in wanted.items()}
    sentence = gettext(caller.lang, "There is no such record, or you may not see it.")
    return [Problem(at, sentence) for field, at, ident in new if ident not in there[str(field.settings["form"])]]


def _visible_ids(db: WorkspaceSession, caller: Caller, who: Who, form_key: str, ids: set[str]) -> set[str]:
    try:
        target = published_in(db, caller, form_key)
    except NotFound:
        return set()
    layout = layout_in(db, caller.runtime.database, target)
    if layout is None:
        return set()
    table = layout.main
    query = select(table.c.id).where(
        table.c.workspace_id == db.workspace_id,
        table.c.id.in_(ids),
        table.c.deleted_at.is_(None),
        permissions.visible(who, target.rules, layout),
    )
    return set(db.scalars(query))


def _missing_files(db: WorkspaceSession, caller: Caller, new: list[Found]) -> list[Problem]:
    if not new:
        return []
    query = select(StoredFile.id).where(
        StoredFile.id.in_([ident for _, _, ident in new]), StoredFile.record_id.is_(None)
    )
    if caller.member_id is not None:
        query = query.where(StoredFile.uploaded_by == caller.member_id)
    there = set(db.scalars(query))
    sentence = gettext(caller.lang, "This file is not there. Please add it again.")
    return [Problem(pointer, sentence) for _, pointer, ident in new if ident not in there]
