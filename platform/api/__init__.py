"""The REST API under /api/v1: what the pages can do, for programs. Each resource parses, calls one service, and writes.

marshmallow describes what crosses it (schemas.py), and the OpenAPI 3.1 document is made from that. Who calls is decided in
access.py; every error is answered by platform/faults.py as a problem document (RFC 9457).
"""

from typing import Any

from flask import Flask
from flask_smorest import Api
from flask_wtf import CSRFProtect

from formloom.platform import faults
from formloom.platform.api import apps, docs, forms, records, schemas, tasks, workspaces

PREFIX = "/api/v1"
RESOURCES = (workspaces, apps, forms, records, tasks)


class OwnErrors(Api):
    """flask-smorest without its error handler: errors are answered at one place for pages and API alike."""

    ERROR_SCHEMA = schemas.ProblemDocument

    def _register_error_handlers(self) -> None:
        """Leave errors to faults.py."""

    def _register_responses(self) -> None:
        """The error answers of the document, with the content type that they are sent with."""
        plain, self.DEFAULT_RESPONSE_CONTENT_TYPE = self.DEFAULT_RESPONSE_CONTENT_TYPE, faults.CONTENT_TYPE
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = plain

    def _register_pagination_header(self) -> None:
        """Nothing: lists are paged by key, no answer counts pages."""


def register(app: Flask, csrf: CSRFProtect) -> None:
    """Add the API to `app`."""
    app.config.update(
        API_TITLE="Formloom",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = OwnErrors(
        app, spec_kwargs={"info": {"description": docs.ABOUT}, "security": [{"token": []}, {"session": []}]}
    )
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    session: dict[str, Any] = {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]}
    api.spec.components.security_scheme("session", session)
    for module in RESOURCES:
        csrf.exempt(module.resources)
        api.register_blueprint(module.resources, url_prefix=PREFIX)
    docs.register(app, api)
