"""What a command does to a process: `apply`, total and deterministic.

The same workflow, state, command and context give the same answer: a new state with the events that led to it, or
`Refused` with a reason that a person can read. Nothing is ever half-applied: a refused command has touched nothing, for
it worked on a draft. What a step does is its type's business (`steps`); here stands who may ask for what.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from formloom.form_engine.messages import say
from formloom.form_engine.record import content_hash

from . import commands as c
from . import events as e
from .blocking import why_blocked
from .choosing import check_choice
from .choosing import choices as _choices
from .content import Change, difference
from .fold import Draft, fold_all
from .run import Context, Refusal, Run, Stuck
from .state import Fork, Place, State, Task, Visit, find_task
from .steps.people import PeopleStep, sits
from .tree import Step, Workflow
from .values import value

__all__ = ["Applied", "Context", "Refused", "apply", "choices", "replay"]


@value
class Applied:
    """The command was done: the next state, and what happened, in order."""

    state: State
    events: tuple[e.Event, ...]


@value
class Refused:
    """The command is not allowed now. `difference` says what changed since the content was shown, where that is why."""

    reason: str
    difference: tuple[Change, ...] = ()


def apply(workflow: Workflow, state: State | None, command: c.Command, context: Context) -> Applied | Refused:
    """Do `command` to the process at `state` (None: not started yet). Never raises, never half-applies.

    `context.record` is the record as stored before the command.
    """
    run = Run(workflow, _draft(workflow, state), context)
    try:
        if isinstance(command, c.Start):
            _start(run, state, command)
        else:
            if state is None:
                raise run.refuse("The request has not been submitted yet.")
            if state.outcome is not None and not isinstance(command, c.Comment):
                raise run.refuse("The request has already ended.")
            HANDLERS[type(command)](run, command)
        run.proceed()
    except Refusal as refusal:
        return Refused(refusal.reason, refusal.difference)
    except Stuck as stuck:
        return Refused(why_blocked(stuck.why, stuck.detail, context.lang))
    return Applied(run.draft.freeze(), tuple(run.events))


def choices(workflow: Workflow, initiator: str, context: Context) -> Mapping[str, tuple[str, ...]]:
    """Whom `initiator` is to choose when they submit: by step, everybody that may be chosen for it."""
    draft = _draft(workflow, None)
    draft.initiator = initiator
    return _choices(Run(workflow, draft, context))


def replay(workflow: Workflow, happened: Iterable[e.Event]) -> State:
    """The state to which the events lead; asks nobody."""
    return fold_all(_draft(workflow, None), happened)


def _draft(workflow: Workflow, state: State | None) -> Draft:
    settings = workflow.settings
    return Draft(state, workflow.remembered, settings.repeat, settings.resubmit == "fromReturningStep")


# the initiator


def _start(run: Run, state: State | None, command: c.Start) -> None:
    workflow = run.workflow
    if state is not None:
        raise run.refuse("The request has already been submitted.")
    run.draft.initiator = command.by
    if workflow.who is not None and command.by not in run.find(workflow.who, ""):
        raise run.refuse("You may not submit this request.")
    for step_id, members in command.chosen.items():
        check_choice(run, step_id, members)
    run.emit(e.ProcessStarted(run.at, command.by, {step: list(members) for step, members in command.chosen.items()}))
    run.push(workflow.first, 0, 0)


def _withdraw(run: Run, command: c.Withdraw) -> None:
    _only_initiator(run, command.by, "withdraw")
    withdraw = run.workflow.settings.withdraw
    if withdraw == "never":
        raise run.refuse("Requests of this kind cannot be withdrawn.")
    if withdraw == "untilFirstDecision" and run.draft.decided:
        raise run.refuse("The request can no longer be withdrawn: somebody has already decided.")
    run.end("withdrawn", command.by, command.comment)


def _resubmit(run: Run, command: c.Resubmit) -> None:
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


def _urge(run: Run, command: c.Urge) -> None:
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
        raise run.refuse(_FOR_INITIATOR[verb])


def _comment(run: Run, command: c.Comment) -> None:
    if not command.text.strip():
        raise run.refuse("A comment must say something.")
    run.emit(e.Commented(run.at, command.by, command.text, command.task))


# whoever has a task


def _decide(run: Run, command: c.Decide) -> None:
    visit, task, step, type_ = _own_task(run, command.task, command.by, command.action)
    _not_barred(run, step, command.by)
    _same_content(run, command)
    run.change_record(command.by, step.id, command.record, command.comment)
    if visit.number not in run.draft.visits:
        return
    if command.action == "return":
        target = command.target or "initiator"
        if target != "initiator" and target not in run.workflow.surely_before(step.id):
            raise run.refuse("The request cannot go back to “{step}” from here.", step=_name(run, target))
        run.emit(
            e.TaskDecided(
                run.at, task.id, visit.number, step.id, task.member, command.by, "return", target, command.comment
            )
        )
        run.go_back(step, visit.number, target, command.by, "returned")
    else:
        type_.decide(run, step, visit, task, command.by, command.action, command.comment)


def _transfer(run: Run, command: c.Transfer) -> None:
    visit, task, step, type_ = _own_task(run, command.task, command.by, "transfer")
    _may_take(run, visit, step, command.to)
    type_.hand_over(run, visit, task, command.to, command.by, "transfer", command.comment)


def _add_signer(run: Run, command: c.AddSigner) -> None:
    visit, task, step, type_ = _own_task(run, command.task, command.by, "addSigner")
    if command.place not in ("before", "after", "beside"):
        raise run.refuse("A signer is added before, after or beside.")
    _may_take(run, visit, step, command.member)
    number, member, place = visit.number, command.member, command.place
    run.emit(e.SignerAdded(run.at, task.id, number, step.id, task.seat, member, place, command.by, command.comment))
    if place == "before":
        run.emit(e.TaskClosed(run.at, task.id, number, step.id, task.member, "signerFirst"))
    type_.settle(run, step, number)


def _own_task(run: Run, task_id: str, by: str, action: str) -> tuple[Visit, Task, Step, PeopleStep]:
    """The task, if `by` may do `action` with it: it is theirs, or its holder's delegate they are, and the step offers it."""
    visit, task, step, type_ = _task(run, task_id)
    if by != task.member and by not in run.context.delegates.get(task.member, ()):
        raise run.refuse("This is the task of {name}.", name=run.context.directory.name(task.member))
    if by != task.member:
        _not_own(run, step, by)
    if action not in step.spec.actions and action != type_.always:
        raise run.refuse("“{step}” does not offer that.", step=_name(run, step.id))
    return visit, task, step, type_


def _task(run: Run, task_id: str) -> tuple[Visit, Task, Step, PeopleStep]:
    found = find_task(run.draft.visits, run.draft.work, task_id)
    if found is None:
        raise run.refuse("This task is no longer open.")
    visit, task = found
    step = run.workflow.steps[visit.step]
    assert isinstance(step.type, PeopleStep)
    return visit, task, step, step.type


def _not_barred(run: Run, step: Step, by: str) -> None:
    not_doers = step.spec.not_doers
    if not_doers and by in run.barred(not_doers):
        steps = ", ".join("“" + _name(run, other) + "”" for other in not_doers)
        raise run.refuse("Whoever took part in {steps} may not do “{step}”.", steps=steps, step=_name(run, step.id))


def _not_own(run: Run, step: Step, by: str) -> None:
    """Nobody gets at an approval of their own request by the back door where `ownRequest` keeps them from it."""
    if by == run.draft.initiator and step.type.decides and run.workflow.settings.own != "decide":
        raise run.refuse("Whoever submitted the request may not decide it at “{step}”.", step=_name(run, step.id))


def _same_content(run: Run, command: c.Decide) -> None:
    context = run.context
    if command.content is None or command.content == content_hash(context.record):
        return
    changes = difference(run.workflow, context.shown, context.record, context.lang) if context.shown is not None else ()
    raise Refusal(
        say(context.lang, "The request has changed since you opened it. Look at it again before you decide."), changes
    )


def _may_take(run: Run, visit: Visit, step: Step, member: str) -> None:
    directory = run.context.directory
    name = directory.name(member)
    if not directory.active(member):
        raise run.refuse("{name} is no active member.", name=name)
    if sits(run.draft.seats(visit.number), member):
        raise run.refuse("{name} already takes part in “{step}”.", name=name, step=_name(run, step.id))
    _not_barred(run, step, member)
    _not_own(run, step, member)


def _name(run: Run, step_id: str) -> str:
    return run.workflow.title(step_id, run.context.lang) if step_id in run.workflow.steps else step_id


# admins


def _only_admin(run: Run, by: str) -> None:
    if by not in run.context.directory.admins():
        raise run.refuse("Only an administrator may do this.")


def _reassign(run: Run, command: c.Reassign) -> None:
    _only_admin(run, command.by)
    visit, task, step, type_ = _task(run, command.task)
    _may_take(run, visit, step, command.to)
    type_.hand_over(run, visit, task, command.to, command.by, "reassign", command.comment)


def _terminate(run: Run, command: c.Terminate) -> None:
    _only_admin(run, command.by)
    run.end("terminated", command.by, command.comment)


def _retry(run: Run, command: c.Retry) -> None:
    _only_admin(run, command.by)
    visit = next((v for v in run.draft.visits.values() if v.step == command.step), None)
    if visit is None or visit.block is None:
        raise run.refuse("“{step}” is not blocked.", step=_name(run, command.step))
    run.emit(e.Retried(run.at, visit.number, visit.step, command.by, command.comment))
    run.work(run.workflow.steps[visit.step], visit.number)


def _jump(run: Run, command: c.Jump) -> None:
    _only_admin(run, command.by)
    step = run.workflow.steps.get(command.step)
    if step is None:
        raise run.refuse("There is no step “{step}”.", step=command.step)
    run.emit(e.Jumped(run.at, command.by, step.id, command.comment))
    run.jump(step)


def _correct(run: Run, command: c.Correct) -> None:
    if run.workflow.settings.lock:
        _only_admin(run, command.by)
    run.change_record(command.by, None, command.record, command.comment)


# clocks and answers


def _timer_fired(run: Run, command: c.TimerFired) -> None:
    timer = run.draft.timers.get(command.timer)
    if timer is None:
        raise run.refuse("This timer is no longer wanted.")
    if timer.due > run.at:
        raise run.refuse("This timer is not due yet.")
    step = run.workflow.steps[run.draft.visits[timer.visit].step]
    run.emit(e.TimerRang(run.at, command.timer, timer.visit, step.id, timer.purpose))  # type: ignore[arg-type]
    step.type.rang(run, step, timer.visit, timer)


def _action_answered(run: Run, command: c.ActionAnswered) -> None:
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


HANDLERS: dict[type[c.Command], Callable[[Run, Any], None]] = {
    c.Decide: _decide,
    c.Transfer: _transfer,
    c.AddSigner: _add_signer,
    c.Comment: _comment,
    c.Withdraw: _withdraw,
    c.Resubmit: _resubmit,
    c.Urge: _urge,
    c.Reassign: _reassign,
    c.Jump: _jump,
    c.Terminate: _terminate,
    c.Retry: _retry,
    c.Correct: _correct,
    c.TimerFired: _timer_fired,
    c.ActionAnswered: _action_answered,
}
