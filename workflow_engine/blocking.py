"""What a waiting process waits for, since when, and who can move it: said on its page, never silent."""

from dataclasses import dataclass

from formloom.form_engine.messages import listed, say

from .directory import Directory
from .state import Seats, State, Visit
from .tree import Workflow

_WHY = {
    "nobody": "Nobody was found who could do this. An administrator can add people, then retry, or jump to another step.",
    "noBranch": "No branch fits the request. An administrator can correct the request, then retry, or jump to another step.",
    "failed": "The action failed: {detail}",
    "unreadable": "A condition could not be computed: {detail}",
    "circle": "The step rejects by itself again and again. An administrator must help.",
    "noDate": "The date that is waited for is blank. An administrator can correct the request, then retry.",
    "crowd": "{detail} people would have this task at once, which is more than this installation allows. "
    "An administrator must jump to another step.",
    "join": "The step waits for more branches than there are. An administrator must jump to another step.",
}

_SOMETHING = "Waits for a time or a change."


def why_blocked(why: str, detail: str, lang: str) -> str:
    """The sentence for a blocked step."""
    return say(lang, _WHY[why], detail=detail)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that the process waits for. `who` can move it, by member id; () where only time or an answer can.

    `step` is None while the request is with its initiator. `until` is when time moves it on, if it does.
    """

    step: str | None
    why: str
    since: str
    who: tuple[str, ...]
    blocked: bool = False
    until: str | None = None


def waiting(workflow: Workflow, state: State, directory: Directory, lang: str = "en") -> tuple[Waiting, ...]:
    """Everything the process waits for now; () exactly when it has ended."""
    if state.back is not None:
        return (_with_initiator(state.initiator, state.back.since, directory, lang),)
    parents = {visit.parent for visit in state.visits.values()}
    return tuple(
        _waiting(workflow, state, visit, directory, lang)
        for visit in state.visits.values()
        if visit.number not in parents
    )


def _with_initiator(initiator: str, since: str, directory: Directory, lang: str) -> Waiting:
    if directory.active(initiator):
        why = say(lang, "The request came back: its initiator submits it again or withdraws it.")
        return Waiting(None, why, since, (initiator,))
    left = "The request came back to {name}, who has left. An administrator can jump to a step or terminate it."
    return Waiting(None, say(lang, left, name=directory.name(initiator)), since, directory.admins(), blocked=True)


def _with_holders(visit: Visit, holders: tuple[str, ...], directory: Directory, lang: str) -> Waiting:
    names = listed(lang, map(directory.name, holders))
    there = tuple(member for member in holders if directory.active(member))
    if there:
        return Waiting(visit.step, say(lang, "Waits for {names}.", names=names), visit.since, there, until=visit.due)
    left = "Waits for {names}, who left. An administrator can give the task to somebody else."
    why = say(lang, left, names=names)
    return Waiting(visit.step, why, visit.since, directory.admins(), blocked=True, until=visit.due)


def _waiting(workflow: Workflow, state: State, visit: Visit, directory: Directory, lang: str) -> Waiting:
    if visit.block is not None:
        why = why_blocked(visit.block.why, visit.block.detail, lang)
        return Waiting(visit.step, why, visit.block.since, directory.admins(), blocked=True)
    timers = {timer.due: timer.purpose for timer in state.timers.values() if timer.visit == visit.number}
    work = state.work.get(visit.number)
    if isinstance(work, Seats):
        members = tuple(dict.fromkeys(task.member for task in work.tasks))
        return _with_holders(visit, members, directory, lang)
    until = min(timers, default=None)
    if until is not None and timers[until] == "retry":
        return Waiting(visit.step, say(lang, "It failed and will be tried again."), visit.since, (), until=until)
    step = workflow.steps.get(visit.step)
    why = step.type.waits_for(step, workflow.form, lang) if step is not None else say(lang, _SOMETHING)
    return Waiting(visit.step, why, visit.since, (), until=until)
