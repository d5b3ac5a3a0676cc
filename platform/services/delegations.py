"""Delegation: for a time, somebody else may decide what one has to decide. The history says who did it for whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from formloom.platform import organisation
from formloom.platform.errors import InputInvalid, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Delegation, new_id
from formloom.platform.runtime import Caller
from formloom.platform.services import audit
from formloom.platform.transactions import WorkspaceSession


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One delegation, from the caller or to them, that is not over yet."""

    id: str
    member_id: str
    member: str
    delegate_id: str
    delegate: str
    starts_at: datetime
    ends_at: datetime


def delegate(caller: Caller, delegate_id: str, *, starts_at: datetime, ends_at: datetime) -> str:
    """Let `delegate_id` decide for the caller during this time. Gives the delegation's id.

    Raises:
        InputInvalid: nobody, oneself, or a time that is over or backwards.
    """
    with caller.writing() as db:
        directory, errors = organisation.organisation(db, caller).directory, {}
        if not directory.active(delegate_id):
            errors["delegate_id"] = gettext(caller.lang, "There is no such member.")
        elif delegate_id == caller.member_id:
            errors["delegate_id"] = gettext(caller.lang, "Choose somebody else than yourself.")
        if ends_at <= max(starts_at, caller.now()):
            errors["ends_at"] = gettext(caller.lang, "Choose an end that is still to come, after the beginning.")
        if errors or caller.member_id is None:
            raise InputInvalid(errors)
        row = Delegation(workspace_id=caller.workspace_id, id=new_id(), member_id=caller.member_id)
        row.delegate_id, row.starts_at, row.ends_at = delegate_id, starts_at, ends_at
        db.add(row)
        facts = {"to": delegate_id, "from": starts_at.isoformat(), "until": ends_at.isoformat()}
        audit.write(db, caller, "delegation.made", f"member:{caller.member_id}", None, facts)
        return row.id


def delegations(caller: Caller) -> list[DelegationRow]:
    """What the caller delegated, and what was delegated to them, as far as it is not over."""
    query = select(Delegation).where(
        or_(Delegation.member_id == caller.member_id, Delegation.delegate_id == caller.member_id),
        Delegation.ends_at > caller.now(),
    )
    with caller.reading() as db:
        names = organisation.organisation(db, caller).members
        return [
            DelegationRow(
                row.id,
                row.member_id,
                names.get(row.member_id, row.member_id),
                row.delegate_id,
                names.get(row.delegate_id, row.delegate_id),
                row.starts_at,
                row.ends_at,
            )
            for row in db.scalars(query.order_by(Delegation.starts_at, Delegation.id))
        ]


def end_delegation(caller: Caller, delegation_id: str) -> None:
    """End a delegation of the caller's now.

    Raises:
        NotFound: it is none of theirs, or is over.
    """
    with caller.writing() as db:
        row = db.get(Delegation, (caller.workspace_id, delegation_id))
        if row is None or row.member_id != caller.member_id or row.ends_at <= caller.now():
            raise NotFound(gettext(caller.lang, "There is no such delegation."))
        row.ends_at = caller.now()
        audit.write(db, caller, "delegation.ended", f"member:{caller.member_id}", {"to": row.delegate_id}, None)


def delegators_in(db: WorkspaceSession, caller: Caller) -> list[str]:
    """For whom the caller may decide now."""
    now = caller.now()
    query = select(Delegation.member_id).where(
        Delegation.delegate_id == caller.member_id, Delegation.starts_at <= now, Delegation.ends_at > now
    )
    return list(db.scalars(query))
