"""Where a process can be, and whether an end can be reached from everywhere.

The control state abstracts the record away: a branch is taken if nothing refutes it, each person step offers all its
outcomes, a return goes to a state that was seen before, so there are finitely many (meaning.md section 5). Withdrawing and
an administrator's commands do not count as a way to end.

Branches that run side by side know nothing of each other until they join. So each is explored alone first; where all of them
can come to their end from wherever they are, no interleaving of them can get stuck, and the whole step is one state that is
left by its join, or by whatever leads out of one of them (eight branches of three steps: 29 states instead of 65,536).
Only branches in which something can get stuck are explored together.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ..tree import Branch, Step, Workflow
from .records import Budget

MOST_STATES = 100_000
LEFT_FOR_OTHERS = 0.4
"""Of the time that is left when the exploration begins, this part is left for what comes after it."""
Place = Any
"""Where one list stands: (number of the step in it, what is inside that step), or DONE."""
DONE, ENDED, BLOCKED, APART = "done", "ended", "blocked", "apart"
Inside = tuple[Place | None, ...] | tuple[int, Place] | str | None
"""`APART`: somewhere in branches that are known to come to their ends, each by itself."""


@dataclass(frozen=True, slots=True)
class Return:
    """The request goes back to a step, or to its initiator."""

    target: str


Outcome = tuple[str, Any]
"""What somebody does (`manager=approve`), and where the list then stands: a place, DONE, ENDED or a Return."""


@dataclass(frozen=True, slots=True)
class Alone:
    """What can come of a branch by itself: whether its end can be reached from every place in it, by which commands the
    first time; what leads out of it otherwise; and in how many places it may stand."""

    always: bool
    labels: tuple[str, ...]
    ways_out: tuple[Outcome, ...]
    places: int


@dataclass(frozen=True, slots=True)
class Explored:
    """How much was looked at; `dead` are the steps where a process stops for good, each with the commands that lead there."""

    states: int
    complete: bool
    dead: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class Control:
    """Explores one workflow. `closed` are branches that are never taken."""

    workflow: Workflow
    closed: frozenset[tuple[str, int]] = frozenset()
    budget: Budget = field(default_factory=Budget)
    most: int = MOST_STATES
    came_by: dict[Any, tuple[Any, str]] = field(default_factory=dict)
    alone: dict[tuple[str, int], Alone] = field(default_factory=dict)

    def explore(self) -> Explored:
        """Go through all states, breadth first."""
        first = list(self._enter(self.workflow.root, 0)) or [DONE]
        before: dict[Any, set[Any]] = {}
        self.came_by = dict.fromkeys(first, (None, ""))
        queue = deque(first)
        least = self.budget.left() * LEFT_FOR_OTHERS
        while queue and self._states() < self.most and self.budget.left() > least:
            state = queue.popleft()
            for label, after in self._after(state):
                before.setdefault(after, set()).add(state)
                if after not in self.came_by:
                    self.came_by[after] = (state, label)
                    queue.append(after)
        complete = not queue
        return Explored(self._states(), complete, self._dead(before) if complete else {})

    def _states(self) -> int:
        return len(self.came_by) + sum(alone.places for alone in self.alone.values())

    def _dead(self, before: Mapping[Any, set[Any]]) -> dict[str, tuple[str, ...]]:
        alive = _behind((state for state in self.came_by if state in {DONE, ENDED} or _is_blocked(state)), before)
        stops: dict[str, tuple[str, ...]] = {}
        for state, (parent, _) in self.came_by.items():
            if state not in alive and (parent is None or parent in alive):
                last = self._furthest(state)
                stops.setdefault(self._stops_at(last), self._commands(last))
        return stops

    def _furthest(self, dead: Any) -> Any:
        """Of the states that a dead one leads to, the first in which the fewest steps are open, one of which only sends
        back: those that it stops at."""
        seen, queue = {dead: None}, deque([dead])
        while queue:
            for _, after in self._after(queue.popleft()):
                if after not in seen:
                    seen[after] = None
                    queue.append(after)
        return min(seen, key=self._distance)

    def _distance(self, state: Any) -> tuple[bool, bool, int]:
        open_ = list(self._open_in(state))
        return state[0] == "back", not any(map(self._only_sends_back, open_)), len(open_)

    def _stops_at(self, state: Any) -> str:
        open_ = list(self._open_in(state))
        return next((step for step in open_ if self._only_sends_back(step)), open_[0])

    def _only_sends_back(self, step_id: str) -> bool:
        """Whether nothing that can come of a step leads on."""
        step = self.workflow.steps[step_id]
        outcomes = [outcome for _, outcome in self._decisions(step)] if step.type.decided_by_people else [DONE]
        return all(isinstance(outcome, Return) for outcome in outcomes)

    def _open_in(self, state: Any) -> Iterator[str]:
        """The steps that are open in a state, in document order."""
        if state[0] == "back":
            yield str(state[1])
        else:
            yield from self._open_in_list(self.workflow.root, state)

    def _open_in_list(self, steps: Sequence[str], place: Place) -> Iterator[str]:
        step, inside = self.workflow.steps[steps[place[0]]], place[1]
        if not isinstance(inside, tuple):
            yield step.id
        elif step.type.name == "parallel" or (step.type.name == "branch" and step.spec.mode == "inclusive"):
            for branch, arm in zip(step.branches, inside, strict=True):
                if isinstance(arm, tuple):
                    yield from self._open_in_list(branch.steps, arm)
        else:
            yield from self._open_in_list(step.branches[inside[0]].steps, inside[1])

    def _commands(self, state: Any) -> tuple[str, ...]:
        labels: list[str] = []
        while state is not None:
            state, label = self.came_by[state]
            if label:
                labels += reversed(label.split(", "))  # what is done apart stands in one label
        return ("start", *reversed(labels))

    # going on

    def _after(self, state: Any) -> Iterator[tuple[str, Any]]:
        if state in {DONE, ENDED}:
            return
        if state[0] == "back":
            yield "resubmit", state[2]
            return
        for label, outcome in self._of_list(self.workflow.root, state):
            if isinstance(outcome, Return):
                for after in self._back_to_initiator(state, label):
                    yield label, after
            else:
                yield label, outcome

    def _back_to_initiator(self, state: Any, label: str) -> Iterator[Any]:
        sender = label.partition("=")[0]
        if self.workflow.settings.resubmit == "fromReturningStep":
            yield ("back", sender, state)
        else:
            for first in self._enter(self.workflow.root, 0) or [DONE]:
                yield ("back", sender, first)

    def _enter(self, steps: Sequence[str], number: int) -> list[Place]:
        """Every place in which a list may come to rest when it is entered at a step: an automatic one is passed at once."""
        if number >= len(steps):
            return [DONE]
        step = self.workflow.steps[steps[number]]
        if step.type.ends:
            return [ENDED]
        if step.type.decided_by_people:
            return [(number, None)]
        if not step.branches:
            return self._enter(steps, number + 1)
        if step.type.name == "branch" and step.spec.mode == "exclusive":
            return self._enter_exclusive(steps, number, step)
        if step.type.name in {"branch", "parallel"}:
            return self._enter_fork(steps, number, step)
        return [
            *self._enter(steps, number + 1),
            *(place for branch in step.branches for place in self._into(steps, number, branch.index)),
        ]

    def _into(self, steps: Sequence[str], number: int, branch: int) -> list[Place]:
        step = self.workflow.steps[steps[number]]
        places: list[Place] = []
        for place in self._enter(step.branches[branch].steps, 0):
            if place == DONE:
                places += self._enter(steps, number + 1)
            else:
                places.append(place if place == ENDED else (number, (branch, place)))
        return places

    def _enter_exclusive(self, steps: Sequence[str], number: int, step: Step) -> list[Place]:
        open_ = [branch for branch in step.branches if (step.id, branch.index) not in self.closed]
        places = [place for branch in open_ for place in self._into(steps, number, branch.index)]
        return list(dict.fromkeys(places)) or [(number, BLOCKED)]

    def _enter_fork(self, steps: Sequence[str], number: int, step: Step) -> list[Place]:
        inclusive = step.type.name == "branch"
        arms: list[list[Place | None]] = []
        for branch in step.branches:
            inner: list[Place | None] = list(self._enter(branch.steps, 0))
            if (step.id, branch.index) in self.closed:
                inner = [None]
            elif inclusive:
                inner.append(None)
            arms.append(inner)
        if self._comes_apart(step):
            return self._enter_apart(steps, number, step, arms)
        places: list[Place] = []
        for combination in product(*arms):
            places += self._joined(steps, number, step, combination)
        return list(dict.fromkeys(places))

    def _comes_apart(self, step: Step) -> bool:
        """Whether each branch that may be taken can come to its end from wherever it is, so that the join is always met."""
        return all(self._alone(step, branch.index).always for branch in self._taken(step))

    def _taken(self, step: Step) -> list[Branch]:
        return [branch for branch in step.branches if (step.id, branch.index) not in self.closed]

    def _enter_apart(
        self, steps: Sequence[str], number: int, step: Step, arms: Sequence[Sequence[Place | None]]
    ) -> list[Place]:
        open_ = any(isinstance(place, tuple) for arm in arms for place in arm)
        places: list[Place] = [(number, APART)] if open_ else []
        places += [ENDED] if any(ENDED in arm for arm in arms) else []
        over, taken = sum(DONE in arm for arm in arms), sum(arm != [None] for arm in arms)
        through = all(not {DONE, None}.isdisjoint(arm) for arm in arms)
        if through if step.type.name == "branch" else over >= min(step.spec.needed, taken):
            places += self._enter(steps, number + 1)
        return list(dict.fromkeys(places))

    def _alone(self, step: Step, index: int) -> Alone:
        """Go through one branch as if nothing ran beside it."""
        if (step.id, index) not in self.alone:
            steps = step.branches[index].steps
            first = self._enter(steps, 0)
            paths: dict[Place, tuple[str, ...]] = dict.fromkeys(first, ())
            before: dict[Place, list[Place]] = {}
            ways_out: dict[Outcome, None] = {}
            queue = deque(place for place in first if isinstance(place, tuple))
            while queue and self._states() + len(paths) < self.most and self.budget.left() > 0:
                place = queue.popleft()
                for label, after in self._of_list(steps, place):
                    if isinstance(after, Return) or after == ENDED:
                        ways_out[(label, after)] = None
                        continue
                    before.setdefault(after, []).append(place)
                    if after not in paths:
                        paths[after] = (*paths[place], label)
                        queue.extend([after] if isinstance(after, tuple) else [])
            ends = _behind([DONE], before)
            places = [place for place in paths if isinstance(place, tuple)]
            always = not queue and all(place in ends for place in places) and (DONE in paths or not places)
            self.alone[(step.id, index)] = Alone(always, paths.get(DONE, ()), tuple(ways_out), len(places))
        return self.alone[(step.id, index)]

    def _of_apart(self, step: Step) -> Iterator[Outcome]:
        branches = [self._alone(step, branch.index) for branch in self._taken(step)]
        yield ", ".join(label for branch in branches for label in branch.labels), DONE
        for branch in branches:
            yield from branch.ways_out

    def _joined(self, steps: Sequence[str], number: int, step: Step, arms: Sequence[Place | None]) -> list[Place]:
        """Where a fork stands with its branches like this: on the way, or through the join."""
        if ENDED in arms:
            return [ENDED]
        taken = [arm for arm in arms if arm is not None]
        done = sum(arm == DONE for arm in taken)
        needed = len(taken) if step.type.name == "branch" else min(step.spec.needed, len(taken))
        if done >= needed:
            return self._enter(steps, number + 1)
        return [(number, tuple(arms))]

    def _of_list(self, steps: Sequence[str], place: Place) -> Iterator[Outcome]:
        number, inside = place
        step = self.workflow.steps[steps[number]]
        if inside == BLOCKED:
            return
        if step.type.decided_by_people:
            outcomes = self._decisions(step)
        elif inside == APART:
            outcomes = self._of_apart(step)
        elif step.type.name == "parallel" or (step.type.name == "branch" and step.spec.mode == "inclusive"):
            outcomes = self._of_fork(steps, number, step, inside)
        else:
            outcomes = self._of_branch(step, inside)
        for label, outcome in outcomes:
            if outcome == DONE:
                yield from ((label, after) for after in self._enter(steps, number + 1))
            elif isinstance(outcome, Return) and outcome.target in steps:
                yield from ((label, after) for after in self._enter(steps, steps.index(outcome.target)))
            elif isinstance(outcome, Return | str):
                yield label, outcome
            else:
                yield label, outcome if outcome[:1] == ("at",) else (number, outcome)

    def _of_branch(self, step: Step, inside: Any) -> Iterator[Outcome]:
        branch, place = inside
        for label, outcome in self._of_list(step.branches[branch].steps, place):
            if outcome in {DONE, ENDED} or isinstance(outcome, Return):
                yield label, outcome
            else:
                yield label, (branch, outcome)

    def _of_fork(self, steps: Sequence[str], number: int, step: Step, inside: Any) -> Iterator[Outcome]:
        for branch, place in enumerate(inside):
            if not isinstance(place, tuple):
                continue
            for label, outcome in self._of_list(step.branches[branch].steps, place):
                if outcome == ENDED or isinstance(outcome, Return):
                    yield label, outcome
                    continue
                arms = (*inside[:branch], outcome, *inside[branch + 1 :])
                needed = (
                    sum(arm is not None for arm in arms)
                    if step.type.name == "branch"
                    else min(step.spec.needed, len(arms))
                )
                yield label, DONE if sum(arm == DONE for arm in arms) >= needed else arms

    def _decisions(self, step: Step) -> Iterator[Outcome]:
        """Everything that can come out of a step that people decide."""
        spec = step.spec
        if step.type.name == "fill" or spec.may_end_with("approve"):
            yield f"{step.id}={'done' if step.type.name == 'fill' else 'approve'}", DONE
        if step.type.name == "approval" and spec.may_end_with("reject"):
            yield f"{step.id}=reject", ENDED if spec.returns_to == "end" else Return(spec.on_reject)
        if "return" in spec.actions:
            yield f"{step.id}=return:initiator", Return("initiator")
            for target in self.workflow.surely_before(step.id):
                yield f"{step.id}=return:{target}", Return(target)


def _behind(goals: Iterable[Any], before: Mapping[Any, Iterable[Any]]) -> set[Any]:
    """Everything from which one can come to one of `goals`; `before` is that from which one comes to each at once."""
    found = set(goals)
    queue = deque(found)
    while queue:
        for place in before.get(queue.popleft(), ()):
            if place not in found:
                found.add(place)
                queue.append(place)
    return found


def _is_blocked(state: Any) -> bool:
    """Whether a branch step stands blocked somewhere in a state: a gap, which is reported there."""
    if isinstance(state, tuple):
        return any(_is_blocked(part) for part in state)
    return bool(state == BLOCKED)
