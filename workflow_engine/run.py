"""One command at work: the events it makes happen, and the walk from step to step that follows.

`Run` is what a step's type is given to act with. It holds the draft of the next state and folds each event into it at
once. What is still to be entered stands on a stack, so that a list of a thousand notices needs no recursion and branches
are gone through in document order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from formloom.form_engine import logic
from formloom.form_engine.messages import say

from . import events as e
from .assignment import People, Scope
from .calendar import Calendar
from .directory import Directory
from .fold import FOLDS, Draft
from .state import Visit
from .tree import Condition, Step, Workflow


@dataclass(frozen=True, slots=True)
class Context:
    """What the engine is told about the world. `record` is the record as it is stored now; `delegates` says of a member
    who may act for them at `now`; `shown` is the content whose hash a decision carries, if it is still known: the
    difference is told from it. `lookup` is what logic reads through links."""

    now: datetime
    directory: Directory
    record: Mapping[str, Any]
    calendar: Calendar = field(default_factory=Calendar)
    lang: str = "en"
    delegates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shown: Mapping[str, Any] | None = None
    lookup: logic.Lookup | None = None


class Refusal(Exception):
    """Raised inside a command, caught in `apply`: the command is not allowed now. Nothing of it has happened.

    `forbidden`: it is not for whoever asked, and would not be at another time either.
    """

    def __init__(self, reason: str, difference: tuple[Any, ...] = (), *, forbidden: bool = False) -> None:
        self.reason, self.difference, self.forbidden = reason, difference, forbidden
        super().__init__(reason)


class Stuck(Exception):
    """Raised by a step that cannot go on, caught where it was entered: it becomes `StepBlocked`."""

    def __init__(self, why: e.Blocked, detail: str = "") -> None:
        self.why, self.detail = why, detail
        super().__init__(why)


class Run:
    """One command over one process. `record` is the record as the command leaves it."""

    __slots__ = ("_facts", "_todo", "_turned", "at", "context", "draft", "events", "record", "workflow")

    def __init__(self, workflow: Workflow, draft: Draft, context: Context) -> None:
        self.workflow, self.draft, self.context = workflow, draft, context
        self.record: Mapping[str, Any] = context.record
        self.at = utc(context.now)
        self.events: list[e.Event] = []
        self._todo: list[tuple[str | None, int, int]] = []
        self._turned: set[str] = set()
        self._facts: logic.Moment | None = None

    def emit(self, event: e.Event) -> None:
        """Let an event happen."""
        self.events.append(event)
        FOLDS[type(event)](self.draft, event)

    def refuse(self, template: str, /, **params: object) -> Refusal:
        """The exception that refuses the command with this sentence, in the reader's language."""
        return Refusal(say(self.context.lang, template, **params))

    def forbid(self, template: str, /, **params: object) -> Refusal:
        """`refuse`, because of who asks."""
        return Refusal(say(self.context.lang, template, **params), forbidden=True)

    # what is asked of the record, the people and the calendar

    def value(self, condition: Condition) -> Any:
        """What a piece of logic gives for the record. Raises Stuck where it cannot be computed."""
        facts = self._facts
        if facts is None:
            context = self.context
            facts = logic.Moment(context.now, context.calendar.zone.key, self.draft.initiator, context.lookup)
            self._facts = facts
        try:
            return logic.evaluate(condition.rule, self.record, facts)
        except logic.LogicError as error:
            raise Stuck("unreadable", error.sentence(self.context.lang)) from error

    def holds(self, condition: Condition) -> bool:
        """Whether a condition holds for the record. Raises Stuck where it cannot be computed."""
        return logic.truth(self.value(condition))

    def scope(self, step: str) -> Scope:
        """What decides who is found for `step`."""
        draft = self.draft
        return Scope(
            self.record, self.context.directory, draft.initiator, self.doers, draft.chosen.get(step, ()), self.holds
        )

    def find(self, people: People, step: str) -> tuple[str, ...]:
        """The active members that a list of people gives at `step`."""
        return people.find(self.scope(step))

    def doers(self, step: str) -> tuple[str, ...]:
        """Who approved or filled `step` in its last visit."""
        return self.draft.doers.get(step, ((), ()))[0]

    def barred(self, steps: Sequence[str]) -> set[str]:
        """Who had a hand in any of `steps` ("initiator": who started), also in one that is still open."""
        barred: set[str] = set()
        for step in steps:
            if step == "initiator":
                barred.add(self.draft.initiator)
            for group in self.draft.doers.get(step, ()):
                barred.update(group)
        for number, visit in self.draft.visits.items():
            if visit.step in steps:
                work = self.draft.seats(number)
                barred.update(work.doers, work.hands)
        return barred

    # timers

    def set_timer(self, visit: int, step: str, purpose: e.Purpose, due: datetime, number: int | None = None) -> None:
        """Ask for a `TimerFired` at `due`."""
        timer = f"{visit}.{purpose}" if number is None else f"{visit}.{purpose}.{number}"
        self.emit(e.TimerSet(self.at, timer, visit, step, purpose, utc(due)))

    def cancel_timers(self, visit: int, purpose: e.Purpose | None = None) -> None:
        """No timer of the visit (with `purpose`, none for that) is wanted any more."""
        for name, timer in list(self.draft.timers.items()) if self.draft.timers else ():
            if timer.visit == visit and purpose in (None, timer.purpose):
                self.emit(e.TimerCancelled(self.at, name))

    # going on

    def push(self, step: str | None, parent: int, branch: int) -> None:
        """Put a step on the stack of what is to be entered; None is the end of a list."""
        self._todo.append((step, parent, branch))

    def proceed(self) -> None:
        """Enter what is on the stack until nothing is left to do without a person or an answer."""
        todo = self._todo
        while todo:
            step, parent, branch = todo.pop()
            if parent and branch not in self.draft.fork(parent).open:
                continue
            if step is not None:
                self.enter(self.workflow.steps[step], parent, branch)
            elif parent:
                around = self.draft.visits[parent]
                self.emit(e.BranchFinished(self.at, parent, around.step, branch))
                owner = self.workflow.steps[around.step]
                owner.type.branch_finished(self, owner, parent)
            else:
                self.emit(e.ProcessEnded(self.at, "approved"))

    def enter(self, step: Step, parent: int, branch: int) -> None:
        """Begin a visit of `step`."""
        visit = self.draft.number + 1
        self.emit(e.StepEntered(self.at, visit, step.id, parent, branch))
        self.work(step, visit)

    def work(self, step: Step, visit: int) -> None:
        """Let a step do what it does when it is reached (or tried again); a step that cannot go on is blocked."""
        try:
            step.type.enter(self, step, visit)
        except Stuck as stuck:
            self.block(visit, step.id, stuck.why, stuck.detail)

    def block(self, visit: int, step: str, why: e.Blocked, detail: str = "") -> None:
        """Let a visit wait for an admin."""
        self.emit(e.StepBlocked(self.at, visit, step, why, detail))

    def leave(self, step: Step, visit: int, result: e.Result, *, approves: bool = False) -> None:
        """End a visit and go on with what follows it."""
        place = self.close(visit, result, approves=approves)
        self._todo.append((step.next, place.parent, place.branch))

    def close(self, visit: int, result: e.Result, *, approves: bool = False) -> Visit:
        """End a visit: close its tasks and timers. Nothing follows yet."""
        place = self.draft.visits[visit]
        for task in self.draft.seats(visit).tasks:
            reason: e.Closed = "cancelled" if result in ("cancelled", "returned") else "decided"
            self.emit(e.TaskClosed(self.at, task.id, visit, place.step, task.member, reason))
        self.cancel_timers(visit)
        self.emit(e.StepLeft(self.at, visit, place.step, result, approves))
        return place

    def cancel_inside(self, parent: int) -> None:
        """Cancel everything that is open in the branches of a visit."""
        inside = {parent}
        for number, visit in self.draft.visits.items():
            if visit.parent in inside:
                inside.add(number)
        self._cancel(inside - {parent})

    def cancel_all(self) -> None:
        """Cancel everything that is open."""
        self._todo.clear()
        self._cancel(set(self.draft.visits))

    def _cancel(self, visits: set[int]) -> None:
        for number in sorted(visits, reverse=True):
            self.close(number, "cancelled")

    def end(self, outcome: str, by: str = "", comment: str | None = None) -> None:
        """End the process; whatever is open is cancelled."""
        self.cancel_all()
        self.emit(e.ProcessEnded(self.at, outcome, by, comment))

    def go_back(self, step: Step, visit: int, target: str, by: str, result: e.Result) -> None:
        """Leave `step` with `result` towards `target`, a step surely done before or "initiator"."""
        if result == "rejected" and step.id in self._turned:
            self.block(visit, step.id, "circle")
            return
        self._turned.add(step.id)
        self.emit(e.Returned(self.at, visit, step.id, target, by))
        place = self.close(visit, result)
        if target == "initiator":
            self.cancel_all()
            return
        aim = self.workflow.steps[target]
        self._leave_list(aim, place)

    def _leave_list(self, aim: Step, place: Visit) -> None:
        """Cancel what is open in the list that `aim` stands in (`place` lay in it, and is closed), and enter `aim`."""
        within = place
        while within.parent and self.draft.visits[within.parent].step != aim.owner:
            within = self.draft.visits[within.parent]
        if within.number in self.draft.visits:
            self.cancel_inside(within.number)
            self.close(within.number, "cancelled")
        self.push(aim.id, within.parent, within.branch)

    def jump(self, aim: Step) -> None:
        """Put the process at `aim`: in the innermost list around it that is being gone through, what is open is
        cancelled. Of the steps around `aim` that must be entered first, a branch step takes the branch towards it; a
        parallel step begins all its branches, the others at their beginning."""
        way = list(self.workflow.around(aim.id))[::-1]
        parent = 0
        while way:
            owner, branch = way[0]
            live = next((v for v in self.draft.visits.values() if v.step == owner.id), None)
            if live is None or branch not in self.draft.fork(live.number).open:
                break
            parent = live.number
            del way[0]
        self._clear(parent, way[0][0].branch if way else aim.branch)
        for owner, branch in way:
            parent = self._open_towards(owner, parent, branch)
        self.push(aim.id, parent, aim.branch)

    def _clear(self, parent: int, branch: int) -> None:
        """Cancel what is open in one list."""
        for visit in list(self.draft.visits.values()):
            if visit.parent == parent and visit.branch == branch:
                self.cancel_inside(visit.number)
                self.close(visit.number, "cancelled")

    def _open_towards(self, owner: Step, parent: int, branch: int) -> int:
        visit = self.draft.number + 1
        self.emit(e.StepEntered(self.at, visit, owner.id, parent, owner.branch))
        took = owner.type.towards(owner, branch)
        self.emit(e.BranchTaken(self.at, visit, owner.id, took, took))
        for other in reversed(took):
            if other != branch:
                steps = owner.branches[other].steps
                self.push(steps[0] if steps else None, visit, other)
        return visit

    # the record

    def change_record(
        self, by: str, step: str | None, after: Mapping[str, Any] | None, comment: str | None = None
    ) -> None:
        """From here on the record is `after`; the event says what changed."""
        if after is None or after == self.record:
            return
        before = self.record
        changes = {key: after.get(key) for key in (*before, *after) if before.get(key) != after.get(key)}
        self.record = after
        self.emit(e.RecordChanged(self.at, by, step, changes, comment))
        if self.workflow.watches:
            self._tell_watchers(changes)

    def _tell_watchers(self, changes: Mapping[str, Any]) -> None:
        for visit in list(self.draft.visits.values()):
            if visit.number not in self.draft.visits or visit.block is not None:
                continue
            step = self.workflow.steps[visit.step]
            try:
                step.type.record_changed(self, step, visit.number, changes)
            except Stuck as stuck:
                self.block(visit.number, visit.step, stuck.why, stuck.detail)


def utc(moment: datetime) -> str:
    """A moment as the engine writes it: ISO 8601, UTC."""
    return _written(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(maxsize=64)
def _written(moment: datetime) -> str:
    """Only moments in UTC are looked up: elsewhere two that are an hour apart are equal when the clock is put back."""
    return moment.isoformat()
