"""What is still to be done (outbox, jobs), what people are told, and what was done (audit)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Id, InWorkspace, Owned, new_id, partly


class OutboxMessage(InWorkspace, Base):
    """Something that leaves the process: a mail, a webhook. Delivered at least once, with `id` as its idempotency key.

    `status` is waiting, done or parked (kept failing; an admin sees it and can retry).
    """

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "status", "due_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(8), default="waiting")
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    request_id: Mapped[str | None] = mapped_column(String(64))


class Job(InWorkspace, Base):
    """Long work with progress (rebuild, import, replay): survives a reload and a crash, can be cancelled."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "status", "due_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(24))
    arguments: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(12), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id)


class Notification(Owned, Base):
    """A line in a member's bell. What it is about is written in the same transaction, so that nobody is told twice.

    The key has the member, too, and ids are in order of time: a bell is read by it, without an index of its own.

    `mail_due_at` is set until a worker has made its mail (posting.py).
    """

    __tablename__ = "notification"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "member_id"], ["member.workspace_id", "member.id"], ondelete="CASCADE"),
        partly("ix_notification_mail_due_at", "mail_due_at", where="mail_due_at IS NOT NULL"),
        partly("ix_notification_unread", "member_id", "workspace_id", "read_at", where="read_at IS NULL"),
        partly("ix_notification_notice", "member_id", "workspace_id", "kind", "created_at", where="kind = 'notice'"),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(24))
    process_id: Mapped[str | None] = mapped_column(Id)
    data: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mail_due_at: Mapped[datetime | None]
    request_id: Mapped[str | None] = mapped_column(String(64))


class AuditEntry(InWorkspace, Base):
    """Append-only: who did what, as whom, from what to what, by which request and address."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject", "workspace_id", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    at: Mapped[datetime]
    member_id: Mapped[str | None] = mapped_column(Id)
    as_member_id: Mapped[str | None] = mapped_column(Id)
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(160))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    request_id: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(64))
