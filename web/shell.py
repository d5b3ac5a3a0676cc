"""What stands around every page: whose it is, their apps, what waits for them. Asked for by the layout, once a page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from flask import g, request

from formloom.platform import sessions
from formloom.platform.runtime import Caller
from formloom.platform.services import apps, inbox, notifications
from formloom.platform.services.apps import AppRow
from formloom.platform.services.inbox import Counts
from formloom.web import language
from formloom.web.request import RAIL_COOKIE
from formloom.web.request import language as chosen_language
from formloom.web.request import theme as chosen_theme

Found = TypeVar("Found")

DARK_MEDIA = {"auto": "screen and (prefers-color-scheme: dark)", "dark": "screen", "light": "not all"}
SCHEMES = {"auto": "light dark", "dark": "dark", "light": "light"}


@dataclass(frozen=True, slots=True)
class Look:
    """In which language and colours a page is drawn, for whoever sees it."""

    lang: str
    html_lang: str
    theme: str
    dark_media: str
    scheme: str
    rail: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """Who is signed in, and what the frame around the page shows them."""

    workspace: str
    member_id: str
    name: str
    admin: bool
    demo: bool
    waiting: int
    unread: int
    apps: list[AppRow] = field(default_factory=list)


def look() -> Look:
    """How this page is drawn."""
    lang, theme = chosen_language(), chosen_theme()
    return Look(
        lang=lang,
        html_lang=language.HTML_LANGUAGE[lang],
        theme=theme,
        dark_media=DARK_MEDIA[theme],
        scheme=SCHEMES[theme],
        rail=request.cookies.get(RAIL_COOKIE) == "1",
    )


def shell() -> Shell | None:
    """The frame for whoever is signed in; None for somebody at the door."""
    info, caller = sessions.info(), sessions.caller()
    if info is None or caller is None:
        return None
    return Shell(
        workspace=info.workspace_name,
        member_id=info.member_id,
        name=info.name,
        admin=info.admin,
        demo=info.demo,
        waiting=counts(caller).todo,
        unread=unread(caller),
        apps=my_apps(caller),
    )


def counts(caller: Caller) -> Counts:
    """What waits for the caller: asked once, for the frame and for the page that shows it too."""
    return _once(inbox.counts, caller)


def unread(caller: Caller) -> int:
    """How many notifications the caller has not read; asked once, as `counts`."""
    return _once(notifications.unread, caller)


def my_apps(caller: Caller) -> list[AppRow]:
    """The apps that the caller may open; asked once, as `counts`."""
    return _once(apps.apps, caller)


def _once(ask: Callable[[Caller], Found], caller: Caller) -> Found:
    known: dict[Callable[[Caller], Found], Found] = g.setdefault("asked_for_page", {})
    if ask not in known:
        known[ask] = ask(caller)
    return known[ask]
