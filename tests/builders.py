"""What tests are built from: a clock they move, a small company, forms and workflows in a line.

world = new_world(runtime)
amy = world.caller("amy")
world.app("rewards", forms={"reward_request": REWARD})
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from formloom.platform.models import Department, Member, MemberRole, Person, Role, Workspace
from formloom.platform.runtime import Caller, Runtime, caller_for

PEOPLE: dict[str, Any] = {
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
