"""Members, departments and roles from a spreadsheet: all of it or nothing, after a dry run that lists every mistake.

The first row names the columns, in English or Chinese, in any order. Rows are matched to members by e-mail address.
Departments are written as a path (`Sales / North team`); those and roles that don't exist yet, in any language, are made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from formloom.form_engine.cells import Fault
from formloom.form_engine.filled import FAULTY, raw_of
from formloom.form_engine.messages import say
from formloom.form_engine.workbooks import NoWorkbook, Sheet, sheets_of
from formloom.platform import organisation, people_rules
from formloom.platform.errors import InputInvalid
from formloom.platform.folding import fold
from formloom.platform.language import gettext
from formloom.platform.models import Department, Member, MemberRole, Role, new_id
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, people
from formloom.platform.services.accounts import address_of, email_complaint

COLUMNS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"name", "姓名", "名字"}),
    "email": frozenset({"email", "e-mail", "mail", "邮箱", "电子邮箱", "电子邮件"}),
    "department": frozenset({"department", "部门"}),
    "manager": frozenset({"manager", "manager email", "上级", "上级邮箱", "直属上级"}),
    "roles": frozenset({"roles", "role", "角色"}),
    "head": frozenset({"head", "head of department", "负责人", "部门负责人"}),
}
YES = frozenset({"yes", "y", "true", "1", "x", "是", "√"})
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row that was understood: `number` as the spreadsheet counts, `change` says what it does (added, changed, same)."""

    number: int
    name: str
    email: str
    department: str
    change: str


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row (1: the row of column names)."""

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class PeopleImport:
    """What an import does, or would do. With errors nothing is changed."""

    rows: tuple[PersonRow, ...]
    errors: tuple[RowError, ...]


@dataclass(slots=True)
class _Line:
    number: int
    name: str
    email: str
    department: tuple[str, ...]
    manager: str
    roles: tuple[str, ...]
    head: bool


def import_people(caller: Caller, data: bytes, *, dry_run: bool) -> PeopleImport:
    """Add and change members as the first sheet of the file says (.xlsx, .xls, .ods, .csv); `dry_run`: only tell it.

    Raises:
        NotAllowed: the caller is no admin.
        InputInvalid: the file can't be read, or lacks the columns of names and addresses.
    """
    people.require_admin(caller)
    lines, errors = _read(_sheet(data, caller.lang), caller.lang)
    with caller.reading() if dry_run or errors else caller.writing() as db:
        known = _Known(db, caller)
        errors += known.wrong(lines)
        rows = tuple(known.told(line) for line in lines)
        if not errors and not dry_run:
            _Writer(db, caller, known).write(lines)
    return PeopleImport(rows, tuple(sorted(errors, key=lambda error: error.number)))


def _sheet(data: bytes, lang: str) -> Sheet:
    """The first sheet that holds anything."""
    try:
        sheet = next(sheet for sheet in sheets_of(data, lang) if not sheet.blank)
    except NoWorkbook as error:
        raise InputInvalid({"file": str(error)}) from error
    if len(sheet.rows) > MOST_ROWS:
        raise InputInvalid({"file": gettext(lang, "This file has more than {count} rows.", count=MOST_ROWS)})
    return sheet


def _read(sheet: Sheet, lang: str) -> tuple[list[_Line], list[RowError]]:
    heads = [raw_of(head, None).casefold() for head in sheet.rows[sheet.top]]
    where = {name: i for name, words in COLUMNS.items() for i, head in enumerate(heads) if head in words}
    if "name" not in where or "email" not in where:
        sentence = gettext(lang, "The first row must name the columns; “name” and “email” are needed.")
        raise InputInvalid({"file": sentence})
    lines, errors = [], []
    for number, row in enumerate(sheet.rows[sheet.top + 1 :], start=sheet.top + 2):
        cells = {name: row[i] if i < len(row) else "" for name, i in where.items()}
        cell = {name: raw_of(value, None) for name, value in cells.items()}
        if not any(cell.values()):
            continue
        said = [say(lang, FAULTY, error=value) for value in cells.values() if isinstance(value, Fault)]
        line = _line(number, cell)
        if not line.name or len(line.name) > 200:
            said.append(gettext(lang, "Enter a name of at most 200 characters."))
        if wrong := email_complaint(line.email, lang):
            said.append(wrong)
        errors += [RowError(number, sentence) for sentence in said]
        lines.append(line)
    return lines, errors


def _line(number: int, cell: Mapping[str, str]) -> _Line:
    path = tuple(part.strip() for part in cell.get("department", "").replace("／", "/").split("/") if part.strip())
    listed = cell.get("roles", "").replace("，", ",").replace("；", ",").replace(";", ",").replace("、", ",")
    roles = tuple(dict.fromkeys(part.strip() for part in listed.split(",") if part.strip()))
    head = cell.get("head", "").casefold() in YES
    manager = address_of(cell.get("manager", ""))
    return _Line(number, cell["name"], address_of(cell["email"]), path, manager, roles, head)


@dataclass(slots=True)
class _Known:
    """The workspace before the import: members by address, departments by what stands where, roles by what they are called."""

    db: Session
    caller: Caller
    members: dict[str, Member] = field(init=False)
    departments: dict[tuple[str | None, str], str] = field(init=False)
    roles: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        own = self.caller.workspace_id
        found = self.db.scalars(select(Member).where(Member.workspace_id == own))
        self.members = {member.email: member for member in found}
        placed = self.db.scalars(select(Department).where(Department.workspace_id == own))
        self.departments = {(row.parent_id, name): row.id for row in placed for name in people_rules.names_of(row)}
        roles = self.db.scalars(select(Role).where(Role.workspace_id == own)).all()
        self.roles = {role.id: role.id for role in roles}
        self.roles |= {name: role.id for role in roles for name in people_rules.names_of(role)}

    def wrong(self, lines: Sequence[_Line]) -> list[RowError]:
        """What is wrong with the lines beside each other and beside who is there."""
        first: dict[str, int] = {}
        for line in lines:
            first.setdefault(line.email, line.number)
        ring_of = self._rings(lines)
        return [
            RowError(line.number, said) for line in lines for said in self._wrong(line, first, ring_of.get(line.email))
        ]

    def _rings(self, lines: Sequence[_Line]) -> dict[str, tuple[str, ...]]:
        """By address, the ring of managers that somebody would be in."""
        addresses = {member.id: email for email, member in self.members.items()}
        above = {email: addresses.get(member.manager_id or "") for email, member in self.members.items()}
        above |= {line.email: line.manager for line in lines if line.manager}
        return {email: ring for ring in people_rules.rings(above) if len(ring) > 1 for email in ring}

    def _wrong(self, line: _Line, first: Mapping[str, int], ring: tuple[str, ...] | None) -> Iterator[str]:
        lang = self.caller.lang
        if first[line.email] < line.number:
            yield gettext(lang, "{email} stands in an earlier row already.", email=line.email)
        if line.manager and line.manager == line.email:
            yield gettext(lang, "Nobody is their own manager.")
        elif line.manager and line.manager not in self.members and line.manager not in first:
            yield gettext(lang, "The manager {email} is neither a member nor in this file.", email=line.manager)
        elif line.manager and ring is not None:
            yield people_rules.ring_sentence(lang, ring)
        if line.head and not line.department:
            yield gettext(lang, "Whoever is a head needs a department.")
        if any(len(part) > 200 for part in (*line.department, *line.roles)):
            yield gettext(lang, "Names of departments and roles have at most 200 characters.")

    def told(self, line: _Line) -> PersonRow:
        """What becomes of a line."""
        change = "changed" if line.email in self.members else "added"
        return PersonRow(line.number, line.name, line.email, " / ".join(line.department), change)


@dataclass(slots=True)
class _Writer:
    """Writes the lines of an import without mistakes, in one transaction."""

    db: Session
    caller: Caller
    known: _Known

    def write(self, lines: list[_Line]) -> None:
        """Departments and roles first, then members, then who holds and leads what."""
        own, members = self.caller.workspace_id, self.known.members
        position = organisation.next_position(self.db, Member, own)
        for line in lines:
            member = members.get(line.email)
            if member is None:
                member = Member(workspace_id=own, id=new_id(), email=line.email, joined_at=self.caller.now())
                member.position = position = position + 1
                members[line.email] = member
            member.name, member.active = line.name, True
            if line.department:
                member.department_id = self._department(line.department)
            self.db.add(member)
        self.db.flush()
        self._connect(lines)
        organisation.changed(self.db, own)
        audit.write(self.db, self.caller, "people.imported", "people", None, {"rows": len(lines)})

    def _connect(self, lines: list[_Line]) -> None:
        own, members = self.caller.workspace_id, self.known.members
        query = select(MemberRole.member_id, MemberRole.role_id).where(MemberRole.workspace_id == own)
        held = set(self.db.execute(query))
        for line in lines:
            member = members[line.email]
            wanted = {(member.id, self._role(name)) for name in line.roles} - held
            self.db.add_all(MemberRole(workspace_id=own, member_id=who, role_id=role) for who, role in sorted(wanted))
            if line.manager:
                member.manager_id = members[line.manager].id
            if line.head and member.department_id:
                self.db.get_one(Department, (own, member.department_id)).head_id = member.id

    def _department(self, path: tuple[str, ...]) -> str:
        parent = self._department(path[:-1]) if len(path) > 1 else None
        place = (parent, fold(path[-1]))
        if place not in self.known.departments:
            row = Department(workspace_id=self.caller.workspace_id, id=new_id(), name=path[-1], parent_id=parent)
            row.position = organisation.next_position(self.db, Department, self.caller.workspace_id)
            self.db.add(row)
            self.db.flush()
            self.known.departments[place] = row.id
        return self.known.departments[place]

    def _role(self, name: str) -> str:
        called = fold(name)
        if called not in self.known.roles:
            row = Role(workspace_id=self.caller.workspace_id, id=new_id(), name=name)
            row.position = organisation.next_position(self.db, Role, self.caller.workspace_id)
            self.db.add(row)
            self.db.flush()
            self.known.roles[called] = row.id
        return self.known.roles[called]
