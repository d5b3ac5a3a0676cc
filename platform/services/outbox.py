"""What leaves the house, as admins see it: what waits, what was delivered, what was parked and can be tried again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from formloom.platform.errors import NotFound
from formloom.platform.language import gettext
from formloom.platform.models import OutboxMessage
from formloom.platform.paging import Page, page
from formloom.platform.runtime import Caller
from formloom.platform.services import people
from formloom.platform.transactions import WorkspaceSession


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message: `kind` mail, webhook or answer (to another request), `to` whom, `about` what. `status`: waiting, done, parked."""

    id: str
    kind: str
    to: str
    about: str
    status: str
    attempts: int
    error: str | None
    created_at: datetime
    due_at: datetime
    done_at: datetime | None


def messages(
    caller: Caller, *, status: str | None = None, after: str | None = None, limit: int = 50
) -> Page[OutboxRow]:
    """The workspace's messages, the newest first, for admins."""
    people.require_admin(caller)
    query = select(OutboxMessage).where(OutboxMessage.workspace_id == caller.workspace_id)
    if status is not None:
        query = query.where(OutboxMessage.status == status)
    if after is not None:
        query = query.where(OutboxMessage.id < after)
    with caller.reading() as db:
        found = [_row(row) for row in db.scalars(query.order_by(OutboxMessage.id.desc()).limit(limit + 1))]
    return page(found, limit, lambda row: row.id)


def _row(row: OutboxMessage) -> OutboxRow:
    body: Mapping[str, Any] = row.body
    to = str(body["url"]) if row.kind == "webhook" else ", ".join(body["to"])
    about = str(body.get("subject", ""))
    return OutboxRow(
        row.id, row.kind, to, about, row.status, row.attempts, row.error, row.created_at, row.due_at, row.done_at
    )


def parked(caller: Caller) -> int:
    """How many messages kept failing and need an admin."""
    query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.workspace_id == caller.workspace_id)
    with caller.reading() as db:
        return db.scalars(query.where(OutboxMessage.status == "parked")).one()


def forget_superseded_in(db: WorkspaceSession, caller: Caller, kind: str, ident: str, calls: Iterable[str]) -> None:
    """Drop the parked attempts at what a process or a run of an automation (`kind`: "process", "automation") has asked for
    again: nobody waits for them any more. `calls` are the newest attempts; the number of the visit stands before the point.
    """
    newest = {call.partition(".")[0]: call for call in calls}
    query = select(OutboxMessage).where(
        OutboxMessage.workspace_id == caller.workspace_id, OutboxMessage.status == "parked"
    )
    for row in db.scalars(query).all() if newest else ():
        call = str(row.body.get("call", ""))
        if row.body.get(kind) == ident and newest.get(call.partition(".")[0], call) != call:
            db.delete(row)


def retry(caller: Caller, message_id: str) -> None:
    """Try a parked message again, now.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such parked message.
    """
    people.require_admin(caller)
    with caller.writing() as db:
        row = db.get(OutboxMessage, (caller.workspace_id, message_id), with_for_update=True)
        if row is None or row.status != "parked":
            raise NotFound(gettext(caller.lang, "There is no such parked message."))
        row.status, row.attempts, row.due_at = "waiting", 0, caller.now()
        db.nudge("outbox", f"{caller.workspace_id}:{row.id}")
