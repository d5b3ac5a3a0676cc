"""The audit trail: append-only, written in the transaction of what it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from formloom.platform.errors import NotAllowed
from formloom.platform.language import gettext
from formloom.platform.models import AuditEntry, new_id, table_of
from formloom.platform.paging import Page, page
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the trail: who did what to what, and what changed."""

    id: str
    at: datetime
    member_id: str | None
    as_member_id: str | None
    verb: str
    subject: str
    before: Facts | None
    after: Facts | None
    address: str | None


def write(
    db: WorkspaceSession,
    caller: Caller,
    verb: str,
    subject: str,
    before: Facts | None = None,
    after: Facts | None = None,
    *,
    as_member_id: str | None = None,
) -> None:
    """Note what the caller does (`record.changed`) to `subject` (`record:<id>`) in the transaction that does it.

    `before` and `after` hold what changed, and nothing else.
    """
    values = {
        "workspace_id": caller.workspace_id,
        "id": new_id(),
        "at": caller.now(),
        "member_id": caller.member_id,
        "as_member_id": as_member_id,
        "verb": verb,
        "subject": subject,
        "before": before,
        "after": after,
        "request_id": caller.request_id,
        "address": caller.address,
    }
    db.insert(table_of(AuditEntry), values)


def trail(caller: Caller, *, subject: str = "", after: str | None = None, limit: int = 50) -> Page[AuditRow]:
    """The trail of the workspace, or of one subject, newest first; for admins.

    Raises:
        NotAllowed: the caller is no admin.
    """
    if not caller.admin:
        raise NotAllowed(gettext(caller.lang, "Only admins can read the audit trail."))
    with caller.reading() as db:
        return page(trail_in(db, subject=subject, after=after, limit=limit + 1), limit, lambda row: row.id)


def trail_in(db: WorkspaceSession, *, subject: str, after: str | None = None, limit: int) -> list[AuditRow]:
    """Lines of the trail, newest first, from `after` (the id of a line) on; whoever asks has checked who may read them."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if subject:
        query = query.where(AuditEntry.subject == subject)
    if after is not None:
        query = query.where(AuditEntry.id < after)
    return [
        AuditRow(
            row.id, row.at, row.member_id, row.as_member_id, row.verb, row.subject, row.before, row.after, row.address
        )
        for row in db.scalars(query)
    ]
