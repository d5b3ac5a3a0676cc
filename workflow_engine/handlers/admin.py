"""What an admin may ask for."""

from .. import commands as c
from .. import events as e
from ..entitlement import title_of
from ..run import Run
from .tasks import check_taker, find_open_task


def _only_admin(run: Run, by: str) -> None:
    if by not in run.context.directory.admins():
        raise run.forbid("Only an administrator may do this.")


def reassign(run: Run, command: c.Reassign) -> None:
    """Give anybody's task to somebody."""
    _only_admin(run, command.by)
    visit, task, step, type_ = find_open_task(run, command.task)
    check_taker(run, visit, step, command.to)
    type_.hand_over(run, visit, task, command.to, command.by, "reassign", command.comment)


def terminate(run: Run, command: c.Terminate) -> None:
    """End the process."""
    _only_admin(run, command.by)
    run.end("terminated", command.by, command.comment)


def retry(run: Run, command: c.Retry) -> None:
    """Let a blocked step try again."""
    _only_admin(run, command.by)
    visit = next((v for v in run.draft.visits.values() if v.step == command.step), None)
    if visit is None or visit.block is None:
        raise run.refuse("“{step}” is not blocked.", step=title_of(run, command.step))
    run.emit(e.Retried(run.at, visit.number, visit.step, command.by, command.comment))
    run.work(run.workflow.steps[visit.step], visit.number)


def jump(run: Run, command: c.Jump) -> None:
    """Put the process at a step."""
    _only_admin(run, command.by)
    step = run.workflow.steps.get(command.step)
    if step is None:
        raise run.refuse("There is no step “{step}”.", step=command.step)
    run.emit(e.Jumped(run.at, command.by, step.id, command.comment))
    run.jump(step)


def correct(run: Run, command: c.Correct) -> None:
    """Change the record by another door than a task."""
    if run.workflow.settings.lock:
        _only_admin(run, command.by)
    run.change_record(command.by, None, command.record, command.comment)
