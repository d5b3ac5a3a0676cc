"""Works a record out: which fields are relevant, what they compute to, what fills those that were left out.

The steps of a form's plan stand in dependency order, so that one pass through them is the fixpoint, whatever was typed
in whatever order.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from . import logic
from .blanks import is_blank
from .cleaning import Cleaning
from .context import Context
from .field_types.derived import linked_by
from .field_types.structure import ROW_KEY
from .form import Field
from .logic import LogicError, Rule
from .logic.rounding import rounded, significant
from .logic.types import is_number
from .plan import Level, Plan, Step

Row = dict[str, Any]
Tokens = tuple[str | int, ...]


class Working:
    """One record being worked out. `values` is changed in place.

    `hidden` are the places of irrelevant fields; `failed` what a rule could not be evaluated for, with the sentence.
    `stored` is the record before the change, None while one is being created.
    """

    def __init__(
        self, plan: Plan, values: Row, cleaning: Cleaning, context: Context, stored: Mapping[str, Any] | None
    ) -> None:
        self.plan = plan
        self.values = values
        self.cleaning = cleaning
        self.context = context
        self.stored = stored
        self.hidden: set[Tokens] = set()
        self.failed: dict[Tokens, str] = {}

    def run(self) -> None:
        """Fill in, hide and compute, in dependency order."""
        if self.plan.top.defaults:
            self._fill_literals(self.plan.top, self.values, self.stored)
        for step in self.plan.steps:
            if not step.chain:
                self._step(step.field, self.values, self.values, self.stored, step.field.keys)
                continue
            for holder, scope, before, place in self._holders(step):
                self._step(step.field, holder, scope, before, (*place, step.field.key))

    def run_live(self, system: Mapping[str, Any]) -> None:
        """Add what is found when a record is read; what was frozen at its save stays as it is."""
        for step in self.plan.steps:
            if not step.field.live:
                continue
            for holder, scope, before, place in self._holders(step):
                self._step(step.field, holder, scope, before, (*place, step.field.key))
                known = system.get(step.field.type.name) if step.field.type.group == "system" else None
                if known is not None:
                    holder[step.field.key] = known

    def _holders(self, step: Step) -> Iterator[tuple[Row, Row, Mapping[str, Any] | None, Tokens]]:
        """Each row (or group) that has the step's field, what its rules see, the row as stored, and its place."""
        found: list[tuple[Row, Row, Mapping[str, Any] | None, Tokens]] = [(self.values, self.values, self.stored, ())]
        for field in step.chain:
            found = [below for entry in found for below in rows_below(field, *entry)]
        yield from found

    def _step(self, field: Field, holder: Row, scope: Row, before: Mapping[str, Any] | None, place: Tokens) -> None:
        key = field.key
        if field.visible_when is not None and not self.holds(field.visible_when, scope, place):
            self.hidden.add(place)
            holder.pop(key, None)
            scope.pop(key, None)
            return
        if field.compute is not None:
            value = computed(field, self.value(field.compute, scope, place))
        elif field.type.derived:
            value = self._derived(field, scope, before)
        elif field.default is not None and before is None and key not in self.cleaning.raw.get(id(holder), ()):
            value = fitted(field, self.value(field.default, scope, place))
        else:
            return
        if is_blank(value):
            holder.pop(key, None)
            scope.pop(key, None)
        else:
            holder[key] = scope[key] = value

    def _derived(self, field: Field, scope: Row, before: Mapping[str, Any] | None) -> Any:
        """What a field has that nobody types: of a looked-up one the target's value, else what is stored."""
        link = linked_by(field.settings)
        target = scope.get(link) if link is not None else None
        kept = before.get(field.key) if before is not None else None
        if link is None or (not field.live and before is not None and before.get(link) == target):
            return kept
        if not isinstance(target, str) or self.context.lookup is None:
            return None
        return self.context.lookup(link, target, str(field.settings.get("field")))

    def _fill_literals(self, level: Level, values: Row, before: Mapping[str, Any] | None) -> None:
        """Fill absent keys of what is new with the properties' own defaults; rows that were not stored are new."""
        raw = self.cleaning.raw.get(id(values), {})
        if before is None:
            absent = {key: literal for key, literal in level.literals.items() if key not in values and key not in raw}
            values |= self.cleaning.record(level, copy.deepcopy(absent)) if absent else {}
        for key, below in level.below.items():
            if below.defaults and key in values:
                for holder, _, row_before, _ in rows_below(level.fields[key], values, values, before, ()):
                    self._fill_literals(below, holder, row_before)

    def holds(self, rule: Rule, scope: Mapping[str, Any], place: Tokens) -> bool:
        """Whether a condition holds; one that cannot be evaluated does not, and is noted at `place`."""
        return logic.truth(self.value(rule, scope, place))

    def value(self, rule: Rule, scope: Mapping[str, Any], place: Tokens) -> Any:
        """What a rule gives; nothing, noted at `place`, where it cannot be evaluated."""
        try:
            return logic.evaluate(rule, scope, self.context)
        except LogicError as error:
            self.failed[place] = error.sentence(self.context.lang)
            return None


def rows_below(
    field: Field, holder: Row, scope: Row, before: Mapping[str, Any] | None, place: Tokens
) -> Iterator[tuple[Row, Row, Mapping[str, Any] | None, Tokens]]:
    """The rows of a table (or the one object of a group) in `holder`, each with what its rules see.

    Rules of a column see their own row first, then what stands around it; a column that is blank hides a field of the
    same name outside.
    """
    value = holder.get(field.key)
    outside = {key: entry for key, entry in scope.items() if key not in field.columns}
    older = before.get(field.key) if before is not None else None
    if isinstance(value, dict) and not field.several:
        around = older if isinstance(older, dict) else (None if before is None else {})
        yield value, {**outside, **value}, around, (*place, field.key)
        return
    if not isinstance(value, list) or not field.several:
        return
    known = {row.get(ROW_KEY): row for row in older if isinstance(row, dict)} if isinstance(older, list) else {}
    for index, row in enumerate(value):
        if isinstance(row, dict):
            id = row.get(ROW_KEY)
            yield row, {**outside, **row}, known.get(id) if isinstance(id, str) else None, (*place, field.key, index)


def computed(field: Field, value: Any) -> Any:
    """What `compute` gives, as a value of the field: a switch is on or off, for it a blank is off (meaning.md section 3)."""
    return logic.truth(value) if field.logic.kind == "switch" else fitted(field, value)


def fitted(field: Field, value: Any) -> Any:
    """What logic gives, as a value of the field: rounded to its precision, on or off for a switch.

    Without a precision it keeps 15 significant digits, so that whatever reads it sees the number that people see.
    """
    if field.logic.kind == "switch":
        return None if value is None else logic.truth(value)
    if is_number(value):
        digits = field.digits
        return significant(value) if digits is None else rounded(value, digits)
    return field.type.clean(field, value) if isinstance(value, str | list | dict) else value
