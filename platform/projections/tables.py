"""Making projection tables and widening them: what is allotted stays so, and a publish only adds."""

from collections.abc import Sequence
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import Connection, Table, select
from sqlalchemy.schema import CreateColumn

from formloom.form_engine.form import Form
from formloom.platform.database import Database
from formloom.platform.models import Form as FormRow
from formloom.platform.models import ProjectionColumn
from formloom.platform.projections.layout import Layout, build, kind_of, projected_fields
from formloom.platform.transactions import WorkspaceSession

WIDTH = 120
"""Fields of one table: with three columns for each text, a row still fits into a page of PostgreSQL."""

LAYOUTS = "layouts"


class Projectable(Protocol):
    """A published form, as far as its projection goes; `definitions.PublishedForm` is one."""

    key: str
    number: int
    version: int
    form: Form
    projected_version: int | None


def layout_in(db: WorkspaceSession, database: Database, published: Projectable) -> Layout | None:
    """The projection of a published form; None while no record has needed one.

    Kept in memory by the form's number and version: neither is ever given to anything else.
    """
    kept = database.kept[LAYOUTS]
    known = kept.get((published.number, published.version))
    if known is not None:
        return known
    made = db.memo.get(("layout", published.number, published.version))
    if made is not None:  # in this transaction, and it may yet be undone
        layout: Layout = made
        return layout
    if published.projected_version is None or published.projected_version < published.version:
        return None
    layout = build(published.number, published.form, published.version, _allotted(db, published.key))
    kept[published.number, published.version] = layout
    return layout


def ensure_in(db: WorkspaceSession, database: Database, published: Projectable) -> Layout:
    """The projection of a published form, made or widened in this transaction where there is none yet."""
    known = layout_in(db, database, published)
    return known or project_in(db, database, published.key, published.version, published.form)


def project_in(db: WorkspaceSession, database: Database, form_key: str, version: int, form: Form) -> Layout:
    """Allot columns to the fields of `form` that have none, make the tables and columns, and say so in the form's row.

    Raises:
        sqlalchemy.exc.OperationalError: on PostgreSQL, the table was in use for more than two seconds.
    """
    query = select(FormRow).where(FormRow.key == form_key).with_for_update().execution_options(populate_existing=True)
    row = db.scalars(query).one()
    _allot(db, form_key, form)
    layout = build(row.number, form, version, _allotted(db, form_key))
    database.limit_lock_wait(db)
    for group in layout.groups:
        for table in group.tables:
            _make(db.connection(), table)
    row.projected_version = max(version, row.projected_version or 0)
    db.flush()
    db.memo["layout", row.number, version] = layout
    return layout


def drop_in(db: WorkspaceSession, form_number: int) -> None:
    """Drop every projection table of a form: it is deleted for good, or about to be made anew."""
    connection = db.connection()
    prefix = f"p_{form_number}"
    for name in sa.inspect(connection).get_table_names():
        if name == prefix or name.startswith(f"{prefix}_"):
            Table(name, sa.MetaData()).drop(connection)


def forget_records_in(db: WorkspaceSession, form_key: str, ids: Sequence[str]) -> None:
    """Remove the rows of records from every table of a form, whichever version they are of."""
    row = db.get_one(FormRow, (db.workspace_id, form_key))
    if row.projected_version is None:
        return
    numbers = select(ProjectionColumn.table_number, ProjectionColumn.table_key).where(
        ProjectionColumn.form_key == form_key
    )
    for number, group in {(0, ""), *((number, key) for number, key in db.execute(numbers.distinct()))}:
        name = f"p_{row.number}_{number}" if number else f"p_{row.number}"
        owner = "record_id" if group else "id"
        table = Table(name, sa.MetaData(), sa.Column("workspace_id", sa.Integer), sa.Column(owner, sa.String))
        db.execute(table.delete().where(table.c.workspace_id == db.workspace_id, table.c[owner].in_(ids)))


def _allotted(db: WorkspaceSession, form_key: str) -> list[ProjectionColumn]:
    query = select(ProjectionColumn).where(ProjectionColumn.form_key == form_key)
    return list(db.scalars(query.order_by(ProjectionColumn.table_number, ProjectionColumn.column_number)))


def _allot(db: WorkspaceSession, form_key: str, form: Form) -> None:
    """Give each projected field of `form` a column of its kind; one that changed its kind gets another."""
    known = _allotted(db, form_key)
    live = {(entry.table_key, entry.field_key): entry for entry in known if entry.live}
    used: dict[int, int] = {}
    tables: dict[str, int] = {"": 0}
    last = max((entry.column_number for entry in known), default=0)
    for entry in known:
        used[entry.table_number] = used.get(entry.table_number, 0) + 1
        tables[entry.table_key] = max(tables.get(entry.table_key, 0), entry.table_number)
    for group, (_, fields) in projected_fields(form).items():
        for path, field in fields.items():
            kind = kind_of(field)
            before = live.get((group, path))
            if before is not None and before.kind == kind:
                continue
            if before is not None:
                before.live = False
            if group not in tables or used.get(tables[group], 0) >= WIDTH:
                tables[group] = max(tables.values()) + 1
            last += 1
            used[tables[group]] = used.get(tables[group], 0) + 1
            entry = ProjectionColumn(workspace_id=db.workspace_id, form_key=form_key, column_number=last, kind=kind)
            entry.table_number, entry.table_key, entry.field_key, entry.live = tables[group], group, path, True
            db.add(entry)
    db.flush()


def _make(connection: Connection, table: Table) -> None:
    """Make the table, or add to it the columns and indexes that it lacks."""
    inspector = sa.inspect(connection)
    if not inspector.has_table(table.name):
        table.create(connection)
        return
    there = {column["name"] for column in inspector.get_columns(table.name)}
    quoted = connection.dialect.identifier_preparer.quote(table.name)
    for column in table.columns:
        if column.name not in there:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {definition}")
    indexed = {index["name"] for index in inspector.get_indexes(table.name)}
    for index in table.indexes:
        if index.name not in indexed:
            index.create(connection)
