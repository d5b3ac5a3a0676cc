"""A workflow, loaded: its steps by id, each with what surrounds it, and everything compiled that running it needs.

Values only; `definition.load` makes them. A workflow is a tree (lists of steps whose branches hold lists again) and is
kept as an index, so that going on from a step costs the same with ten steps as with a thousand. Whoever walks the tree
(the proof, the pages, the diagram) finds here what stands around a step and what was surely done before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from formloom.form_engine.definition import Form
from formloom.form_engine.logic import Rule

from .assignment import People

if TYPE_CHECKING:
    from .steps.base import StepType

Access = Literal["hidden", "read", "edit", "required"]


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A condition over the record: as it was written, where, and compiled. `rule.reads` are the fields it reads."""

    tree: Any
    pointer: str
    rule: Rule


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """One branch of a step: when it is taken, and the ids of the steps in its list. `index` is its place among them.

    `when` is None for `otherwise`, for the branches of a parallel step and for the error path of an action.
    """

    index: int
    pointer: str
    title: str
    when: Condition | None
    otherwise: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step. `owner` is the step around it (None: the root) and `branch` in which of its branches it stands; `next` is
    the step after it in the same list; `order` counts in document order. `spec` is what its type compiled (see `steps`)."""

    id: str
    type: "StepType"
    title: str
    pointer: str
    document: Mapping[str, Any]
    spec: Any
    owner: str | None
    branch: int
    next: str | None
    order: int
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the whole workflow (meaning.md section 4)."""

    withdraw: Literal["never", "untilFirstDecision", "anyTime"] = "untilFirstDecision"
    repeat: Literal["each", "skipConsecutive", "skipAny"] = "each"
    own: Literal["decide", "goToManager", "skip"] = "decide"
    resubmit: Literal["fromStart", "fromReturningStep"] = "fromStart"
    lock: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """A workflow that can be run. `document` is normalised: what may be written in two ways stands in one."""

    document: Mapping[str, Any]
    form: Form
    settings: Settings
    who: People | None
    fields: Mapping[str, Access]
    steps: Mapping[str, Step]
    root: tuple[str, ...]
    remembered: frozenset[str] = frozenset()
    watches: bool = False
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def first(self) -> str | None:
        """The first step of the root's list."""
        return self.root[0] if self.root else None

    def list_of(self, step_id: str) -> tuple[str, ...]:
        """The list that the step stands in, itself among them."""
        step = self.steps[step_id]
        return self.root if step.owner is None else self.steps[step.owner].branches[step.branch].steps

    def around(self, step_id: str) -> Iterator[tuple[Step, int]]:
        """The steps around it from the inside out, each with the number of the branch in which `step_id` lies."""
        step = self.steps[step_id]
        while step.owner is not None:
            owner = self.steps[step.owner]
            yield owner, step.branch
            step = owner

    def surely_before(self, step_id: str) -> tuple[str, ...]:
        """What was surely done before the step, and may be returned to: what precedes it in its own list and in the lists
        around it, in document order."""
        chain = [step_id, *(owner.id for owner, _ in self.around(step_id))]
        return tuple(before for inner in reversed(chain) for before in self._preceding(inner))

    def _preceding(self, step_id: str) -> tuple[str, ...]:
        siblings = self.list_of(step_id)
        return siblings[: siblings.index(step_id)]

    def surely_done(self, step_id: str) -> tuple[str, ...]:
        """Every step that was gone through before `step_id` is reached: `surely_before`, and what lies in those parallel
        steps that waited for all their branches."""
        return tuple(done for before in self.surely_before(step_id) for done in self._with_joined(before))

    def _with_joined(self, step_id: str) -> Iterator[str]:
        yield step_id
        step = self.steps[step_id]
        if step.type.joins_all(step.spec):
            for branch in step.branches:
                for inner in branch.steps:
                    yield from self._with_joined(inner)

    def in_order(self) -> tuple[Step, ...]:
        """All steps in document order."""
        return tuple(self.steps.values())

    def inside(self, step_id: str) -> Iterator[Step]:
        """Every step in the branches of `step_id`, in document order."""
        for branch in self.steps[step_id].branches:
            for inner in branch.steps:
                yield self.steps[inner]
                yield from self.inside(inner)

    def fields_at(self, step_id: str | None) -> Mapping[str, Access]:
        """What may be done with each field at a step (None: at the start); `"*"` names all others."""
        if step_id is None:
            return self.fields
        access: Mapping[str, Access] = getattr(self.steps[step_id].spec, "fields", {"*": "read"})
        return access

    def title(self, step_id: str, *langs: str) -> str:
        """What people call the step; its id where it has no title."""
        step = self.steps[step_id]
        return self.text(step.id, step.title, *langs) or step.id

    def branch_title(self, step_id: str, index: int, *langs: str) -> str:
        """What people call a branch; its number, from 1, where it has no title."""
        branch = self.steps[step_id].branches[index]
        return self.text(f"{step_id}/{index}", branch.title, *langs) or str(index + 1)

    def text(self, path: str, own: str, *langs: str) -> str:
        """The translation at `path` in the first of `langs` that has one, else the definition's own text."""
        for lang in langs:
            translated = self.translations.get(lang, {}).get(path)
            if translated:
                return translated
        return own


def fields_at(workflow: Workflow, step_id: str | None) -> Mapping[str, Access]:
    """What may be done with each field at a step (None: at the start); `"*"` names all others."""
    return workflow.fields_at(step_id)
