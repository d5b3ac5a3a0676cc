"""Who may see and do what with records: each rule once, as a predicate and as a SQL row filter.

Pages, the API and queries all ask here. A permission is a list of grants (contracts.md, "App packages"): words (`all`,
`own`, `department`) and people in the workflows' grammar, whose own classes find them. The SQL filter is made from the
same `find`: for a grant that hangs on the creator or on a field it asks which creators, or which values of the field,
would let this member in. So the two can't disagree.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from formloom.form_engine.context import Access, Accesses, access_of
from formloom.form_engine.field_types.references import Member
from formloom.form_engine.form import Field, Form
from formloom.platform.models import Task
from formloom.platform.projections.layout import Layout
from formloom.workflow_engine.assignment import Entry, Scope, compile_entry
from formloom.workflow_engine.directory import PeopleDirectory

Change = Literal["edit", "delete"]
CREATOR = "creator"


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who wants something: a member, or the system (None), who may do everything like an admin."""

    member_id: str | None
    admin: bool
    directory: PeopleDirectory

    @property
    def unlimited(self) -> bool:
        """Whether no rule holds them back."""
        return self.admin or self.member_id is None


@dataclass(frozen=True, slots=True)
class Everybody:
    """`"all"`."""

    def find(self, scope: Scope) -> Collection[str]:
        """Every member."""
        return _people(scope).people


@dataclass(frozen=True, slots=True)
class Creator:
    """`"own"`, and `{"initiator": true}`: whoever created the record."""

    def find(self, scope: Scope) -> Collection[str]:
        """That member."""
        return (scope.initiator,)

    def letting_in(self, member: str, directory: PeopleDirectory) -> Collection[str]:
        """The creators whose records `member` gets at by this."""
        return (member,)


@dataclass(frozen=True, slots=True)
class DepartmentOfCreator:
    """`"department"`: everybody whose department, or one below it, the creator belongs to."""

    def find(self, scope: Scope) -> Collection[str]:
        """The members of the creator's department and of those above it."""
        directory = _people(scope)
        found: list[str] = []
        above, seen = directory.department(scope.initiator), set[str]()
        while above is not None and above in directory.departments and above not in seen:
            found += directory.in_department(above)
            seen.add(above)
            above = directory.departments[above].parent
        return found

    def letting_in(self, member: str, directory: PeopleDirectory) -> Collection[str]:
        """Everybody in the member's department and below it."""
        own = directory.department(member)
        within = {own} if own is not None and directory.active(member) else set()
        while more := {key for key, entry in directory.departments.items() if entry.parent in within} - within:
            within |= more
        return [ident for ident, person in directory.people.items() if person.department in within]


WORDS: Mapping[str, tuple[Entry, str | None]] = {
    "all": (Everybody(), None),
    "own": (Creator(), CREATOR),
    "department": (DepartmentOfCreator(), CREATOR),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One entry of a permission. `hangs_on`: None (nothing), CREATOR, or the field that decides."""

    entry: Entry
    hangs_on: Field | str | None

    def lets_in(self, who: Who, created_by: str | None, document: Mapping[str, Any]) -> bool:
        """Whether it lets them in, for one record."""
        return who.member_id in self.entry.find(_scope(who, created_by, document))

    def condition(self, who: Who, layout: Layout) -> ColumnElement[bool]:
        """The records for which it lets them in."""
        match self.hangs_on:
            case None:
                return true() if self.lets_in(who, None, {}) else false()
            case Field() as field:
                return self._where_named(field, who, layout)
            case _:
                return layout.main.c.created_by.in_(self._creators(who))

    def _creators(self, who: Who) -> Collection[str]:
        if isinstance(self.entry, Creator | DepartmentOfCreator):
            return self.entry.letting_in(who.member_id or "", who.directory)
        return [member for member in who.directory.people if self.lets_in(who, member, {})]

    def _where_named(self, field: Field, who: Who, layout: Layout) -> ColumnElement[bool]:
        group = next((group for group in layout.groups if field.path in group.places), None)
        if group is None:
            return false()
        place = group.places[field.path]
        ids = who.directory.people if isinstance(field.type, Member) else who.directory.departments
        letting = [
            ident for ident in ids if self.lets_in(who, None, _naming(field, ident, in_rows=group is not layout.own))
        ]
        named: ColumnElement[bool] = (
            place.field.type.where(place.field, "in", place.found, letting) if letting else false()
        )
        if group is layout.own:
            return named
        table = place.column.table
        same = and_(table.c.workspace_id == layout.main.c.workspace_id, table.c.record_id == layout.main.c.id)
        return exists().where(same, named)


Grants = tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Who sees and who edits one field; None: whoever sees or edits the record."""

    see: Grants | None
    edit: Grants | None


@dataclass(frozen=True, slots=True)
class FormRules:
    """The permissions of one form, with the defaults filled in."""

    add: Grants
    see: Grants
    edit: Grants
    delete: Grants
    fields: Mapping[str, FieldRule]


def compile_rules(document: Mapping[str, Any], form: Form, *, has_workflow: bool) -> FormRules:
    """The rules of a form from its part of app.json's `permissions`, which passed its check."""
    members = [field for field in form.every_field() if isinstance(field.type, Member)]
    own: list[Any] = ["own"]
    changes: list[Any] = [] if has_workflow else own
    named: list[Any] = [{"field": field.path} for field in members]
    fields = {
        key: FieldRule(_optional(rule.get("see"), form), _optional(rule.get("edit"), form))
        for key, rule in document.get("fields", {}).items()
    }
    return FormRules(
        add=_grants(document.get("add", ["all"]), form),
        see=_grants(document.get("see", own + named), form),
        edit=_grants(document.get("edit", changes), form),
        delete=_grants(document.get("delete", changes), form),
        fields=fields,
    )


def may_add(who: Who, rules: FormRules) -> bool:
    """Whether they may add a record."""
    return who.unlimited or _any(rules.add, who, None, {})


def may_open(who: Who, rules: FormRules) -> bool:
    """Whether there is anything in the form for them: they may add, or may come to see a record by its rule."""
    seeing = (grant for grant in rules.see if not isinstance(grant.entry, Creator))
    return may_add(who, rules) or any(grant.hangs_on is not None or grant.lets_in(who, None, {}) for grant in seeing)


def may(who: Who, verb: Change, rules: FormRules, created_by: str | None, document: Mapping[str, Any]) -> bool:
    """Whether they may do this to a record that they see."""
    return who.unlimited or _any(getattr(rules, verb), who, created_by, document)


def visible(who: Who, rules: FormRules, layout: Layout) -> ColumnElement[bool]:
    """The records they see: by the form's rule, and always those they created or have or had a task for."""
    if who.unlimited:
        return true()
    record = layout.main.c
    of_record = (Task.workspace_id == record.workspace_id, Task.record_id == record.id)
    task = exists().where(*of_record, Task.member_id == who.member_id)
    granted = [grant.condition(who, layout) for grant in rules.see if not isinstance(grant.entry, Creator)]
    return or_(record.created_by == who.member_id, *granted, task)  # what is looked up elsewhere comes last


def permitted(who: Who, verb: Change, rules: FormRules, layout: Layout) -> ColumnElement[bool]:
    """The records, among those they see, to which they may do this."""
    if who.unlimited:
        return true()
    return or_(false(), *(grant.condition(who, layout) for grant in getattr(rules, verb)))


def field_access(who: Who, rules: FormRules, created_by: str | None, document: Mapping[str, Any]) -> dict[str, Access]:
    """What holds them back from single fields of a record: `hidden` or `read`; a field that is not named is not held."""
    if who.unlimited:
        return {}
    access: dict[str, Access] = {}
    for key, rule in rules.fields.items():
        if rule.see is not None and not _any(rule.see, who, created_by, document):
            access[key] = "hidden"
        elif rule.edit is not None and not _any(rule.edit, who, created_by, document):
            access[key] = "read"
    return access


def narrowed(granted: Accesses, held: Accesses) -> dict[str, Access]:
    """What a step or the start grants (`*`: all other fields), held back further by what `field_access` says."""
    narrow: dict[str, Access] = dict(granted)
    for key, most in held.items():
        own = access_of(granted, key)
        narrow[key] = "hidden" if "hidden" in (own, most) else "read" if most == "read" else own
        for column in (path for path in granted if path.startswith(f"{key}.") and most == "read"):
            narrow[column] = "hidden" if granted[column] == "hidden" else "read"
    return narrow


def may_ask_for(who: Who, rules: FormRules, path: str) -> bool:
    """Whether they may filter and sort by a field: only if they see it in every record, or the list would tell."""
    rule = rules.fields.get(path.partition(".")[0])
    if who.unlimited or rule is None or rule.see is None:
        return True
    return any(grant.hangs_on is None and grant.lets_in(who, None, {}) for grant in rule.see)


def _any(grants: Grants, who: Who, created_by: str | None, document: Mapping[str, Any]) -> bool:
    return any(grant.lets_in(who, created_by, document) for grant in grants)


def _optional(entries: Any, form: Form) -> Grants | None:
    return None if entries is None else _grants(entries, form)


def _grants(entries: Iterable[Any], form: Form) -> Grants:
    return tuple(_grant(entry, form) for entry in entries)


def _grant(entry: Any, form: Form) -> Grant:
    if isinstance(entry, str):
        return Grant(*WORDS[entry])
    if entry.get("initiator"):
        return Grant(*WORDS["own"])
    return Grant(compile_entry(entry, form, lambda tree: tree), _hangs_on(entry, form))


def _hangs_on(entry: Any, form: Form) -> Field | str | None:
    """What decides whom a people entry finds: the innermost person of it."""
    for around in ("managerOf", "headOf"):
        if around in entry:
            return _hangs_on(entry[around], form)
    if "initiator" in entry:
        return CREATOR
    path = entry.get("field", entry.get("var"))
    return None if path is None else form.field_at(path)


def _naming(field: Field, ident: str, *, in_rows: bool) -> dict[str, Any]:
    """A record in which `field` names one person or department and nothing else is filled in."""
    value: Any = [ident] if field.several else ident
    keys = field.keys
    for position, key in reversed(list(enumerate(keys))):
        value = {key: [value] if in_rows and position == 0 else value}
    return value  # type: ignore[no-any-return]


def _scope(who: Who, created_by: str | None, document: Mapping[str, Any]) -> Scope:
    return Scope(document, who.directory, created_by or "", _no_doers, (), _always)


def _people(scope: Scope) -> PeopleDirectory:
    """The directory of a scope of ours, which is always one held in memory."""
    assert isinstance(scope.directory, PeopleDirectory)
    return scope.directory


def _no_doers(step: str) -> tuple[str, ...]:
    return ()


def _always(condition: Any) -> bool:
    return True
