"""The apps of a workspace: what is in them, making, exporting, deleting and bringing back. Installing: installing.py."""

import re
from itertools import count
from typing import Any

from sqlalchemy import select

from formloom.form_engine.nearest import nearest
from formloom.platform import definitions, permissions
from formloom.platform.definitions import published_all_in
from formloom.platform.errors import InputInvalid, NotFound
from formloom.platform.folding import fold, sort_key
from formloom.platform.language import gettext
from formloom.platform.menus import (
    DEFAULT_ACCENT,
    DEFAULT_ICON,
    AppDetail,
    AppForm,
    AppRow,
    Entry,
    View,
    app_detail,
    app_row,
    text_of,
    view_of,
)
from formloom.platform.models import App, FormVersion, Part, WorkflowVersion
from formloom.platform.models import Form as FormRow
from formloom.platform.packages import files
from formloom.platform.packages.package import Package, to_files
from formloom.platform.records.store import who_in
from formloom.platform.runtime import Caller
from formloom.platform.services import audit
from formloom.platform.services.forms import DRAFT, require_designer
from formloom.platform.services.installing import import_app, install
from formloom.platform.transactions import WorkspaceSession

__all__ = [
    "AppDetail",
    "AppForm",
    "AppRow",
    "Entry",
    "View",
    "app",
    "apps",
    "create_app",
    "delete_app",
    "deleted_apps",
    "export_app",
    "import_app",
    "install",
    "restore_app",
    "view",
]

ACCENTS = ("blue", "teal", "indigo", "green", "rose", "orange", "slate")
KEY_LENGTH = 40


def apps(caller: Caller) -> list[AppRow]:
    """The apps in which the caller has anything, by name."""
    with caller.reading() as db:
        found = db.scalars(select(App).where(App.deleted_at.is_(None))).all()
        forms = _forms_of(db, caller)
        rows = [app_row(each.key, each.document, forms.get(each.key, {}), caller.lang) for each in found]
    mine = [row for row in rows if row.forms or caller.admin]
    return sorted(mine, key=lambda row: row.name.casefold())


def app(caller: Caller, key: str) -> AppDetail:
    """One app.

    Raises:
        NotFound: there is none, or none in which the caller has anything.
    """
    with caller.reading() as db:
        row = app_in(db, caller, key)
        forms = _forms_of(db, caller).get(key, {})
        views = {each.path[6:-5]: each.document for each in _parts(db, key) if each.path.startswith("views/")}
    if not forms and not caller.admin:
        raise NotFound(gettext(caller.lang, "There is no app {key}.", key=key))
    base = app_row(key, row.document, forms, caller.lang)
    return app_detail(base, row.document, row.template, forms, views, caller.lang)


def view(caller: Caller, app_key: str, view_key: str) -> View:
    """A view of an app.

    Raises:
        NotFound: there is none.
    """
    with caller.reading() as db:
        app_in(db, caller, app_key)
        part = db.get(Part, (caller.workspace_id, app_key, f"views/{view_key}.json"))
        if part is None:
            raise NotFound(gettext(caller.lang, "There is no view {key}.", key=view_key))
        return view_of(view_key, part.document, caller.lang)


def create_app(caller: Caller, *, name: str, icon: str = DEFAULT_ICON, accent: str = DEFAULT_ACCENT) -> str:
    """Begin an app without anything in it. Gives its key, which is made from the name.

    Raises:
        NotAllowed: the caller is no admin.
        InputInvalid: the name, icon or colour is none.
    """
    require_designer(caller)
    errors: dict[str, str] = {}
    if not name.strip() or len(name) > 200:
        errors["name"] = gettext(caller.lang, "Give the app a name of at most 200 characters.")
    if accent not in ACCENTS:
        hint = nearest(accent, ACCENTS) or ", ".join(ACCENTS)
        errors["accent"] = gettext(caller.lang, "There is no such colour. Choose {colours}.", colours=hint)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", icon):
        errors["icon"] = gettext(caller.lang, "There is no such icon.")
    if errors:
        raise InputInvalid(errors)
    with caller.writing() as db:
        key = _free_key(name, set(db.scalars(select(App.key))))
        document = {
            "$schema": "https://formloom.dev/schema/app/v1", "key": key, "name": name.strip(), "category": "other",
            "icon": icon, "accent": accent, "version": "1.0.0", "navigation": [],
        }  # fmt: skip
        row = App(workspace_id=caller.workspace_id, key=key, document=document)
        row.installed_at, row.installed_by = caller.now(), caller.member_id
        db.add(row)
        audit.write(db, caller, "app.created", f"app:{key}", None, {"name": name.strip()})
    return key


def export_app(caller: Caller, key: str) -> bytes:
    """The app as a zip: the published forms and workflows (drafts of what was never published), and everything else.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such app.
    """
    require_designer(caller)
    with caller.reading() as db:
        return files.write_zip(to_files(package_in(db, app_in(db, caller, key))))


def package_in(db: WorkspaceSession, row: App) -> Package:
    """The package that installing would make this app from again."""
    rows = db.scalars(select(FormRow).where(FormRow.app_key == row.key).order_by(FormRow.position, FormRow.key)).all()
    forms: dict[str, Any] = {}
    workflows: dict[str, Any] = {}
    for form in rows:
        number = form.published_version if form.published_version is not None else DRAFT
        version = db.get(FormVersion, (row.workspace_id, form.key, number))
        if version is not None:
            forms[form.key] = version.document
        if form.workflow_version is not None:
            keys = (row.workspace_id, form.key, form.workflow_version)
            workflows[form.key] = db.get_one(WorkflowVersion, keys).document
    parts = {part.path: part.document for part in _parts(db, row.key)}
    return Package(row.document, dict(sorted(forms.items())), dict(sorted(workflows.items())), parts)


def delete_app(caller: Caller, key: str, *, name_typed: str) -> None:
    """Put an app with all its forms and records out of sight; for 30 days it can be brought back.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such app.
        InputInvalid: the name that was typed to confirm is another one.
    """
    require_designer(caller)
    with caller.writing() as db:
        row = app_in(db, caller, key, lock=True)
        names = {row.document["name"], text_of(row.document, caller.lang, "name", row.document["name"])}
        if name_typed.strip() not in names:
            sentence = gettext(caller.lang, "Type the name of the app to confirm: {name}.", name=row.document["name"])
            raise InputInvalid({"name_typed": sentence})
        _set_deleted(db, caller, row, deleted=True)


def deleted_apps(caller: Caller) -> list[AppRow]:
    """The apps that were deleted and can be brought back.

    Raises:
        NotAllowed: the caller is no admin.
    """
    require_designer(caller)
    with caller.reading() as db:
        found = db.scalars(select(App).where(App.deleted_at.is_not(None)).order_by(App.deleted_at.desc())).all()
        return [app_row(each.key, each.document, {}, caller.lang) for each in found]


def restore_app(caller: Caller, key: str) -> None:
    """Bring a deleted app back, with all its forms and records.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: no app of this key was deleted.
    """
    require_designer(caller)
    with caller.writing() as db:
        row = db.get(App, (caller.workspace_id, key), with_for_update=True)
        if row is None or row.deleted_at is None:
            raise NotFound(gettext(caller.lang, "There is no app {key}.", key=key))
        _set_deleted(db, caller, row, deleted=False)


def app_in(db: WorkspaceSession, caller: Caller, key: str, *, lock: bool = False) -> App:
    """The row of an app that is not deleted.

    Raises:
        NotFound: there is none.
    """
    row = db.get(App, (caller.workspace_id, key), with_for_update=lock or None)
    if row is None or row.deleted_at is not None:
        raise NotFound(gettext(caller.lang, "There is no app {key}.", key=key))
    return row


def _set_deleted(db: WorkspaceSession, caller: Caller, row: App, *, deleted: bool) -> None:
    row.deleted_at, row.deleted_by = (caller.now(), caller.member_id) if deleted else (None, None)
    row.revision += 1
    for key in db.scalars(select(FormRow.key).where(FormRow.app_key == row.key)).all():
        definitions.forget_in(db, key)
    audit.write(db, caller, "app.deleted" if deleted else "app.restored", f"app:{row.key}")


def _parts(db: WorkspaceSession, key: str) -> list[Part]:
    return list(db.scalars(select(Part).where(Part.app_key == key).order_by(Part.path)))


def _forms_of(db: WorkspaceSession, caller: Caller) -> dict[str, dict[str, AppForm]]:
    """By app: the published forms in which the caller has anything, by key."""
    who = who_in(db, caller)
    query = (
        select(FormRow.key)
        .join(App, (App.workspace_id == FormRow.workspace_id) & (App.key == FormRow.app_key))
        .where(FormRow.published_version.is_not(None), App.deleted_at.is_(None))
        .order_by(FormRow.app_key, FormRow.position, FormRow.key)
    )
    found: dict[str, dict[str, AppForm]] = {}
    for published in published_all_in(db, caller, list(db.scalars(query))):
        if permissions.may_open(who, published.rules):
            may_add = permissions.may_add(who, published.rules)
            title, has_workflow = published.form.title(caller.lang), published.workflow is not None
            found.setdefault(published.app_key, {})[published.key] = AppForm(
                published.key, title, may_add, has_workflow
            )
    return found


def _free_key(name: str, taken: set[str]) -> str:
    """A key made from a name (Chinese by its pinyin), with a number where it is taken."""
    words = re.sub(r"[0-9](?![0-9a-z])", "", sort_key(fold(name)))
    base = re.sub(r"[^a-z0-9]+", "_", words).strip("_")[: KEY_LENGTH - 4] or "app"
    base = base if base[0].isalpha() else f"app_{base}"[: KEY_LENGTH - 4]
    numbered = (f"{base}_{number}" for number in count(2))
    return base if base not in taken else next(key for key in numbered if key not in taken)
