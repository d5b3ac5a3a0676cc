"""What whoever submits the request may ask for, and anybody who says something about it."""

from .. import commands as c
from .. import events as e
from ..choosing import check_choice
from ..run import Run
from ..state import Fork, Place
from ..tree import Step


def start(run: Run, command: c.Start) -> None:
    """Submit the request."""
    workflow = run.workflow
    run.draft.initiator = command.by
    if workflow.who is not None and command.by not in run.find(workflow.who, ""):
        raise run.forbid("You may not submit this request.")
    for step_id, members in command.chosen.items():
        check_choice(run, step_id, members)
    run.emit(e.ProcessStarted(run.at, command.by, {step: list(members) for step, members in command.chosen.items()}))
    run.push(workflow.first, 0, 0)


def withdraw(run: Run, command: c.Withdraw) -> None:
    """Take the request back."""
    _only_initiator(run, command.by, "withdraw")
    withdraw = run.workflow.settings.withdraw
    if withdraw == "never":
        raise run.refuse("Requests of this kind cannot be withdrawn.")
    if withdraw == "untilFirstDecision" and run.draft.decided:
        raise run.refuse("The request can no longer be withdrawn: somebody has already decided.")
    run.end("withdrawn", command.by, command.comment)


def resubmit(run: Run, command: c.Resubmit) -> None:
    """Submit it again: from the start, or straight back to all that was open."""
    _only_initiator(run, command.by, "resubmit")
    back = run.draft.back
    if back is None:
        raise run.refuse("The request has not come back to its initiator.")
    run.change_record(command.by, None, command.record)
    run.emit(e.Resubmitted(run.at, command.by, command.comment))
    if not back.places:
        run.push(run.workflow.first, 0, 0)
        return
    _open_places(run, back.places)


def _open_places(run: Run, places: tuple[Place, ...]) -> None:
    """Open again what was open when the request came back; a branch that was not even entered then begins now."""
    numbers: dict[str, int] = {}
    entered = {(step.owner, step.branch) for step in (run.workflow.steps[place.step] for place in places)}
    waiting: list[tuple[str | None, int, int]] = []
    for place in places:
        step = run.workflow.steps[place.step]
        parent = numbers[step.owner] if step.owner is not None else 0
        if place.fork is None:
            waiting.append((step.id, parent, step.branch))
            continue
        numbers[step.id] = _open_again(run, step, parent, place.fork)
        for branch in place.fork.open:
            if (step.id, branch) not in entered:
                steps = step.branches[branch].steps
                waiting.append((steps[0] if steps else None, numbers[step.id], branch))
    for step_id, parent, branch in reversed(waiting):
        run.push(step_id, parent, branch)


def _open_again(run: Run, step: Step, parent: int, fork: Fork) -> int:
    visit = run.draft.number + 1
    run.emit(e.StepEntered(run.at, visit, step.id, parent, step.branch))
    run.emit(e.BranchTaken(run.at, visit, step.id, fork.took, fork.open))
    if not fork.open:
        step.type.branch_finished(run, step, visit)
    return visit


def urge(run: Run, command: c.Urge) -> None:
    """Ask whoever has a task to hurry."""
    _only_initiator(run, command.by, "urge")
    tasks = [task for number in run.draft.work for task in run.draft.seats(number).tasks]
    if not tasks:
        raise run.refuse("Nobody has a task now whom you could urge.")
    members = tuple(dict.fromkeys(task.member for task in tasks))
    run.emit(e.Urged(run.at, command.by, members, tuple(task.id for task in tasks), command.comment))


_FOR_INITIATOR = {
    "withdraw": "Only whoever submitted the request may withdraw it.",
    "resubmit": "Only whoever submitted the request may submit it again.",
    "urge": "Only whoever submitted the request may urge.",
}


def _only_initiator(run: Run, by: str, verb: str) -> None:
    if by != run.draft.initiator:
        raise run.forbid(_FOR_INITIATOR[verb])


def comment(run: Run, command: c.Comment) -> None:
    """Say something; who may is for the platform to say."""
    if not command.text.strip():
        raise run.refuse("A comment must say something.")
    run.emit(e.Commented(run.at, command.by, command.text, command.task))
