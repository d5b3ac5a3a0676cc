"""The path of a request in words and signs: what `components/path.html` writes out, from the engine's steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask_babel import gettext as _

from formloom.form_engine.names import Names
from formloom.workflow_engine.path import PathStep

State = Literal["is-done", "is-done is-back", "is-done is-no", "is-now", "is-later"]
STATES: dict[str, State] = {
    "returned": "is-done is-back", "rejected": "is-done is-no", "cancelled": "is-later", "blocked": "is-done is-no",
    "open": "is-now", "ahead": "is-later",
}  # fmt: skip
SIGNS = {
    "approved": "check",
    "rejected": "x",
    "returned": "arrow-back-up",
    "skipped": "arrow-forward-up",
    "blocked": "alert-triangle",
}
KINDS = {
    "approval": "user-check", "fill": "writing", "notify": "bell", "action": "database-plus", "wait": "clock",
    "subprocess": "stack-2", "end": "flag-check",
}  # fmt: skip
QUIET = ("branch", "parallel")


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person at a step: what they did or are asked for, and how that is coloured."""

    name: str
    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the path as it is drawn. `number` stands in the mark where no sign does; `at` is when it was over or came."""

    state: State
    title: str
    sign: str = ""
    number: int = 0
    meta: str = ""
    at: datetime | None = None
    says: str = ""
    people: tuple[Somebody, ...] = ()
    due: str = ""
    late: bool = False

    @property
    def now(self) -> bool:
        """Whether the request stands here."""
        return self.state == "is-now"


def stops(steps: Sequence[PathStep], names: Names, *, start: Iterable[Stop] = ()) -> list[Stop]:
    """The path to be drawn. Branches and parallel steps are no stops of their own: what is inside them is."""
    found = list(start)
    for step in steps:
        if step.kind not in QUIET or step.result == "blocked":
            found.append(_stop(step, len(found) + 1, names))
    return found


def _stop(step: PathStep, number: int, names: Names) -> Stop:
    state = STATES.get(step.result, "is-done")
    done = state.startswith("is-done")
    sign = (
        SIGNS.get(step.result, "") if done else ("" if step.kind in ("approval", "fill") else KINDS.get(step.kind, ""))
    )
    at = step.left_at if done else step.at
    return Stop(
        state=state,
        title=step.title,
        sign=sign or (KINDS.get(step.kind, "check") if done else ""),
        number=number,
        meta=step.because,
        at=datetime.fromisoformat(at) if at else None,
        says=step.comment or "",
        people=tuple(_people(step, names)),
        due=step.due or "",
    )


def _people(step: PathStep, names: Names) -> Iterable[Somebody]:
    """Who has it, or had it: with what each decided."""
    decided = {decision.member: decision.action for decision in step.decisions}
    for member in step.people:
        action = decided.get(member)
        if action is not None:
            yield Somebody(
                names.member(member), _said(action), {"approve": "fl-good", "reject": "fl-bad"}.get(action, "")
            )
        elif step.result == "open":
            yield Somebody(names.member(member), _("waiting"), "fl-medium")
        elif step.result == "ahead":
            yield Somebody(names.member(member), "", "")
        else:
            yield Somebody(names.member(member), _("not needed any more"), "fl-faint")


def _said(action: str) -> str:
    words = {
        "approve": _("approved"), "reject": _("rejected"), "return": _("returned it"), "done": _("filled in"),
        "transfer": _("handed it on"),
    }  # fmt: skip
    return words.get(action, action)
