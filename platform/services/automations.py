"""Automations of an app: what there is, changing one, pressing a button, and the log from which an admin tries again.

A changed automation holds at once; one with errors is refused. What starts them is in automating.py and clocks.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from formloom.form_engine import definition as form_definition
from formloom.form_engine.errors import Problem
from formloom.platform import automating, automation_runs, clocks, definitions
from formloom.platform.errors import CommandRefused, Conflict, DefinitionError, InputInvalid, NotFound
from formloom.platform.language import gettext
from formloom.platform.marks import mark_of, require_same
from formloom.platform.models import App, AutomationRun, Part, Record
from formloom.platform.models import Form as FormRow
from formloom.platform.paging import Page, page
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, forms, outbox, people, records
from formloom.platform.services import automation_checks as checks
from formloom.platform.services.apps import app_in
from formloom.platform.services.automation_checks import FOLDER
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import automation as engine
from formloom.workflow_engine import state as states
from formloom.workflow_engine.automation import Happened, title_of

NEEDS_HELP = (automation_runs.FAILED, automation_runs.PARKED)


@dataclass(frozen=True, slots=True)
class AutomationRow:
    """One automation in the list of an app. `kinds` are what starts it; `errors` how many keep it from running."""

    key: str
    title: str
    form: str
    kinds: tuple[str, ...]
    enabled: bool
    errors: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in the log. `kind` is what started it; `status` waiting, open, done, failed or parked."""

    id: str
    app_key: str
    automation: str
    title: str
    kind: str
    form_key: str
    record_id: str | None
    record: str
    by: str
    status: str
    error: str | None
    created_at: datetime
    ended_at: datetime | None
    events: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button on a record's page."""

    automation: str
    words: str


def automations(caller: Caller, app_key: str) -> list[AutomationRow]:
    """The automations of an app, by key.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such app.
    """
    forms.require_designer(caller)
    with caller.reading() as db:
        app_in(db, caller, app_key)
        query = select(Part).where(Part.app_key == app_key, Part.path.startswith(FOLDER)).order_by(Part.path)
        return [_row(db, caller, app_key, part) for part in db.scalars(query).all()]


def _row(db: WorkspaceSession, caller: Caller, app_key: str, part: Part) -> AutomationRow:
    key, document = part.path[len(FOLDER) : -len(".json")], part.document
    errors = sum(problem.severity == "error" for problem in checks.problems_in(db, caller, app_key, key, document))
    known = document if isinstance(document, Mapping) else {}
    on = known.get("on")
    kinds = tuple(on) if isinstance(on, Mapping) else ()
    title = title_of(key, known, caller.lang)
    return AutomationRow(key, title, str(known.get("form", "")), kinds, bool(known.get("enabled", True)), errors)


def automation(caller: Caller, app_key: str, key: str) -> dict[str, Any]:
    """The document of an automation. Raises as `automations`."""
    forms.require_designer(caller)
    with caller.reading() as db:
        app_in(db, caller, app_key)
        document: dict[str, Any] = _part_in(db, caller, app_key, key).document
        return document


def check_automation(caller: Caller, app_key: str, key: str, text: str) -> list[Problem]:
    """What is wrong with an automation as it stands in the editor. Raises as `automations`."""
    forms.require_designer(caller)
    try:
        document = form_definition.parse(text, lang=caller.lang)
    except DefinitionError as error:
        return list(error.problems)
    with caller.reading() as db:
        app_in(db, caller, app_key)
        return checks.problems_in(db, caller, app_key, key, document)


def create_automation(caller: Caller, app_key: str, *, key: str, title: str, form_key: str) -> str:
    """Begin an automation that is switched off and tells the person who made a record. Gives its key.

    Raises:
        NotAllowed, NotFound: as `automations`.
        InputInvalid: the key, the title or the form is none.
        Conflict: the app has an automation of this key.
    """
    errors: dict[str, str] = {}
    if not forms.KEY.fullmatch(key):
        errors["key"] = gettext(caller.lang, "Use small letters, digits and _, beginning with a letter; 40 at most.")
    if not title.strip() or len(title) > 200:
        errors["title"] = gettext(caller.lang, "Give the automation a title of at most 200 characters.")
    forms.require_designer(caller)
    with caller.writing() as db:
        app = app_in(db, caller, app_key, lock=True)
        if form_key not in checks.forms_of(db, app_key):
            errors["form"] = gettext(caller.lang, "Choose a form of this app that is published.")
        if errors:
            raise InputInvalid(errors)
        if db.get(Part, (caller.workspace_id, app_key, _path(key))) is not None:
            raise Conflict(gettext(caller.lang, "There is an automation with the key “{key}” already.", key=key))
        document = {
            "$schema": "https://formloom.dev/schema/automation/v1",
            "form": form_key,
            "title": title.strip(),
            "enabled": False,
            "on": {"created": True},
            "do": [{"notify": {"to": [{"initiator": True}]}}],
        }
        db.add(Part(workspace_id=caller.workspace_id, app_key=app_key, path=_path(key), document=document))
        _changed_in(db, caller, app, "automation.created", key, None, document)
    return key


def save_automation(caller: Caller, app_key: str, key: str, text: str, *, over: str | None = None) -> None:
    """Change an automation; it holds at once. `over` is the mark of the document that the new one was made from.

    Raises:
        NotAllowed, NotFound: as `automations`.
        Conflict: it is another one by now.
        DefinitionError: it has errors, or is no JSON; nothing is changed.
    """
    forms.require_designer(caller)
    document = form_definition.parse(text, lang=caller.lang)
    with caller.writing() as db:
        app = app_in(db, caller, app_key, lock=True)
        part = _part_in(db, caller, app_key, key)
        require_same(over, mark_of(part.document), caller.lang)
        errors = [each for each in checks.problems_in(db, caller, app_key, key, document) if each.severity == "error"]
        if errors:
            raise DefinitionError(errors)
        before, part.document = part.document, document
        db.flush()
        _changed_in(db, caller, app, "automation.changed", key, before, document)


def delete_automation(caller: Caller, app_key: str, key: str) -> None:
    """Delete an automation; the log of what it did stays.

    Raises:
        NotAllowed, NotFound: as `automations`.
        Conflict: a form has a button that runs it.
    """
    forms.require_designer(caller)
    with caller.writing() as db:
        app, part = app_in(db, caller, app_key, lock=True), _part_in(db, caller, app_key, key)
        if titles := checks.buttons_for(db, caller, app_key, key):
            sentence = "A button of {forms} runs this automation: take the button out of the form first."
            raise Conflict(gettext(caller.lang, sentence, forms=", ".join(f"“{title}”" for title in titles)))
        db.delete(part)
        db.flush()
        _changed_in(db, caller, app, "automation.deleted", key, part.document, None)


def _changed_in(db: WorkspaceSession, caller: Caller, app: App, verb: str, key: str, before: Any, after: Any) -> None:
    """What every change leads to: caches, clocks and the trail."""
    app.revision += 1
    db.flush()
    for form_key in db.scalars(select(FormRow.key).where(FormRow.app_key == app.key)).all():
        definitions.forget_in(db, form_key)
    other_start = before is not None and after is not None and before.get("on") != after.get("on")
    clocks.set_in(db, caller, app.key, anew=key if other_start else "")
    audit.write(db, caller, verb, f"automation:{app.key}/{key}", before, after)


def _path(key: str) -> str:
    return f"{FOLDER}{key}.json"


def _part_in(db: WorkspaceSession, caller: Caller, app_key: str, key: str) -> Part:
    part = db.get(Part, (caller.workspace_id, app_key, _path(key)))
    if part is None:
        raise NotFound(gettext(caller.lang, "There is no automation {key}.", key=key))
    return part


# buttons


def buttons(caller: Caller, form_key: str) -> list[Button]:
    """The buttons on the records of a form, in the order of its layout."""
    with caller.reading() as db:
        published = definitions.published_in(db, caller, form_key)
        running = {each.key for each in published.automations if each.takes(Happened("button"))}
        drawn = engine.buttons_of(published.form)
        return [Button(key, item.text(caller.lang)) for key, item in drawn.items() if key in running]


def press(caller: Caller, form_key: str, record_id: str, key: str) -> None:
    """Press the button of an automation on a record that the caller sees.

    Raises:
        NotFound: there is no such record or button, or none that the caller sees.
        CommandRefused: its condition does not hold for the record, or it failed; the log says why.
    """
    with caller.writing() as db:
        published = definitions.published_in(db, caller, form_key)
        record = db.get(Record, (caller.workspace_id, record_id), with_for_update=True)
        if record is None or record.form_key != form_key or record.deleted_at is not None:
            raise NotFound(gettext(caller.lang, "There is no such record."))
        records.require_visible_in(db, caller, record, published)
        found = next((each for each in published.automations if each.key == key), None)
        if found is None or not found.takes(Happened("button")):
            raise NotFound(gettext(caller.lang, "There is no automation {key}.", key=key))
        if not automating.holds_in(db, caller, found, record.document, caller.member_id):
            raise CommandRefused(gettext(caller.lang, "That can't be done with this record as it is."))
        row = automating.begin_in(db, caller, found, record, "button")
    if row.status in NEEDS_HELP:
        sentence = "It could not be done: {why} The admins find it in their log."
        raise CommandRefused(gettext(caller.lang, sentence, why=row.error or ""))


# the log


def runs(
    caller: Caller, *, status: str | None = None, app_key: str | None = None, after: str | None = None, limit: int = 50
) -> Page[RunRow]:
    """The log, the latest first, for admins; `status` "help": what failed or was held back."""
    people.require_admin(caller)
    query = select(AutomationRun).order_by(AutomationRun.id.desc()).limit(limit + 1)
    if status is not None:
        query = query.where(AutomationRun.status.in_(NEEDS_HELP if status == "help" else (status,)))
    if app_key is not None:
        query = query.where(AutomationRun.app_key == app_key)
    if after is not None:
        query = query.where(AutomationRun.id < after)
    with caller.reading() as db:
        found = db.scalars(query).all()
        ids = [row.record_id for row in found if row.record_id]
        pairs = select(Record.id, Record.title).where(Record.id.in_(ids))
        titles: dict[str, str] = {ident: title for ident, title in db.execute(pairs).all()}  # noqa: C416
        return page([_run(row, titles, caller.lang) for row in found], limit, lambda row: row.id)


def _run(row: AutomationRun, titles: Mapping[str, str], lang: str) -> RunRow:
    return RunRow(
        id=row.id,
        app_key=row.app_key,
        automation=row.automation,
        title=title_of(row.automation, row.document, lang),
        kind=row.kind,
        form_key=row.form_key,
        record_id=row.record_id,
        record=titles.get(row.record_id or "", ""),
        by=row.by,
        status=row.status,
        error=row.error,
        created_at=row.created_at,
        ended_at=row.ended_at,
        events=tuple(row.events),
    )


def in_need(caller: Caller) -> int:
    """How many runs of the last 30 days failed or were held back."""
    with caller.reading() as db:
        query = select(func.count()).select_from(AutomationRun).where(AutomationRun.status.in_(NEEDS_HELP))
        return db.scalars(query).one()


def retry(caller: Caller, run_id: str) -> str:
    """Try a run again from where it failed; one that was held back begins. Gives how it stands then.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such run, or it is not in need of help.
    """
    people.require_admin(caller)
    with caller.writing() as db:
        row = db.get(AutomationRun, (caller.workspace_id, run_id), with_for_update=True)
        if row is None or row.status not in NEEDS_HELP:
            raise NotFound(gettext(caller.lang, "There is no such run that could be tried again."))
        row.error = row.ended_at = None
        row.depth = 0
        automation_runs.run_in(db, caller.system(), row)
        calls = states.from_json(row.state).requests if row.state is not None else ()
        outbox.forget_superseded_in(db, caller, "automation", row.id, calls)
        audit.write(db, caller, "automation.retried", f"automation:{row.app_key}/{row.automation}")
        return row.status
