"""The words of pages, templates and browser modules in the reader's language, and how moments and names are written.

English stands in the sources. Every other language is a folder `locales/<language>/` of .po files, one an area, read as
they are: there is no compiled file to forget. `browser.po` holds what the modules in `static/` say; pages carry it.
"""

from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask
from flask_babel import Babel, Domain, get_locale

from formloom.platform import sessions
from formloom.web.request import language

FOLDER = Path(__file__).parent / "locales"
BROWSER = "browser.po"
HTML_LANGUAGE = {"en": "en", "zh_Hans": "zh-Hans"}
OWN_NAMES = {"en": "English", "zh_Hans": "简体中文"}


class Catalogues(Domain):
    """flask-babel's domain, reading our .po files."""

    def get_translations(self) -> Translations:
        """The translations of the language of this request."""
        return translations(str(get_locale()))


def catalogue(file: Path, lang: str) -> Catalog:
    """One .po file. Entries marked fuzzy are left out: a doubtful sentence is said in English."""
    with file.open("rb") as source:
        return read_po(source, locale=lang)


@cache
def translations(lang: str) -> Translations:
    """Everything that pages say, in `lang`; English needs none."""
    merged = Catalog(locale=lang)
    for file in sorted((FOLDER / lang).glob("*.po")):
        for message in catalogue(file, lang):
            if message.id and not message.fuzzy:
                merged.add(message.id, message.string, context=message.context, flags=message.flags)
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled)


@cache
def browser_words(lang: str) -> dict[str, str]:
    """English → `lang` for what the browser's modules say; empty for English."""
    file = FOLDER / lang / BROWSER
    if not file.is_file():
        return {}
    return {str(message.id): str(message.string) for message in catalogue(file, lang) if message.id and message.string}


def moment(at: datetime, *, now: datetime, zone: str, lang: str) -> str:
    """A moment as people say it, in their zone: *today 09:12*, *Thu 26 Nov, 18:00*; `11月26日 18:00`."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    time = format_time(local, "HH:mm", locale=lang)
    near = {
        today: {"en": "today", "zh_Hans": "今天"},
        today - timedelta(1): {"en": "yesterday", "zh_Hans": "昨天"},
    }.get(local.date())
    if near:
        return f"{near.get(lang, near['en'])} {time}"
    comma = " " if lang.startswith("zh") else ", "
    return f"{day(local.date(), today=today, lang=lang)}{comma}{time}"


def whole_moment(at: datetime, *, zone: str, lang: str) -> str:
    """A moment as it still says the same on paper, next year: `28 Nov 2026, 02:53`; `2026年11月28日 02:53`."""
    local = at.astimezone(ZoneInfo(zone))
    pattern = "y年M月d日 HH:mm" if lang.startswith("zh") else "d MMM y, HH:mm"
    return format_datetime(local, pattern, locale=lang)


def day(at: date, *, today: date, lang: str) -> str:
    """A date as people say it: with its weekday when near, with its year when it is another one."""
    if at.year != today.year:
        return format_date(at, "y年M月d日" if lang.startswith("zh") else "d MMM y", locale=lang)
    if lang.startswith("zh"):
        return format_date(at, "M月d日", locale=lang)
    return format_date(at, "EEE d MMM" if abs((at - today).days) <= 7 else "d MMM", locale=lang)


def shown_moment(at: datetime) -> str:
    """`at` as the reader of this page says it."""
    reader = sessions.caller()
    now, zone = (
        (reader.now(), reader.zone) if reader else (sessions.runtime().clock(), sessions.runtime().settings.zone)
    )
    return moment(at, now=now, zone=zone, lang=language())


def shown_whole_moment(at: datetime) -> str:
    """`at` with its day and year, in the zone of the reader of this page."""
    reader = sessions.caller()
    zone = reader.zone if reader else sessions.runtime().settings.zone
    return whole_moment(at, zone=zone, lang=language())


def shown_day(at: date) -> str:
    """`at` as the reader of this page says it."""
    reader = sessions.caller()
    now, zone = (
        (reader.now(), reader.zone) if reader else (sessions.runtime().clock(), sessions.runtime().settings.zone)
    )
    return day(at, today=now.astimezone(ZoneInfo(zone)).date(), lang=language())


def install(app: Flask) -> None:
    """Let the pages of `app` speak the language of each request."""
    babel = Babel(app, default_locale="en", locale_selector=language)
    babel.domain_instance = Catalogues()
