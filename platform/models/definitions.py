"""Installed apps, and the versions of their forms and workflows. A published version never changes."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Id, InWorkspace, Json


class App(InWorkspace, Base):
    """An installed app; `document` is its app.json. `revision` is raised with every change: it is cached by it.

    A deleted app (`deleted_at`) is kept for a time and can be brought back.
    """

    __tablename__ = "app"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    document: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    template: Mapped[str | None] = mapped_column(String(40))
    template_version: Mapped[str | None] = mapped_column(String(40))
    installed_at: Mapped[datetime]
    installed_by: Mapped[str | None] = mapped_column(Id)
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[str | None] = mapped_column(Id)


class Form(InWorkspace, Base):
    """A form of an app. Form keys are unique in the workspace. `number` names its projection; it is never reused.

    `projected_version` is the version that its projection has columns for; None until there is one.
    """

    __tablename__ = "form"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "app_key"], ["app.workspace_id", "app.key"], ondelete="CASCADE"),
        UniqueConstraint("number"),
    )

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int]
    app_key: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(400))
    published_version: Mapped[int | None]
    workflow_version: Mapped[int | None]
    projected_version: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)


class ProjectionNumber(Base):
    """Where the numbers of forms come from: one sequence over all workspaces, which never gives a number twice."""

    __tablename__ = "projection_number"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    taken_at: Mapped[datetime]


class FormVersion(InWorkspace, Base):
    """One version of a form's document. Version 0 is the draft; published ones count from 1 and never change."""

    __tablename__ = "form_version"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "form_key"], ["form.workspace_id", "form.key"], ondelete="CASCADE"),
    )

    form_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id)


class WorkflowVersion(InWorkspace, Base):
    """One version of the workflow of a form. Version 0 is the draft; published ones count from 1."""

    __tablename__ = "workflow_version"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "form_key"], ["form.workspace_id", "form.key"], ondelete="CASCADE"),
    )

    form_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id)


class Part(InWorkspace, Base):
    """Any other document of an app package (views/, dashboards/, automations/, locales/, sample/), as it came."""

    __tablename__ = "part"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "app_key"], ["app.workspace_id", "app.key"], ondelete="CASCADE"),
    )

    app_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    document: Mapped[Any] = mapped_column(Json)


class ProjectionColumn(InWorkspace, Base):
    """Which column of which projection table holds which field. A column is allotted once and never reused.

    `indexed_at` says when an index on it was asked for, because a list that was sorted or filtered by it was slow.
    """

    __tablename__ = "projection_column"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "form_key"], ["form.workspace_id", "form.key"], ondelete="CASCADE"),
    )

    form_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    table_number: Mapped[int] = mapped_column(primary_key=True)
    column_number: Mapped[int] = mapped_column(primary_key=True)
    table_key: Mapped[str] = mapped_column(String(120), default="")
    field_key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    live: Mapped[bool] = mapped_column(default=True)
    indexed_at: Mapped[datetime | None]
