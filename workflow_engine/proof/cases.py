"""One way in which people may turn out: what must be true of the record for it, and several such ways at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from .statements import Names, Statement

MOST_COMBINATIONS = 400
Group = frozenset[str]
SOMEBODY, PERHAPS = "\0somebody", "\0perhaps"
"""Stand for people of whom it is not known who they are; `PERHAPS`: nor whether there are any."""
UNKNOWN_PEOPLE = frozenset({SOMEBODY, PERHAPS})


@dataclass(frozen=True, slots=True)
class Case:
    """One way an entry turns out: what must be true of the record for it, and whom it finds then. `did` says who did
    which earlier step in it."""

    statements: frozenset[Statement]
    found: Group
    did: frozenset[tuple[str, Group]] = frozenset()

    @property
    def known(self) -> bool:
        """Whether it is known of everybody who they are."""
        return self.found.isdisjoint(UNKNOWN_PEOPLE)

    @property
    def perhaps_nobody(self) -> bool:
        """Whether it is not known if there is anybody."""
        return self.found == {PERHAPS}


NOBODY = Case(frozenset(), frozenset())
UNKNOWN = Case(frozenset(), frozenset({SOMEBODY}))


def without(found: Group, barred: Group) -> Group:
    """Who is left of the people found when separation of duties keeps some from a step. Of unknown people all may be barred."""
    left = found - barred
    if not found.isdisjoint(UNKNOWN_PEOPLE):
        return (left - UNKNOWN_PEOPLE) | ({PERHAPS} if barred else found & UNKNOWN_PEOPLE)
    return left | {SOMEBODY} if left and not barred.isdisjoint(UNKNOWN_PEOPLE) else left


def together(cases: Iterable[Case]) -> Case | None:
    """Several cases at once; None where different people did the same step, or stand in the same field, in them."""
    cases = tuple(cases)
    found = frozenset[str]().union(*(case.found for case in cases))
    telling = [case for case in cases if case.statements or case.did]
    if len(telling) < 2:  # by far the most, where there are thousands of members
        one = telling[0] if telling else NOBODY
        return Case(one.statements, found, one.did)
    did: dict[str, Group] = {}
    named: dict[str, Names] = {}
    statements = set[Statement]()
    for case in telling:
        if any(did.setdefault(step, group) != group for step, group in case.did):
            return None
        for statement in case.statements:
            if isinstance(statement, Names):
                both = _both(named.get(statement.key, statement), statement)
                if not both.ids and not both.or_blank:
                    return None
                named[statement.key] = both
            else:
                statements.add(statement)
    return Case(frozenset({*statements, *named.values()}), found, frozenset(did.items()))


def _both(one: Names, other: Names) -> Names:
    return Names(one.key, one.ids & other.ids, one.or_blank and other.or_blank)


def all_together(lists: Iterable[list[Case]]) -> Iterator[Case]:
    """One case of each list, in every combination that can be."""
    for combination in islice(product(*lists), MOST_COMBINATIONS):
        both = together(combination)
        if both is not None:
            yield both


def merged(cases: Iterable[Case]) -> list[Case]:
    """The cases, those put together that differ only in the value of one field and find the same people."""
    groups: dict[Any, list[Names]] = {}
    for case in cases:
        names = [statement for statement in case.statements if isinstance(statement, Names)]
        rest = case.statements - {names[0]} if len(names) == 1 else case.statements
        key = names[0].key if len(names) == 1 else None
        groups.setdefault((case.found, rest, key, case.did), []).extend(names[:1] if key is not None else [])
    return [Case(rest | _any_of(names), found, did) for (found, rest, _, did), names in groups.items()]


def _any_of(names: list[Names]) -> frozenset[Statement]:
    if not names:
        return frozenset()
    ids = frozenset[str]().union(*(one.ids for one in names))
    return frozenset({Names(names[0].key, ids, any(one.or_blank for one in names))})
