"""What a command does to a process: `apply`, total and deterministic.

The same workflow, state, command and context give the same answer: a new state with the events that led to it, or
`Refused` with a reason that a person can read. Nothing is ever half-applied: a refused command has touched nothing, for
it worked on a draft. Who may ask for what stands in `handlers`, what a step does in `steps`.
"""

from collections.abc import Iterable, Mapping

from formloom.form_engine.messages import say

from . import commands as c
from . import events as e
from .blocking import why_blocked
from .choosing import choices as _choices
from .content import Change
from .fold import Draft, fold_all
from .handlers import HANDLERS
from .offers import misfits
from .run import Context, Refusal, Run, Stuck
from .state import State
from .tree import Workflow
from .values import value

__all__ = ["Applied", "Context", "Refused", "apply", "choices", "replay"]


@value
class Applied:
    """The command was done: the next state, and what happened, in order."""

    state: State
    events: tuple[e.Event, ...]


@value
class Refused:
    """The command is not allowed now. `difference` says what changed since the content was shown, where that is why;
    `forbidden` that it is not for whoever asked, now or later."""

    reason: str
    difference: tuple[Change, ...] = ()
    forbidden: bool = False


def apply(workflow: Workflow, state: State | None, command: c.Command, context: Context) -> Applied | Refused:
    """Do `command` to the process at `state` (None: not started yet). Never raises, never half-applies.

    `context.record` is the record as stored before the command.
    """
    run = Run(workflow, _draft(workflow, state), context)
    try:
        _check_phase(run, state, command)
        HANDLERS[type(command)](run, command)
        run.proceed()
    except Refusal as refusal:
        return Refused(refusal.reason, refusal.difference, refusal.forbidden)
    except Stuck as stuck:
        return Refused(why_blocked(stuck.why, stuck.detail, context.lang))
    except LookupError:
        if state is None or not misfits(workflow, state):
            raise
        return Refused(say(context.lang, "The request runs under another version of its workflow."))
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


def _check_phase(run: Run, state: State | None, command: c.Command) -> None:
    """Refuse what makes no sense before the request was submitted, or after it has ended."""
    if isinstance(command, c.Start):
        if state is not None:
            raise run.refuse("The request has already been submitted.")
    elif state is None:
        raise run.refuse("The request has not been submitted yet.")
    elif state.outcome is not None and not isinstance(command, c.Comment):
        raise run.refuse("The request has already ended.")
