"""The one place where parts are wired: settings → runtime → Flask, with sessions, CSRF, headers, errors, API and face.

The face (the pages) is named by a setting and brings `register(app, runtime)` and `error_page(fault) -> str`, so that
nothing here imports the web.
"""

import importlib
import re
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from flask import Flask, Response, abort, g, request
from flask.json.provider import DefaultJSONProvider
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from formloom.form_engine import json_text
from formloom.platform import api, faults, headers, health, nudges, sessions
from formloom.platform.models import new_id
from formloom.platform.runtime import Runtime, create_runtime
from formloom.platform.settings import Settings

MEGABYTE = 1024 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def create_app(settings: Settings, runtime: Runtime | None = None) -> Flask:
    """The web application of one process. `runtime`: one that exists already (tests, the embedded server)."""
    if runtime is None:
        runtime = create_runtime(settings)
        runtime.nudge = nudges.nudger(settings)
    app = Flask("formloom", root_path=str(Path(__file__).parent), static_folder=None, template_folder=None)
    app.extensions["formloom"] = runtime
    https = settings.address().startswith("https://")
    _configure(app, settings, https=https)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _number_requests(app, trusted=settings.trusted_proxies > 0)
    face = importlib.import_module(settings.face)
    sessions.install(app)
    headers.install(app, https=https)
    faults.install(app, _page_of(face))
    csrf = CSRFProtect(app)
    health.register(app, runtime)
    api.register(app, csrf)
    face.register(app, runtime)
    return app


class PlainJSON(DefaultJSONProvider):
    """JSON as our documents have it: keys in their order, text readable. What is no JSON, or too deep, is a ValueError."""

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a JSON text that came from outside."""
        return json_text.decode(s, "en")


def _page_of(face: ModuleType) -> faults.Page:
    page: faults.Page = getattr(face, "error_page", faults.plain_page)
    return page


def _configure(app: Flask, settings: Settings, *, https: bool) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        SESSION_COOKIE_NAME="__Host-formloom" if https else "formloom",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
        MAX_CONTENT_LENGTH=(settings.upload_megabytes + 1) * MEGABYTE,
        MAX_FORM_MEMORY_SIZE=8 * MEGABYTE,
        MAX_FORM_PARTS=100_000,  # a sub-table of 1,000 rows is one part a cell
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page left open overnight can still be sent
    )
    app.json = PlainJSON(app)


def _number_requests(app: Flask, *, trusted: bool) -> None:
    """Give each request an id that its log lines, events and outbox rows carry; a trusted proxy may bring one."""

    @app.before_request
    def _begin() -> None:
        brought = request.headers.get("X-Request-ID", "")
        g.request_id = brought if trusted and REQUEST_ID.fullmatch(brought) else new_id()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        if "\0" in request.path or any("\0" in value for values in request.args.lists() for value in values[1]):
            abort(400, "The address contains a character that can't be used.")

    @app.after_request
    def _tell(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        return response
