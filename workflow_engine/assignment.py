"""Who gets a task: the one grammar for people (meaning.md section 4), a class a kind of entry.

A list of entries is compiled once, with the workflow, and asked with a `Scope`: the record, the people of the
organisation, who started the request and who did which step. Each class knows how its entry is read, whom it finds and
what can be wrong with it; `KINDS` is the only list of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from formloom.form_engine.definition import Form

from .directory import Directory
from .values import value


@value
class Scope:
    """Everything that decides who is found. `doers` answers for a step; `chosen` are those the initiator chose here;
    `holds` evaluates the condition of an entry."""

    record: Mapping[str, Any]
    directory: Directory
    initiator: str
    doers: Callable[[str], tuple[str, ...]]
    chosen: tuple[str, ...]
    holds: Callable[[Any], bool]


class Entry(Protocol):
    """One entry of a list of people."""

    def find(self, scope: Scope) -> Iterable[str]:
        """Members, maybe several times, maybe inactive ones."""


@dataclass(frozen=True, slots=True)
class Only:
    """An entry with a `when`: it gives nobody unless that holds. `when` is a compiled condition."""

    when: Any
    entry: Entry

    def find(self, scope: Scope) -> Iterable[str]:
        """Whom the entry finds, or nobody."""
        return self.entry.find(scope) if scope.holds(self.when) else ()


@dataclass(frozen=True, slots=True)
class People:
    """A compiled list of people. `by_rows`: whether any entry takes them from the rows of a sub-table."""

    entries: tuple[Entry, ...]
    by_rows: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_rows", any(isinstance(_inner(entry), OfRows) for entry in self.entries))

    def find(self, scope: Scope) -> tuple[str, ...]:
        """The active members found: a union in order, without doubles."""
        active = scope.directory.active
        found = dict.fromkeys([member for entry in self.entries for member in entry.find(scope)])
        return tuple([member for member in found if active(member)])

    def rows(self, member: str, scope: Scope) -> tuple[Any, ...] | None:
        """The rows of a sub-table that make `member` an assignee; None: the whole record is theirs to see."""
        rows: list[Any] = []
        for entry in self.entries:
            inner = _inner(entry)
            if member in entry.find(scope):
                if not isinstance(inner, OfRows):
                    return None
                rows += inner.rows(member, scope)
        return tuple(dict.fromkeys(rows)) or None

    @property
    def chosen(self) -> "ChosenBy | None":
        """The entry by which the initiator chooses, if there is one."""
        return next((inner for entry in self.entries if isinstance(inner := _inner(entry), ChosenBy)), None)


def _inner(entry: Entry) -> Entry:
    return entry.entry if isinstance(entry, Only) else entry


@dataclass(frozen=True, slots=True)
class OneMember:
    """`{"member": id}`."""

    id: str

    def find(self, scope: Scope) -> Sequence[str]:
        """That member."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class OfRole:
    """`{"role": id}`, with `"in"` only those of that department (`"below"`: and of those under it)."""

    id: str
    department: str | None
    below: bool

    def find(self, scope: Scope) -> Sequence[str]:
        """Everybody who has the role."""
        found = scope.directory.in_role(self.id)
        if self.department is None:
            return found
        within = set(scope.directory.in_department(self.department, below=self.below))
        return [member for member in found if member in within]


@dataclass(frozen=True, slots=True)
class OfDepartment:
    """`{"department": id}`, with `"below": true` also everybody under it."""

    id: str
    below: bool

    def find(self, scope: Scope) -> Sequence[str]:
        """Everybody in the department."""
        return scope.directory.in_department(self.id, below=self.below)


@dataclass(frozen=True, slots=True)
class HeadOfDepartment:
    """`{"headOf": {"department": id}}`, or of the departments that a department field of the record names."""

    id: str | None
    field: "OfField | None"

    def find(self, scope: Scope) -> Sequence[str]:
        """The head, or the heads."""
        departments = [self.id] if self.id is not None else self.field.values(scope.record) if self.field else []
        return [head for department in departments if (head := scope.directory.head(department)) is not None]


@dataclass(frozen=True, slots=True)
class HeadOfPerson:
    """`{"headOf": person}`: the head of that person's department."""

    person: Entry

    def find(self, scope: Scope) -> Sequence[str]:
        """The head of each person's department."""
        directory = scope.directory
        departments = (directory.department(member) for member in self.person.find(scope) if directory.active(member))
        return [head for department in departments if department and (head := directory.head(department)) is not None]


@dataclass(frozen=True, slots=True)
class ManagerOf:
    """`{"managerOf": person, "level": n}`, the n-th manager up the chain, or `"upTo": n`, everybody up to there."""

    person: Entry
    level: int
    all_up_to: bool

    def find(self, scope: Scope) -> Sequence[str]:
        """The manager, or the managers from the nearest up."""
        directory = scope.directory
        found: list[str] = []
        for member in self.person.find(scope):
            chain = self._chain(member, directory) if directory.active(member) else []
            found += chain if self.all_up_to else chain[self.level - 1 :]
        return found

    def _chain(self, member: str, directory: Directory) -> list[str]:
        chain: list[str] = []
        above: str | None = member
        while len(chain) < self.level and above is not None:
            above = directory.manager(above)
            if above is not None:
                chain.append(above)
        return chain


@dataclass(frozen=True, slots=True)
class OfField:
    """`{"field": key}`: whom a member field of the record names, or everybody in the department it names."""

    keys: tuple[str, ...]
    departments: bool

    def values(self, record: Mapping[str, Any]) -> list[str]:
        """The ids that stand in the field."""
        found: Any = record
        for key in self.keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, str):
            return [found]
        return [entry for entry in found if isinstance(entry, str)] if isinstance(found, list | tuple) else []

    def find(self, scope: Scope) -> Sequence[str]:
        """The people that the field names."""
        values = self.values(scope.record)
        if not self.departments:
            return values
        return [member for department in values for member in scope.directory.in_department(department)]


@dataclass(frozen=True, slots=True)
class OfRows:
    """`{"field": "items.owner"}`: whom each row of a sub-table names; one task a person, who sees their rows."""

    table: str
    column: OfField

    def _rows(self, record: Mapping[str, Any]) -> list[tuple[Any, Mapping[str, Any]]]:
        rows = record.get(self.table)
        named = enumerate(rows) if isinstance(rows, list | tuple) else ()
        return [(row.get("_row", index), row) for index, row in named if isinstance(row, Mapping)]

    def find(self, scope: Scope) -> Sequence[str]:
        """The people of all rows."""
        return [member for _, row in self._rows(scope.record) for member in self._of(row, scope)]

    def _of(self, row: Mapping[str, Any], scope: Scope) -> Sequence[str]:
        values = self.column.values(row)
        if not self.column.departments:
            return values
        return [member for department in values for member in scope.directory.in_department(department)]

    def rows(self, member: str, scope: Scope) -> list[Any]:
        """The rows that name `member`: their `_row`, or their number where they have none."""
        return [name for name, row in self._rows(scope.record) if member in self._of(row, scope)]


@dataclass(frozen=True, slots=True)
class TheInitiator:
    """`{"initiator": true}`."""

    def find(self, scope: Scope) -> Sequence[str]:
        """Whoever started the request."""
        return (scope.initiator,)


@dataclass(frozen=True, slots=True)
class DoersOf:
    """`{"doer": step}`: all who approved or filled that step in its last visit."""

    step: str

    def find(self, scope: Scope) -> Sequence[str]:
        """The doers."""
        return scope.doers(self.step)


@dataclass(frozen=True, slots=True)
class ChosenBy:
    """`{"chosenBy": "initiator", "from": […]}`: whom the initiator chose when they started the request."""

    candidates: People | None

    def find(self, scope: Scope) -> Sequence[str]:
        """Those chosen, as far as they may still be."""
        allowed = self.may_choose(scope)
        return [member for member in scope.chosen if member in allowed]

    def may_choose(self, scope: Scope) -> tuple[str, ...]:
        """Everybody the initiator may choose."""
        return scope.directory.members() if self.candidates is None else self.candidates.find(scope)


Conditions = Callable[[Any], Any]
"""Compiles the condition of an entry."""


def compile_people(entries: Sequence[Mapping[str, Any]], form: Form, condition: Conditions) -> People:
    """Read a list of entries that passed its check. `condition` compiles the logic of a `when`."""
    return People(tuple(compile_entry(entry, form, condition) for entry in entries))


def compile_entry(entry: Mapping[str, Any], form: Form, condition: Conditions) -> Entry:
    """Read one entry (a *person* where it stands inside another) that passed its check."""
    kind = next(key for key in KINDS if key in entry)
    found = KINDS[kind](entry, form, condition)
    return Only(condition(entry["when"]), found) if "when" in entry else found


def _field(entry: Mapping[str, Any], form: Form, _: Conditions) -> Entry:
    return field_entry(entry.get("field", entry.get("var")), form)


def field_entry(path: Any, form: Form) -> OfField | OfRows:
    """The entry that takes people from the field at `path` (`owner`, `team.lead` in a group, `items.owner` in a table)."""
    field = form.field_at(str(path))
    departments = field is not None and field.type.name == DEPARTMENT
    keys = field.keys if field is not None else (str(path),)
    above = form.fields.get(keys[0])
    if len(keys) > 1 and above is not None and above.logic.kind == "table":
        return OfRows(keys[0], OfField(keys[1:], departments))
    return OfField(keys, departments)


def _head(entry: Mapping[str, Any], form: Form, condition: Conditions) -> Entry:
    person = compile_entry(entry["headOf"], form, condition)
    match _inner(person):
        case OfDepartment(id):
            heads: Entry = HeadOfDepartment(id, None)
        case OfField(departments=True) as field:
            heads = HeadOfDepartment(None, field)
        case _:
            return HeadOfPerson(person)
    return Only(person.when, heads) if isinstance(person, Only) else heads


def _manager(entry: Mapping[str, Any], form: Form, condition: Conditions) -> Entry:
    person = compile_entry(entry["managerOf"], form, condition)
    return ManagerOf(person, int(entry.get("upTo", entry.get("level", 1))), "upTo" in entry)


def _chosen(entry: Mapping[str, Any], form: Form, condition: Conditions) -> Entry:
    return ChosenBy(compile_people(entry["from"], form, condition) if "from" in entry else None)


MEMBER, DEPARTMENT = "member", "department"
"""The names of the field types that name people."""

KINDS: dict[str, Callable[[Mapping[str, Any], Form, Conditions], Entry]] = {
    "member": lambda entry, form, condition: OneMember(entry["member"]),
    "role": lambda entry, form, condition: OfRole(entry["role"], entry.get("in"), bool(entry.get("below"))),
    "department": lambda entry, form, condition: OfDepartment(entry["department"], bool(entry.get("below"))),
    "headOf": _head,
    "managerOf": _manager,
    "field": _field,
    "var": _field,
    "initiator": lambda entry, form, condition: TheInitiator(),
    "doer": lambda entry, form, condition: DoersOf(entry["doer"]),
    "chosenBy": _chosen,
}
"""How each kind of entry is read, by the key that makes it one."""
