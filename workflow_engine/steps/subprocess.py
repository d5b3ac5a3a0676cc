"""`subprocess`: another form's workflow, awaited or not, once or once for each row of a sub-table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from formloom.form_engine.definition import Form
from formloom.form_engine.messages import say

from .. import events as e
from ..commands import ActionAnswered
from ..run import Run
from ..tree import Condition, Step
from .base import Compiling, StepType
from .people import check_on_reject

if TYPE_CHECKING:
    from ..checking import Check, Part


@dataclass(frozen=True, slots=True)
class SubprocessSpec:
    """What is started: a value is logic over our record, or the name of a column of the row.

    `on_reject` is "continue", "end", "initiator" or the id of a step; `returns_to` tells the last two apart.
    """

    form: str
    values: Mapping[str, Condition | str]
    each: str | None
    awaited: bool
    into: Mapping[str, str] | None
    on_reject: str
    returns_to: Literal["none", "end", "step"]


class Subprocess(StepType):
    """A subprocess step."""

    name = "subprocess"

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> SubprocessSpec:
        """The spec of a step whose document passed its check."""
        on_reject = document.get("onReject", "continue")
        values = {
            key: tree["row"] if _of_row(tree, document) else compiling.value(tree, f"{pointer}/set/{key}")
            for key, tree in document["set"].items()
        }
        return SubprocessSpec(
            document["form"],
            values,
            document.get("each"),
            document.get("await", True),
            document.get("into"),
            on_reject if isinstance(on_reject, str) else on_reject["return"],
            {"continue": "none", "end": "end"}.get(on_reject, "step") if isinstance(on_reject, str) else "step",  # type: ignore[arg-type]
        )

    def check(self, part: "Part", check: "Check") -> None:
        """Its fields and ours, the table, the columns, and where a rejection leads."""
        document, pointer = part.document, part.pointer
        theirs = check.other_form(document.get("form"))
        values = document.get("set")
        columns = self._columns(part, check)
        for key, tree in values.items() if isinstance(values, Mapping) else ():
            if not _of_row(tree, document):
                check.set_of({key: tree}, theirs, f"{pointer}/set")
                continue
            check.set_of({key: None}, theirs, f"{pointer}/set")
            if columns is not None and tree["row"] not in columns:
                hint = check.report.hint(str(tree["row"]), columns)
                check.error(
                    f"{pointer}/set/{key}/row", "The table has no column “{key}”.{hint}", key=tree["row"], hint=hint
                )
        check.into(document.get("into"), f"{pointer}/into", theirs, ("id", "outcome"))
        check_on_reject(part, check)

    def _columns(self, part: "Part", check: "Check") -> Mapping[str, Any] | None:
        if "each" not in part.document:
            return None
        table = check.field(part.document["each"], f"{part.pointer}/each")
        if table is not None and table.logic.kind != "table":
            check.error(f"{part.pointer}/each", "“{key}” is no sub-table.", key=part.document["each"])
        return table.columns if table is not None else None

    def changes(self, step: Step) -> frozenset[str]:
        """What the answers are mapped into."""
        spec: SubprocessSpec = step.spec
        return frozenset(spec.into or ())

    def enter(self, run: Run, step: Step, visit: int) -> None:
        """Start them: when tried again, those that have not ended yet, under the same request."""
        spec: SubprocessSpec = step.spec
        again = run.draft.call(visit).requests
        asked = [self._request(run, step, visit, number, row) for number, row in enumerate(self._rows(run, spec))]
        for request in asked:
            if not again or request.request in again:
                run.emit(request)
        if not spec.awaited or not run.draft.call(visit).requests:
            run.leave(step, visit, "done")

    def waits_for(self, step: Step, form: Form, lang: str) -> str:
        """Other requests."""
        return say(lang, "Waits for requests that this one has started.")

    def _request(self, run: Run, step: Step, visit: int, number: int, row: Mapping[str, Any]) -> e.ProcessRequested:
        spec: SubprocessSpec = step.spec
        values = {
            key: row.get(value) if isinstance(value, str) else run.value(value) for key, value in spec.values.items()
        }
        name = row.get("_row", number) if spec.each is not None else None
        request = f"{visit}.{number + 1}"
        return e.ProcessRequested(run.at, request, visit, step.id, spec.form, values, spec.awaited, name, spec.into)

    def _rows(self, run: Run, spec: SubprocessSpec) -> list[Mapping[str, Any]]:
        if spec.each is None:
            return [{}]
        rows = run.record.get(spec.each)
        return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []

    def answered(self, run: Run, step: Step, visit: int, answer: ActionAnswered) -> None:
        """Go on when all have ended; do what a rejection does; wait for an admin where one could not be started."""
        spec: SubprocessSpec = step.spec
        if not answer.ok:
            run.block(visit, step.id, "failed", answer.error or "")
        elif answer.outcome not in (None, "approved") and spec.returns_to != "none":
            if spec.returns_to == "end":
                run.close(visit, "rejected")
                run.end("rejected")
            else:
                run.go_back(step, visit, spec.on_reject, "", "rejected")
        elif not run.draft.call(visit).requests:
            run.leave(step, visit, "done")


def _of_row(tree: Any, document: Mapping[str, Any]) -> bool:
    return "each" in document and isinstance(tree, Mapping) and list(tree) == ["row"] and isinstance(tree["row"], str)
