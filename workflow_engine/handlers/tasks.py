"""Finding an open task, and making sure that somebody may have it: what several commands ask."""

from ..entitlement import against_taking
from ..run import Run
from ..state import Task, Visit, find_task
from ..steps.people import PeopleStep
from ..tree import Step


def find_open_task(run: Run, task_id: str) -> tuple[Visit, Task, Step, PeopleStep]:
    """An open task with its visit and step, and the step's type. Raises Refusal if it is no longer open."""
    found = find_task(run.draft.visits, run.draft.work, task_id)
    if found is None:
        raise run.refuse("This task is no longer open.")
    visit, task = found
    step = run.workflow.steps[visit.step]
    assert isinstance(step.type, PeopleStep)
    return visit, task, step, step.type


def check_taker(run: Run, visit: Visit, step: Step, member: str) -> None:
    """Refuse to give a task of this visit to somebody who may not have it."""
    refusal = against_taking(run, step, visit, member)
    if refusal is not None:
        raise refusal
