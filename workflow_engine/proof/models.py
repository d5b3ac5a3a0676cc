"""Models of z3 that people recognise: round numbers near those that the conditions name, dates near today, few fields filled.

Of what lies outside its theory a model says nothing, and its numbers are not doubles: where one does not come out as it
should, others are tried.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Any

import z3

from formloom.form_engine.definition import Field, Form

from .statements import Required, SavedToday, Statement, numbers_in, reads_of
from .symbols import Sym
from .variables import FREE_TEXT, Variables

NICE_FIELDS = 6
MOST_TEXTS = 12
MOST_MODELS = 4
NICE_MILLISECONDS = 200
"""How long may be looked for each nicety."""


@dataclass(slots=True)
class Encoding:
    """One z3 solver over one layout of the form's record."""

    variables: Variables
    solver: Any
    statements: dict[Statement, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Models:
    """The models of one question, which the solver has answered with yes."""

    form: Form
    encoding: Encoding
    asked: frozenset[Statement]
    today: date
    term: Callable[[Encoding, Statement], Any]

    def models(self) -> Iterator[Any]:
        """A nice one first, then some that give other numbers to what the conditions read."""
        solver = self.encoding.solver
        model, depth = solver.model(), solver.num_scopes()
        solver.set("timeout", NICE_MILLISECONDS)
        solver.push()
        model = self._nicer() or model
        for _ in range(MOST_MODELS):
            yield model
            solver.pop(solver.num_scopes() - depth)
            solver.add(self._differs_from(model))
            if solver.check() != z3.sat:
                return
            model = solver.model()

    def _differs_from(self, model: Any) -> Any:
        terms = [sym.value for _, sym in self._numbers()]
        symbols = self.encoding.variables.symbols
        return symbols.any_of(term != model.eval(term, model_completion=True) for term in terms)

    def _numbers(self) -> Iterator[tuple[str, Any]]:
        """The number fields that the conditions read."""
        known = self.encoding.variables.known
        for key in sorted({path.partition(".")[0] for path in read_by(self.asked)}):
            sym = known.get((key,))
            if sym is not None and sym.kind == "number":
                yield key, sym

    def _nicer(self) -> Any:
        """A model with round numbers near those that the conditions name, and blanks where nothing is asked; None if none is."""
        symbols, solver = self.encoding.variables.symbols, self.encoding.solver
        found = self._of_today()
        found = self._whole() or found
        found = self._with_defaults() or found
        found = self._near_today() or found
        found = self._plain_texts() or found
        numbers = sorted({number for statement in self.asked for number in numbers_in(statement)})
        for key, sym in islice(self._numbers(), NICE_FIELDS):
            step = Fraction(1, 10 ** (self.form.fields[key].digits or 0))
            near = [one for number in numbers for one in (number, number + step, number - step)]
            for wanted in (near, [number * 2 for number in numbers] + [number / 2 for number in numbers]):
                preferred = symbols.any_of(symbols.in_order("==", sym, symbols.known(one)) for one in wanted)
                solver.push()
                solver.add(preferred)
                if solver.check() == z3.sat:
                    found = solver.model()
                    solver.pop()
                    solver.add(preferred)
                    break
                solver.pop()
        return found

    def _of_today(self) -> Any:
        """A model of a record that could be saved today, so that it can be replayed."""
        return self._kept([] if SavedToday() in self.asked else [self.term(self.encoding, SavedToday())])

    def _whole(self) -> Any:
        """A model in which everything is there that the form requires, also what no step has asked for so far."""
        due = {statement.key for statement in self.asked if isinstance(statement, Required)}
        fields = self.form.fields.items()
        keys = [key for key, entry in fields if key not in due and (entry.required or entry.required_when is not None)]
        return self._kept([self.term(self.encoding, Required(key)) for key in keys])

    def _with_defaults(self) -> Any:
        """A model in which no field is blank that a default would fill in."""
        fields = self.form.fields.items()
        keys = [key for key, entry in fields if "default" in entry.schema or entry.default is not None]
        return self._kept([self.encoding.variables.demanded(key) for key in keys])

    def _near_today(self) -> Any:
        """A model whose dates lie within a year of today."""
        today = self.today.toordinal()
        dates = [sym for sym in self.encoding.variables.known.values() if sym.kind == "date" and sym.value is not None]
        return self._kept([z3.And(sym.value >= today, sym.value <= today + 365) for sym in dates])

    def _plain_texts(self) -> Any:
        """A model in which a text, or a name, that no condition reads is none that logic names."""
        read, found = read_by(self.asked), None
        for kind in ("text", "reference"):
            entries = [
                entry for entry in self.form.every_field() if entry.logic.kind == kind and entry.path not in read
            ]
            plain = (entry for entry in entries if not {"enum", "const"} & {*entry.schema})
            syms = (sym for entry in plain for sym in self._syms(entry) if sym.kind == "text")
            found = self._kept([sym.value >= FREE_TEXT for sym in syms]) or found
        return found

    def _syms(self, entry: Field) -> Iterator[Sym]:
        """The values of a field; of a column, that of each row."""
        variables, (holder, *below) = self.encoding.variables, entry.keys
        if entry.keys in variables.known:
            yield variables.known[entry.keys]
        for row in variables.tables.get(holder, ()) if len(below) == 1 else ():
            if below[0] in row:
                yield row[below[0]]

    def _kept(self, wanted: list[Any]) -> Any:
        """A model in which all that is wanted holds, which is kept to from then on; None if there is none."""
        if not wanted:
            return None
        self.encoding.solver.push()
        self.encoding.solver.add(*wanted)
        if self.encoding.solver.check() == z3.sat:
            return self.encoding.solver.model()
        self.encoding.solver.pop()
        return None


def read_by(asked: Iterable[Statement]) -> set[str]:
    """The fields and columns that the conditions in some statements read."""
    return {path for statement in asked for path in reads_of(statement)}


def retold(
    record: dict[str, Any], asked: Iterable[Statement], texts: Mapping[str, frozenset[str]]
) -> Iterator[dict[str, Any]]:
    """The record with other texts: those that logic names and a field takes, in the fields that the conditions read. Of texts
    only their equality is known, so that a model says nothing of `contains` and its like."""
    for path in sorted(path for path in read_by(asked) if texts.get(path)):
        for text in sorted(texts[path])[:MOST_TEXTS]:
            yield from _with_text(record, path, text)


def _with_text(record: Mapping[str, Any], path: str, text: str) -> Iterator[dict[str, Any]]:
    """The record with a text in a field, or in a column of the first row."""
    key, _, column = path.partition(".")
    rows = record.get(key)
    if not column:
        yield {**record, key: text}
    elif isinstance(rows, list) and rows:
        yield {**record, key: [{**rows[0], column: text}, *rows[1:]]}
