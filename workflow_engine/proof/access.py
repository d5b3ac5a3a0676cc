"""Fields that a step asks for and nobody can fill, and due times that do nothing: what can be read off the definition."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from formloom.form_engine.access import EDITABLE, column_access
from formloom.form_engine.definition import Field
from formloom.form_engine.logic import Rule
from formloom.form_engine.messages import say

from .. import assignment, tree
from ..calendar import Calendar
from ..findings import Finding
from ..steps.people import Due
from ..tree import Step, Workflow
from .facts import FactsOf
from .people import field_of
from .records import Records
from .reminders import comes_too_early
from .statements import Condition, Present, Statement


@dataclass(slots=True)
class FieldAccess:
    """Looks at the start and at every step that can be reached."""

    workflow: Workflow
    facts: FactsOf
    records: Records
    lang: str
    reached: frozenset[str]
    skip: frozenset[str] = frozenset()

    def findings(self) -> list[Finding]:
        """All findings, the start first, then in document order."""
        found = [*self._hidden(None)]
        for step in self.workflow.in_order():
            if step.id in self.skip or step.id not in self.reached:
                continue
            if step.type.decided_by_people:
                found += self._hidden(step)
                found += self._due(step)
            if step.type.name == "fill" and not self.facts.editable(step.id):
                found.append(
                    self._finding(
                        step, "nothingToFill", "note", "Nobody can fill anything in at this step: it edits no field."
                    )
                )
            found += self._never_filled(step)
        return found

    def _hidden(self, step: Step | None) -> Iterator[Finding]:
        """Required at a step, and read-only there, and possibly blank."""
        access = self.workflow.fields_at(step.id if step else None)
        known = self.facts.reached[step.id] if step else frozenset()
        for key, entry in self.workflow.form.fields.items():
            asked = access.get(key) == "required" or (step is None and entry.required)
            if asked and entry.read_only_when is not None and self._may_be_locked(known, key, entry.read_only_when):
                template = "“{field}” must be filled here, but it may be read-only and blank at the same time."
                yield self._finding(step, "requiredHidden", "error", template, field=entry.label(self.lang))
            demanded = access.get(key) == "required" or (
                step is None and entry.required and access.get(key, access.get("*", "edit")) == "edit"
            )
            if (
                not demanded
                or not entry.read_only
                or (step is None and (entry.type.derived or "default" in entry.schema or entry.default))
            ):
                continue
            if self.records.ask(known | {Present(key, False)}).verdict != "no":
                template = "“{field}” must be filled here, but nobody can fill it in: it is read-only."
                yield self._finding(step, "requiredHidden", "error", template, field=entry.label(self.lang))

    def _may_be_locked(self, known: frozenset[Statement], key: str, rule: Rule) -> bool:
        """Whether a field may be blank while its own condition makes it read-only."""
        locked = Condition(tree.Condition(rule.source, "", rule))
        return self.records.ask(known | {Present(key, False), locked}).verdict == "yes"

    def _never_filled(self, step: Step) -> Iterator[Finding]:
        before = self._before(step)
        fillable = self.facts.editable(None).union(*map(self.facts.changes, before))
        for path in self._not_filled(_read_by(step), fillable, before):
            entry = self.workflow.form.field_at(path)
            template = "“{field}” is read here, but neither the start nor an earlier step can fill it in."
            if entry is not None:
                yield self._finding(step, "neverFilled", "error", template, field=entry.label(self.lang))
        if step.type.decided_by_people:
            yield from self._required_too_late(step, fillable)

    def _not_filled(self, paths: Iterable[str], fillable: frozenset[str], before: Sequence[Step]) -> Iterator[str]:
        """Of fields and columns that are read, those that nothing fills in; of a table that nothing fills in, itself only."""
        columns: dict[str, set[str]] = {}
        for path in paths:
            key, _, column = path.partition(".")
            columns.setdefault(key, set()).add(column.partition(".")[0])
        for key in sorted(columns):
            entry = self.workflow.form.fields.get(key)
            if entry is None or _fills_itself(entry):
                continue
            if key not in fillable:
                yield key
                continue
            inside = (entry.columns[name] for name in sorted(columns[key]) if name in entry.columns)
            yield from (one.path for one in inside if not _fills_itself(one) and not self._fills_column(one, before))

    def _fills_column(self, column: Field, before: Sequence[Step]) -> bool:
        """Whether the start or one of those steps can fill in a column of a table, or a field of a group."""
        holder, key = column.keys
        people = [None, *(step.id for step in before if step.type.decided_by_people)]
        granted = (column_access(self.workflow.fields_at(name), holder, key) for name in people)
        if not column.read_only and any(access in EDITABLE for access in granted):
            return True
        # an action sets a table as a whole, and a step that is wrong may do anything
        whole = (step for step in before if step.id in self.skip or not step.type.decided_by_people)
        return any(holder in self.facts.changes(step) for step in whole)

    def _required_too_late(self, step: Step, fillable: frozenset[str]) -> Iterator[Finding]:
        """Required by the form, shown at a step, and filled nowhere at all."""
        ever = frozenset[str]().union(
            self.facts.editable(None), *(self.facts.changes(other) for other in self.workflow.in_order())
        )
        first = next(
            (other for other in self.workflow.in_order() if other.type.decided_by_people and other.id in self.reached),
            None,
        )
        for key, entry in self.workflow.form.fields.items():
            filled_by_itself = entry.read_only or "default" in entry.schema or entry.default is not None
            if first is step and entry.required and not filled_by_itself and key not in ever and key not in fillable:
                template = "The form requires “{field}”, but neither the start nor any step can fill it in."
                yield self._finding(step, "neverFilled", "error", template, field=entry.label(self.lang))

    def _before(self, step: Step) -> list[Step]:
        """Every step that may have come before."""
        chain = [step.id, *(owner.id for owner, _ in self.workflow.around(step.id))]
        found: list[Step] = []
        for name in chain:
            siblings = self.workflow.list_of(name)
            for before in siblings[: siblings.index(name)]:
                found += [self.workflow.steps[before], *self.workflow.inside(before)]
        return found

    def _due(self, step: Step) -> Iterator[Finding]:
        """A due time that neither reminds nor acts, or reminds only of what can't be open yet."""
        due: Due | None = step.spec.due
        if due is None or due.decide is not None or due.escalate is not None:
            return
        calendar = Calendar(ZoneInfo(self.records.zone))  # of a workspace the proof is told its zone, not its hours
        if all(comes_too_early(reminder, due, calendar, self.records.now.year) for reminder in due.remind):
            yield self._finding(
                step, "dueNoEffect", "warning", "The due time has no effect: it neither reminds anybody nor acts."
            )

    def _finding(self, step: Step | None, kind: str, severity: Any, template: str, **params: object) -> Finding:
        return Finding(
            step.id if step else "start",
            kind,
            severity,
            say(self.lang, template, **params),
            None,
            step.pointer if step else "/start",
        )


def _fills_itself(entry: Field) -> bool:
    return entry.compute is not None or entry.type.derived or "default" in entry.schema or entry.default is not None


def _read_by(step: Step) -> set[str]:
    """The fields and columns (`items.owner`) by which the people of a step are found, and those that its action reads."""
    paths: set[str] = set()
    doing = getattr(step.spec, "doing", None)
    lists = [getattr(step.spec, name, None) for name in ("assignees", "to", "when_empty")]
    for people in (*lists, getattr(doing, "to", None)):
        if isinstance(people, assignment.People):
            paths |= {_path_of(found) for entry in people.entries if (found := field_of(entry)) is not None}
    for name in ("set", "where", "body"):
        values: Mapping[str, tree.Condition] = getattr(doing, name, None) or {}
        paths = paths.union(*(value.rule.reads for value in values.values()))
    link = getattr(doing, "link", None)
    return paths if link is None else {*paths, link}


def _path_of(found: assignment.OfField | assignment.OfRows) -> str:
    return ".".join((found.table, *found.column.keys) if isinstance(found, assignment.OfRows) else found.keys)
