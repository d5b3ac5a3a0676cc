"""A z3 model as the record it describes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import count, islice
from typing import Any

import z3

from formloom.form_engine.definition import Field
from formloom.form_engine.field_types.pattern_samples import pattern_samples

from .symbols import Sym
from .variables import Variables

MOST_SAMPLES = 40


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns a z3 model into a record. `takes` says whether a field accepts a text.

    `bare`: a field that the form requires is left blank where the model says so, as it is before a step may fill it in.
    """

    variables: Variables
    model: Any
    takes: Callable[[Field, str], bool]
    bare: bool = False
    named: dict[int, list[str]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The record that the model describes; fields that the theory knows nothing of get their sample where required."""
        form = self.variables.form
        record: dict[str, Any] = {}
        for key, entry in form.fields.items():
            if (entry.read_only and entry.compute is not None) or entry.type.derived:
                continue
            needed = entry.required and not self.bare
            value = self._value(entry, self.variables.known[(key,)], needed=needed)
            if value is None and needed:
                value = entry.type.sample(entry)
            if value is not None and isinstance(value, bool | int | float | str | list | dict):
                record[key] = value
        return record

    def _true(self, term: Any) -> bool:
        return bool(z3.is_true(self.model.eval(term, model_completion=True)))

    def _value(self, entry: Field, sym: Sym, *, needed: bool = False) -> Any:
        """The value of a field; where the model leaves it blank, the one that it would have if it is `needed`."""
        if entry.logic.kind == "table":
            rows = self.variables.tables.get(entry.key, [])
            return [self._members(entry.columns, row.get) for row in rows] or None
        if not needed and not self._true(sym.present):
            return None
        match sym.kind:
            case "number":
                return _json_number(self._fraction(sym), entry.schema.get("type") == "integer")
            case "switch":
                return self._true(sym.value)
            case "text":
                return self._text(entry, self.model.eval(sym.value, model_completion=True).as_long())
            case "date" | "time" | "datetime":
                return _moment_text(sym.kind, self.model.eval(sym.value, model_completion=True).as_long())
            case "list":
                return [
                    choice.value
                    for choice, (guard, _) in zip(entry.choices, sym.items, strict=False)
                    if self._true(guard)
                ] or None
            case "group" if sym.members is not None and entry.columns:
                return self._members(entry.columns, sym.members) or None
            case "group" if sym.members is not None and {one.kind for one in entry.logic.columns.values()} == {"date"}:
                return self._days(entry, sym.members)
        return entry.type.sample(entry)

    def _members(self, columns: Mapping[str, Field], members: Callable[[str], Sym | None]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, column in columns.items():
            sym = members(key)
            if sym is not None and column.compute is None and not column.type.derived:
                value = self._value(column, sym, needed=column.required)
                if isinstance(value, bool | int | float | str | list | dict):
                    found[key] = value
        return found

    def _days(self, entry: Field, members: Callable[[str], Sym | None]) -> dict[str, str]:
        """A period: the days that it begins and ends on."""
        found = {key: members(key) for key in entry.logic.columns}
        return {
            key: _moment_text(sym.kind, self.model.eval(sym.value, model_completion=True).as_long())
            for key, sym in found.items()
            if sym is not None
        }

    def _fraction(self, sym: Sym) -> Fraction:
        value = self.model.eval(sym.value, model_completion=True)
        if sym.digits is not None:
            return Fraction(value.as_long(), 10**sym.digits)
        if z3.is_algebraic_value(value):
            value = value.approx(12)
        return Fraction(value.numerator_as_long(), value.denominator_as_long())

    def _text(self, entry: Field, code: int) -> Any:
        """The text with this number; one that no condition names is a sample, each number another one."""
        for text, number in self.variables.symbols.texts.items():
            if number == code:
                return text
        known = self.named.setdefault(code, [])
        fitting = next((text for text in known if self.takes(entry, text)), None)
        if fitting is None:
            taken = {text for texts in self.named.values() for text in texts}
            samples = (text for text in _samples(entry) if text not in taken)
            fitting = next((text for text in islice(samples, MOST_SAMPLES) if self.takes(entry, text)), None)
            if fitting is None:
                return entry.type.sample(entry)
            known.append(fitting)
        return fitting


def _samples(entry: Field) -> Iterator[str]:
    """Different texts that the field may accept, without end."""
    sample = entry.type.sample(entry)
    if not isinstance(sample, str):
        return
    yield sample
    if "pattern" in entry.schema:
        yield from pattern_samples(entry.schema)
    most = int(entry.schema.get("maxLength", len(sample) + 5))
    for number in count(2):
        ending = str(number)
        yield f"{sample[: max(0, most - len(ending) - 1)]} {ending}".strip()[-most:]


def _json_number(value: Fraction, whole: bool) -> int | float:
    if value.denominator == 1 and (whole or abs(value) < 2**53):
        return int(value)
    return float(value)


def _moment_text(kind: str, number: int) -> str:
    match kind:
        case "date":
            return date.fromordinal(number).isoformat()
        case "time":
            return f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return moment.isoformat().replace("+00:00", "Z")
