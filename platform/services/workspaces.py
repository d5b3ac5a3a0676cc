"""The workspace itself: its name, language, time zone, public holidays and working hours."""

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from holidays import list_supported_countries
from sqlalchemy import select

from formloom.platform import clocks, organisation
from formloom.platform.errors import InputInvalid
from formloom.platform.language import gettext
from formloom.platform.marks import mark_of, require_same
from formloom.platform.models import App, Workspace
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, people
from formloom.platform.settings import LANGUAGES

Hours = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """What an admin sets. `country` (ISO 3166) names the public holidays, None: every weekday is a working day."""

    id: int
    name: str
    language: str
    zone: str
    country: str | None
    hours: Hours
    demo: bool

    @property
    def mark(self) -> str:
        """Of all of it."""
        return mark_of(asdict(self))


USUAL_HOURS: Hours = (("09:00", "12:00"), ("13:00", "18:00"))


def workspace(caller: Caller) -> WorkspaceSettings:
    """The caller's workspace."""
    with caller.reading() as db:
        return _settings(db.get_one(Workspace, caller.workspace_id))


def _settings(row: Workspace) -> WorkspaceSettings:
    hours = tuple((start, end) for start, end in row.hours) if row.hours is not None else USUAL_HOURS
    return WorkspaceSettings(row.id, row.name, row.language, row.zone, row.country, hours, row.demo)


def save_workspace(
    caller: Caller,
    *,
    name: str,
    language: str,
    zone: str,
    country: str | None = None,
    hours: Sequence[Sequence[str]] | None = None,
    over: str | None = None,
) -> None:
    """Change the workspace's settings. `country` and `hours` stay as they are where None; country "": no holidays.

    `over` is the mark of the settings that were shown.

    Raises:
        NotAllowed: the caller is no admin.
        Conflict: they are others by now.
        InputInvalid: a field is wrong.
    """
    people.require_admin(caller)
    wrong = {
        "name": not name.strip() or len(name) > 200,
        "language": language not in LANGUAGES,
        "zone": zone not in available_timezones(),
        "country": bool(country) and country not in list_supported_countries(),
        "hours": hours is not None and not _hours_fit(hours),
    }
    sentences = {
        "name": gettext(caller.lang, "Give the workspace a name of at most 200 characters."),
        "language": gettext(caller.lang, "Choose one of the languages."),
        "zone": gettext(caller.lang, "Choose a time zone such as Asia/Shanghai."),
        "country": gettext(caller.lang, "The public holidays of this country are not known."),
        "hours": gettext(caller.lang, "Working hours are written like 09:00–12:00, one after the other."),
    }
    if any(wrong.values()):
        raise InputInvalid({field: sentences[field] for field, is_wrong in wrong.items() if is_wrong})
    with caller.writing() as db:
        row = db.get_one(Workspace, caller.workspace_id)
        require_same(over, _settings(row).mark, caller.lang)
        before = _facts(row)
        row.name, row.language, row.zone = name.strip(), language, zone
        row.country = row.country if country is None else country or None
        row.hours = row.hours if hours is None else [list(span) for span in hours]
        organisation.changed(db, caller.workspace_id)
        db.flush()
        if zone != before["zone"]:
            for app_key in db.scalars(select(App.key)).all():
                clocks.set_in(db, caller, app_key)
        audit.write(db, caller, "workspace.changed", "workspace", before, _facts(row))


def _facts(row: Workspace) -> dict[str, Any]:
    columns = ("name", "language", "zone", "country", "hours")
    return {column: getattr(row, column) for column in columns}


def _hours_fit(hours: Sequence[Sequence[str]]) -> bool:
    """Whether the spans are times of a day, each after the one before."""
    try:
        spans = [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in hours]
    except ValueError:
        return False
    marks = [mark for span in spans for mark in span]
    return bool(spans) and all(earlier < later for earlier, later in itertools.pairwise(marks))
