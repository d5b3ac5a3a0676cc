"""What each person sets for themselves: name, language, zone, theme, password, tokens for the API, sessions."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform import sessions
from formloom.platform.errors import InputInvalid, NotAllowed, TooManyAttempts
from formloom.platform.services import accounts, tokens
from formloom.platform.services.accounts import SessionInfo, SignedIn
from formloom.web import zones
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("profile", __name__, url_prefix="/profile")

Answer = Response | str | tuple[str, int]


def _info() -> SessionInfo:
    caller()
    info = sessions.info()
    if info is None:
        raise NotAllowed(_("Please sign in."))
    return info


@pages.get("")
def profile() -> Answer:
    """The page of the person who is signed in."""
    return _page()


def _page(typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None, secret: str = "") -> str:
    info, here = _info(), caller()
    shown: dict[str, Any] = {"name": info.name, "language": info.language, "zone": info.zone, "theme": info.theme}
    shown |= typed or {}
    return render_template(
        "profile/profile.html",
        info=info,
        typed=shown,
        errors=errors or {},
        zones=zones.zones(info.language, shown["zone"], here.now()),
        tokens=tokens.tokens(here),
        token=secret,
    )


@pages.post("")
def save() -> Answer:
    """Change how this person's pages look, and the name that others see."""
    typed = {name: request.form.get(name, "") for name in ("name", "language", "zone", "theme")}
    try:
        accounts.update_profile(caller(), **typed)
    except InputInvalid as error:
        return _page(typed, error.errors), 422
    tell(_("Your profile is saved."))
    return redirect("/profile")


@pages.post("/password")
def change_password() -> Answer:
    """Another password. Every other session ends; this one goes on."""
    info = _info()
    try:
        accounts.change_password(caller(), old=request.form.get("old", ""), new=request.form.get("new", ""))
    except InputInvalid as error:
        return _page(errors=error.errors), 422
    except TooManyAttempts as error:
        return _page(errors={"old": str(error)}), 429
    sessions.begin(SignedIn(info.person_id, info.workspace_id, info.member_id))
    tell(_("Your password is changed. Everywhere else you are signed out."))
    return redirect("/profile")


@pages.post("/sessions")
def sign_out_everywhere() -> Answer:
    """End this person's sessions on every device but this one."""
    info = _info()
    accounts.sign_out_everywhere(caller())
    sessions.begin(SignedIn(info.person_id, info.workspace_id, info.member_id))
    tell(_("You are signed out everywhere else."))
    return redirect("/profile")


@pages.post("/tokens")
def create_token() -> Answer:
    """A token for the API. It is shown on this page alone, because only its hash is kept."""
    try:
        secret = tokens.create_token(caller(), request.form.get("token_name", ""))
    except InputInvalid as error:
        return _page(errors={"token_name": error.errors["name"]}), 422
    return _page(secret=secret), 201


@pages.post("/tokens/<token_id>/revoke")
def revoke_token(token_id: str) -> Answer:
    """End a token: whatever uses it is refused from now on."""
    tokens.revoke_token(caller(), token_id)
    tell(_("The token is of no use any more."))
    return redirect("/profile#tokens")
