"""What could be done with a running request: by whoever looks at it (the buttons of a page), and by an admin who wants it
to go on under another version. `engine.apply` has the last word."""

from .state import Fork, Seats, State
from .steps.people import PeopleStep
from .tree import Workflow


def actions_at(workflow: Workflow, state: State, task_id: str) -> tuple[str, ...]:
    """What the step of an open task offers, in the order of its definition; () for a task that is no longer open."""
    found = state.find_task(task_id)
    if found is None:
        return ()
    step = workflow.steps[found[0].step]
    assert isinstance(step.type, PeopleStep)
    actions: tuple[str, ...] = step.spec.actions
    always = step.type.always
    return actions if always is None or always in actions else (always, *actions)


def return_targets(workflow: Workflow, state: State, task_id: str, lang: str = "en") -> list[tuple[str, str | None]]:
    """Where the holder of an open task may send the request back to: step ids with their titles, the nearest first, then
    "initiator" with None. [] where the step does not offer it."""
    if "return" not in actions_at(workflow, state, task_id):
        return []
    found = state.find_task(task_id)
    assert found is not None
    before = workflow.surely_before(found[0].step)
    people = [step for step in reversed(before) if workflow.steps[step].type.decided_by_people]
    return [*((step, workflow.title(step, lang)) for step in people), ("initiator", None)]


def may_withdraw(workflow: Workflow, state: State, member: str) -> bool:
    """Whether the member may take the request back now."""
    if state.outcome is not None or member != state.initiator:
        return False
    withdraw = workflow.settings.withdraw
    return withdraw == "anyTime" or (withdraw == "untilFirstDecision" and not state.decided)


def may_resubmit(state: State, member: str) -> bool:
    """Whether the request is with the member, to be submitted again."""
    return state.back is not None and member == state.initiator


def misfits(workflow: Workflow, state: State) -> tuple[str, ...]:
    """The steps with open work that `workflow` lacks, or has in another place or of another kind: () where the process
    can go on under it. In the order in which they were reached, each once."""
    found = [visit.step for number, visit in state.visits.items() if not _fits(workflow, state, number)]
    back = state.back.places if state.back is not None else ()
    found += [place.step for place in back if place.step not in workflow.steps]
    return tuple(dict.fromkeys(found))


def _fits(workflow: Workflow, state: State, number: int) -> bool:
    visit, work = state.visits[number], state.work.get(number)
    step = workflow.steps.get(visit.step)
    if step is None:
        return False
    around = state.visits[visit.parent].step if visit.parent else None
    if step.owner != around or step.branch != visit.branch:
        return False
    if isinstance(work, Seats):
        return step.type.decided_by_people
    return not isinstance(work, Fork) or all(branch < len(step.branches) for branch in work.took)
