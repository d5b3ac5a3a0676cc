"""What checking a workflow document stands on: its steps as they are written, right or wrong, and the report.

`Part` is a step in the raw document, `Check` holds everything that the checks of people, logic, fields and steps ask
for. All of it answers for any JSON: what has the wrong shape was reported by `shape` and is passed over here.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formloom.form_engine import logic
from formloom.form_engine.definition import Field, Form
from formloom.form_engine.pointers import join
from formloom.form_engine.report import Report

from .assignment import DEPARTMENT, KINDS, MEMBER
from .directory import Directory
from .steps import TYPES

INITIATOR = "initiator"


@dataclass(frozen=True, slots=True)
class Part:
    """A step as it is written. `before` are the ids that surely precede it: those that may be returned to; `done` adds
    what lies in parallel steps that waited for all."""

    document: Mapping[str, Any]
    pointer: str
    id: str
    before: tuple[str, ...]
    done: tuple[str, ...]

    @property
    def type(self) -> Any:
        """The word that stands as its type."""
        return self.document.get("type")

    @property
    def depth(self) -> int:
        """In how many lists of steps it stands, one in the other: 1 at the top."""
        return f"{self.pointer}/".count("/steps/")


def parts_of(document: Mapping[str, Any]) -> list[Part]:
    """Every step of a document, in document order, as far as it is an object."""
    return list(_walk(document.get("steps"), "/steps", (), ()))


def _walk(
    steps: Any, pointer: str, before: tuple[str, ...], done: tuple[str, ...]
) -> Generator[Part, None, tuple[str, ...]]:
    """The steps of a list and of the lists inside it; gives back what was surely done once the list is through."""
    through: tuple[str, ...] = ()
    for index, document in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(document, Mapping):
            continue
        name = document.get("id")
        part = Part(document, join(pointer, index), name if isinstance(name, str) else "", before, (*done, *through))
        yield part
        inside: tuple[str, ...] = ()
        for place, branch in _branches(document):
            inside += yield from _walk(branch.get("steps"), f"{part.pointer}{place}/steps", before, part.done)
        before = (*before, part.id)
        through = (*through, part.id, *(inside if _waits_for_all(document) else ()))
    return through


def _branches(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    type_ = document.get("type")
    return TYPES[type_].branches(document) if isinstance(type_, str) and type_ in TYPES else iter(())


def _waits_for_all(document: Mapping[str, Any]) -> bool:
    branches = document.get("branches")
    count = len(branches) if isinstance(branches, list) else 0
    return document.get("type") == "parallel" and document.get("join", "all") in ("all", count)


@dataclass(slots=True)
class Check:
    """One check of a document. `form` is the workflow's own (None: not known), `forms` those that were given."""

    form: Form | None
    forms: Mapping[str, Form]
    directory: Directory | None
    steps: Mapping[str, Part]
    report: Report

    def error(self, pointer: str, template: str, /, **params: object) -> None:
        """Note an error at a pointer."""
        self.report.error(pointer, template, **params)

    # fields and logic

    def field(self, path: Any, pointer: str) -> Field | None:
        """Our field at `path`; notes an error if there is none."""
        if self.form is None or not isinstance(path, str):
            return None
        found = self.form.field_at(path)
        if found is None:
            known = [field.path for field in self.form.every_field()]
            self.error(pointer, "There is no field “{key}”.{hint}", key=path, hint=self.report.hint(path, known))
        return found

    def fields(self, access: Any, pointer: str) -> None:
        """The keys of an access map: fields of ours, or `*`."""
        for key in access if isinstance(access, Mapping) else ():
            found = self.field(key, join(pointer, key)) if key != "*" else None
            if found is not None and len(found.keys) > 1:
                self._column(access, found, join(pointer, key))

    def _column(self, access: Mapping[str, Any], found: Field, pointer: str) -> None:
        """A column of a table, or a field of a group: of the form itself, shown with its table, and not by itself filled."""
        holder, wanted = found.keys[0], access.get(found.path)
        if len(found.keys) > 2:
            self.error(
                pointer, "Only the columns of a table of the form itself can be named here, not what is inside them."
            )
        elif access.get(holder, access.get("*")) == "hidden" and wanted != "hidden":
            self.error(pointer, "“{key}” is hidden here, so nothing of it can be shown.", key=holder)
        elif found.read_only and wanted == "required":
            self.error(pointer, "“{key}” cannot be asked for: nobody can type into it.", key=found.path)

    def logic(self, tree: Any, pointer: str, wanted: str | None = "switch") -> None:
        """Logic over our record; a condition unless another kind is `wanted`."""
        if self.form is None:
            return
        for problem in logic.check(tree, self.form.types, wanted=wanted, lang=self.report.lang):
            self.report.add(pointer + problem.pointer, "{message}", problem.severity, message=problem.message)

    def set_of(self, values: Any, form: Form | None, pointer: str) -> None:
        """Values by field of `form` (None: not known, or names that are no fields): each is logic over our record."""
        for key, tree in values.items() if isinstance(values, Mapping) else ():
            target = self._target(key, form, join(pointer, key))
            self.logic(tree, join(pointer, key), target.logic.kind if target is not None else None)

    def _target(self, key: str, form: Form | None, pointer: str) -> Field | None:
        if form is None:
            return None
        if key not in form.fields:
            self.error(
                pointer,
                "The form “{form}” has no field “{key}”.{hint}",
                form=form.key,
                key=key,
                hint=self.report.hint(key, form.fields),
            )
        return form.fields.get(key)

    def into(self, mapping: Any, pointer: str, theirs: Form | None, others: Iterable[str] = ()) -> None:
        """A mapping of our fields to what they take: fields of `theirs` (None: not known), or one of `others`."""
        for key, source in mapping.items() if isinstance(mapping, Mapping) else ():
            self.field(key, join(pointer, key))
            if theirs is not None and isinstance(source, str) and source not in others:
                self._target(source, theirs, join(pointer, key))

    def other_form(self, key: Any) -> Form | None:
        """Another form, if it was given: forms that were not are no findings."""
        return self.forms.get(key) if isinstance(key, str) else None

    # steps

    def step_before(self, step: Any, pointer: str, part: Part | None, *, joined: bool) -> None:
        """A step that must surely have been done before `part` (None: the start); `joined`: also inside a parallel one."""
        if not isinstance(step, str):
            return
        if step not in self.steps:
            self.error(pointer, "There is no step “{step}”.{hint}", step=step, hint=self.report.hint(step, self.steps))
        elif part is None or step not in (part.done if joined else part.before):
            self.error(pointer, "The step “{step}” was not surely done before this one.", step=step)

    # people

    def people(self, entries: Any, pointer: str, part: Part | None, *, may_choose: bool = False) -> None:
        """A list of people at a step (None: at the start)."""
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            self.person(entry, join(pointer, index), part, may_choose=may_choose)

    def person(self, entry: Any, pointer: str, part: Part | None, *, may_choose: bool = False) -> None:
        """One entry: everything that it names must exist."""
        if not isinstance(entry, Mapping):
            return
        if "when" in entry:
            self.logic(entry["when"], f"{pointer}/when")
        for key in entry:
            if key in KINDS or key == "in":
                self._named(key, entry, f"{pointer}/{key}", part, may_choose)

    def _named(self, key: str, entry: Mapping[str, Any], pointer: str, part: Part | None, may_choose: bool) -> None:
        value = entry[key]
        match key:
            case "member" | "role" | "department" | "in":
                self._in_directory("department" if key == "in" else key, value, pointer)
            case "headOf" | "managerOf":
                self.person(value, pointer, part)
            case "field" | "var":
                found = self.field(value, pointer)
                if found is not None and found.type.name not in (MEMBER, DEPARTMENT):
                    self.error(pointer, "“{key}” is no member or department field.", key=value)
            case "doer":
                self.step_before(value, pointer, part, joined=True)
            case "chosenBy":
                if not may_choose:
                    self.error(pointer, "The initiator can choose only among the assignees of a step.")
                self.people(entry.get("from"), pointer.removesuffix("chosenBy") + "from", part)

    def _in_directory(self, kind: str, value: Any, pointer: str) -> None:
        if self.directory is None or not isinstance(value, str):
            return
        known, template = {
            "member": (self.directory.member_ids, "There is no member “{id}”.{hint}"),
            "role": (self.directory.role_ids, "There is no role “{id}”.{hint}"),
            "department": (self.directory.department_ids, "There is no department “{id}”.{hint}"),
        }[kind]
        if value not in known:
            self.error(pointer, template, id=value, hint=self.report.hint(value, known))
