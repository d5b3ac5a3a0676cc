"""`branch`: the way goes on where a condition over the record holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .. import events as e
from ..operands import name_of, operands
from ..run import Run, Stuck
from ..tree import Branch, Condition, Step
from .base import Compiling, StepType, raw_branches, start_branches

if TYPE_CHECKING:
    from ..checking import Check, Part


@dataclass(frozen=True, slots=True)
class BranchSpec:
    """Exclusive: the first branch that holds; inclusive: all that hold, side by side. `noted` are the parts of the conditions
    whose values are written down, by their names (`operands`)."""

    mode: Literal["exclusive", "inclusive"]
    noted: tuple[tuple[str, Condition], ...] = ()


class BranchStep(StepType):
    """A branch step."""

    name = "branch"

    def branches(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Its `branches`."""
        return raw_branches(document)

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> BranchSpec:
        """The spec of a step whose document passed its check."""
        noted: dict[str, Condition] = {}
        for place, branch in raw_branches(document):
            for part in operands(branch.get("when"), compiling.form):
                name = name_of(part)
                if name and name not in noted:
                    noted[name] = compiling.value(part, f"{pointer}{place}/when")
        return BranchSpec(document.get("mode", "exclusive"), tuple(noted.items()))

    def check(self, part: "Part", check: "Check") -> None:
        """The conditions; and `otherwise` stands last, so once at most."""
        branches = dict(raw_branches(part.document))
        for place, branch in branches.items():
            if "when" in branch:
                check.logic(branch["when"], f"{part.pointer}{place}/when")
            if "otherwise" in branch and place != list(branches)[-1]:
                check.error(f"{part.pointer}{place}/otherwise", "The branch for everything else stands last.")

    def enter(self, run: Run, step: Step, visit: int) -> None:
        """Ask the conditions in order and go into what holds; an exclusive step where nothing does is blocked."""
        spec: BranchSpec = step.spec
        held: list[bool | None] = [None] * len(step.branches)
        took: list[Branch] = []
        for branch in step.branches:
            if branch.when is not None and (spec.mode == "inclusive" or not took):
                held[branch.index] = run.holds(branch.when)
            if held[branch.index] or (branch.otherwise and not took):
                took.append(branch)
        numbers = tuple(branch.index for branch in took)
        if not took and spec.mode == "exclusive":
            raise Stuck("noBranch")
        run.emit(e.BranchTaken(run.at, visit, step.id, numbers, numbers, tuple(held), self._values(run, step)))
        if took:
            start_branches(run, step, visit, tuple(took))
        else:
            run.leave(step, visit, "done")

    def _values(self, run: Run, step: Step) -> dict[str, Any]:
        """What the conditions read, as it was: tables by the number of their rows, and what was made of them."""
        values: dict[str, Any] = {}
        for branch in step.branches:
            for path in branch.when.rule.reads if branch.when is not None else ():
                key = path.partition(".")[0]
                value = run.record.get(key)
                values[key] = len(value) if run.workflow.form.fields[key].logic.kind == "table" and value else value
        for name, part in step.spec.noted:
            try:
                value = run.value(part)
            except Stuck:  # it decided nothing: a condition that it would have decided has blocked the step before
                continue
            if not isinstance(value, list | dict):
                values[name] = value
        return values

    def branch_finished(self, run: Run, step: Step, visit: int) -> None:
        """Go on when all that were taken are through."""
        if not run.draft.fork(visit).open:
            run.leave(step, visit, "done")
