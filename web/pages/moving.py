"""What becomes of requests under another version: moving those under way, and replaying the last ones under the draft."""

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform.errors import DefinitionError
from formloom.platform.services import apps, migrating, people, replaying
from formloom.web.pages.definition import form_of
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("moving", __name__, url_prefix="/design/<app_key>/<form_key>")

Answer = Response | str | tuple[str, int]


@pages.before_request
def _admins_only() -> None:
    people.require_admin(caller())


@pages.post("/move")
def move(app_key: str, form_key: str) -> Answer:
    """Move every running request that can go to the newest version; its page is shown how far that is."""
    migrating.move(caller(), form_key)
    tell(_("The requests are being moved. Each can be taken back until the next thing happens to it."))
    return redirect(url_for("definition.versions", app_key=app_key, form_key=form_key))


@pages.post("/move/undo")
def undo(app_key: str, form_key: str) -> Answer:
    """Take back the moves of requests to which nothing has happened since."""
    migrating.begin_undo(caller(), form_key)
    tell(_("The requests go back to their versions."))
    return redirect(url_for("definition.versions", app_key=app_key, form_key=form_key))


@pages.get("/replay")
def replay(app_key: str, form_key: str) -> Answer:
    """Which of the last requests would go another way under the draft, and where first."""
    here = caller()
    problems, found = (), None
    try:
        found = replaying.replay(here, form_key)
    except DefinitionError as error:
        problems = tuple(error.problems)
    page = render_template(
        "designer/replay.html",
        app=apps.app(here, app_key),
        form=form_of(app_key, form_key),
        found=found,
        problems=problems,
        tab="replay",
    )
    return page, 422 if problems else 200
