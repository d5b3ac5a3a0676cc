"""The path of a request in words and signs: what `components/path.html` writes out, from the engine's steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from flask_babel import gettext as _

from formloom.form_engine.names import Names
from formloom.workflow_engine.path import PathStep
from formloom.workflow_engine.trail import Decision

State = Literal["is-done", "is-done is-back", "is-done is-no", "is-now", "is-later"]
STATES: dict[str, State] = {
    "returned": "is-done is-back", "rejected": "is-done is-no", "cancelled": "is-later", "blocked": "is-done is-no",
    "open": "is-now", "ahead": "is-later",
}  # fmt: skip
SIGNS = {
    "approved": "check", "rejected": "x", "returned": "arrow-back-up", "skipped": "arrow-forward-up",
    "blocked": "alert-triangle", "cancelled": "ban",
}  # fmt: skip
KINDS = {
    "notify": "bell", "action": "database-plus", "wait": "clock", "subprocess": "stack-2", "end": "flag-check",
}  # fmt: skip
QUIET = ("branch", "parallel")
TONES = {"approve": "fl-good", "reject": "fl-bad"}


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person at a step: what they did or are asked for, and how that is coloured."""

    name: str
    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the path as it is drawn. `number` stands in the mark where no sign does; `at` is when it came or was over;
    `because` is why the request came into the branch that begins here."""

    state: State
    title: str
    sign: str = ""
    number: int = 0
    meta: str = ""
    at: datetime | None = None
    says: str = ""
    people: tuple[Somebody, ...] = ()
    due: datetime | None = None
    because: str = ""

    @property
    def now(self) -> bool:
        """Whether the request stands here."""
        return self.state == "is-now"


def stops(steps: Sequence[PathStep], names: Names, *, start: Iterable[Stop] = (), begun: bool = True) -> list[Stop]:
    """The path to be drawn. Branches and parallel steps are no stops of their own: what is inside them is. Of a branch
    without steps there is the reason why it was taken.

    `begun` False: the request is not submitted yet, so that nobody waits.
    """
    found = list(start)
    branches: list[PathStep] = []
    for step in steps:
        branches = _passed(branches, step.depth, found, begun=begun)
        if step.kind not in QUIET or (begun and step.result == "blocked"):
            because = " ".join(branch.because for branch in branches)
            found.append(replace(_stop(step, len(found) + 1, names, begun=begun), because=because))
            branches = []
        elif step.result == "blocked":  # nothing is wrong yet with what is still to be filled in
            found.append(Stop("is-later", _("How it goes on depends on what you fill in."), "arrow-forward-up"))
        elif step.kind == "branch" and step.because:
            branches = [*branches, step]
    _passed(branches, 0, found, begun=begun)
    return found


def _passed(branches: list[PathStep], depth: int, found: list[Stop], *, begun: bool) -> list[PathStep]:
    """Those of the branch steps that a step at `depth` may lie in. Nothing lay in the others, so that no stop says why the
    request went that way: each is one itself."""
    inside = [branch for branch in branches if branch.depth < depth]
    for branch in branches[len(inside) :]:
        state: State = "is-done" if begun and branch.result != "ahead" else "is-later"
        found.append(Stop(state, branch.because, "arrow-forward-up", len(found) + 1))
    return inside


def _stop(step: PathStep, number: int, names: Names, *, begun: bool) -> Stop:
    if step.result == "ahead" or not begun:
        state: State = "is-now" if step.result == "open" else "is-later"
        return Stop(state, step.title, _sign(step), number, _several(step, names))
    if step.result == "open":
        waiting = tuple(_people(step, names))
        since, due = _time(step.at), _time(step.due)
        return Stop("is-now", step.title, _sign(step), number, "", since, step.comment or "", waiting, due)
    return _over(step, number, names)


def _over(step: PathStep, number: int, names: Names) -> Stop:
    """What was done: by one person, it is told of them; by several, each has a line."""
    state, sign = STATES.get(step.result, "is-done"), SIGNS.get(step.result) or _sign(step) or "check"
    at = _time(step.left_at or step.at)
    if len(step.decisions) == 1 and step.decisions[0].member:
        title = told(step.decisions[0], names)
        return Stop(state, title, sign, number, step.title, at, step.comment or "")
    several = tuple(_people(step, names)) if len(step.decisions) > 1 else ()
    return Stop(state, step.title, sign, number, step.because, at, step.comment or "", several)


def _sign(step: PathStep) -> str:
    return KINDS.get(step.kind, "")


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _several(step: PathStep, names: Names) -> str:
    """Who will have it."""
    listed = ", ".join(names.member(member) for member in step.people[:3])
    if len(step.people) > 3:
        return _("%(names)s and %(count)s more", names=listed, count=len(step.people) - 3)
    return listed


def _people(step: PathStep, names: Names) -> Iterable[Somebody]:
    """Who has it, or had it: with what each decided."""
    decided = {decision.member: decision.action for decision in step.decisions}
    for member in step.people:
        action = decided.get(member)
        if action is not None:
            yield Somebody(names.member(member), _done(action), TONES.get(action, ""))
        elif step.result == "open":
            yield Somebody(names.member(member), _("waiting"), "fl-medium")
        else:
            yield Somebody(names.member(member), _("not needed any more"), "fl-faint")


def told(decision: Decision, names: Names) -> str:
    """A decision in a sentence."""
    who = names.member(decision.by or decision.member)
    sentences = {
        "approve": _("%(who)s approved", who=who), "reject": _("%(who)s rejected it", who=who),
        "return": _("%(who)s returned it", who=who), "done": _("%(who)s filled it in", who=who),
    }  # fmt: skip
    return sentences.get(decision.action, who)


def _done(action: str) -> str:
    words = {
        "approve": _("approved"), "reject": _("rejected"), "return": _("returned it"), "done": _("filled in"),
        "transfer": _("handed it on"),
    }  # fmt: skip
    return words.get(action, action)
