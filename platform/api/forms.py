"""`/forms`: forms and workflows as they are published: in a few words, as definition, as JSON Schema."""

from collections.abc import Mapping
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from formloom.form_engine.export import to_json_schema
from formloom.platform.api import schemas
from formloom.platform.api.access import caller, guarded
from formloom.platform.errors import NotFound
from formloom.platform.language import gettext
from formloom.platform.services import open_forms
from formloom.platform.services.open_forms import OpenForm

resources = guarded("forms", "Forms and workflows as they are published now.")

ANYTHING: dict[str, Any] = {"type": "object"}


@resources.get("/forms")
@resources.response(200, schemas.FormOut(many=True))
def list_forms() -> list[OpenForm]:
    """The forms that the caller can open."""
    return open_forms.open_forms(caller())


@resources.get("/forms/<form_key>")
@resources.response(200, schemas.FormOut)
def get_form(form_key: str) -> OpenForm:
    """One form."""
    return open_forms.open_form(caller(), form_key)


@resources.get("/forms/<form_key>/definition")
@resources.response(200, ANYTHING, description="The form document (formloom.dev/schema/form/v1).")
def get_definition(form_key: str) -> ResponseReturnValue:
    """The form's definition."""
    return _plain(open_forms.open_form(caller(), form_key).published.form.document)


@resources.get("/forms/<form_key>/schema")
@resources.response(200, ANYTHING, description="A plain JSON Schema, draft 2020-12.")
def get_schema(form_key: str) -> ResponseReturnValue:
    """What a record of the form looks like, for any validator."""
    return _plain(to_json_schema(open_forms.open_form(caller(), form_key).published.form))


@resources.get("/forms/<form_key>/workflow")
@resources.response(200, ANYTHING, description="The workflow document (formloom.dev/schema/workflow/v1).")
def get_workflow(form_key: str) -> ResponseReturnValue:
    """The workflow's definition, where the form has one."""
    here = caller()
    workflow = open_forms.open_form(here, form_key).published.workflow
    if workflow is None:
        raise NotFound(gettext(here.lang, "This form has no workflow."))
    return _plain(workflow.document)


def _plain(document: Mapping[str, Any]) -> ResponseReturnValue:
    return jsonify(dict(document))
