"""What is wrong with an automation of an app: over what is published, or over what is about to be."""

from collections.abc import Mapping
from typing import Any

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
    """What would be wrong with automations once `form` is what is published of it: everything with those about it, and
    what is not wrong yet with those of any app that make or change its records."""
    published = forms.forms_in(db, caller)
    known = {**published, row.key: form}
    query = select(Part).where(Part.path.startswith(FOLDER)).order_by(Part.app_key, Part.path)
    found = []
    for part in db.scalars(query).all():
        document = part.document if isinstance(part.document, Mapping) else {}
        own = document.get("form") == row.key and part.app_key == row.app_key
        if not own and row.key not in _written_by(document):
            continue
        key = part.path[len(FOLDER) : -len(".json")]
        before = set() if own else _errors(document, published, key, caller.lang)
        for what in sorted(_errors(document, known, key, caller.lang) - before):
            found.append(Problem("", gettext(caller.lang, "Automation “{key}”: {what}", key=key, what=what)))
    return found


def _written_by(document: Mapping[str, Any]) -> set[str]:
    """The keys of the forms whose records an automation, which may be wrong, makes, changes or looks for."""
    entries = document.get("do")
    done = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    return {str(what.get("form")) for entry in done for what in entry.values() if isinstance(what, Mapping)}


def _errors(document: Mapping[str, Any], known: Mapping[str, Form], key: str, lang: str) -> set[str]:
    """The sentences of its errors."""
    problems = engine.check(document, forms=known, key=key, lang=lang)
    return {problem.message for problem in problems if problem.severity == "error"}


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
