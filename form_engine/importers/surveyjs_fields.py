"""The field that one SurveyJS question becomes: its JSON Schema and its settings. What cannot be kept is told."""

from typing import Any

from .draft import Draft, Json
from .json_form import STRING, add_bounds, choice, choices, dicts, matrix, number, stored
from .leftovers import shown, tell_leftovers
from .surveyjs_options import FOR_ONE
from .surveyjs_values import (
    CHOOSING,
    PLACEHOLDERS,
    PLAIN,
    are_too_many,
    choices_of,
    input_of,
    is_labelled,
    is_scale,
    is_single,
    listed_in,
    rates_of,
    unreadable,
)

FITTING: dict[str, type | tuple[type, ...]] = {
    "string": str, "number": (int, float), "integer": int, "boolean": bool, "array": list, "object": dict,
}  # fmt: skip
WITHOUT_VALUE = {"file", "signature", "image"}


def pairs_of(draft: Draft, entries: Any, name: str, carried: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Stored value and label of options, rows or columns; what else is said of one is told."""
    pairs = []
    for key, entry in entries:
        label = draft.text(entry.get("text"), f"{name}/{key}", name)
        rest = {word: entry[word] for word in entry if word not in {"value", "text"}}
        tell_leftovers(draft, f"{name}/{key}", rest, carried, {})
        pairs.append((key, label or key))
    return pairs


def field_of(draft: Draft, element: Json, kind: str, name: str) -> tuple[Json, Json]:
    """Schema and settings of a question that is no table and no group."""
    pairs = pairs_of(draft, choices_of(element), name, FOR_ONE)
    for entry in unreadable(element.get("choices") if kind in CHOOSING else None):
        draft.tell(name, "“{name}” was left out: {value}", name="choices", value=shown(entry))
    if kind in CHOOSING and are_too_many(element):
        draft.tell(name, "“{name}” was left out: {value}", name="choicesMax", value=shown(element["choicesMax"]))
    if is_labelled(element) or (is_single(element) and pairs):
        schema, settings = choice(pairs)
        return schema, settings | ({"display": "radio"} if kind != "dropdown" else {})
    if kind in CHOOSING and pairs:
        return choices(pairs, "ranking" if kind == "ranking" else "multiselect")
    if kind in CHOOSING:
        draft.tell(name, "The options come from elsewhere: answered as text.")
    elif kind in PLAIN:
        field_type, schema = PLAIN[kind]
        several = {"multiple": True} if kind == "file" and element.get("allowMultiple") else {}
        return _with_lengths(dict(schema), element), {"type": field_type, **several}
    elif kind in {"text", "slider"}:
        return text_of(draft, {**element, "inputType": "range"} if kind == "slider" else element, name)
    elif kind == "rating":
        return _rating(draft, element, name)
    elif kind == "expression":
        return {"type": "string"}, {}
    else:
        draft.tell(name, "There is no field of the type “{kind}”: answered as text.", kind=kind)
    return dict(STRING), {"type": "text"}


def text_of(draft: Draft, element: Json, name: str) -> tuple[Json, Json]:
    """A question for a text, or for what its `inputType` says."""
    field_type, schema = input_of(element)
    schema = dict(schema)
    if element.get("inputType") in {"password", "month", "week"}:
        draft.tell(
            name, "There is no field of the type “{kind}”: answered as text.", kind=element["inputType"]
        )  # fmt: skip
    if schema["type"] == "number":
        add_bounds(schema, element, {"min": "minimum", "max": "maximum"})
    elif field_type == "text":
        schema = _with_lengths(schema, element)
    if field_type == "slider":
        schema = {"minimum": 0, "maximum": 100} | schema
    return schema, {"type": field_type}


def _with_lengths(schema: Json, element: Json) -> Json:
    if schema.get("type") == "string":
        add_bounds(schema, element, {"maxLength": "maxLength", "minLength": "minLength"})
    return schema


def _rating(draft: Draft, element: Json, name: str) -> tuple[Json, Json]:
    """A rating of whole numbers one after the other."""
    if is_scale(element):
        values = [int(value) for value, _ in rates_of(element)]
        lowest, highest = values[0], values[-1]
        if any(entry.get("text") for _, entry in rates_of(element)):
            draft.tell(name, "“{name}” was left out: {value}", name="rateValues", value=shown(element["rateValues"]))
    else:
        low, high, count = (number(element.get(word)) for word in ("rateMin", "rateMax", "rateCount"))
        lowest = low if isinstance(low, int) else 1
        highest = high if isinstance(high, int) else lowest + (count if isinstance(count, int) else 5) - 1
    return {"type": "integer", "minimum": lowest, "maximum": highest}, {"type": "rating"}


def matrix_of(draft: Draft, element: Json, name: str) -> tuple[Json, Json] | None:
    """A grid in which each row is given one of the columns; None where there is none to give."""
    marks = pairs_of(draft, listed_in(element.get("columns")), name)
    lines = pairs_of(draft, listed_in(element.get("rows")), name)
    if not (marks and lines):
        return None
    schema, settings = matrix(lines, marks)
    if element.get("isAllRowRequired") or element.get("eachRowRequired"):
        settings["allRows"] = True
    if element.get("cellType") == "checkbox":
        settings["multiple"] = True
    elif element.get("cellType"):
        draft.tell(name, "“{name}” was left out: {value}", name="cellType", value=shown(element["cellType"]))
    return schema, settings


def placeholder_of(draft: Draft, element: Json, settings: Json, path: str) -> Json:
    """The grey text of a field, as a setting; nothing where it has none or its type shows none."""
    greyed = element.get("placeholder") or element.get("placeHolder")
    if not greyed or settings.get("type") not in PLACEHOLDERS:
        return {}
    return {"placeholder": draft.text(greyed, f"{path}:placeholder", path)}


def texts_of(draft: Draft, element: Json, name: str) -> tuple[Json, Json] | None:
    """A group of texts; those that must be filled in are asked for whenever the group is there. None where it holds none."""
    fields: Json = {}
    asked = []
    for item in dicts(element.get("items")):
        key = str(item.get("name"))
        schema, settings = text_of(draft, item, f"{name}/{key}")
        settings |= placeholder_of(draft, item, settings, f"{name}/{key}")
        title = draft.text(item.get("title"), f"{name}/{key}", name) or key
        fields[key] = schema | {"title": title, "x-field": settings}
        asked += [key] if item.get("isRequired") else []
        for validator in dicts(item.get("validators")):
            draft.tell(f"{name}/{key}", "A check of the type “{kind}” was left out.", kind=validator.get("type"))
    if not fields:
        return None
    return {"type": "object", "properties": fields} | ({"required": asked} if asked else {}), {"type": "group"}


def keep_default(draft: Draft, element: Json, schema: Json, settings: Json, name: str) -> None:
    """Carry over a question's default as a value of its field; whether the field takes it is checked at the end."""
    value, kind = element.get("defaultValue"), str(schema.get("type"))
    if value is None:
        return
    if kind in {"number", "integer"} and isinstance(value, str):
        value = number(value) if number(value) is not None else value
    elif kind == "boolean" and value in ("true", "false"):
        value = value == "true"
    elif "oneOf" in schema and not isinstance(value, dict | list):
        value = stored(value)
    elif kind == "array" and "oneOf" in schema.get("items", {}) and isinstance(value, list):
        value = [stored(each) for each in value]
    elif settings.get("type") == "matrix" and isinstance(value, dict):
        value = {row: mark if isinstance(mark, dict | list) else stored(mark) for row, mark in value.items()}
    if settings.get("type") not in WITHOUT_VALUE and isinstance(value, FITTING.get(kind, ())):
        schema["default"] = value
    else:
        draft.tell(name, "The default “{value}” does not fit the field: left out.", value=shown(value))


def tell_special(draft: Draft, element: Json, schema: Json, name: str) -> None:
    """Settings that only some questions can carry over."""
    is_number = schema.get("type") in {"number", "integer"} or schema.get("format") == "date"
    for setting, kept in (
        ("correctAnswer", False), ("min", is_number), ("max", is_number), ("step", False), ("minLength", "minLength" in schema),
        ("maxLength", "maxLength" in schema or element.get("maxLength") == -1), ("rowCount", False), ("panelCount", False),
    ):  # fmt: skip
        if element.get(setting) is not None and not kept:
            draft.tell(name, "“{name}” was left out: {value}", name=setting, value=shown(element[setting]))
