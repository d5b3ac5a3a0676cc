"""A record that a form takes: its fields' own samples, changed where the form's rules refuse them.

The samples of the field types know nothing of rules. What a rule wants is looked for among the values that it names and
their neighbours; whether one will do is said by settling the record, as everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from .context import Context
from .errors import Problem
from .field_types.structure import sample_of
from .field_types.times import as_date
from .form import Field, Form
from .pointers import tokens
from .record import settle

MOST_TRIED = 90
"""Records that are tried for one problem."""
MOST_READ = 3
MOST_PAIRED = 6
"""How many fields that a field hangs on are tried with it, and how many values of either."""
MOST_CONSTANTS = 12
MOST_SETTLED = 600
"""Records that are tried for a form."""


@dataclass(slots=True)
class Sampled:
    """`record`, what is still wrong with it, and the fields (by their path) whose own sample was not taken."""

    record: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    changed: dict[str, Any] = field(default_factory=dict)


def sample_record(form: Form, context: Context) -> Sampled:
    """A record of samples that `form` takes, or the nearest to one that is found."""
    found = Sampled(sample_of(form.fields, form.schema))
    left = MOST_SETTLED
    found.problems = settle(form, found.record, context).errors
    while left > 0 and found.problems:
        before = found.problems
        for problem in found.problems:
            left -= _improve(form, found, problem, context, min(left, MOST_TRIED))
            if found.problems is not before:
                break
        if found.problems is before:
            break
    return found


def _improve(form: Form, found: Sampled, problem: Problem, context: Context, most: int) -> int:
    """Try other values for the field that a problem is about, then for it and one that it hangs on; how many were tried."""
    about = _field(form, [part for part in tokens(problem.pointer) if not part.isdigit()])
    if about is None:
        return 0
    tries = list(islice(_tries(form, about), most))
    for count, tried in enumerate(tries, start=1):
        record = found.record
        for each, value in tried:
            record = _with(record, list(each.keys), value)
        problems = settle(form, record, context).errors
        if len(problems) < len(found.problems):
            found.record, found.problems = record, problems
            found.changed |= {each.path: value for each, value in tried}
            return count
    return len(tries)


def _tries(form: Form, about: Field) -> Iterator[list[tuple[Field, Any]]]:
    """Values for one field, then for it and one of those that its rules and its options read."""
    own = list(islice(_others(about, _constants(form, about)), MOST_TRIED // 3))
    yield from ([(about, value)] for value in own)
    for other in _read_by(form, about)[:MOST_READ]:
        others = list(islice(_others(other, _constants(form, about)), MOST_PAIRED))
        yield from ([(other, value)] for value in others)
        yield from ([(other, value), (about, mine)] for value in others for mine in own[:MOST_PAIRED])


def _read_by(form: Form, about: Field) -> list[Field]:
    conditions = [rule.when for rule in form.rules if rule.field == about.path]
    conditions += [choice.when for choice in about.choices if choice.when is not None]
    above = list(about.keys[:-1])
    named = [name.split(".") for each in conditions for name in sorted(each.reads)]
    found = [_field(form, [*above, *keys]) or _field(form, keys) for keys in named]
    return [each for each in dict.fromkeys(found) if each is not None and each is not about]


def _field(form: Form, keys: list[str]) -> Field | None:
    columns: Mapping[str, Field] = form.fields
    found = None
    for key in keys:
        found = columns.get(key)
        if found is None:
            return None
        columns = found.columns
    return found if found is not None and not found.columns else None


def _with(record: Mapping[str, Any], keys: list[str], value: Any) -> dict[str, Any]:
    """The record with `value` at a field; of a sub-table, in every row."""
    key, rest = keys[0], keys[1:]
    if not rest:
        return {**record, key: value}
    inner = record.get(key)
    if isinstance(inner, list):
        return {**record, key: [_with(row, rest, value) for row in inner]}
    return {**record, key: _with(inner if isinstance(inner, Mapping) else {}, rest, value)}


def _constants(form: Form, about: Field) -> list[Any]:
    """What the rules at a field compare with."""
    found: list[Any] = []
    for rule in form.rules:
        if rule.field == about.path:
            found += _leaves(rule.when.source)
    return list(dict.fromkeys(found))[:MOST_CONSTANTS]


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict):
        for operator, operands in tree.items():
            if operator not in {"var", "val"}:
                yield from _leaves(operands)
    elif isinstance(tree, list):
        for part in tree:
            yield from _leaves(part)
    elif isinstance(tree, str | int | float) and not isinstance(tree, bool):
        yield tree


def _others(about: Field, constants: list[Any]) -> Iterator[Any]:
    """Values that a field may take beside its own sample, those near its rules' constants first."""
    match about.type.column:
        case _ if about.choices:
            values = [choice.value for choice in about.choices]
            yield from ([value] for value in values) if about.several else values
            if about.several:
                yield from (values[: count + 1] for count in range(1, len(values)))
        case "integer" | "decimal":
            numbers = [number for number in constants if isinstance(number, int | float)]
            yield from (number + step for number in numbers for step in (0, 1, -1, 0.5, -0.5))
            yield from (0, 1, 10, 100, -1)
        case "date":
            yield from _days(constants)
        case "datetime":
            yield from (f"{day}T12:00:00Z" for day in _days(constants))
        case "boolean":
            yield from (True, False)
        case "text":
            yield from _texts(constants)


def _days(constants: list[Any]) -> Iterator[str]:
    """Days far from today on both sides, as an example must stay one, then those that are named and their neighbours."""
    yield from ("2100-01-01", "2000-01-01")
    for day in filter(None, map(as_date, constants)):
        yield from ((day + timedelta(days=step)).isoformat() for step in (0, 1, -1) if date.min < day < date.max)


def _texts(constants: list[Any]) -> Iterator[str]:
    yield from (text for text in constants if isinstance(text, str) and text)
    yield from ("sample", "a", "1")
    for length in (number for number in constants if isinstance(number, int) and 0 < number < 1000):
        yield from ("x" * size for size in (length, length + 1, max(1, length - 1)))
        yield from ("1" * size for size in (length, length + 1, max(1, length - 1)))
