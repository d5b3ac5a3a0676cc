"""How far a request is, as small marks: one for each step at which people do something."""

from collections.abc import Sequence
from dataclasses import dataclass

from formloom.platform.runtime import Caller
from formloom.platform.services import requests
from formloom.workflow_engine.path import PathStep

PEOPLE = ("approval", "fill")
OVER = {"rejected": "bad", "blocked": "bad", "open": "now", "ahead": "", "cancelled": ""}


@dataclass(frozen=True, slots=True)
class Progress:
    """`states`: done, now, bad or "" (ahead) for each step; `now` counts from 1."""

    states: tuple[str, ...]
    now: int

    @property
    def total(self) -> int:
        """How many steps there are, as far as is known."""
        return len(self.states)


def progress_of(caller: Caller, process_id: str) -> Progress:
    """How far a request of the caller's is.

    Raises:
        NotFound: there is no such request, or none that the caller sees.
    """
    return progress(requests.request(caller, process_id).path)


def progress(path: Sequence[PathStep]) -> Progress:
    """The marks of a path. A step that was visited again after a return is one step, in its latest state."""
    latest: dict[str, str] = {}
    for step in path:
        if step.kind in PEOPLE and step.result not in ("returned", "cancelled"):
            latest.pop(step.step, None)
            latest[step.step] = OVER.get(step.result, "done")
    states = tuple(latest.values())
    done = sum(state in ("done", "bad") for state in states)
    return Progress(states, min(done + 1, len(states)))
