"""A world that answers by itself, for the real engine to run in: dry runs, replays, and the path ahead stand on it.

Given decisions are made as soon as they can be; everybody else says yes, in order; waits pass at once, actions succeed,
what came back is submitted again. Time moves on only by waits, and by due times that decide where nobody can.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from formloom.form_engine import record as records
from formloom.form_engine.access import only
from formloom.form_engine.errors import FormloomError

from . import commands as c
from . import engine
from . import events as e
from .run import Context, utc
from .state import Seats, State, Task, Timer, Visit
from .trail import Entry, Trail
from .tree import Workflow

MOST_COMMANDS = 2_000
"""A dry run that takes more is one that never ends; it stops there, with what is open."""


GIVEN_ACTIONS = ("approve", "reject", "return", "done", "transfer", "addSigner", "reassign", "withdraw")
"""What a given decision may do. An admin reassigns, the initiator withdraws; all else is done by who has a task."""


class CannotStart(FormloomError):
    """The initiator may not submit this request; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """A decision that is to be made at `step`: `member` None is the first who may. `changes` are fields filled in with
    it; a None removes one. `place` is where an added signer signs. Without a step it is the initiator's `resubmit`, or,
    once all before it are made, their `withdraw` or an admin's `terminate`.
    """

    step: str
    action: str
    target: str | None = None
    member: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    place: Literal["before", "after", "beside"] = "beside"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a dry run went: its visits, the outcome (None exactly while something is open), the open steps, and those of
    the given decisions that could not be made."""

    entries: tuple[Entry, ...]
    outcome: str | None
    open: tuple[str, ...]
    record: Mapping[str, Any]
    unmade: tuple[Given, ...] = ()


class World:
    """One simulated process and everything around it."""

    def __init__(
        self, workflow: Workflow, context: Context, decisions: list[Given], state: State | None = None
    ) -> None:
        self.workflow, self.context, self.decisions, self.state = workflow, context, decisions, state
        self.trail = Trail(state)
        self._requests: list[e.Event] = []
        self._commands = 0
        self._stopped: str | None = None

    def do(self, command: c.Command) -> engine.Refused | None:
        """Give a command; what it leads to is taken into account. Gives the refusal, if it was one."""
        self._commands += 1
        done = engine.apply(self.workflow, self.state, command, self.context)
        if isinstance(done, engine.Refused):
            return done
        self.state = done.state
        self.trail.add(done.events)
        after = getattr(command, "record", None)
        if after is not None:
            self.context = replace(self.context, record=after)
        self._requests += [event for event in done.events if isinstance(event, _REQUESTS)]
        return None

    def run(self) -> None:
        """Let it run until it has ended or nobody can move it."""
        while self._commands < MOST_COMMANDS and self._state.outcome is None:
            if not (
                self._answer()
                or self._resubmit()
                or self._wait()
                or self._given()
                or self._default()
                or self._deadline()
            ):
                return

    def ran(self) -> Ran:
        """How it went."""
        state = self._state
        parents = {visit.parent for visit in state.visits.values()}
        still = [visit.step for visit in state.visits.values() if visit.number not in parents]
        if self._stopped is not None:
            still = [self._stopped]
        order = sorted(still, key=lambda step: self.workflow.steps[step].order)
        entries = tuple(self.trail.entries)
        return Ran(entries, state.outcome, tuple(order), self.context.record, tuple(self.decisions))

    @property
    def _state(self) -> State:
        assert self.state is not None
        return self.state

    def _in_order(self) -> list[Visit]:
        return sorted(self._state.visits.values(), key=lambda visit: self.workflow.steps[visit.step].order)

    # each gives whether it moved anything

    def _answer(self) -> bool:
        """Every request succeeds at once, but for one that would make our own record invalid."""
        if not self._requests:
            return False
        request = self._requests.pop(0)
        if isinstance(request, e.RecordRequested) and request.verb == "update" and not request.form:
            self.do(self._set(request))
        else:
            outcome = "approved" if isinstance(request, e.ProcessRequested) else None
            self.do(c.ActionAnswered(request.request, outcome=outcome))  # type: ignore[attr-defined]
        return True

    def _set(self, request: e.RecordRequested) -> c.ActionAnswered:
        """Our own record with what an action sets in it, computed and checked as it is on a save."""
        form, context = self.workflow.form, self.context
        values = records.fit(form, request.values)
        zone = context.calendar.zone.key
        around = records.Context(context.now, zone, context.lang, context.lookup, system=True)
        settled = records.settle(form, values, around, stored=context.record, access=only(values))
        if settled.record is None:
            return c.ActionAnswered(request.request, ok=False, error=settled.errors[0].message)
        return c.ActionAnswered(request.request, record=settled.record)

    def _resubmit(self) -> bool:
        """What came back is submitted again (unchanged, unless changes are given); but not if nobody did anything since it
        was submitted last, for then it would never end."""
        back = self._state.back
        if back is None:
            return False
        since = self.trail.since_submission
        if since and not any(entry.decisions for entry in since):
            self._stopped = back.step
        if self._stopped is not None:
            return False
        self.trail.submitted_again()
        given = next((given for given in self.decisions if given.action == "resubmit"), None)
        if given is not None:
            self.decisions.remove(given)
        record = changed(self.context.record, given.changes) if given is not None else None
        self.do(c.Resubmit(self._state.initiator, record))
        return True

    def _wait(self) -> bool:
        """A wait passes at once: time moves on to its end, or to when it has waited for as long as it may."""
        waits = [visit for visit in self._in_order() if self._waits(visit)]
        if not waits:
            return False
        timers = self._state.timers
        dated = {timer.visit for timer in timers.values() if timer.purpose == "wait"}
        timed = [(timer.due, name) for name, timer in timers.items()
                 if timer.visit in dated and timer.purpose in ("wait", "timeout")]  # fmt: skip
        if timed:
            self._ring(min(timed)[1])
            return True
        name = f"{waits[0].number}.wait"
        timers = {**timers, name: Timer(waits[0].number, "wait", utc(self.context.now))}
        self.state = replace(self._state, timers=timers)
        self._ring(name)
        return True

    def _waits(self, visit: Visit) -> bool:
        """Whether the visit is of a step that waits; also for a date that is blank, which is filled in as time goes by."""
        return self.workflow.steps[visit.step].type.watches and (visit.block is None or visit.block.why == "noDate")

    def _ring(self, timer: str) -> None:
        due = datetime.fromisoformat(self._state.timers[timer].due)
        self.context = replace(self.context, now=max(self.context.now, due.astimezone(self.context.now.tzinfo)))
        self.do(c.TimerFired(timer))

    def _given(self) -> bool:
        """The first of the given decisions that can be made now."""
        for given in self.decisions:
            visit = self._state.visit_of(given.step)
            if visit is not None and self._make(given, visit):
                self.decisions.remove(given)
                return True
        return self._end_here()

    def _end_here(self) -> bool:
        """What ended the request, once it is the next of the given decisions."""
        match self.decisions:
            case [Given(step="", action="withdraw"), *_]:
                command: c.Command = c.Withdraw(self._state.initiator)
            case [Given(step="", action="terminate"), *_]:
                command = c.Terminate(next(iter(self.context.directory.admins()), ""))
            case _:
                return False
        del self.decisions[0]
        return self.do(command) is None

    def _make(self, given: Given, visit: Visit) -> bool:
        """Make a decision, as the member it names or the first who may."""
        for task in self._tasks(visit):
            member = task.member
            if given.action == "reassign":
                member = given.member or next(iter(self.context.directory.admins()), "")
            elif given.action == "withdraw":
                member = given.member or self._state.initiator
            elif given.member not in (None, task.member):
                continue
            if self.do(self._command(given, task.id, member)) is None:
                return True
        return False

    def _tasks(self, visit: Visit) -> tuple[Task, ...]:
        work = self._state.work.get(visit.number)
        return work.tasks if isinstance(work, Seats) else ()

    def _command(self, given: Given, task: str, member: str) -> c.Command:
        match given.action:
            case "transfer":
                return c.Transfer(member, task, given.target or "")
            case "addSigner":
                return c.AddSigner(member, task, given.target or "", given.place)
            case "reassign":
                return c.Reassign(member, task, given.target or "")
            case "withdraw":
                return c.Withdraw(member)
            case action:
                record = changed(self.context.record, given.changes) if given.changes else None
                return c.Decide(member, task, action, given.target, record=record)  # type: ignore[arg-type]

    def _default(self) -> bool:
        """The first open step in document order decides by itself: the first of its assignees who may says yes."""
        for visit in self._in_order():
            type_ = self.workflow.steps[visit.step].type
            for task in self._tasks(visit):
                if self.do(c.Decide(task.member, task.id, type_.yes)) is None:  # type: ignore[attr-defined]
                    return True
        return False

    def _deadline(self) -> bool:
        """Nobody can decide: the next due time that decides does, or an action that failed is tried again."""
        timed = sorted((timer.due, name) for name, timer in self._state.timers.items() if self._decides(timer))
        if timed:
            self._ring(timed[0][1])
        return bool(timed)

    def _decides(self, timer: Timer) -> bool:
        if timer.purpose == "retry":
            return True
        step = self.workflow.steps[self._state.visits[timer.visit].step]
        return timer.purpose == "due" and step.spec.due is not None and step.spec.due.decide is not None


_REQUESTS = (e.RecordRequested, e.MessageRequested, e.ProcessRequested)


def changed(record: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The record with some fields changed; None removes one."""
    return {key: value for key, value in {**record, **changes}.items() if value is not None}
