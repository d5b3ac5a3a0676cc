"""Uploaded files. A file has no address of its own: every download asks for the record it hangs on and for the field.

What was uploaded and not yet saved with a record belongs to whoever uploaded it, and is removed after a day.
"""

import hashlib
import mimetypes
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import IO

from sqlalchemy import delete, select

from formloom.form_engine.form import Form
from formloom.platform.definitions import published_in
from formloom.platform.errors import InputInvalid, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Record, StoredFile, new_id
from formloom.platform.runtime import Caller, Runtime
from formloom.platform.services import records

KEPT_UNSAVED = timedelta(days=1)
NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class FileRow:
    """An uploaded file, without its content."""

    id: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent: open `content` once, and close it."""

    file: FileRow
    content: AbstractContextManager[IO[bytes]]


def upload(caller: Caller, form_key: str, field_path: str, name: str, data: bytes) -> FileRow:
    """Keep a file for a field of a form; saving the record with its id hangs it there.

    Raises:
        NotFound: there is no such form.
        InputInvalid: it is too large, empty, or of a kind that the field or the workspace doesn't take.
    """
    with caller.reading() as db:
        form = published_in(db, caller, form_key).form
    shown = _name(name)
    _require_taken(caller, form, field_path, shown, len(data))
    row = StoredFile(workspace_id=caller.workspace_id, id=new_id(), name=shown, size=len(data))
    row.media_type = mimetypes.guess_type(shown)[0] or "application/octet-stream"
    row.sha256 = hashlib.sha256(data).hexdigest()
    row.uploaded_at, row.uploaded_by = caller.now(), caller.member_id
    caller.runtime.files.write(caller.workspace_id, row.id, data)
    with caller.writing() as db:
        db.add(row)
    return FileRow(row.id, row.name, row.media_type, row.size)


def download(caller: Caller, file_id: str) -> Download:
    """A file that the caller may see: its record and its field, or their own that is not saved yet.

    Raises:
        NotFound: there is none, or none that they may see.
    """
    missing = NotFound(gettext(caller.lang, "There is no such file."))
    with caller.reading() as db:
        row = db.get(StoredFile, (caller.workspace_id, file_id))
        if row is None:
            raise missing
        if row.record_id is None:
            if row.uploaded_by != caller.member_id and caller.member_id is not None:
                raise missing
        else:
            record = db.get(Record, (caller.workspace_id, row.record_id))
            if record is None or not records.sees_field_in(db, caller, record, row.field_key or ""):
                raise missing
    try:
        content = caller.runtime.files.open(caller.workspace_id, file_id)
    except FileNotFoundError as error:
        raise missing from error
    return Download(FileRow(row.id, row.name, row.media_type, row.size), content)


def files(caller: Caller, ids: list[str]) -> dict[str, FileRow]:
    """Name, kind and size of files by id, for pages that show records which the caller sees."""
    if not ids:
        return {}
    with caller.reading() as db:
        found = db.scalars(select(StoredFile).where(StoredFile.id.in_(ids)))
        return {row.id: FileRow(row.id, row.name, row.media_type, row.size) for row in found}


def remove_unsaved(runtime: Runtime) -> int:
    """Remove what was uploaded a day ago and never saved with a record, in all workspaces. Gives how many."""
    query = select(StoredFile).where(
        StoredFile.record_id.is_(None), StoredFile.uploaded_at < runtime.clock() - KEPT_UNSAVED
    )
    with runtime.writing() as db:
        old = [(row.workspace_id, row.id) for row in db.scalars(query.limit(1000))]
        for workspace_id, file_id in old:
            db.execute(delete(StoredFile).where(StoredFile.workspace_id == workspace_id, StoredFile.id == file_id))
    for workspace_id, file_id in old:
        runtime.files.delete(workspace_id, file_id)
    return len(old)


def _name(name: str) -> str:
    """The file's own name, without folders and without what no file system takes; its ending is kept."""
    own = PurePath(name.replace("\\", "/")).name
    clean = "".join(sign for sign in own if sign.isprintable() and sign not in '<>:"|?*').strip(" .")
    path = PurePath(clean or "file")
    return path.stem[: NAME_LENGTH - len(path.suffix)] + path.suffix[:NAME_LENGTH]


def _require_taken(caller: Caller, form: Form, field_path: str, name: str, size: int) -> None:
    field = form.field_at(field_path)
    settings = caller.runtime.settings
    megabytes = settings.upload_megabytes
    accepted: list[str] = []
    if field is not None:
        megabytes = min(megabytes, field.settings.get("maxMegabytes", megabytes))
        accepted = list(field.settings.get("accept", ()))
    if size == 0:
        raise InputInvalid({"file": gettext(caller.lang, "“{name}” is empty.", name=name)})
    if size > megabytes * 1_000_000:
        sentence = gettext(caller.lang, "“{name}” is too large: at most {limit:g} MB.", name=name, limit=megabytes)
        raise InputInvalid({"file": sentence})
    ending = PurePath(name).suffix.lower()
    allowed = ending.lstrip(".") in settings.upload_types.split()
    if not allowed or (accepted and not any(_fits(each, name, ending) for each in accepted)):
        offered = ", ".join(accepted or settings.upload_types.split())
        sentence = gettext(
            caller.lang, "“{name}” is no file of a kind that is taken here: {kinds}.", name=name, kinds=offered
        )
        raise InputInvalid({"file": sentence})


def _fits(accepted: str, name: str, ending: str) -> bool:
    """Whether a file is of an accepted kind: an ending (`.pdf`) or a media type (`image/*`)."""
    if accepted.startswith("."):
        return ending == accepted
    media_type = mimetypes.guess_type(name)[0] or ""
    return media_type == accepted or (accepted.endswith("/*") and media_type.startswith(accepted[:-1]))
