"""Automations: the editor of one in the designer, the log for admins, and the buttons on records."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform.errors import CommandRefused, Conflict, DefinitionError, InputInvalid
from formloom.platform.marks import mark_of
from formloom.platform.services import apps, automations, outbox, people
from formloom.web import json_lines, json_text
from formloom.web.checking import ORDER, Marked, summary_of
from formloom.web.pages.designer import titled
from formloom.web.places import place
from formloom.web.request import caller
from formloom.web.telling import tell
from formloom.workflow_engine.automation import title_of

pages = Blueprint("automations", __name__)

Answer = Response | str | tuple[str, int]
STATES = ("help", "done", "open", "waiting")


@pages.get("/design/<app_key>/automations")
def app_automations(app_key: str) -> Answer:
    """The automations of an app, and a new one."""
    people.require_admin(caller())
    return _list(app_key)


def _list(app_key: str, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> str:
    here = caller()
    forms = titled(app_key)
    return render_template(
        "automations/list.html",
        app=apps.app(here, app_key),
        rows=automations.automations(here, app_key),
        forms=[(form.key, form.title) for form in forms if form.version],
        called={form.key: form.title for form in forms},
        typed=typed or {},
        errors=errors or {},
    )


@pages.post("/design/<app_key>/automations")
def create(app_key: str) -> Answer:
    """Begin an automation, switched off, and open it."""
    people.require_admin(caller())
    typed = {name: request.form.get(name, "").strip() for name in ("title", "key", "form")}
    try:
        key = automations.create_automation(
            caller(), app_key, key=typed["key"], title=typed["title"], form_key=typed["form"]
        )
    except InputInvalid as error:
        return _list(app_key, typed, error.errors), 422
    except Conflict as error:
        return _list(app_key, typed, {"key": str(error)}), 409
    return redirect(url_for(".edit", app_key=app_key, key=key))


@pages.get("/design/<app_key>/automations/<key>")
def edit(app_key: str, key: str) -> Answer:
    """An automation as JSON, with what is wrong with it."""
    people.require_admin(caller())
    document = automations.automation(caller(), app_key, key)
    return _editor(app_key, key, json_text.pretty(document), mark_of(document))


@pages.post("/design/<app_key>/automations/<key>")
def save(app_key: str, key: str) -> Answer:
    """Save it; with errors nothing is changed, and what was typed stays."""
    people.require_admin(caller())
    source, over = request.form.get("document", ""), request.form.get("over")
    try:
        automations.save_automation(caller(), app_key, key, source, over=over)
    except DefinitionError:
        return _editor(app_key, key, source, over), 422
    except Conflict as error:
        return _editor(app_key, key, source, over, str(error)), 409
    tell(_("The automation is saved. It holds from now on."))
    return redirect(url_for(".edit", app_key=app_key, key=key))


def _editor(app_key: str, key: str, source: str, over: str | None, elsewhere: str = "") -> str:
    """The page with this text, which was made from what has the mark `over`; `elsewhere` says that it is another one now."""
    here = caller()
    title = title_of(key, automations.automation(here, app_key, key), here.lang)
    problems = _problems(app_key, key, source)
    return render_template(
        "automations/edit.html",
        app=apps.app(here, app_key),
        key=key,
        title=title,
        source=source,
        over=over or "",
        elsewhere=elsewhere,
        problems=problems,
        summary=summary_of(problems),
        told=[problem.to_json() for problem in problems],
    )


def _problems(app_key: str, key: str, source: str) -> Sequence[Marked]:
    places = json_lines.locate(source)
    if places.broken:
        return [Marked("", _("From here on this is no JSON."), "error", places.broken.line)]
    found = automations.check_automation(caller(), app_key, key, source)
    marked = [Marked(each.pointer, each.message, each.severity, places.of(each.pointer).line) for each in found]
    return sorted(marked, key=lambda problem: (ORDER[problem.severity], problem.line))


@pages.post("/design/<app_key>/automations/<key>/check")
def check(app_key: str, key: str) -> Mapping[str, Any]:
    """With script: what is wrong with the text as it stands. Nothing is saved."""
    people.require_admin(caller())
    sent = request.get_json(silent=True)
    source = str(sent.get("text", "")) if isinstance(sent, dict) else ""
    found = _problems(app_key, key, source)
    return {"problems": [problem.to_json() for problem in found]}


@pages.post("/design/<app_key>/automations/<key>/delete")
def delete(app_key: str, key: str) -> Answer:
    """Delete an automation; its log stays. One that a button runs is kept, and the page says why."""
    people.require_admin(caller())
    try:
        automations.delete_automation(caller(), app_key, key)
    except Conflict as error:
        tell(str(error), "bad")
        return redirect(url_for(".edit", app_key=app_key, key=key))
    tell(_("The automation is deleted. The log of what it did stays."))
    return redirect(url_for(".app_automations", app_key=app_key))


@pages.get("/admin/automations")
def log() -> Answer:
    """What automations did: first what failed or was held back."""
    here = caller()
    people.require_admin(here)
    status = request.args.get("status", STATES[0])
    found = automations.runs(here, status=status if status in STATES else None, after=request.args.get("after") or None)
    return render_template(
        "admin/automations.html",
        page=found,
        status=status,
        parked=outbox.parked(here),
        help=automations.in_need(here),
        called=people.names(here),
    )


@pages.post("/admin/automations/<run_id>/retry")
def retry(run_id: str) -> Answer:
    """Try a run again from where it failed."""
    status = automations.retry(caller(), run_id)
    if status == "failed":
        tell(_("It failed again. The log says why."), "bad")
    else:
        tell(_("It is done now.") if status == "done" else _("It goes on."))
    return redirect(url_for(".log"))


@pages.post("/apps/<app_key>/<form_key>/<record_id>/press/<key>")
def press(app_key: str, form_key: str, record_id: str, key: str) -> Answer:
    """Press a button of a record."""
    where = place(caller(), app_key, form_key)
    try:
        automations.press(caller(), form_key, record_id, key)
    except CommandRefused as error:
        tell(str(error), "bad")
    else:
        tell(_("Done."))
    return redirect(f"{where.address}/{record_id}")
