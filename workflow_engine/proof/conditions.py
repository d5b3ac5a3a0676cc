"""What is wrong with the conditions of a branch step: gaps, conditions that never hold, are shadowed, or overlap."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from formloom.form_engine.messages import say

from ..findings import Finding
from ..tree import Branch, Step, Workflow
from .facts import FactsOf
from .records import Answer, Records
from .statements import Condition, Statement
from .wording import not_understood, sentence_of, why_unknown

Key = tuple[str, int]


@dataclass(slots=True)
class Conditions:
    """Looks at every branch step that can be reached. `closed` collects the branches that are never taken, with the reason."""

    workflow: Workflow
    facts: FactsOf
    records: Records
    lang: str
    skip: frozenset[str] = frozenset()
    closed: dict[Key, str] = field(default_factory=dict)

    def findings(self) -> list[Finding]:
        """All findings, in document order."""
        return [finding for step in self.workflow.in_order() if self._to_look_at(step) for finding in self._of(step)]

    def _to_look_at(self, step: Step) -> bool:
        if step.type.name != "branch" or step.id not in self.facts.reached or step.id in self.skip:
            return False
        return not any((owner.id, branch) in self.closed for owner, branch in self.workflow.around(step.id))

    def _of(self, step: Step) -> Iterator[Finding]:
        known = self.facts.reached[step.id]
        conditions = [branch for branch in step.branches if branch.when is not None]
        exclusive = step.spec.mode == "exclusive"
        rest = list(self._rest(step, conditions, known, exclusive))
        if rest:
            known = self.facts.tried_again[step.id]
        for branch in conditions:
            alone = list(self._alone(step, branch, known))
            yield from alone
            if exclusive and not alone:
                yield from self._behind(step, branch, known)
        if exclusive:
            yield from self._pairs(step, conditions, known)
        yield from rest

    def _alone(self, step: Step, branch: Branch, known: frozenset[Statement]) -> Iterator[Finding]:
        answer = self.records.ask(known | {_condition(branch)})
        if answer.verdict == "no":
            self.closed[(step.id, branch.index)] = "neverHolds"
            yield self._finding(
                step,
                "neverHolds",
                branch,
                "No valid record satisfies the condition of the branch “{branch}”: it is never taken.",
            )
        elif answer.verdict == "unknown":
            yield self._undecided(
                step, branch, answer, "Whether the condition of the branch “{branch}” can hold was not decided: {why}."
            )

    def _behind(self, step: Step, branch: Branch, known: frozenset[Statement]) -> Iterator[Finding]:
        earlier = _refused(step.branches[: branch.index])
        if not earlier:
            return
        answer = self.records.ask(known | earlier | {_condition(branch)})
        if answer.verdict == "no":
            self.closed[(step.id, branch.index)] = "shadowed"
            message = "The branch “{branch}” is never taken: whenever its condition holds, that of an earlier branch holds too."
            yield self._finding(step, "shadowed", branch, message)
        elif answer.verdict == "unknown":
            yield self._undecided(
                step,
                branch,
                answer,
                "Whether the branch “{branch}” can be reached behind the earlier ones was not decided: {why}.",
            )

    def _pairs(self, step: Step, conditions: list[Branch], known: frozenset[Statement]) -> Iterator[Finding]:
        open_ = [branch for branch in conditions if (step.id, branch.index) not in self.closed]
        for number, second in enumerate(open_):
            for first in open_[:number]:
                before = _refused(step.branches[: first.index])
                answer = self.records.ask(known | before | {_condition(first), _condition(second)})
                if answer.verdict != "yes":
                    continue
                first_title, second_title = (
                    self.workflow.branch_title(step.id, branch.index, self.lang) for branch in (first, second)
                )
                template = (
                    "The branches “{first}” and “{second}” can both hold, for example for {example}; “{first}” wins."
                )
                message = say(
                    self.lang,
                    template,
                    first=first_title,
                    second=second_title,
                    example=self._example(answer, first, second),
                )
                yield Finding(step.id, "overlap", "note", message, {"record": answer.record}, second.pointer)

    def _rest(
        self, step: Step, conditions: list[Branch], known: frozenset[Statement], exclusive: bool
    ) -> Iterator[Finding]:
        """What no condition covers: the way into `otherwise` where there is one; else a gap of an exclusive step."""
        otherwise = next((branch for branch in step.branches if branch.otherwise), None)
        if otherwise is None and not exclusive:
            return
        answer = self.records.ask(known | _refused(tuple(conditions)))
        if otherwise is not None:
            if answer.verdict == "no":
                self.closed[(step.id, otherwise.index)] = "covered"
            return
        if answer.verdict == "yes":
            template = "A request with {example} matches no branch."
            message = say(self.lang, template, example=self._example(answer, *conditions))
            yield Finding(step.id, "gap", "error", message, {"record": answer.record}, step.pointer)
        elif answer.verdict == "unknown":
            message = say(
                self.lang,
                "Whether every request matches a branch was not decided: {why}.",
                why=self._why(answer, *conditions),
            )
            yield Finding(step.id, "undecided", "note", message, None, step.pointer)

    def _why(self, answer: Answer, *branches: Branch) -> str:
        """Why it was not decided, with the parts of the conditions that it hangs on."""
        rules = [branch.when.rule for branch in branches if branch.when is not None]
        paths = [path for rule in rules for path in sorted(rule.reads)]
        parts = not_understood(self.workflow.form, paths, (rule.compiled for rule in rules), self.lang)
        return why_unknown(answer.reason == "time", self.lang, parts)

    def _example(self, answer: Answer, *branches: Branch) -> str:
        keys = {
            path.partition(".")[0]: None
            for branch in branches
            if branch.when
            for path in sorted(branch.when.rule.reads)
        }
        return sentence_of(self.workflow.form, answer.record or {}, list(keys), self.lang, self.records.directory)

    def _finding(self, step: Step, kind: str, branch: Branch, template: str) -> Finding:
        title = self.workflow.branch_title(step.id, branch.index, self.lang)
        pointer = branch.when.pointer if branch.when is not None else branch.pointer
        return Finding(step.id, kind, "warning", say(self.lang, template, branch=title), None, pointer)

    def _undecided(self, step: Step, branch: Branch, answer: Answer, template: str) -> Finding:
        title = self.workflow.branch_title(step.id, branch.index, self.lang)
        message = say(self.lang, template, branch=title, why=self._why(answer, *step.branches[: branch.index + 1]))
        return Finding(
            step.id, "undecided", "note", message, None, branch.when.pointer if branch.when else branch.pointer
        )


def _condition(branch: Branch) -> Condition:
    if branch.when is None:
        raise ValueError(f"The branch at {branch.pointer} has no condition.")
    return Condition(branch.when)


def _refused(branches: tuple[Branch, ...]) -> frozenset[Statement]:
    return frozenset(Condition(branch.when, False) for branch in branches if branch.when is not None)
