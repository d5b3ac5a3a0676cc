"""The path of a request as a page shows it: what was done, what is open, and what lies ahead if everybody says yes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from . import events as e
from . import simulate
from .run import Context
from .state import State
from .trail import Decision, Entry, Narrator, Trail
from .tree import Workflow

Result = Literal[
    "approved", "rejected", "returned", "skipped", "done", "cancelled", "blocked", "open", "ahead"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PathStep:
    """One visit of a step. `people` are member ids; times are ISO 8601 in UTC (of what lies ahead `at` is None).

    `kind` is the step's type; `depth` how many branch and parallel steps stand around it; `comment` what was said last.
    """

    step: str
    title: str
    kind: str
    result: Result
    people: tuple[str, ...]
    because: str
    at: str | None
    left_at: str | None = None
    due: str | None = None
    decisions: tuple[Decision, ...] = ()
    comment: str | None = None
    depth: int = 0


def path(workflow: Workflow, state: State, happened: Iterable[e.Event], context: Context) -> list[PathStep]:
    """Every visit of the process so far, in the order in which they were reached, then what lies ahead of it.

    `happened` are all its events. What lies ahead is a dry run from here: over the record as it is, with the people of
    today.
    """
    trail = Trail()
    trail.add(happened)
    narrator = Narrator(workflow, context.directory, context.lang)
    done = [_path_step(workflow, entry, narrator, ahead=False) for entry in trail.entries]
    if state.outcome is not None:
        return done
    coming = simulate.go_on(workflow, state, context).entries
    return done + [_path_step(workflow, entry, narrator, ahead=True) for entry in coming if entry.visit > state.number]


def _path_step(workflow: Workflow, entry: Entry, narrator: Narrator, *, ahead: bool) -> PathStep:
    said = [decision.comment for decision in entry.decisions if decision.comment]
    known = entry.step in workflow.steps  # a step of an older version may be gone
    result: Result = "ahead" if ahead else entry.result  # type: ignore[assignment]
    return PathStep(
        entry.step,
        workflow.title(entry.step, narrator.lang) if known else entry.step,
        workflow.steps[entry.step].type.name if known else "gone",
        result,
        tuple(entry.assignees),
        _because(entry, narrator, ahead=ahead),
        None if ahead else entry.at,
        entry.left_at if not ahead else None,
        entry.due,
        () if ahead else tuple(entry.decisions),
        said[-1] if said and not ahead else None,
        sum(1 for _ in workflow.around(entry.step)) if known else 0,
    )


def _because(entry: Entry, narrator: Narrator, *, ahead: bool) -> str:
    if entry.held and entry.result != "blocked":
        return narrator.way(entry)
    return narrator.ahead(entry) if ahead else narrator.because(entry)
