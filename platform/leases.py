"""Taking what is due from the database, so that one worker does it and none is lost when that worker is killed.

A lease is a time and an owner on the row. Whoever takes it does so in a transaction of its own, before the work; when
the work is done, the row is written only if the lease is still theirs. A lease that ran out can be taken by anybody.
"""

from datetime import timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from formloom.platform.models import AutomationClock, AutomationRun, Job, OutboxMessage, Timer
from formloom.platform.runtime import Runtime

Leased = TypeVar("Leased", OutboxMessage, Timer, Job, AutomationRun, AutomationClock)


def take(runtime: Runtime, model: type[Leased], owner: str, only: tuple[int, str] | None = None) -> Leased | None:
    """The row of `model` that has been due longest, now leased to `owner`; None when nothing is due.

    `only`: this one row (workspace, id), if it is due. Its `attempts` counts this one already.
    """
    now = runtime.clock()
    free = and_(model.due_at <= now, or_(model.lease_until.is_(None), model.lease_until <= now), *_open(model))
    if only is not None:
        free = and_(free, model.workspace_id == only[0], model.id == only[1])
    # In the order of the index and of nothing else: however many are due at once, the first is found at once.
    query = select(model).where(free).order_by(model.due_at).limit(1)
    with runtime.reading() as db:
        if db.scalars(query).first() is None:
            return None
    with runtime.writing() as db:
        row = db.scalars(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        row.lease_owner, row.lease_until = owner, now + timedelta(seconds=runtime.settings.lease_seconds)
        row.attempts += 1
        return row


def _open(model: type[Leased]) -> list[ColumnElement[bool]]:
    return [] if model in (Timer, AutomationClock) else [model.status == "waiting"]


def held(db: Session, row: Leased, owner: str) -> Leased | None:
    """The row as it stands now, locked, if `owner` still holds its lease; None if somebody else took it or it is gone."""
    model = type(row)
    query = select(model).where(
        model.workspace_id == row.workspace_id, model.id == row.id, model.lease_owner == owner, *_open(model)
    )
    return db.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
