"""Puts the parts of the proof together: which looks at what, in which order, and what is left unsaid."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from formloom.form_engine.definition import Form
from formloom.form_engine.messages import say

from ..checking import parts_of
from ..definition import check, own_form
from ..directory import Directory
from ..findings import Finding
from ..tree import Step, Workflow
from .access import FieldAccess
from .conditions import Conditions
from .control import MOST_STATES, Control, Explored
from .facts import FactsOf
from .finding_people import Cases
from .people import People, Skipping
from .reach import Reach, never_begun
from .records import Budget, Records
from .repair import repaired
from .statements import texts_in
from .wording import way_of, why_unknown

START = "start"
MOST_ROUNDS = 20
"""So often the branches that are never taken are looked for anew before it is taken for a circle."""
NOTHING = Explored(0, True, {})


@dataclass(frozen=True, slots=True)
class Proof:
    """The findings in document order, and how much of the control states was explored."""

    findings: tuple[Finding, ...]
    explored: Explored = NOTHING


@dataclass(slots=True)
class _Proving:
    workflow: Workflow
    records: Records
    directory: Directory | None
    lang: str
    skip: frozenset[str]
    explored: Explored = NOTHING

    def findings(self) -> Iterator[Finding]:
        """Everything but the `definition` errors."""
        joins = list(self._joins())
        facts, conditions, wrong = self._conditions()
        yield from joins
        yield from wrong
        self.explored = Control(self.workflow, frozenset(conditions.closed), self.records.budget).explore()
        stuck = {finding.step for finding in joins if finding.step is not None}
        reach = Reach(self.workflow, conditions.closed, frozenset({*stuck, *self.explored.dead, *self._waiting()}))
        reach.walk()
        reached = frozenset(reach.reached)
        if self.directory is not None:
            people = People(self.workflow, facts, self.records, self.directory, self.lang, reached, self.skip)
            yield from people.findings()
            stuck |= people.stuck
        yield from (self._unreachable(step) for step in reach.lost if step not in self.skip)
        yield from FieldAccess(self.workflow, facts, self.records, self.lang, reached, self.skip).findings()
        yield from self._loops(reach.reached)
        yield from self._no_end(stuck)

    def _conditions(self) -> tuple[FactsOf, Conditions, list[Finding]]:
        """What is known at each step, and what is wrong with the branches.

        What lies in a branch that is never taken changes nothing. So it begins with what would never be taken if no
        request ever came back, and keeps of that what is never taken by those that do: a request that has taken no such
        branch so far has not lost what keeps it out of the next one. Where that goes round in a circle, it ends with those
        that are found never to be taken again because they never were.
        """
        passable, past_joins, going_back = self._passable(), dict.fromkeys(never_begun(self.workflow), "joined"), False
        closed, rounds = frozenset(past_joins), 0
        while True:
            circling = rounds > MOST_ROUNDS
            facts = FactsOf.learn(self.workflow, self.skip, passable, closed, going_back=going_back)
            conditions = Conditions(self.workflow, facts, self.records, self.lang, self.skip, {**past_joins})
            wrong, never = conditions.findings(), frozenset(conditions.closed)
            if going_back and (never == closed or (circling and never > closed)):
                return facts, conditions, wrong
            going_back = going_back or circling or never == closed
            closed, rounds = never if never > closed and not circling else closed & never, rounds + 1

    def _passable(self) -> frozenset[str]:
        """The steps that may be skipped, because nobody is found or those found count as approving."""
        if self.directory is None:
            return frozenset()
        skipping = Skipping(Cases(self.workflow, self.directory, self.records.budget), self.skip)
        return frozenset(step.id for step in self._asked() if skipping.may_be_skipped(step))

    def _waiting(self) -> frozenset[str]:
        """The steps that nothing ever comes out of, because nobody can be found."""
        if self.directory is None:
            return frozenset()
        cases = Cases(self.workflow, self.directory, self.records.budget)
        return frozenset(step.id for step in self._asked() if cases.never_finds_anybody(step))

    def _asked(self) -> Iterator[Step]:
        return (step for step in self.workflow.in_order() if step.type.decided_by_people)

    def _unreachable(self, step_id: str) -> Finding:
        message = say(self.lang, "This step can't be reached.")
        return Finding(step_id, "unreachable", "warning", message, None, self.workflow.steps[step_id].pointer)

    def _joins(self) -> Iterator[Finding]:
        for step in self.workflow.in_order():
            if step.type.name == "parallel" and not 1 <= step.spec.needed <= max(1, len(step.branches)):
                template = "The step waits for {needed} branches, but has {count}."
                template = template if step.spec.needed >= 1 else "The step must wait for at least one branch."
                message = say(self.lang, template, needed=step.spec.needed, count=len(step.branches))
                yield Finding(step.id, "join", "error", message, None, step.pointer)

    def _loops(self, reached: set[str]) -> Iterator[Finding]:
        """An action or subprocess that starts the very workflow it stands in."""
        own = self.workflow.form.key or self.workflow.document.get("form")
        for step in self.workflow.in_order():
            if step.id in reached and own and own in _starts(step.document):
                message = say(
                    self.lang, "This step makes a new request of the same form, which comes here again: a loop."
                )
                yield Finding(step.id, "automationLoop", "warning", message, None, step.pointer)

    def _no_end(self, explained: Collection[str]) -> Iterator[Finding]:
        if not self.explored.complete:
            many = self.explored.states >= MOST_STATES
            template = "Whether every process can end was not decided: there are more than {count} states."
            template = template if many else "Whether every process can end was not decided: {why}."
            message = say(self.lang, template, count=self.explored.states, why=why_unknown(True, self.lang))
            yield Finding(None, "undecided", "note", message)
        for step_id, commands in self.explored.dead.items():
            if step_id not in explained:
                message = say(
                    self.lang,
                    "A process that has come here can never end: {commands}.",
                    commands=way_of(self.workflow, commands, self.lang),
                )
                pointer = self.workflow.steps[step_id].pointer
                yield Finding(step_id, "noEnd", "error", message, {"commands": list(commands)}, pointer)


def _named(document: Any) -> Iterator[str]:
    """Every text that a condition in a document names."""
    match document:
        case Mapping():
            for key, inner in document.items():
                yield from texts_in(inner) if key == "when" else _named(inner)
        case list():
            for inner in document:
                yield from _named(inner)


def _starts(document: Mapping[str, Any]) -> set[str]:
    """The forms in which a step makes a record."""
    if document.get("type") == "subprocess" and isinstance(document.get("form"), str):
        return {document["form"]}
    action = document.get("do")
    create = action.get("createRecord") if isinstance(action, Mapping) else None
    return {create["form"]} if isinstance(create, Mapping) and isinstance(create.get("form"), str) else set()


def prove(
    document: Any,
    *,
    forms: Mapping[str, Form],
    directory: Directory | None = None,
    now: datetime,
    zone: str = "UTC",
    lang: str = "en",
    own: str | None = None,
    clock: Callable[[], float] | None = None,
    seconds: float = 10.0,
) -> Proof:
    """Everything that can be shown of the workflow `document` (any JSON value), `forms` by their key.

    `own` names the workflow's form if the document does not. People are looked at only with a `directory`. `clock` gives
    seconds and bounds the whole proof to `seconds`; without one only each query is bounded (2 s).
    """
    wrong = check(document, forms=forms, directory=directory, own=own, lang=lang)
    skip = frozenset(finding.step for finding in wrong if finding.step is not None and finding.severity == "error")
    form = own_form(document, forms, own) if isinstance(document, Mapping) else None
    if form is None:
        return Proof(tuple(wrong))
    workflow = repaired(document, wrong, form)
    if workflow is None:
        return Proof(tuple(wrong))
    records = Records(form, now, zone, directory, Budget(seconds, clock), frozenset(_named(workflow.document)))
    proving = _Proving(workflow, records, directory, lang, skip)
    order = {step: number for number, step in enumerate(workflow.steps)}
    found = sorted(proving.findings(), key=lambda finding: order.get(finding.step or "", -1))
    named = {None, START, *(part.id for part in parts_of(document))}  # not those that only the mended document has
    return Proof((*wrong, *(finding for finding in found if finding.step in named)), proving.explored)
