"""Accounts: making a workspace, signing in, and what each person sets for themselves.

Most functions take the `Runtime`, because nobody is known yet. A person is one row everywhere; a member is that person
in one workspace. What is mailed as a link (invitations, forgotten passwords) stands in services/tickets.py.
"""

import ipaddress
import unicodedata
from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from formloom.platform import attempts, organisation, passwords
from formloom.platform.attempts import Limit
from formloom.platform.errors import InputInvalid, NotAllowed, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Member, Person, Workspace, new_id
from formloom.platform.prepared import PreparedSelect
from formloom.platform.runtime import Caller, Runtime
from formloom.platform.settings import LANGUAGES

THEMES = ("auto", "light", "dark")
FROM_HERE = Limit("sign-in", 10, 15)
FROM_ANYWHERE = Limit("sign-in-account", 100, 60)
BY_ADDRESS = Limit("sign-in-address", 50, 15)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has just proven who they are, and the workspace they come to first."""

    person_id: str
    workspace_id: int
    member_id: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What every request needs to know of its session. `zone` is for showing times, `workspace_zone` for reckoning."""

    person_id: str
    workspace_id: int
    member_id: str
    name: str
    email: str
    language: str
    zone: str
    theme: str
    admin: bool
    epoch: int
    workspace_name: str
    workspace_zone: str
    demo: bool


@dataclass(frozen=True, slots=True)
class WorkspaceChoice:
    """A workspace that a person is in."""

    workspace_id: int
    name: str
    member_id: str


def address_of(email: str) -> str:
    """`email` as it is kept and compared: without white space around it, in small letters."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def email_complaint(email: str, lang: str) -> str | None:
    """What is wrong with an e-mail address, in a sentence; None if it will do."""
    name, at, host = address_of(email).rpartition("@")
    strange = any(c.isspace() or ord(c) < 32 or c in '<>,;"' for c in email.strip())
    good = name and at and host and len(email) <= 320 and not strange
    return None if good else gettext(lang, "Enter an e-mail address such as amy@example.com.")


def first_run_needed(runtime: Runtime) -> bool:
    """Whether there is no workspace yet."""
    with runtime.reading() as db:
        return not db.scalar(select(exists(select(Workspace.id))))


def create_workspace(
    runtime: Runtime,
    *,
    workspace: str,
    name: str,
    email: str,
    password: str,
    language: str,
    zone: str,
    lang: str = "en",
    another: bool = False,
    demo: bool = False,
) -> SignedIn:
    """Make a workspace and its first admin.

    A person who has an account already keeps it, and gives its password. Without `another` (the first-run page) it is
    refused once there is a workspace.

    Raises:
        InputInvalid: a field is wrong.
        NotAllowed: there is a workspace already.
    """
    errors = _wrong_fields(lang, workspace=workspace, name=name, email=email, language=language, zone=zone)
    email, now = address_of(email), runtime.clock()
    with runtime.writing() as db:
        if not another and db.scalar(select(exists(select(Workspace.id)))):
            raise NotAllowed(gettext(lang, "There is a workspace already. Ask its admin for an invitation."))
        person = db.scalar(select(Person).where(Person.email == email))
        if person is not None and not passwords.matches(person.password_hash, password):
            errors["password"] = gettext(lang, "There is an account with this address; this isn't its password.")
        elif person is None and (wrong := passwords.complaint(password, email, lang)):
            errors["password"] = wrong
        if errors:
            raise InputInvalid(errors)
        if person is None:
            person = Person(id=new_id(), email=email, name=name.strip(), created_at=now)
            person.password_hash, person.language, person.zone = passwords.hashed(password), language, zone
        place = Workspace(name=workspace.strip(), zone=zone, language=language, demo=demo, created_at=now)
        db.add_all([person, place])
        db.flush()
        member = Member(workspace_id=place.id, id=new_id(), person_id=person.id, name=name.strip(), email=email)
        member.admin, member.joined_at = True, now
        db.add(member)
        return SignedIn(person.id, place.id, member.id)


def _wrong_fields(lang: str, *, workspace: str, name: str, email: str, language: str, zone: str) -> dict[str, str]:
    errors = _wrong_profile(lang, name=name, language=language, zone=zone)
    if not workspace.strip() or len(workspace) > 200:
        errors["workspace"] = gettext(lang, "Give the workspace a name of at most 200 characters.")
    if wrong := email_complaint(email, lang):
        errors["email"] = wrong
    return errors


def _wrong_profile(lang: str, *, name: str, language: str, zone: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not name.strip() or len(name) > 200:
        errors["name"] = gettext(lang, "Enter a name of at most 200 characters.")
    if language not in LANGUAGES:
        errors["language"] = gettext(lang, "Choose one of the languages.")
    if zone not in available_timezones():
        errors["zone"] = gettext(lang, "Choose a time zone such as Asia/Shanghai.")
    return errors


def sign_in(runtime: Runtime, *, email: str, password: str, address: str | None, lang: str = "en") -> SignedIn:
    """Who `email` and `password` belong to. One sentence answers every reason, so that no account is betrayed.

    Raises:
        NotAllowed: they don't fit, or the account may not sign in here.
        TooManyAttempts: there were too many for this account or from this address.
    """
    email = address_of(email)
    person = verify(runtime, email=email, password=password, address=address, lang=lang)
    with runtime.reading() as db:
        found = places(db, person.id)
    if not found:
        raise NotAllowed(gettext(lang, "You are in no workspace any more. Ask an admin to invite you."))
    allowed = [(member, place) for member, place in found if _may_enter(runtime, place, address)]
    if not allowed:
        raise NotAllowed(gettext(lang, "Sample accounts can be used on the machine itself only."))
    member, place = allowed[0]
    return SignedIn(person.id, place.id, member.id)


def verify(runtime: Runtime, *, email: str, password: str, address: str | None, lang: str) -> Person:
    """The active person with this address and password; every try is counted until it succeeds.

    Raises:
        NotAllowed: there is none.
        TooManyAttempts: there were too many tries.
    """
    counts = [(FROM_HERE, (email, address or "")), (FROM_ANYWHERE, (email,)), (BY_ADDRESS, (address or "",))]
    with runtime.writing() as db:
        for limit, subject in counts:
            attempts.take(db, limit, subject, runtime.clock(), lang)
        person = db.scalar(select(Person).where(Person.email == email))
    stored = person.password_hash if person is not None and person.active else None
    if not passwords.matches(stored, password) or person is None or stored is None:
        raise NotAllowed(gettext(lang, "This address and password don't fit together."))
    with runtime.writing() as db:
        for limit, subject in counts:
            attempts.give_back(db, limit, subject)
        if passwords.outdated(stored):
            db.get_one(Person, person.id).password_hash = passwords.hashed(password)
    return person


def places(db: Session, person_id: str) -> list[tuple[Member, Workspace]]:
    """Where the person is an active member: real workspaces before the sample one, the oldest first."""
    query = (
        select(Member, Workspace)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Member.person_id == person_id, Member.active)
        .order_by(Workspace.demo, Member.joined_at, Workspace.id)
    )
    return [(member, place) for member, place in db.execute(query)]


def _may_enter(runtime: Runtime, place: Workspace, address: str | None) -> bool:
    """The sample accounts' passwords are known to everybody: they are for this machine, unless a setting says so."""
    if not place.demo or runtime.settings.demo_anywhere or address is None:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def workspaces_of(runtime: Runtime, person_id: str) -> list[WorkspaceChoice]:
    """The workspaces that a person may change to."""
    with runtime.reading() as db:
        return [WorkspaceChoice(place.id, place.name, member.id) for member, place in places(db, person_id)]


def workspace_of(caller: Caller) -> WorkspaceChoice:
    """The workspace that the caller is in just now."""
    with caller.reading() as db:
        place = db.place
    return WorkspaceChoice(place.id, place.name, caller.member_id or "")


OF_SESSION = PreparedSelect(
    select(
        Member.id.label("member_id"),
        Member.name,
        Person.email,
        func.coalesce(func.nullif(Person.language, ""), Workspace.language).label("language"),
        func.coalesce(func.nullif(Person.zone, ""), Workspace.zone).label("zone"),
        Person.theme,
        Member.admin,
        Person.session_epoch.label("epoch"),
        Workspace.name.label("workspace_name"),
        Workspace.zone.label("workspace_zone"),
        Workspace.demo,
    )
    .join(Member, Member.person_id == Person.id)
    .join(Workspace, Workspace.id == Member.workspace_id)
    .where(Person.id == bindparam("person"), Person.active)
    .where(Member.workspace_id == bindparam("workspace"), Member.active)
)
"""Asked with every page, so it is built once."""


def session_of(runtime: Runtime, person_id: str, workspace_id: int) -> SessionInfo | None:
    """What a session of this person in this workspace stands for; None once either was switched off."""
    row = runtime.database.ask(OF_SESSION, {"person": person_id, "workspace": workspace_id})
    return None if row is None else SessionInfo(person_id=person_id, workspace_id=workspace_id, **row._asdict())


def own(db: Session, caller: Caller) -> tuple[Member, Person]:
    """The caller's own rows, to be changed.

    Raises:
        NotFound: the caller is the system, or a member without an account.
    """
    query = select(Member, Person).join(Person, Person.id == Member.person_id)
    row = db.execute(
        query.where(Member.workspace_id == caller.workspace_id, Member.id == caller.member_id)
    ).one_or_none()
    if row is None:
        raise NotFound(gettext(caller.lang, "There is no such account."))
    return row.Member, row.Person


def update_profile(caller: Caller, *, name: str, language: str, zone: str, theme: str) -> None:
    """Change what the caller's own pages look like, and the name others see in this workspace.

    Raises:
        InputInvalid: a field is wrong.
    """
    errors = _wrong_profile(caller.lang, name=name, language=language, zone=zone)
    if theme not in THEMES:
        errors["theme"] = gettext(caller.lang, "Choose automatic, light or dark.")
    if errors:
        raise InputInvalid(errors)
    with caller.writing() as db:
        member, person = own(db, caller)
        member.name = person.name = name.strip()
        person.language, person.zone, person.theme = language, zone, theme
        organisation.changed(db, caller.workspace_id)


def change_password(caller: Caller, *, old: str, new: str) -> None:
    """Give the caller another password. Every session ends, also this one: whoever calls begins it anew.

    Raises:
        InputInvalid: the old one is wrong, or the new one too easy.
        TooManyAttempts: the old one was guessed too often.
    """
    with caller.reading() as db:
        email = own(db, caller)[1].email
    try:
        verify(caller.runtime, email=email, password=old, address=caller.address, lang=caller.lang)
    except NotAllowed as error:
        raise InputInvalid({"old": gettext(caller.lang, "This isn't your password.")}) from error
    if wrong := passwords.complaint(new, email, caller.lang):
        raise InputInvalid({"new": wrong})
    with caller.writing() as db:
        person = own(db, caller)[1]
        person.password_hash = passwords.hashed(new)
        person.session_epoch += 1


def sign_out_everywhere(caller: Caller) -> None:
    """End all sessions of the caller, on every device."""
    with caller.writing() as db:
        own(db, caller)[1].session_epoch += 1
