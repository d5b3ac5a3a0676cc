"""`end`: the process is over, wherever the step stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..run import Run
from ..tree import Step
from .base import Compiling, StepType


@dataclass(frozen=True, slots=True)
class EndSpec:
    """With which outcome the process ends."""

    outcome: str


class End(StepType):
    """An end step."""

    name = "end"
    ends = True

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> EndSpec:
        """The spec of a step whose document passed its check."""
        return EndSpec(document.get("outcome", "approved"))

    def enter(self, run: Run, step: Step, visit: int) -> None:
        """End the process; open siblings are cancelled."""
        spec: EndSpec = step.spec
        run.close(visit, "done")
        run.end(spec.outcome)
