"""Administration of the workspace itself: its settings, what leaves it, what is being worked on in the background."""

import re

from babel import Locale
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from holidays import list_supported_countries
from werkzeug.wrappers import Response

from formloom.platform.errors import Conflict, InputInvalid
from formloom.platform.services import jobs, outbox, people, workspaces
from formloom.platform.services.jobs import JobRow
from formloom.platform.services.open_forms import open_forms
from formloom.web import zones
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("workspace", __name__, url_prefix="/admin")

Answer = Response | str | tuple[str, int]
STATES = ("parked", "waiting", "done")


@pages.before_request
def _admins_only() -> None:
    people.require_admin(caller())


@pages.route("/workspace", methods=["GET", "POST"])
def settings() -> Answer:
    """Name, language and time zone of the workspace."""
    here = caller()
    place = workspaces.workspace(here)
    typed = {"name": place.name, "language": place.language, "zone": place.zone, "country": place.country or ""}
    typed["hours"] = ", ".join(f"{start}–{end}" for start, end in place.hours)
    status, errors, over = 200, dict[str, str](), place.mark
    if request.method == "POST":
        typed, over = {name: request.form.get(name, "") for name in typed}, request.form.get("over", over)
        try:
            workspaces.save_workspace(here, **typed | {"hours": _hours(typed["hours"])}, over=over)
        except InputInvalid as error:
            status, errors = 422, dict(error.errors)
        except Conflict as error:
            status, errors = 409, {"": str(error)}
        else:
            tell(_("The workspace is saved."))
            return redirect(url_for(".settings"))
    page = render_template(
        "admin/workspace.html",
        typed=typed,
        over=over,
        errors=errors,
        zones=zones.zones(here.lang, typed["zone"], here.now()),
        countries=_countries(here.lang),
        parked=outbox.parked(here),
    )
    return page, status


def _hours(text: str) -> list[list[str]]:
    """Spans such as `09:00–12:00, 13:00–18:00`, as they were typed; the service says what is wrong with them."""
    spans = (span for span in re.split("[,，;；、]", text) if span.strip())
    return [[part.strip() for part in re.split("[-–—~至]", span, maxsplit=1)] for span in spans]


def _countries(lang: str) -> list[tuple[str, str]]:
    """The countries whose public holidays are known, by name in the reader's language."""
    names = Locale.parse(lang).territories
    return sorted(((code, names.get(code, code)) for code in list_supported_countries()), key=lambda entry: entry[1])


@pages.get("/outbox")
def deliveries() -> Answer:
    """Mails and webhooks: first those that kept failing."""
    here = caller()
    status = request.args.get("status", STATES[0])
    found = outbox.messages(here, status=status if status in STATES else None, after=request.args.get("after") or None)
    folder = not here.runtime.settings.smtp_url
    return render_template("admin/outbox.html", page=found, status=status, parked=outbox.parked(here), folder=folder)


@pages.post("/outbox/<message_id>/retry")
def retry(message_id: str) -> Answer:
    """Try a parked message again, now."""
    outbox.retry(caller(), message_id)
    tell(_("It is tried again now."))
    return redirect(url_for(".deliveries"))


@pages.get("/jobs")
def job_list() -> Answer:
    """Long work: what runs, how far it is, how it ended."""
    here = caller()
    titles = {form.key: form.title for form in open_forms(here)}
    return render_template("admin/jobs.html", rows=jobs.jobs(here), titles=titles, parked=outbox.parked(here))


@pages.get("/jobs/<job_id>/progress")
def progress(job_id: str) -> dict[str, object]:
    """How far a job is, for the module that keeps its bar moving."""
    row: JobRow = jobs.job(caller(), job_id)
    return {"status": row.status, "done": row.done, "total": row.total}


@pages.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Answer:
    """Stop a job; what it did stays."""
    jobs.cancel(caller(), job_id)
    tell(_("The work is cancelled. What it did so far stays."))
    return redirect(url_for(".job_list"))
