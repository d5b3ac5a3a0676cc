"""What somebody could do with a request now, for the buttons of a page. `engine.apply` has the last word."""

from .state import State
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
