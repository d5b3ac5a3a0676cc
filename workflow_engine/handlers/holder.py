"""What whoever has a task may ask for, and whoever they delegated it to."""

from typing import get_args

from formloom.form_engine.messages import say
from formloom.form_engine.record import content_hash

from .. import commands as c
from .. import events as e
from ..content import difference
from ..entitlement import against_deciding, against_own_request, title_of
from ..run import Refusal, Run
from ..state import Task, Visit
from ..steps.people import PeopleStep
from ..tree import Step
from .tasks import check_taker, find_open_task

DECISIONS = frozenset(get_args(c.Action))


def decide(run: Run, command: c.Decide) -> None:
    """Say yes or no, or send the request back."""
    visit, task, step, type_ = _own_task(run, command.task, command.by, command.action)
    if command.action not in DECISIONS:  # what else a step offers, a transfer say, decides nothing
        raise run.refuse("“{step}” does not offer that.", step=title_of(run, step.id))
    refusal = against_deciding(run, step, command.by)
    if refusal is not None:
        raise refusal
    _same_content(run, command)
    run.change_record(command.by, step.id, command.record, command.comment)
    if visit.number not in run.draft.visits:
        return
    if command.action == "return":
        target = command.target or "initiator"
        if target != "initiator" and target not in run.workflow.surely_before(step.id):
            raise run.refuse("The request cannot go back to “{step}” from here.", step=title_of(run, target))
        run.emit(
            e.TaskDecided(
                run.at, task.id, visit.number, step.id, task.member, command.by, "return", target, command.comment
            )
        )
        run.go_back(step, visit.number, target, command.by, "returned")
    else:
        type_.decide(run, step, visit, task, command.by, command.action, command.comment)


def transfer(run: Run, command: c.Transfer) -> None:
    """Give the task to somebody else."""
    visit, task, step, type_ = _own_task(run, command.task, command.by, "transfer")
    check_taker(run, visit, step, command.to)
    type_.hand_over(run, visit, task, command.to, command.by, "transfer", command.comment)


def add_signer(run: Run, command: c.AddSigner) -> None:
    """Ask somebody to sign too."""
    visit, task, step, type_ = _own_task(run, command.task, command.by, "addSigner")
    if command.place not in ("before", "after", "beside"):
        raise run.refuse("A signer is added before, after or beside.")
    check_taker(run, visit, step, command.member)
    number, member, place = visit.number, command.member, command.place
    run.emit(e.SignerAdded(run.at, task.id, number, step.id, task.seat, member, place, command.by, command.comment))
    if place == "before":
        run.emit(e.TaskClosed(run.at, task.id, number, step.id, task.member, "signerFirst"))
    type_.settle(run, step, number)


def _own_task(run: Run, task_id: str, by: str, action: str) -> tuple[Visit, Task, Step, PeopleStep]:
    """The task, if `by` may do `action` with it: it is theirs, or its holder's delegate they are, and the step offers it."""
    visit, task, step, type_ = find_open_task(run, task_id)
    if by != task.member and by not in run.context.delegates.get(task.member, ()):
        raise run.forbid("This is the task of {name}.", name=run.context.directory.name(task.member))
    refusal = against_own_request(run, step, by) if by != task.member else None
    if refusal is not None:
        raise refusal
    if action not in step.spec.actions and action != type_.always:
        raise run.refuse("“{step}” does not offer that.", step=title_of(run, step.id))
    return visit, task, step, type_


def _same_content(run: Run, command: c.Decide) -> None:
    context = run.context
    if command.content is None or command.content == content_hash(context.record):
        return
    changes = difference(run.workflow, context.shown, context.record, context.lang) if context.shown is not None else ()
    raise Refusal(
        say(context.lang, "The request has changed since you opened it. Look at it again before you decide."), changes
    )
