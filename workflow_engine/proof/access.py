"""Fields that a step asks for and nobody can fill, and due times that do nothing: what can be read off the definition."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formloom.form_engine.logic import Rule
from formloom.form_engine.messages import say

from .. import assignment, tree
from ..calendar import Duration
from ..findings import Finding
from ..tree import Step, Workflow
from .facts import FactsOf
from .people import field_of
from .records import Records
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
        fillable = self._filled_before(step)
        for key in sorted(self._read_by(step)):
            entry = self.workflow.form.fields.get(key)
            if entry is None or entry.compute is not None or entry.type.derived or key in fillable:
                continue
            if "default" in entry.schema or entry.default is not None:
                continue
            template = "“{field}” is read here, but neither the start nor an earlier step can fill it in."
            yield self._finding(step, "neverFilled", "error", template, field=entry.label(self.lang))
        if step.type.decided_by_people:
            yield from self._required_too_late(step, fillable)

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

    def _filled_before(self, step: Step) -> frozenset[str]:
        """What the start, or any step that may have come before, can fill in."""
        filled = self.facts.editable(None)
        chain = [step.id, *(owner.id for owner, _ in self.workflow.around(step.id))]
        for name in chain:
            siblings = self.workflow.list_of(name)
            for before in siblings[: siblings.index(name)]:
                for other in (self.workflow.steps[before], *self.workflow.inside(before)):
                    filled |= self.facts.changes(other)
        return filled

    def _read_by(self, step: Step) -> set[str]:
        keys: set[str] = set()
        lists = [getattr(step.spec, name, None) for name in ("assignees", "to", "when_empty")]
        for people in lists:
            if isinstance(people, assignment.People):
                fields = (field_of(entry) for entry in people.entries)
                keys |= {
                    field.table if isinstance(field, assignment.OfRows) else field.keys[0]
                    for field in fields
                    if field is not None
                }
        if step.type.name == "action":
            keys |= set(_variables(step.document.get("do")))
        return keys

    def _due(self, step: Step) -> Iterator[Finding]:
        """A due time that neither reminds nor acts, or reminds of what is not open yet."""
        due = step.spec.due
        if due is None or due.decide is not None or due.escalate is not None:
            return
        if not any(_shorter(reminder, due.after) for reminder in due.remind):
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


def _shorter(reminder: Duration, after: Duration) -> bool:
    """Whether a reminder so long before the due time comes after the step was opened."""
    return (reminder.months, reminder.weeks * 7 + reminder.days, reminder.seconds) < (
        after.months,
        after.weeks * 7 + after.days,
        after.seconds,
    )


def _variables(values: Any) -> Iterable[str]:
    """The fields that the values of an action read."""
    match values:
        case {"var": str(path)} | {"var": [str(path), *_]}:
            yield path.partition(".")[0]
        case {"val": str(key)} | {"val": [str(key), *_]}:
            yield key
        case Mapping():
            for value in values.values():
                yield from _variables(value)
        case list():
            for value in values:
                yield from _variables(value)
