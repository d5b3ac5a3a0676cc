"""Moving a running process to another version of its workflow: whether it can, and how it stands there.

What is open must have its place in the new version: the same step, of the same type, inside the same steps. What is
over may be gone. How a process stands after the move is what its events say under the new version; the one thing that
moves are the numbers of branches, which `Migrated` carries, so that a replay goes the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from formloom.form_engine.messages import say

from . import engine
from . import events as e
from .engine import Applied
from .run import utc
from .state import Fork, State
from .tree import Step, Workflow

__all__ = ["Reason", "check", "migrated", "undone"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a process can't be moved: which step is in the way, and a sentence."""

    step: str
    message: str


def check(old: Workflow, new: Workflow, state: State, lang: str = "en") -> list[Reason]:
    """Everything that keeps a process at `state`, under `old`, from going on under `new`; nothing where it can."""
    if state.outcome is not None:
        return []
    reasons = [reason for step, _ in _open(state) if (reason := _place(old, new, step, lang)) is not None]
    if reasons:
        return reasons
    return [
        Reason(step, say(lang, "“{step}” has other branches now.", step=old.title(step, lang)))
        for step, fork in _open(state)
        if fork is not None and _moves(old.steps[step], new, fork) is None
    ]


def migrated(
    old: Workflow, new: Workflow, state: State, happened: Sequence[e.Event], *, by: str, now: datetime, version: int
) -> Applied:
    """The process under `new`, which `check` allows, and the event that says so. `happened` are all its events."""
    moves = {
        step: found
        for step, fork in _open(state)
        if fork is not None and (found := _moves(old.steps[step], new, fork)) is not None
    }
    event = e.Migrated(utc(now), by, version, {step: list(map(list, pairs.items())) for step, pairs in moves.items()})
    return Applied(engine.replay(new, [*happened, event]), (event,))


def undone(old: Workflow, happened: Sequence[e.Event], *, by: str, now: datetime, version: int) -> Applied:
    """The process back under `old`, from which its last event, `Migrated`, took it. Raises ValueError where it is another."""
    last = happened[-1] if happened else None
    if not isinstance(last, e.Migrated):
        raise ValueError("The last event is no move.")
    back = {step: [[after, before] for before, after in pairs] for step, pairs in last.branches.items()}
    event = e.Migrated(utc(now), by, version, back)
    return Applied(engine.replay(old, [*happened, event]), (event,))


def _open(state: State) -> Iterable[tuple[str, Fork | None]]:
    """Every step that is open, or is to be opened again when the request comes back, with the branches it went through."""
    for number, visit in state.visits.items():
        work = state.work.get(number)
        yield visit.step, work if isinstance(work, Fork) else None
    for place in state.back.places if state.back is not None else ():
        yield place.step, place.fork


def _place(old: Workflow, new: Workflow, step_id: str, lang: str) -> Reason | None:
    """Why the step's open work has no place in the new version."""
    title = old.title(step_id, lang)
    step = new.steps.get(step_id)
    if step is None:
        return Reason(step_id, say(lang, "The new version has no step “{step}”, where something is open.", step=title))
    if step.type.name != old.steps[step_id].type.name:
        return Reason(step_id, say(lang, "“{step}” is of another kind now.", step=title))
    if [owner.id for owner, _ in new.around(step_id)] != [owner.id for owner, _ in old.around(step_id)]:
        return Reason(step_id, say(lang, "“{step}” stands elsewhere now.", step=title))
    return None


def _moves(before: Step, new: Workflow, fork: Fork) -> Mapping[int, int] | None:
    """Which branch of the new version is which of those gone through; None where that can't be said.

    A branch is known by its steps; one whose steps are all new, or that has none, by its number. A parallel step must
    not have got a branch, which would never be gone through.
    """
    after = new.steps[before.id]
    moves: dict[int, int] = {}
    for number in fork.took:
        named = {
            new.steps[s].branch
            for s in before.branches[number].steps
            if s in new.steps and new.steps[s].owner == after.id
        }
        if len(named) > 1 or (not named and number >= len(after.branches)):
            return None
        moves[number] = named.pop() if named else number
    if len(set(moves.values())) != len(moves):
        return None
    if after.type.name == "parallel" and len(after.branches) > len(before.branches):
        return None
    return moves
