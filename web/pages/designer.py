"""The designer's way in: the apps of the workspace, making and importing one, and the forms of one app."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform.errors import Conflict, DefinitionError, InputInvalid, Problem
from formloom.platform.services import apps, forms, people
from formloom.platform.services.app_forms import AppForm, app_forms
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("designer", __name__, url_prefix="/design")

Answer = Response | str | tuple[str, int]
ICONS = (
    "apps", "building-store", "award", "target-arrow", "school", "checklist", "calendar-event", "heart-handshake",
    "receipt", "plane-departure", "users", "timeline", "file-certificate", "table",
)  # fmt: skip


@pages.before_request
def _admins_only() -> None:
    people.require_admin(caller())


@pages.get("")
def start() -> Answer:
    """The apps, and how a new one comes."""
    return _apps_page()


def _apps_page(
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> str:
    return render_template(
        "designer/apps.html",
        apps=apps.apps(caller()),
        typed=typed or {},
        errors=errors or {},
        problems=problems,
        deleted=apps.deleted_apps(caller()),
        accents=apps.ACCENTS,
        icons=ICONS,
    )


@pages.post("")
def create() -> Answer:
    """Make a blank app and go to it."""
    typed = {name: request.form.get(name, "") for name in ("name", "icon", "accent")}
    try:
        key = apps.create_app(caller(), **typed)
    except InputInvalid as error:
        return _apps_page(typed, error.errors), 422
    return redirect(url_for(".app_page", app_key=key))


@pages.post("/import")
def import_app() -> Answer:
    """An app from a .zip: everything in it resolves, or nothing is changed and the page says why."""
    file = request.files.get("file")
    try:
        key = apps.import_app(caller(), file.read() if file else b"")
    except DefinitionError as error:
        return _apps_page(problems=error.problems), 422
    except InputInvalid as error:
        return _apps_page(errors={"file": str(error)}), 422
    except Conflict as error:
        return _apps_page(errors={"file": str(error)}), 409
    tell(_("The app is imported."))
    return redirect(url_for(".app_page", app_key=key))


@pages.get("/<app_key>")
def app_page(app_key: str) -> Answer:
    """The forms of an app with their versions."""
    return _app_page(app_key)


def _app_page(app_key: str, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> str:
    here = caller()
    return render_template(
        "designer/app.html",
        app=apps.app(here, app_key),
        forms=titled(app_key),
        typed=typed or {},
        errors=errors or {},
    )


def titled(app_key: str) -> list[AppForm]:
    """The forms of an app, by their titles in the reader's language as far as they are published."""
    here = caller()
    titles = {form.key: form.title for form in apps.app(here, app_key).forms}
    return [replace(form, title=titles.get(form.key, form.title)) for form in app_forms(here, app_key)]


@pages.post("/<app_key>/forms")
def create_form(app_key: str) -> Answer:
    """Begin a form and open its definition."""
    typed = {name: request.form.get(name, "").strip() for name in ("title", "key")}
    try:
        key = forms.create_form(caller(), app_key, **typed)
    except InputInvalid as error:
        return _app_page(app_key, typed, error.errors), 422
    except Conflict as error:
        return _app_page(app_key, typed, {"key": str(error)}), 409
    return redirect(url_for("definition.definition", app_key=app_key, form_key=key))


@pages.get("/<app_key>.zip")
def export(app_key: str) -> Answer:
    """The app as a .zip that can be imported again, here or elsewhere."""
    packed = BytesIO(apps.export_app(caller(), app_key))
    return send_file(packed, mimetype="application/zip", as_attachment=True, download_name=f"{app_key}.zip")


@pages.post("/<app_key>/delete")
def delete(app_key: str) -> Answer:
    """Delete an app; its name has to be typed."""
    try:
        apps.delete_app(caller(), app_key, name_typed=request.form.get("name_typed", ""))
    except InputInvalid as error:
        return _app_page(app_key, errors=error.errors), 422
    tell(_("The app is deleted. It can be brought back for 30 days."), undo=url_for(".restore", app_key=app_key))
    return redirect(url_for(".start"))


@pages.post("/<app_key>/restore")
def restore(app_key: str) -> Answer:
    """Bring a deleted app back, with its forms and records."""
    apps.restore_app(caller(), app_key)
    tell(_("The app is back."))
    return redirect(url_for(".app_page", app_key=app_key))
