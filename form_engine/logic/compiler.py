"""Walks a tree of JSON Logic once: finds what is wrong with it, and turns it into core JSON Logic.

What comes out holds no macro, and every place where a blank or a date could be read in two ways is written out, so that
the two evaluators (`engine.py` here, the one in the browser) cannot differ. `web/static/logic/compiler.js` does the same
from the same table; `tests/vectors/logic` holds both to one answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Problem
from ..messages import say
from .terms import Json, Scope, Term
from .types import BLANK, NUMBER, OTHER, SWITCH, TEXT, Typed, is_number, join, list_of
from .words import meant, miscounted, step

MAX_DEPTH = 120
MAX_NODES = 5_000
MAX_COMPILED = 50_000
MAX_COMPILED_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One operation: `{name: args}`, `pointer` at the operator. `pointers` has one for each argument."""

    name: str
    args: tuple[Json, ...]
    pointer: str
    pointers: tuple[str, ...]


Form = Callable[["Compiler", Call, Scope], Term]


@dataclass(slots=True)
class Compiler:
    """What is learnt about one tree while it is walked."""

    operators: Mapping[str, Form]
    lang: str = "en"
    problems: list[Problem] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    lookups: set[tuple[str, str]] = field(default_factory=set)
    circumstances: set[str] = field(default_factory=set)
    loops: bool = False
    nodes: int = 0
    too_large: bool = False

    def problem(self, pointer: str, template: str, /, **params: object) -> Term:
        """Note what is wrong; gives a term that nothing further is said about."""
        self.problems.append(Problem(pointer, say(self.lang, template, **params)))
        return Term(None, OTHER, pointer)

    def unknown(self, pointer: str, template: str, word: object, known: Mapping[str, Any]) -> Term:
        """Note a word that is none of `known`, with the one that was probably meant. `template` names it `{word}`."""
        message = say(self.lang, template, word=word) + meant(self.lang, word, known)
        self.problems.append(Problem(pointer, message))
        return Term(None, OTHER, pointer)

    def term(self, tree: Json, pointer: str, scope: Scope) -> Term:
        """The expression `tree`, compiled, as it is read in `scope`."""
        self.nodes += 1
        if pointer.count("/") > MAX_DEPTH or self.nodes > MAX_NODES:
            return self._too_large(pointer)
        match tree:
            case dict():
                return self._operation(tree, pointer, scope)
            case list():
                return self._list([self.term(item, step(pointer, i), scope) for i, item in enumerate(tree)], pointer)
            case _:
                return _literal(tree, pointer)

    def _too_large(self, pointer: str) -> Term:
        if self.too_large:
            return Term(None, OTHER, pointer)
        self.too_large = True
        return self.problem(pointer, "This rule is too large: split it into several fields.")

    def _operation(self, tree: dict[str, Json], pointer: str, scope: Scope) -> Term:
        if len(tree) != 1:
            return self.problem(pointer, "An operation is an object with exactly one key, its operator.")
        name, given = next(iter(tree.items()))
        at = step(pointer, name)
        form = self.operators.get(name)
        if form is None:
            return self.unknown(at, "There is no operator “{word}”.", name, self.operators)
        args = tuple(given) if isinstance(given, list) else (given,)
        pointers = tuple(step(at, i) for i in range(len(args))) if isinstance(given, list) else (at,)
        return form(self, Call(name, args, at, pointers), scope)

    def _list(self, terms: list[Term], pointer: str) -> Term:
        item = BLANK
        for term in terms:
            joined = join(item, term.type)
            if joined is None:
                return self.problem(term.pointer, "What stands in a list must be of one kind.")
            item = joined
        literal = all(term.literal for term in terms)
        return Term([term.tree for term in terms], list_of(item), pointer, sure=True, literal=literal)

    def terms(self, call: Call, scope: Scope) -> list[Term]:
        """The arguments of `call`, each compiled."""
        return [self.term(arg, at, scope) for arg, at in zip(call.args, call.pointers, strict=True)]

    def arity(self, call: Call, least: int, most: int | None = None) -> bool:
        """Whether `call` has a right number of arguments; says so where it has not."""
        wrong = miscounted(self.lang, call.name, len(call.args), least, most)
        if wrong:
            self.problem(call.pointer, wrong)
        return not wrong

    def read(self, path: tuple[str, ...]) -> None:
        """Note that the rule depends on what stands at `path` in the record, and on what is around it."""
        self.needs.add(path[0])
        self.reads.update(".".join(path[: end + 1]) for end in range(len(path)))

    def circumstance(self, name: str, scope: Scope, *rest: Json) -> Json:
        """The core tree that reads what is passed in beside the record (`today`, `zone`, …), from any depth of loops."""
        self.circumstances.add(name)
        return climb(scope.depth, "$", name, *rest)


def climb(levels: int, *path: Json) -> Json:
    """The core tree that reads `path` from as many loops above as `levels` says."""
    return {"val": [[2 * levels], *path]} if levels else {"val": list(path)}


def _literal(value: Json, pointer: str) -> Term:
    if isinstance(value, bool):
        return Term(value, SWITCH, pointer, sure=True, literal=True)
    if is_number(value):
        return Term(value, NUMBER, pointer, sure=True, literal=True)
    if isinstance(value, str) and value:
        return Term(value, TEXT, pointer, sure=True, literal=True)
    return Term(None, BLANK, pointer, literal=True)


def fits(tree: Json) -> bool:
    """Whether a compiled tree is small and flat enough for the evaluators."""
    size, depth = _measured(tree, {})
    return size <= MAX_COMPILED and depth <= MAX_COMPILED_DEPTH


def _measured(tree: Json, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many values stand in a tree, and how deep. Parts that stand in several places, maybe very many, are looked at once."""
    if not isinstance(tree, dict | list):
        return 1, 1
    if id(tree) not in known:
        inner = [_measured(value, known) for value in (tree.values() if isinstance(tree, dict) else tree)]
        known[id(tree)] = 1 + sum(size for size, _ in inner), 1 + max((depth for _, depth in inner), default=0)
    return known[id(tree)]


def record_scope(fields: Mapping[str, Typed]) -> Scope:
    """What a rule of a form sees: its fields."""
    return Scope("record", names=fields)


def kind_name(lang: str, kind: str) -> str:
    """What people call a kind of value."""
    return say(lang, _KIND_NAMES[kind])


_KIND_NAMES = {
    "text": "a text",
    "option": "an option",
    "options": "several options",
    "number": "a number",
    "switch": "yes or no",
    "date": "a date",
    "time": "a time",
    "datetime": "a date and time",
    "duration": "a duration",
    "reference": "a reference",
    "references": "several references",
    "table": "a table",
    "group": "a group of fields",
    "other": "some value",
    "list": "a list",
    "blank": "nothing",
}
