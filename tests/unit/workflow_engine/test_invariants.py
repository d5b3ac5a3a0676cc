"""What holds after every command, whatever the workflow, the people, and the time.

A random valid workflow is submitted with a random record and given random commands from random people at random times,
sensible and senseless ones: by a state machine, which finds the shortest way to a failure, and by long walks, which go
further. `Process.do` holds after each command that apply is deterministic and changes nothing it was given, that the
state survives JSON, and that replaying the events gives the state.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from processes import DIRECTORY, Process
from random_workflows import MEMBERS, record, records, seeds, workflow, workflows

from formloom.workflow_engine import commands as c
from formloom.workflow_engine.blocking import waiting
from formloom.workflow_engine.path import path
from formloom.workflow_engine.state import Call, Fork, Seats, Visit

EVERYBODY = [*MEMBERS, "gone", "unknown", ""]


# commands


def moves(process: Process, rng: Random) -> list[c.Command]:
    """Commands that make sense now; the commonest stand there several times."""
    return [*_of_tasks(process, rng), *_of_the_system(process), *_of_others(process, rng)]


def _of_tasks(process: Process, rng: Random) -> Iterator[c.Command]:
    for task in process.now.open_tasks:
        who, step = task.member, process.workflow.steps[task.step]
        yield from [c.Decide(who, task.id, step.type.yes)] * 12  # type: ignore[attr-defined]
        yield c.Decide(who, task.id, "reject")
        yield c.Decide(who, task.id, "return", "initiator")
        yield from (c.Decide(who, task.id, "return", before) for before in process.workflow.surely_before(step.id))
        other = rng.choice(EVERYBODY)
        yield c.Transfer(who, task.id, other)
        yield c.Reassign("root", task.id, other)
        yield c.AddSigner(who, task.id, other, rng.choice(["before", "after", "beside"]))


def _of_the_system(process: Process) -> Iterator[c.Command]:
    for timer in process.now.timers:
        yield from [c.TimerFired(timer)] * 2
    for request in process.now.requests:
        yield from [c.ActionAnswered(request, outcome="approved")] * 3
        yield c.ActionAnswered(request, outcome="rejected")
        yield from [c.ActionAnswered(request, ok=False, error="it failed")] * 3


def _of_others(process: Process, rng: Random) -> Iterator[c.Command]:
    state = process.now
    if state.back is not None:
        yield from [c.Resubmit(state.initiator)] * 3
        yield c.Resubmit(state.initiator, record(rng))
    yield from (c.Retry("root", step) for step in process.blocked)
    if state.outcome is None:
        yield c.Correct("root", record(rng))
        yield c.Jump("root", rng.choice(list(process.workflow.steps)))
        if rng.random() < 0.03:
            yield c.Withdraw(state.initiator)
            yield c.Terminate("root")


def nonsense(rng: Random) -> c.Command:
    """A command that most often makes no sense: it is refused, or done."""
    by, other, task = rng.choice(EVERYBODY), rng.choice(EVERYBODY), rng.choice(["1.1", "2.1", "3.2", "", "x", "0.0"])
    commands: list[c.Command] = [
        c.Start(by),
        c.Decide(by, task, rng.choice(["approve", "sing"]), "s0"),
        c.Transfer(by, task, other),
        c.AddSigner(by, task, other),
        c.Comment(by, "hello"),
        c.Resubmit(by),
        c.Urge(by),
        c.Reassign(by, task, other),
        c.Jump(by, "nowhere"),
        c.Retry(by, "s0"),
        c.Correct(by, {}),
        c.TimerFired(task),
        c.ActionAnswered(task),
    ]
    return rng.choice(commands)


def move(process: Process, rng: Random) -> None:
    """Give one command that makes sense; those that must be possible then are."""
    command = rng.choice(moves(process, rng) or [c.Comment("amy", "…")])
    if isinstance(command, c.TimerFired):
        due = datetime.fromisoformat(process.now.timers[command.timer].due)
        process.context = replace(process.context, now=max(process.context.now, due) + timedelta(minutes=1))
    done = process.do(command)
    if isinstance(command, c.TimerFired | c.ActionAnswered | c.Resubmit | c.Retry | c.Jump | c.Terminate):
        assert done, process.refusal


# what always holds


def check(process: Process) -> None:
    """Everything that holds of a process after every command."""
    check_places(process)
    check_visits(process)
    check_joins(process)
    check_waiting(process)


def check_places(process: Process) -> None:
    """Each list that is gone through is at exactly one step; nothing else is open, and nothing after the end."""
    state = process.now
    places = [(visit.parent, visit.branch if visit.parent else 0) for visit in state.visits.values()]
    expected = [(0, 0)] if state.outcome is None and state.back is None else []
    for number, work in state.work.items():
        if isinstance(work, Fork):
            expected += [(number, branch) for branch in work.open]
    assert sorted(places) == sorted(expected)
    if state.outcome is not None:
        assert (state.visits, state.work, state.timers, state.open_tasks, state.back) == ({}, {}, {}, (), None)


def check_visits(process: Process) -> None:
    """What is kept of a visit fits its step; whoever has a task may have it; timers belong to what is open."""
    state = process.now
    assert set(state.work) <= set(state.visits)
    assert {timer.visit for timer in state.timers.values()} <= set(state.visits)
    for number, visit in state.visits.items():
        step = process.workflow.steps[visit.step]
        assert number <= state.number
        assert visit.branch == step.branch
        assert (visit.parent == 0) is (step.owner is None)
        if visit.parent:
            assert visit.parent < number
            assert state.visits[visit.parent].step == step.owner
        check_work(process, visit, state.work.get(number))


def check_work(process: Process, visit: Visit, work: Any) -> None:
    """Seats, branches and requests are as they must be."""
    step, state = process.workflow.steps[visit.step], process.now
    match work:
        case Seats():
            assert step.type.decided_by_people
            assert visit.block is not None or work.tasks
            assert len({task.seat for task in work.tasks}) == len(work.tasks)
            for task in work.tasks:
                seat = work.seats[task.seat]
                assert (seat.signers[seat.turn], seat.verdict) == (task.member, "")
                assert DIRECTORY.active(task.member)
                assert "initiator" not in step.spec.not_doers or task.member != state.initiator
        case Fork():
            assert set(work.open) <= set(work.took) <= {branch.index for branch in step.branches}
        case Call():
            timed = any(timer.visit == visit.number for timer in state.timers.values())
            assert visit.block is not None or work.requests or timed


def check_joins(process: Process) -> None:
    """A join waits for exactly its branches; one that can never be met says so."""
    state = process.now
    for number, work in state.work.items():
        visit = state.visits[number]
        step = process.workflow.steps[visit.step]
        if isinstance(work, Fork) and step.type.name == "parallel":
            assert len(work.took) - len(work.open) < step.spec.needed
            assert bool(work.open) is (visit.block is None)


def check_waiting(process: Process) -> None:
    """A process that has not ended says what it waits for, and something or somebody can move it."""
    state = process.now
    told = waiting(process.workflow, state, DIRECTORY)
    assert bool(told) is (state.outcome is None)
    for wait in told:
        watches = wait.step is not None and process.workflow.steps[wait.step].type.watches
        assert wait.who or state.timers or state.requests or watches


def check_path(process: Process) -> None:
    """Its path can be shown."""
    shown = path(process.workflow, process.now, process.events, process.context)
    assert len([step for step in shown if step.result != "ahead"]) == process.now.number


class AnyProcess(RuleBasedStateMachine):
    """One process under random commands."""

    @initialize(document=workflows, record=records, by=st.sampled_from(MEMBERS))
    def submit(self, document: dict[str, Any], record: dict[str, Any], by: str) -> None:
        self.process = Process(document, record)
        self.process.start(by)

    @rule(rng=st.randoms(use_true_random=False))
    def go_on(self, rng: Random) -> None:
        move(self.process, rng)

    @rule(rng=st.randoms(use_true_random=False))
    def try_anything(self, rng: Random) -> None:
        self.process.do(nonsense(rng))

    @invariant()
    def everything_holds(self) -> None:
        check(self.process)

    def teardown(self) -> None:
        """Show what happened, where it failed."""
        for event in self.process.events if hasattr(self, "process") else ():
            note(str(event.to_json()))


TestAnyProcess = AnyProcess.TestCase
TestAnyProcess.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_a_long_walk_through_any_workflow(seed: int) -> None:
    rng = Random(seed)
    document = workflow(rng)
    note(str(document))
    process = Process(document, record(rng))
    process.start(rng.choice(MEMBERS))
    for _ in range(200):
        check(process)
        if process.outcome is not None:
            break
        move(process, rng)
        if rng.random() < 0.1:
            process.do(nonsense(rng))
            check(process)
    check_path(process)
