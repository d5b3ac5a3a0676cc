"""`notify`: people are told; nothing is waited for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import events as e
from ..assignment import People
from ..run import Run
from ..tree import Step
from .base import Compiling, StepType

if TYPE_CHECKING:
    from ..checking import Check, Part


@dataclass(frozen=True, slots=True)
class NotifySpec:
    """Whom to tell, and what."""

    to: People
    message: str | None


class Notify(StepType):
    """A notify step."""

    name = "notify"

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> NotifySpec:
        """The spec of a step whose document passed its check."""
        return NotifySpec(compiling.people(document["to"], f"{pointer}/to"), document.get("message"))

    def check(self, part: "Part", check: "Check") -> None:
        """Who is told."""
        check.people(part.document.get("to"), f"{part.pointer}/to", part)

    def enter(self, run: Run, step: Step, visit: int) -> None:
        """Tell them, and go on."""
        spec: NotifySpec = step.spec
        run.emit(e.Notified(run.at, visit, step.id, run.find(spec.to, step.id), spec.message))
        run.leave(step, visit, "done")
