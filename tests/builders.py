"""What tests are built from: a clock they move, a small company, forms and workflows in a line.

world = new_world(runtime)
amy = world.caller("amy")
world.app("rewards", forms={"reward_request": REWARD})
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from formloom.platform.models import Department, Events, Member, MemberRole, Person, Role, Workspace
from formloom.platform.packages.check import check_files
from formloom.platform.packages.package import Package, to_files
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import records
from formloom.platform.services.installing import install_in

Json = dict[str, Any]
PEOPLE: Json = {
    "departments": [
        {"id": "sales", "name": "Sales", "parent": None, "head": "wang"},
        {"id": "north", "name": "North team", "parent": "sales", "head": "li"},
        {"id": "office", "name": "Office", "parent": None, "head": "root"},
    ],
    "roles": [{"id": "finance", "name": "Finance"}, {"id": "hr", "name": "Human resources"}],
    "members": [
        {"id": "root", "name": "Rita Root", "department": "office", "roles": [], "admin": True},
        {"id": "wang", "name": "王芳", "department": "sales", "roles": []},
        {"id": "li", "name": "李雷", "department": "north", "roles": ["finance"]},
        {"id": "amy", "name": "Amy Chen", "department": "north", "roles": ["hr"]},
        {"id": "bob", "name": "Bob Stone", "department": "sales", "roles": []},
    ],
}


class Clock:
    """The time of a test: stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def forward(self, **span: float) -> datetime:
        """Move on by a timedelta's arguments (`days=1`)."""
        self.now += timedelta(**span)
        return self.now


@dataclass
class World:
    """One workspace with its people. `caller(id)` stands for a member, `admin` for Rita Root."""

    runtime: Runtime
    workspace_id: int
    people: Mapping[str, Any] = field(default_factory=lambda: PEOPLE)

    def caller(self, member_id: str) -> Caller:
        """The member as a service sees them."""
        return caller_for(self.runtime, self.workspace_id, member_id)

    @property
    def admin(self) -> Caller:
        """An admin of the workspace."""
        return self.caller("root")

    @property
    def clock(self) -> Clock:
        """The clock of the runtime."""
        assert isinstance(self.runtime.clock, Clock)
        return self.runtime.clock

    def app(
        self,
        key: str = "office",
        *,
        forms: Iterable[Json],
        workflows: Mapping[str, Json] | None = None,
        automations: Mapping[str, Json] | None = None,
        permissions: Json | None = None,
        **more: Any,
    ) -> None:
        """Install an app of these forms, which must pass the check of packages."""
        document = app_document(key, [form["$id"] for form in forms], permissions=permissions or {}, **more)
        parts: Json = {f"automations/{key}.json": found for key, found in (automations or {}).items()}
        package = Package(
            document, {form["$id"]: form for form in forms}, workflows or {}, {"sample/people.json": PEOPLE, **parts}
        )
        found, problems = check_files(to_files(package))
        assert found is not None, problems
        with self.admin.writing() as db:
            install_in(db, self.admin, package)

    def add(self, form_key: str, *, by: str = "amy", **values: Any) -> str:
        """A new record, submitted by a member. Gives its id."""
        return records.create_record(self.caller(by), form_key, values, confirmed=True).id


def app_document(key: str, forms: Iterable[str], **more: Any) -> Json:
    """The app.json of an app with these forms in its menu."""
    return {
        "$schema": "https://formloom.dev/schema/app/v1",
        "key": key,
        "name": key.title(),
        "category": "other",
        "version": "1.0.0",
        "roles": PEOPLE["roles"],
        "navigation": [{"form": form} for form in forms],
    } | more


def form(key: str, properties: Mapping[str, Any], *, required: Iterable[str] = (), **x_form: Any) -> Json:
    """A form definition: `form("visit", {"on": DATE, "with": MEMBER}, required=["on"])`."""
    document: Json = {
        "$schema": "https://formloom.dev/schema/form/v1",
        "$id": key,
        "title": key.replace("_", " ").capitalize(),
        "type": "object",
        "properties": dict(properties),
    }
    if required:
        document["required"] = list(required)
    return document | ({"x-form": x_form} if x_form else {})


def table(columns: Mapping[str, Any]) -> Json:
    """A sub-table of these columns."""
    return {"type": "array", "items": {"type": "object", "properties": dict(columns)}, "x-field": {"type": "table"}}


def link(target: str, **settings: Any) -> Json:
    """A link to a record of another form."""
    return {"type": "string", "x-field": {"type": "link", "form": target} | settings}


def select(*values: str) -> Json:
    """A choice of these values."""
    return {"type": "string", "enum": list(values)}


TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
MONEY: Json = {"type": "number", "x-field": {"type": "money", "currency": "CNY"}}
DATE: Json = {"type": "string", "format": "date"}
DATETIME: Json = {"type": "string", "format": "date-time"}
SWITCH: Json = {"type": "boolean"}
MEMBER: Json = {"type": "string", "x-field": {"type": "member"}}
MEMBERS: Json = {"type": "array", "items": {"type": "string"}, "x-field": {"type": "member"}}


def new_world(runtime: Runtime, *, name: str = "Hesheng", zone: str = "Asia/Shanghai", language: str = "en") -> World:
    """A workspace with the people of `PEOPLE`. May be made several times in one database."""
    now = runtime.clock()
    with runtime.writing() as db:
        workspace = Workspace(name=name, zone=zone, language=language, created_at=now)
        db.add(workspace)
        db.flush()
        own = workspace.id
        db.add_all(Role(workspace_id=own, id=role["id"], name=role["name"]) for role in PEOPLE["roles"])
        for number, entry in enumerate(PEOPLE["departments"]):
            db.add(
                Department(
                    workspace_id=own, id=entry["id"], name=entry["name"], parent_id=entry["parent"], position=number
                )
            )
            db.flush()
        for number, entry in enumerate(PEOPLE["members"]):
            email = f"{entry['id']}@{own}.example.com"
            person = Person(email=email, name=entry["name"], created_at=now)
            db.add(person)
            db.flush()
            db.add(
                Member(
                    workspace_id=own,
                    id=entry["id"],
                    person_id=person.id,
                    name=entry["name"],
                    email=email,
                    department_id=entry["department"],
                    admin=entry.get("admin", False),
                    position=number,
                    joined_at=now,
                )
            )
            db.flush()
            db.add_all(MemberRole(workspace_id=own, member_id=entry["id"], role_id=role) for role in entry["roles"])
        for entry in PEOPLE["departments"]:
            db.get_one(Department, (own, entry["id"])).head_id = entry["head"]
    return World(runtime, own)


def happened(db: Session, kind: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """The events of all processes, each with its process, in order; with `kind`, those of one kind."""
    rows = db.query(Events).order_by(Events.workspace_id, Events.process_id, Events.number)
    return [(row.process_id, event) for row in rows for event in row.data if kind in (None, event["kind"])]
