"""Workspaces, and who is in them: a person is one row everywhere; a member is that person in one workspace."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Id, InWorkspace, new_id


class Workspace(Base):
    """One company or team. `zone` is the IANA zone that dates and business time are reckoned in.

    `country` names its public holidays, `hours` its working hours (`[["09:00", "12:00"], …]`; None: the usual ones).
    `people_version` is raised with every change of it, or of a member, department or role: what is kept of them goes by it.
    """

    __tablename__ = "workspace"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    language: Mapped[str] = mapped_column(String(16), default="en")
    country: Mapped[str | None] = mapped_column(String(2))
    hours: Mapped[list[Any] | None] = mapped_column()
    demo: Mapped[bool] = mapped_column(default=False)
    people_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Person(Base):
    """An account, in workspaces through `member`. Raising `session_epoch` ends all sessions."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(16))
    zone: Mapped[str | None] = mapped_column(String(64))
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    session_epoch: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Department(InWorkspace, Base):
    """A node of the department tree; `head_id` is its head, a member."""

    __tablename__ = "department"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "parent_id"], ["department.workspace_id", "department.id"]),
        ForeignKeyConstraint(["workspace_id", "head_id"], ["member.workspace_id", "member.id"], use_alter=True),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    translations: Mapped[dict[str, Any] | None] = mapped_column()
    parent_id: Mapped[str | None] = mapped_column(Id)
    head_id: Mapped[str | None] = mapped_column(Id)
    position: Mapped[int] = mapped_column(default=0)


class Role(InWorkspace, Base):
    """A role such as Finance; workflows and permissions name it by its id."""

    __tablename__ = "role"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    translations: Mapped[dict[str, Any] | None] = mapped_column()
    position: Mapped[int] = mapped_column(default=0)


class Member(InWorkspace, Base):
    """A person in a workspace. Deactivated, never deleted: history points here."""

    __tablename__ = "member"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "department_id"], ["department.workspace_id", "department.id"]),
        ForeignKeyConstraint(["workspace_id", "manager_id"], ["member.workspace_id", "member.id"]),
        Index(None, "person_id", "workspace_id", unique=True),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    department_id: Mapped[str | None] = mapped_column(Id)
    manager_id: Mapped[str | None] = mapped_column(Id)
    admin: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[datetime]


class MemberRole(InWorkspace, Base):
    """Who holds which role."""

    __tablename__ = "member_role"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "member_id"], ["member.workspace_id", "member.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["workspace_id", "role_id"], ["role.workspace_id", "role.id"], ondelete="CASCADE"),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    role_id: Mapped[str] = mapped_column(Id, primary_key=True)


class Ticket(Base):
    """A link that was mailed: an invitation or a password reset. Only the hash of its token is kept; used once."""

    __tablename__ = "ticket"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"))
    member_id: Mapped[str | None] = mapped_column(Id)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(InWorkspace, Base):
    """A bearer token of one member for the REST API; only its hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "member_id"], ["member.workspace_id", "member.id"], ondelete="CASCADE"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    member_id: Mapped[str] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
