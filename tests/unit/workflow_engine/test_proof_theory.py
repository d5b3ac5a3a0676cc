"""What the proof reckons with values that are not known yet is what the evaluator reckons with those that are.

Random logic over random records: with every field pinned to the value that a record has, z3 must be able to agree with the
evaluator; both where any number of rows is thought of and where as many are laid out as there are.
"""

import random
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import logic_trees
import pytest
import z3

from formloom.form_engine import definition, logic
from formloom.form_engine import record as records
from formloom.form_engine.definition import Field, Form
from formloom.form_engine.logic import LogicError, Moment, Rule
from formloom.workflow_engine.proof.models import Encoding
from formloom.workflow_engine.proof.moments import moment
from formloom.workflow_engine.proof.records import Records
from formloom.workflow_engine.proof.statements import texts_in
from formloom.workflow_engine.proof.symbols import Sym
from formloom.workflow_engine.proof.variables import FREE_TEXT

NOW, ZONE = datetime(2026, 11, 28, 2, 0, tzinfo=UTC), "Asia/Shanghai"
EXACT = [0, 1, -1, 2, 3, 7, 10, 100, 0.5, 0.25, -3.25, 4, 12]
"""Numbers whose sums and products are the same as doubles."""
LEFT_OUT = {"customer", "extra"}
SEEDS, TREES = range(8), 40
Record = dict[str, Any]


def schema(field: Record) -> Any:
    """The property of a form that logic reads as `field`."""
    options = [{"const": one} for one in field.get("option_values", ())]
    inner = {key: schema(column) for key, column in field.get("columns", {}).items()}
    plain: dict[str, Any] = {
        "number": {"type": "number"},
        "switch": {"type": "boolean"},
        "option": {"type": "integer" if options and isinstance(options[0]["const"], int) else "string"},
        "options": {"type": "array", "items": {"oneOf": options}, "x-field": {"type": "multiselect"}},
        "date": {"type": "string", "format": "date"},
        "time": {"type": "string", "format": "time"},
        "datetime": {"type": "string", "format": "date-time"},
        "duration": {"type": "string", "format": "duration"},
        "reference": {"type": "string", "x-field": {"type": "member"}},
        "references": {
            "type": "array",
            "items": {"type": "string"},
            "x-field": {"type": "member", "multiple": True},
        },
        "group": {"type": "object", "properties": inner, "x-field": {"type": "group"}},
        "table": {"type": "array", "items": {"type": "object", "properties": inner}, "x-field": {"type": "table"}},
    }
    chosen = {"oneOf": options, "x-field": {"type": "select"}} if field["kind"] == "option" else {}
    return {**plain.get(field["kind"], {"type": "string"}), **chosen}


def form(computed: Any = None, shown: Any = None) -> Form:
    """The form of the random trees: some numbers of two decimals, and maybe a computed one that is shown only sometimes."""
    fields = {key: schema(field) for key, field in logic_trees.FIELDS.items() if key not in LEFT_OUT}
    fields["total"] |= {"x-field": {"type": "money"}}
    fields["items"]["items"]["properties"]["price"] |= {"x-field": {"type": "number", "decimals": 3}}
    if computed is not None:
        settings = {"type": "money", "compute": computed, **({"visibleWhen": shown} if shown is not None else {})}
        fields["computed"] = {"type": "number", "readOnly": True, "x-field": settings}
    return definition.load({"$id": "f", "type": "object", "properties": fields})


class Pins:
    """Holds every field of an encoding to the value that a record has."""

    def __init__(self, encoding: Encoding) -> None:
        self.variables = encoding.variables
        self.symbols = encoding.variables.symbols
        self.free: dict[str, int] = {}

    def record(self, record: Record) -> list[Any]:
        pins: list[Any] = []
        for key, entry in self.variables.form.fields.items():
            sym, value = self.variables.known[(key,)], record.get(key)
            if entry.logic.kind == "table":
                pins.append(sym.present == z3.BoolVal(key in record, self.symbols.context))
                for row, cells in zip(self.variables.tables.get(key, []), value or [], strict=False):
                    pins += [pin for name, column in entry.columns.items()
                             for pin in self.field(row[name], cells.get(name), column)]  # fmt: skip
            elif entry.compute is None:
                pins += self.field(sym, value, entry)
        return pins

    def field(self, sym: Sym, value: Any, entry: Field) -> list[Any]:
        if sym.kind == "group" and sym.members is not None:
            parts = ((sym.members(key), (value or {}).get(key), inner) for key, inner in entry.columns.items())
            return [pin for part, cell, inner in parts if part is not None for pin in self.field(part, cell, inner)]
        if sym.kind == "list":
            chosen = zip(sym.items, entry.choices, strict=True)
            return [guard == z3.BoolVal(one.value in (value or ()), self.symbols.context) for (guard, _), one in chosen]
        return [z3.Not(sym.present)] if value is None else [sym.present, *self.value(sym, value, entry)]

    def value(self, sym: Sym, value: Any, entry: Field) -> list[Any]:
        match sym.kind:
            case "number":
                return [self.symbols.in_order("==", sym, self.symbols.known(Fraction(repr(value))))]
            case "switch":
                return [sym.value == z3.BoolVal(value, self.symbols.context)]
            case "text":
                named = entry.logic.kind == "option" or value in self.variables.literals.get(entry.path, ())
                free = self.free.setdefault(value, FREE_TEXT + len(self.free))
                return [sym.value == (self.symbols.code(value) if named else free)]
            case "date" | "time" | "datetime":
                return [sym.value == moment(sym.kind, value)]
        return []


def agrees(encoding: Encoding, rule: Rule, record: Record, holds: bool) -> bool:
    """Whether z3 can agree that the condition holds, or does not, of this record."""
    variables = encoding.variables
    term = variables.theory.holds(rule.compiled, variables.of)
    solver = z3.Solver(ctx=variables.symbols.context)
    solver.set("timeout", 3000)
    solver.add(*variables.constraints, *Pins(encoding).record(record), term if holds else z3.Not(term))
    return bool(solver.check() != z3.unsat)


def question(rng: random.Random) -> tuple[Form, Rule, Record, bool] | None:
    """A random condition over a random valid record, and whether it holds; None where it is none."""
    trees = logic_trees.Trees(rng, 0)
    plain: list[Any] = [{"var": "total"}, {"-": [{"var": "total"}, 1]}, {"*": [{"var": "total"}, 2]}]
    computed = rng.choice([trees.make("number", 2, []), *plain]) if rng.random() < 0.5 else None
    tree = trees.make("switch", 3, [])
    if computed is not None:
        tree = {rng.choice(["<", "<=", ">"]): [{"var": "computed"}, rng.choice(EXACT)]}
    record = {key: value for key, value in logic_trees.record(rng).items() if key not in LEFT_OUT}
    try:
        made = form(computed, trees.make("switch", 1, []) if rng.random() < 0.5 else None)
        rule = logic.compile(tree, made.types, wanted="switch")
        settled = records.settle(made, record, records.Context(now=NOW, zone=ZONE))
        if not settled.valid or settled.record is None:
            return None
        return made, rule, dict(settled.record), logic.holds(rule, settled.record, Moment(NOW, ZONE))
    except (definition.DefinitionError, LogicError):
        return None


@pytest.fixture
def exact_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers and moments that doubles and whole seconds hold exactly."""
    monkeypatch.setattr(logic_trees, "NUMBERS", EXACT)
    kinds = {"number": EXACT, "time": ["09:30", "16:00", "23:59:59"], "datetime": logic_trees.MOMENTS[:3]}
    monkeypatch.setattr(logic_trees, "VALUES", logic_trees.VALUES | kinds)


@pytest.mark.usefixtures("exact_values")
@pytest.mark.parametrize("seed", SEEDS)
def test_it_agrees_with_the_evaluator_on_any_record(seed: int) -> None:
    rng, asked = random.Random(seed), 0
    for _ in range(TREES):
        found = question(rng)
        if found is None:
            continue
        made, rule, record, holds = found
        proof = Records(made, NOW, ZONE, named=frozenset(texts_in(rule.source)))
        layout = (("items", len(record.get("items", ()))),)
        for rows in (None, layout):
            assert agrees(proof.encoding(rows, False), rule, record, holds), (rule.source, record, rows)
        asked += 1
    assert asked > TREES / 3
