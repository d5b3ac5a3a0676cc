"""Writes a form, or one record's effective form, as plain JSON Schema that any stock validator takes.

No `x-` keyword is left. What our check says beyond JSON Schema's own keywords (precision, options, closed objects,
required text that is more than white space) is written out, and conditions become `if`/`then` where they can be said.
"""

from collections.abc import Mapping
from typing import Any

from .conditions import as_schema
from .field_types import ROW_ID, ROW_KEY
from .form import Field, Form
from .metaschema import JSON_SCHEMA
from .schema import NOT_OURS, narrowed, value_schema, without_required
from .states import FieldState

Schema = dict[str, Any]
SHOWN_NOTES = ("title", "description", "default", "examples", "deprecated")


def to_json_schema(form: Form) -> Schema:
    """The form as a JSON Schema 2020-12 of its cleaned records."""
    made: Schema = {"$schema": JSON_SCHEMA}
    if form.key:
        made["$id"] = form.key
    made |= {key: form.document[key] for key in ("title", "description") if key in form.document}
    made |= {"type": "object", "properties": {key: described(field) for key, field in form.fields.items()}}
    made |= without_required(form.schema)
    required = [key for key, field in form.fields.items() if field.required]
    made |= {"required": required} if required else {}
    made["additionalProperties"] = False
    conditions = list(_conditions(form.fields))
    return narrowed(made, {"allOf": conditions}) if conditions else made


def described(field: Field) -> Schema:
    """A field's value with its title, help and options as JSON Schema writes them."""
    made = {key: field.schema[key] for key in SHOWN_NOTES if key in field.schema}
    made |= value_schema(field)
    if field.read_only:
        made["readOnly"] = True
    if field.columns:
        _with_columns(field, made)
    elif field.choices:
        _with_titles(field, made)
    return made | (_filled(made) if field.required else {})


def _with_columns(field: Field, made: Schema) -> None:
    holder = made
    if field.several:
        holder = made["items"] = dict(made["items"])
    holder["properties"] = {key: described(column) for key, column in field.columns.items()}
    if field.several:
        holder["properties"][ROW_KEY] = ROW_ID
    required = [key for key, column in field.columns.items() if column.required]
    holder |= {"required": required} if required else {}
    conditions = list(_conditions(field.columns))
    if conditions:
        holder["allOf"] = [*holder.get("allOf", ()), *conditions]


def _with_titles(field: Field, made: Schema) -> None:
    """Options as `oneOf` of `const` and `title`, so that whoever reads the schema sees the labels."""
    holder = made
    if isinstance(made.get("items"), dict):
        holder = made["items"] = dict(made["items"])
    if holder.pop("enum", None) is not None:
        holder["oneOf"] = [{"const": choice.value, "title": choice.title} for choice in field.choices]


def _filled(made: Schema) -> Schema:
    """What makes a required value more than a blank."""
    match made.get("type"):
        case "string" if "pattern" not in made and "format" not in made and "oneOf" not in made and "enum" not in made:
            return {"pattern": "\\S"}
        case "array":
            return {"minItems": max(1, made.get("minItems", 1))}
        case "object":
            return {"minProperties": max(1, made.get("minProperties", 1))}
    return {}


def _conditions(fields: Mapping[str, Field]) -> Any:
    """`if`/`then` for what is required or irrelevant under conditions that JSON Schema can say."""
    for key, field in fields.items():
        if field.required_when is not None:
            condition = as_schema(field.required_when, fields)
            if condition is not None:
                shown = as_schema(field.visible_when, fields) if field.visible_when is not None else True
                if shown is not None:
                    both = condition if shown is True else {"allOf": [shown, condition]}
                    yield {"if": both, "then": {"required": [key]}}
        if field.visible_when is not None:
            condition = as_schema(field.visible_when, fields)
            if condition is not None:
                yield {"if": condition, "else": {"properties": {key: False}}}


def effective(form: Form, states: Mapping[str, FieldState], values: Mapping[str, Any]) -> Schema:
    """The schema of one record for one person and step: what they may see, and what must be there."""
    made: Schema = {"$schema": JSON_SCHEMA, **without_required(form.schema), "type": "object"}
    made["properties"], made["required"] = _effective_fields(form.fields, states, values, "")
    made["additionalProperties"] = False
    return made


def _effective_fields(
    fields: Mapping[str, Field], states: Mapping[str, FieldState], values: Mapping[str, Any], path: str
) -> tuple[Schema, list[str]]:
    properties: Schema = {}
    required: list[str] = []
    for key, field in fields.items():
        state = states.get(f"{path}{key}")
        if state is None or not state.visible:
            continue
        properties[key] = _effective_field(field, states, values.get(key), f"{path}{key}/")
        if state.readonly:
            properties[key]["readOnly"] = True
        if state.required:
            required.append(key)
    return properties, required


def _effective_field(field: Field, states: Mapping[str, FieldState], value: Any, path: str) -> Schema:
    made = {key: entry for key, entry in described(field).items() if key not in NOT_OURS}
    if not field.columns:
        return made
    if not field.several:
        inner = value if isinstance(value, Mapping) else {}
        properties, required = _effective_fields(field.columns, states, inner, path)
        return made | {"properties": properties, "required": required}
    rows = [
        {**made["items"], "properties": {**properties, ROW_KEY: ROW_ID}, "required": required}
        for index, row in enumerate(value if isinstance(value, list) else ())
        for properties, required in [
            _effective_fields(field.columns, states, row if isinstance(row, Mapping) else {}, f"{path}{index}/")
        ]
    ]
    return made | ({"prefixItems": rows} if rows else {})
