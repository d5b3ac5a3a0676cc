"""Indexes where they are needed: a list that took long is noticed, and a job builds the index that makes it fast.

Nobody has to know in advance by which fields people will sort a million records, and no record pays for indexes that
nobody uses. On PostgreSQL the index is built while everybody goes on working.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Index, func, select, text
from sqlalchemy.exc import OperationalError

from formloom.platform.database import Database
from formloom.platform.definitions import published_in
from formloom.platform.models import ProjectionColumn
from formloom.platform.projections import tables
from formloom.platform.projections.layout import Place
from formloom.platform.runtime import Caller
from formloom.platform.services import jobs
from formloom.platform.services.jobs import Progress

SLOW_SECONDS = 0.03
MOST_INDEXES = 12
"""Of one form; every one of them makes saving slower."""
UNINDEXED = ("list", "json")


def ask_in_background(caller: Caller, form_key: str, places: Sequence[Place], seconds: float) -> None:
    """Note that a list sorted and filtered by these fields took so long; the first slow one asks for indexes."""
    wanted = {place.column.name: place for place in places if place.kind not in UNINDEXED}
    if seconds < SLOW_SECONDS or not wanted:
        return
    numbers = [int(name[1:]) for name in wanted]
    own = (ProjectionColumn.form_key == form_key, ProjectionColumn.table_key == "")
    missing = (*own, ProjectionColumn.column_number.in_(numbers), ProjectionColumn.indexed_at.is_(None))
    with caller.reading() as db:
        if db.scalars(select(ProjectionColumn.column_number).where(*missing).limit(1)).first() is None:
            return
    with caller.writing() as db:
        there = select(func.count()).select_from(ProjectionColumn).where(*own, ProjectionColumn.indexed_at.is_not(None))
        room = MOST_INDEXES - db.scalars(there).one()
        rows = db.scalars(select(ProjectionColumn).where(*missing).with_for_update()).all()
        for row in rows[: max(0, room)]:
            row.indexed_at = caller.now()
            arguments = {"form_key": form_key, "field": row.field_key}
            jobs.start(db, caller.system(), "index", arguments)


def build(caller: Caller, progress: Progress, form_key: str, field: str) -> dict[str, Any]:
    """The job: index the columns by which a field is found and sorted. One that is there already stays.

    Raises:
        NotFound: there is no such form any more.
    """
    database = caller.runtime.database
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        layout = tables.layout_in(db, database, published)
    place = layout.places.get(field) if layout is not None else None
    if place is None:
        return {"columns": []}
    columns = dict.fromkeys((place.sorted, place.found))
    for done, column in enumerate(columns):
        progress(done, len(columns))
        _create(database, column, whole=place.kind == "text" and column is place.found)
    return {"columns": [column.name for column in columns]}


def _create(database: Database, column: Column[Any], *, whole: bool) -> None:
    """Index a column. `whole`: it holds texts of any length, of which an ordered index of PostgreSQL takes 2,700 bytes and
    would let no longer one be saved; what is indexed there is their hash."""
    table = column.table
    name = f"ix_{table.name}_{column.name}_id"
    hashed = whole and not database.sqlite
    index = Index(name, column, postgresql_using="hash") if hashed else Index(name, column, table.c.id)
    table.indexes.discard(index)  # it belongs to the database, not to what a publish makes
    if database.sqlite:
        with database.defining() as connection:
            index.create(connection, checkfirst=True)
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            index.dialect_options["postgresql"]["concurrently"] = True
            index.create(connection, checkfirst=True)
        except OperationalError:  # a build that broke off leaves an index nobody uses
            connection.execute(text(f"DROP INDEX IF EXISTS {index.name}"))
            raise
