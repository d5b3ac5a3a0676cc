"""Is there a valid record for which …? The one question of the proof, asked of z3 and answered with a real record.

A "no" is z3's, over an encoding that leaves free whatever it does not understand, so it can be relied on. A "yes" is a
record: completed, computed and validated by the form engine, its conditions evaluated by the real evaluator. What does
not come out there as it should is "unknown" (meaning.md section 5, "every counter-example is replayed").
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import z3

from formloom.form_engine.definition import Field, Form
from formloom.form_engine.logic import LogicError, Moment, Rule, evaluate, truth
from formloom.form_engine.record import Access, Context, settle

from ..directory import Directory
from .reading import Reader
from .statements import (
    AnyOf,
    Condition,
    Demanded,
    Names,
    Present,
    Required,
    RowsName,
    Statement,
    Unfilled,
    numbers_in,
    reads_of,
    texts_in,
)
from .symbols import Sym, Symbols
from .theory import Theory
from .variables import Variables

QUERY_MILLISECONDS = 2000
ROW_COUNTS = (0, 1, 2)
MOST_ROWS, MOST_MORE, MOST_ROWS_TRIED = 21, 4, 5
NICE_FIELDS = 6


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
class _Encoding:
    """One z3 solver over one layout of the form's record."""

    variables: Variables
    solver: Any
    statements: dict[Statement, Any] = field(default_factory=dict)


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
    encodings: dict[tuple[int | None, bool], _Encoding] = field(default_factory=dict)
    answers: dict[frozenset[Statement], Answer] = field(default_factory=dict)

    def ask(self, statements: Iterable[Statement]) -> Answer:
        """Whether some valid record makes all `statements` true."""
        asked = frozenset(statements)
        if asked not in self.answers:
            self.answers[asked] = self._ask(asked)
        return self.answers[asked]

    def _ask(self, asked: frozenset[Statement]) -> Answer:
        if self.budget.left() <= 0:
            return Answer("unknown", reason="time")
        late, is_open = False, self._is_open(asked)
        if is_open and self._solve(None, False, asked)[0] == z3.unsat:
            return Answer("no")
        counts, complete = self._row_counts(asked) if is_open else ((0,), True)
        refuted = 0
        for rows in counts:
            for exact in (False, True):
                verdict, records = self._solve(rows, exact, asked)
                found = next((record for record in records if self.true_of(asked, record)), None)
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

    def _row_counts(self, asked: frozenset[Statement]) -> tuple[tuple[int, ...], bool]:
        """How many rows the tables are tried with, and whether there can be no other number: a few, as many as the
        conditions name, and one more."""
        most = [entry.schema.get("maxItems") for entry in self.form.fields.values() if entry.logic.kind == "table"]
        if len(most) == 1 and isinstance(most[0], int) and most[0] <= MOST_ROWS_TRIED and not self._is_linked(asked):
            return tuple(range(most[0] + 1)), True
        named = {int(number) for statement in asked for number in numbers_in(statement) if number.denominator == 1}
        more = {rows for number in named for rows in (number, number + 1) if ROW_COUNTS[-1] < rows <= MOST_ROWS}
        return (*ROW_COUNTS, *sorted(more)[:MOST_MORE]), False

    def _solve(self, rows: int | None, exact: bool, asked: frozenset[Statement]) -> tuple[Any, list[dict[str, Any]]]:
        """z3's verdict, and the records that its model may stand for: with what the form requires, and without."""
        encoding = self._encoding(rows, exact)
        solver = encoding.solver
        solver.push()
        try:
            solver.set("timeout", max(1, min(QUERY_MILLISECONDS, int(self.budget.left() * 1000))))
            solver.add(*[self._term(encoding, statement) for statement in asked])
            verdict = solver.check()
            if verdict != z3.sat or rows is None:
                return verdict, []
            plain = solver.model()
            model = self._nicer(encoding, asked) or plain
            return verdict, [Reader(encoding.variables, model, self._takes, bare).record() for bare in (False, True)]
        finally:
            solver.pop(solver.num_scopes())

    def _encoding(self, rows: int | None, exact: bool) -> _Encoding:
        if (rows, exact) not in self.encodings:
            symbols = Symbols()
            today = z3.IntVal(_local(self.now, self.zone).toordinal(), symbols.context)
            theory = Theory(symbols, Sym("date", symbols.true(), today), exact, closed=rows is not None)
            variables = Variables(self.form, symbols, theory, self.directory, rows, self._accepted())
            variables.prepare()
            solver = z3.Solver(ctx=symbols.context)
            solver.add(*variables.constraints)
            self.encodings[(rows, exact)] = _Encoding(variables, solver)
        return self.encodings[(rows, exact)]

    def _accepted(self) -> Mapping[str, frozenset[str]]:
        """Of the texts that any logic names, those that each text field takes."""
        if not self.literals:
            rules = [
                rule
                for entry in self.form.every_field()
                for rule in (entry.compute, entry.visible_when, entry.required_when, entry.default)
            ]
            rules += [rule.when for rule in self.form.rules]
            named = self.named.union(*(set(texts_in(rule.source)) for rule in rules if rule is not None))
            named = named.union(*(set(texts_in(entry.schema.get("default"))) for entry in self.form.every_field()))
            texts = [entry for entry in self.form.every_field() if entry.logic.kind in {"text", "reference"}]
            self.literals = {
                entry.path: frozenset(text for text in named if self._takes(entry, text)) for entry in texts
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

    def _term(self, encoding: _Encoding, statement: Statement) -> Any:
        if statement not in encoding.statements:
            before = len(encoding.variables.constraints)
            encoding.statements[statement] = self._encode(encoding, statement)
            added = encoding.variables.constraints[before:]
            if added:
                encoding.statements[statement] = z3.And(encoding.statements[statement], *added)
        return encoding.statements[statement]

    def _encode(self, encoding: _Encoding, statement: Statement) -> Any:
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
            case AnyOf(parts):
                return symbols.any_of(
                    symbols.all_of(self._term(encoding, part) for part in parts_of) for parts_of in parts
                )

    def _nicer(self, encoding: _Encoding, asked: frozenset[Statement]) -> Any:
        """A model with round numbers near those that the conditions name, and blanks where nothing is asked; None if none is."""
        variables, solver = encoding.variables, encoding.solver
        found = self._whole(encoding, asked)
        found = self._with_defaults(encoding) or found
        found = self._near_today(encoding) or found
        numbers = sorted({number for statement in asked for number in numbers_in(statement)})
        for key in sorted({key for statement in asked for key in reads_of(statement)})[:NICE_FIELDS]:
            sym = variables.known.get((key,))
            if sym is None or sym.kind != "number":
                continue
            step = Fraction(1, 10 ** (self.form.fields[key].digits or 0))
            near = [one for number in numbers for one in (number, number + step, number - step)]
            for wanted in (near, [number * 2 for number in numbers] + [number / 2 for number in numbers]):
                preferred = variables.symbols.any_of(sym.value == variables.symbols.rational(one) for one in wanted)
                solver.push()
                solver.add(preferred)
                if solver.check() == z3.sat:
                    found = solver.model()
                    solver.pop()
                    solver.add(preferred)
                    break
                solver.pop()
        return found

    def _whole(self, encoding: _Encoding, asked: Iterable[Statement]) -> Any:
        """A model in which everything is there that the form requires, also what no step has asked for so far."""
        due = {statement.key for statement in asked if isinstance(statement, Required)}
        fields = self.form.fields.items()
        keys = [key for key, entry in fields if key not in due and (entry.required or entry.required_when is not None)]
        return self._kept(encoding, [self._term(encoding, Required(key)) for key in keys])

    def _with_defaults(self, encoding: _Encoding) -> Any:
        """A model in which no field is blank that a default would fill in."""
        fields = self.form.fields.items()
        keys = [key for key, entry in fields if "default" in entry.schema or entry.default is not None]
        return self._kept(encoding, [encoding.variables.demanded(key) for key in keys])

    def _near_today(self, encoding: _Encoding) -> Any:
        """A model whose dates lie within a year of today."""
        today = _local(self.now, self.zone).toordinal()
        dates = [sym for sym in encoding.variables.known.values() if sym.kind == "date" and sym.value is not None]
        return self._kept(encoding, [z3.And(sym.value >= today, sym.value <= today + 365) for sym in dates])

    def _kept(self, encoding: _Encoding, wanted: list[Any]) -> Any:
        """A model in which all that is wanted holds, which is kept to from then on; None if there is none."""
        if not wanted:
            return None
        encoding.solver.push()
        encoding.solver.add(*wanted)
        if encoding.solver.check() == z3.sat:
            return encoding.solver.model()
        encoding.solver.pop()
        return None

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
            case Required(_):
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


def _local(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()
