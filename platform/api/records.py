"""`/forms/<form>/records`: list, create, read, change."""

from typing import Any

from formloom.platform.api import schemas
from formloom.platform.api.access import caller, guarded
from formloom.platform.errors import InputInvalid
from formloom.platform.language import gettext
from formloom.platform.paging import Page
from formloom.platform.runtime import Caller
from formloom.platform.services import forms, records
from formloom.platform.services.records import Filter, Query, RecordRow, Saved, Sort

resources = guarded("records", "Records of a form, as far as the caller sees and may change them.")


@resources.get("/forms/<form_key>/records")
@resources.arguments(schemas.RecordQuery(), location="query")
@resources.response(200, schemas.RecordPage)
def list_records(asked: dict[str, Any], form_key: str) -> Page[RecordRow]:
    """A page of records."""
    here = caller()
    filters = [_filter(here, form_key, text) for text in asked["filter"]]
    keys = [key.strip() for key in asked["sort"].split(",") if key.strip()]
    sort = [Sort(key.removeprefix("-"), key.startswith("-")) for key in keys]
    query = Query(filters=filters, sort=sort, text=asked["text"], after=asked["after"], limit=asked["limit"])
    return records.records(here, form_key, query)


def _filter(here: Caller, form_key: str, text: str) -> Filter:
    """`field:operator:value`."""
    field, _, rest = text.partition(":")
    operator, _, value = rest.partition(":")
    if not field or not operator:
        raise InputInvalid({"filter": gettext(here.lang, "Write a filter as field:operator:value.")})
    form = forms.published(here, form_key).form
    return records.filter_from_text(form, field, operator, value, here.lang, here.zone)


@resources.post("/forms/<form_key>/records")
@resources.arguments(schemas.RecordIn())
@resources.response(201, schemas.SavedOut)
def create_record(body: dict[str, Any], form_key: str) -> Saved:
    """Submit the form. Its workflow, where it has one, begins in the same transaction."""
    return records.create_record(
        caller(), form_key, body["values"], submission_key=body["submission_key"], confirmed=body["confirmed"]
    )


@resources.get("/forms/<form_key>/records/<record_id>")
@resources.response(200, schemas.RecordOut)
def get_record(form_key: str, record_id: str) -> RecordRow:
    """One record."""
    return records.record(caller(), form_key, record_id).row


@resources.patch("/forms/<form_key>/records/<record_id>")
@resources.arguments(schemas.RecordChange())
@resources.response(200, schemas.SavedOut)
def change_record(body: dict[str, Any], form_key: str, record_id: str) -> Saved:
    """Change fields of a record. A stale `version` is answered 409."""
    return records.update_record(
        caller(), form_key, record_id, body["values"], version=body["version"], confirmed=body["confirmed"]
    )
