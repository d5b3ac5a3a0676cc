"""The forms of an app as whoever designs it sees them: also those that were never published, and which have a draft."""

from dataclasses import dataclass

from sqlalchemy import select

from formloom.platform.models import Form
from formloom.platform.runtime import Caller
from formloom.platform.services.apps import app_in
from formloom.platform.services.forms import KINDS, draft_in, require_designer


@dataclass(frozen=True, slots=True)
class AppForm:
    """A form in the designer: its versions in use (None: none), and whether a draft of it or its workflow waits."""

    key: str
    title: str
    version: int | None
    workflow_version: int | None
    changed: bool


def app_forms(caller: Caller, app_key: str) -> list[AppForm]:
    """Every form of an app, in the app's order.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such app.
    """
    require_designer(caller)
    with caller.reading() as db:
        app_in(db, caller, app_key)
        rows = db.scalars(select(Form).where(Form.app_key == app_key).order_by(Form.position, Form.key)).all()
        return [
            AppForm(
                row.key,
                row.title,
                row.published_version,
                row.workflow_version,
                any(draft_in(db, row, kind).changed for kind in KINDS),
            )
            for row in rows
        ]
