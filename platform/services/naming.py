"""Who or what is called so: the names that people write, as the ids that records hold."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from sqlalchemy import func, select

from formloom.form_engine.field_types.references import Department, Link, Member
from formloom.form_engine.form import Field
from formloom.platform import organisation
from formloom.platform.errors import NotFound
from formloom.platform.folding import fold
from formloom.platform.models import Record
from formloom.platform.organisation import Organisation
from formloom.platform.records.titled import titled_in
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession

MOST = 500


def called(caller: Caller, field: Field, text: str, *, part: bool = False) -> list[str]:
    """The ids of those called `text` (`part`: with it in their name) among what the field may point at; an id is one, too.

    Titles of records are no secret to whom the record is not shown (meaning.md section 1), so those are looked at as well.
    """
    with caller.reading() as db:
        known = organisation.organisation(db, caller)
        match field.type:
            case Member():
                found: Iterable[str] = _named(_members(known), text, part=part)
            case Department():
                found = _named(_departments(known), text, part=part)
            case Link():
                found = _titled(db, caller, str(field.settings.get("form", "")), text, part=part)
            case _:
                found = [text]
        return list(dict.fromkeys(found))


def _members(known: Organisation) -> Iterator[tuple[str, str]]:
    for ident, name in known.members.items():
        yield from ((ident, ident), (ident, name), (ident, known.addresses.get(ident, "")))


def _departments(known: Organisation) -> Iterator[tuple[str, str]]:
    for ident, (name, translations) in known.departments.items():
        yield from ((ident, each) for each in (ident, name, *translations.values()))


def _named(names: Iterable[tuple[str, str]], text: str, *, part: bool) -> Iterator[str]:
    wanted = fold(text)
    return (ident for ident, name in names if (wanted in fold(name) if part else wanted == fold(name)))


def _titled(db: WorkspaceSession, caller: Caller, form_key: str, text: str, *, part: bool) -> Iterable[str]:
    if not part:
        with suppress(NotFound):  # the form is gone, and nothing is called so
            return [record.id for record in titled_in(db, caller, form_key, text)]
        return []
    fits = func.lower(Record.title).contains(text.strip().lower(), autoescape=True)
    of_form = (Record.workspace_id == caller.workspace_id, Record.form_key == form_key)
    return db.scalars(select(Record.id).where(*of_form, fits).order_by(Record.id.desc()).limit(MOST)).all()
