"""The forms that a member can open: to add to, to see records of, or because they have had a task of it."""

from dataclasses import dataclass

from sqlalchemy import select

from formloom.platform import permissions
from formloom.platform.definitions import PublishedForm, published_in
from formloom.platform.errors import NotFound
from formloom.platform.language import gettext
from formloom.platform.models import App, Form, Task
from formloom.platform.records.store import who_in
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form as it is published now, for somebody who can open it."""

    key: str
    app: str
    title: str
    version: int
    workflow_version: int | None
    may_add: bool
    published: PublishedForm


def open_forms(caller: Caller) -> list[OpenForm]:
    """Every form that the caller can open, by app and in the app's order."""
    query = (
        select(Form.key)
        .join(App, (App.workspace_id == Form.workspace_id) & (App.key == Form.app_key))
        .where(Form.published_version.is_not(None), App.deleted_at.is_(None))
    )
    with caller.reading() as db:
        keys = db.scalars(query.order_by(Form.app_key, Form.position, Form.key)).all()
        had = _with_tasks(db, caller)
        found = [published_in(db, caller, key) for key in keys]
        return [_row(db, caller, each) for each in found if each.key in had or _may_open(db, caller, each)]


def open_form(caller: Caller, key: str) -> OpenForm:
    """One form that the caller can open.

    Raises:
        NotFound: there is none, or none for the caller.
    """
    with caller.reading() as db:
        published = published_in(db, caller, key)
        if not _may_open(db, caller, published) and key not in _with_tasks(db, caller):
            raise NotFound(gettext(caller.lang, "There is no form {key}.", key=key))
        return _row(db, caller, published)


def _may_open(db: WorkspaceSession, caller: Caller, published: PublishedForm) -> bool:
    return permissions.may_open(who_in(db, caller), published.rules)


def _with_tasks(db: WorkspaceSession, caller: Caller) -> set[str]:
    return set(db.scalars(select(Task.form_key).where(Task.member_id == caller.member_id).distinct()))


def _row(db: WorkspaceSession, caller: Caller, published: PublishedForm) -> OpenForm:
    return OpenForm(
        published.key,
        published.app_key,
        published.form.title(caller.lang),
        published.version,
        published.workflow_version,
        permissions.may_add(who_in(db, caller), published.rules),
        published,
    )
