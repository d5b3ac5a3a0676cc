"""`action`: the system does something, and the process waits for the answer, tries again, or takes the error path."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from formloom.form_engine.definition import Form
from formloom.form_engine.messages import say

from .. import events as e
from ..calendar import Duration, duration
from ..commands import ActionAnswered
from ..run import Run
from ..state import Timer
from ..tree import Step
from .base import Compiling, StepType, start_branches
from .doing import Doing, Webhook, check_doing, compile_doing

if TYPE_CHECKING:
    from ..checking import Check, Part


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What is done, how long its answer may take, how often it is tried again, and what follows when it has failed."""

    doing: Doing
    timeout: Duration | None
    times: int
    retry_after: Duration | None
    on_error: Literal["block", "continue", "steps"]


class Action(StepType):
    """An action step. Its error path is its one branch."""

    name = "action"

    def branches(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The error path, if it has one."""
        on_error = document.get("onError")
        if isinstance(on_error, Mapping):
            yield "/onError", on_error

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> ActionSpec:
        """The spec of a step whose document passed its check."""
        retry, on_error = document.get("retry"), document.get("onError", "block")
        return ActionSpec(
            compile_doing(document["do"], f"{pointer}/do", compiling),
            duration(document["timeout"]) if "timeout" in document else None,
            int(retry["times"]) if retry else 0,
            duration(retry["after"]) if retry else None,
            on_error if isinstance(on_error, str) else "steps",  # type: ignore[arg-type]
        )

    def check(self, part: "Part", check: "Check") -> None:
        """What is done must be possible: forms, fields, logic."""
        check_doing(part, check)

    def changes(self, step: Step) -> frozenset[str]:
        """What is done to the record itself."""
        spec: ActionSpec = step.spec
        return spec.doing.changes()

    def enter(self, run: Run, step: Step, visit: int) -> None:
        """Ask for it."""
        spec: ActionSpec = step.spec
        request = f"{visit}.{run.draft.call(visit).attempts + 1}"
        run.emit(spec.doing.request(run, visit, step.id, request))
        if spec.timeout is not None:
            run.set_timer(visit, step.id, "timeout", run.context.calendar.after(run.context.now, spec.timeout))

    def waits_for(self, step: Step, form: Form, lang: str) -> str:
        """The answer; from whom, where that is a call."""
        spec: ActionSpec = step.spec
        if isinstance(spec.doing, Webhook):
            host = urlsplit(spec.doing.url).hostname or spec.doing.url
            return say(lang, "Waits for the answer of {host}.", host=host)
        return say(lang, "Waits for the answer to an action.")

    def answered(self, run: Run, step: Step, visit: int, answer: ActionAnswered) -> None:
        """Go on, or see to the failure."""
        if answer.ok:
            run.leave(step, visit, "done")
        else:
            self._failed(run, step, visit, answer.error or "")

    def rang(self, run: Run, step: Step, visit: int, timer: Timer) -> None:
        """The time for the answer is over, or the time to try again has come."""
        if timer.purpose == "retry":
            run.work(step, visit)
            return
        request = run.draft.call(visit).requests[-1]
        run.emit(e.RequestAnswered(run.at, request, visit, step.id, False, error="timeout"))
        self._failed(run, step, visit, "timeout")

    def _failed(self, run: Run, step: Step, visit: int, error: str) -> None:
        spec: ActionSpec = step.spec
        run.cancel_timers(visit)
        if spec.retry_after is not None and run.draft.call(visit).attempts <= spec.times:
            run.set_timer(visit, step.id, "retry", run.context.calendar.after(run.context.now, spec.retry_after))
        elif spec.on_error == "continue":
            run.leave(step, visit, "done")
        elif spec.on_error == "steps":
            run.emit(e.BranchTaken(run.at, visit, step.id, (0,), (0,)))
            start_branches(run, step, visit, step.branches)
        else:
            run.block(visit, step.id, "failed", error)

    def branch_finished(self, run: Run, step: Step, visit: int) -> None:
        """The error path is through: go on after the action."""
        run.leave(step, visit, "done")
