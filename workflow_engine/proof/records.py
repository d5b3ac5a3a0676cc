"""Is there a valid record for which …? The one question of the proof, asked of z3 and answered with a real record.

A "no" is z3's, over an encoding that leaves free whatever it does not understand, so it can be relied on. A "yes" is a
record: completed, computed and validated by the form engine, its conditions evaluated by the real evaluator. What does
not come out there as it should is "unknown" (meaning.md section 5, "every counter-example is replayed").
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import z3

from formloom.form_engine.definition import Field, Form
from formloom.form_engine.logic import LogicError, Moment, Rule, evaluate, truth
from formloom.form_engine.record import Access, Context, settle

from .. import tree
from ..directory import Directory
from .dependencies import Dependencies
from .layouts import Layout, layouts
from .models import Encoding, Models, retold
from .reading import Reader
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
    made_of_late,
    numbers_in,
    texts_in,
)
from .symbols import Symbols
from .theory import Theory
from .variables import Variables

QUERY_MILLISECONDS = 2000
NO_ROWS: Layout = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """`yes` with a record, `no`, or `unknown` with the reason (outside the theory; out of time)."""

    verdict: Literal["yes", "no", "unknown"]
    record: Mapping[str, Any] | None = None
    reason: Literal["", "theory", "time"] = ""


@dataclass(slots=True)
class Budget:
    """How long the proof may take. `clock` gives seconds; without one each query has its own limit only."""

    seconds: float = 10.0
    clock: Callable[[], float] | None = None
    begun: float | None = None

    def left(self) -> float:
        """Seconds left."""
        if self.clock is None:
            return self.seconds
        if self.begun is None:
            self.begun = self.clock()
        return self.seconds - (self.clock() - self.begun)


@dataclass(slots=True)
class Records:
    """Answers questions about the valid records of one form. `named` are the texts that the workflow's conditions name."""

    form: Form
    now: datetime
    zone: str = "UTC"
    directory: Directory | None = None
    budget: Budget = field(default_factory=Budget)
    named: frozenset[str] = frozenset()
    literals: dict[str, frozenset[str]] = field(default_factory=dict)
    taken: dict[tuple[str, str], bool] = field(default_factory=dict)
    encodings: dict[tuple[Layout | None, bool], Encoding] = field(default_factory=dict)
    answers: dict[frozenset[Statement], Answer] = field(default_factory=dict)

    def ask(self, statements: Iterable[Statement]) -> Answer:
        """Whether some valid record makes all `statements` true."""
        asked = frozenset(statements)
        if asked not in self.answers:
            answer = self._ask(asked)
            vague = answer.verdict == "yes" and self._is_vague(asked)
            self.answers[asked] = Answer("unknown", reason="theory") if vague else answer
        return self.answers[asked]

    def _is_vague(self, asked: frozenset[Statement]) -> bool:
        """Whether it is asked about a field that holds what an action made of it, of which nothing is known any more."""
        dependencies = Dependencies(self.form)
        read = (dependencies.of(one) for one in asked if isinstance(one, Condition | Present | Names | RowsName))
        return not frozenset[str]().union(*read).isdisjoint(made_of_late(asked))

    def _ask(self, asked: frozenset[Statement]) -> Answer:
        if self.budget.left() <= 0:
            return Answer("unknown", reason="time")
        late, is_open = False, self._is_open(asked)
        if is_open and self._solve(None, False, asked)[0] == z3.unsat:
            return Answer("no")
        counts, complete = self._layouts(asked) if is_open else ([NO_ROWS], True)
        refuted = 0
        for rows in counts:
            for exact in (False, True):
                verdict, found = self._solve(rows, exact, asked)
                if found is not None:
                    return Answer("yes", self._settled(found, asked))
                late = late or verdict == z3.unknown
                refuted += verdict == z3.unsat
                if verdict == z3.unsat or not self.encodings[(rows, exact)].variables.symbols.loose:
                    break
        if complete and refuted == len(counts):
            return Answer("no")
        return Answer("unknown", reason="time" if late or self.budget.left() <= 0 else "theory")

    def _is_open(self, asked: frozenset[Statement]) -> bool:
        """Whether there is more to a record than one layout shows: rows of tables, or data from elsewhere."""
        return any(entry.logic.kind == "table" for entry in self.form.fields.values()) or self._is_linked(asked)

    def _is_linked(self, asked: frozenset[Statement]) -> bool:
        rules = [entry.compute for entry in self.form.fields.values() if entry.compute is not None]
        rules += [statement.rule for statement in asked if isinstance(statement, Condition)]
        derived = any(entry.type.derived for entry in self.form.fields.values())
        return derived or any(rule.lookups for rule in rules)

    def _layouts(self, asked: frozenset[Statement]) -> tuple[list[Layout], bool]:
        """With how many rows it is tried, and whether a record can be no other."""
        if not any(entry.logic.kind == "table" for entry in self.form.fields.values()):
            return [NO_ROWS], False
        found, complete = layouts(self.form, (number for statement in asked for number in numbers_in(statement)))
        return found, complete and not self._is_linked(asked)

    def _solve(
        self, rows: Layout | None, exact: bool, asked: frozenset[Statement]
    ) -> tuple[Any, dict[str, Any] | None]:
        """z3's verdict, and a record that one of its models stands for and that makes all true of which it was asked."""
        encoding = self.encoding(rows, exact)
        solver = encoding.solver
        solver.push()
        try:
            solver.set("timeout", max(1, min(QUERY_MILLISECONDS, int(self.budget.left() * 1000))))
            solver.add(*[self._term(encoding, statement) for statement in asked])
            verdict = solver.check()
            if verdict != z3.sat or rows is None:
                return verdict, None
            tried = self._tries(encoding, asked)
            return verdict, next((record for record in tried if self.true_of(asked, record)), None)
        finally:
            solver.pop(solver.num_scopes())

    def _tries(self, encoding: Encoding, asked: frozenset[Statement]) -> Iterator[dict[str, Any]]:
        """Records that may make all statements true: with what the form requires, and without."""
        loose = encoding.variables.symbols.loose
        finder = Models(self.form, encoding, asked, _local(self.now, self.zone), self._term)
        for number, model in enumerate(finder.models()):
            readers = (Reader(encoding.variables, model, self._takes, bare) for bare in (False, True))
            records = [reader.record() for reader in readers]
            yield from records
            if loose and number == 0:
                yield from retold(records[0], asked, self._accepted())

    def encoding(self, rows: Layout | None, exact: bool) -> Encoding:
        """The solver over records with so many rows (None: any number); `exact`: it tries products of two free numbers."""
        if (rows, exact) not in self.encodings:
            symbols = Symbols()
            clock = {"today": _local(self.now, self.zone).isoformat(), "now": self.now.isoformat()}
            theory = Theory(symbols, clock, exact, closed=rows is not None)
            counts = dict(rows) if rows is not None else None
            literals = self._accepted()
            variables = Variables(self.form, symbols, theory, self.directory, counts, self.named, literals)
            variables.prepare()
            solver = z3.Solver(ctx=symbols.context)
            solver.add(*variables.constraints)
            self.encodings[(rows, exact)] = Encoding(variables, solver)
        return self.encodings[(rows, exact)]

    def _accepted(self) -> Mapping[str, frozenset[str]]:
        """Of the texts that any logic names, those that each text field takes."""
        if not self.literals:
            self.named |= frozenset(_texts_of(self.form))
            texts = [entry for entry in self.form.every_field() if entry.logic.kind in {"text", "reference"}]
            self.literals = {
                entry.path: frozenset(text for text in self.named if self._takes(entry, text)) for entry in texts
            }
        return self.literals

    def _takes(self, entry: Field, text: str) -> bool:
        """Whether the field (a column: of the first row) accepts the text."""
        place = (entry.path, text)
        if place not in self.taken:
            self.taken[place] = bool(text.strip()) and self._tried(entry, text)
        return self.taken[place]

    def _tried(self, entry: Field, text: str) -> bool:
        above, *below = entry.keys
        value: Any = text
        for key in reversed(below):
            value = {key: value}
        within = below and self.form.fields[above].logic.kind == "table"
        context = Context(now=self.now, zone=self.zone, system=True)
        errors = settle(self.form, {above: [value] if within else value}, context).errors
        pointer = "/".join(("", above, *(["0"] if within else []), *below))
        return all(error.pointer != pointer for error in errors)

    def _term(self, encoding: Encoding, statement: Statement) -> Any:
        if statement not in encoding.statements:
            before = len(encoding.variables.constraints)
            encoding.statements[statement] = self._encode(encoding, statement)
            added = encoding.variables.constraints[before:]
            if added:
                encoding.statements[statement] = z3.And(encoding.statements[statement], *added)
        return encoding.statements[statement]

    def _encode(self, encoding: Encoding, statement: Statement) -> Any:
        variables, symbols = encoding.variables, encoding.variables.symbols
        match statement:
            case Condition(when, holds):
                term = variables.theory.holds(when.rule.compiled, variables.of)
                return term if holds else z3.Not(term)
            case Present(key, filled):
                sym = variables.of(key)
                term = sym.present if sym is not None else symbols.false()
                return term if filled else z3.Not(term)
            case Unfilled(key):
                return variables.unfilled(key)
            case Demanded(key):
                return variables.demanded(key)
            case Required(key):
                return variables.required(key)
            case Names(key, ids, or_blank):
                sym = variables.of(key)
                if sym is None or sym.value is None:
                    return symbols.any_of([symbols.bool_var("named")])
                named = z3.And(sym.present, symbols.any_of(sym.value == symbols.code(one) for one in ids))
                return z3.Or(named, z3.Not(sym.present)) if or_blank else named
            case RowsName(table, column, ids):
                return variables.rows_name(table, column, ids)
            case Made(_, equals):
                return symbols.true() if equals is None else variables.theory.holds(equals.rule.compiled, variables.of)
            case SavedToday():
                return symbols.all_of(variables.on_saving)
            case AnyOf(parts):
                return symbols.any_of(
                    symbols.all_of(self._term(encoding, part) for part in parts_of) for parts_of in parts
                )

    def _settled(self, record: Mapping[str, Any], asked: Iterable[Statement]) -> dict[str, Any] | None:
        """The record as it is stored, if it is valid: whole, or without what no step has asked for so far."""
        context = Context(now=self.now, zone=self.zone, system=True)
        settled = settle(self.form, record, context)
        if not settled.valid:
            due = {statement.key for statement in asked if isinstance(statement, Required)}
            later = {key: "hidden" for key in self.form.fields if key not in due and key not in record}
            settled = settle(self.form, record, context, access=cast(Mapping[str, Access], later))
        return dict(settled.record) if settled.valid and settled.record is not None else None

    def true_of(self, statements: Iterable[Statement], record: Mapping[str, Any]) -> bool:
        """Whether the record passes the form's whole validation and makes every statement true, by the real evaluator."""
        asked = tuple(statements)
        settled = self._settled(record, asked)
        return settled is not None and all(self._true(statement, settled) for statement in asked)

    def _true(self, statement: Statement, record: Mapping[str, Any]) -> bool:
        match statement:
            case Condition(when, holds):
                return self._holds(when.rule, record) is holds
            case Present(key, filled):
                return (key in record) == filled
            case Unfilled(key):
                return key not in record or self._is_default(key, record)
            case Demanded(key):
                shown = self.form.fields[key].visible_when
                return key in record or (shown is not None and not self._holds(shown, record))
            case Made(_, tree.Condition() as equals):
                return self._holds(equals.rule, record) is True
            case Required(_) | Made() | SavedToday():
                return True
            case Names(key, ids, or_blank):
                return record[key] in ids if key in record else or_blank
            case RowsName(table, column, ids):
                named = {row[column] for row in record.get(table, ()) if column in row}
                return not named if ids is None else bool(named) and named <= ids
            case AnyOf(parts):
                return any(all(self._true(part, record) for part in parts_of) for parts_of in parts)

    def _is_default(self, key: str, record: Mapping[str, Any]) -> bool:
        """Whether a field holds what its default gives, read over the record; what depends on more than that may be anything."""
        default = self.form.fields[key].default
        if default is None:
            return bool(record[key] == self.form.fields[key].schema.get("default"))
        if default.dynamic or default.lookups:
            return True
        try:
            return bool(record[key] == evaluate(default, record, Moment(self.now, self.zone)))
        except LogicError:
            return False

    def _holds(self, rule: Rule, record: Mapping[str, Any]) -> bool | None:
        """What the real evaluator says of a condition; None where it says nothing."""
        try:
            return truth(evaluate(rule, record, Moment(self.now, self.zone)))
        except LogicError:
            return None


def _texts_of(form: Form) -> Iterator[str]:
    """Every text that stands in a form's own logic, its options and its defaults."""
    for entry in form.every_field():
        rules = (entry.compute, entry.visible_when, entry.required_when, entry.default)
        yield from texts_in([rule.source for rule in rules if rule is not None])
        yield from texts_in([entry.schema.get("default"), *(choice.value for choice in entry.choices)])
    yield from texts_in([rule.when.source for rule in form.rules])


def _local(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()
