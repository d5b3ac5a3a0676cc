"""Who is who in a workspace, read once for each change of it.

Workflows ask for heads, managers and roles at every step, pages for names in every cell. So the whole organisation is
kept in memory under `Workspace.people_version`: `changed` raises that number in the transaction that changes a person,
and the next reader of any process, seeing another number, reads anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from formloom.platform.models import (
    Department,
    Form,
    Member,
    MemberRole,
    Person,
    Record,
    Role,
    StoredFile,
    WorkflowVersion,
    Workspace,
)
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine.directory import PeopleDirectory

CHANGED = "people changed"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A workspace's people at one version: as the document of formats.md section 5, and as what the engine asks.

    `mailboxes` has the active members who have an account: its address, and the language they chose.
    """

    version: int
    document: Mapping[str, Any]
    directory: PeopleDirectory
    members: Mapping[str, str]
    addresses: Mapping[str, str]
    mailboxes: Mapping[str, tuple[str, str | None]]
    departments: Mapping[str, tuple[str, Mapping[str, str]]]
    roles: Mapping[str, tuple[str, Mapping[str, str]]]


def changed(db: Session, workspace_id: int) -> None:
    """Say, in the transaction that does it, that the workspace, its people, departments or roles change."""
    place = update(Workspace).where(Workspace.id == workspace_id).execution_options(synchronize_session=False)
    db.execute(place.values(people_version=Workspace.people_version + 1))
    db.info[CHANGED] = True


def organisation(db: WorkspaceSession, caller: Caller) -> Organisation:
    """The caller's organisation as it is now; one small query unless something changed."""
    version = db.place.people_version
    if CHANGED in db.info:  # not committed yet: of no use to others, and wrong once rolled back
        return _load(db, caller.workspace_id, version)
    kept: dict[int, Organisation] = caller.runtime.database.kept["organisations"]
    known = kept.get(caller.workspace_id)
    if known is None or known.version != version:
        known = kept[caller.workspace_id] = _load(db, caller.workspace_id, version)
    return known


def next_position(db: Session, model: Any, workspace_id: int) -> int:
    """Where a new member, department or role stands in the workspace's order: last."""
    return (db.scalar(select(func.max(model.position)).where(model.workspace_id == workspace_id)) or 0) + 1


def named_by(db: Session, workspace_id: int, kind: str, ident: str) -> list[str]:
    """Titles of the forms whose workflow in use names the role, member or department (`kind`) `ident`."""
    query = select(Form.title, WorkflowVersion.document).join(
        WorkflowVersion,
        and_(
            WorkflowVersion.workspace_id == Form.workspace_id,
            WorkflowVersion.form_key == Form.key,
            WorkflowVersion.version == Form.workflow_version,
        ),
    )
    found = db.execute(query.where(Form.workspace_id == workspace_id)).all()
    return [title for title, document in found if _names(document, kind, ident)]


def _names(node: Any, kind: str, ident: str) -> bool:
    if isinstance(node, Mapping):
        return node.get(kind) == ident or any(_names(value, kind, ident) for value in node.values())
    return isinstance(node, list) and any(_names(value, kind, ident) for value in node)


def _load(db: Session, workspace_id: int, version: int) -> Organisation:
    def _rows(model: Any) -> list[Any]:
        return list(
            db.scalars(select(model).where(model.workspace_id == workspace_id).order_by(model.position, model.id))
        )

    departments, roles, members = _rows(Department), _rows(Role), _rows(Member)
    held: dict[str, list[str]] = {}
    of_workspace = select(MemberRole.member_id, MemberRole.role_id).where(MemberRole.workspace_id == workspace_id)
    for member_id, role_id in db.execute(of_workspace.order_by(MemberRole.member_id, MemberRole.role_id)):
        held.setdefault(member_id, []).append(role_id)
    document = {
        "departments": [{"id": d.id, "name": d.name, "parent": d.parent_id, "head": d.head_id} for d in departments],
        "roles": [{"id": role.id, "name": role.name} for role in roles],
        "members": [_member(member, held.get(member.id, [])) for member in members],
    }
    return Organisation(
        version=version,
        document=document,
        directory=PeopleDirectory.from_json(document),
        members={member.id: member.name for member in members},
        addresses={member.id: member.email for member in members if member.active},
        mailboxes=_mailboxes(db, workspace_id),
        departments={d.id: (d.name, d.translations or {}) for d in departments},
        roles={role.id: (role.name, role.translations or {}) for role in roles},
    )


def _mailboxes(db: Session, workspace_id: int) -> dict[str, tuple[str, str | None]]:
    query = select(Member.id, Person.email, Person.language).join(Person, Person.id == Member.person_id)
    rows = db.execute(query.where(Member.workspace_id == workspace_id, Member.active, Person.active))
    return {ident: (email, language) for ident, email, language in rows}


def _member(member: Member, roles: list[str]) -> dict[str, Any]:
    document = {"id": member.id, "name": member.name, "email": member.email, "roles": roles}
    optional = {"department": member.department_id, "manager": member.manager_id, "admin": member.admin or None}
    document |= {key: value for key, value in optional.items() if value is not None}
    return document if member.active else document | {"active": False}


@dataclass(slots=True)
class WorkspaceNames:
    """What ids are called (the engines' `Names`), in one language. An id that is nobody's is called by itself.

    Titles of records and names of files are asked for when first needed; `learn` asks for many at once.
    """

    caller: Caller
    organisation: Organisation
    db: Session | None = None
    _titles: dict[str, str] = field(default_factory=dict)
    _files: dict[str, str] = field(default_factory=dict)

    def member(self, ident: str) -> str:
        """The name of a member."""
        return self.organisation.members.get(ident, ident)

    def department(self, ident: str) -> str:
        """The name of a department, in the reader's language where it has one."""
        return self._translated(self.organisation.departments, ident)

    def role(self, ident: str) -> str:
        """The name of a role, in the reader's language where it has one."""
        return self._translated(self.organisation.roles, ident)

    def record(self, form: str, ident: str) -> str:
        """The title of a record."""
        if ident not in self._titles:
            self.learn(records=[ident])
        return self._titles.get(ident) or ident

    def file(self, ident: str) -> str:
        """The name under which a file was uploaded."""
        if ident not in self._files:
            self.learn(files=[ident])
        return self._files.get(ident) or ident

    def learn(self, *, records: Iterable[str] = (), files: Iterable[str] = ()) -> None:
        """Ask for the titles of `records` and the names of `files` in one query each."""
        for model, shown, idents, known in (
            (Record, Record.title, records, self._titles),
            (StoredFile, StoredFile.name, files, self._files),
        ):
            unknown = {ident for ident in idents if ident not in known}
            if not unknown:
                continue
            known |= dict.fromkeys(unknown, "")
            query = select(model.id, shown).where(model.id.in_(unknown), model.workspace_id == self.caller.workspace_id)
            if self.db is not None:
                known |= dict(self.db.execute(query).all())
                continue
            with self.caller.reading() as db:
                known |= dict(db.execute(query).all())

    def _translated(self, names: Mapping[str, tuple[str, Mapping[str, str]]], ident: str) -> str:
        name, translations = names.get(ident, (ident, {}))
        return translations.get(self.caller.lang, name)
