"""The parts of a rule while it is compiled: what each expression is, and what `var` sees where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .temporal import is_temporal
from .types import TEMPORAL, LogicType, Typed

Json = Any
"""A JSON value: null, switch, number, text, list or mapping."""


@dataclass(frozen=True, slots=True)
class Term:
    """An expression that was looked at: its core tree, its type, and where it stands.

    `sure`: it is never blank. `literal`: its source is a plain value, so that it can be read as what it is compared
    with (a text as a date). `path`: where in the record a list that is looped over stands, if it does.
    """

    tree: Json
    type: LogicType
    pointer: str
    sure: bool = False
    literal: bool = False
    path: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What `var` sees: a record, a row or element of a list, or the pair that a `reduce` folds.

    `element` is what `{"var": ""}` gives (None in a record). `path` is where the names stand in the record, for
    `Rule.reads` (None: nowhere). `outer` is the scope around a loop.
    """

    kind: Literal["record", "element", "fold"]
    names: Mapping[str, Typed] = field(default_factory=dict)
    element: LogicType | None = None
    path: tuple[str, ...] | None = ()
    outer: "Scope | None" = None

    @property
    def depth(self) -> int:
        """How many loops stand around it."""
        return 0 if self.outer is None else self.outer.depth + 1


def read_as(term: Term, kind: str) -> Term:
    """`term`; a literal that is the ISO text of a `kind` (a date, a time, …) is taken for one."""
    if term.literal and term.type.kind == "text" and kind in TEMPORAL and is_temporal(term.tree, kind):
        return replace(term, type=LogicType(kind))  # type: ignore[arg-type]
    return term


def alike(terms: list[Term]) -> list[Term]:
    """`terms`, in which ISO literals beside a date (a time, …) are taken for dates."""
    kind = next((term.type.kind for term in terms if term.type.kind in TEMPORAL), None)
    return [read_as(term, kind) for term in terms] if kind else terms


_BLANKS: dict[str, Json] = {"number": 0, "switch": False, "text": "", "option": "", "reference": "", "list": []}


def filled(term: Term, kind: str) -> Json:
    """The tree of `term` as a value of `kind`, with what a blank means there (meaning.md section 3)."""
    tree = term.tree
    if term.type.kind == "blank":
        return _BLANKS.get(kind)
    if term.type.kind == "other":
        tree = {"as": [tree, kind]}
    elif term.sure:
        return tree
    return {"??": [tree, _BLANKS[kind]]} if kind in _BLANKS else tree
