"""Writes a form, or one record's effective form, as plain JSON Schema that any stock validator takes.

No `x-` keyword is left. What our check says beyond JSON Schema's own keywords (precision, options, closed objects,
required text that is more than white space) is written out, and conditions become `if`/`then` where they can be said.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .conditions import as_schema, filled
from .field_types import ROW_ID, ROW_KEY
from .form import Field, Form
from .metaschema import JSON_SCHEMA
from .resolve import LISTS, MAPS, ONE
from .schema import NOT_OURS, closed, value_schema
from .states import FieldState

Schema = dict[str, Any]
SHOWN_NOTES = ("title", "description", "default", "examples", "deprecated")


def to_json_schema(form: Form) -> Schema:
    """The form as a JSON Schema 2020-12 of its cleaned records."""
    made: Schema = {"$schema": JSON_SCHEMA}
    if form.key:
        made["$id"] = form.key
    made |= {key: form.document[key] for key in ("title", "description") if key in form.document}
    plain: Schema = _plain(_holder(form.fields, form.schema, list(_rules(form))))
    return made | plain


def _plain(schema: Any) -> Any:
    """A schema without the `x-` keywords that a foreign document holds deep inside."""
    if not isinstance(schema, dict):
        return schema
    made: Schema = {}
    for key, value in schema.items():
        if key in MAPS and isinstance(value, dict):
            made[key] = {name: _plain(part) for name, part in value.items()}
        elif key in LISTS and isinstance(value, list):
            made[key] = [_plain(part) for part in value]
        elif not key.startswith("x-"):
            made[key] = _plain(value) if key in ONE else value
    return made


def _holder(fields: Mapping[str, Field], own: Mapping[str, Any], rules: Sequence[Schema] = ()) -> Schema:
    """A closed object schema with these fields described, what is always required, and what is so under conditions.

    What fills itself (computed, with a default) need not be given, so it is not required here.
    """
    made = closed(fields, own, binary=True)
    made["properties"] = {key: described(fields[key]) for key in made["properties"]}
    required = [key for key, field in fields.items() if field.required and not _fills_itself(field)]
    made |= {"required": required} if required else {}
    conditions = [*(filled(fields[key]) for key in required), *_conditions(fields), *rules]
    beyond = [condition for condition in conditions if condition.keys() != {"required"}]
    if beyond:
        made["allOf"] = [*made.get("allOf", ()), *beyond]
    return made


def _fills_itself(field: Field) -> bool:
    return field.type.derived or bool(field.compute or field.default) or "default" in field.schema


def described(field: Field) -> Schema:
    """A field's value with its title, help and options as JSON Schema writes them."""
    made = {key: field.schema[key] for key in SHOWN_NOTES if key in field.schema}
    made |= value_schema(field, binary=True)
    if field.read_only:
        made["readOnly"] = True
    if field.columns and field.several:
        made["items"] = _holder(field.columns, field.schema.get("items") or {})
        made["items"]["properties"][ROW_KEY] = ROW_ID
    elif field.columns:
        made |= _holder(field.columns, field.schema)
    elif field.choices:
        _with_titles(field, made)
    return made


def _with_titles(field: Field, made: Schema) -> None:
    """Options as `oneOf` of `const` and `title`, so that whoever reads the schema sees the labels."""
    holder = made
    if isinstance(made.get("items"), dict):
        holder = made["items"] = dict(made["items"])
    if holder.pop("enum", None) is not None:
        holder["oneOf"] = [{"const": choice.value, "title": choice.title} for choice in field.choices]


def _conditions(fields: Mapping[str, Field]) -> Iterator[Schema]:
    """`if`/`then` for what is asked for, and for options that are offered, under conditions that JSON Schema can say."""
    for field in fields.values():
        shown = True if field.visible_when is None else as_schema(field.visible_when, fields)
        asked = None if field.required_when is None else as_schema(field.required_when, fields)
        if asked is not None and shown is not None:
            yield {"if": asked if shown in (True, asked) else {"allOf": [shown, asked]}, "then": filled(field)}
        for choice in field.choices:
            offered = None if choice.when is None else as_schema(choice.when, fields)
            if offered is not None and shown is True:
                test = {"contains": {"const": choice.value}} if field.several else {"const": choice.value}
                yield {"if": {"not": offered}, "then": {"properties": {field.key: {"not": test}}}}


def _rules(form: Form) -> Iterator[Schema]:
    """What the form's rules forbid, where JSON Schema can say it."""
    for rule in form.rules:
        field = form.fields.get(rule.field)
        wrong = as_schema(rule.when, form.fields) if rule.severity == "error" and (field or not rule.field) else None
        if wrong is not None:
            yield {"not": wrong}


def effective(form: Form, states: Mapping[str, FieldState], values: Mapping[str, Any]) -> Schema:
    """The schema of one record for one person and step: what they may see, and what must be there."""
    made: Schema = {"$schema": JSON_SCHEMA, **closed(form.fields, form.schema)}
    made["properties"], made["required"] = _effective_fields(form.fields, states, values, "")
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
