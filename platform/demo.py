"""The sample workspace: one company, the templates of the library with their records and history, accounts to try.

Made once; making it again adds only what is missing. Its passwords are the same everywhere, which is why its accounts sign
in from this machine alone, unless a setting says otherwise (services/accounts.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Select, exists, select, update

from formloom.platform import passwords, sample
from formloom.platform.models import App, Form, Member, Person, Record, Workspace
from formloom.platform.packages import library
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import installing

NAME, ZONE, COUNTRY = "Hesheng Instruments", "Asia/Shanghai", "CN"
PASSWORD = "hesheng-2026"  # noqa: S105 known to everybody by design
SHOWN = {
    "zhou_xiaotong": "administrator",
    "amy_chen": "sales representative",
    "li_lei": "team lead, approves first",
    "wang_fang": "sales director",
    "chen_jing": "finance",
    "zhao_min": "human resources",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A sample account worth trying."""

    name: str
    email: str
    what: str


@dataclass(frozen=True, slots=True)
class Demo:
    """The sample workspace and its accounts, which share one password."""

    workspace_id: int
    accounts: tuple[Account, ...]
    password: str

    def told(self) -> str:
        """The accounts as lines for a terminal."""
        width = max((len(account.email) for account in self.accounts), default=0)
        lines = [f"  {account.email:<{width}}  {account.name}, {account.what}" for account in self.accounts]
        return "\n".join(["Sample accounts (password " + self.password + "):", *lines])


def make(runtime: Runtime, tell: Callable[[str], None] = lambda sentence: None) -> Demo:
    """Make the sample workspace, or what is missing of it. `tell` is given a sentence for each long step."""
    workspace_id = _workspace(runtime)
    templates = library.keys()
    for key in templates:
        with runtime.reading() as db:
            there = db.scalar(select(exists().where(App.workspace_id == workspace_id, App.key == key)))
            filled = there and db.scalar(_records_of(workspace_id, key))
        if filled:
            continue
        tell(f"Installing the sample app {key} …")
        admin = _admin(runtime, workspace_id)
        if there:  # somebody stopped it before its records were made
            sample.load(admin, library.package(key))
        else:
            installing.install(admin, key, sample_data=True)
    _give_passwords(runtime, workspace_id)
    return Demo(workspace_id, _accounts(runtime, workspace_id), PASSWORD)


def _records_of(workspace_id: int, app_key: str) -> Select[tuple[bool]]:
    same = (Form.workspace_id == Record.workspace_id, Form.key == Record.form_key)
    return select(exists().where(Record.workspace_id == workspace_id, Form.app_key == app_key, *same))


def _workspace(runtime: Runtime) -> int:
    """The sample workspace, made with the people of the first package if it isn't there."""
    with runtime.writing() as db:
        found = db.scalars(select(Workspace.id).where(Workspace.demo).order_by(Workspace.id)).first()
        if found is not None:
            return found
        place = Workspace(name=NAME, zone=ZONE, country=COUNTRY, language="en", demo=True, created_at=runtime.clock())
        db.add(place)
        db.flush()
        workspace_id = place.id
    people = library.package(library.keys()[0]).people
    caller = caller_for(runtime, workspace_id)
    with caller.writing() as own:
        sample.add_people_in(own, caller, people or {})
    return workspace_id


def _admin(runtime: Runtime, workspace_id: int) -> Caller:
    with runtime.reading() as db:
        admins = select(Member.id).where(Member.workspace_id == workspace_id, Member.admin, Member.active)
        return caller_for(runtime, workspace_id, db.scalars(admins.order_by(Member.position)).first())


def _give_passwords(runtime: Runtime, workspace_id: int) -> None:
    """Give the one password to every sample account that has none."""
    mine = select(Member.person_id).where(Member.workspace_id == workspace_id)
    without = (Person.id.in_(mine), Person.password_hash.is_(None))
    with runtime.reading() as db:
        if not db.scalar(select(exists().where(*without))):
            return
    stored = passwords.hashed(PASSWORD)
    with runtime.writing() as db:
        db.execute(
            update(Person).where(*without).values(password_hash=stored).execution_options(synchronize_session=False)
        )


def _accounts(runtime: Runtime, workspace_id: int) -> tuple[Account, ...]:
    query = select(Member.id, Member.name, Person.email).join(Person, Person.id == Member.person_id)
    with runtime.reading() as db:
        rows = db.execute(query.where(Member.workspace_id == workspace_id, Member.id.in_(SHOWN))).all()
    found = {ident: Account(name, email, SHOWN[ident]) for ident, name, email in rows}
    return tuple(found[ident] for ident in SHOWN if ident in found)
