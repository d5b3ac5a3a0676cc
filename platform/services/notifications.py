"""The bell: what a member was told, newest first, and what of it they have not read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from formloom.platform.errors import NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Notification
from formloom.platform.paging import Page, page
from formloom.platform.runtime import Caller


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """One line of the bell. `kind` and `data` make its sentence; `link` is where it leads.

    Kinds: task, urged, reminded (someone waits for you); notice (told by a workflow); returned, outcome (your request);
    comment, mention; blocked (admins: a process needs help). `data`: `title` of the record, `form`, and, where they
    apply, `step`, `by` (a name), `text`, `outcome`.
    """

    id: str
    kind: str
    data: Mapping[str, Any]
    link: str
    created_at: datetime
    read: bool


def notifications(caller: Caller, *, after: str | None = None, limit: int = 30) -> Page[NotificationRow]:
    """The caller's notifications, the newest first."""
    query = select(Notification).where(
        Notification.workspace_id == caller.workspace_id, Notification.member_id == caller.member_id
    )
    if after is not None:
        query = query.where(Notification.id < after)
    with caller.reading() as db:
        found = [_row(r) for r in db.scalars(query.order_by(Notification.id.desc()).limit(limit + 1))]
    return page(found, limit, lambda row: row.id)


def notification(caller: Caller, notification_id: str) -> NotificationRow:
    """One notification of the caller.

    Raises:
        NotFound: there is none with this id, or it is another member's.
    """
    with caller.reading() as db:
        found = db.get(Notification, (caller.workspace_id, caller.member_id, notification_id))
        if found is None:
            raise NotFound(gettext(caller.lang, "There is no such notification."))
        return _row(found)


def _row(found: Notification) -> NotificationRow:
    return NotificationRow(found.id, found.kind, found.data, found.link, found.created_at, found.read_at is not None)


def unread(caller: Caller) -> int:
    """How many the caller has not read."""
    query = select(func.count()).select_from(Notification).where(Notification.workspace_id == caller.workspace_id)
    with caller.reading() as db:
        own = query.where(Notification.member_id == caller.member_id, Notification.read_at.is_(None))
        return db.scalars(own).one()


def mark_read(caller: Caller, notification_id: str | None = None) -> None:
    """Mark one notification of the caller as read, or all of them."""
    change = update(Notification).where(
        Notification.workspace_id == caller.workspace_id,
        Notification.member_id == caller.member_id,
        Notification.read_at.is_(None),
    )
    if notification_id is not None:
        change = change.where(Notification.id == notification_id)
    with caller.writing() as db:
        db.execute(change.values(read_at=caller.now()))
