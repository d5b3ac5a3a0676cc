"""Links that are mailed once and used once: invitations to a workspace, and new passwords.

Only the hash of a link's token is kept, so that who reads the database can't use it. The mail that carries it is
emptied once it is delivered.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from formloom.platform import attempts, organisation, outbox, passwords
from formloom.platform.attempts import Limit
from formloom.platform.errors import Conflict, InputInvalid, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Member, Person, Ticket, Workspace, new_id
from formloom.platform.runtime import Caller, Runtime
from formloom.platform.services import accounts, people
from formloom.platform.services.accounts import SignedIn
from formloom.platform.transactions import UnboundSession

INVITATION, RESET = "invitation", "reset"
LASTS = {INVITATION: timedelta(days=14), RESET: timedelta(hours=2)}
BY_ACCOUNT = Limit("reset", 3, 60)
BY_ADDRESS = Limit("reset-address", 20, 60)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the page behind an invitation shows. `known`: the address has an account, whose password is asked for."""

    workspace: str
    name: str
    email: str
    known: bool


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _issue(db: Session, kind: str, now: datetime, **of: object) -> str:
    """A fresh token; older ones for the same account are of no use any more."""
    older = update(Ticket).where(Ticket.kind == kind, Ticket.used_at.is_(None))
    db.execute(older.where(*(getattr(Ticket, name) == value for name, value in of.items())).values(used_at=now))
    token = secrets.token_urlsafe(32)
    db.add(Ticket(token_hash=_hash(token), kind=kind, created_at=now, expires_at=now + LASTS[kind], **of))
    return token


def _ticket(db: Session, kind: str, token: str, now: datetime, lang: str) -> Ticket:
    """The unused ticket of `token`.

    Raises:
        NotFound: there is none, it was used, or it is too old.
    """
    ticket = db.get(Ticket, _hash(token), with_for_update=True)
    if ticket is None or ticket.kind != kind or ticket.used_at is not None or ticket.expires_at <= now:
        raise NotFound(gettext(lang, "This link was used already or is too old. Ask for a new one."))
    return ticket


def invite(
    caller: Caller, *, email: str, name: str, department_id: str | None = None, role_ids: Sequence[str] = ()
) -> str:
    """Add a member, mail them a link to make an account, and give that link (to be passed on otherwise).

    Raises:
        NotAllowed: the caller is no admin.
        InputInvalid: a field is wrong.
        Conflict: the address is a member's, with an account or without.
    """
    people.require_admin(caller)
    address = accounts.address_of(email)
    with caller.writing() as db:
        known = db.scalar(select(Member).where(Member.workspace_id == caller.workspace_id, Member.email == address))
        if known is not None:
            sentence = "{name} is in the list already, without an account. Open them there to send the invitation."
            if known.person_id is not None:
                sentence = "{name} is a member already."
            raise Conflict(gettext(caller.lang, sentence, name=known.name))
        wanted = {"name": name.strip(), "email": address, "department_id": department_id or None}
        wanted |= {"manager_id": None, "admin": False, "active": True}
        return _invite(db, caller, people.put_member(db, caller, None, wanted, role_ids), address)


def invite_again(caller: Caller, member_id: str) -> str:
    """Mail a member who has no account yet a fresh link, and give it; an older one is of no use then.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such member.
        Conflict: the member has an account.
    """
    people.require_admin(caller)
    member = people.member(caller, member_id)
    if member.has_account:
        raise Conflict(gettext(caller.lang, "{name} is a member already.", name=member.name))
    with caller.writing() as db:
        return _invite(db, caller, member_id, member.email)


def _invite(db: UnboundSession, caller: Caller, member_id: str, email: str) -> str:
    token = _issue(db, INVITATION, caller.now(), workspace_id=caller.workspace_id, member_id=member_id)
    link = f"{caller.runtime.settings.address()}/invite/{token}"
    _mail_invitation(db, caller, email, link)
    return link


def _mail_invitation(db: UnboundSession, caller: Caller, email: str, link: str) -> None:
    place = db.place
    inviter = db.get(Member, (caller.workspace_id, caller.member_id or ""))
    names = {"inviter": inviter.name if inviter else place.name, "workspace": place.name}
    lang = place.language
    text = gettext(
        lang,
        "{inviter} invites you to {workspace} on Formloom.\n\n"
        "Open this link to choose a password and begin:\n{link}\n\n"
        "It can be used once, within {days} days.",
        **names,
        link=link,
        days=LASTS[INVITATION].days,
    )
    body = {"to": [email], "subject": gettext(lang, "{inviter} invites you to {workspace}", **names), "text": text}
    outbox.put(db, place.id, "mail", body, now=caller.now(), request_id=caller.request_id)


def look_at_invitation(runtime: Runtime, token: str, *, lang: str = "en") -> Invitation:
    """What an invitation's page shows.

    Raises:
        NotFound: the link was used or is too old.
    """
    with runtime.reading() as db:
        ticket = _ticket(db, INVITATION, token, runtime.clock(), lang)
        member, place = _invited(db, ticket, lang)
        known = db.scalar(select(Person.id).where(Person.email == member.email)) is not None
    return Invitation(place.name, member.name, member.email, known)


def _invited(db: Session, ticket: Ticket, lang: str) -> tuple[Member, Workspace]:
    member = db.get(Member, (ticket.workspace_id or 0, ticket.member_id or ""))
    place = db.get(Workspace, ticket.workspace_id or 0)
    if member is None or place is None or not member.active or member.person_id is not None:
        raise NotFound(gettext(lang, "This invitation was withdrawn."))
    return member, place


def accept_invitation(
    runtime: Runtime, *, token: str, name: str, password: str, address: str | None = None, lang: str = "en"
) -> SignedIn:
    """Make the account of an invitation, or join with the account that the address has already, and sign in.

    Raises:
        NotFound: the link was used or is too old.
        InputInvalid: the name is missing, or the password too easy.
        NotAllowed, TooManyAttempts: the address has an account and this isn't its password.
        Conflict: the account is in the workspace already, under another address.
    """
    seen = look_at_invitation(runtime, token, lang=lang)
    if seen.known:
        accounts.verify(runtime, email=seen.email, password=password, address=address, lang=lang)
    elif errors := _wrong(name, password, seen.email, lang):
        raise InputInvalid(errors)
    now = runtime.clock()
    with runtime.writing() as db:
        ticket = _ticket(db, INVITATION, token, now, lang)
        member, place = _invited(db, ticket, lang)
        person = db.scalar(select(Person).where(Person.email == member.email))
        if person is None:
            person = Person(id=new_id(), email=member.email, name=name.strip(), created_at=now)
            person.password_hash = passwords.hashed(password)
            db.add(person)
            db.flush()
            member.name = name.strip()
        same = select(Member.id).where(Member.workspace_id == place.id, Member.person_id == person.id)
        if db.scalar(same) is not None:
            raise Conflict(gettext(lang, "You are a member of this workspace already."))
        member.person_id, ticket.used_at = person.id, now
        organisation.changed(db, place.id)
        return SignedIn(person.id, place.id, member.id)


def _wrong(name: str, password: str, email: str, lang: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not name.strip() or len(name) > 200:
        errors["name"] = gettext(lang, "Enter a name of at most 200 characters.")
    if wrong := passwords.complaint(password, email, lang):
        errors["password"] = wrong
    return errors


def request_password_reset(runtime: Runtime, *, email: str, address: str | None = None, lang: str = "en") -> None:
    """Mail a link for a new password if the address has an account; whether it has is not betrayed.

    Raises:
        InputInvalid: this is no e-mail address.
        TooManyAttempts: too many were asked for, for this account or from this address.
    """
    if complaint := accounts.email_complaint(email, lang):
        raise InputInvalid({"email": complaint})
    now, email = runtime.clock(), accounts.address_of(email)
    with runtime.writing() as db:
        attempts.take(db, BY_ADDRESS, (address or "",), now, lang)
        attempts.take(db, BY_ACCOUNT, (email,), now, lang)
        person = db.scalar(select(Person).where(Person.email == email, Person.active))
        if person is not None and (places := accounts.places(db, person.id)):
            _mail_reset(db, runtime, person, places[0][1])


def _mail_reset(db: UnboundSession, runtime: Runtime, person: Person, place: Workspace) -> None:
    lang, now = person.language or place.language, runtime.clock()
    text = gettext(
        lang,
        "Somebody, probably you, asked for a new password for {email}.\n\n"
        "Open this link to choose one:\n{link}\n\n"
        "It can be used once, within {hours} hours. If it wasn't you, do nothing: your password stays as it is.",
        email=person.email,
        link=f"{runtime.settings.address()}/reset/{_issue(db, RESET, now, person_id=person.id)}",
        hours=int(LASTS[RESET].total_seconds() // 3600),
    )
    body = {"to": [person.email], "subject": gettext(lang, "A new password for Formloom"), "text": text}
    outbox.put(db, place.id, "mail", body, now=now, request_id=None)


def look_at_reset(runtime: Runtime, token: str, *, lang: str = "en") -> None:
    """See that a mailed link can still be used, before anybody thinks of a password.

    Raises:
        NotFound: the link was used or is too old.
    """
    with runtime.reading() as db:
        _ticket(db, RESET, token, runtime.clock(), lang)


def reset_password(runtime: Runtime, *, token: str, password: str, lang: str = "en") -> SignedIn:
    """Give the account behind a mailed link another password, end its sessions, and sign in.

    Raises:
        NotFound: the link was used or is too old, or the account is in no workspace any more.
        InputInvalid: the password is too easy.
    """
    now = runtime.clock()
    with runtime.writing() as db:
        ticket = _ticket(db, RESET, token, now, lang)
        person = db.get_one(Person, ticket.person_id)
        if wrong := passwords.complaint(password, person.email, lang):
            raise InputInvalid({"password": wrong})
        places = accounts.places(db, person.id)
        if not places or not person.active:
            raise NotFound(gettext(lang, "You are in no workspace any more. Ask an admin to invite you."))
        person.password_hash, ticket.used_at = passwords.hashed(password), now
        person.session_epoch += 1
        member, place = places[0]
        return SignedIn(person.id, place.id, member.id)
