"""`/api/v1/docs`: the OpenAPI document as a page of our own, which needs no script and nothing from elsewhere.

It speaks the reader's language; names, types and what schemas say of their properties are as programs read them.
"""

from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, render_template_string
from flask_smorest import Api

from formloom.platform.language import gettext
from formloom.platform.sessions import request_language

FOLDER = Path(__file__).parent
PAGE = (FOLDER / "docs.html").read_text(encoding="utf-8")
STYLE = (FOLDER / "docs.css").read_text(encoding="utf-8")
VERBS = ("get", "post", "patch", "put", "delete")
ABOUT = (
    "Forms, records and tasks for programs. Make a token on your profile page and send it as `Authorization: Bearer fl_…`; "
    "a program in the browser may use the session instead and sends its CSRF token as `X-CSRFToken`. "
    "Lists are paged by key: ask with `after` until it is null. Errors are problem documents (RFC 9457): `errors` names each "
    "wrong field by a JSON Pointer. A change that comes too late is answered 409."
)


def register(app: Flask, api: Api) -> None:
    """Add the page, once all resources are registered on `api`."""
    pages = Blueprint("api_docs", __name__, url_prefix="/api/v1")

    @pages.get("/docs")
    def page() -> str:
        """The page."""
        lang = request_language()
        say = partial(gettext, lang)
        return render_template_string(PAGE, **contents(api.spec.to_dict()), lang=lang.replace("_", "-"), say=say)

    @pages.get("/docs.css")
    def style() -> Response:
        """Its style."""
        return Response(STYLE, mimetype="text/css")

    app.register_blueprint(pages)


def contents(document: dict[str, Any]) -> dict[str, Any]:
    """What the page is drawn from: the operations by tag, the schemas with their properties."""
    operations = [
        {"verb": verb, "path": path, **_operation(entry[verb], entry.get("parameters", []))}
        for path, entry in document["paths"].items()
        for verb in VERBS
        if verb in entry
    ]
    tags = [
        {**tag, "operations": [each for each in operations if tag["name"] in each["tags"]]} for tag in document["tags"]
    ]
    schemas = [_schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]
    return {"info": document["info"], "tags": tags, "schemas": schemas}


def _operation(operation: dict[str, Any], shared: list[dict[str, Any]]) -> dict[str, Any]:
    answers = {
        status: {"about": answer.get("description", ""), "schema": _name(_json(answer))}
        for status, answer in operation["responses"].items()
        if "$ref" not in answer
    }
    return {
        "tags": operation.get("tags", []),
        "summary": operation.get("summary", ""),
        "about": operation.get("description", ""),
        "parameters": [_parameter(each) for each in [*shared, *operation.get("parameters", [])] if "name" in each],
        "body": _name(_json(operation.get("requestBody", {}))),
        "answers": answers,
    }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    shown = {"name": parameter["name"], "where": parameter["in"], "type": _type(parameter.get("schema", {}))}
    return shown | {"about": parameter.get("description", "")}


def _json(holder: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _name(schema: dict[str, Any]) -> str:
    """What a schema is called: its name, or what it lists."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    return _name(schema["items"]) if schema.get("type") == "array" else ""


def _schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    properties = [
        {
            "name": key,
            "type": _type(each),
            "ref": _name(each),
            "about": each.get("description", ""),
            "required": key in required,
        }
        for key, each in schema.get("properties", {}).items()
    ]
    return {"name": name, "properties": properties}


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema)
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kinds = " or ".join(kind) if isinstance(kind, list) else str(kind)
    form = f" ({schema['format']})" if "format" in schema else ""
    choices = f": {', '.join(str(each) for each in schema['enum'] if each != '')}" if "enum" in schema else ""
    return kinds + form + choices
