"""Departments: a tree without cycles, each with at most one head."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from formloom.platform import organisation, people_rules
from formloom.platform.errors import Conflict, InputInvalid, NotFound
from formloom.platform.language import gettext
from formloom.platform.marks import mark_of, require_same
from formloom.platform.models import Department, Member, new_id
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, people


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department as the tree shows it: `depth` from 0, `members` counts its own active ones; `mark` is of what an admin may change."""

    id: str
    name: str
    parent_id: str | None
    head_id: str | None
    head_name: str
    depth: int
    members: int
    translations: Mapping[str, str]
    mark: str


def departments(caller: Caller) -> list[DepartmentRow]:
    """The whole tree, every department right before its children."""
    counted = select(Member.department_id, func.count()).where(Member.active, Member.department_id.is_not(None))
    with caller.reading() as db:
        known = organisation.organisation(db, caller)
        own = counted.where(Member.workspace_id == caller.workspace_id).group_by(Member.department_id)
        counts = dict(db.execute(own).all())
        query = select(Department).where(Department.workspace_id == caller.workspace_id)
        rows = db.scalars(query.order_by(Department.position, Department.id)).all()
    below: dict[str | None, list[Department]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    tree: list[DepartmentRow] = []

    def _walk(parent: str | None, depth: int) -> None:
        for row in below.get(parent, []):
            head = known.members.get(row.head_id or "", "")
            names = row.translations or {}
            name, members = names.get(caller.lang, row.name), counts.get(row.id, 0)
            tree.append(DepartmentRow(row.id, name, parent, row.head_id, head, depth, members, names, _mark(row)))
            _walk(row.id, depth + 1)

    _walk(None, 0)
    return tree


def save_department(
    caller: Caller,
    department_id: str | None,
    *,
    name: str,
    parent_id: str | None = None,
    head_id: str | None = None,
    translations: Mapping[str, str] | None = None,
    over: str | None = None,
) -> str:
    """Add a department (`department_id` None) or change one. Gives its id. `over` is the mark of the one that was shown.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such department.
        Conflict: it is another one by now.
        InputInvalid: a field is wrong, another one beside it is called the same, or it would stand below itself.
    """
    people.require_admin(caller)
    with caller.writing() as db:
        row = Department(workspace_id=caller.workspace_id, id=new_id())
        if department_id is None:
            row.position = organisation.next_position(db, Department, caller.workspace_id)
        else:
            row = _department(db, caller, department_id)
            require_same(over, _mark(row), caller.lang)
        before = None if department_id is None else _facts(row)
        _check(db, caller, row.id, name, translations or {}, parent_id or None, head_id or None)
        row.name, row.parent_id, row.head_id = name.strip(), parent_id or None, head_id or None
        row.translations = dict(translations) if translations is not None else row.translations
        db.add(row)
        organisation.changed(db, caller.workspace_id)
        audit.write(db, caller, "department.saved", f"department:{row.id}", before, _facts(row))
        return row.id


def _facts(row: Department) -> dict[str, str | None]:
    return {"name": row.name, "parent_id": row.parent_id, "head_id": row.head_id}


def _mark(row: Department) -> str:
    return mark_of([_facts(row), row.translations or {}])


def _department(db: Session, caller: Caller, department_id: str) -> Department:
    found = db.get(Department, (caller.workspace_id, department_id))
    if found is None:
        raise NotFound(gettext(caller.lang, "There is no such department."))
    return found


def _check(
    db: Session,
    caller: Caller,
    own: str,
    name: str,
    translations: Mapping[str, str],
    parent_id: str | None,
    head_id: str | None,
) -> None:
    lang = caller.lang
    # All of them are locked: two moves at once could make a cycle, and two that are made at once be called the same.
    query = select(Department).where(Department.workspace_id == caller.workspace_id).with_for_update()
    others = [row for row in db.scalars(query) if row.id != own]
    errors = people_rules.complaints(lang, name, translations, [row for row in others if row.parent_id == parent_id])
    if head_id is not None and head_id not in organisation.organisation(db, caller).members:
        errors["head_id"] = gettext(lang, "There is no such member.")
    parents = {row.id: row.parent_id for row in others} | {own: parent_id}
    if parent_id is not None and parent_id not in parents:
        errors["parent_id"] = gettext(lang, "There is no such department.")
    if any(own in ring for ring in people_rules.rings(parents)):
        errors["parent_id"] = gettext(lang, "A department can't stand below itself.")
    if errors:
        raise InputInvalid(errors)


def delete_department(caller: Caller, department_id: str) -> None:
    """Remove a department that nobody is in and nothing stands below. Those switched off lose it.

    Raises:
        NotAllowed, NotFound.
        Conflict: somebody is in it, something stands below it, or a workflow in use names it.
    """
    people.require_admin(caller)
    with caller.writing() as db:
        row = _department(db, caller, department_id)
        if blocked := _what_is_left(db, caller, department_id):
            raise Conflict(blocked)
        left = update(Member).where(Member.workspace_id == caller.workspace_id, Member.department_id == department_id)
        db.execute(left.values(department_id=None))
        db.delete(row)
        organisation.changed(db, caller.workspace_id)
        audit.write(db, caller, "department.deleted", f"department:{department_id}", _facts(row), None)


def _what_is_left(db: Session, caller: Caller, department_id: str) -> str | None:
    """Why the department can't be removed yet, in a sentence."""
    own, lang = caller.workspace_id, caller.lang
    inside = select(func.count()).where(
        Member.workspace_id == own, Member.department_id == department_id, Member.active
    )
    below = select(func.count()).where(Department.workspace_id == own, Department.parent_id == department_id)
    if count := db.scalar(inside):
        return gettext(lang, "{count} members are in this department. Move them to another first.", count=count)
    if count := db.scalar(below):
        return gettext(lang, "{count} departments stand below this one. Move them first.", count=count)
    if used := organisation.named_by(db, own, "department", department_id):
        return gettext(lang, "It is named by the workflow of: {forms}.", forms=", ".join(used))
    return None
