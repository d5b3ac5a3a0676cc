"""Filling in a form: a new record, a record being changed; what is typed is kept and never lost."""

from flask import Blueprint
from werkzeug.wrappers import Response

from formloom.web.fillings import NewRecord, changed_record
from formloom.web.flow import Answer, begin, kept, submit
from formloom.web.places import place
from formloom.web.request import caller

pages = Blueprint("filling", __name__)


@pages.get("/apps/<app_key>/<form_key>/new")
def new(app_key: str, form_key: str) -> Answer:
    """An empty form, or what was typed into it before."""
    return begin(NewRecord(caller(), place(caller(), app_key, form_key)))


@pages.post("/apps/<app_key>/<form_key>/new")
def create(app_key: str, form_key: str) -> Answer:
    """Submit a new record."""
    return submit(NewRecord(caller(), place(caller(), app_key, form_key)))


@pages.get("/apps/<app_key>/<form_key>/<record_id>/edit")
def edit(app_key: str, form_key: str, record_id: str) -> Answer:
    """A record to be changed, with what was typed into it before."""
    return begin(changed_record(caller(), place(caller(), app_key, form_key), record_id))


@pages.post("/apps/<app_key>/<form_key>/<record_id>/edit")
def change(app_key: str, form_key: str, record_id: str) -> Answer:
    """Save a changed record; if somebody was faster, both versions are shown, field by field."""
    return submit(changed_record(caller(), place(caller(), app_key, form_key), record_id))


@pages.post("/apps/<app_key>/<form_key>/new/draft")
def new_draft(app_key: str, form_key: str) -> Response:
    """Keep what was typed into a new record."""
    return kept(NewRecord(caller(), place(caller(), app_key, form_key)))


@pages.post("/apps/<app_key>/<form_key>/<record_id>/edit/draft")
def changed_draft(app_key: str, form_key: str, record_id: str) -> Response:
    """Keep what was typed into a record being changed."""
    return kept(changed_record(caller(), place(caller(), app_key, form_key), record_id))
