"""Language and theme, changed from the frame of any page: kept with the person, and on this browser."""

from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from formloom.platform import sessions
from formloom.platform.faults import wants_json
from formloom.platform.services.accounts import THEMES, update_profile
from formloom.platform.settings import LANGUAGES
from formloom.web.addresses import own
from formloom.web.request import LANGUAGE_COOKIE, THEME_COOKIE

pages = Blueprint("choices", __name__)
YEAR = 365 * 24 * 3600


@pages.post("/choices")
def choose() -> AnyResponse:
    """Keep the chosen language or theme and go back; a module that asks for JSON is answered with nothing."""
    language, theme = request.form.get("language"), request.form.get("theme")
    answer = make_response("", 204) if wants_json() else make_response(redirect(own(request.form.get("back", "/"))))
    info, caller = sessions.info(), sessions.caller()
    if info is not None and caller is not None:
        update_profile(
            caller,
            name=info.name,
            language=language if language in LANGUAGES else info.language,
            zone=info.zone,
            theme=theme if theme in THEMES else info.theme,
        )
    _remember(answer, LANGUAGE_COOKIE, language, LANGUAGES)
    _remember(answer, THEME_COOKIE, theme, THEMES)
    return answer


def _remember(answer: Response, name: str, value: str | None, known: tuple[str, ...]) -> None:
    if value in known:
        answer.set_cookie(name, str(value), max_age=YEAR, samesite="Lax", secure=request.is_secure)
