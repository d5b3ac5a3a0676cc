"""Who calls the API: the member of a bearer token, or of the browser's session (which then must send its CSRF token)."""

from collections.abc import Callable
from typing import Any

from flask import current_app, g, request
from flask_smorest import Blueprint
from werkzeug.exceptions import Unauthorized

from formloom.platform import sessions
from formloom.platform.api.parsing import Parser
from formloom.platform.runtime import Caller
from formloom.platform.services import tokens

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BEARER = "bearer "


class Resources(Blueprint):
    """A blueprint of the API: what is sent to it is read by our own parser."""

    ARGUMENTS_PARSER = Parser()

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Add a resource; programs that are made from the OpenAPI document call it by the name of its function."""
        if view_func is not None:
            view_func = self.doc(operationId=view_func.__name__)(view_func)
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def guarded(name: str, description: str) -> Resources:
    """A blueprint into which nobody comes who is not known."""
    resources = Resources(name, __name__, description=description)
    resources.before_request(_authenticate)
    return resources


def _authenticate() -> None:
    given = request.headers.get("Authorization", "")
    if given:
        g.api_caller = _of_token(given)
        return
    found = sessions.caller()
    if found is None:
        raise Unauthorized
    if request.method not in SAFE:
        current_app.extensions["csrf"].protect()
    g.api_caller = found


def _of_token(given: str) -> Caller:
    token = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
    found = tokens.caller_of_token(
        sessions.runtime(), token, request_id=g.get("request_id", ""), address=request.remote_addr
    )
    if found is None:
        raise Unauthorized
    return found


def caller() -> Caller:
    """The caller of this request."""
    found: Caller = g.api_caller
    return found
