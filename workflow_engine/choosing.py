"""Whom the initiator may choose where a workflow lets them choose approvers, and checking what they chose."""

from collections.abc import Mapping

from .assignment import ChosenBy
from .run import Run
from .tree import Step


def choices(run: Run) -> Mapping[str, tuple[str, ...]]:
    """By step: everybody that may be chosen for it, in order. `run` knows the record and who starts."""
    return {
        step.id: entry.may_choose(run.scope(step.id))
        for step in run.workflow.in_order()
        if (entry := _entry(step)) is not None
    }


def check_choice(run: Run, step_id: str, members: tuple[str, ...]) -> None:
    """Refuse a choice that the workflow does not offer."""
    step = run.workflow.steps.get(step_id)
    entry = _entry(step) if step is not None else None
    if entry is None:
        raise run.refuse("At “{step}” nobody is to be chosen.", step=step_id)
    allowed = entry.may_choose(run.scope(step_id))
    for member in members:
        if member not in allowed:
            name, title = run.context.directory.name(member), run.workflow.title(step_id, run.context.lang)
            raise run.refuse("{name} cannot be chosen for “{step}”.", name=name, step=title)


def _entry(step: Step) -> ChosenBy | None:
    return step.spec.assignees.chosen if step.type.decided_by_people else None
