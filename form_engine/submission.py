"""Puts together what somebody submitted and what is stored, by what they may do with each field.

A field that is not theirs keeps its stored value. One that the definition may lock keeps it, too, where nothing was
sent for it, because a page sends nothing for what it only shows.
"""

import copy
from collections.abc import Mapping
from typing import Any

from .cleaning import Cleaning
from .context import Accesses, access_of
from .form import Field, Form
from .messages import say
from .plan import Level
from .states import is_read_only
from .working import Row, Tokens, Working, fitted, rows_below


def taken(
    form: Form,
    submitted: Mapping[str, Any],
    stored: Mapping[str, Any] | None,
    access: Accesses | None,
    cleaning: Cleaning,
) -> tuple[Row, Row]:
    """The values to go on with, and those that were sent for fields that this person may not change."""
    top = form.plan.top
    values = cleaning.record(top, submitted)
    offered: Row = {}
    if access is not None:
        for key in top.fields:
            if access_of(access, key) in ("edit", "required"):
                continue
            if key in values:
                offered[key] = values.pop(key)
            if stored is not None and key in stored:
                values[key] = copy.deepcopy(stored[key])
    if stored is not None:
        _keep_locked(top, values, submitted, stored)
    return values, offered


def _keep_locked(level: Level, values: Row, raw: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
    for key in level.lockable:
        if key not in raw and key in stored:
            values[key] = copy.deepcopy(stored[key])
    for key, below in level.below.items():
        for row, _, before, _ in rows_below(level.fields[key], values, values, stored, ()):
            if before:
                _keep_locked(below, row, row, before)


def refusals(
    form: Form, working: Working, submitted: Mapping[str, Any], offered: Row, access: Accesses | None
) -> dict[Tokens, str]:
    """A sentence for each field that was sent, or changed, by somebody who may not: by its place."""
    lang = working.context.lang
    found: dict[Tokens, str] = {}
    if access is not None:
        for key, field in form.fields.items():
            granted = access_of(access, key)
            if granted == "hidden" and key in submitted:
                found[(key,)] = say(lang, "“{key}” cannot be given here.", key=key)
            elif granted == "read" and key in offered and offered[key] != working.values.get(key):
                found[(key,)] = _locked(field, lang)
    if not working.context.system:
        _refuse_locked(working, form.plan.top, (working.values, working.values, working.stored, ()), access, found)
    return found


def _refuse_locked(
    working: Working, level: Level, entry: Any, access: Accesses | None, found: dict[Tokens, str]
) -> None:
    holder, scope, before, place = entry
    for key in level.lockable:
        field = level.fields[key]
        granted = access_of(access, key) if not place else "edit"
        where = (*place, key)
        if (
            granted not in ("edit", "required")
            or where in working.hidden
            or not is_read_only(working, field, scope, where)
        ):
            continue
        expected = _untouched(working, field, scope, before, where)
        if holder.get(key) != expected:
            found[where] = _locked(field, working.context.lang)
    for key, below in level.below.items():
        for row in rows_below(level.fields[key], holder, scope, before, place):
            _refuse_locked(working, below, row, None, found)


def _untouched(working: Working, field: Field, scope: Row, before: Mapping[str, Any] | None, place: Tokens) -> Any:
    """What the field holds if nobody types into it: what is stored, or in something new its default."""
    if before is not None:
        return before.get(field.key)
    if field.default is not None:
        return fitted(field, working.value(field.default, scope, place))
    return field.schema.get("default")


def _locked(field: Field, lang: str) -> str:
    return say(lang, "{label} can only be read here.", label=field.label(lang))
