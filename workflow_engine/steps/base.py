"""What a step type is: everything about one kind of step, in one class.

How its document is compiled, which lists of steps it holds, what can be wrong with it beyond its shape, and what it does
when it is reached, answered, timed out or tried again. `steps/__init__.py` is the only list of types; nothing else asks
what type a step has.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from formloom.form_engine.definition import Form
from formloom.form_engine.messages import say

from ..assignment import People, compile_people
from ..tree import Branch, Condition, Step

if TYPE_CHECKING:
    from ..checking import Check, Part
    from ..commands import ActionAnswered
    from ..run import Run
    from ..state import Timer


@dataclass(frozen=True, slots=True)
class Compiling:
    """What a step's document is compiled with. `condition` and `value` compile logic that stands at a pointer."""

    form: Form
    condition: Callable[[Any, str], Condition]
    value: Callable[[Any, str], Condition]

    def people(self, entries: list[Any], pointer: str) -> People:
        """Compile a list of people."""
        return compile_people(entries, self.form, lambda tree: self.condition(tree, pointer))


class StepType:
    """One kind of step. There is one instance of each; what differs from step to step is in `Step.spec`."""

    name: ClassVar[str]
    decided_by_people: ClassVar[bool] = False
    """Whether people have tasks at it."""
    decides: ClassVar[bool] = False
    """Whether people say yes or no at it."""
    ends: ClassVar[bool] = False
    """Whether nothing after it is ever reached."""
    watches: ClassVar[bool] = False
    """Whether it wants to know when the record changes while it is open."""

    def branches(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The branches in a step's document, each with its pointer from the step; of any document, also a wrong one."""
        return iter(())

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> Any:
        """What running needs, from a document that passed its check."""
        return None

    def check(self, part: "Part", check: "Check") -> None:
        """Note what is wrong with a step's document beyond its shape."""

    def changes(self, step: Step) -> frozenset[str]:
        """The fields of the request's own record that the step itself may change, apart from what people fill in."""
        return frozenset()

    def joins_all(self, spec: Any) -> bool:
        """Whether the step goes on only when all its branches were gone through."""
        return False

    def towards(self, step: Step, branch: int) -> tuple[int, ...]:
        """Which branches are gone through when an admin puts the process into `branch`."""
        return (branch,)

    def enter(self, run: "Run", step: Step, visit: int) -> None:
        """Do what the step does when it is reached, or tried again. Raises Stuck where it cannot go on."""
        raise NotImplementedError

    def waits_for(self, step: Step, form: Form, lang: str) -> str:
        """What the process waits for while it is at the step and nobody has a task there, as a sentence."""
        return say(lang, "Waits for a time or a change.")

    def branch_finished(self, run: "Run", step: Step, visit: int) -> None:
        """One of its branches came to its end."""

    def rang(self, run: "Run", step: Step, visit: int, timer: "Timer") -> None:
        """A timer of the visit fell due."""

    def answered(self, run: "Run", step: Step, visit: int, answer: "ActionAnswered") -> None:
        """A request of the visit was answered."""

    def record_changed(self, run: "Run", step: Step, visit: int, changes: Mapping[str, Any]) -> None:
        """The record changed while the step is open."""


def raw_branches(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The entries of a document's `branches`, as far as they are objects."""
    branches = document.get("branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        if isinstance(branch, Mapping):
            yield f"/branches/{index}", branch


def start_branches(run: "Run", step: Step, visit: int, chosen: tuple[Branch, ...]) -> None:
    """Put the first step of each chosen branch on the stack, so that they are reached in document order."""
    for branch in reversed(chosen):
        run.push(branch.steps[0] if branch.steps else None, visit, branch.index)
