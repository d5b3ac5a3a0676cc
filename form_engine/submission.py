"""Puts together what somebody submitted and what is stored, by what they may do with each field.

A field that is not theirs keeps its stored value. One that the definition may lock keeps it, too, where nothing was
sent for it, because a page sends nothing for what it only shows.
"""

import copy
from collections.abc import Mapping
from typing import Any

from .access import EDITABLE, accesses_below, column_access, keeps_rows, row_with_id
from .cleaning import Cleaning
from .context import Accesses, access_of
from .field_types.structure import ROW_KEY
from .form import Field, Form
from .messages import say
from .plan import Level
from .states import is_read_only
from .working import Row, Tokens, Working, fitted, rows_below

Offered = dict[Tokens, Any]


def taken(
    form: Form,
    submitted: Mapping[str, Any],
    stored: Mapping[str, Any] | None,
    access: Accesses | None,
    cleaning: Cleaning,
) -> tuple[Row, Offered]:
    """The values to go on with, and, by place, those that were sent for what this person may not change."""
    top = form.plan.top
    values = cleaning.record(top, submitted)
    offered: Offered = {}
    if access is not None:
        for key, field in top.fields.items():
            older = stored.get(key) if stored is not None else None
            if keeps_rows(access, field):
                _fill_cells(field, values, submitted.get(key), older, access, offered, cleaning)
                continue
            if access_of(access, key) in EDITABLE:
                if field.columns and key in values and accesses_below(access, field) is not None:
                    _keep_columns(field, values[key], older, access, offered)
                continue
            if key in values:
                offered[(key,)] = values.pop(key)
            if stored is not None and key in stored:
                values[key] = copy.deepcopy(stored[key])
        if top.defaults:  # a blank for a field that is not theirs keeps no default out
            theirs = {key: sent for key, sent in submitted.items() if access_of(access, key) in EDITABLE}
            cleaning.raw[id(values)] = theirs
    if stored is not None:
        _keep_locked(top, values, submitted, stored)
    return values, offered


def _keep_columns(field: Field, value: Any, older: Any, access: Accesses, offered: Offered) -> None:
    """In the rows that were sent, the cells that are not this person's keep what is stored under the row's id."""
    if isinstance(value, list) and field.several:
        for index, row in enumerate(value):
            if isinstance(row, dict):
                _keep_cells(field, row, row_with_id(older, row.get(ROW_KEY)) or {}, access, (field.key, index), offered)
    elif isinstance(value, dict) and not field.several:
        _keep_cells(field, value, older if isinstance(older, dict) else {}, access, (field.key,), offered)


def _keep_cells(
    field: Field, row: Row, kept: Mapping[str, Any], access: Accesses, place: Tokens, offered: Offered
) -> None:
    for column in field.columns:
        if column_access(access, field.key, column) in EDITABLE:
            continue
        if column in row:
            offered[(*place, column)] = row.pop(column)
        if column in kept:
            row[column] = copy.deepcopy(kept[column])


def _fill_cells(
    field: Field, values: Row, raw: Any, older: Any, access: Accesses, offered: Offered, cleaning: Cleaning
) -> None:
    """The stored rows with the cells that this person may fill in as they were sent, also those that were emptied."""
    sent = values.pop(field.key, None)
    if older is None:
        if sent is not None:
            offered[(field.key,)] = sent
        return
    values[field.key] = copy.deepcopy(older)
    if isinstance(older, dict) and isinstance(raw, Mapping):
        cleaned: Mapping[str, Any] = sent if isinstance(sent, dict) else {}
        _fill_row(field, values[field.key], raw, cleaned, access, (field.key,), offered)
    if not isinstance(older, list) or not isinstance(raw, list):
        return
    cleaning.moved.pop((field.key,), None)
    for index, row in enumerate(values[field.key]):
        given = row_with_id(raw, row.get(ROW_KEY))
        if given is not None:
            cleaned = row_with_id(sent, row.get(ROW_KEY)) or {}
            _fill_row(field, row, given, cleaned, access, (field.key, index), offered)
    for index, given in enumerate(sent if isinstance(sent, list) else ()):
        if isinstance(given, dict) and row_with_id(older, given.get(ROW_KEY)) is None:
            offered[(field.key, index)] = given


def _fill_row(
    field: Field, row: Row, raw: Mapping[str, Any], cleaned: Mapping[str, Any], access: Accesses, place: Tokens,
    offered: Offered,
) -> None:  # fmt: skip
    for column in field.columns:
        if column_access(access, field.key, column) not in EDITABLE:
            if column in cleaned:
                offered[(*place, column)] = cleaned[column]
        elif column in cleaned:
            row[column] = cleaned[column]
        elif column in raw:
            row.pop(column, None)


def _keep_locked(level: Level, values: Row, raw: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
    for key in level.lockable:
        if key not in raw and key in stored:
            values[key] = copy.deepcopy(stored[key])
    for key, below in level.below.items():
        for row, _, before, _ in rows_below(level.fields[key], values, values, stored, ()):
            if before:
                _keep_locked(below, row, row, before)


def refusals(
    form: Form, working: Working, submitted: Mapping[str, Any], offered: Offered, access: Accesses | None
) -> dict[Tokens, str]:
    """A sentence for each field that was sent, or changed, by somebody who may not: by its place."""
    lang = working.context.lang
    found: dict[Tokens, str] = {}
    if access is not None:
        for key, field in form.fields.items():
            granted = access_of(access, key)
            if granted == "hidden" and key in submitted:
                found[(key,)] = say(lang, "“{key}” cannot be given here.", key=key)
            elif granted == "read" and (key,) in offered and offered[(key,)] != working.values.get(key):
                found[(key,)] = _locked(field, lang)
        found |= _refused_cells(form, working, offered, access)
    if not working.context.system:
        _refuse_locked(working, form.plan.top, (working.values, working.values, working.stored, ()), access, found)
    return found


def _refused_cells(form: Form, working: Working, offered: Offered, access: Accesses) -> dict[Tokens, str]:
    """What was sent for cells of others, and rows that were added where none can be."""
    lang, found = working.context.lang, {}
    for place, value in offered.items():
        field, last = form.fields[str(place[0])], place[-1]
        if len(place) == 1:
            continue
        if isinstance(last, int):
            found[place] = say(lang, "No row can be added here.")
        elif column_access(access, field.key, last) == "hidden":
            found[place] = say(lang, "“{key}” cannot be given here.", key=last)
        elif value != _at(working.values, place):
            found[place] = _locked(field.columns[last], lang)
    return found


def _at(values: Any, place: Tokens) -> Any:
    for token in place:
        values = values.get(token) if isinstance(values, dict) else values[token] if isinstance(token, int) else None
    return values


def _refuse_locked(
    working: Working, level: Level, entry: Any, access: Accesses | None, found: dict[Tokens, str]
) -> None:
    holder, scope, before, place = entry
    for key in level.lockable:
        field = level.fields[key]
        granted = access_of(access, key)
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
        inner = accesses_below(access, level.fields[key]) if not place else None
        for row in rows_below(level.fields[key], holder, scope, before, place):
            _refuse_locked(working, below, row, inner, found)


def _untouched(working: Working, field: Field, scope: Row, before: Mapping[str, Any] | None, place: Tokens) -> Any:
    """What the field holds if nobody types into it: what is stored, or in something new its default."""
    if before is not None:
        return before.get(field.key)
    if field.default is not None:
        return fitted(field, working.value(field.default, scope, place))
    return field.schema.get("default")


def _locked(field: Field, lang: str) -> str:
    return say(lang, "{label} can only be read here.", label=field.label(lang))
