"""A record that is not known yet: one value for each field of a form, and everything that a valid record keeps to.

Bounds, precision, options, visibility, conditional requirement, computed values and rules become constraints (meaning.md
section 5: "the proof speaks of records that pass the form's whole validation"). Rows of sub-tables are laid out a fixed
number of them, or left open.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import z3

from formloom.form_engine.blanks import is_blank
from formloom.form_engine.definition import Field, Form

from ..directory import Directory
from .moments import between, moment
from .numbers import rounded
from .symbols import Bool, Sym, Symbols, Term
from .theory import Environment, Theory

FEW = 1000
LARGEST = 2**53
FREE_TEXT = 1_000_000
BOUNDS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}


@dataclass(slots=True)
class Variables:
    """The values of one form. `rows`: how many rows each sub-table has; None: any number, so that nothing is known of them.

    `named` are the texts that logic names, `literals` those of them that a field (by path) accepts; every other text of a
    field is one that nothing names, with a number from `FREE_TEXT` on.
    """

    form: Form
    symbols: Symbols
    theory: Theory
    directory: Directory | None = None
    rows: Mapping[str, int] | None = None
    named: frozenset[str] = frozenset()
    literals: Mapping[str, frozenset[str]] = field(default_factory=dict)
    constraints: list[Bool] = field(default_factory=list)
    on_saving: list[Bool] = field(default_factory=list)
    _into: list[Bool] = field(init=False)
    known: dict[tuple[str, ...], Sym] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Sym]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What is laid out adds to the constraints of the record."""
        self._into = self.constraints

    def prepare(self) -> None:
        """Lay out every field and every constraint of the form."""
        for key in self.form.fields:
            self.of(key)
        for rule in self.form.rules:
            if rule.severity == "error":
                self._keep(z3.Not(self.theory.holds(rule.when.compiled, self.of)), on_saving=rule.when.dynamic)

    def _keep(self, constraint: Bool, *, on_saving: bool) -> None:
        """Hold to a constraint; to one that reads the clock only when the record is saved."""
        if not on_saving:
            self._into.append(constraint)
        elif self._into is self.constraints:
            self.on_saving.append(constraint)

    def of(self, key: str) -> Sym | None:
        """The value of a field of the record; None if there is none of that key."""
        entry = self.form.fields.get(key)
        if entry is None:
            return None
        if (key,) not in self.known:
            into, self._into = self._into, self.constraints  # it may be asked for by a rule of a row
            self.known[(key,)] = self._field(entry, self.of)
            self._into = into
        return self.known[(key,)]

    def required(self, key: str) -> Bool:
        """What holds while the form requires the field: it is present, and so it is whenever `requiredWhen` says."""
        entry, sym = self.form.fields[key], self.of(key)
        if sym is None:
            return self.symbols.true()
        parts = [sym.present] if entry.required else []
        if entry.required_when is not None:
            needed = z3.And(self._shown(entry), self.theory.holds(entry.required_when.compiled, self.of))
            parts.append(z3.Implies(needed, sym.present))
        return self.symbols.all_of(parts)

    def demanded(self, key: str) -> Bool:
        """What holds once somebody had to fill the field in: it is present wherever it is shown."""
        entry, sym = self.form.fields[key], self.of(key)
        if sym is None:
            return self.symbols.true()
        return z3.Implies(self._shown(entry), sym.present)

    def unfilled(self, key: str) -> Bool:
        """What holds while nobody could fill the field in: it is blank, or what its default gives."""
        entry, sym = self.form.fields[key], self.of(key)
        if sym is None:
            return self.symbols.true()
        if entry.default is not None and (entry.default.dynamic or entry.default.lookups):
            return self.symbols.true()
        given = self._given(entry)
        if given is None:
            return z3.Not(sym.present)
        same = self.symbols.equal(sym, given)
        return same if entry.visible_when is None else z3.Or(z3.Not(sym.present), same)

    def _given(self, entry: Field) -> Sym | None:
        """What a field's default gives; None where it has none."""
        if entry.default is not None:
            return self._computed(entry, self.theory.value(entry.default.compiled, (self.of,)))
        literal = entry.schema.get("default")
        number = moment(entry.logic.kind, literal) if isinstance(literal, str) else None
        if number is not None:
            return Sym(entry.logic.kind, self.symbols.true(), z3.IntVal(number, self.symbols.context))
        return None if is_blank(literal) else self.theory.value(literal, ())

    def rows_name(self, table: str, column: str, ids: Collection[str] | None) -> Bool:
        """Whether the rows of a table name some of `ids` in a column and nobody else; None: nobody at all."""
        if self.rows is None:
            return self.symbols.bool_var(column)
        named = [row[column] for row in self.tables.get(table, []) if column in row]
        some = self.symbols.any_of(sym.present for sym in named)
        if ids is None:
            return z3.Not(some)
        only = (z3.Implies(sym.present, self.symbols.one_of(sym.value, ids)) for sym in named)
        return z3.And(some, *only)

    def _shown(self, entry: Field) -> Bool:
        return self.theory.holds(entry.visible_when.compiled, self.of) if entry.visible_when else self.symbols.true()

    def _field(self, entry: Field, environment: Environment) -> Sym:
        """A field's value where `environment` is what its rules see."""
        visible = self.theory.holds(entry.visible_when.compiled, environment) if entry.visible_when else None
        if entry.compute is not None:
            sym = self._frozen(entry, self._computed(entry, self.theory.value(entry.compute.compiled, (environment,))))
            if sym.kind == "number":
                there = sym.present if visible is None else z3.And(sym.present, visible)
                self._bounded(entry, replace(sym, present=there))
        elif entry.type.derived:
            sym = self.symbols.blank() if self.theory.closed else self.symbols.anything(entry.logic.kind)
        else:
            sym = self._entered(entry)
        if visible is None:
            return sym
        if entry.compute is None:
            on_saving = entry.visible_when is not None and entry.visible_when.dynamic
            self._keep(z3.Implies(sym.present, visible), on_saving=on_saving)
            return sym
        return replace(sym, present=z3.And(sym.present, visible))

    def _frozen(self, entry: Field, sym: Sym) -> Sym:
        """What is computed from the clock keeps the value that it had when the record was saved."""
        if entry.compute is None or not entry.compute.dynamic:
            return sym
        kept = self.symbols.anything(entry.logic.kind, entry.digits)
        self._keep(self.symbols.equal(kept, sym), on_saving=True)
        return kept

    def _computed(self, entry: Field, sym: Sym) -> Sym:
        if sym.kind == "other":
            return self.symbols.anything(entry.logic.kind, entry.digits)
        if entry.logic.kind == "switch":  # on or off, never blank
            return Sym("switch", self.symbols.true(), self.symbols.truth(sym))
        if sym.kind != "number" or entry.digits is None:
            return sym
        return rounded(sym, entry.digits)

    def _entered(self, entry: Field) -> Sym:
        match entry.logic.kind:
            case "number":
                return self._number(entry)
            case "switch":
                return self._switch(entry)
            case "option":
                return self._one_of(entry)
            case "options" | "list" if entry.choices:
                return self._several(entry)
            case "date" | "time" | "datetime" as kind:
                return self._moment(entry, kind)
            case "text":
                return self._text(entry)
            case "reference" if entry.columns == {}:
                return self._reference(entry)
            case "group":
                return self._group(entry)
            case "table":
                return self._table(entry)
        return Sym("other", self.symbols.bool_var(entry.path), self.symbols.bool_var(entry.path))

    def _keywords(self, entry: Field) -> Iterator[tuple[str, Any]]:
        """Every constraint of the property, stated by itself or by its type."""
        parts: Sequence[Mapping[str, Any]] = (
            entry.schema,
            entry.type.schema(entry.settings),
            entry.type.bounds(entry.schema, entry.settings),
        )
        for part in parts:
            yield from part.items()

    def _switch(self, entry: Field) -> Sym:
        sym = Sym("switch", self.symbols.bool_var(entry.path), self.symbols.bool_var(entry.path))
        allowed = {one for one in _listed(entry) if isinstance(one, bool)}
        if len(allowed) == 1:  # such as an "I agree" that has to be ticked
            self._into.append(sym.value if allowed.pop() else z3.Not(sym.value))
        return sym

    def _number(self, entry: Field) -> Sym:
        digits = 0 if entry.schema.get("type") == "integer" else entry.digits
        present, value = self.symbols.bool_var(entry.path), self.symbols.number_var(entry.path, digits)
        sym = Sym("number", present, value, digits=digits)
        self._into.append(z3.And(self._is(sym, ">=", Fraction(-LARGEST)), self._is(sym, "<=", Fraction(LARGEST))))
        low, high = self._bounded(entry, sym)
        numbers = _allowed_numbers(entry)
        if numbers:
            self._into.append(self.symbols.any_of(self._is(sym, "==", one) for one in numbers))
        return replace(sym, cases=numbers or _few(low, high, digits))

    def _is(self, sym: Sym, operator: str, number: Fraction) -> Bool:
        return self.symbols.in_order(operator, sym, self.symbols.known(number))

    def _bounded(self, entry: Field, sym: Sym) -> tuple[Fraction, Fraction]:
        """Keep a number, where it is there, to what its keywords say; gives the range that is left."""
        low, high = Fraction(-LARGEST), Fraction(LARGEST)
        keeps: list[Bool] = []
        for name, bound in self._keywords(entry):
            if isinstance(bound, bool) or not isinstance(bound, int | float):
                continue
            exact = Fraction(repr(bound))
            if name in BOUNDS:
                keeps.append(self._is(sym, BOUNDS[name], exact))
                low, high = (max(low, exact), high) if BOUNDS[name].startswith(">") else (low, min(high, exact))
            elif name == "multipleOf" and exact > 0:
                keeps.append(self._is_multiple(sym, exact))
        self._into.append(z3.Implies(sym.present, self.symbols.all_of(keeps)))
        return low, high

    def _is_multiple(self, sym: Sym, of: Fraction) -> Bool:
        if sym.digits is None:
            return sym.value == z3.ToReal(self.symbols.int_var("times")) * self.symbols.rational(of)
        unit = of * 10**sym.digits
        return sym.value * unit.denominator % unit.numerator == 0 if unit != 1 else self.symbols.true()

    def _one_of(self, entry: Field) -> Sym:
        values = [choice.value for choice in entry.choices]
        if _allowed_numbers(entry) and not any(isinstance(one, str) for one in values):
            return self._number(entry)
        if not all(isinstance(one, str) for one in values):
            return Sym("other", self.symbols.bool_var(entry.path), self.symbols.bool_var(entry.path))
        value = self.symbols.int_var(entry.path)
        self._into.append(self.symbols.any_of(value == self.symbols.code(one) for one in values))
        return Sym("text", self.symbols.bool_var(entry.path), value)

    def _several(self, entry: Field) -> Sym:
        options = [self.theory.value(choice.value, ()) for choice in entry.choices]
        items = tuple((self.symbols.bool_var(entry.path), option) for option in options)
        present = self.symbols.any_of(guard for guard, _ in items)
        count = z3.Sum([z3.If(guard, z3.IntVal(1, self.symbols.context), z3.IntVal(0, self.symbols.context)) for guard, _ in items]
                       or [z3.IntVal(0, self.symbols.context)])  # fmt: skip
        for name, bound in self._keywords(entry):
            if name == "minItems" and isinstance(bound, int):
                self._into.append(z3.Implies(present, count >= bound))
            elif name == "maxItems" and isinstance(bound, int):
                self._into.append(count <= bound)
        return Sym("list", present, items=items)

    def _moment(self, entry: Field, kind: str) -> Sym:
        value = self._free_moment(kind, entry.path)
        for name, bound in [*entry.settings.items(), *self._keywords(entry)]:
            number = moment(kind, bound) if isinstance(bound, str) else None
            if number is not None and name in {"minimum", "min", "formatMinimum"}:
                self._into.append(value >= number)
            elif number is not None and name in {"maximum", "max", "formatMaximum"}:
                self._into.append(value <= number)
        return Sym(kind, self.symbols.bool_var(entry.path), value)

    def _free_moment(self, kind: str, word: str) -> Term:
        value = self.symbols.int_var(word)
        first, last = between(kind, self.named)
        self._into.append(z3.And(value >= first, value <= last))
        return value

    def _text(self, entry: Field) -> Sym:
        value = self.symbols.int_var(entry.path)
        allowed = [one for one in _listed(entry) if isinstance(one, str)]
        if allowed:
            self._into.append(self.symbols.any_of(value == self.symbols.code(one) for one in allowed))
        self._into.append(self._named_or_free(entry, value))
        return Sym("text", self.symbols.bool_var(entry.path), value)

    def _named_or_free(self, entry: Field, value: Term) -> Bool:
        named = (value == self.symbols.code(text) for text in sorted(self.literals.get(entry.path, ())))
        return self.symbols.any_of([value >= FREE_TEXT, *named])

    def _reference(self, entry: Field) -> Sym:
        value = self.symbols.int_var(entry.path)
        names: Collection[str] | None = None
        if self.directory is not None and entry.type.name in {"member", "department"}:
            names = self.directory.members() if entry.type.name == "member" else self.directory.department_ids
        if names is not None:
            self._into.append(self.symbols.any_of(value == self.symbols.code(name) for name in names))
        else:
            self._into.append(self._named_or_free(entry, value))
        return Sym("text", self.symbols.bool_var(entry.path), value)

    def _group(self, entry: Field) -> Sym:
        if not entry.columns:
            return self._closed_group(entry)
        inner: dict[str, Sym] = {}
        for key, column in entry.columns.items():
            inner[key] = self.known[column.keys] = self._field(column, self.of)
        present = self.symbols.any_of(sym.present for sym in inner.values())
        for key, column in entry.columns.items():
            if column.required:
                self._into.append(z3.Implies(present, inner[key].present))
        return Sym("group", present, members=inner.get)

    def _closed_group(self, entry: Field) -> Sym:
        """A group whose parts its type decides: of a period it is known where it begins and ends, in this order."""
        present = self.symbols.bool_var(entry.path)
        kinds = {key: part.kind for key, part in entry.logic.columns.items()}
        if set(kinds.values()) != {"date"}:
            parts = {key: self.symbols.anything(kind) for key, kind in kinds.items()}
        else:
            parts = {key: Sym(kind, present, self._free_moment(kind, entry.path)) for key, kind in kinds.items()}
            self._into += [one.value <= after.value for one, after in pairwise(parts.values())]
        return Sym("group", present, members=parts.get)

    def _table(self, entry: Field) -> Sym:
        if self.rows is None:
            return self._open_table(entry)
        least, most = entry.schema.get("minItems", 0), entry.schema.get("maxItems", LARGEST)
        rows = [self._row(entry) for _ in range(self.rows.get(entry.path, 1))]
        self.tables[entry.key] = rows
        if rows and not least <= len(rows) <= most:
            self._into.append(self.symbols.false())
        always = self.symbols.true()
        items = tuple((always, Sym("group", always, members=row.get)) for row in rows)
        return Sym("list", always if rows else self.symbols.false(), items=items)

    def _open_table(self, entry: Field) -> Sym:
        """Any number of rows, all like one."""
        always = self.symbols.true()
        into, self._into = self._into, self.theory.of_rows
        row = self._row(entry)
        self._into = into
        item = Sym("group", always, members=row.get)
        return Sym("open", self.symbols.bool_var(entry.path), items=((always, item),))

    def _row(self, entry: Field) -> dict[str, Sym]:
        row: dict[str, Sym] = {}

        def seen(key: str) -> Sym | None:
            if key in entry.columns and key not in row:
                row[key] = self._field(entry.columns[key], seen)
            return row[key] if key in row else self.of(key)

        for key, column in entry.columns.items():
            sym = seen(key)
            if column.required and sym is not None:
                self._into.append(sym.present)
        self._into.append(
            self.symbols.any_of(sym.present for key, sym in row.items() if not entry.columns[key].read_only)
        )
        return row


def _listed(entry: Field) -> list[Any]:
    """The only values that a field may have, if they are listed."""
    listed = [choice.value for choice in entry.choices] or list(entry.schema.get("enum", ()))
    return listed or ([entry.schema["const"]] if "const" in entry.schema else [])


def _allowed_numbers(entry: Field) -> tuple[Fraction, ...] | None:
    """The only values that a number may have, if they are listed."""
    numbers = [one for one in _listed(entry) if isinstance(one, int | float) and not isinstance(one, bool)]
    return tuple(Fraction(repr(one)) for one in numbers) or None


def _few(low: Fraction, high: Fraction, digits: int | None) -> tuple[Fraction, ...] | None:
    """All values of a number between two bounds, if they are few."""
    if digits is None or high - low >= Fraction(FEW, 10**digits):
        return None
    step = Fraction(1, 10**digits)
    first = -(-low // step) * step
    return tuple(first + step * number for number in range(int((high - first) / step) + 1)) if first <= high else None
