"""What somebody has typed and not yet submitted: kept exactly as typed, for them alone.

A draft takes no serial number and no unique value and is checked for size and depth only. Its target says what it is
for: `new:<form key>`, `record:<id>` or `task:<id>`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from formloom.form_engine import json_text
from formloom.form_engine.errors import Problem, RecordInvalid
from formloom.form_engine.limits import LIMITS
from formloom.form_engine.pointers import join
from formloom.platform.definitions import published_in
from formloom.platform.errors import NotAllowed
from formloom.platform.language import gettext
from formloom.platform.models import Draft
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession

TABLE = Draft.__table__


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft in the list of them, or to be filled in again."""

    target: str
    form_key: str
    typed: Mapping[str, Any]
    saved_at: datetime


def save_draft(caller: Caller, target: str, form_key: str, typed: Mapping[str, Any]) -> datetime:
    """Keep what was typed, in place of what was kept before. Gives the time that the page shows.

    Raises:
        NotFound: there is no such form.
        RecordInvalid: it is too large or too deep to be kept.
    """
    member = _member(caller)
    flaws = list(json_text.flaws(dict(typed), depth=LIMITS.record_depth, lang=caller.lang))
    if flaws:
        raise RecordInvalid([Problem(join("", *path), sentence) for path, sentence in flaws])
    now = caller.now()
    content = {"form_key": form_key, "typed": dict(typed), "saved_at": now}
    keys = {"workspace_id": caller.workspace_id, "member_id": member, "target": target}
    with caller.writing() as db:
        published_in(db, caller, form_key)
        statement = db.insert_unless(TABLE).values(keys | content)
        db.execute(statement.on_conflict_do_update(index_elements=list(TABLE.primary_key), set_=content))
    return now


def draft(caller: Caller, target: str) -> DraftRow | None:
    """What the caller typed for `target`, if anything is kept."""
    with caller.reading() as db:
        found = db.get(Draft, (caller.workspace_id, _member(caller), target))
        return None if found is None else _row(found)


def drafts(caller: Caller) -> list[DraftRow]:
    """Everything the caller began and did not submit, the latest first."""
    query = select(Draft).where(Draft.member_id == _member(caller)).order_by(Draft.saved_at.desc())
    with caller.reading() as db:
        return [_row(found) for found in db.scalars(query)]


def discard_draft(caller: Caller, target: str) -> None:
    """Forget what was typed for `target`; nothing kept is no error."""
    with caller.writing() as db:
        discard_in(db, caller, target)


def discard_in(db: WorkspaceSession, caller: Caller, target: str) -> None:
    """Forget a draft in the transaction that submits what it held."""
    if caller.member_id is not None:
        db.execute(delete(Draft).where(Draft.member_id == caller.member_id, Draft.target == target))


def _member(caller: Caller) -> str:
    if caller.member_id is None:
        raise NotAllowed(gettext(caller.lang, "Drafts belong to a person."))
    return caller.member_id


def _row(found: Draft) -> DraftRow:
    return DraftRow(found.target, found.form_key, found.typed, found.saved_at)
