"""One search over everything: the apps and forms by name, the records of all forms by what is in them.

Records are looked for in every form's projection at once, each within what the caller sees of it.
"""

from dataclasses import dataclass

from sqlalchemy import select, union_all

from formloom.platform import cards
from formloom.platform.folding import fold
from formloom.platform.models import Record
from formloom.platform.queries.records import Query
from formloom.platform.records.seeing import selection_in
from formloom.platform.runtime import Caller
from formloom.platform.services import apps
from formloom.platform.services.open_forms import open_forms

MOST_FORMS = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: where it is, what it is called, and what it is (its app and form). `icon` is its app's."""

    address: str
    title: str
    place: str
    icon: str
    accent: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found, forms to jump to first."""

    forms: tuple[Hit, ...] = ()
    records: tuple[Hit, ...] = ()


def search(caller: Caller, text: str, *, limit: int = 30) -> Hits:
    """Everything that holds every word of `text`, the newest records first; nothing for a blank text."""
    wanted = fold(text)
    if not wanted:
        return Hits()
    rows = {row.key: row for row in apps.apps(caller)}
    forms = open_forms(caller)
    titles = {form.key: (form.title, rows[form.app]) for form in forms if form.app in rows}
    jumps = [
        Hit(f"/apps/{app.key}/{key}", title, app.name, app.icon, app.accent)
        for key, (title, app) in titles.items()
        if all(word in fold(f"{app.name} {title}") for word in wanted.split(" "))
    ]
    with caller.reading() as db:
        selections = [selection_in(db, caller, form.published, Query(text=text)) for form in forms[:MOST_FORMS]]
        parts = [select(each.newest(limit).subquery()) for each in selections if each is not None]
        if not parts:
            return Hits(tuple(jumps))
        found = union_all(*parts).subquery()
        newest = select(found.c.id).order_by(found.c.id.desc()).limit(limit)
        query = select(Record).where(Record.id.in_(newest)).order_by(Record.id.desc())
        published = {form.key: form.published for form in forms}
        hits = [(published[each.form_key], each) for each in db.scalars(query) if each.form_key in titles]
        names = cards.names_for(db, caller, [(of.form, record.document) for of, record in hits])
        records = []
        for of, record in hits:
            title, app = titles[record.form_key]
            address, called = (
                f"/apps/{app.key}/{record.form_key}/{record.id}",
                cards.title_of(of, record, caller, names),
            )
            records.append(Hit(address, called, f"{app.name} · {title}", app.icon, app.accent))
    return Hits(tuple(jumps), tuple(records))
