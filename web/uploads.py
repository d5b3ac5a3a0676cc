"""Files that come with a form, without script: kept first, then the form holds their ids like those uploaded by themselves."""

from werkzeug.datastructures import FileStorage, MultiDict

from formloom.form_engine.errors import Problem
from formloom.form_engine.form import Form
from formloom.platform.errors import InputInvalid
from formloom.platform.runtime import Caller
from formloom.platform.services import files

PREFIX = ":file "


def take_files(
    caller: Caller, form_key: str, form: Form, sent: MultiDict[str, str], given: MultiDict[str, FileStorage]
) -> tuple[MultiDict[str, str], tuple[Problem, ...]]:
    """What was sent with the ids of its files in it, and a problem for each file that is not taken."""
    full, refused = MultiDict(sent), []
    for name, file in given.items(multi=True):
        field_name = name.removeprefix(PREFIX)
        if not name.startswith(PREFIX) or not file.filename:
            continue
        path = ".".join(part for part in field_name.split("/") if not part.isdecimal())
        entry = form.field_at(path)
        if entry is None:
            continue
        try:
            kept = files.upload(caller, form_key, path, file.filename, file.read())
        except InputInvalid as error:
            refused.append(Problem(f"/{field_name}", str(error)))
            continue
        if not entry.several:
            full.setlist(field_name, [])
        full.add(field_name, kept.id)
    return full, tuple(refused)
