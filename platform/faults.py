"""The one place where an error becomes an answer: a page for people, a problem document (RFC 9457) for the API."""

import html
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Flask, Response, g, jsonify, request
from flask_wtf.csrf import CSRFError
from orjson import JSONEncodeError
from sqlalchemy.exc import DataError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from formloom.form_engine.pointers import join
from formloom.platform.errors import (
    CommandRefused,
    Conflict,
    DefinitionError,
    FormloomError,
    InputInvalid,
    NotAllowed,
    NotFound,
    Problem,
    RecordInvalid,
    StaleRecord,
    TooManyAttempts,
    Unconfirmed,
)
from formloom.platform.language import gettext
from formloom.platform.sessions import request_language

log = structlog.get_logger(__name__)

API = "/api/"
PROBLEMS = "https://formloom.dev/problems/"
CONTENT_TYPE = "application/problem+json"
STATUS: dict[type[FormloomError], int] = {
    NotAllowed: 403, NotFound: 404, Conflict: 409, CommandRefused: 409, InputInvalid: 422, RecordInvalid: 422,
    DefinitionError: 422, Unconfirmed: 422, TooManyAttempts: 429,
}  # fmt: skip
TITLES = {
    400: "The request can't be read", 401: "Please sign in", 403: "Not yours to do", 404: "Not found",
    405: "Not possible here", 409: "Something changed meanwhile", 413: "Too large", 415: "Unknown kind of content",
    422: "Something needs correcting", 429: "Too many attempts", 500: "Something went wrong on our side",
    503: "Busy just now",
}  # fmt: skip
REFUSED = "Not possible now"

DETAILS = {
    400: "Something in the address or in what was sent is not as it should be.",
    401: "Sign in, or send a bearer token.",
    404: "There is nothing at this address.",
    405: "This address can't be used this way.",
    413: "What was sent is larger than this installation takes.",
    415: "Send it as JSON, with the content type application/json.",
}
STALE_PAGE = (
    "This page belongs to another session: it was open while you signed in or out. Load it again and send it anew."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, ready to be shown: `title` and `detail` are sentences in the reader's language."""

    status: int
    title: str
    detail: str
    problems: tuple[Problem, ...] = ()
    retry_after: int | None = None


Page = Callable[[Fault], str]


def _web_problems(error: HTTPException) -> tuple[Problem, ...]:
    """The messages of webargs (what marshmallow found), flattened to JSON Pointers; `_schema` is the whole that was sent."""
    found: list[Problem] = []

    def _walk(pointer: str, node: object) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                _walk(pointer if key == "_schema" else join(pointer, str(key)), value)
        elif isinstance(node, list):
            found.extend(Problem(pointer, str(message)) for message in node)
        else:
            found.append(Problem(pointer, str(node)))

    for messages in (getattr(error, "data", None) or {}).get("messages", {}).values():
        _walk("", messages)
    return tuple(found)


def _problems(error: FormloomError) -> tuple[Problem, ...]:
    match error:
        case RecordInvalid():
            return error.errors
        case DefinitionError():
            return error.problems
        case Unconfirmed():
            return error.warnings
        case StaleRecord():
            return tuple(Problem(f"/{item.field}", item.label) for item in error.fields)
        case CommandRefused():
            return tuple(Problem(f"/{item.field}", item.label) for item in error.difference)
        case InputInvalid():
            return tuple(Problem(f"/{name}", message) for name, message in error.errors.items())
    return ()


def _title(error: FormloomError, status: int) -> str:
    """A refusal says that something changed only where something did."""
    changed = isinstance(error, StaleRecord) or (isinstance(error, CommandRefused) and error.difference)
    return TITLES[status] if status != 409 or changed else REFUSED


def _sentence(error: HTTPException, status: int) -> str:
    if isinstance(error, CSRFError):
        return STALE_PAGE
    ours = status in DETAILS and error.description in (None, type(error).description)
    return DETAILS[status] if ours else str(error.description or "")


def status_of(error: FormloomError) -> int:
    """The HTTP status that answers `error`."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)


def fault_of(error: Exception, lang: str) -> Fault:
    """What a person is told about `error`, in `lang`; an error that nobody foresaw is logged and told by its number."""
    match error:
        case FormloomError():
            status = status_of(error)
            wait = error.seconds if isinstance(error, TooManyAttempts) else None
            return Fault(status, gettext(lang, _title(error, status)), str(error), _problems(error), wait)
        case HTTPException():
            status = error.code or 500
            problems = _web_problems(error)
            detail = " ".join(f"{p.pointer}: {p.message}".removeprefix(": ") for p in problems) or gettext(
                lang, _sentence(error, status)
            )
            return Fault(status, gettext(lang, TITLES.get(status, error.name)), detail, problems)
        case DataError() | UnicodeEncodeError() | OverflowError() | JSONEncodeError():
            log.warning("unstorable value", exc_info=error)
            sentence = gettext(lang, "It contains a character or a number that can't be stored.")
            return Fault(422, gettext(lang, TITLES[422]), sentence)
        case OperationalError() | TimeoutError():
            log.warning("database unavailable", error=str(error))
            sentence = gettext(lang, "The database is busy or can't be reached. Please try again in a moment.")
            return Fault(503, gettext(lang, TITLES[503]), sentence, retry_after=5)
    log.error("unforeseen error", exc_info=error)
    sentence = gettext(lang, "It is in the log under the number {number}.", number=g.get("request_id", ""))
    return Fault(500, gettext(lang, TITLES[500]), sentence)


def problem(fault: Fault) -> Response:
    """`fault` as a problem document (RFC 9457)."""
    body: dict[str, object] = {
        "type": PROBLEMS + str(fault.status),
        "title": fault.title,
        "status": fault.status,
        "detail": fault.detail,
        "instance": request.path,
        "request_id": g.get("request_id", ""),
    }
    if fault.problems:
        body["errors"] = [{"pointer": item.pointer, "message": item.message} for item in fault.problems]
    response = jsonify(body)
    response.status_code = fault.status
    response.content_type = CONTENT_TYPE
    if fault.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def plain_page(fault: Fault) -> str:
    """The page of a face that draws none: title and sentence."""
    title, detail = html.escape(fault.title), html.escape(fault.detail)
    return f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>{detail}</p>"


def wants_json() -> bool:
    """Whether a program asks, or a module of a page, which reads a problem document."""
    asked = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith(API) or asked == "application/json"


def install(app: Flask, page: Page) -> None:
    """Answer every error of `app`: to programs, and to modules of a page, with a problem document, else with `page(fault)`."""

    @app.errorhandler(Exception)
    def _answer(error: Exception) -> Response:
        fault = fault_of(error, request_language())
        response = problem(fault) if wants_json() else Response(page(fault), fault.status, mimetype="text/html")
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response
