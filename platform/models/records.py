"""Records (their documents), what hangs on them, and what is typed but not yet submitted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Id, InWorkspace, new_id, partly


class Record(InWorkspace, Base):
    """One record: its document as saved under `form_version`. `version` is checked in every UPDATE."""

    __tablename__ = "record"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "form_key"], ["form.workspace_id", "form.key"]),
        Index(None, "form_key", "workspace_id", "id"),
        partly("ix_record_deleted_at", "deleted_at", where="deleted_at IS NOT NULL"),
        partly(
            "ix_record_submission_key_workspace_id",
            "submission_key",
            "workspace_id",
            where="submission_key IS NOT NULL",
            unique=True,
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    form_key: Mapped[str] = mapped_column(String(40))
    form_version: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    document: Mapped[dict[str, Any]]
    title: Mapped[str] = mapped_column(String(400), default="")
    status: Mapped[str | None] = mapped_column(String(16))
    submission_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id)
    updated_at: Mapped[datetime]
    updated_by: Mapped[str | None] = mapped_column(Id)
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[str | None] = mapped_column(Id)


class UniqueValue(InWorkspace, Base):
    """One value that a unique constraint of a form has taken; the primary key keeps it so under concurrency."""

    __tablename__ = "unique_value"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "record_id"], ["record.workspace_id", "record.id"], ondelete="CASCADE"),
        Index(None, "record_id", "workspace_id"),
    )

    form_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    constraint_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    folded: Mapped[str] = mapped_column(String(64), primary_key=True)
    record_id: Mapped[str] = mapped_column(Id)


class Counter(InWorkspace, Base):
    """The last number taken of a series: serial numbers of a form, say. Locked while a transaction takes one."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(160), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class Draft(InWorkspace, Base):
    """What one person has typed for one form, record or task, exactly as typed."""

    __tablename__ = "draft"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "member_id"], ["member.workspace_id", "member.id"], ondelete="CASCADE"),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    target: Mapped[str] = mapped_column(String(120), primary_key=True)
    form_key: Mapped[str] = mapped_column(String(40))
    typed: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class StoredFile(InWorkspace, Base):
    """An uploaded file. It has no address of its own: who may see its record and field may fetch it."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index(None, "record_id", "workspace_id"),
        partly("ix_stored_file_unsaved", "uploaded_at", where="record_id IS NULL"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[str | None] = mapped_column(Id)
    form_key: Mapped[str | None] = mapped_column(String(40))
    field_key: Mapped[str | None] = mapped_column(String(120))
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str | None] = mapped_column(Id)


class Comment(InWorkspace, Base):
    """A word in the discussion of a record."""

    __tablename__ = "comment"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "record_id"], ["record.workspace_id", "record.id"], ondelete="CASCADE"),
        Index(None, "record_id", "workspace_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    record_id: Mapped[str] = mapped_column(Id)
    member_id: Mapped[str] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
