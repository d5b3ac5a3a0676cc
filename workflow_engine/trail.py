"""What happened at each visit of a step, gathered from the events: for pages, dry runs and replays.

One entry for each visit, in the order in which they were reached. What people read of it (`because`) is made only when it
is asked for, in their language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from formloom.form_engine.logic import Moment, formula
from formloom.form_engine.logic.explain import Explainer, plain_value
from formloom.form_engine.messages import listed, say, told

from . import events as e
from .blocking import why_blocked
from .directory import Directory, DirectoryNames
from .operands import name_of, operands, titled
from .state import Seats, State
from .tree import Branch, Workflow


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided at a visit: `by` for `member` ("" is the clock), to what effect, and what was said."""

    at: str
    member: str
    by: str
    action: str
    target: str | None
    comment: str | None


@dataclass(slots=True)
class Entry:
    """One visit of a step. `result` is "open" or "blocked" while it is not over; times are ISO 8601 in UTC."""

    visit: int
    step: str
    at: str
    result: str = "open"
    left_at: str | None = None
    assignees: list[str] = field(default_factory=list)
    counted: tuple[str, ...] = ()
    stand_in: str | None = None
    due: str | None = None
    took: tuple[int, ...] = ()
    held: tuple[bool | None, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    why: str = ""
    detail: str = ""


class Trail:
    """The entries of one process. Feed it events in order: from the start, or from a state in which something is open."""

    def __init__(self, state: State | None = None) -> None:
        self.entries: list[Entry] = []
        self._open: dict[int, Entry] = {}
        self._round = 0
        for visit in state.visits.values() if state is not None else ():
            entry = Entry(visit.number, visit.step, visit.since, due=visit.due)
            work = state.work.get(visit.number) if state is not None else None
            if isinstance(work, Seats):
                entry.assignees = list(dict.fromkeys(member for seat in work.seats for member in seat.signers))
            if visit.block is not None:
                entry.result, entry.why, entry.detail = "blocked", visit.block.why, visit.block.detail
            self.entries.append(entry)
            self._open[visit.number] = entry

    @property
    def since_submission(self) -> list[Entry]:
        """The entries since the request was last submitted."""
        return self.entries[self._round :]

    def submitted_again(self) -> None:
        """From here on, entries belong to a new submission."""
        self._round = len(self.entries)

    def add(self, happened: Iterable[e.Event]) -> None:
        """Take more events into account."""
        for event in happened:
            take = _TAKES.get(type(event))
            if take is not None:
                take(self, event)

    def entered(self, event: e.StepEntered) -> None:
        """A new entry."""
        entry = Entry(event.visit, event.step, event.at)
        self.entries.append(entry)
        self._open[event.visit] = entry

    def left(self, event: e.StepLeft) -> None:
        """The entry is over."""
        entry = self._open.pop(event.visit)
        entry.result, entry.left_at = event.result, event.at

    def at(self, visit: int) -> Entry:
        """The entry of a visit that is not over."""
        return self._open[visit]


def _found(trail: Trail, event: e.AssigneesFound) -> None:
    entry = trail.at(event.visit)
    entry.assignees, entry.counted, entry.stand_in = list(event.members), event.counted, event.why


def _notified(trail: Trail, event: e.Notified) -> None:
    trail.at(event.visit).assignees = list(event.members)


def _due(trail: Trail, event: e.DueSet) -> None:
    trail.at(event.visit).due = event.due


def _joined(trail: Trail, event: e.HandedOver | e.SignerAdded) -> None:
    assignees = trail.at(event.visit).assignees
    member = event.to if isinstance(event, e.HandedOver) else event.member
    if member not in assignees:
        assignees.append(member)


def _decided(trail: Trail, event: e.TaskDecided) -> None:
    decision = Decision(event.at, event.member, event.by, event.action, event.target, event.comment)
    trail.at(event.visit).decisions.append(decision)


def _branches(trail: Trail, event: e.BranchTaken) -> None:
    entry = trail.at(event.visit)
    entry.took, entry.held, entry.values = event.took, event.held, event.values or {}


def _blocked(trail: Trail, event: e.StepBlocked) -> None:
    entry = trail.at(event.visit)
    entry.result, entry.why, entry.detail = "blocked", event.why, event.detail


def _retried(trail: Trail, event: e.Retried) -> None:
    trail.at(event.visit).result = "open"


_TAKES: Mapping[type[e.Event], Any] = {
    e.StepEntered: Trail.entered,
    e.StepLeft: Trail.left,
    e.AssigneesFound: _found,
    e.Notified: _notified,
    e.DueSet: _due,
    e.HandedOver: _joined,
    e.SignerAdded: _joined,
    e.TaskDecided: _decided,
    e.BranchTaken: _branches,
    e.StepBlocked: _blocked,
    e.Retried: _retried,
}


@dataclass(frozen=True, slots=True)
class Narrator:
    """Says why an entry is as it is."""

    workflow: Workflow
    directory: Directory
    lang: str

    def because(self, entry: Entry) -> str:
        """One sentence, or several about several branches."""
        if entry.result == "blocked":
            return why_blocked(entry.why, entry.detail, self.lang)
        if entry.held:
            return self._conditions(entry)
        if entry.result == "cancelled":
            return say(self.lang, "The process left it before it was over.")
        if entry.decisions:
            return told(self.lang, (self._decision(entry, decision) for decision in entry.decisions))
        return self._without_decision(entry)

    def ahead(self, entry: Entry) -> str:
        """Why an entry that only lies ahead is expected; "" where that goes without saying."""
        if entry.held:
            return self._conditions(entry)
        return self._without_decision(entry) if entry.result == "skipped" else ""

    def way(self, entry: Entry) -> str:
        """Why an entry of a branch step went where it did: the branches taken; where nothing else held, all that did not."""
        step = self.workflow.steps.get(entry.step)
        known = step.branches if step is not None and len(step.branches) == len(entry.held) else ()
        took = [branch for branch in known if branch.index in entry.took and branch.when is not None]
        return told(self.lang, (self._condition(entry, branch) for branch in took)) or self._conditions(entry)

    def _without_decision(self, entry: Entry) -> str:
        lang, names = self.lang, self._names(entry.assignees)
        step = self.workflow.steps.get(entry.step)
        match step.type.name if step is not None else "", entry.result:
            case _, "skipped" if not entry.assignees:
                return say(lang, "Nobody was found, so it was skipped.")
            case _, "skipped":
                return say(lang, "It was skipped: {names} counts as approving.", names=self._names(list(entry.counted)))
            case "notify", _:
                return say(lang, "Told: {names}.", names=names) if names else say(lang, "Nobody was found to be told.")
            case (("approval" | "fill"), "open"):
                return say(lang, "Waits for {names}.", names=names)
            case "parallel", _:
                return say(lang, "All branches begin side by side.")
            case "end", _:
                return say(lang, "The process ends here.")
            case _, "rejected":
                return say(lang, "It can no longer be approved.")
            case _, "open":
                return say(lang, "It is waited for.")
        return say(lang, "It was gone through.")

    def _decision(self, entry: Entry, decision: Decision) -> str:
        name = self.directory.name(decision.by or decision.member)
        if not decision.by:
            return say(self.lang, _BY_TIME[decision.action], name=name)
        if decision.by != decision.member:
            holder = self.directory.name(decision.member)
            name = say(self.lang, "{name} (for {holder})", name=name, holder=holder)
        target = decision.target or ""
        if target in self.workflow.steps:
            target = say(self.lang, "“{step}”", step=self.workflow.title(target, self.lang))
        elif target == "initiator":
            target = say(self.lang, "the initiator")
        return say(self.lang, _BY_PERSON[decision.action], name=name, target=target)

    def _names(self, members: list[str]) -> str:
        return listed(self.lang, (self.directory.name(member) for member in members))

    def _conditions(self, entry: Entry) -> str:
        step = self.workflow.steps.get(entry.step)
        if step is None or len(step.branches) != len(entry.held):
            return say(self.lang, "It was gone through.")  # under a version that had other branches
        said = [self._condition(entry, branch) for branch in step.branches]
        return told(self.lang, (sentence for sentence in said if sentence))

    def _condition(self, entry: Entry, branch: Branch) -> str:
        title = self.workflow.branch_title(entry.step, branch.index, self.lang)
        held = entry.held[branch.index]
        if branch.when is None:
            return say(self.lang, "“{title}”: nothing else holds.", title=title) if branch.index in entry.took else ""
        if held is None:
            return ""
        reason = self._reason(entry, branch)
        if reason and held:
            return say(self.lang, "“{title}”, because {reason}.", title=title, reason=reason)
        if reason:
            return say(self.lang, "Not “{title}”: {reason}.", title=title, reason=reason)
        values = self._values(entry, branch)
        text = self._in_words(branch.when.tree)
        if held:
            return say(
                self.lang, "“{title}”: {condition} holds ({values}).", title=title, condition=text, values=values
            )
        return say(
            self.lang, "“{title}”: {condition} does not hold ({values}).", title=title, condition=text, values=values
        )

    def _reason(self, entry: Entry, branch: Branch) -> str:
        """What decided a condition, by the titles of the fields and their values as they were; "" where that is not known:
        of what was made of tables, linked records and clocks there is only what was noted."""
        assert branch.when is not None
        tree, form = branch.when.tree, self.workflow.form
        known = {name: entry.values[name] for part in operands(tree, form) if (name := name_of(part)) in entry.values}
        if any(name_of(part) not in known for part in operands(tree, form)):
            return ""
        record = {key: value for key, value in entry.values.items() if value is not None and key in form.fields}
        circumstances = Moment(datetime.fromisoformat(entry.at))
        explainer = Explainer(
            form.types, record, circumstances, self._label, self._shown, self.lang, known, self._in_words
        )
        if explainer.holds(tree) is not entry.held[branch.index]:
            return ""
        return explainer.explain(tree)

    def _in_words(self, part: Any) -> str:
        return formula.print(titled(part, self._label))

    def _label(self, path: str) -> str:
        field, (link, dot, key) = self.workflow.form.field_at(path), path.partition(".")
        if field is None and link in self.workflow.form.fields:  # a field of a linked record
            return f"{self.workflow.form.fields[link].label(self.lang)}{dot}{key}"
        return field.label(self.lang) if field is not None else path

    def _shown(self, path: str, value: Any) -> str:
        field = self.workflow.form.field_at(path)
        if field is None:
            return plain_value(path, value)
        return field.type.text(field, value, self.lang, DirectoryNames(self.directory))

    def _values(self, entry: Entry, branch: Branch) -> str:
        read = dict.fromkeys(path.partition(".")[0] for path in sorted(branch.when.rule.reads if branch.when else ()))
        return listed(self.lang, (f"{self._label(key)} = {self._value(key, entry.values.get(key))}" for key in read))

    def _value(self, key: str, value: Any) -> str:
        if value is None:
            return say(self.lang, "blank")
        shown = self.workflow.form.fields.get(key)
        if shown is not None and shown.logic.kind == "table":
            return say(self.lang, "{count} rows", count=value)
        if isinstance(value, bool):
            return say(self.lang, "yes") if value else say(self.lang, "no")
        return str(value)


_BY_PERSON = {
    "approve": "{name} approved.",
    "reject": "{name} rejected.",
    "return": "{name} returned it to {target}.",
    "done": "{name} filled it in.",
}
_BY_TIME = {
    "approve": "The due time passed for {name}: it counts as approved.",
    "reject": "The due time passed for {name}: it counts as rejected.",
    "done": "The due time passed for {name}: it went on.",
}
