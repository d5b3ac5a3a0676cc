"""Forms and workflows as admins work on them: drafts, versions, new forms. Publishing is services/publishing.py."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, select

from formloom.form_engine import definition as form_definition
from formloom.form_engine import json_text
from formloom.form_engine.errors import Problem
from formloom.form_engine.form import Form
from formloom.form_engine.limits import LIMITS
from formloom.form_engine.pointers import join
from formloom.platform.definitions import PublishedForm, published_all_in, published_in
from formloom.platform.errors import Conflict, DefinitionError, InputInvalid, NotAllowed, NotFound
from formloom.platform.language import gettext
from formloom.platform.marks import mark_of, require_same
from formloom.platform.models import App, FormVersion, ProjectionNumber, WorkflowVersion
from formloom.platform.models import Form as FormRow
from formloom.platform.organisation import organisation
from formloom.platform.runtime import Caller
from formloom.platform.services import audit
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import definition as workflow_definition
from formloom.workflow_engine.findings import Finding

Kind = Literal["form", "workflow"]
KINDS: tuple[Kind, ...] = ("form", "workflow")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
DRAFT = 0
Document = dict[str, Any]
EMPTY_WORKFLOW: Document = {"$schema": "https://formloom.dev/schema/workflow/v1", "steps": []}


@dataclass(frozen=True, slots=True)
class DraftDocument:
    """A definition as it is being worked on: the draft, or what is published where there is none.

    `base_version` is the version that is published now (None: none is); `changed` says whether the draft differs from it.
    """

    document: Document
    base_version: int | None
    changed: bool
    saved_at: datetime | None
    saved_by: str | None

    @property
    def mark(self) -> str:
        """What a page that shows it carries, so that nobody's later text is overwritten unseen."""
        return mark_of(self.document)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published version in the list of them."""

    version: int
    created_at: datetime
    created_by: str | None
    current: bool


def published(caller: Caller, form_key: str) -> PublishedForm:
    """The form as it is published now.

    Raises:
        NotFound: there is none.
    """
    with caller.reading() as db:
        return published_in(db, caller, form_key)


def draft(caller: Caller, form_key: str, kind: Kind = "form") -> DraftDocument:
    """The definition that an admin works on.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
    """
    require_designer(caller)
    with caller.reading() as db:
        return draft_in(db, form_row_in(db, caller, form_key), kind)


def save_draft(
    caller: Caller, form_key: str, kind: Kind, document: Mapping[str, Any], *, over: str | None = None
) -> DraftDocument:
    """Keep what is being worked on; it may be wrong, nothing changes for others until it is published.

    `over` is the `mark` of the draft that it was made from, where it is known.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
        Conflict: the draft is another one by now.
        DefinitionError: it is no JSON object, or is too large or deep to be kept.
    """
    require_designer(caller)
    _require_keepable(document, caller.lang)
    with caller.writing() as db:
        row = form_row_in(db, caller, form_key)
        require_same(over, draft_in(db, row, kind).mark, caller.lang)
        _set_draft(db, caller, row, kind, dict(document))
        return draft_in(db, row, kind)


def discard_draft(caller: Caller, form_key: str, kind: Kind) -> None:
    """Go back to what is published.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
        Conflict: it was never published, so that there would be nothing left.
    """
    require_designer(caller)
    with caller.writing() as db:
        row = form_row_in(db, caller, form_key)
        if kind == "form" and row.published_version is None:
            raise Conflict(gettext(caller.lang, "This form was never published. Delete the form instead."))
        kept = db.get(_model(kind), (caller.workspace_id, form_key, DRAFT))
        if kept is not None:
            db.delete(kept)
            audit.write(db, caller, f"{kind}.draft_discarded", f"form:{form_key}")


def check_draft(caller: Caller, form_key: str, kind: Kind, text: str) -> list[Problem] | list[Finding]:
    """What is wrong with a definition as it stands in the editor: problems of a form, findings of a workflow.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
    """
    require_designer(caller)
    try:
        document = form_definition.parse(text, lang=caller.lang)
    except DefinitionError as error:
        if kind == "form":
            return list(error.problems)
        return [Finding(None, "definition", "error", each.message, None, each.pointer) for each in error.problems]
    with caller.reading() as db:
        row = form_row_in(db, caller, form_key)
        if kind == "form":
            return check_form(document, form_key, caller.lang)
        return check_workflow_in(db, caller, row, document)


def check_form(document: object, form_key: str, lang: str) -> list[Problem]:
    """Every problem of a form that is to be `form_key`."""
    problems = form_definition.check(document, lang=lang)
    own = document.get("$id") if isinstance(document, Mapping) else None
    if own is not None and own != form_key:
        sentence = gettext(lang, "The key of this form is “{key}” and stays so.", key=form_key)
        problems.append(Problem("/$id", sentence))
    return problems


def check_workflow_in(db: WorkspaceSession, caller: Caller, row: FormRow, document: object) -> list[Finding]:
    """Every finding of kind `definition` about the workflow of a form, over the form's draft and all other forms."""
    forms = forms_in(db, caller)
    own = draft_in(db, row, "form").document
    if not any(problem.severity == "error" for problem in form_definition.check(own)):
        forms[row.key] = form_definition.load(own)
    directory = organisation(db, caller).directory
    return workflow_definition.check(document, forms=forms, directory=directory, own=row.key, lang=caller.lang)


def forms_in(db: WorkspaceSession, caller: Caller) -> dict[str, Form]:
    """Every published form of the workspace by key."""
    query = (
        select(FormRow.key)
        .join(App, (App.workspace_id == FormRow.workspace_id) & (App.key == FormRow.app_key))
        .where(FormRow.published_version.is_not(None), App.deleted_at.is_(None))
    )
    return {found.key: found.form for found in published_all_in(db, caller, list(db.scalars(query)))}


def create_form(caller: Caller, app_key: str, *, key: str, title: str) -> str:
    """Begin a form in an app: a draft with a title and no field yet, and its entry in the app's menu. Gives its key.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such app.
        InputInvalid: the key or the title is none.
        Conflict: the workspace has a form of this key.
    """
    require_designer(caller)
    errors: dict[str, str] = {}
    if not KEY.fullmatch(key):
        errors["key"] = gettext(caller.lang, "Use small letters, digits and _, beginning with a letter; 40 at most.")
    if not title.strip() or len(title) > 200:
        errors["title"] = gettext(caller.lang, "Give the form a title of at most 200 characters.")
    if errors:
        raise InputInvalid(errors)
    with caller.writing() as db:
        app = db.get(App, (caller.workspace_id, app_key), with_for_update=True)
        if app is None or app.deleted_at is not None:
            raise NotFound(gettext(caller.lang, "There is no app {key}.", key=app_key))
        document = {
            "$schema": "https://formloom.dev/schema/form/v1",
            "$id": key,
            "title": title.strip(),
            "type": "object",
            "properties": {},
        }
        row = add_form_in(db, caller, app_key, key, document)
        _set_draft(db, caller, row, "form", document)
        app.document = app.document | {"navigation": [*app.document.get("navigation", []), {"form": key}]}
        app.revision += 1
        audit.write(db, caller, "form.created", f"form:{key}", None, {"title": title.strip()})
    return key


def add_form_in(db: WorkspaceSession, caller: Caller, app_key: str, key: str, document: Mapping[str, Any]) -> FormRow:
    """The row of a new form, with a projection number that no other form ever had.

    Raises:
        Conflict: the workspace has a form of this key.
    """
    if db.get(FormRow, (caller.workspace_id, key)) is not None:
        raise Conflict(gettext(caller.lang, "There is a form with the key “{key}” already.", key=key))
    taken = insert(ProjectionNumber).values(taken_at=caller.now()).returning(ProjectionNumber.id)
    number = db.execute(taken).scalar_one()
    position = db.scalars(select(func.count()).select_from(FormRow).where(FormRow.app_key == app_key)).one()
    row = FormRow(workspace_id=caller.workspace_id, key=key, number=number, app_key=app_key, position=position)
    row.title = str(document.get("title") or key)[:400]
    db.add(row)
    db.flush()
    return row


def versions(caller: Caller, form_key: str, kind: Kind = "form") -> list[VersionRow]:
    """The published versions, newest first.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
    """
    require_designer(caller)
    model = _model(kind)
    with caller.reading() as db:
        row = form_row_in(db, caller, form_key)
        current = row.published_version if kind == "form" else row.workflow_version
        columns = select(model.version, model.created_at, model.created_by)
        query = columns.where(model.form_key == form_key, model.version > DRAFT).order_by(model.version.desc())
        return [VersionRow(number, at, by, number == current) for number, at, by in db.execute(query)]


def version(caller: Caller, form_key: str, kind: Kind, number: int) -> Document:
    """The document of one published version; everybody who may open the form may read it.

    Raises:
        NotFound: there is no such version.
    """
    with caller.reading() as db:
        form_row_in(db, caller, form_key)
        found = db.get(_model(kind), (caller.workspace_id, form_key, number)) if number > DRAFT else None
        if found is None:
            raise NotFound(gettext(caller.lang, "There is no version {number}.", number=number))
        document: Document = found.document
        return document


def form_row_in(db: WorkspaceSession, caller: Caller, form_key: str, *, lock: bool = False) -> FormRow:
    """The row of a form whose app is not deleted; `lock`: nobody else publishes it until the commit.

    Raises:
        NotFound: there is none.
    """
    query = (
        select(FormRow)
        .join(App, (App.workspace_id == FormRow.workspace_id) & (App.key == FormRow.app_key))
        .where(FormRow.key == form_key, App.deleted_at.is_(None))
    )
    row = db.scalars(query.with_for_update(of=FormRow) if lock else query).one_or_none()
    if row is None:
        raise NotFound(gettext(caller.lang, "There is no form {key}.", key=form_key))
    return row


def draft_in(db: WorkspaceSession, row: FormRow, kind: Kind) -> DraftDocument:
    """The draft of a definition, or what is published; a form without a workflow has one without steps as its draft."""
    model = _model(kind)
    current = row.published_version if kind == "form" else row.workflow_version
    kept = db.get(model, (row.workspace_id, row.key, DRAFT))
    base = db.get(model, (row.workspace_id, row.key, current)) if current is not None else None
    shown = kept or base
    document = shown.document if shown is not None else EMPTY_WORKFLOW | {"form": row.key}
    changed = kept is not None and (base is None or not same(kept.document, base.document))
    at, by = (kept.created_at, kept.created_by) if kept is not None else (None, None)
    return DraftDocument(document, current, changed, at, by)


def same(left: Any, right: Any) -> bool:
    """Whether two documents are written alike: the order of keys counts, because it is the order of fields."""
    return json.dumps(left) == json.dumps(right)


def require_designer(caller: Caller) -> None:
    """Refuse everybody but admins.

    Raises:
        NotAllowed: the caller is none.
    """
    if not caller.admin:
        raise NotAllowed(gettext(caller.lang, "Only admins can change forms and workflows."))


def _set_draft(db: WorkspaceSession, caller: Caller, row: FormRow, kind: Kind, document: Document) -> None:
    model = _model(kind)
    kept = db.get(model, (caller.workspace_id, row.key, DRAFT))
    if kept is None:
        kept = model(workspace_id=caller.workspace_id, form_key=row.key, version=DRAFT)
        db.add(kept)
    kept.document, kept.created_at, kept.created_by = document, caller.now(), caller.member_id
    db.flush()


def _require_keepable(document: object, lang: str) -> None:
    """Refuse what no draft may be: no object, or too deep or large; a wrong definition may be kept."""
    if not isinstance(document, Mapping):
        raise DefinitionError([Problem("", gettext(lang, "A definition is a JSON object."))])
    flaws = list(json_text.flaws(document, depth=LIMITS.definition_depth, lang=lang))
    if flaws:
        raise DefinitionError([Problem(join("", *path), sentence) for path, sentence in flaws])


def _model(kind: Kind) -> type[FormVersion] | type[WorkflowVersion]:
    return FormVersion if kind == "form" else WorkflowVersion
