"""The door: signing in and out, the first run, invitations, forgotten passwords, and changing workspaces."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform import sessions
from formloom.platform.errors import InputInvalid, NotAllowed, NotFound, TooManyAttempts
from formloom.platform.services import accounts, tickets
from formloom.platform.services.accounts import SignedIn
from formloom.web import addresses, zones
from formloom.web.request import caller, language
from formloom.web.telling import tell

pages = Blueprint("accounts", __name__)

Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Answer:
    """Ask for address and password. After a wrong one the address is still there."""
    back = addresses.own(request.values.get("next", "/"))
    if accounts.first_run_needed(sessions.runtime()):
        return redirect("/welcome")
    if sessions.info() is not None and request.method == "GET":
        return redirect(back)
    if request.method == "GET":
        return _sign_in_page(back)
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        signed_in = accounts.sign_in(
            sessions.runtime(), email=email, password=password, address=request.remote_addr, lang=language()
        )
    except NotAllowed as error:
        return _sign_in_page(back, email, str(error)), 422
    except TooManyAttempts as error:
        return _sign_in_page(back, email, str(error)), 429, {"Retry-After": str(error.seconds)}
    sessions.begin(signed_in)
    return redirect(back)


def _sign_in_page(back: str, email: str = "", error: str = "") -> str:
    return render_template("accounts/sign_in.html", back=back, email=email, error=error)


@pages.post("/sign-out")
def sign_out() -> Answer:
    """End the session in this browser."""
    sessions.end()
    return redirect("/sign-in")


@pages.route("/welcome", methods=["GET", "POST"])
def welcome() -> Answer:
    """The first run: make the workspace and its first admin."""
    runtime = sessions.runtime()
    if not accounts.first_run_needed(runtime):
        return redirect("/sign-in")
    typed = {"workspace": "", "name": "", "email": "", "language": language(), "zone": runtime.settings.zone}
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        typed |= {key: request.form.get(key, "") for key in typed}
        try:
            signed_in = accounts.create_workspace(
                runtime, **typed, password=request.form.get("password", ""), lang=language()
            )
        except InputInvalid as error:
            errors = error.errors
        else:
            sessions.begin(signed_in)
            return redirect("/gallery")
    choices = zones.zones(language(), typed["zone"], runtime.clock())
    page = render_template("accounts/welcome.html", typed=typed, errors=errors, zones=choices)
    return page, 422 if errors else 200


@pages.route("/invite/<token>", methods=["GET", "POST"])
def invite(token: str) -> Answer:
    """Accept an invitation: choose a password, or give the one that the address has already."""
    runtime, lang = sessions.runtime(), language()
    invitation = tickets.look_at_invitation(runtime, token, lang=lang)
    name, errors, status = request.form.get("name", invitation.name), {}, 200
    if request.method == "POST":
        try:
            signed_in = tickets.accept_invitation(
                runtime,
                token=token,
                name=name,
                password=request.form.get("password", ""),
                address=request.remote_addr,
                lang=lang,
            )
        except InputInvalid as error:
            errors, status = error.errors, 422
        except NotAllowed:
            errors, status = {"password": _("This isn’t the password of %(email)s.", email=invitation.email)}, 422
        except TooManyAttempts as error:
            errors, status = {"password": str(error)}, 429
        else:
            sessions.begin(signed_in)
            return redirect("/")
    page = render_template("accounts/invite.html", invitation=invitation, name=name, errors=errors)
    return page, status


@pages.route("/forgot", methods=["GET", "POST"])
def forgot() -> Answer:
    """Ask for a link to a new password. The answer is the same for every address."""
    runtime, email, error, sent, status = sessions.runtime(), request.form.get("email", ""), "", False, 200
    if request.method == "POST":
        try:
            tickets.request_password_reset(runtime, email=email, address=request.remote_addr, lang=language())
            sent = True
        except InputInvalid as wrong:
            error, status = wrong.errors["email"], 422
        except TooManyAttempts as refused:
            error, status = str(refused), 429
    folder = not runtime.settings.smtp_url
    return render_template("accounts/forgot.html", email=email, error=error, sent=sent, folder=folder), status


@pages.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> Answer:
    """Choose a new password behind a mailed link, and be signed in with it."""
    errors: Mapping[str, str] = {}
    if request.method == "GET":
        tickets.look_at_reset(sessions.runtime(), token, lang=language())
    else:
        password = request.form.get("password", "")
        try:
            signed_in = tickets.reset_password(sessions.runtime(), token=token, password=password, lang=language())
        except InputInvalid as error:
            errors = error.errors
        else:
            sessions.begin(signed_in)
            tell(_("Your password is changed. Everywhere else you are signed out."))
            return redirect("/")
    return render_template("accounts/reset.html", errors=errors), 422 if errors else 200


@pages.get("/workspaces")
def workspaces() -> Answer:
    """The workspaces that the person is in, to change to another."""
    here = caller()
    info = sessions.info()
    choices = accounts.workspaces_of(here.runtime, info.person_id) if info else []
    return render_template("accounts/workspaces.html", choices=choices, current=here.workspace_id)


@pages.post("/workspaces")
def change_workspace() -> Answer:
    """Move this session to another workspace of the same person."""
    here, info = caller(), sessions.info()
    choices = accounts.workspaces_of(here.runtime, info.person_id) if info else []
    wanted = request.form.get("workspace", "")
    for choice in choices:
        if info and str(choice.workspace_id) == wanted:
            sessions.begin(SignedIn(info.person_id, choice.workspace_id, choice.member_id))
            return redirect("/")
    raise NotFound(_("You are not in this workspace."))
