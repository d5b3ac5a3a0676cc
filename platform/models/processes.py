"""Running processes: the engine's state, the open and closed tasks, the events (facts), and the timers."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Id, InWorkspace, Owned, new_id, partly

OWN, PROCESS = ["workspace_id", "process_id"], ["process.workspace_id", "process.id"]


class Process(Owned, Base):
    """One run of a workflow over one record. `state` is the engine's JSON; `version` is checked in every UPDATE."""

    __tablename__ = "process"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "record_id"], ["record.workspace_id", "record.id"], ondelete="CASCADE"),
        Index(None, "record_id", "workspace_id"),
        Index(None, "initiator_id", "workspace_id", "started_at"),
        partly("ix_process_parent_id_workspace_id", "parent_id", "workspace_id", where="parent_id IS NOT NULL"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    record_id: Mapped[str] = mapped_column(Id)
    form_key: Mapped[str] = mapped_column(String(40))
    form_version: Mapped[int]
    workflow_version: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    initiator_id: Mapped[str] = mapped_column(Id)
    state: Mapped[dict[str, Any]]
    events: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None] = mapped_column(String(40))
    parent_id: Mapped[str | None] = mapped_column(Id)
    parent_request: Mapped[str | None] = mapped_column(String(80))
    last_round: Mapped[dict[str, Any] | None] = mapped_column()
    returned_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}


class Task(Owned, Base):
    """One person's work at one visit of a step. `id` is `<process id>:<engine's task id>`; closed ones stay.

    The key has the process, too: a process's tasks are found by it, without an index of their own.
    """

    __tablename__ = "task"
    __table_args__ = (
        ForeignKeyConstraint(OWN, PROCESS, ondelete="CASCADE"),
        Index(None, "member_id", "workspace_id", "status", "opened_at"),
        Index(None, "record_id", "workspace_id", "member_id"),
        partly("ix_task_closed_by", "closed_by", "workspace_id", "closed_at", where="closed_by IS NOT NULL"),
    )

    process_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    record_id: Mapped[str] = mapped_column(Id)
    form_key: Mapped[str] = mapped_column(String(40))
    step_id: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[str] = mapped_column(Id)
    status: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    urged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(Id)
    action: Mapped[str | None] = mapped_column(String(16))
    comment: Mapped[str | None] = mapped_column(Text)


class Events(Owned, Base):
    """What one command made happen in a process: the engine's events, in order, numbered from `number` on. Never changed."""

    __tablename__ = "event"
    __table_args__ = (ForeignKeyConstraint(OWN, PROCESS, ondelete="CASCADE"),)

    process_id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[list[Any]]
    at: Mapped[datetime]
    request_id: Mapped[str | None] = mapped_column(String(64))


class Timer(Owned, Base):
    """Something that falls due: swept, taken with a lease, fired once; late rather than lost."""

    __tablename__ = "timer"
    __table_args__ = (
        ForeignKeyConstraint(OWN, PROCESS, ondelete="CASCADE"),
        Index(None, "due_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    process_id: Mapped[str] = mapped_column(Id)
    key: Mapped[str] = mapped_column(String(120))
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))


class ProcessMove(Owned, Base):
    """The last move of a process to another version. It can be undone while the process has `events` events."""

    __tablename__ = "process_move"
    __table_args__ = (ForeignKeyConstraint(OWN, PROCESS, ondelete="CASCADE"),)

    process_id: Mapped[str] = mapped_column(Id, primary_key=True)
    form_version: Mapped[int]
    workflow_version: Mapped[int]
    events: Mapped[int]
    at: Mapped[datetime]


class Delegation(InWorkspace, Base):
    """From `starts_at` until `ends_at`, `delegate_id` may decide what `member_id` has to decide."""

    __tablename__ = "delegation"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "member_id"], ["member.workspace_id", "member.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["workspace_id", "delegate_id"], ["member.workspace_id", "member.id"], ondelete="CASCADE"),
        Index(None, "delegate_id", "workspace_id", "ends_at"),
        Index(None, "member_id", "workspace_id", "ends_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    member_id: Mapped[str] = mapped_column(Id)
    delegate_id: Mapped[str] = mapped_column(Id)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
