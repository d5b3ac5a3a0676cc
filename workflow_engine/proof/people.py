"""Whether the people of a step can be found: nobody, too few, the initiator themself, or those who approved before.

`Skipping` says which steps may be passed without anybody being asked. Only with a directory. Whoever may start is tried
as the initiator, with every way in which the assignees may turn out (`finding_people`), each asked of `Records` as a
whole valid record.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from formloom.form_engine.errors import Severity
from formloom.form_engine.messages import say

from .. import assignment
from ..directory import Directory
from ..findings import Finding
from ..tree import Step, Workflow
from .cases import SOMEBODY, UNKNOWN_PEOPLE, Case, Group, together
from .facts import FactsOf
from .finding_people import Cases
from .records import Answer, Records
from .statements import AnyOf, Condition, Names, Present, RowsName, Statement
from .wording import sentence_of, why_unknown


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
    cases: Cases = field(init=False)
    initiators: list[tuple[str, frozenset[Statement]]] = field(default_factory=list)
    stuck: set[str] = field(default_factory=set)
    in_doubt: bool = False

    def findings(self) -> list[Finding]:
        """All findings, in document order. `stuck` then has the steps at which nobody or too few can be found."""
        self.cases = Cases(self.workflow, self.directory, self.records.budget)
        self.initiators = self.cases.initiators()
        steps = (step for step in self.workflow.in_order() if step.type.decided_by_people and step.id in self.reached)
        return [finding for step in steps if step.id not in self.skip for finding in self._of(step)]

    def _of(self, step: Step) -> Iterator[Finding]:
        initiators = [member for member, _ in self.initiators]
        different = initiators if self.cases.bars_depend(step) else initiators[:1]
        self.in_doubt = any(self.cases.bars_unknown(step, member) for member in different)
        nobody = self._nobody(step)
        self.in_doubt = self.in_doubt and nobody is None
        too_few = self._too_few(step)
        yield from (finding for finding in (nobody, too_few) if finding is not None)
        if self.in_doubt and too_few is None:
            template = "Whether people are always found for this step was not decided: {why}."
            message = say(self.lang, template, why=why_unknown(self.records.budget.left() <= 0, self.lang))
            yield Finding(step.id, "undecided", "note", message, None, step.pointer)
        if step.type.name == "approval":
            yield from self._own_request(step)
            yield from self._repeated(step)

    # findings

    def _nobody(self, step: Step) -> Finding | None:
        when_empty = step.document.get("whenEmpty")
        severity: Severity = "error" if when_empty == "block" else "warning" if when_empty is None else "note"
        template = "Nobody is found for this step when {member} starts the request{example}."
        if surely_found(self.cases, step) > 0:
            return None
        found = self._first(step, lambda case, _: not case.found)
        if found is None:
            self.in_doubt = self.in_doubt or any(case.perhaps_nobody for case in self._cases_of(step))
            return None
        if severity == "error":
            self.stuck.add(step.id)
        return self._finding(step, "nobody", severity, template, *found)

    def _too_few(self, step: Step) -> Finding | None:
        mode = step.spec.mode
        if mode.kind != "count":
            return None
        needed = int(mode.number)
        if surely_found(self.cases, step) >= needed:
            return None

        def short(case: Case, _: str) -> bool:
            return case.known and 0 < len(case.found) < needed

        found = self._first(step, short, asked=True)
        if found is None:
            self.in_doubt = self.in_doubt or self._may_be_short(step, needed)
            return None
        self.stuck.add(step.id)
        template = "{needed} people must approve, but only {count} are found when {member} starts the request{example}."
        return self._finding(step, "tooFew", "error", template, *found, needed=needed, count=len(found[1].found))

    def _may_be_short(self, step: Step, needed: int) -> bool:
        """Whether it is not known how many are found. (How many initiators choose is for them to say.)"""
        if step.spec.assignees.chosen is not None:
            return False
        return any(not case.known and len(case.found - UNKNOWN_PEOPLE) < needed for case in self._cases_of(step))

    def _cases_of(self, step: Step) -> Iterator[Case]:
        return (case for initiator, _ in self.initiators for case in self.cases.of_step(step, initiator))

    def _own_request(self, step: Step) -> Iterator[Finding]:
        own = self.workflow.settings.own
        if "initiator" in step.spec.not_doers:
            return
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
            found = self._first(step, lambda *_: True, ways=partial(self._approved_before, step, other))
            if found is not None:
                template = (
                    "The step is skipped when {member} starts the request{example}: the same people approved before."
                )
                yield self._finding(step, "skipped", "note", template, *found)
                return

    def _approved_before(self, step: Step, other: Step, case: Case, initiator: str) -> Iterator[Case]:
        """The case with each way in which enough of its people approved the other step."""
        for earlier in self.cases.of_step(other, initiator):
            both = together((case, replace(earlier, found=frozenset())))
            doers = earlier.found & case.found
            alone = other.spec.mode.needed(len(earlier.found)) == 1
            if both and doers and self._enough(step, case.found, {next(iter(sorted(doers)))} if alone else doers):
                yield both

    def _enough(self, step: Step, found: Group, approved: Iterable[str]) -> bool:
        needed: int = step.spec.mode.needed(len(found))
        return len(frozenset(approved)) >= needed

    def _first(
        self, step: Step, wanted: Any, *, asked: bool = False, ways: Any = None
    ) -> tuple[str, Case, Answer] | None:
        """The first initiator and case that is `wanted` and that a valid record brings about; `asked`: of those who are asked
        in the end, also where they stand in for nobody; `ways` gives the ways in which a case comes about."""
        known = self.facts.reached[step.id]
        for initiator, may_start in self.initiators:
            if self.records.budget.left() <= 0:
                self.in_doubt = True
                return None
            cases = self.cases.asked(step, initiator) if asked else self.cases.of_step(step, initiator)
            cases = cases if ways is None else [way for case in cases for way in ways(case, initiator)]
            hits = [case for case in cases if wanted(case, initiator)]
            for case in sorted(hits, key=lambda case: len(case.statements)):
                answer = self.records.ask(known | may_start | case.statements)
                if answer.verdict == "yes":
                    return initiator, case, answer
                self.in_doubt = self.in_doubt or answer.verdict == "unknown"
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
        values = sentence_of(self.workflow.form, answer.record or {}, keys, self.lang, self.directory)
        return say(self.lang, " with {values}", values=values)


def surely_found(cases: Cases, step: Step) -> int:
    """How many people a step surely finds, whoever starts the request; 0 where that takes more than counting."""
    spec, done = step.spec, cases.workflow.surely_done(step.id)
    if cases.bars_depend(step) or any(cases.depends(entry) for entry in spec.assignees.entries):
        return 0
    fewest = min((len(case.found - UNKNOWN_PEOPLE) for case in cases.of_list(spec.assignees, "")), default=0)
    for name in spec.not_doers:
        barred = cases.who_did(name, "") if name in done else []
        if any(not case.known for case in barred):
            return 0
        fewest -= max((len(case.found) for case in barred), default=0)
    replaced = step.type.decides and cases.workflow.settings.own == "goToManager"
    return max(0, fewest - ("initiator" in spec.not_doers) - replaced)


@dataclass(slots=True)
class Skipping:
    """Which steps may be passed without anybody being asked (meaning.md section 4, `whenEmpty`, `ownRequest` and
    `repeatApprover`). In doubt a step may be. Of the steps in `skip`, whose definition is wrong, nothing is known."""

    cases: Cases
    skip: frozenset[str] = frozenset()
    known: dict[tuple[str, str], tuple[Group, int]] = field(default_factory=dict)

    def may_be_skipped(self, step: Step) -> bool:
        """Whether nobody may be found for a step, or enough of those found may count as approving, for anybody who may
        start the request."""
        earlier, last = self._may_have_approved(step)
        depends = any(self.cases.depends_on_initiator(one) for one in (step, *earlier))
        initiators = [initiator for initiator, _ in self.cases.initiators()]
        for initiator in initiators if depends else initiators[:1]:
            if step.spec.when_empty == "skip" and self._may_be_nobody(step, initiator):
                return True
            if step.type.decides and self._may_count(step, earlier, last, initiator):
                return True
        return False

    def _may_be_nobody(self, step: Step, initiator: str) -> bool:
        if surely_found(self.cases, step) > 0:
            return False
        cases = self.cases.of_step(step, initiator)
        return any(not case.found or case.perhaps_nobody for case in cases) or self.cases.bars_unknown(step, initiator)

    def _may_count(self, step: Step, earlier: list[Step], last: list[Step], initiator: str) -> bool:
        """Whether enough people of the step may be the initiator, where their request is not theirs to decide, or have
        approved before. With `skipAny` each earlier step adds just so many people as it needs; with `skipConsecutive` it
        is those of the last one, who may be all that some step before it needed."""
        workflow = self.cases.workflow
        counts_own = workflow.settings.own == "skip" and "initiator" not in step.spec.not_doers
        own = frozenset({initiator}) if counts_own else frozenset[str]()
        groups = [self._approving(one, initiator) for one in last]
        if not own and not groups:
            return False
        consecutive = workflow.settings.repeat == "skipConsecutive"
        most = max((self._approving(one, initiator)[1] for one in earlier), default=0) if consecutive else 0
        for case in self.cases.asked(step, initiator):
            if not case.known:
                return True
            others = case.found - own
            counts = [
                min(max(needed, most), len(others if not group.isdisjoint(UNKNOWN_PEOPLE) else others & group))
                for group, needed in groups
            ]
            count = max(counts, default=0) if consecutive else sum(counts)
            if case.found and len(case.found & own) + count >= step.spec.mode.needed(len(case.found)):
                return True
        return False

    def _approving(self, step: Step, initiator: str) -> tuple[Group, int]:
        """Who may approve an earlier step, and how many of them it needs. Whoever has a task may pass it on, so it may be
        anybody; whoever acts for somebody by delegation approves as them (`fold`)."""
        spec = step.spec
        place = (step.id, initiator if self.cases.depends_on_initiator(step) else "")
        if place not in self.known:
            cases = self.cases.asked(step, initiator)
            found = frozenset[str]().union(*(case.found for case in cases))
            needed = max((spec.mode.needed(len(case.found)) for case in cases), default=0)
            escalated = spec.due is not None and spec.due.escalate is not None
            if escalated or step.id in self.skip or not {"transfer", "addSigner"}.isdisjoint(spec.actions):
                found = frozenset({SOMEBODY})
            anybody = not found.isdisjoint(UNKNOWN_PEOPLE)
            self.known[place] = (found, len(self.cases.directory.members()) if anybody else needed)
        return self.known[place]

    def _may_have_approved(self, step: Step) -> tuple[list[Step], list[Step]]:
        """The approvals that may have been passed before a step since the request last came back, when all that was
        approved is forgotten; and those whose people count: the last ones with `skipConsecutive`."""
        workflow, earlier, last, passed = self.cases.workflow, list[Step](), list[Step](), False
        if workflow.settings.repeat == "each":
            return earlier, last
        for place in (step, *(owner for owner, _ in workflow.around(step.id))):
            siblings = workflow.list_of(place.id)
            for name in reversed(siblings[: siblings.index(place.id)]):
                before = self._approvals([name])
                earlier += before
                last += [] if passed else before
                passed = passed or (
                    workflow.settings.repeat == "skipConsecutive" and name in {one.id for one in before}
                )
            beside = self._beside(place)
            earlier, last = earlier + beside, last + beside
        return earlier, last

    def _approvals(self, names: Iterable[str]) -> list[Step]:
        """The approvals among some steps and inside them."""
        workflow = self.cases.workflow
        return [one for name in names for one in (workflow.steps[name], *workflow.inside(name)) if one.type.decides]

    def _beside(self, step: Step) -> list[Step]:
        """The approvals in those branches that may run at the same time as the one in which a step stands."""
        owner = self.cases.workflow.steps[step.owner] if step.owner is not None else None
        if owner is None or (owner.type.name != "parallel" and getattr(owner.spec, "mode", "") != "inclusive"):
            return []
        return [
            one for branch in owner.branches if branch.index != step.branch for one in self._approvals(branch.steps)
        ]


def _keys(statements: Iterable[Statement]) -> set[str]:
    keys: set[str] = set()
    for statement in statements:
        match statement:
            case Names(key, _, _) | Present(key, _) | RowsName(key):
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
