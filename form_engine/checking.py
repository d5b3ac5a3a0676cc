"""Everything that can be wrong with a record that was worked out, each reason at its field, in order.

What the validator finds is said once; a value that is of the wrong kind altogether is left out of the logic, so that
one mistake does not make others of it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema_rs import ValidationErrorKind as Kind

from .access import accesses_below, may_fill
from .complaints import complaints, located
from .context import Accesses, access_of
from .errors import Problem
from .field_types.structure import ROW_KEY
from .form import Field, Form, FormRule
from .messages import say
from .plan import Level
from .pointers import join
from .states import is_required
from .working import Row, Tokens, Working, rows_below

USABLE = (
    Kind.Minimum, Kind.Maximum, Kind.ExclusiveMinimum, Kind.ExclusiveMaximum, Kind.MultipleOf, Kind.MinLength, Kind.MaxLength,
    Kind.MinItems, Kind.MaxItems, Kind.UniqueItems, Kind.Pattern,
)  # fmt: skip
"""What is wrong with a value that logic can still reckon with."""


class Findings:
    """The errors and warnings of one record, by place."""

    def __init__(self) -> None:
        self.errors: dict[Tokens, list[str]] = {}
        self.warnings: list[Problem] = []
        self.unusable: set[Tokens] = set()

    def add(self, place: Tokens, sentence: str) -> None:
        """Note an error; the same sentence at one place is noted once."""
        said = self.errors.setdefault(place, [])
        if sentence not in said:
            said.append(sentence)

    def add_all(self, found: Mapping[Tokens, str]) -> None:
        """Note one error for each place."""
        for place, sentence in found.items():
            self.add(place, sentence)

    def forget(self, places: Iterable[Tokens]) -> None:
        """Drop what was said about fields that turned out to be irrelevant, and about what is in them."""
        gone = tuple(places)
        for place in [place for place in self.errors if any(place[: len(hidden)] == hidden for hidden in gone)]:
            del self.errors[place]

    def problems(self, form: Form, working: Working) -> tuple[Problem, ...]:
        """The errors in the order of the form, at the places where things stood in what was submitted."""
        ordered = sorted(self.errors.items(), key=lambda entry: _rank(form.fields, entry[0]))
        return tuple(
            Problem(join("", *working.cleaning.place(place)), sentence) for place, said in ordered for sentence in said
        )


def _rank(fields: Mapping[str, Field], place: Tokens) -> list[int]:
    rank: list[int] = []
    for token in place:
        if isinstance(token, int):
            rank.append(token)
            continue
        keys = list(fields)
        rank.append(keys.index(token) if token in fields else len(keys))
        fields = fields[token].columns if token in fields else {}
    return rank


def complain(form: Form, working: Working, findings: Findings) -> None:
    """Add what the compiled validator finds wrong with the values as they are now."""
    lang = working.context.lang
    for error in form.plan.validator.iter_errors(working.values):
        for place, sentence in complaints(form.fields, error, lang):
            if place not in findings.unusable:
                findings.add(place, sentence)
            if not isinstance(error.kind, USABLE):
                findings.unusable.add(place)


def without_unusable(values: Row, findings: Findings) -> None:
    """Take out of `values` what logic cannot reckon with: values of a wrong kind, and unknown keys."""
    for place in findings.unusable:
        holder: Any = values
        for token in place[:-1]:
            key: Any = token
            holder = holder[key] if isinstance(holder, list) or (isinstance(holder, dict) and key in holder) else None
        if isinstance(holder, dict) and place:
            holder.pop(place[-1], None)


def inspect(form: Form, working: Working, access: Accesses | None, findings: Findings) -> None:
    """Add what JSON Schema cannot say: what is missing, what a field type finds, what the form's rules forbid."""
    _inspect(working, form.plan.top, (working.values, working.values, None, ()), access, findings)
    for rule in form.rules:
        _apply(form, rule, working, findings)
    findings.add_all(working.failed)


def _inspect(working: Working, level: Level, entry: Any, access: Accesses | None, findings: Findings) -> None:
    holder, scope, _, place = entry
    lang = working.context.lang
    watched = level.watched if access is None else level.fields
    for key in [key for key in watched if key not in holder]:
        where = (*place, key)
        missing = where not in working.hidden and where not in findings.unusable
        if missing and is_required(working, watched[key], access_of(access, key), scope, where):
            findings.add(where, say(lang, "{label} is required.", label=watched[key].label(lang)))
    for key, field in level.inspected.items():
        if key in holder and not (findings.errors and (*place, key) in findings.errors):
            _inspect_value(working, field, holder[key], scope, (*place, key), findings)
    for key, below in level.below.items():
        if key in watched and may_fill(access, level.fields[key]):
            inner = accesses_below(access, level.fields[key]) if not place else None
            _inspect_rows(working, level.fields[key], below, (holder, scope, None, place), inner, findings)


def _inspect_value(working: Working, field: Field, value: Any, scope: Row, where: Tokens, findings: Findings) -> None:
    lang = working.context.lang
    flaw = field.type.flaw(field, value, lang)
    if flaw is not None:
        findings.add(where, flaw)
    if not field.choices:
        return
    chosen = value if isinstance(value, list) else [value]
    for choice in field.choices:
        if choice.when is not None and choice.value in chosen and not working.holds(choice.when, scope, where):
            label = next(option.label for option in field.options(lang) if option.value == choice.value)
            findings.add(where, say(lang, "“{option}” cannot be chosen here now.", option=label))


def _inspect_rows(
    working: Working, field: Field, level: Level, entry: Any, access: Accesses | None, findings: Findings
) -> None:
    seen: set[str] = set()
    for row, scope, before, place in rows_below(field, *entry):
        _inspect(working, level, (row, scope, before, place), access, findings)
        id = row.get(ROW_KEY)
        if isinstance(id, str) and id in seen:
            findings.add((*place, ROW_KEY), say(working.context.lang, "Two rows of this table have the same id."))
        seen.add(id) if isinstance(id, str) else None


def _apply(form: Form, rule: FormRule, working: Working, findings: Findings) -> None:
    if _touches(form, rule, findings):
        return
    lang = working.context.lang
    for scope, place in _scopes(form, rule, working):
        if working.holds(rule.when, scope, place):
            if rule.severity == "error":
                findings.add(place, rule.text(lang))
            else:
                findings.warnings.append(Problem(join("", *working.cleaning.place(place)), rule.text(lang), "warning"))


def _scopes(form: Form, rule: FormRule, working: Working) -> list[tuple[Row, Tokens]]:
    """What a rule is asked of: the record, or each row of the table that its field is a column of."""
    holder, _, column = rule.field.rpartition(".")
    table = form.fields.get(holder) if rule.field not in form.fields else None
    if table is None:
        return [(working.values, (rule.field,) if rule.field else ())]
    rows = rows_below(table, working.values, working.values, None, ())
    return [(scope, (*place, column)) for _, scope, _, place in rows]


def _touches(form: Form, rule: FormRule, findings: Findings) -> bool:
    """Whether a rule reads, at any distance, something that cannot be reckoned with."""
    if not findings.unusable:
        return False
    wrong = set()
    for place in findings.unusable:
        field = located(form.fields, list(place))[0]
        if field is not None:
            wrong.add(field.path)
    near = {
        path
        for path in form.plan.reads
        if path in rule.when.reads or f"{rule.field.rpartition('.')[0]}.{path}" in rule.when.reads
    }
    far = near.union(*(form.plan.reads[path] for path in near))
    return not wrong.isdisjoint(far)
