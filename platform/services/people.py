"""The members of a workspace, who is shown them, and what their ids are called; only admins change them.

Departments, roles and the import of a spreadsheet have modules of their own. A member is deactivated, never deleted:
history points at them. The last active admin can be neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from formloom.platform import organisation, people_rules
from formloom.platform.errors import Conflict, InputInvalid, NotAllowed, NotFound
from formloom.platform.language import gettext
from formloom.platform.marks import mark_of, require_same
from formloom.platform.models import Member, MemberRole, new_id
from formloom.platform.organisation import WorkspaceNames
from formloom.platform.paging import Page, page
from formloom.platform.runtime import Caller
from formloom.platform.services import audit
from formloom.platform.services.accounts import address_of, email_complaint
from formloom.workflow_engine.directory import PeopleDirectory


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as lists show them."""

    id: str
    name: str
    email: str
    department_id: str | None
    department: str
    manager_id: str | None
    role_ids: tuple[str, ...]
    roles: tuple[str, ...]
    admin: bool
    active: bool
    has_account: bool

    @property
    def mark(self) -> str:
        """Of what an admin may change."""
        return mark_of([self.name, self.email, self.department_id, self.manager_id, self.role_ids, self.admin])


def require_admin(caller: Caller) -> None:
    """Raise `NotAllowed` unless the caller is an admin of the workspace (or the system)."""
    if not caller.admin:
        raise NotAllowed(gettext(caller.lang, "Only admins of the workspace can do this."))


def directory(caller: Caller) -> PeopleDirectory:
    """The people as the workflow engine asks for them (a `Directory`)."""
    with caller.reading() as db:
        return organisation.organisation(db, caller).directory


def names(caller: Caller, db: Session | None = None) -> WorkspaceNames:
    """What ids are called, for the caller. `db`: the running transaction, if there is one."""
    if db is not None:
        return WorkspaceNames(caller, organisation.organisation(db, caller), db)
    with caller.reading() as own:
        return WorkspaceNames(caller, organisation.organisation(own, caller))


def members(
    caller: Caller,
    *,
    text: str = "",
    department_id: str | None = None,
    role_id: str | None = None,
    inactive: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Page[MemberRow]:
    """Members by name; `text` is looked for in names and addresses, `inactive` shows only those switched off."""
    query = select(Member).where(Member.workspace_id == caller.workspace_id, Member.active.is_(not inactive))
    if text.strip():
        part = f"%{_escaped(text.strip().casefold())}%"
        query = query.where(or_(func.lower(Member.name).like(part, escape="\\"), Member.email.like(part, escape="\\")))
    if department_id is not None:
        query = query.where(Member.department_id == department_id)
    if role_id is not None:
        holds = and_(MemberRole.workspace_id == Member.workspace_id, MemberRole.member_id == Member.id)
        query = query.where(exists().where(holds, MemberRole.role_id == role_id))
    with caller.reading() as db:
        if after is not None:
            mark = db.get(Member, (caller.workspace_id, after))
            query = query.where(tuple_(Member.name, Member.id) > (mark.name, mark.id)) if mark else query
        found = db.scalars(query.order_by(Member.name, Member.id).limit(limit + 1)).all()
        return page(_rows(db, caller, found), limit, lambda row: row.id)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _rows(db: Session, caller: Caller, found: Sequence[Member]) -> list[MemberRow]:
    called = WorkspaceNames(caller, organisation.organisation(db, caller), db)
    held: dict[str, list[str]] = {}
    query = select(MemberRole.member_id, MemberRole.role_id).where(MemberRole.member_id.in_([m.id for m in found]))
    for member_id, role_id in db.execute(query.where(MemberRole.workspace_id == caller.workspace_id)):
        held.setdefault(member_id, []).append(role_id)
    return [
        MemberRow(
            id=member.id,
            name=member.name,
            email=member.email,
            department_id=member.department_id,
            department=called.department(member.department_id) if member.department_id else "",
            manager_id=member.manager_id,
            role_ids=tuple(sorted(held.get(member.id, []))),
            roles=tuple(sorted(called.role(role) for role in held.get(member.id, []))),
            admin=member.admin,
            active=member.active,
            has_account=member.person_id is not None,
        )
        for member in found
    ]


def member(caller: Caller, member_id: str) -> MemberRow:
    """One member, also one switched off.

    Raises:
        NotFound: there is none of this id.
    """
    with caller.reading() as db:
        return _rows(db, caller, [_member(db, caller, member_id)])[0]


def member_by_email(caller: Caller, email: str) -> MemberRow | None:
    """The member with this address, if there is one."""
    query = select(Member).where(Member.workspace_id == caller.workspace_id, Member.email == address_of(email))
    with caller.reading() as db:
        found = db.scalars(query).first()
        return None if found is None else _rows(db, caller, [found])[0]


def search_members(caller: Caller, text: str, limit: int = 20) -> list[MemberRow]:
    """Active members for a picker."""
    return list(members(caller, text=text, limit=limit).rows)


def save_member(
    caller: Caller,
    member_id: str | None,
    *,
    name: str,
    email: str,
    department_id: str | None = None,
    manager_id: str | None = None,
    role_ids: Sequence[str] = (),
    admin: bool = False,
    active: bool = True,
    over: str | None = None,
) -> str:
    """Add a member (`member_id` None) or change one. Gives their id. `over` is the mark of the member that was shown.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such member.
        InputInvalid: a field is wrong.
        Conflict: the member is another one by now, another member has the address, or this is the last admin.
    """
    require_admin(caller)
    with caller.writing() as db:
        if member_id is not None and over is not None:
            require_same(over, _rows(db, caller, [_member(db, caller, member_id)])[0].mark, caller.lang)
        wanted = {"name": name.strip(), "email": address_of(email), "department_id": department_id or None}
        wanted |= {"manager_id": manager_id or None, "admin": admin, "active": active}
        return put_member(db, caller, member_id, wanted, role_ids)


def put_member(
    db: Session, caller: Caller, member_id: str | None, wanted: dict[str, Any], role_ids: Sequence[str]
) -> str:
    """`save_member` inside a transaction: `wanted` holds the columns of `Member` that change."""
    row = Member(workspace_id=caller.workspace_id, id=new_id(), joined_at=caller.now(), name="", email="")
    if member_id is not None:
        row = _member(db, caller, member_id)
    _check_member(db, caller, row, wanted, role_ids)
    if member_id is not None and row.admin and row.active and not (wanted["admin"] and wanted["active"]):
        _keep_an_admin(db, caller, row.id)
    before = None if member_id is None else _facts(row)
    for column, value in wanted.items():
        setattr(row, column, value)
    db.add(row)
    db.flush()
    kept = set(role_ids)
    db.execute(delete(MemberRole).where(MemberRole.workspace_id == caller.workspace_id, MemberRole.member_id == row.id))
    db.add_all(MemberRole(workspace_id=caller.workspace_id, member_id=row.id, role_id=role) for role in sorted(kept))
    organisation.changed(db, caller.workspace_id)
    verb = "member.added" if member_id is None else "member.changed"
    audit.write(db, caller, verb, f"member:{row.id}", before, _facts(row) | {"roles": sorted(kept)})
    return row.id


def _facts(row: Member) -> dict[str, Any]:
    columns = ("name", "email", "department_id", "manager_id", "admin", "active")
    return {column: getattr(row, column) for column in columns}


def _member(db: Session, caller: Caller, member_id: str) -> Member:
    found = db.get(Member, (caller.workspace_id, member_id))
    if found is None:
        raise NotFound(gettext(caller.lang, "There is no such member."))
    return found


def _check_member(db: Session, caller: Caller, row: Member, wanted: dict[str, Any], role_ids: Sequence[str]) -> None:
    known, lang = organisation.organisation(db, caller), caller.lang
    errors: dict[str, str] = {}
    if not wanted["name"] or len(wanted["name"]) > 200:
        errors["name"] = gettext(lang, "Enter a name of at most 200 characters.")
    if wrong := email_complaint(wanted["email"], lang):
        errors["email"] = wrong
    if wanted["department_id"] is not None and wanted["department_id"] not in known.departments:
        errors["department_id"] = gettext(lang, "There is no such department.")
    if wanted["manager_id"] is not None and wanted["manager_id"] not in known.members:
        errors["manager_id"] = gettext(lang, "There is no such member.")
    if wanted["manager_id"] == row.id:
        errors["manager_id"] = gettext(lang, "Nobody is their own manager.")
    elif wanted["manager_id"] not in (None, row.manager_id) and (ring := _ring(known, row.id, wanted["manager_id"])):
        errors["manager_id"] = people_rules.ring_sentence(lang, ring)
    if any(role not in known.roles for role in role_ids):
        errors["role_ids"] = gettext(lang, "There is no such role.")
    if errors:
        raise InputInvalid(errors)
    same = select(Member.name).where(Member.workspace_id == caller.workspace_id, Member.email == wanted["email"])
    if taken := db.scalar(same.where(Member.id != row.id)):
        raise Conflict(gettext(lang, "{name} has this address already.", name=taken))


def _ring(known: organisation.Organisation, member_id: str, manager_id: str) -> list[str]:
    """The names along the ring that this manager would close, if there is one, from the member upwards."""
    others = {each: known.directory.manager(each) for each in known.directory.members() if each != member_id}
    ring = next((ring for ring in people_rules.rings({member_id: manager_id, **others}) if member_id in ring), ())
    return [known.members[each] for each in ring]


def _keep_an_admin(db: Session, caller: Caller, member_id: str) -> None:
    query = select(Member.id).where(Member.workspace_id == caller.workspace_id, Member.admin, Member.active)
    others = query.where(Member.id != member_id, Member.person_id.is_not(None)).with_for_update()
    if not db.scalars(others).all():
        raise Conflict(gettext(caller.lang, "This is the last admin. Make somebody else an admin first."))
