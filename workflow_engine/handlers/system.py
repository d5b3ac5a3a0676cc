"""What clocks and answers from outside bring."""

from .. import commands as c
from .. import events as e
from ..run import Run


def timer_fired(run: Run, command: c.TimerFired) -> None:
    """A timer fell due: the step does what it set it for."""
    timer = run.draft.timers.get(command.timer)
    if timer is None:
        raise run.refuse("This timer is no longer wanted.")
    if timer.due > run.at:
        raise run.refuse("This timer is not due yet.")
    step = run.workflow.steps[run.draft.visits[timer.visit].step]
    run.emit(e.TimerRang(run.at, command.timer, timer.visit, step.id, timer.purpose))  # type: ignore[arg-type]
    step.type.rang(run, step, timer.visit, timer)


def action_answered(run: Run, command: c.ActionAnswered) -> None:
    """A request was answered: the step that asked goes on."""
    waiting = [number for number in run.draft.work if command.request in run.draft.call(number).requests]
    if not waiting:
        raise run.refuse("Nobody waits for this answer any more.")
    visit = waiting[0]
    step = run.workflow.steps[run.draft.visits[visit].step]
    run.emit(
        e.RequestAnswered(
            run.at, command.request, visit, step.id, command.ok, command.values, command.outcome, command.error
        )
    )
    run.change_record(command.by, step.id, command.record)
    if visit in run.draft.visits:
        step.type.answered(run, step, visit, command)
