"""Making a projection anew from the documents, which are the truth: in the background, in batches, with progress."""

from typing import Any

from sqlalchemy import func, select

from formloom.platform.definitions import PublishedForm, published_in
from formloom.platform.models import Record
from formloom.platform.projections import rows, tables
from formloom.platform.projections.layout import Layout
from formloom.platform.records.reading import document_in
from formloom.platform.runtime import Caller
from formloom.platform.services.jobs import Progress
from formloom.platform.transactions import WorkspaceSession

BATCH = 500


def rebuild(caller: Caller, progress: Progress, form_key: str) -> dict[str, Any]:
    """The job: write every row of a form's projection again, a batch a transaction. It may begin anew at any time.

    Raises:
        NotFound: there is no such form.
    """
    with caller.writing() as db:
        published = published_in(db, caller, form_key)
        tables.project_in(db, caller.runtime.database, form_key, published.version, published.form)
        total = db.scalars(select(func.count()).select_from(Record).where(Record.form_key == form_key)).one()
    done, last = 0, ""
    progress(0, total)
    while True:
        with caller.writing() as db:
            published = published_in(db, caller, form_key)
            layout = tables.ensure_in(db, caller.runtime.database, published)
            batch = _batch(db, form_key, last)
            _write(db, caller, published, layout, batch)
        if not batch:
            return {"records": done}
        done, last = done + len(batch), batch[-1].id
        progress(done, total)


def rebuild_in(db: WorkspaceSession, caller: Caller, form_key: str) -> None:
    """The same in the caller's own transaction, for a form of few records."""
    published = published_in(db, caller, form_key)
    layout = tables.ensure_in(db, caller.runtime.database, published)
    batch = list(db.scalars(select(Record).where(Record.form_key == form_key)))
    _write(db, caller, published, layout, batch)


def _batch(db: WorkspaceSession, form_key: str, last: str) -> list[Record]:
    query = select(Record).where(Record.form_key == form_key, Record.id > last).order_by(Record.id)
    return list(db.scalars(query.limit(BATCH).with_for_update()))


def _write(db: WorkspaceSession, caller: Caller, published: PublishedForm, layout: Layout, batch: list[Record]) -> None:
    """Replace the rows of these records, which stay locked meanwhile, so that no change of them is overtaken."""
    if batch:
        rows.remove_in(db, layout, [record.id for record in batch])
    for record in batch:
        document = document_in(db, caller.runtime.database, published, record)
        rows.write_in(db, layout, record, document, new=True)
