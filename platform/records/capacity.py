"""Places that run out: at most as many records may point at one record as one of its fields says (contracts.md, "Capacity").

The linked record is locked first, so that two people who take the last seat at once end with one seat taken.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from formloom.form_engine.errors import Problem, RecordInvalid
from formloom.form_engine.form import Capacity
from formloom.form_engine.pointers import join
from formloom.platform.language import gettext
from formloom.platform.models import Record
from formloom.platform.projections.layout import Layout
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession


def check_in(
    db: WorkspaceSession,
    caller: Caller,
    layout: Layout,
    record_id: str,
    document: Mapping[str, Any],
    *,
    has_workflow: bool,
) -> None:
    """Refuse a record that would be one too many, counting all others of its form.

    Raises:
        RecordInvalid: at the link, with the definition's own sentence where it has one.
    """
    for rule in layout.form.capacity:
        target_id = document.get(rule.link)
        if not isinstance(target_id, str):
            continue
        target = db.scalars(select(Record).where(Record.id == target_id).with_for_update()).one_or_none()
        most = target.document.get(rule.max) if target is not None else None
        if target is None or not isinstance(most, int | float):
            continue
        if _taken(db, layout, rule, record_id, target_id, has_workflow=has_workflow) >= most:
            sentence = rule.text(caller.lang) or gettext(caller.lang, "{title} is full: all {max} are taken.")
            shown = sentence.replace("{title}", target.title).replace("{max}", format(most, "g"))
            raise RecordInvalid([Problem(join("", rule.link), shown)])


def _taken(
    db: WorkspaceSession, layout: Layout, rule: Capacity, record_id: str, target_id: str, *, has_workflow: bool
) -> int:
    table, link = layout.main, layout.places[rule.link].column
    query = select(func.count()).where(
        table.c.workspace_id == db.workspace_id,
        table.c.deleted_at.is_(None),
        table.c.id != record_id,
        link == target_id,
    )
    if has_workflow:
        query = query.where(table.c.status.in_(rule.count))
    return int(db.execute(query).scalar_one())
