"""Where each field of a form stands: table, column, and what is looked at to find it and to sort by it.

Tables are named by the form's number (`p_12`; `p_12_1` for the first further table), columns `f1, f2, …` as allotted in
`projection_column`: never reused, never derived from keys. Text has three columns: as it is, folded for finding
(`f1k`), and its sort key (`f1s`). A form of very many fields has several tables side by side, because a row of
PostgreSQL must fit into a page.

A form is of one workspace, and so is every row of its tables. No index but the primary key names the workspace: one that
begins with it is what SQLite would read whole tables by, row after row out of order (measured: three times as slow).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, String, Table, Time

from formloom.form_engine.form import Field, Form
from formloom.platform.database import ExactNumber, bytewise
from formloom.platform.models import ProjectionColumn
from formloom.platform.models.base import UtcTime

Kind = Literal["text", "key", "reference", "list", "decimal", "integer", "date", "time", "datetime", "boolean", "json"]
TYPES: Mapping[str, Any] = {
    "decimal": ExactNumber,
    "integer": BigInteger,
    "date": Date,
    "time": Time,
    "datetime": UtcTime,
    "boolean": Boolean,
}


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a field stands. `column` holds its value, `found` is what filters look at, `sorted` what order is made by.

    `keys` leads to its value from the record, or from the row of its sub-table.
    """

    field: Field
    keys: tuple[str, ...]
    kind: Kind
    column: Column[Any]
    found: Column[Any]
    sorted: Column[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The tables that hold the fields of the form (`key` is "") or of one of its sub-tables (its path)."""

    key: str
    keys: tuple[str, ...]
    tables: tuple[Table, ...]
    places: Mapping[str, Place]

    @property
    def main(self) -> Table:
        """The table that every row stands in."""
        return self.tables[0]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The projection of one published version of a form. `rows` has a group for each sub-table."""

    form: Form
    version: int
    own: Group
    rows: Mapping[str, Group]

    @property
    def main(self) -> Table:
        """The table that every record of the form stands in."""
        return self.own.main

    @property
    def groups(self) -> tuple[Group, ...]:
        """The form's own group and those of its sub-tables."""
        return (self.own, *self.rows.values())

    @property
    def places(self) -> Mapping[str, Place]:
        """The fields of the record itself (not those of its sub-tables) by path."""
        return self.own.places


def kind_of(field: Field) -> Kind | None:
    """What kind of column a field has; None for one that has none."""
    column = field.type.column
    if column is None or field.type.live_by(field.settings):
        return None
    if field.several:
        return "list"
    if column != "text":
        return column
    return {"text": "text", "reference": "reference"}.get(field.logic.kind, "key")  # type: ignore[return-value]


def projected_fields(form: Form) -> dict[str, tuple[tuple[str, ...], dict[str, Field]]]:
    """By group ("" is the form itself, else the path of a sub-table): its keys, and its projected fields by path."""
    groups: dict[str, tuple[tuple[str, ...], dict[str, Field]]] = {"": ((), {})}

    def _gather(fields: Iterable[Field], group: str) -> None:
        for field in fields:
            if field.logic.kind == "table":
                groups[field.path] = (field.keys, {})
                _gather(field.columns.values(), field.path)
            elif field.logic.kind == "group":
                _gather(field.columns.values(), group)
            elif kind_of(field) is not None:
                groups[group][1][field.path] = field

    _gather(form.fields.values(), "")
    return groups


def build(number: int, form: Form, version: int, allotted: Sequence[ProjectionColumn]) -> Layout:
    """The layout of `form` on the columns that are allotted to its fields; every projected field must have one."""
    live = {(entry.table_key, entry.field_key): entry for entry in allotted if entry.live}
    groups = {
        key: _group(number, key, keys, fields, [live[key, path] for path in fields], _first_table(key, allotted))
        for key, (keys, fields) in projected_fields(form).items()
    }
    return Layout(form, version, groups.pop(""), groups)


def _first_table(group: str, allotted: Sequence[ProjectionColumn]) -> int | None:
    """The number of the table of a sub-table; None where it has no columns and so no table."""
    return (
        0 if group == "" else min((entry.table_number for entry in allotted if entry.table_key == group), default=None)
    )


def _group(
    number: int,
    key: str,
    keys: tuple[str, ...],
    fields: Mapping[str, Field],
    allotted: Sequence[ProjectionColumn],
    first: int | None,
) -> Group:
    metadata = MetaData()
    by_table: dict[int, list[Column[Any]]] = {} if first is None else {first: []}
    places: dict[str, Place] = {}
    for entry in allotted:
        field = fields[entry.field_key]
        place = _place(field, field.keys[len(keys) :], entry)
        places[entry.field_key] = place
        wanted = dict.fromkeys((place.column, place.found, place.sorted))
        by_table.setdefault(entry.table_number, []).extend(wanted)
    tables = tuple(
        _table(metadata, number, table_number, columns, of_form=key == "", main=table_number == first)
        for table_number, columns in sorted(by_table.items())
    )
    for place in places.values():
        if place.kind == "reference":
            Index(f"ix_{place.column.table.name}_{place.column.name}", place.column)
    return Group(key, keys, tables, places)


def _place(field: Field, keys: tuple[str, ...], entry: ProjectionColumn) -> Place:
    name = f"f{entry.column_number}"
    if entry.kind == "text":
        return Place(field, keys, "text", _text(name), _text(f"{name}k"), _text(f"{name}s"))
    column: Column[Any] = Column(name, TYPES[entry.kind]()) if entry.kind in TYPES else _text(name)
    return Place(field, keys, entry.kind, column, column, column)  # type: ignore[arg-type]


def _text(name: str) -> Column[Any]:
    return Column(name, bytewise())


def _table(
    metadata: MetaData, number: int, table_number: int, columns: Sequence[Column[Any]], *, of_form: bool, main: bool
) -> Table:
    name = f"p_{number}_{table_number}" if table_number else f"p_{number}"
    own = Column("workspace_id", Integer, primary_key=True, autoincrement=False)
    if not of_form:
        keys = [Column("record_id", String(40), primary_key=True), Column("row_id", String(40), primary_key=True)]
        return Table(name, metadata, own, *keys, *([Column("position", Integer)] if main else []), *columns)
    if not main:
        return Table(name, metadata, own, Column("id", String(40), primary_key=True), *columns)
    table = Table(name, metadata, own, Column("id", String(40), primary_key=True), *_system_columns(), *columns)
    Index(f"ix_{name}_created_by", table.c.created_by, table.c.id)
    Index(f"ix_{name}_title_s", table.c.title_s)
    return table


def _system_columns() -> list[Column[Any]]:
    return [
        Column("status", String(16)),
        Column("created_at", UtcTime),
        Column("created_by", String(40)),
        Column("updated_at", UtcTime),
        Column("updated_by", String(40)),
        Column("deleted_at", UtcTime),
        Column("title_s", bytewise()),
        Column("search", bytewise()),
    ]
