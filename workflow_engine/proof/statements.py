"""What can be asked of a record: the statements of which the proof's questions are made."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from formloom.form_engine.logic import Rule

from .. import tree


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the workflow that shall hold, or shall not."""

    when: tree.Condition
    holds: bool = True

    @property
    def rule(self) -> Rule:
        """The condition, compiled."""
        return self.when.rule


@dataclass(frozen=True, slots=True)
class Present:
    """A field that is filled (`filled`), or blank."""

    key: str
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A field that nobody could fill in so far: it is blank, or as its default made it."""

    key: str


@dataclass(frozen=True, slots=True)
class Demanded:
    """A step asked for the field: it is filled, unless its own condition makes it irrelevant."""

    key: str


@dataclass(frozen=True, slots=True)
class Required:
    """What the form requires of the field is already asked for."""

    key: str


@dataclass(frozen=True, slots=True)
class Names:
    """A member or department field that names one of `ids`, or is blank if `or_blank`."""

    key: str
    ids: frozenset[str]
    or_blank: bool = False


@dataclass(frozen=True, slots=True)
class RowsName:
    """The rows of a table that name somebody in a column all name one of `ids`, and there is one; without: there is none."""

    table: str
    column: str
    ids: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Made:
    """An action set the field, so that it need not hold what people could type: `equals` says what it holds, if that is
    still known."""

    key: str
    equals: tree.Condition | None = None


@dataclass(frozen=True, slots=True)
class SavedToday:
    """The record was saved on the day of the proof, so that rules that read the clock are kept to."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several sets of statements, each wholly."""

    parts: tuple[frozenset["Statement"], ...]


Statement = Condition | Present | Unfilled | Demanded | Required | Names | RowsName | Made | SavedToday | AnyOf


def outlives_the_day(statement: Statement) -> bool:
    """Whether a statement is as true tomorrow as it is today."""
    match statement:
        case SavedToday():
            return False
        case Condition(when, _) | Made(_, tree.Condition() as when):
            return not when.rule.dynamic
        case AnyOf(parts):
            return all(outlives_the_day(inner) for part in parts for inner in part)
    return True


def made_of_late(statements: Iterable[Statement]) -> Iterable[str]:
    """The fields that actions set, of which is no longer known to what."""
    for statement in statements:
        match statement:
            case Made(key, None):
                yield key
            case AnyOf(parts):
                for part in parts:
                    yield from made_of_late(part)


def numbers_in(statement: Statement) -> Iterable[Fraction]:
    """Every number that the conditions in a statement name."""
    return (number for when in _conditions(statement) for number in _literals(when.tree))


def reads_of(statement: Statement) -> Iterable[str]:
    """The fields that the conditions in a statement read, columns too."""
    return (path for when in _conditions(statement) for path in when.rule.reads)


def _conditions(statement: Statement) -> Iterable[tree.Condition]:
    match statement:
        case Condition(when, _) | Made(_, tree.Condition() as when):
            yield when
        case AnyOf(parts):
            for part in parts:
                for inner in part:
                    yield from _conditions(inner)


def texts_in(logic: Any) -> Iterable[str]:
    """Every text that stands in a piece of logic."""
    match logic:
        case str():
            yield logic
        case dict():
            for value in logic.values():
                yield from texts_in(value)
        case list():
            for value in logic:
                yield from texts_in(value)


def _literals(logic: Any) -> Iterable[Fraction]:
    match logic:
        case bool():
            return
        case int() | float():
            yield Fraction(repr(logic))
        case dict():
            for value in logic.values():
                yield from _literals(value)
        case list():
            for value in logic:
                yield from _literals(value)
