"""Finding an open task, and who may have it: what several commands ask."""

from ..run import Run
from ..state import Task, Visit, find_task
from ..steps.people import PeopleStep, sits
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


def not_barred(run: Run, step: Step, by: str) -> None:
    """Refuse whoever separation of duties keeps from `step`."""
    not_doers = step.spec.not_doers
    if not_doers and by in run.barred(not_doers):
        steps = ", ".join("“" + title_of(run, other) + "”" for other in not_doers)
        raise run.refuse("Whoever took part in {steps} may not do “{step}”.", steps=steps, step=title_of(run, step.id))


def not_own(run: Run, step: Step, by: str) -> None:
    """Nobody gets at an approval of their own request by the back door where `ownRequest` keeps them from it."""
    if by == run.draft.initiator and step.type.decides and run.workflow.settings.own != "decide":
        raise run.refuse("Whoever submitted the request may not decide it at “{step}”.", step=title_of(run, step.id))


def may_take(run: Run, visit: Visit, step: Step, member: str) -> None:
    """Refuse to give a task at `step` to somebody who may not have it, or takes part already."""
    directory = run.context.directory
    name = directory.name(member)
    if not directory.active(member):
        raise run.refuse("{name} is no active member.", name=name)
    if sits(run.draft.seats(visit.number), member):
        raise run.refuse("{name} already takes part in “{step}”.", name=name, step=title_of(run, step.id))
    not_barred(run, step, member)
    not_own(run, step, member)


def title_of(run: Run, step_id: str) -> str:
    """What the reader calls a step."""
    return run.workflow.title(step_id, run.context.lang) if step_id in run.workflow.steps else step_id
