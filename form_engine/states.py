"""What a person may do with each field of a record now: see it, type into it, leave it empty.

One function decides it, for the page, for the check of what was submitted, and for the effective schema.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .access import EDITABLE, column_access
from .context import Access, Accesses, access_of
from .form import Field
from .plan import Level
from .working import Tokens, Working, rows_below


@dataclass(frozen=True, slots=True)
class FieldState:
    """`visible`: it is relevant and this person may see it. `required`: it must be filled in before going on."""

    visible: bool
    readonly: bool
    required: bool


@cache
def _made(visible: bool, readonly: bool, required: bool) -> FieldState:
    return FieldState(visible, readonly, required)


def states_of(working: Working, access: Accesses | None) -> dict[str, FieldState]:
    """The state of every field by its place: `amount`, and `items/0/price` for each cell."""
    states: dict[str, FieldState] = {}
    for key, field in working.plan.top.fields.items():
        granted = access_of(access, key)
        states[key] = state_of(working, field, granted, working.values, (key,))
        if field.columns and states[key].visible:
            below = working.plan.top.below[key]
            named = {column: column_access(access, key, column) for column in field.columns}
            for place, state in _below(working, field, below, named, (working.values, working.values, None, ())):
                states["/".join(map(str, place))] = state
    return states


def _below(
    working: Working, field: Field, level: Level, granted: Mapping[str, Access], entry: Any
) -> Iterator[tuple[Tokens, FieldState]]:
    for holder, scope, before, place in rows_below(field, *entry):
        for key, column in level.fields.items():
            own = granted[key]
            state = state_of(working, column, own, scope, (*place, key))
            yield (*place, key), state
            if column.columns and state.visible:
                inner: dict[str, Access] = dict.fromkeys(column.columns, "edit" if own in EDITABLE else own)
                yield from _below(working, column, level.below[key], inner, (holder, scope, before, place))


def state_of(working: Working, field: Field, granted: Access, scope: Mapping[str, Any], place: Tokens) -> FieldState:
    """The state of one field. `granted` is what the step and the person's rights say, `scope` what its rules see."""
    if granted == "hidden" or place in working.hidden:
        return _made(False, True, False)
    readonly = granted == "read" or is_read_only(working, field, scope, place)
    return _made(True, readonly, is_required(working, field, granted, scope, place))


def is_read_only(working: Working, field: Field, scope: Mapping[str, Any], place: Tokens) -> bool:
    """Whether the definition lets nobody type into the field now."""
    if field.read_only:
        return True
    return field.read_only_when is not None and working.holds(field.read_only_when, scope, place)


def is_required(working: Working, field: Field, granted: Access, scope: Mapping[str, Any], place: Tokens) -> bool:
    """Whether the field must have a value.

    A step asks for what the form requires only among the fields that it may edit, and a person never for what nobody
    lets them type; a computed field that is required must come to a value.
    """
    if granted in ("hidden", "read") or field.type.derived:
        return False
    if field.compute is None and not working.context.system and is_read_only(working, field, scope, place):
        return False
    if granted == "required" or field.required:
        return True
    return field.required_when is not None and working.holds(field.required_when, scope, place)
