"""Home: start a request, what waits for me, what I have under way, my apps, and the way back to what I looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from flask import Blueprint, render_template
from flask_babel import gettext as _

from formloom.platform import sessions
from formloom.platform.runtime import Caller
from formloom.platform.services import drafts, inbox, people
from formloom.platform.services.apps import AppRow
from formloom.web import recent, shell
from formloom.web.recent import Place
from formloom.web.request import caller
from formloom.web.steps import Progress, progress_of

pages = Blueprint("home", __name__)
pages.after_app_request(recent.remember)

SHOWN = 5
TILES = 6


@dataclass(frozen=True, slots=True)
class Tile:
    """A form that the caller may fill in."""

    address: str
    title: str
    app: str
    icon: str
    accent: str


@dataclass(frozen=True, slots=True)
class Visited:
    """A place that was looked at: what it is called and where it is."""

    title: str
    icon: str
    address: str


@dataclass(frozen=True, slots=True)
class DraftCard:
    """Something begun and not submitted yet."""

    title: str
    address: str
    saved_at: datetime


@pages.get("/")
def home() -> str:
    """The first page."""
    here, info = caller(), sessions.info()
    mine = shell.my_apps(here)
    started, tiles = inbox.started(here, only="running", limit=SHOWN), _tiles(mine)
    return render_template(
        "home/home.html",
        greeting=_greeting(here, info.name if info else ""),
        today=_said_today(here),
        counts=shell.counts(here),
        tiles=tiles[:TILES],
        more=tiles[TILES:],
        todo=inbox.todo(here, limit=SHOWN),
        marks={app.key: app for app in mine},
        started=started,
        steps=_steps(here, [row.process_id for row in started.rows]),
        drafts=_drafts(here, mine),
        apps=mine,
        recent=_visited(here, mine),
    )


def _today(here: Caller) -> datetime:
    return here.now().astimezone(ZoneInfo(here.zone))


def _said_today(here: Caller) -> str:
    """The day with its weekday, without the year: nobody forgets that."""
    pattern = "M月d日EEEE" if here.lang.startswith("zh") else "EEEE, d MMMM"
    return babel_date(_today(here), pattern, locale=here.lang)


def _greeting(here: Caller, name: str) -> str:
    """By the hour where the person is."""
    hour = _today(here).hour
    if 5 <= hour < 12:
        return _("Good morning, %(name)s", name=name)
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s", name=name)
    return _("Good evening, %(name)s", name=name)


def _tiles(mine: Sequence[AppRow]) -> list[Tile]:
    """What can be started: requests first, then what is only written down."""
    found = [(form.has_workflow, app, form) for app in mine for form in app.forms if form.may_add]
    found.sort(key=lambda entry: not entry[0])
    return [
        Tile(f"/apps/{app.key}/{form.key}/new", form.title, app.name, app.icon, app.accent) for _has, app, form in found
    ]


def _steps(here: Caller, processes: Sequence[str]) -> dict[str, Progress]:
    return {process: progress_of(here, process) for process in processes}


def _drafts(here: Caller, mine: Sequence[AppRow]) -> list[DraftCard]:
    """New records that were begun; a draft over a record or a task is found there."""
    forms = {form.key: (app, form) for app in mine for form in app.forms}
    cards = []
    for row in drafts.drafts(here):
        if row.target == f"new:{row.form_key}" and row.form_key in forms:
            app, form = forms[row.form_key]
            cards.append(DraftCard(form.title, f"/apps/{app.key}/{form.key}/new", row.saved_at))
    return cards[:SHOWN]


def _visited(here: Caller, mine: Sequence[AppRow]) -> list[Visited]:
    """The last places that are still there for this person."""
    forms = {(app.key, form.key): form.title for app in mine for form in app.forms}
    places = [place for place in recent.places() if (place.app_key, place.form_key) in forms]
    called = people.names(here)
    called.learn(records=[place.record_id for place in places if place.record_id])

    def title(place: Place) -> str:
        form = forms[place.app_key, place.form_key]
        return called.record(place.form_key, place.record_id) if place.record_id else form

    return [
        Visited(title(place), "file-text" if place.record_id else "table", place.address)
        for place in places
        if title(place) != place.record_id
    ]
