"""Whom an entry of the people grammar may find: every way in which it may turn out, with what must be true of the record.

Only with a directory. Of the record, the fields that people are taken from are tried with every member or department
that the directory has. Who did an earlier step is one of the groups that could have (`who_did`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, islice, product
from typing import Any

from .. import assignment
from ..directory import Directory
from ..tree import Step, Workflow
from .cases import (
    MOST_COMBINATIONS,
    NOBODY,
    PERHAPS,
    SOMEBODY,
    UNKNOWN,
    UNKNOWN_PEOPLE,
    Case,
    Group,
    all_together,
    merged,
    together,
    without,
)
from .dependencies import Dependencies
from .facts import FactsOf
from .records import Budget
from .statements import Condition, Names, Present, RowsName, Statement

MOST_GROUPS = 60
MOST_CASES = 1000
MOST_HANGING = 2


@dataclass(frozen=True, slots=True)
class Those:
    """An entry that finds these people."""

    ids: tuple[str, ...]

    def find(self, scope: assignment.Scope) -> tuple[str, ...]:
        """Them."""
        return self.ids


@dataclass(slots=True)
class Cases:
    """The ways in which the people of one workflow may turn out."""

    workflow: Workflow
    directory: Directory
    budget: Budget
    known: dict[tuple[str, str], list[Case]] = field(default_factory=dict)
    of_entry: dict[tuple[int, str], list[Case]] = field(default_factory=dict)
    dependent: dict[str, bool] = field(default_factory=dict)
    findable: dict[str, Group | None] = field(default_factory=dict)
    doers: dict[tuple[str, str], list[Case]] = field(default_factory=dict)
    starting: list[tuple[str, frozenset[Statement]]] | None = None
    in_turn: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Members are tried in the directory's order; where they are more than can be tried, those come first whom the
        workflow finds in another way too: for all others it comes to the same."""
        self.in_turn = self.directory.members()
        if len(self.in_turn) > MOST_COMBINATIONS:
            specs = [step.spec for step in self.workflow.in_order() if step.type.decided_by_people]
            lists = [self.workflow.who, *(people for spec in specs for people in (spec.assignees, spec.when_empty))]
            found = (people.find(self.scope("", {})) for people in lists if isinstance(people, assignment.People))
            telling = frozenset(self.directory.admins()).union(*found)
            self.in_turn = tuple(sorted(self.in_turn, key=lambda member: member not in telling))

    def scope(self, initiator: str, record: Mapping[str, Any]) -> assignment.Scope:
        """What decides who is found, where everything but these two is known already."""
        return assignment.Scope(record, self.directory, initiator, lambda step: (), (), lambda when: True)

    def initiators(self) -> list[tuple[str, frozenset[Statement]]]:
        """Each member who may start (`start.who`), with what must be true of the record for it."""
        if self.starting is None:
            self.starting = [*self._who_may_start()]
        return self.starting

    def _who_may_start(self) -> Iterator[tuple[str, frozenset[Statement]]]:
        who, members = self.workflow.who, self.directory.members()
        if who is None:
            yield from ((member, frozenset()) for member in members)
            return
        same = None if any(map(self.depends, who.entries)) else list(self.of_list(who, ""))
        for member in members:
            outcomes = self.of_list(who, member) if same is None else same
            ways = [case.statements for case in outcomes if not (UNKNOWN_PEOPLE | {member}).isdisjoint(case.found)]
            if ways:
                yield member, min(ways, key=len)

    def of_step(self, step: Step, initiator: str) -> list[Case]:
        """Every way in which the whole list of assignees may turn out, the emptiest first, after the rules for
        requests of one's own and for separated duties. Once the time is over, it is not known who is found."""
        place = (step.id, initiator if self._matters(step, initiator) else "")
        if place not in self.known:
            if self.budget.left() <= 0:
                return [UNKNOWN]
            cases = dict.fromkeys(islice(self._of_step(step, place[1]), MOST_CASES))
            self.known[place] = sorted(cases, key=lambda case: len(case.found))
        return self.known[place]

    def _matters(self, step: Step, initiator: str) -> bool:
        """Whether it makes a difference that it was this member who started the request. Where only the rules for requests
        of one's own and for separated duties ask for it, it does for those whom the step may find: of thousands of
        members, few."""
        if not self.depends_on_initiator(step):
            return False
        if step.id not in self.findable:
            self.findable[step.id] = None
            if not any(map(self.depends, step.spec.assignees.entries)) and not self.bars_depend(step):
                cases = islice(self._of_step(step, ""), MOST_CASES)
                self.findable[step.id] = frozenset[str]().union(*(case.found for case in cases))
        found = self.findable[step.id]
        return found is None or initiator in found

    def asked(self, step: Step, initiator: str) -> list[Case]:
        """Every group that may be asked in the end: the people found, or those who stand in for nobody, whom separation of
        duties bars as well; nothing where the step then waits for an admin."""
        found = self.of_step(step, initiator)
        if step.spec.when_empty == "skip" or all(case.found for case in found):
            return found
        instead, bars = self._instead(step, initiator), list(self._barred(step, initiator))
        return [asked for case in found for asked in ([case] if case.found else _standing_in(case, instead, bars))]

    def _instead(self, step: Step, initiator: str) -> list[Case]:
        """Every way in which those may turn out who are asked where nobody is found."""
        if isinstance(step.spec.when_empty, assignment.People):
            return list(self.of_list(step.spec.when_empty, initiator))
        admins = self.directory.admins() if step.spec.when_empty == "admin" else ()
        return [Case(frozenset(), frozenset(admins))]

    def depends_on_initiator(self, step: Step) -> bool:
        """Whether it makes a difference for the people of a step who started the request."""
        if step.id not in self.dependent:
            own = self.workflow.settings.own
            self.dependent[step.id] = True  # while it is worked out: steps that bar each other
            self.dependent[step.id] = (step.type.decides and own != "decide") or self._asks_for_initiator(step)
        return self.dependent[step.id]

    def _asks_for_initiator(self, step: Step) -> bool:
        """Whether something else than the rule for requests of one's own asks who started the request."""
        spec = step.spec
        instead = spec.when_empty.entries if isinstance(spec.when_empty, assignment.People) else ()
        entries = (*spec.assignees.entries, *instead)
        return "initiator" in spec.not_doers or any(map(self.depends, entries)) or self.bars_depend(step)

    def bars_depend(self, step: Step) -> bool:
        """Whether it makes a difference who started the request for whom the doers of other steps keep from a step."""
        return any(self._doers_depend(name) for name in step.spec.not_doers if name != "initiator")

    def _doers_depend(self, step_id: str) -> bool:
        """Whether it makes a difference who started the request for who has done a step: also where those count who
        approved before."""
        step = self.workflow.steps[step_id]
        if not step.type.decided_by_people:
            return False
        before = self.workflow.in_order()[: step.order] if self._may_be_counted(step) else ()
        return self.depends_on_initiator(step) or any(self._doers_depend(one.id) for one in before if one.type.decides)

    def _hangs_on(self, step: Step) -> int:
        """On how many earlier steps, one after the other, it hangs who does a step."""
        before = self.workflow.surely_done(step.id)
        entries = step.spec.assignees.entries
        names = {*(name for entry in entries for name in _doers_of(entry)), *step.spec.not_doers} & {*before}
        others = (self.workflow.steps[name] for name in names)
        return 1 + max((self._hangs_on(other) for other in others if other.type.decided_by_people), default=0)

    def depends(self, entry: assignment.Entry) -> bool:
        """Whether it makes a difference for whom an entry finds who started the request."""
        match entry:
            case assignment.TheInitiator():
                return True
            case assignment.DoersOf(step):
                return self._doers_depend(step)
            case assignment.Only(_, inner) | assignment.HeadOfPerson(inner) | assignment.ManagerOf(inner, _, _):
                return self.depends(inner)
            case assignment.ChosenBy(assignment.People(entries)):
                return any(self.depends(one) for one in entries)
        return False

    def never_finds_anybody(self, step: Step) -> bool:
        """Whether a step always waits for an admin, whoever starts the request and whatever it says."""
        decided_by_time = step.spec.due is not None and step.spec.due.decide is not None
        if step.spec.when_empty != "block" or decided_by_time:
            return False
        initiators = self.initiators() or [(member, frozenset()) for member in self.directory.members()]
        different = initiators if self.depends_on_initiator(step) else initiators[:1]
        return not any(case.found for initiator, _ in different for case in self.of_step(step, initiator))

    def _of_step(self, step: Step, initiator: str) -> Iterator[Case]:
        bars = list(self._barred(step, initiator))
        for case in self.of_list(step.spec.assignees, initiator):
            found = self._after_own_request(step, case.found, initiator)
            for barred in bars:
                both = together((case, barred))
                if both is not None:
                    yield replace(both, found=without(found, barred.found))

    def of_list(self, people: assignment.People, initiator: str) -> Iterator[Case]:
        """Every way in which a list of people may turn out, the emptiest first."""
        yield from all_together([self._sorted(entry, initiator) for entry in people.entries])

    def _sorted(self, entry: assignment.Entry, initiator: str) -> list[Case]:
        place = (id(entry), initiator if self.depends(entry) else "")
        if place not in self.of_entry:
            self.of_entry[place] = sorted(self.of(entry, initiator), key=lambda case: len(case.found))
        return self.of_entry[place]

    def of(self, entry: assignment.Entry, initiator: str) -> list[Case]:
        """Every way in which an entry may turn out for this initiator."""
        match entry:
            case assignment.Only(when, inner):
                held = frozenset[Statement]({Condition(when)})
                cases = [replace(case, statements=case.statements | held) for case in self.of(inner, initiator)]
                return [*cases, Case(frozenset({Condition(when, False)}), frozenset())]
            case assignment.DoersOf(step):
                return self.who_did(step, initiator)
            case assignment.ChosenBy():
                choice = entry.may_choose(self.scope(initiator, {}))
                return [Case(frozenset(), frozenset({SOMEBODY} if choice else ()))]
            case assignment.OfRows(table, column) if len(column.keys) == 1:
                return self._of_rows(table, column, initiator)
            case assignment.OfRows(table, _):
                blank = Case(frozenset({Present(table, False)}), frozenset())
                return [Case(frozenset({Present(table)}), frozenset({SOMEBODY})), blank]
            case assignment.OfField():
                return self._by_value(entry, entry, initiator)
            case assignment.HeadOfDepartment(_, assignment.OfField() as departments):
                return self._by_value(entry, departments, initiator)
            case assignment.HeadOfPerson(person) | assignment.ManagerOf(person, _, _):
                return self._of_persons(entry, person, initiator)
        return [Case(frozenset(), self._find(entry, initiator, {}))]

    def _of_rows(self, table: str, column: assignment.OfField, initiator: str) -> list[Case]:
        """Nobody, each one alone, or some of several."""
        key = column.keys[0]
        values = self.directory.department_ids if column.departments else self.directory.members()
        alone = values if len(values) <= MOST_GROUPS else ()
        cases = [Case(frozenset({RowsName(table, key, None)}), frozenset())]
        for one in alone:
            found = self._find(column, initiator, {key: one})
            cases.append(Case(frozenset({RowsName(table, key, frozenset({one}))}), found))
        several = RowsName(table, key, frozenset(values))
        return [*cases, Case(frozenset({several}), frozenset({SOMEBODY}))]

    def _by_value(self, entry: assignment.Entry, inner: assignment.OfField, initiator: str) -> list[Case]:
        """The values of the field, put together by whom they lead to."""
        key = inner.keys[0]
        if len(inner.keys) != 1:
            return [Case(frozenset(), frozenset({SOMEBODY}))]
        if self.workflow.form.fields[key].several:
            there = Case(frozenset({Present(key)}), frozenset({SOMEBODY}))
            return [there, Case(frozenset({Present(key, False)}), frozenset())]
        values = self.directory.department_ids if inner.departments else self.in_turn
        named = [
            Case(frozenset({Names(key, frozenset({one}))}), self._find(entry, initiator, {key: one})) for one in values
        ]
        return merged([*named, Case(frozenset({Names(key, frozenset(), or_blank=True)}), frozenset())])

    def _of_persons(self, entry: Any, person: assignment.Entry, initiator: str) -> list[Case]:
        """Those above people who may turn out in several ways themselves."""
        cases: list[Case] = []
        for case in self.of(person, initiator):
            if case.known:
                above = replace(entry, person=Those(tuple(sorted(case.found))))
                case = replace(case, found=self._find(above, initiator, {}))
            elif case.found:
                case = replace(case, found=frozenset({PERHAPS}))
            cases.append(case)
        return merged(cases)

    def _find(self, entry: assignment.Entry, initiator: str, record: Mapping[str, Any]) -> Group:
        found = frozenset(entry.find(self.scope(initiator, record)))
        return frozenset(member for member in found if self.directory.active(member))

    def _after_own_request(self, step: Step, found: Group, initiator: str) -> Group:
        if not step.type.decides or self.workflow.settings.own != "goToManager" or initiator not in found:
            return found
        manager = self.directory.manager(initiator)
        return (found - {initiator}) | ({manager} if manager is not None else frozenset())

    # who did an earlier step

    def who_did(self, step_id: str, initiator: str) -> list[Case]:
        """Every group that may have done a step that is surely done. Once the time is over, it is not known who did it."""
        place = (step_id, initiator if self._doers_depend(step_id) else "")
        if place not in self.doers:
            if self.budget.left() <= 0:
                return [UNKNOWN]
            self.doers[place] = self._who_did(self.workflow.steps[step_id], initiator)
        return self.doers[place]

    def _who_did(self, step: Step, initiator: str) -> list[Case]:
        if not step.type.decided_by_people:
            return [NOBODY]
        if self._hangs_on(step) > MOST_HANGING:
            return [UNKNOWN]
        kept, counting = self._still_true(step), self._counted(step, initiator)
        groups = (
            Case(frozenset(filter(kept, both.statements)), group, both.did | {(step.id, group)})
            for case in self.asked(step, initiator)
            for counted in counting
            if (both := together((case, replace(counted, found=frozenset())))) is not None
            for group in self._enough(step, case.found, counted.found)
        )
        return list(dict.fromkeys(islice(groups, MOST_COMBINATIONS)))

    def _still_true(self, step: Step) -> Callable[[Statement], bool]:
        """Whether a statement that was true when a step was reached is so later: nothing that comes then changes its fields."""
        changed, dependencies = FactsOf.changed_from(self.workflow, step), Dependencies(self.workflow.form)
        return lambda statement: not dependencies.of(statement) & changed

    def _enough(self, step: Step, found: Group, counted: Group) -> Iterator[Group]:
        """Every group of just so many of these people as the step needs, those who count as approving among them; nobody
        where there is nobody."""
        if not found or found <= UNKNOWN_PEOPLE:
            yield found
            return
        needed: int = step.spec.mode.needed(len(found))
        if not found.isdisjoint(UNKNOWN_PEOPLE) or (needed < len(found) and not counted.isdisjoint(UNKNOWN_PEOPLE)):
            yield frozenset({SOMEBODY})
            return
        sure = found & counted
        for group in islice(combinations(sorted(found - sure), max(0, needed - len(sure))), MOST_GROUPS):
            yield sure | frozenset(group)

    def _counted(self, step: Step, initiator: str) -> list[Case]:
        """Every group that may count as approving a step: the initiator, and who approved before, if the settings say so.
        Once a later step has sent the request back, only those count who have approved since."""
        own = frozenset({initiator}) if step.type.decides and self.workflow.settings.own == "skip" else frozenset()
        if not self._may_be_counted(step):
            return [Case(frozenset(), own)]
        done = self.workflow.surely_done(step.id)
        before = [other for other in self.workflow.in_order() if other.type.decides and other.order < step.order]
        if any(other.id not in done for other in before):
            return [UNKNOWN]
        before = before[-1:] if self.workflow.settings.repeat == "skipConsecutive" else before
        returns = {
            order for later in self.workflow.in_order()[step.order + 1 :] for order in self._sends_back_to(later)
        }
        orders = [*(other.order for other in before), step.order]
        begins = [0, *(k for k in range(1, len(orders)) if returns & {*range(orders[k - 1] + 1, orders[k] + 1)})]
        did = [self.who_did(other.id, initiator) for other in before]
        ways = (case for first in begins for case in all_together(did[first:]))
        return list(dict.fromkeys(replace(case, found=case.found | own) for case in islice(ways, MOST_COMBINATIONS)))

    def _sends_back_to(self, step: Step) -> Iterator[int]:
        """The numbers of the steps that a step may send the request back to."""
        if step.type.decided_by_people:
            names = self.workflow.surely_before(step.id) if "return" in step.spec.actions else ()
            rejected = (step.spec.on_reject,) if step.spec.returns_to == "step" else ()
            yield from (self.workflow.steps[name].order for name in (*names, *rejected) if name != "initiator")

    def bars_unknown(self, step: Step, initiator: str) -> bool:
        """Whether separation of duties may keep people from a step of whom it is not known who they are."""
        done = self.workflow.surely_done(step.id)
        return any(
            not case.known for name in step.spec.not_doers if name in done for case in self.who_did(name, initiator)
        )

    def _may_be_counted(self, step: Step) -> bool:
        """Whether somebody may count as approving a step because they approved an earlier one."""
        if not step.type.decides or self.workflow.settings.repeat == "each":
            return False
        return any(other.type.decides and other.order < step.order for other in self.workflow.in_order())

    def _barred(self, step: Step, initiator: str) -> Iterator[Case]:
        """Every group that separation of duties may keep from a step. A step that may come later bars nobody here."""
        before = self.workflow.surely_done(step.id)
        bars = [self.who_did(other, initiator) for other in step.spec.not_doers if other in before]
        if "initiator" in step.spec.not_doers:
            bars.append([Case(frozenset(), frozenset({initiator}))])
        yield from all_together(bars)


def _standing_in(nobody: Case, instead: list[Case], bars: list[Case]) -> Iterator[Case]:
    """Those who stand in where nobody was found, as far as whoever did the earlier steps then does not bar them, too."""
    barring = {barred.found for barred in bars if barred.did <= nobody.did}
    for barred, other in product(barring, instead):
        both, left = together((nobody, other)), without(other.found, barred)
        if both is not None and left:
            yield replace(both, found=left)


def _doers_of(entry: assignment.Entry) -> Iterator[str]:
    """The steps whose doers an entry asks for."""
    match entry:
        case assignment.DoersOf(step):
            yield step
        case assignment.Only(_, inner) | assignment.HeadOfPerson(inner) | assignment.ManagerOf(inner, _, _):
            yield from _doers_of(inner)
