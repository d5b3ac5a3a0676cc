"""What is wrong with an automation of an app: over what is published, or over what is about to be."""

from collections.abc import Mapping

from sqlalchemy import select

from formloom.form_engine.errors import Problem
from formloom.form_engine.form import Form
from formloom.platform.language import gettext
from formloom.platform.models import Form as FormRow
from formloom.platform.models import Part
from formloom.platform.organisation import organisation
from formloom.platform.runtime import Caller
from formloom.platform.services import forms
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import automation as engine

FOLDER = "automations/"


def check_in(db: WorkspaceSession, caller: Caller, row: FormRow, form: Form) -> list[Problem]:
    """What would be wrong with the app's automations about a form once `form` is what is published of it."""
    query = select(Part).where(Part.app_key == row.app_key, Part.path.startswith(FOLDER)).order_by(Part.path)
    found = []
    for part in db.scalars(query).all():
        if isinstance(part.document, Mapping) and part.document.get("form") == row.key:
            known = {**forms.forms_in(db, caller), row.key: form}
            key = part.path[len(FOLDER) : -len(".json")]
            for problem in engine.check(part.document, forms=known, key=key, lang=caller.lang):
                if problem.severity == "error":
                    sentence = gettext(caller.lang, "Automation “{key}”: {what}", key=key, what=problem.message)
                    found.append(Problem("", sentence))
    return found


def problems_in(db: WorkspaceSession, caller: Caller, app_key: str, key: str, document: object) -> list[Problem]:
    """Every problem of what is to be an automation of an app, over what is published."""
    own = document.get("form") if isinstance(document, Mapping) else None
    known = forms.forms_in(db, caller)
    if isinstance(own, str) and own not in forms_of(db, app_key):
        known.pop(own, None)  # an automation is about a form of its own app
    directory = organisation(db, caller).directory
    return engine.check(document, forms=known, directory=directory, key=key, lang=caller.lang)


def forms_of(db: WorkspaceSession, app_key: str) -> set[str]:
    """The keys of the app's forms that are published."""
    query = select(FormRow.key).where(FormRow.app_key == app_key, FormRow.published_version.is_not(None))
    return set(db.scalars(query))


def buttons_for(db: WorkspaceSession, caller: Caller, app_key: str, key: str) -> list[str]:
    """The titles of the app's published forms that have a button for the automation."""
    known, own = forms.forms_in(db, caller), forms_of(db, app_key)
    return [form.title(caller.lang) for name, form in known.items() if name in own and key in engine.buttons_of(form)]
