"""Which steps can be reached at all, and what comes out of which list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..tree import Step, Workflow


@dataclass(slots=True)
class Reach:
    """Walks the tree past branches that are `closed` and behind steps that nothing comes out of.

    `explained` are steps whose own finding says why nothing comes out of them. `reached` are the steps that can be
    reached, `lost` the first step of each list, or rest of a list, that cannot and whose reason nothing else says.
    """

    workflow: Workflow
    closed: dict[tuple[str, int], str]
    explained: frozenset[str]
    reached: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)

    def walk(self) -> None:
        """Fill `reached` and `lost`."""
        self._list(self.workflow.root)

    def _list(self, steps: Sequence[str]) -> tuple[bool, bool]:
        """Whether anything comes out of the list; if not, whether another finding says why."""
        for number, step_id in enumerate(steps):
            self.reached.add(step_id)
            comes_out, said = self._through(self.workflow.steps[step_id])
            if comes_out:
                continue
            if not said and number + 1 < len(steps):
                self.lost.append(steps[number + 1])
            return False, said
        return True, False

    def _through(self, step: Step) -> tuple[bool, bool]:
        """Whether the process goes on behind a step; if not, whether another finding says why."""
        if step.id in self.explained:
            for branch in step.branches:
                self._list(branch.steps)
            return False, True
        if step.type.ends:
            return False, False
        if step.type.name == "approval":
            return step.spec.may_end_with("approve"), False
        if not step.branches:
            return True, False
        outcomes = [self._branch(step, branch.index) for branch in step.branches]
        if step.type.name == "parallel" and any(self._ends_at_once(step, branch.index) for branch in step.branches):
            return False, False
        open_ = [comes_out for comes_out, _ in outcomes if comes_out is not None]
        said = any(said for _, said in outcomes)
        if step.type.name == "parallel":
            return sum(open_) >= min(step.spec.needed, len(outcomes)), said
        if step.type.name == "branch" and not may_take_none(step):
            return any(open_), said or not open_
        return True, False

    def _ends_at_once(self, step: Step, index: int) -> bool:
        """Whether a branch ends the process in the moment in which it begins, and those before it can't have met the join."""
        return index < step.spec.needed and at_once(self.workflow, step.branches[index].steps) == "ends"

    def _branch(self, step: Step, index: int) -> tuple[bool | None, bool]:
        """Whether anything comes out of a branch (None: it is never taken); if not, whether another finding says why."""
        why = self.closed.get((step.id, index))
        if why is None:
            return self._list(step.branches[index].steps)
        if why in {"covered", "joined"} and step.branches[index].steps:
            self.lost.append(step.branches[index].steps[0])
        return None, False


def may_take_none(step: Step) -> bool:
    """Whether a branch step goes on where no condition of it holds."""
    return step.spec.mode == "inclusive" and all(branch.when is not None for branch in step.branches)


def never_begun(workflow: Workflow) -> Iterator[tuple[str, int]]:
    """The branches of parallel steps whose join those before them have met before they begin, or one of which has ended
    the process by then."""
    for step in workflow.in_order():
        if step.type.name == "parallel":
            over, ended = 0, False
            for branch in step.branches:
                if ended or over >= step.spec.needed > 0:
                    yield step.id, branch.index
                becomes = at_once(workflow, branch.steps)
                over, ended = over + (becomes == "passes"), ended or becomes == "ends"


def at_once(workflow: Workflow, steps: Sequence[str]) -> Literal["passes", "ends", "waits"]:
    """What becomes of a list of steps in the moment in which it begins, whatever the record is; `waits`: that is not sure."""
    for step_id in steps:
        becomes = _at_once(workflow, workflow.steps[step_id])
        if becomes != "passes":
            return becomes
    return "passes"


def _at_once(workflow: Workflow, step: Step) -> Literal["passes", "ends", "waits"]:
    if step.type.ends:
        return "ends"
    if step.type.name == "notify":
        return "passes"
    inner = {at_once(workflow, branch.steps) for branch in step.branches}
    if step.type.name == "branch" and len(inner) == 1 and any(branch.when is None for branch in step.branches):
        return inner.pop()
    return "waits"
