"""What statements about a record depend on, and what is left of them when fields may have been changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from formloom.form_engine.definition import Form

from .statements import (
    AnyOf,
    Condition,
    Demanded,
    Made,
    Names,
    Present,
    Required,
    RowsName,
    SavedToday,
    Statement,
    Unfilled,
    outlives_the_day,
)

Facts = frozenset[Statement]
NONE = frozenset[str]()
DEEPEST = 3
"""So deep do alternatives stand within alternatives (see `common`)."""


@dataclass(slots=True)
class Dependencies:
    """Which entered fields the value of a field, or the truth of a statement, depends on."""

    form: Form
    known: dict[str, frozenset[str]] = field(default_factory=dict)

    def of_field(self, key: str) -> frozenset[str]:
        """The entered fields behind a field, itself among them if it is one."""
        if key not in self.known:
            self.known[key] = frozenset({key})
            entry = self.form.fields.get(key)
            if entry is not None:
                rules = [rule for rule in (entry.compute, entry.visible_when) if rule is not None]
                own = frozenset() if entry.compute is not None else frozenset({key})
                inner = (column.compute for column in entry.columns.values())
                rules += [rule for rule in inner if rule is not None]
                self.known[key] = own.union(*(self.of_paths(rule.reads) for rule in rules))
        return self.known[key]

    def of_paths(self, paths: Iterable[str]) -> frozenset[str]:
        """The entered fields behind the fields that a rule reads."""
        return frozenset[str]().union(*(self.of_field(path.partition(".")[0]) for path in paths))

    def of(self, statement: Statement) -> frozenset[str]:
        """The entered fields that a statement depends on."""
        match statement:
            case Condition(when, _):
                return self.of_paths(when.rule.reads)
            case Present(key, _) | Demanded(key) | Names(key, _, _):
                return self.of_field(key)
            case Unfilled(key):
                default = self.form.fields[key].default
                return frozenset({key}) | self.of_paths(default.reads if default is not None else ())
            case RowsName(table):
                return self.of_field(table)
            case Required(key):
                entry = self.form.fields[key]
                extra = (
                    self.of_paths(entry.required_when.reads) if entry.required_when is not None else frozenset[str]()
                )
                return self.of_field(key) | extra
            case Made(key, equals):
                return self.of_field(key) | self.of_paths(equals.rule.reads if equals is not None else ())
            case SavedToday():
                return frozenset()
            case AnyOf(parts):
                return frozenset[str]().union(*(self.of(inner) for part in parts for inner in part))

    def without(
        self, facts: Facts, changed: frozenset[str], asked: frozenset[str] = NONE, filled: frozenset[str] = NONE
    ) -> Facts:
        """The facts that a change of these fields leaves standing. Of those in `asked` the change must keep to what the
        form requires; those in `filled` it leaves filled wherever they are relevant."""
        kept = {fact for fact in facts if not self.of(fact) & changed or _asked(fact, asked, filled)}
        made = {fact.key for fact in facts - kept if isinstance(fact, Made)}
        return frozenset({*kept, *(Made(key) for key in made if not self.of_field(key) & changed)})

    def later(self, facts: Facts) -> Facts:
        """What is left of the facts on another day."""
        kept = {fact for fact in facts if outlives_the_day(fact)}
        return frozenset({*kept, *(Made(fact.key) for fact in facts - kept if isinstance(fact, Made))})

    def without_all(self, facts: Facts, changes: Iterable["Change"]) -> Facts:
        """The facts that none of several changes takes away."""
        for change in changes:
            facts = self.without(facts, change.fields, change.asked, change.filled)
        return facts


@dataclass(frozen=True, slots=True)
class Change:
    """Fields that may be changed at once; of those in `asked`, what the form requires must be filled in; those in `filled`
    are filled afterwards."""

    fields: frozenset[str]
    asked: frozenset[str]
    filled: frozenset[str] = NONE


def _asked(fact: Statement, asked: frozenset[str], filled: frozenset[str]) -> bool:
    match fact:
        case Required(key):
            return key in asked
        case Demanded(key):
            return key in filled
    return False


def _depth(fact: Statement) -> int:
    """How deep alternatives stand within a statement; 0 where it is none."""
    if not isinstance(fact, AnyOf):
        return 0
    return 1 + max((_depth(inner) for part in fact.parts for inner in part), default=0)


def common(alternatives: Sequence[Facts]) -> Facts:
    """What holds whichever of the alternatives is the case. Alternatives within alternatives are kept to some depth only:
    in a loop each round would put those of the last one into its own."""
    shared = frozenset.intersection(*alternatives)
    rests = [frozenset(fact for fact in facts - shared if _depth(fact) < DEEPEST) for facts in alternatives]
    if len(rests) < 2 or any(not rest for rest in rests):
        return shared
    return shared | {AnyOf(tuple(rests))}
