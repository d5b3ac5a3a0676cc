"""Everything of an installation in one file, and back: the rows of all tables and the uploaded files.

The rows are written as JSON from one consistent view of the database while it is in use, and are the same for SQLite and
PostgreSQL: restoring into the other one is how an installation grows up. Projections are not written, they are made
anew from the documents. What waited in the outbox is parked by a restore: it was perhaps sent since.
"""

import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, select, update

from formloom.platform import database, migrations, posting
from formloom.platform.errors import FormloomError
from formloom.platform.models import App, Form, Job, OutboxMessage, Timer, Workspace
from formloom.platform.models.base import UtcTime
from formloom.platform.runtime import Runtime, caller_for
from formloom.platform.services import rebuilding
from formloom.platform.transactions import UnboundSession

FORMAT = 1
BATCH = 500
MANIFEST = "formloom.json"
Tell = Callable[[str], None]


class BackupFailed(FormloomError):
    """The backup can't be written or read; the sentence says why."""


def backup(runtime: Runtime, target: Path) -> dict[str, int]:
    """Write everything to `target` (readable by its owner only); gives the number of rows by table, and of files.

    Raises:
        BackupFailed: the file exists already or can't be written.
        DatabaseUnfit: the tables are not up to date.
    """
    migrations.require_current(runtime.database)
    counts: dict[str, int] = {}
    try:
        target.touch(mode=0o600, exist_ok=False)
        with tarfile.open(target, "w:gz") as archive:
            manifest = {"format": FORMAT, "revision": migrations.head(), "at": runtime.clock().isoformat()}
            _add(archive, MANIFEST, json.dumps(manifest).encode())
            with runtime.database.snapshot() as db:
                for table in database.tables():
                    counts[table.name] = _write_table(db, archive, table)
            for path in runtime.files.all():
                counts["files"] = counts.get("files", 0) + 1
                _add(archive, f"files/{path}", runtime.files.content(path))
    except FileExistsError as error:
        raise BackupFailed(f"{target} exists already. Choose another file.") from error
    except OSError as error:
        raise BackupFailed(f"{target} can't be written: {error.strerror}.") from error
    return counts


def _write_table(db: UnboundSession, archive: tarfile.TarFile, table: Table) -> int:
    """The rows of a table, in parts, so that no part is larger than memory likes."""
    count = 0
    rows = db.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=BATCH)).mappings()
    for number, part in enumerate(rows.partitions(BATCH)):
        lines = [json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False) for row in part]
        _add(archive, f"tables/{table.name}/{number:06d}.jsonl", "\n".join(lines).encode())
        count += len(lines)
    return count


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def restore(runtime: Runtime, source: Path, tell: Tell) -> dict[str, int]:
    """Read a backup into an empty installation; gives the number of rows by table, and of files.

    Raises:
        BackupFailed: it is no backup, one of another version, or there is a workspace already.
    """
    migrations.upgrade(runtime.database)
    with runtime.reading() as db:
        if db.scalars(select(Workspace.id).limit(1)).first() is not None:
            raise BackupFailed("There is a workspace already. Restore into a new data folder or an empty database.")
    counts: dict[str, int] = {}
    try:
        with tarfile.open(source, "r:gz") as archive:
            _check(archive)
            with runtime.writing() as db:
                later: Later = []
                for kind, name, content in _parts(archive):
                    if kind == "tables":
                        counts[name] = counts.get(name, 0) + _read_table(db, name, content, later)
                    else:
                        counts["files"] = counts.get("files", 0) + 1
                        workspace, _, ident = name.split("/")
                        runtime.files.write(int(workspace), ident, content)
                for table, where, values in later:
                    db.execute(update(table).where(*where).values(**values))
                _calm_down(db)
                runtime.database.advance_sequences(db)
    except FileNotFoundError as error:
        raise BackupFailed(f"There is no file {source}.") from error
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise BackupFailed(f"{source} is no backup of Formloom, or is damaged ({error}).") from error
    while posting.post_some(runtime):  # mails that were still to be made are parked like those that were
        pass
    with runtime.writing() as db:
        _calm_down(db)
    _rebuild(runtime, tell)
    return counts


def _check(archive: tarfile.TarFile) -> None:
    first = archive.next()
    content = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
    if content is None:
        raise ValueError(f"no {MANIFEST}")
    manifest = json.load(content)
    if manifest.get("format") != FORMAT or manifest.get("revision") != migrations.head():
        raise BackupFailed("This backup was made by another version of Formloom. Restore it there, and upgrade then.")


Later = list[tuple[Table, list[ColumnElement[bool]], dict[str, Any]]]
"""References to rows that come later (heads, managers, parents): the table, which row, and the columns."""


def _parts(archive: tarfile.TarFile) -> Iterator[tuple[str, str, bytes]]:
    """Each part in the order in which it was written: the tables in that of their foreign keys, then the files."""
    for entry in archive:
        kind, _, rest = entry.name.partition("/")
        content = archive.extractfile(entry) if kind in ("tables", "files") else None
        if content is not None:
            yield kind, rest.partition("/")[0] if kind == "tables" else rest, content.read()


def _read_table(db: UnboundSession, name: str, content: bytes, later: Later) -> int:
    """Insert one part of a table; what points at rows that come later is kept back."""
    table = next(table for table in database.tables() if table.name == name)
    circular = _circular(table)
    rows = [_typed(table, json.loads(line)) for line in content.decode().split("\n")]
    for row in rows:
        kept_back = {key: row[key] for key in circular if row[key] is not None}
        if kept_back:
            later.append((table, [column == row[column.name] for column in table.primary_key], kept_back))
            row |= dict.fromkeys(kept_back)
    db.execute(table.insert(), rows)
    return len(rows)


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    times = {column.name for column in table.columns if isinstance(column.type, UtcTime)}
    return {key: datetime.fromisoformat(value) if key in times and value else value for key, value in row.items()}


def _circular(table: Table) -> set[str]:
    """Columns that point at the table itself, or at one whose rows come later. (Rows of a table lie in any order.)"""
    order = {other.name: number for number, other in enumerate(database.tables())}
    return {
        key.parent.name
        for constraint in table.foreign_key_constraints
        if order[constraint.referred_table.name] >= order[table.name]
        for key in constraint.elements
        if not key.parent.primary_key
    }


def _calm_down(db: UnboundSession) -> None:
    """Nothing is sent again, nobody holds a lease."""
    quiet: Mapping[str, Any] = {"lease_owner": None, "lease_until": None}
    options = {"synchronize_session": False}
    parked = {"status": "parked", "error": "Restored from a backup: it may have been delivered already."}
    db.execute(
        update(OutboxMessage).where(OutboxMessage.status == "waiting").values(**parked), execution_options=options
    )
    for model in (OutboxMessage, Timer, Job):
        db.execute(update(model).values(**quiet), execution_options=options)


def _rebuild(runtime: Runtime, tell: Tell) -> None:
    """Make the projections anew, those of deleted apps too: they may come back."""
    with runtime.writing() as db:
        deleted = {(app.workspace_id, app.key): app.deleted_at for app in db.scalars(select(App)) if app.deleted_at}
        db.execute(update(App).values(deleted_at=None), execution_options={"synchronize_session": False})
        forms = db.execute(select(Form.workspace_id, Form.key).where(Form.projected_version.is_not(None))).all()
    for workspace_id, key in forms:
        tell(f"Making the table of {key} …")
        rebuilding.rebuild(caller_for(runtime, workspace_id), lambda done, total=None: None, key)
    with runtime.writing() as db:
        for (workspace_id, key), at in deleted.items():
            db.get_one(App, (workspace_id, key)).deleted_at = at
