"""Bearer tokens for the REST API: a member acts through one as themselves. Only the hash of a token is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from formloom.platform.errors import InputInvalid, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import ApiToken, Member, Person, Workspace, new_id
from formloom.platform.prepared import PreparedSelect
from formloom.platform.runtime import Caller, Runtime

PREFIX = "fl_"
SEEN_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it; the token itself is shown only once, when it is made."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


def create_token(caller: Caller, name: str) -> str:
    """Make a token for the caller. Gives it, once.

    Raises:
        InputInvalid: it has no name, by which its owner will know it again.
        NotFound: the caller is the system.
    """
    if not name.strip() or len(name) > 200:
        raise InputInvalid({"name": gettext(caller.lang, "Enter a name of at most 200 characters.")})
    if caller.member_id is None:
        raise NotFound(gettext(caller.lang, "There is no such account."))
    token = PREFIX + secrets.token_urlsafe(32)
    with caller.writing() as db:
        row = ApiToken(workspace_id=caller.workspace_id, id=new_id(), member_id=caller.member_id, name=name.strip())
        row.token_hash, row.created_at = _hash(token), caller.now()
        db.add(row)
    return token


def tokens(caller: Caller) -> list[TokenRow]:
    """The caller's tokens that still work."""
    query = select(ApiToken).where(ApiToken.member_id == caller.member_id, ApiToken.revoked_at.is_(None))
    with caller.reading() as db:
        rows = db.scalars(query.where(ApiToken.workspace_id == caller.workspace_id).order_by(ApiToken.id))
        return [TokenRow(row.id, row.name, row.created_at, row.last_used_at) for row in rows]


def revoke_token(caller: Caller, token_id: str) -> None:
    """End one of the caller's tokens.

    Raises:
        NotFound: it is none of theirs.
    """
    with caller.writing() as db:
        row = db.get(ApiToken, (caller.workspace_id, token_id))
        if row is None or row.member_id != caller.member_id or row.revoked_at is not None:
            raise NotFound(gettext(caller.lang, "There is no such token."))
        row.revoked_at = caller.now()


OF_TOKEN = PreparedSelect(
    select(
        ApiToken.id,
        ApiToken.last_used_at,
        Workspace.id,
        Member.id,
        Member.admin,
        Workspace.language,
        Workspace.zone,
        Person.language,
        Person.zone,
    )
    .join(Member, (Member.workspace_id == ApiToken.workspace_id) & (Member.id == ApiToken.member_id))
    .join(Person, Person.id == Member.person_id)
    .join(Workspace, Workspace.id == ApiToken.workspace_id)
    .where(ApiToken.token_hash == bindparam("hash"), ApiToken.revoked_at.is_(None), Member.active, Person.active)
)
"""Asked with every request of the API, so it is built once."""


def caller_of_token(runtime: Runtime, token: str, *, request_id: str, address: str | None) -> Caller | None:
    """Who acts through `token`; None if it is none, was revoked, or its member is switched off."""
    row = runtime.database.ask(OF_TOKEN, {"hash": _hash(token)})
    if row is None:
        return None
    token_id, used_at, workspace_id, member_id, admin, lang, zone, own_lang, own_zone = row
    now = runtime.clock()
    if used_at is None or now - used_at > SEEN_EVERY:
        with runtime.writing() as db:
            db.get_one(ApiToken, (workspace_id, token_id)).last_used_at = now
    return Caller(
        runtime, workspace_id, member_id, own_lang or lang, own_zone or zone, zone, request_id, address, admin
    )  # fmt: skip


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
