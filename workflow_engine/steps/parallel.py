"""`parallel`: all branches at once, and a join that waits for all, one or some of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import events as e
from ..run import Run
from ..tree import Step
from .base import Compiling, StepType, raw_branches, start_branches


@dataclass(frozen=True, slots=True)
class ParallelSpec:
    """How many branches the join waits for, and of how many."""

    needed: int
    branches: int


class Parallel(StepType):
    """A parallel step."""

    name = "parallel"

    def branches(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Its `branches`."""
        return raw_branches(document)

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> ParallelSpec:
        """The spec of a step whose document passed its check."""
        total = len(document["branches"])
        join = document.get("join", "all")
        return ParallelSpec({"all": total, "any": 1}[join] if isinstance(join, str) else int(join), total)

    def joins_all(self, spec: ParallelSpec) -> bool:
        """Whether the join waits for every branch."""
        return spec.needed >= spec.branches

    def towards(self, step: Step, branch: int) -> tuple[int, ...]:
        """All of them."""
        return tuple(branch.index for branch in step.branches)

    def enter(self, run: Run, step: Step, visit: int) -> None:
        """Go into all branches, in document order."""
        everything = self.towards(step, 0)
        run.emit(e.BranchTaken(run.at, visit, step.id, everything, everything))
        start_branches(run, step, visit, step.branches)

    def branch_finished(self, run: Run, step: Step, visit: int) -> None:
        """Go on when the join is met, cancelling the rest; one that asks for more branches than there are blocks."""
        spec: ParallelSpec = step.spec
        work = run.draft.fork(visit)
        if len(work.took) - len(work.open) >= spec.needed:
            run.cancel_inside(visit)
            run.leave(step, visit, "done")
        elif not work.open:
            run.block(visit, step.id, "join")
