"""Who a web request comes from: flask-login's signed session, turned into a Caller with one query.

The cookie holds the person, the workspace they are looking at and the person's session epoch; raising the epoch (a new
password, *sign out everywhere*) ends every session at once.
"""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user

from formloom.platform.runtime import Caller, Runtime
from formloom.platform.services import accounts

ACCEPTED = {"en": "en", "zh": "zh_Hans", "zh-Hans": "zh_Hans", "zh-CN": "zh_Hans", "zh-SG": "zh_Hans"}


@dataclass(frozen=True, slots=True)
class User:
    """What flask-login keeps for a request: the session's person in the session's workspace."""

    info: accounts.SessionInfo
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the signed cookie says: person, workspace, epoch."""
        return f"{self.info.person_id}:{self.info.workspace_id}:{self.info.epoch}"


def runtime() -> Runtime:
    """The runtime of the running application."""
    return cast(Runtime, current_app.extensions["formloom"])


def begin(signed_in: accounts.SignedIn) -> None:
    """Start a session, or move the running one to another workspace."""
    info = accounts.session_of(runtime(), signed_in.person_id, signed_in.workspace_id)
    if info is None:
        raise RuntimeError("signed in, but the account is gone")
    typed_before = session.get("csrf_token")
    session.clear()
    if typed_before:
        session["csrf_token"] = typed_before
    session.permanent = True
    login_user(User(info))
    g.pop("caller", None)


def end() -> None:
    """End the session in this browser."""
    logout_user()
    session.clear()
    g.pop("caller", None)


def info() -> accounts.SessionInfo | None:
    """The person and workspace of this request's session; None when nobody is signed in."""
    user = current_user._get_current_object()
    return user.info if isinstance(user, User) else None


def caller() -> Caller | None:
    """The Caller of this request; None when nobody is signed in."""
    if "caller" not in g:
        found = info()
        g.caller = None if found is None else caller_of(found)
    return cast(Caller | None, g.caller)


def caller_of(found: accounts.SessionInfo) -> Caller:
    """A Caller for `found`, with this request's id and address."""
    return Caller(
        runtime=runtime(),
        workspace_id=found.workspace_id,
        member_id=found.member_id,
        lang=found.language,
        zone=found.zone,
        request_id=g.get("request_id", ""),
        address=request.remote_addr,
        admin=found.admin,
    )


def request_language() -> str:
    """The language to answer in: the person's own, else the best that the browser asks for, else the setting."""
    found = None if "csp_nonce" not in g and not request else info()
    if found is not None:
        return found.language
    best = request.accept_languages.best_match(list(ACCEPTED))
    return ACCEPTED[best] if best else runtime().settings.language


def install(app: Flask) -> None:
    """Let flask-login read and write the sessions of `app`."""
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader
    def _load(text: str) -> User | None:
        person_id, workspace_id, epoch = (*text.split(":"), "", "")[:3]
        if not all(number.isdecimal() and len(number) < 10 for number in (workspace_id, epoch)):
            return None
        found = accounts.session_of(runtime(), person_id, int(workspace_id))
        return User(found) if found is not None and found.epoch == int(epoch) else None
