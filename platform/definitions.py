"""Published forms and their workflows as values, kept in memory by their version: a published version never changes.

Everything that works with records starts here: one small query says which versions are current, and what these are is
then known already. Drafts, publishing and the list of versions are services/forms.py.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import bindparam, select

from formloom.form_engine import definition as form_definition
from formloom.form_engine.form import Form
from formloom.platform import organisation
from formloom.platform.database import Database
from formloom.platform.errors import DefinitionError, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import App, FormVersion, Part, WorkflowVersion, Workspace, table_of
from formloom.platform.models import Form as FormRow
from formloom.platform.one_statement import StillSo
from formloom.platform.permissions import FormRules, compile_rules
from formloom.platform.place import Place
from formloom.platform.prepared import PreparedSelect
from formloom.platform.runtime import Caller
from formloom.platform.transactions import OWN_WORKSPACE, WorkspaceSession
from formloom.workflow_engine import automation as automation_definition
from formloom.workflow_engine import definition as workflow_definition
from formloom.workflow_engine.automation import Automation
from formloom.workflow_engine.definition import Workflow

T = TypeVar("T")
KEPT = "definitions"


@dataclass(frozen=True, slots=True, eq=False)
class PublishedForm:
    """A form as it is published now. `number` names its projection, which has columns for `projected_version`.

    `language` is the workspace's: what records are called is written in it.
    """

    key: str
    number: int
    app_key: str
    app: Mapping[str, Any]
    form: Form
    version: int
    workflow: Workflow | None
    workflow_version: int | None
    projected_version: int | None
    rules: FormRules
    language: str
    automations: tuple[Automation, ...] = ()


_FORM, _APP, _WORKSPACE = table_of(FormRow).c, table_of(App).c, table_of(Workspace).c
COLUMNS = (
    _FORM.key, _FORM.number, _FORM.app_key, _FORM.published_version, _FORM.workflow_version, _FORM.projected_version,
    _APP.revision, _WORKSPACE.people_version,
)  # fmt: skip
"""With anything that is published, or that is said of the workspace, one of these changes."""
FORMS = (
    select(*COLUMNS)
    .join_from(
        table_of(FormRow), table_of(App), (_APP.workspace_id == _FORM.workspace_id) & (_APP.key == _FORM.app_key)
    )
    .join(table_of(Workspace), _WORKSPACE.id == _FORM.workspace_id)
    .where(_FORM.published_version.is_not(None), _APP.deleted_at.is_(None))
    .execution_options(**OWN_WORKSPACE)
)
"""What is published now; a query for something of a form may begin with it, and have both in one."""
ONE_FORM = PreparedSelect(FORMS.where(_FORM.workspace_id == bindparam("workspace"), _FORM.key == bindparam("key")))
"""Asked at the beginning of every use case, so it is built once."""
_STILL = StillSo(
    FORMS.with_only_columns(_FORM.key, maintain_column_froms=True).where(
        _FORM.workspace_id == bindparam("still_workspace"),
        *(column.is_not_distinct_from(bindparam(f"still_{column.key}", type_=column.type)) for column in COLUMNS),
    )
)


def published_in(db: WorkspaceSession, caller: Caller, form_key: str) -> PublishedForm:
    """The form as it is published now.

    Raises:
        NotFound: there is no such form, its app is deleted, or it was never published.
    """
    if ("form", form_key) not in db.memo:
        for row in db.rows(ONE_FORM, {"workspace": db.workspace_id, "key": form_key}):
            remember(db, caller, [row])
            _put(db, caller.runtime.database.kept[KEPT], ("row", db.workspace_id, form_key), row)
    found: PublishedForm | None = db.memo.get(("form", form_key))
    if found is None:
        raise NotFound(gettext(caller.lang, "There is no form {key}.", key=form_key))
    return found


def look_ahead(db: WorkspaceSession, caller: Caller, form_key: str) -> None:
    """Know what is published without asking for it when it is time to write; it is looked at again then.

    On SQLite it is read before this transaction's turn, so that others write meanwhile. On PostgreSQL it is what this
    process has read last, and the statement that writes says whether it is still so. `Outdated` is raised if it has changed.
    """
    values = {"workspace": db.workspace_id, "key": form_key}
    if db.sqlite:
        row = db.look_ahead(ONE_FORM, values)
    else:
        row = caller.runtime.database.kept[KEPT].get(("row", db.workspace_id, form_key))
        if row is not None:
            still = {f"still_{column.key}": value for column, value in zip(COLUMNS, row, strict=True)}
            db.expect(_STILL, still | {"still_workspace": db.workspace_id})
    if row is not None:
        remember(db, caller, [row])


def published_all_in(db: WorkspaceSession, caller: Caller, keys: Sequence[str]) -> list[PublishedForm]:
    """Those of the forms that are published, in the order of `keys`, asked for in one query."""
    unknown = [key for key in keys if ("form", key) not in db.memo]
    if unknown:
        remember(db, caller, db.execute(FORMS.where(_FORM.workspace_id == db.workspace_id, _FORM.key.in_(unknown))))
    return [db.memo["form", key] for key in keys if ("form", key) in db.memo]


def remember(db: WorkspaceSession, caller: Caller, rows: Iterable[Any]) -> None:
    """Know for the rest of the transaction what rows with the columns of `FORMS` say is published."""
    for row in list(rows):
        db.place = _place(db, caller.runtime.database, row.people_version)
        db.memo["form", row.key] = _published(db, caller.runtime.database, row)


def _place(db: WorkspaceSession, database: Database, version: int) -> Place:
    """The workspace at `version` (which is raised with every change of it), read once a process."""
    kept: dict[int, Place] = database.kept["places"]
    known = kept.get(db.workspace_id)
    if known is None or known.people_version != version:
        known = db.place
        if organisation.CHANGED not in db.info:  # not committed yet
            kept[db.workspace_id] = known
    return known


def forget_in(db: WorkspaceSession, form_key: str) -> None:
    """Say, in the transaction that publishes the form or changes its app, that what it read before is old.

    From here on the transaction keeps nothing for others: a version that is rolled back may be another one next time.
    """
    db.memo.pop(("form", form_key), None)
    db.memo["defining"] = True


def form_version_in(db: WorkspaceSession, database: Database, number: int, form_key: str, version: int) -> Form:
    """The form as a published version defines it, for what was saved or started under it."""

    def _load() -> Form:
        return form_definition.load(db.get_one(FormVersion, (db.workspace_id, form_key, version)).document)

    return _keep(db, database, ("form", number, version), _load)


def workflow_version_in(
    db: WorkspaceSession, database: Database, number: int, form_key: str, version: int, form: Form, form_version: int
) -> Workflow:
    """The workflow as a published version defines it, over the `form_version` of its form."""

    def _load() -> Workflow:
        row = db.get_one(WorkflowVersion, (db.workspace_id, form_key, version))
        return workflow_definition.load(row.document, form)

    return _keep(db, database, ("workflow", number, version, form_version), _load)


def _published(db: WorkspaceSession, database: Database, row: Any) -> PublishedForm:
    """The form, workflow and permissions of a row of `FORMS`."""
    version, key, language = row.published_version, row.key, db.place.language
    name = ("published", row.number, version, row.workflow_version, row.revision, row.projected_version, language)

    def _load() -> PublishedForm:
        form = form_version_in(db, database, row.number, key, version)
        workflow = None
        if row.workflow_version is not None:
            workflow = workflow_version_in(db, database, row.number, key, row.workflow_version, form, version)
        app = db.get_one(App, (db.workspace_id, row.app_key)).document
        rules = compile_rules(app.get("permissions", {}).get(key, {}), form, has_workflow=workflow is not None)
        return PublishedForm(
            key, row.number, row.app_key, app, form, version, workflow, row.workflow_version, row.projected_version,
            rules, language, _automations(db, row.app_key, form),
        )  # fmt: skip

    return _keep(db, database, name, _load)


def _automations(db: WorkspaceSession, app_key: str, form: Form) -> tuple[Automation, ...]:
    """The app's automations about this form; one that no longer fits it does nothing until it is put right."""
    query = select(Part.path, Part.document).where(Part.app_key == app_key, Part.path.startswith("automations/"))
    found = []
    for path, document in db.execute(query.order_by(Part.path)):
        if isinstance(document, Mapping) and document.get("form") == form.key:
            with suppress(DefinitionError):
                found.append(automation_definition.load(path[len("automations/") : -len(".json")], document, form))
    return tuple(found)


def _keep(db: WorkspaceSession, database: Database, name: tuple[Any, ...], load: Callable[[], T]) -> T:
    kept = database.kept[KEPT]
    if name in kept:
        value: T = kept[name]
        return value
    loaded = load()
    _put(db, kept, name, loaded)
    return loaded


def _put(db: WorkspaceSession, kept: dict[tuple[Any, ...], Any], name: tuple[Any, ...], value: Any) -> None:
    """Keep a value for others, unless this transaction is changing what is published."""
    if "defining" not in db.memo:
        kept[name] = value
