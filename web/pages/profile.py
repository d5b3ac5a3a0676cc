"""What each person sets for themselves: name, language, zone, theme, who decides while they are away, password, tokens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform import sessions
from formloom.platform.errors import InputInvalid, NotAllowed, TooManyAttempts
from formloom.platform.services import accounts, delegations, people, tokens
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
        me=info.member_id,
        typed=shown,
        errors=errors or {},
        zones=zones.zones(info.language, shown["zone"], here.now()),
        away=delegations.delegations(here),
        delegates=[
            (row.id, row.name) for row in people.search_members(here, "", limit=1000) if row.id != here.member_id
        ],
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
    with force_locale(typed["language"]):  # the page that says it is in the language that was just chosen
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


@pages.post("/away")
def go_away() -> Answer:
    """Let somebody else decide for a time. Times are the person's own."""
    here = caller()
    typed = {name: request.form.get(name, "") for name in ("delegate_id", "starts_at", "ends_at")}
    now = here.now()
    try:
        starts, ends = (_moment(typed[name], here.zone) for name in ("starts_at", "ends_at"))
        if ends is None:
            raise InputInvalid({"ends_at": _("Say until when.")})
        delegations.delegate(here, typed["delegate_id"], starts_at=starts or now, ends_at=ends)
    except InputInvalid as error:
        return _page(typed, error.errors), 422
    tell(_("Until then they may decide for you. The history says so."))
    return redirect("/profile#away")


def _moment(text: str, zone: str) -> datetime | None:
    """What a date-time input holds, in the person's zone; None for nothing that can be read."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        return None


@pages.post("/away/<delegation_id>/end")
def come_back(delegation_id: str) -> Answer:
    """End a delegation now."""
    delegations.end_delegation(caller(), delegation_id)
    tell(_("You decide yourself again."))
    return redirect("/profile#away")


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
