"""The Definition page: a form's and a workflow's JSON with live checking, a preview beside it, versions, and Publish.

What is being worked on is a draft: it changes nothing for others until it is published.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from formloom.form_engine import definition as form_definition
from formloom.platform.errors import Conflict, DefinitionError, NotFound
from formloom.platform.services import apps, forms, migrating, people, publishing
from formloom.platform.services.app_forms import AppForm
from formloom.platform.services.forms import Kind
from formloom.web import json_text
from formloom.web.checking import (
    Preview,
    field_names,
    findings_of,
    preview_of,
    problems_of,
    proof_of,
    summary_of,
)
from formloom.web.pages.designer import titled
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("definition", __name__, url_prefix="/design/<app_key>/<form_key>")

Answer = Response | str | tuple[str, int]


@pages.before_request
def _admins_only() -> None:
    people.require_admin(caller())


@pages.get("")
def definition(app_key: str, form_key: str) -> Answer:
    """The draft of the form, or of its workflow (`?tab=workflow`)."""
    kind = _kind(request.args.get("tab", "form"))
    source = json_text.pretty(forms.draft(caller(), form_key, kind).document)
    return _page(app_key, form_key, kind, source)


@pages.post("/<kind>")
def save(app_key: str, form_key: str, kind: str) -> Answer:
    """Without script: keep the draft and say what is wrong with it. What was typed stays, JSON or not."""
    known, source = _kind(kind), request.form.get("document", "")
    try:
        status = 200 if _kept(form_key, known, source, request.form.get("over")) else 422
    except Conflict as error:
        return _page(app_key, form_key, known, source, str(error)), 409
    return _page(app_key, form_key, known, source), status


@pages.post("/<kind>/check")
def check(app_key: str, form_key: str, kind: str) -> Mapping[str, Any]:
    """With script: the same, while one types. Gives problems, the preview, the words of the button and the draft's mark."""
    sent = request.get_json(silent=True)
    sent = sent if isinstance(sent, dict) else {}
    known, source = _kind(kind), str(sent.get("text", ""))
    saved = _kept(form_key, known, source, sent.get("over"))
    problems = problems_of(caller(), form_key, known, source)
    preview = preview_of(caller(), form_key, known, source, problems)
    return {
        "saved": saved,
        "over": forms.draft(caller(), form_key, known).mark,
        "problems": [problem.to_json() for problem in problems],
        "preview": render_template("designer/preview.html", **_shown(preview)),
        "publish": _publish_words(form_key),
    }


@pages.post("/workflow/prove")
def prove(app_key: str, form_key: str) -> Mapping[str, Any]:
    """What is proven of the workflow's draft, which the page has kept by then. It may take seconds; the page types on."""
    here = caller()
    proven, found = proof_of(here, form_key)
    source = json_text.pretty(proven.workflow)
    told = [*problems_of(here, form_key, "workflow", source), *found]
    preview = preview_of(here, form_key, "workflow", source, told)
    return {
        "begun": proven.begun,
        "decided": all(finding.kind != "undecided" for finding in proven.findings),
        "findings": [each.to_json() for each in found],
        "preview": render_template("designer/preview.html", **_shown(preview)),
    }


def _kind(name: str) -> Kind:
    if name not in forms.KINDS:
        raise NotFound(_("There is no such page."))
    return name


def _page(app_key: str, form_key: str, kind: Kind, source: str, elsewhere: str = "") -> str:
    here = caller()
    problems = problems_of(here, form_key, kind, source)
    form = form_of(app_key, form_key)
    return render_template(
        "designer/definition.html",
        app=apps.app(here, app_key),
        form=form,
        tab=kind,
        draft=forms.draft(here, form_key, kind),
        source=source,
        elsewhere=elsewhere,
        problems=problems,
        told=[problem.to_json() for problem in problems],
        summary=summary_of(problems),
        publish_words=_publish_words(form_key),
        counts={kind: sum(problem.severity == "error" for problem in problems)},
        **_shown(preview_of(here, form_key, kind, source, problems)),
    )


def form_of(app_key: str, form_key: str) -> AppForm:
    """The form among those of its app, so that an address names both rightly."""
    for form in titled(app_key):
        if form.key == form_key:
            return form
    raise NotFound(_("There is no such form in this app."))


def _kept(form_key: str, kind: Kind, source: str, over: str | None) -> bool:
    """Save the draft where the text is JSON; nothing is written when it says what is kept already.

    Raises:
        Conflict: the draft is another one than that of the mark `over`.
    """
    here = caller()
    try:
        document = form_definition.parse(source, lang=here.lang)
        if not isinstance(document, Mapping):
            return False
        if not forms.same(forms.draft(here, form_key, kind).document, document):
            forms.save_draft(here, form_key, kind, document, over=over)
    except DefinitionError:
        return False
    return True


def _shown(preview: Preview) -> dict[str, Any]:
    return {"drawn": preview.drawn, "steps": preview.steps, "found": preview.found, "lang": caller().lang}


def _publish_words(form_key: str) -> str:
    """The button names how much would be published."""
    here = caller()
    changed = sum(forms.draft(here, form_key, kind).changed for kind in forms.KINDS)
    return ngettext("Publish %(num)d change…", "Publish %(num)d changes…", changed) if changed else _("Publish…")


@pages.post("/<kind>/discard")
def discard(app_key: str, form_key: str, kind: str) -> Answer:
    """Throw the draft away and go back to what is published."""
    known = _kind(kind)
    try:
        forms.discard_draft(caller(), form_key, known)
    except Conflict as error:
        tell(str(error), "bad")
    else:
        tell(_("The draft is thrown away. You see what is published."))
    return redirect(url_for(".definition", app_key=app_key, form_key=form_key, tab=known))


@pages.get("/publish")
def plan(app_key: str, form_key: str) -> Answer:
    """What publishing changes, for how many records, and what is against it."""
    return _plan_page(app_key, form_key)


def _plan_page(app_key: str, form_key: str) -> str:
    here = caller()
    found = publishing.publication_plan(here, form_key)
    return render_template(
        "designer/publish.html",
        app=apps.app(here, app_key),
        form=form_of(app_key, form_key),
        plan=found,
        findings=findings_of(here, form_key, found.findings),
        names=field_names(here, form_key),
        tab="publish",
    )


@pages.post("/publish")
def publish(app_key: str, form_key: str) -> Answer:
    """Make the drafts what everybody works with."""
    try:
        done = publishing.publish(caller(), form_key)
    except (DefinitionError, Conflict) as error:
        if isinstance(error, Conflict):
            tell(str(error), "warn")
        return _plan_page(app_key, form_key), 422
    tell(_("Published. Everybody works with it from now on; requests under way stay on theirs."))
    if done.job_id is not None:
        tell(_("Older records are read anew in the background."), "")
    return redirect(url_for(".versions", app_key=app_key, form_key=form_key))


@pages.get("/versions")
def versions(app_key: str, form_key: str) -> Answer:
    """The published versions of form and workflow."""
    here = caller()
    rows = {kind: forms.versions(here, form_key, kind) for kind in forms.KINDS}
    return render_template(
        "designer/versions.html",
        app=apps.app(here, app_key),
        form=form_of(app_key, form_key),
        rows=rows,
        called=people.names(here),
        moving=migrating.plan(here, form_key) if any(row.current for row in rows["workflow"]) else None,
        job=migrating.last_job(here, form_key),
        tab="versions",
    )


@pages.get("/<kind>/versions/<int(max=999999999):number>")
def version(app_key: str, form_key: str, kind: str, number: int) -> Answer:
    """One published version, to be read."""
    here, known = caller(), _kind(kind)
    return render_template(
        "designer/version.html",
        app=apps.app(here, app_key),
        form=form_of(app_key, form_key),
        kind=known,
        number=number,
        source=json_text.pretty(forms.version(here, form_key, known, number)),
        tab="versions",
    )
