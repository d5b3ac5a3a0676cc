"""Who is in the organisation: what assignments ask of it, and one that is made from a people document.

The engines are given a directory as a value. The document is that of formats.md section 5 (`people.json`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from formloom.form_engine.names import Ids


class Directory(Protocol):
    """What is asked about people. Ids that nobody knows are answered like people who left: not active, in nothing."""

    def active(self, member: str) -> bool:
        """Whether the member exists and is active."""

    @property
    def member_ids(self) -> Collection[str]:
        """Everybody who is or was a member."""

    @property
    def department_ids(self) -> Collection[str]:
        """All departments."""

    @property
    def role_ids(self) -> Collection[str]:
        """All roles."""

    def members(self) -> tuple[str, ...]:
        """All active members, in the directory's order."""

    def admins(self) -> tuple[str, ...]:
        """The active admins of the workspace."""

    def in_role(self, role: str) -> tuple[str, ...]:
        """The active members who have the role."""

    def in_department(self, department: str, *, below: bool = False) -> tuple[str, ...]:
        """The active members of the department, with `below` also of those under it."""

    def head(self, department: str) -> str | None:
        """The department's head, if it has an active one."""

    def department(self, member: str) -> str | None:
        """The department the member belongs to."""

    def manager(self, member: str) -> str | None:
        """The member's manager: the one named, else the head of their department, and so on up (meaning.md section 4)."""

    def department_name(self, department: str) -> str:
        """What the department is called."""

    def name(self, member: str) -> str:
        """What the member is called; the id of whom nobody knows."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the workspace."""

    id: str
    name: str
    department: str | None = None
    manager: str | None = None
    roles: tuple[str, ...] = ()
    active: bool = True
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Department:
    """A part of the organisation, under another one or at the top."""

    id: str
    name: str
    parent: str | None = None
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A role that members have."""

    id: str
    name: str


@dataclass(slots=True)
class PeopleDirectory:
    """A directory held in memory, indexed once. It does not change after it was made."""

    people: Mapping[str, Member]
    departments: Mapping[str, Department] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    _admins: tuple[str, ...] = field(init=False)
    _active: tuple[str, ...] = field(init=False)
    _by_role: dict[str, tuple[str, ...]] = field(init=False)
    _by_department: dict[str, tuple[str, ...]] = field(init=False)
    _below: dict[str, frozenset[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        active = [member for member in self.people.values() if member.active]
        self._active = tuple(member.id for member in active)
        self._admins = tuple(member.id for member in active if member.admin)
        self._by_role = _grouped((role, member.id) for member in active for role in member.roles)
        self._by_department = _grouped((member.department, member.id) for member in active if member.department)

    @classmethod
    def of(
        cls, members: Iterable[Member], departments: Iterable[Department] = (), roles: Iterable[Role] = ()
    ) -> "PeopleDirectory":
        """A directory of these people, in this order."""
        return cls(
            {member.id: member for member in members},
            {department.id: department for department in departments},
            {role.id: role for role in roles},
        )

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "PeopleDirectory":
        """The directory that a people document describes. Raises ValueError with a sentence if it is none."""
        return cls.of(
            [_member(entry) for entry in _entries(document, "members")],
            [
                Department(
                    entry["id"], _text(entry, "name") or entry["id"], _text(entry, "parent"), _text(entry, "head")
                )
                for entry in _entries(document, "departments")
            ],
            [Role(entry["id"], _text(entry, "name") or entry["id"]) for entry in _entries(document, "roles")],
        )

    def active(self, member: str) -> bool:
        """Whether the member exists and is active."""
        found = self.people.get(member)
        return found is not None and found.active

    @property
    def member_ids(self) -> Collection[str]:
        """Everybody who is or was a member."""
        return self.people.keys()

    @property
    def department_ids(self) -> Collection[str]:
        """All departments."""
        return self.departments.keys()

    @property
    def role_ids(self) -> Collection[str]:
        """All roles."""
        return self.roles.keys()

    def members(self) -> tuple[str, ...]:
        """All active members."""
        return self._active

    def admins(self) -> tuple[str, ...]:
        """The active admins."""
        return self._admins

    def in_role(self, role: str) -> tuple[str, ...]:
        """The active members who have the role."""
        return self._by_role.get(role, ())

    def in_department(self, department: str, *, below: bool = False) -> tuple[str, ...]:
        """The active members of the department, with `below` also of those under it, in the directory's order."""
        if not below:
            return self._by_department.get(department, ())
        within = self._within(department)
        return tuple(member for member in self._active if self.people[member].department in within)

    def _within(self, department: str) -> frozenset[str]:
        if department not in self._below:
            within, before = {department}, 0
            while len(within) != before:
                before = len(within)
                within |= {entry.id for entry in self.departments.values() if entry.parent in within}
            self._below[department] = frozenset(within)
        return self._below[department]

    def head(self, department: str) -> str | None:
        """The department's head, if it has an active one."""
        found = self.departments.get(department)
        return found.head if found is not None and found.head is not None and self.active(found.head) else None

    def department(self, member: str) -> str | None:
        """The department the member belongs to."""
        found = self.people.get(member)
        return found.department if found is not None else None

    def manager(self, member: str) -> str | None:
        """The one named, else the head of the member's department, else of the one above it, and so on; never themself."""
        found = self.people.get(member)
        if found is None:
            return None
        if found.manager is not None and found.manager != member and self.active(found.manager):
            return found.manager
        seen: set[str] = set()
        above = found.department
        while above is not None and above in self.departments and above not in seen:
            head = self.head(above)
            if head is not None and head != member:
                return head
            seen.add(above)
            above = self.departments[above].parent
        return None

    def department_name(self, department: str) -> str:
        """What the department is called."""
        found = self.departments.get(department)
        return found.name if found is not None else department

    def name(self, member: str) -> str:
        """What the member is called."""
        found = self.people.get(member)
        return found.name if found is not None else member


@dataclass(frozen=True, slots=True)
class DirectoryNames(Ids):
    """The names that a directory knows: those of people and departments. Everything else is called by its id."""

    directory: Directory

    def member(self, id: str) -> str:
        """What the member is called."""
        return self.directory.name(id)

    def department(self, id: str) -> str:
        """What the department is called."""
        return self.directory.department_name(id)


def _grouped(pairs: Iterable[tuple[str | None, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for key, member in pairs:
        if key is not None:
            groups.setdefault(key, []).append(member)
    return {key: tuple(members) for key, members in groups.items()}


def _entries(document: Mapping[str, Any], part: str) -> list[Mapping[str, Any]]:
    entries = document.get(part, []) if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or not all(
        isinstance(entry, Mapping) and isinstance(entry.get("id"), str) for entry in entries
    ):
        raise ValueError(f"A people document has “{part}”: a list of objects, each with a text “id”.")
    return entries


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"“{key}” of “{entry['id']}” must be a text.")
    return value


def _member(entry: Mapping[str, Any]) -> Member:
    roles = entry.get("roles") or []
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ValueError(f"“roles” of “{entry['id']}” must be a list of role ids.")
    return Member(
        entry["id"],
        _text(entry, "name") or entry["id"],
        _text(entry, "department"),
        _text(entry, "manager"),
        tuple(roles),
        entry.get("active") is not False,
        entry.get("admin") is True,
    )
