"""What is known of the record when a step is reached (meaning.md section 5).

A condition that led into a branch holds inside it, a field that a step required is present after it, until a step, an
action or a resubmission may change one of the fields it depends on; after a branch step there holds what all branches
that go on have in common. Nothing here asks a solver: facts are carried through the tree until nothing changes any more.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from formloom.form_engine.access import EDITABLE, may_fill
from formloom.form_engine.context import Access, access_of
from formloom.form_engine.definition import Field

from ..tree import Branch, Step, Workflow
from ..tree import Condition as When
from .dependencies import Change, Dependencies, Facts, common
from .making import made_by
from .parts import parts_of
from .reach import may_take_none
from .statements import Demanded, Required, SavedToday, Statement, Unfilled

MOST_ROUNDS = 20
MOST_WAYS = 20
"""In so many ways at most branches may be through first; where there are more, one of them is looked at alone."""
START = ""
"""Stands for the start, where a request is that went back to its initiator, among the steps that one may go back to."""
AT_ONCE = frozenset({"notify", "branch", "parallel", "end"})
"""Types of steps that are gone through at once, so that nothing can happen beside them."""


def _has_default(entry: Field) -> bool:
    """Whether a record is surely created with something in the field: its default fills it wherever it is shown."""
    return entry.schema.get("default") not in (None, "", [], {}) and entry.compute is None


@dataclass(slots=True)
class FactsOf:
    """The facts at each step of one workflow. `reached[step]` is missing where the step can't be reached by its position.

    Of the steps in `skip`, whose definition is wrong, nothing is learnt, and they may change anything. What a step in
    `passable` requires may be left out, because nobody may be asked there. Branches in `closed` are never taken.
    Without `going_back` it is what would be known if no request ever came back.
    """

    workflow: Workflow
    dependencies: Dependencies
    skip: frozenset[str] = frozenset()
    passable: frozenset[str] = frozenset()
    closed: frozenset[tuple[str, int]] = frozenset()
    going_back: bool = True
    reached: dict[str, Facts] = field(default_factory=dict)
    tried_again: dict[str, Facts] = field(default_factory=dict)
    """What is known at each step where it could not go on at first, and was tried again later."""
    made: dict[str, Facts] = field(default_factory=dict)
    _returning: dict[str, Facts] = field(default_factory=dict)
    _parts: dict[tuple[When, bool], Facts] = field(default_factory=dict)
    _beside: frozenset[Change] = frozenset()
    """What may be changed side by side with the list that is being walked, whenever it waits."""

    @classmethod
    def learn(
        cls,
        workflow: Workflow,
        skip: frozenset[str] = frozenset(),
        passable: frozenset[str] = frozenset(),
        closed: Iterable[tuple[str, int]] = (),
        *,
        going_back: bool = True,
    ) -> "FactsOf":
        """Walk the workflow until the facts at no step change any more."""
        found = cls(workflow, Dependencies(workflow.form), skip, passable, frozenset(closed), going_back)
        for _ in range(MOST_ROUNDS):
            before = dict(found._returning)
            found._walk()
            if found._returning == before:
                return found
        found._returning = dict.fromkeys((START, *workflow.steps), frozenset())
        found._walk()
        return found

    def _walk(self) -> None:
        self.reached = {}
        self._beside = self._by_other_doors()
        facts = self._at_start()
        self._list(self.workflow.root, facts & self._returning.get(START, facts))

    def _by_other_doors(self) -> frozenset[Change]:
        """What may be changed whenever the process waits: anything, where an open request is not locked (`"lock": false`)."""
        if self.workflow.settings.lock:
            return frozenset()
        fields = frozenset(self.workflow.form.fields)
        return frozenset({Change(fields, fields)})

    @classmethod
    def changed_from(cls, workflow: Workflow, first: Step) -> frozenset[str]:
        """The fields that `first`, or any step that may come after it without coming back to it, may change."""
        found = cls(workflow, Dependencies(workflow.form))
        later = [step for step in workflow.in_order() if step.order >= first.order]
        straight_back = any(map(found._comes_straight_back, workflow.in_order()))
        by_initiator = found.editable(None) if straight_back else frozenset[str]()
        return by_initiator.union(*map(found.changes, later))

    def editable(self, step_id: str | None) -> frozenset[str]:
        """The fields that a person may fill in at a step (None: at the start)."""
        return self._granted(step_id, may_fill)

    def asked(self, step_id: str | None) -> frozenset[str]:
        """The fields of which a step asks what the form requires: those that may be filled in as a whole."""
        return self._granted(step_id, lambda access, entry: access_of(access, entry.key) in EDITABLE)

    def _granted(self, step_id: str | None, may: Callable[[Mapping[str, Access], Field], bool]) -> frozenset[str]:
        access = self.workflow.fields_at(step_id)
        fields = self.workflow.form.fields.items()
        return frozenset(key for key, entry in fields if not entry.read_only and may(access, entry))

    def changes(self, step: Step) -> frozenset[str]:
        """The fields that a step itself may change."""
        if step.id in self.skip:
            return frozenset(self.workflow.form.fields)
        if step.type.decided_by_people:
            return self.editable(step.id)
        return frozenset(key for key in step.type.changes(step) if key in self.workflow.form.fields)

    def _changes_within(self, steps: Iterable[str]) -> frozenset[Change]:
        """Also what the initiator may change while one of the steps waits to be come back to."""
        changes: set[Change] = set()
        for step_id in steps:
            for inner in (self.workflow.steps[step_id], *self.workflow.inside(step_id)):
                if any((owner.id, branch) in self.closed for owner, branch in self.workflow.around(inner.id)):
                    continue
                asked = self.asked(inner.id) if inner.type.decided_by_people else frozenset[str]()
                asked = frozenset(self.workflow.form.fields) if inner.id in self.skip else asked
                changes.add(Change(self.changes(inner), asked, self._filled(inner)))
                if self._comes_straight_back(inner):
                    changes.add(Change(self.editable(None), self.asked(None)))
        return frozenset(change for change in changes if change.fields)

    def _at_start(self) -> Facts:
        required = frozenset[Statement](Required(key) for key in self.asked(None))
        fields = self.workflow.form.fields.items()
        filled = frozenset[Statement](Demanded(key) for key, entry in fields if _has_default(entry))
        demanded = self._demanded(self.workflow.fields_at(None))
        return required | filled | self._unfilled() | demanded | {SavedToday()}

    def _unfilled(self) -> Facts:
        """What neither the start nor any step can fill in is blank, or as its default made it. (What a later step can fill
        in may be there from the start: whoever makes the request for somebody else may give it.) While other doors may
        change a request that is open (`"lock": false`), nothing of the kind is known."""
        if not self.workflow.settings.lock:
            return frozenset()
        filled = self.editable(None).union(*map(self.changes, self.workflow.in_order()))
        fields = self.workflow.form.fields.items()
        return frozenset(
            Unfilled(key)
            for key, entry in fields
            if key not in filled and entry.compute is None and not entry.type.derived
        )

    def _demanded(self, access: Mapping[str, str]) -> Facts:
        """What was asked for is there, unless it is irrelevant; `"*"` asks for all others that can be filled in."""
        others = access.get("*")
        return frozenset(
            Demanded(key)
            for key, entry in self.workflow.form.fields.items()
            if not entry.read_only and access.get(key, others) == "required"
        )

    def _list(self, steps: Sequence[str], facts: Facts | None) -> Facts | None:
        """The facts behind the last step of a list; None where nothing comes out of it."""
        for step_id in steps:
            if facts is None:
                return None
            step = self.workflow.steps[step_id]
            facts &= self._returning.get(step_id, facts)
            facts = self._resumed(step, facts)
            self.reached[step_id] = facts
            self.tried_again[step_id] = self._meanwhile(facts)
            facts = self._through(step, facts)
        return facts

    def _resumed(self, step: Step, facts: Facts) -> Facts:
        """A request that came back from this step may be changed by its initiator and come straight back here."""
        if not self._comes_straight_back(step):
            return facts
        return self._meanwhile(self._after_editing(facts, None))

    def _meanwhile(self, facts: Facts) -> Facts:
        """What is left of the facts when a list has waited."""
        return self.dependencies.later(self.dependencies.without_all(facts, self._beside))

    def _comes_straight_back(self, step: Step) -> bool:
        """Whether the initiator may get the request back from a step, and submit it again to that very step."""
        return self.workflow.settings.resubmit == "fromReturningStep" and self._to_initiator(step)

    def _starts_again(self, step: Step) -> bool:
        """Whether the initiator may get the request back from a step, and submit it again from the start."""
        return self.workflow.settings.resubmit == "fromStart" and self._to_initiator(step)

    def _to_initiator(self, step: Step) -> bool:
        if not self.going_back:
            return False
        if not step.type.decided_by_people:
            return step.type.name == "subprocess" and step.spec.on_reject == "initiator"
        return "return" in step.spec.actions or (step.spec.on_reject == "initiator" and step.spec.may_be_rejected())

    def _after_editing(self, facts: Facts, step_id: str | None) -> Facts:
        kept = self.dependencies.without(facts, self.editable(step_id))
        return kept | {Required(key) for key in self.asked(step_id)}

    def _through(self, step: Step, facts: Facts) -> Facts | None:
        if step.type.ends:
            return None
        if step.type.decided_by_people:
            return self._by_people(step, facts)
        if self._at_once(step) and not step.branches:
            return facts
        if not step.branches:
            return self._answered(step, facts)
        if step.type.name == "parallel":
            return self._parallel(step, facts)
        if step.type.name == "branch" and step.spec.mode == "inclusive":
            return self._inclusive(step, facts)
        if step.type.name == "branch":
            return self._exclusive(step, facts)
        answered = self._answered(step, facts)
        outcomes = [self._list(branch.steps, answered) for branch in step.branches]
        return common([answered, *(outcome for outcome in outcomes if outcome is not None)])

    def _answered(self, step: Step, facts: Facts) -> Facts:
        """What is known once something that is no person's work has happened. A step that is wrong may do anything that
        leaves the record valid."""
        changes = self.changes(step)
        kept = self.dependencies.without(facts, changes, changes if step.id in self.skip else frozenset())
        waited = self._meanwhile(kept)
        if step.type.name == "subprocess":
            self._send_back(step, waited)
        return waited | self._made(step)

    def _made(self, step: Step) -> Facts:
        """What an action leaves behind in the record, as far as nothing beside it changes that."""
        return self.dependencies.without_all(self._made_by(step), self._beside)

    def _made_by(self, step: Step) -> Facts:
        if step.id not in self.made:
            known = step.id not in self.skip
            self.made[step.id] = made_by(step, self.workflow.form, self.dependencies) if known else frozenset()
        return self.made[step.id]

    def _filled(self, step: Step) -> frozenset[str]:
        """The fields that are filled whenever a step has changed them. Who sends a request back leaves out what they like."""
        if step.id in self.skip:
            return frozenset()
        if step.type.decided_by_people:
            sends_back = "return" in step.spec.actions or step.spec.may_be_rejected()
            demanded = frozenset[Statement]() if sends_back else self._demanded(step.spec.fields)
        else:
            demanded = self._made_by(step)
        return frozenset(fact.key for fact in demanded if isinstance(fact, Demanded))

    def _by_people(self, step: Step, facts: Facts) -> Facts | None:
        """A step that comes to no approval, or is passed without anybody being asked, asks for nothing."""
        unasked = self._meanwhile(self.dependencies.without(facts, self.editable(step.id), self.asked(step.id)))
        self._send_back(step, unasked if self._several_decide(step) else self._meanwhile(facts))
        if step.type.name == "approval" and not step.spec.may_end_with("approve"):
            return None
        if step.id in self.passable or step.spec.may_end_without_people():
            return unasked
        return self._meanwhile(self._after_editing(facts, step.id)) | self._demanded(step.spec.fields) | {SavedToday()}

    def _send_back(self, step: Step, facts: Facts) -> None:
        """Note what is known wherever the step may send the request back to, where this is known when it does."""
        for target in self._targets(step):
            self._returning[target] = self._returning.get(target, facts) & facts
        if self._starts_again(step):
            again = self._after_editing(facts, None) | self._demanded(self.workflow.fields_at(None)) | {SavedToday()}
            self._returning[START] = self._returning.get(START, again) & again

    def _several_decide(self, step: Step) -> bool:
        """Whether somebody may have approved, and changed the record, before another sends the request back."""
        return step.id in self.skip or step.spec.mode.kind != "any" or "addSigner" in step.spec.actions

    def _targets(self, step: Step) -> tuple[str, ...]:
        """The steps that this one may send the request back to."""
        if not self.going_back:
            return ()
        returns = step.type.decided_by_people and "return" in step.spec.actions
        targets = self.workflow.surely_before(step.id) if returns else ()
        if step.spec.returns_to == "step" and step.spec.on_reject != "initiator":
            targets = (*targets, step.spec.on_reject)
        return targets

    def _exclusive(self, step: Step, facts: Facts) -> Facts | None:
        outcomes: list[Facts] = []
        refused: Facts = frozenset()
        for branch in step.branches:
            taken = facts | refused | self._holds(step, branch, holds=True)
            outcome = None if self._is_closed(step, branch) else self._list(branch.steps, taken)
            refused |= self._holds(step, branch, holds=False)
            if outcome is not None:
                outcomes.append(outcome)
        return common(outcomes) if outcomes else None

    def _inclusive(self, step: Step, facts: Facts) -> Facts | None:
        entering: dict[int, Facts] = {}
        for branch in step.branches:
            held = self._holds(step, branch, holds=True) if branch.when else self._none_holds(step)
            entering[branch.index] = facts | held
        outcomes = self._side_by_side(step, entering)
        going_on = [outcome for outcome in outcomes.values() if outcome is not None]
        if may_take_none(step):
            going_on.append(facts | self._none_holds(step))
        if not going_on:
            return None
        closed = (branch for branch in step.branches if outcomes[branch.index] is None)
        refused = frozenset[Statement]().union(*(self._holds(step, branch, holds=False) for branch in closed))
        return self._joined(step, facts | refused) | common(going_on)

    def _none_holds(self, step: Step) -> Facts:
        return frozenset[Statement]().union(*(self._holds(step, branch, holds=False) for branch in step.branches))

    def _holds(self, step: Step, branch: Branch, *, holds: bool) -> Facts:
        """That the condition of a branch holds, or does not; nothing for `otherwise`."""
        when = branch.when
        if when is None or step.id in self.skip:
            return frozenset()
        if (when, holds) not in self._parts:
            self._parts[when, holds] = parts_of(when, holds, self.workflow.form)
        return self._parts[when, holds]

    def _parallel(self, step: Step, facts: Facts) -> Facts | None:
        outcomes = self._side_by_side(step, {branch.index: facts for branch in step.branches})
        finished = [outcome for outcome in outcomes.values() if outcome is not None]
        if len(finished) < min(step.spec.needed, len(step.branches)):
            return None
        if step.type.joins_all(step.spec):
            return frozenset[Statement]().union(*finished) if finished else facts
        return self._joined(step, facts) | self._of_so_many(finished, step.spec.needed)

    def _of_so_many(self, finished: Sequence[Facts], needed: int) -> Facts:
        """What is known once so many of these branches are through, whichever they are."""
        needed = max(0, needed)  # a join that is wrong has a finding of its own
        one_way = math.comb(len(finished), needed) > MOST_WAYS
        return common([frozenset().union(*ways) for ways in combinations(finished, 1 if one_way else needed)])

    def _joined(self, step: Step, facts: Facts) -> Facts:
        """What is left of the facts behind branches that ran at once."""
        changes = self._changes_within(inner for branch in step.branches for inner in branch.steps)
        return self.dependencies.without_all(
            facts, changes | (self._beside if self._waits_inside(step) else frozenset())
        )

    def _may_hold_up(self, step: Step, branch: Branch) -> bool:
        """Whether a branch may send the request back before the next one begins: rejected at once, for want of people,
        and then submitted again straight to where it was."""
        if self._is_closed(step, branch):
            return False
        inside = (one for name in branch.steps for one in (self.workflow.steps[name], *self.workflow.inside(name)))
        return any(self._comes_straight_back(one) and one.spec.mode.kind == "count" for one in inside)

    def _waits_inside(self, step: Step) -> bool:
        """Whether time may pass in a branch of the step."""
        return any(not self._at_once(inner) for inner in self.workflow.inside(step.id))

    def _at_once(self, step: Step) -> bool:
        return step.type.name in AT_ONCE and step.id not in self.skip

    def _is_closed(self, step: Step, branch: Branch) -> bool:
        return (step.id, branch.index) in self.closed

    def _side_by_side(self, step: Step, entering: Mapping[int, Facts]) -> dict[int, Facts | None]:
        """What comes out of each of the branches that run at once: each may change what another relied on."""
        changed = {branch.index: self._changes_within(branch.steps) for branch in step.branches}
        around, waits, held_up = self._beside, self._waits_inside(step), False
        outcomes: dict[int, Facts | None] = {}
        for branch in step.branches:
            others = frozenset[Change]().union(*(one for index, one in changed.items() if index != branch.index))
            self._beside = around | others
            known = self._meanwhile(entering[branch.index]) if held_up else entering[branch.index]
            outcome = None if self._is_closed(step, branch) else self._list(branch.steps, known)
            held_up = held_up or self._may_hold_up(step, branch)
            outcomes[branch.index] = self._meanwhile(outcome) if outcome is not None and waits else outcome
        self._beside = around
        return outcomes
