"""What a waiting process waits for, since when, and who can move it: said on its page, never silent."""

from dataclasses import dataclass

from formloom.form_engine.messages import say

from .directory import Directory
from .state import Call, Seats, State, Visit, Work

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


def why_blocked(why: str, detail: str, lang: str) -> str:
    """The sentence for a blocked step."""
    return say(lang, _WHY[why], detail=detail)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that the process waits for. `who` can move it, by member id; [] where only time or an answer can.

    `step` is None while the request is with its initiator.
    """

    step: str | None
    why: str
    since: str
    who: tuple[str, ...]
    blocked: bool = False


def waiting(state: State, directory: Directory, lang: str = "en") -> tuple[Waiting, ...]:
    """Everything the process waits for now; () exactly when it has ended."""
    if state.back is not None:
        why = say(lang, "The request came back: its initiator submits it again or withdraws it.")
        return (Waiting(None, why, state.back.since, (state.initiator,)),)
    parents = {visit.parent for visit in state.visits.values()}
    return tuple(
        _waiting(visit, state.work.get(visit.number), directory, lang)
        for visit in state.visits.values()
        if visit.number not in parents
    )


def _waiting(visit: Visit, work: Work | None, directory: Directory, lang: str) -> Waiting:
    if visit.block is not None:
        why = why_blocked(visit.block.why, visit.block.detail, lang)
        return Waiting(visit.step, why, visit.block.since, directory.admins(), blocked=True)
    match work:
        case Seats(tasks=tasks):
            members = tuple(dict.fromkeys(task.member for task in tasks))
            names = ", ".join(directory.name(member) for member in members)
            return Waiting(visit.step, say(lang, "Waits for {names}.", names=names), visit.since, members)
        case Call():
            return Waiting(visit.step, say(lang, "Waits for the answer to an action."), visit.since, ())
        case _:
            return Waiting(visit.step, say(lang, "Waits for a time or a change."), visit.since, ())
