"""Roles such as *Finance*: workflows and permissions name them by their id, so a name may change freely."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from formloom.platform import organisation, people_rules
from formloom.platform.errors import Conflict, InputInvalid, NotFound
from formloom.platform.language import gettext
from formloom.platform.marks import mark_of, require_same
from formloom.platform.models import Member, MemberRole, Role, new_id
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, people


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role and how many active members hold it; `mark` is of what an admin may change."""

    id: str
    name: str
    members: int
    translations: Mapping[str, str]
    mark: str


def roles(caller: Caller) -> list[RoleRow]:
    """All roles, in the workspace's order."""
    holds = and_(MemberRole.workspace_id == Role.workspace_id, MemberRole.role_id == Role.id)
    held = and_(Member.workspace_id == MemberRole.workspace_id, Member.id == MemberRole.member_id, Member.active)
    query = select(Role, func.count(Member.id)).outerjoin(MemberRole, holds).outerjoin(Member, held)
    query = (
        query.where(Role.workspace_id == caller.workspace_id)
        .group_by(Role.workspace_id, Role.id)
        .order_by(Role.position, Role.name)
    )
    with caller.reading() as db:
        found = db.execute(query).all()
        return [RoleRow(role.id, role.name, count, role.translations or {}, _mark(role)) for role, count in found]


def save_role(
    caller: Caller,
    role_id: str | None,
    *,
    name: str,
    translations: Mapping[str, str] | None = None,
    over: str | None = None,
) -> str:
    """Add a role (`role_id` None) or rename one. Gives its id, which workflows name it by. `over` is the mark of the one that was shown.

    Raises:
        NotAllowed, NotFound.
        Conflict: it is another one by now.
        InputInvalid: a name is wrong, or another role's.
    """
    people.require_admin(caller)
    with caller.writing() as db:
        row = Role(
            workspace_id=caller.workspace_id,
            id=new_id(),
            position=organisation.next_position(db, Role, caller.workspace_id),
        )
        if role_id is not None:
            row = _role(db, caller, role_id)
            require_same(over, _mark(row), caller.lang)
        _check(db, caller, row.id, name, translations or {})
        before = None if role_id is None else {"name": row.name}
        row.name = name.strip()
        row.translations = dict(translations) if translations is not None else row.translations
        db.add(row)
        organisation.changed(db, caller.workspace_id)
        audit.write(db, caller, "role.saved", f"role:{row.id}", before, {"name": row.name})
        return row.id


def _check(db: Session, caller: Caller, own: str, name: str, translations: Mapping[str, str]) -> None:
    # All of them are locked: two that are made at once could be called the same.
    query = select(Role).where(Role.workspace_id == caller.workspace_id, Role.id != own).with_for_update()
    if errors := people_rules.complaints(caller.lang, name, translations, db.scalars(query)):
        raise InputInvalid(errors)


def delete_role(caller: Caller, role_id: str) -> None:
    """Remove a role that no active member holds.

    Raises:
        NotAllowed, NotFound.
        Conflict: somebody holds it, or a workflow in use names it.
    """
    people.require_admin(caller)
    with caller.writing() as db:
        row = _role(db, caller, role_id)
        holders = select(func.count()).select_from(MemberRole).join(Member, Member.id == MemberRole.member_id)
        holders = holders.where(MemberRole.workspace_id == caller.workspace_id, MemberRole.role_id == role_id)
        if count := db.scalar(holders.where(Member.workspace_id == caller.workspace_id, Member.active)):
            raise Conflict(
                gettext(caller.lang, "{count} members hold this role. Take it from them first.", count=count)
            )
        if used := organisation.named_by(db, caller.workspace_id, "role", role_id):
            raise Conflict(gettext(caller.lang, "It is named by the workflow of: {forms}.", forms=", ".join(used)))
        db.delete(row)
        organisation.changed(db, caller.workspace_id)
        audit.write(db, caller, "role.deleted", f"role:{role_id}", {"name": row.name}, None)


def _mark(row: Role) -> str:
    return mark_of([row.name, row.translations or {}])


def _role(db: Session, caller: Caller, role_id: str) -> Role:
    found = db.get(Role, (caller.workspace_id, role_id))
    if found is None:
        raise NotFound(gettext(caller.lang, "There is no such role."))
    return found
