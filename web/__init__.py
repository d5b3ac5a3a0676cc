"""What a person sees: pages rendered on the server, small modules in the browser. Holds no query and no rule.

`register` adds the face to an application, `error_page` draws what went wrong; platform knows no more of it.
Each module of `pages/` is an area with its blueprint `pages`; a new area is a new file.
"""

import json
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from flask import Flask, Response, current_app, redirect, render_template
from flask import request as asked  # the submodule `request` would take that name here
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from formloom.form_engine.field_types.text import sanitised
from formloom.platform import sessions
from formloom.platform.faults import Fault, wants_json
from formloom.platform.runtime import Runtime
from formloom.web import addresses, assets, chains, faces, kinds, language, pages, shell
from formloom.web.request import SignInNeeded
from formloom.web.telling import tellings

FOLDER = Path(__file__).parent
ERROR_ICONS = {403: "lock", 404: "file-search", 409: "git-compare", 419: "clock", 429: "hourglass"}


def register(app: Flask, runtime: Runtime) -> None:
    """Add every page to `app`."""
    app.jinja_loader = ChoiceLoader([FileSystemLoader(FOLDER / "templates")])  # type: ignore[assignment]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app)
    app.jinja_env.globals.update(
        asset=assets.address,
        script=assets.script,
        field_kind=kinds.finder(app.jinja_env),
        chain_of=chains.chain_of,
        grid_of=chains.grid_of,
        labels_of=chains.labels_of,
        tree_of=chains.tree_of,
        browser_words=language.browser_words,
        html_language=language.HTML_LANGUAGE.__getitem__,
        import_map=import_map,
        language_names=language.OWN_NAMES,
        look=shell.look,
        shell=shell.shell,
        tellings=tellings,
        this_page=addresses.this_page,
    )
    app.jinja_env.filters.update(
        initials=faces.initials,
        tone=faces.tone,
        sanitised=_sanitised,
        grouped=faces.grouped,
        moment=language.shown_moment,
        whole_moment=language.shown_whole_moment,
        day=language.shown_day,
    )
    app.register_blueprint(assets.pages)
    for module in iter_modules(pages.__path__):
        app.register_blueprint(import_module(f"{pages.__name__}.{module.name}").pages)
    app.register_error_handler(SignInNeeded, _to_the_door)


def import_map() -> dict[str, dict[str, str]]:
    """Bare names of vendored modules, for the page's import map."""
    manifest = json.loads((assets.FOLDER / "vendor" / "manifest.json").read_text(encoding="utf-8"))
    return {"imports": {name: assets.address(f"vendor/{file}") for name, file in manifest["modules"].items()}}


def error_page(fault: Fault) -> str:
    """The page of an error: what happened and what to do. Without a database it is drawn without a frame."""
    sign = ERROR_ICONS.get(fault.status, "alert-triangle")
    framed = fault.status < 500 and sessions.info() is not None
    try:
        page = "errors/page.html" if framed else "errors/bare.html"
        return render_template(page, fault=fault, sign=sign, framed=framed, back=_back())
    except Exception:
        if not framed:
            raise
        current_app.logger.exception("the frame around an error page failed")
        return render_template("errors/bare.html", fault=fault, sign=sign, framed=framed, back="")


def _back() -> str:
    """The page that sent what went wrong, "" where there is none: what was typed there may still stand in it."""
    return addresses.this_page("") if asked.method == "POST" else ""


def _sanitised(html: object) -> Markup:
    """Formatted text, sanitised once more where it is drawn, whatever was stored."""
    return Markup(sanitised(html)) if isinstance(html, str) else Markup("")  # noqa: S704


def _to_the_door(_error: Exception) -> AnyResponse:
    if wants_json():
        return Response(json.dumps({"detail": "Please sign in."}), 401, mimetype="application/problem+json")
    back = asked.full_path.rstrip("?") if asked.method == "GET" else "/"
    return redirect(f"/sign-in?next={back}" if back != "/" else "/sign-in")
