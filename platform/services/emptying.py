"""What was deleted goes for good after 30 days: records with everything that hangs on them, and whole apps.

The sweep of a worker calls `empty`; it does a little each time, so that nobody waits for it.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from formloom.platform.models import App, Form, Record, StoredFile
from formloom.platform.projections import tables
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import audit
from formloom.platform.transactions import WorkspaceSession

KEPT = timedelta(days=30)
AT_ONCE = 200


def empty(runtime: Runtime) -> int:
    """Remove some of the records and apps that were deleted 30 days ago, in all workspaces. Gives how many records."""
    before = runtime.clock() - KEPT
    with runtime.reading() as db:
        old = select(Record.workspace_id, Record.id).where(Record.deleted_at < before).limit(AT_ONCE)
        apps = select(App.workspace_id, App.key).where(App.deleted_at < before).limit(1)
        records, app = db.execute(old).all(), db.execute(apps).first()
    by_workspace: dict[int, list[str]] = {}
    for workspace_id, record_id in records:
        by_workspace.setdefault(workspace_id, []).append(record_id)
    for workspace_id, ids in by_workspace.items():
        _remove(caller_for(runtime, workspace_id), ids)
    return len(records) + (_remove_app(caller_for(runtime, app[0]), app[1]) if app is not None else 0)


def _remove(caller: Caller, ids: Sequence[str]) -> None:
    """Records with their rows, files and processes; the audit trail stays."""
    with caller.writing() as db:
        files = _remove_in(db, caller, ids)
    for file_id in files:  # after the commit: a file without a row is harmless, a row without its file is not
        caller.runtime.files.delete(caller.workspace_id, file_id)


def _remove_in(db: WorkspaceSession, caller: Caller, ids: Sequence[str]) -> list[str]:
    forms = select(Record.form_key, Record.id).where(Record.id.in_(ids)).order_by(Record.form_key)
    by_form: dict[str, list[str]] = {}
    for form_key, record_id in db.execute(forms):
        by_form.setdefault(form_key, []).append(record_id)
    for form_key, of_form in by_form.items():
        tables.forget_records_in(db, form_key, of_form)
    files = list(db.scalars(select(StoredFile.id).where(StoredFile.record_id.in_(ids))))
    db.execute(delete(StoredFile).where(StoredFile.id.in_(files)))
    db.execute(delete(Record).where(Record.id.in_(ids)))
    for record_id in ids:
        audit.write(db, caller, "record.removed", f"record:{record_id}")
    return files


def _remove_app(caller: Caller, key: str) -> int:
    """Some records of a deleted app; when there are none left, its tables and the app itself."""
    of_app = select(Form.key).where(Form.app_key == key)
    with caller.reading() as db:
        ids = list(db.scalars(select(Record.id).where(Record.form_key.in_(of_app)).limit(AT_ONCE)))
    if ids:
        _remove(caller, ids)
        return len(ids)
    with caller.writing() as db:
        app = db.get(App, (caller.workspace_id, key), with_for_update=True)
        if app is not None and app.deleted_at is not None:
            caller.runtime.database.limit_lock_wait(db)
            for number in db.scalars(select(Form.number).where(Form.app_key == key)).all():
                tables.drop_in(db, number)
            db.execute(delete(App).where(App.key == key))
            audit.write(db, caller, "app.removed", f"app:{key}")
    return 0
