"""A record against its form: read through one door, cleaned, computed, checked. The engine's face for records.

`settle` is the whole of it: what somebody submitted becomes what is stored, or every reason why not, each at its field.
The same verdict holds on a page, over the API, in an import and at every step of a workflow.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .browser import browser_model
from .checking import Findings, complain, inspect, without_unusable
from .cleaning import Cleaning
from .complaints import located
from .context import Access, Accesses, Context
from .errors import Problem, RecordInvalid
from .export import effective, to_json_schema
from .field_types.structure import ROW_KEY
from .form import Field, Form
from .json_text import NotJson, decode, flaws
from .limits import LIMITS
from .logic.rounding import plain
from .messages import say
from .pointers import join
from .states import FieldState, states_of
from .submission import Offered, refusals, taken
from .working import Working, fitted

__all__ = [
    "Access",
    "Accesses",
    "Context",
    "FieldState",
    "Settled",
    "browser_model",
    "content_hash",
    "effective_schema",
    "fit",
    "present",
    "read",
    "settle",
    "state",
    "to_json_schema",
    "with_row_ids",
]


@dataclass(frozen=True)
class Settled:
    """What became of a submission: `record` is what to store (None unless `valid`), `warnings` ask a person to confirm."""

    valid: bool
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    record: dict[str, Any] | None
    working: Working = field(repr=False, compare=False)
    access: Accesses | None = field(repr=False, compare=False)

    @property
    def values(self) -> Mapping[str, Any]:
        """What was worked out, even where it is not valid."""
        return self.working.values

    @cached_property
    def states(self) -> Mapping[str, FieldState]:
        """Each field's state by its place: `amount`, `items/0/price`."""
        return states_of(self.working, self.access)


def read(data: bytes | str | Mapping[str, Any], *, form: Form | None = None, lang: str = "en") -> dict[str, Any]:
    """The one door for outside data: plain JSON values come out, or RecordInvalid with every place that cannot pass.

    With `form`, what is wrong inside a field's value is said at the field; without it, at the innermost cell.
    """
    try:
        value = decode(data, lang) if isinstance(data, bytes | str) else data
    except NotJson as error:
        raise RecordInvalid([Problem("", str(error))]) from None
    problems: dict[tuple[str, str], Problem] = {}
    for path, sentence in flaws(value, depth=LIMITS.record_depth, lang=lang):
        place = located(form.fields, path)[1] if form is not None else _cell(path)
        pointer = join("", *(place or path[:1]))
        problems.setdefault((pointer, sentence), Problem(pointer, sentence))
    if problems:
        raise RecordInvalid(list(problems.values()))
    if not isinstance(value, dict):
        raise RecordInvalid([Problem("", say(lang, 'A record is a JSON object, {"field": value}.'))])
    return value


def _cell(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Of a path into a record whose form is not known, the part that names a field or a cell of a row."""
    last = max((position for position, token in enumerate(path) if isinstance(token, str)), default=-1)
    return path[: last + 1]


def fit(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that logic gave (what an action sets), as the form's fields hold them: rounded to their precision."""
    return {key: fitted(form.fields[key], value) if key in form.fields else value for key, value in values.items()}


def settle(
    form: Form,
    submitted: Mapping[str, Any],
    context: Context,
    *,
    stored: Mapping[str, Any] | None = None,
    access: Accesses | None = None,
) -> Settled:
    """What `submitted` comes to: computed, cleaned and checked in every respect.

    `stored` is the record being changed, None for one being created (defaults fill in). `access` says what this person
    may do with which field at this step; None: edit every one.
    """
    working, offered = _worked_out(form, submitted, context, stored, access)
    findings = Findings()
    if form.plan.validator.is_valid(working.values):
        findings.add_all(refusals(form, working, submitted, offered, access))
        inspect(form, working, access, findings)
    else:
        working, findings = _with_reasons(form, submitted, context, stored, access)
    errors = findings.problems(form, working) if findings.errors else ()
    record = None if errors else stored_part(form, working.values)
    return Settled(not errors, errors, tuple(findings.warnings), record, working, access)


def _with_reasons(
    form: Form,
    submitted: Mapping[str, Any],
    context: Context,
    stored: Mapping[str, Any] | None,
    access: Accesses | None,
) -> tuple[Working, Findings]:
    """The same for a record that the validator refuses, slower: wrong values are told apart from what follows of them."""
    cleaning, findings = Cleaning(), Findings()
    values, offered = taken(form, submitted, stored, access, cleaning)
    working = Working(form.plan, values, cleaning, context, stored)
    complain(form, working, findings)
    without_unusable(values, findings)
    working.run()
    complain(form, working, findings)
    findings.add_all(refusals(form, working, submitted, offered, access))
    findings.forget(working.hidden)
    inspect(form, working, access, findings)
    return working, findings


def _worked_out(
    form: Form,
    submitted: Mapping[str, Any],
    context: Context,
    stored: Mapping[str, Any] | None,
    access: Accesses | None,
) -> tuple[Working, Offered]:
    cleaning = Cleaning()
    values, offered = taken(form, submitted, stored, access, cleaning)
    working = Working(form.plan, values, cleaning, context, stored)
    working.run()
    return working, offered


def state(
    form: Form,
    values: Mapping[str, Any],
    context: Context,
    *,
    stored: Mapping[str, Any] | None = None,
    access: Accesses | None = None,
) -> Mapping[str, FieldState]:
    """What a person may do with each field of a record as it stands, for drawing a page."""
    return states_of(_worked_out(form, values, context, stored, access)[0], access)


def effective_schema(
    form: Form,
    values: Mapping[str, Any],
    context: Context,
    *,
    stored: Mapping[str, Any] | None = None,
    access: Accesses | None = None,
) -> dict[str, Any]:
    """The JSON Schema of this record for this person at this step: relevant fields, what is required, what is read-only."""
    working, _ = _worked_out(form, values, context, stored, access)
    return effective(form, states_of(working, access), working.values)


def stored_part(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of a record is kept, in the order of the form: everything but what is found again when it is read."""
    return {key: values[key] for key in form.plan.kept if key in values}


def present(
    form: Form, record: Mapping[str, Any], context: Context, *, system: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A stored record as it is shown: with what is looked up, computed live or known to the system (`created_at`, …)."""
    values = dict(record)
    if form.plan.live:
        working = Working(form.plan, values, Cleaning(), context, record)
        working.run_live(system or {})
    return values


def content_hash(record: Mapping[str, Any]) -> str:
    """A text that is the same exactly for equal contents: what a decision carries to say what was seen."""
    text = json.dumps(_canonical(record), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _canonical(value: Any) -> Any:
    """The value with whole numbers as ints, as every JSON parser takes them for equal."""
    if isinstance(value, Mapping):
        return {key: _canonical(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(entry) for entry in value]
    return plain(value) if isinstance(value, float) else value


def with_row_ids(form: Form, record: Mapping[str, Any], new_id: Callable[[], str]) -> dict[str, Any]:
    """The record with an id (`_row`) in every row that has none yet; saving calls it, so that rows can be told apart."""
    return _rows_named(form.fields, record, new_id)


def _rows_named(fields: Mapping[str, Field], holder: Mapping[str, Any], new_id: Callable[[], str]) -> dict[str, Any]:
    made = dict(holder)
    for key, entry in fields.items():
        value = made.get(key)
        if entry.columns and isinstance(value, dict):
            made[key] = _rows_named(entry.columns, value, new_id)
        elif entry.columns and isinstance(value, list):
            made[key] = [
                {ROW_KEY: row.get(ROW_KEY) or new_id(), **_rows_named(entry.columns, row, new_id)} for row in value
            ]
    return made
