"""Templates of fields without a server: the environment that pages use, and a form drawn through it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from flask import Flask

from formloom.form_engine import definition
from formloom.form_engine.errors import Problem
from formloom.form_engine.form import Form
from formloom.form_engine.record import Context, settle
from formloom.web import chains, faces, kinds, language, posted
from formloom.web.drawing import Drawing
from formloom.web.slots import Drawn

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@cache
def app() -> Flask:
    """An application that draws fields and nothing else."""
    from jinja2 import FileSystemLoader, StrictUndefined

    import formloom.web as web

    made = Flask("drawing", static_folder=None)
    made.jinja_loader = FileSystemLoader(web.FOLDER / "templates")  # type: ignore[assignment]
    made.jinja_env.undefined = StrictUndefined
    made.jinja_env.trim_blocks = made.jinja_env.lstrip_blocks = True
    from flask_babel import Babel

    Babel(made).domain_instance = language.Catalogues()
    made.jinja_env.globals |= {
        "asset": lambda name: f"/static/{name}", "csrf_token": lambda: "token", "field_kind": kinds.finder(made.jinja_env),
        "chain_of": chains.chain_of, "grid_of": chains.grid_of, "tree_of": chains.tree_of, "labels_of": chains.labels_of,
    }  # fmt: skip
    made.jinja_env.filters |= {
        "initials": faces.initials, "tone": faces.tone, "grouped": faces.grouped, "sanitised": web._sanitised,
    }  # fmt: skip
    return made


def form_of(**properties: Mapping[str, Any]) -> Form:
    return definition.load({"type": "object", "title": "Form", "properties": properties})


def drawn(
    form: Form, values: Mapping[str, Any] | None = None, *, problems: Sequence[Problem] = (), **more: Any
) -> Drawn:
    states = settle(form, values or {}, Context(now=NOW)).states
    return Drawing(form, "en", states=states, problems=problems, **more).draw(posted.shown(values or {}))


def html(form: Form, values: Mapping[str, Any] | None = None, *, macro: str = "edit", **more: Any) -> str:
    """Every field of a form, one below the other, as the macro writes it."""
    made = app()
    with made.test_request_context():
        fields: Any = made.jinja_env.get_template("components/fields.html").module
        return "\n".join(str(getattr(fields, macro)(slot)) for slot in drawn(form, values, **more).slots.values())
