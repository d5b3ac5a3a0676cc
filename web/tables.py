"""The page of a table of records: its rows, columns, views, pages, and what may be done with them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from flask import request
from flask_babel import gettext as _

from formloom.platform.errors import InputInvalid, NotFound
from formloom.platform.paging import Page
from formloom.platform.records.references import references_of
from formloom.platform.runtime import Caller
from formloom.platform.services import apps, naming, people, records
from formloom.platform.services.apps import AppDetail, Entry
from formloom.platform.services.records import RecordRow
from formloom.web.lists import OPERATORS, SYSTEM, Choice, Column, Listing
from formloom.web.places import Place
from formloom.web.slots import Slot

PAGE = 50


@dataclass(frozen=True, slots=True)
class View:
    """A tab over the table."""

    title: str
    address: str
    current: bool
    sign: str = "table"


@dataclass(slots=True)
class Table:
    """What the template of a table writes out."""

    place: Place
    listing: Listing
    columns: list[Column]
    rows: list[tuple[RecordRow, list[Slot | None]]]
    views: list[View]
    choices: list[Choice]
    may_add: bool
    may_design: bool
    bin: bool
    title: str
    """What the app's menu calls the form's records."""
    next: str = ""
    operators: dict[str, Any] = field(default_factory=lambda: OPERATORS)

    @property
    def may_select(self) -> bool:
        """Whether something can be done with several rows at once."""
        return bool(self.rows)

    @property
    def first(self) -> str:
        """The first page, seen from a later one."""
        return self.listing.address() if self.listing.args.get("after") else ""

    @property
    def count(self) -> str:
        """Where a module asks how many records there are; "" where the page shows all."""
        if not self.next and not self.first:
            return ""
        query = self.listing.address(bin="1" if self.bin else None).partition("?")[2]
        return f"{self.place.address}/count?{query}"

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Every column that can be shown."""
        form = self.listing.form
        own = [entry for entry in form.fields.values() if entry.column not in (None, "json")]
        return [(entry.key, entry.label(self.listing.lang)) for entry in own] + [
            (key, self.listing.label(key)) for key in SYSTEM if key != "status" or self.place.published.workflow
        ]

    @property
    def shown(self) -> set[str]:
        """The columns that are."""
        return {column.key for column in self.columns}

    @property
    def choices_json(self) -> list[dict[str, Any]]:
        """What a module needs to fit a filter's row to its field."""
        return [
            {
                "key": each.key,
                "operators": each.operators,
                "kind": each.kind,
                "options": each.options,
                "source": each.source,
            }
            for each in self.choices
        ]

    def link(self, row: RecordRow) -> str:
        """The page of a record."""
        return f"{self.place.address}/{row.id}"

    def name_of(self, row: RecordRow, key: str) -> str:
        """Who created or changed a record."""
        ident = getattr(row, key)
        return self.listing.names.member(ident) if ident else _("Formloom")

    def time_of(self, row: RecordRow, key: str) -> datetime:
        """When a record was created or changed."""
        found: datetime = getattr(row, key)
        return found


def listing_of(caller: Caller, place: Place, *, path: str = "") -> Listing:
    """What the address asks for."""
    view = _view_of(caller, place)
    names = people.names(caller)
    form = place.published.form
    called = partial(naming.called, caller)
    return Listing(form, path or place.address, request.args, caller.lang, caller.zone, names, view, called)


def _view_of(caller: Caller, place: Place) -> dict[str, Any]:
    """The saved view that the address names; {} for none."""
    key = request.args.get("view", "")
    if not key:
        return {}
    try:
        found = apps.view(caller, place.app_key, key)
    except NotFound:
        return {}
    if found.form != place.form_key:
        return {}
    return {"title": found.title, "columns": found.columns, "filters": found.filters, "sort": found.sort}


def table_of(caller: Caller, place: Place, *, bin: bool = False) -> Table:
    """The page of a table. A filter that can't be asked for is left out and said."""
    listing = listing_of(caller, place, path=f"{place.address}/bin" if bin else "")
    found = _rows(caller, place, listing, bin=bin)
    _learn(listing, found.rows)
    columns = listing.columns
    app = apps.app(caller, place.app_key)
    may_add = any(each.key == place.form_key and each.may_add for each in app.forms)
    return Table(
        place=place,
        listing=listing,
        columns=columns,
        rows=[(row, list(listing.cells(row, columns))) for row in found.rows],
        views=list(_views(app, place, bin=bin)),
        choices=listing.choices(place.published.workflow is not None),
        may_add=may_add,
        may_design=caller.admin,
        bin=bin,
        title=next((each.listed for each in app.forms if each.key == place.form_key), place.title),
        next=f"{listing.address()}{'&' if '?' in listing.address() else '?'}after={found.after}" if found.after else "",
    )


def _rows(caller: Caller, place: Place, listing: Listing, *, bin: bool) -> Page[RecordRow]:
    try:
        return records.records(caller, place.form_key, listing.query(limit=PAGE, bin=bin))
    except InputInvalid as error:
        listing.wrong = str(error)
        return Page(())


def _learn(listing: Listing, rows: Iterable[RecordRow]) -> None:
    """Ask for the titles of all linked records at once."""
    found = {
        ident
        for row in rows
        for entry, _, ident in references_of(listing.form, row.values)
        if entry.settings.get("form")
    }
    listing.names.learn(records=found)


def _views(app: AppDetail, place: Place, *, bin: bool) -> Iterator[View]:
    chosen = request.args.get("view", "")
    yield View(_("All"), place.address, not chosen and not bin)
    for entry in _entries(app.navigation):
        if entry.view and entry.form == place.form_key:
            yield View(entry.title, f"{place.address}?view={entry.view}", chosen == entry.view)
    yield View(_("Recycle bin"), f"{place.address}/bin", bin, "trash")


def _entries(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        yield from _entries(entry.items)
