"""Whether the people of a step can be found: nobody, too few, the initiator themself, or those who approved before.

Only with a directory. Whoever may start is tried as the initiator; of the record, the fields that the assignees are taken
from are tried with every member or department that the directory has, each asked of `Records` as a whole valid record.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

from formloom.form_engine.errors import Severity
from formloom.form_engine.messages import say

from .. import assignment, tree
from ..directory import Directory
from ..findings import Finding
from ..tree import Step, Workflow
from .facts import FactsOf
from .records import Answer, AnyOf, Condition, Names, Present, Records, Statement
from .wording import sentence_of

MOST_COMBINATIONS = 400
Group = frozenset[str]


@dataclass(frozen=True, slots=True)
class Case:
    """One way an entry turns out: what must be true of the record for it, and whom it finds then."""

    statements: frozenset[Statement]
    found: Group


@dataclass(slots=True)
class People:
    """Looks at every step that people decide."""

    workflow: Workflow
    facts: FactsOf
    records: Records
    directory: Directory
    lang: str
    reached: frozenset[str]
    skip: frozenset[str] = frozenset()
    initiators: tuple[str, ...] = ()
    stuck: set[str] = field(default_factory=set)

    def findings(self) -> list[Finding]:
        """All findings, in document order. `stuck` then has the steps at which nobody or too few can be found."""
        who = self.workflow.who
        self.initiators = (
            self.directory.members()
            if who is None
            else who.find(self._scope(next(iter(self.directory.members()), ""), {}))
        )
        steps = (step for step in self.workflow.in_order() if step.type.decided_by_people and step.id in self.reached)
        return [finding for step in steps if step.id not in self.skip for finding in self._of(step)]

    def _of(self, step: Step) -> Iterator[Finding]:
        nobody = self._nobody(step)
        if nobody is not None:
            yield nobody
        few = self._too_few(step)
        if few is not None:
            yield few
        if step.type.name == "approval":
            yield from self._own_request(step)
            yield from self._repeated(step)

    # who an entry finds

    def _scope(self, initiator: str, record: Mapping[str, Any]) -> assignment.Scope:
        return assignment.Scope(record, self.directory, initiator, lambda step: (), (), lambda when: True)

    def _cases(self, step: Step, entry: assignment.Entry, initiator: str) -> list[Case]:
        """Every way in which an entry may turn out for this initiator."""
        when: tree.Condition | None = None
        if isinstance(entry, assignment.Only):
            when, entry = entry.when, entry.entry
        cases = [Case(case.statements | _holds(when), case.found) for case in self._plain_cases(step, entry, initiator)]
        return cases if when is None else [*cases, Case(frozenset({Condition(when, False)}), frozenset())]

    def _plain_cases(self, step: Step, entry: assignment.Entry, initiator: str) -> list[Case]:
        if isinstance(entry, assignment.DoersOf):
            return [Case(frozenset(), frozenset({f"\0doer of {entry.step}"}))]
        if isinstance(entry, assignment.ChosenBy):
            choice = entry.may_choose(self._scope(initiator, {}))
            return [Case(frozenset(), frozenset({"\0chosen"} if choice else ()))]
        inner = field_of(entry)
        if inner is None:
            return [Case(frozenset(), self._find(entry, initiator, {}))]
        if isinstance(inner, assignment.OfRows):
            blank = Case(frozenset({Present(inner.table, False)}), frozenset())
            return [blank, Case(frozenset({Present(inner.table)}), frozenset({"\0row"}))]
        if len(inner.keys) != 1:
            return [Case(frozenset(), frozenset({"\0group"}))]
        return self._by_value(entry, inner, initiator)

    def _by_value(self, entry: assignment.Entry, inner: assignment.OfField, initiator: str) -> list[Case]:
        """The values of the field, put together by whom they lead to."""
        key = inner.keys[0]
        values = self.directory.department_ids if inner.departments else self.directory.members()
        groups: dict[Group, set[str]] = {}
        for value in values:
            groups.setdefault(self._find(entry, initiator, {key: value}), set()).add(value)
        cases = [Case(frozenset({Names(key, frozenset(ids))}), found) for found, ids in groups.items() if found]
        empty = groups.get(frozenset(), set())
        return [*cases, Case(frozenset({Names(key, frozenset(empty), or_blank=True)}), frozenset())]

    def _find(self, entry: assignment.Entry, initiator: str, record: Mapping[str, Any]) -> Group:
        found = frozenset(entry.find(self._scope(initiator, record)))
        return frozenset(member for member in found if self.directory.active(member))

    def _after_own_request(self, step: Step, found: Group, initiator: str) -> Group:
        if step.type.name != "approval" or self.workflow.settings.own != "goToManager" or initiator not in found:
            return found
        manager = self.directory.manager(initiator)
        return (found - {initiator}) | ({manager} if manager is not None else frozenset())

    def _outcomes(self, step: Step, initiator: str) -> Iterator[Case]:
        """Every way in which the whole list of assignees may turn out."""
        entries = [self._cases(step, entry, initiator) for entry in step.spec.assignees.entries]
        for combination in islice(product(*entries), MOST_COMBINATIONS):
            statements = frozenset[Statement]().union(*(case.statements for case in combination))
            found = frozenset[str]().union(*(case.found for case in combination))
            yield Case(statements, self._after_own_request(step, found, initiator))

    # findings

    def _nobody(self, step: Step) -> Finding | None:
        when_empty = step.document.get("whenEmpty")
        severity: Severity = "error" if when_empty == "block" else "warning" if when_empty is None else "note"
        template = "Nobody is found for this step when {member} starts the request{example}."
        found = self._first(step, lambda case, _: not case.found)
        if found is None:
            return None
        if severity == "error":
            self.stuck.add(step.id)
        return self._finding(step, "nobody", severity, template, *found)

    def _too_few(self, step: Step) -> Finding | None:
        mode = step.spec.mode
        if mode.kind != "count":
            return None
        needed = int(mode.number)

        def short(case: Case, _: str) -> bool:
            known = not any(member.startswith("\0") for member in case.found)
            return known and 0 < len(case.found) < needed

        found = self._first(step, short)
        if found is None:
            return None
        self.stuck.add(step.id)
        template = "{needed} people must approve, but only {count} are found when {member} starts the request{example}."
        return self._finding(step, "tooFew", "error", template, *found, needed=needed, count=len(found[1].found))

    def _own_request(self, step: Step) -> Iterator[Finding]:
        own = self.workflow.settings.own
        if own == "decide":
            found = self._first(step, lambda case, initiator: initiator in case.found)
            template = "{member} decides their own request when they start one{example}."
            if found is not None:
                yield self._finding(step, "decidesOwn", "note", template, *found)
        elif own == "skip":
            found = self._first(
                step, lambda case, initiator: initiator in case.found and self._enough(step, case.found, {initiator})
            )
            template = "The step is skipped when {member}, who would approve it, starts the request{example}."
            if found is not None:
                yield self._finding(step, "skipped", "note", template, *found)

    def _repeated(self, step: Step) -> Iterator[Finding]:
        """The step is skipped where those who approved before are enough for it."""
        repeat = self.workflow.settings.repeat
        before = [self.workflow.steps[name] for name in self.workflow.surely_done(step.id)]
        approvals = [other for other in before if other.type.name == "approval" and other.id in self.reached]
        if repeat == "each" or not approvals:
            return
        for other in approvals if repeat == "skipAny" else approvals[-1:]:
            found = self._first(
                step, lambda case, initiator, other=other: self._approved_before(step, case, other, initiator)
            )
            if found is not None:
                template = (
                    "The step is skipped when {member} starts the request{example}: the same people approved before."
                )
                yield self._finding(step, "skipped", "note", template, *found)
                return

    def _approved_before(self, step: Step, case: Case, other: Step, initiator: str) -> bool:
        for earlier in self._outcomes(other, initiator):
            if self._contradict(case.statements, earlier.statements):
                continue
            doers = earlier.found & case.found
            alone = other.spec.mode.needed(len(earlier.found)) == 1
            if doers and self._enough(step, case.found, {next(iter(sorted(doers)))} if alone else doers):
                return True
        return False

    def _contradict(self, one: frozenset[Statement], other: frozenset[Statement]) -> bool:
        """Whether two statements name different people in the same field."""
        return any(a.key == b.key and not a.ids & b.ids and not (a.or_blank and b.or_blank)
                   for a in one if isinstance(a, Names) for b in other if isinstance(b, Names))  # fmt: skip

    def _enough(self, step: Step, found: Group, approved: Iterable[str]) -> bool:
        needed: int = step.spec.mode.needed(len(found))
        return len(frozenset(approved)) >= needed

    def _first(self, step: Step, wanted: Any) -> tuple[str, Case, Answer] | None:
        """The first initiator and case that is `wanted` and that a valid record brings about."""
        known = self.facts.reached[step.id]
        for initiator in self.initiators:
            if self.records.budget.left() <= 0:
                return None
            hits = [case for case in self._outcomes(step, initiator) if wanted(case, initiator)]
            for case in sorted(hits, key=lambda case: len(case.statements)):
                answer = self.records.ask(known | case.statements)
                if answer.verdict == "yes":
                    return initiator, case, answer
        return None

    def _finding(
        self,
        step: Step,
        kind: str,
        severity: Severity,
        template: str,
        initiator: str,
        case: Case,
        answer: Answer,
        **params: object,
    ) -> Finding:
        example = {"member": initiator, "record": answer.record}
        message = say(
            self.lang, template, member=self.directory.name(initiator), example=self._words(case, answer), **params
        )
        return Finding(step.id, kind, severity, message, example, step.pointer)

    def _words(self, case: Case, answer: Answer) -> str:
        """` with nominee Amy`, or nothing where the record does not matter."""
        keys = sorted(_keys(case.statements))
        if not keys:
            return ""
        return say(
            self.lang, " with {values}", values=sentence_of(self.workflow.form, answer.record or {}, keys, self.lang)
        )


def _holds(when: tree.Condition | None) -> frozenset[Statement]:
    return frozenset({Condition(when)}) if when is not None else frozenset()


def _keys(statements: Iterable[Statement]) -> set[str]:
    keys: set[str] = set()
    for statement in statements:
        match statement:
            case Names(key, _, _) | Present(key, _):
                keys.add(key)
            case Condition(when, _):
                keys |= {path.partition(".")[0] for path in when.rule.reads}
            case AnyOf(parts):
                keys |= {key for part in parts for key in _keys(part)}
    return keys


def field_of(entry: Any) -> assignment.OfField | assignment.OfRows | None:
    """The field of the record that an entry reads; None if it reads none."""
    if isinstance(entry, assignment.OfField | assignment.OfRows):
        return entry
    inner = getattr(entry, "entry", None) or getattr(entry, "person", None) or getattr(entry, "field", None)
    return field_of(inner) if inner is not None else None
