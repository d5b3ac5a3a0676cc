"""What a view knows of its request: who calls, in which language, in which colours.

The session itself is platform's (`platform/sessions.py`); here stands only what pages add to it.
"""

from flask import request

from formloom.platform import sessions
from formloom.platform.runtime import Caller
from formloom.platform.services.accounts import THEMES
from formloom.platform.settings import LANGUAGES

LANGUAGE_COOKIE = "fl_language"
THEME_COOKIE = "fl_theme"
RAIL_COOKIE = "fl_rail"


class SignInNeeded(Exception):
    """The page is for members: sign in first, then come back."""


def caller() -> Caller:
    """The signed-in Caller. Raises SignInNeeded, which leads to the sign-in page and back."""
    found = sessions.caller()
    if found is None:
        raise SignInNeeded
    return found


def language() -> str:
    """The language of this answer: the person's, else the one chosen on this browser, else the browser's."""
    if sessions.info() is None and (chosen := request.cookies.get(LANGUAGE_COOKIE)) in LANGUAGES:
        return str(chosen)
    return sessions.request_language()


def theme() -> str:
    """`auto`, `light` or `dark`: the person's, else what was chosen on this browser."""
    info = sessions.info()
    chosen = info.theme if info else request.cookies.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"
