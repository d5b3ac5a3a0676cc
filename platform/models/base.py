"""What every table shares: the naming convention, text ids, UTC times and the leading workspace."""

from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, ClassVar

import uuid_utils
from sqlalchemy import (
    JSON,
    ColumnDefault,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# JSON, not JSONB, on PostgreSQL too: the order of the keys of a form is the order of its fields.
Json = JSON(none_as_null=True)
Id = String(40)


def new_id() -> str:
    """A UUIDv7 as text: ordered by time, made without asking the database."""
    return str(uuid_utils.uuid7())


def id_at(at: datetime) -> str:
    """A UUIDv7 as of `at`, so that what was made then sorts there."""
    return str(uuid_utils.uuid7(nanoseconds=int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000))


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC. SQLite keeps no offset, so it is put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """For SQLite the text that its own type makes of a time, in a quarter of the time."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """From SQLite's text in one step."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same instant in UTC; a time without a zone is a mistake of ours."""
        return None if value is None else _utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The stored instant, aware, in UTC."""
        return None if value is None else _utc(value)


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def _utc(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("a time without a zone can't be stored")
    return value.astimezone(UTC)


@lru_cache(maxsize=256)
def _as_text(value: datetime | None) -> str | None:
    """One transaction writes the same moment a dozen times."""
    return None if value is None else _utc(value).isoformat(" ", "microseconds")[:26]


class Base(DeclarativeBase):
    """All tables of Formloom but the projections, which are made at run time."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {dict[str, Any]: Json, list[Any]: Json, datetime: UtcTime}


def table_of(model: type[Base]) -> Table:
    """The table of a mapped class."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


@cache
def defaults_of(model: type[Base]) -> dict[str, Any]:
    """By column: its plain default, None for one that has none. A default that is worked out is the maker's to set."""
    return {
        column.key: column.default.arg if isinstance(column.default, ColumnDefault) else None
        for column in table_of(model).columns
        if column.default is None or not column.default.is_callable
    }


@cache
def keys_of(model: type[Base]) -> tuple[str, ...]:
    """The attributes of a mapped class that hold its table's columns, in the table's order."""
    return tuple(column.key for column in table_of(model).columns)


@cache
def primary_keys_of(model: type[Base]) -> tuple[str, ...]:
    """The attributes of a mapped class that hold its table's primary key."""
    return tuple(column.key for column in table_of(model).primary_key)


def partly(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over only those rows for which a condition holds. A query must say it in the same words, without parameters;
    the column that it is about is one of those indexed, so that SQLite takes this index rather than a longer one."""
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


class InWorkspace:
    """A row of one workspace: `workspace_id` leads its primary key, so that no row can point into another workspace."""

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspace.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )


class Owned(InWorkspace):
    """A row that goes with another one of its workspace, so that it needs no foreign key to the workspace of its own.

    Each of those locks the workspace's row for every row that is written, on PostgreSQL.
    """

    workspace_id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
