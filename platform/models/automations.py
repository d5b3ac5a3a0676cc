"""What automations did (the log, from which an admin tries again), and when the clock must look for the next."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Id, InWorkspace, new_id

APP = ["workspace_id", "app_key"], ["app.workspace_id", "app.key"]


class AutomationRun(InWorkspace, Base):
    """One run. `once` makes a run that a clock asks for unique; `state` and `events` are the engine's own.

    `status`: waiting (a worker begins it), open (it waits for the answer of another system), done, failed, or parked
    (held back by a limit). `document` is the automation as it was then.
    """

    __tablename__ = "automation_run"
    __table_args__ = (
        ForeignKeyConstraint(*APP, ondelete="CASCADE"),
        Index(None, "status", "due_at"),
        Index(None, "app_key", "workspace_id", "automation", "created_at"),
        Index(None, "once", "workspace_id", unique=True),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    once: Mapped[str | None] = mapped_column(String(240))
    app_key: Mapped[str] = mapped_column(String(40))
    automation: Mapped[str] = mapped_column(String(40))
    document: Mapped[dict[str, Any]]
    form_key: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[str | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(Id, default="")
    depth: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(8), default="waiting")
    state: Mapped[dict[str, Any] | None]
    events: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    request_id: Mapped[str | None] = mapped_column(String(64))


class AutomationClock(InWorkspace, Base):
    """When to look next for what an automation has due, and up to when was looked. Swept and leased like a timer."""

    __tablename__ = "automation_clock"
    __table_args__ = (
        ForeignKeyConstraint(*APP, ondelete="CASCADE"),
        Index(None, "due_at"),
        Index(None, "app_key", "workspace_id", "automation", unique=True),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    app_key: Mapped[str] = mapped_column(String(40))
    automation: Mapped[str] = mapped_column(String(40))
    looked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
