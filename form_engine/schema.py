"""The JSON Schema of a field's value, and of a whole record: for our own compiled validator and for export.

`required` is not in it where we validate ourselves: what is asked for depends on the record, the person and the step,
while everything else about a value does not. So one compiled validator serves every step of a form.
"""

from collections.abc import Mapping
from typing import Any

from .field_types import ROW_ID, ROW_KEY
from .form import Field
from .limits import LIMITS
from .metaschema import JSON_SCHEMA

Schema = dict[str, Any]
NOTES = frozenset(
    [
        "title",
        "description",
        "default",
        "examples",
        "readOnly",
        "writeOnly",
        "deprecated",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
    ]
)
NOT_OURS = frozenset({"x-field", "x-form", "$schema", "$id", "$defs", "$comment"})
AT_THE_ROOT = ("type", "properties", "required", "additionalProperties", "unevaluatedProperties")
NARROWING = {
    "minimum": max,
    "exclusiveMinimum": max,
    "minItems": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxItems": min,
}


def value_schema(field: Field, *, binary: bool = False) -> Schema:
    """What a value of `field` must be, its rows and groups closed, without what is required of them.

    `binary`: for validators that reckon remainders in binary, which would refuse 15 % of all amounts with two decimals:
    the precision of the field's type is left out (what the property itself says stays).
    """
    if field.loose:
        return {}
    own = {key: value for key, value in field.schema.items() if key not in NOTES and key not in NOT_OURS}
    for key in field.type.replaced:
        own.pop(key, None)
    added = {**field.type.schema(field.settings), **field.type.bounds(field.schema, field.settings)}
    if binary and isinstance(added.get("multipleOf"), float):
        del added["multipleOf"]
    if field.choices:
        _as_enumeration(own)
    if field.columns:
        own = _with_columns(field, own, binary)
    return narrowed(own, added)


def narrowed(own: Schema, added: Mapping[str, Any]) -> Schema:
    """Both at once: what the property says and what its type adds."""
    made = dict(own)
    apart: Schema = {}
    for key, value in added.items():
        if key not in made:
            made[key] = value
        elif key in NARROWING and isinstance(made[key], int | float):
            made[key] = NARROWING[key](made[key], value)
        elif key != "type" and made[key] != value:
            apart[key] = value
    if apart:
        made["allOf"] = [*made.get("allOf", ()), apart]
    return made


def _as_enumeration(own: Schema) -> None:
    """Write `oneOf` of constants as `enum`, which is checked faster and fails with one error."""
    holder = own
    if isinstance(own.get("items"), dict) and "oneOf" in own["items"]:
        holder = own["items"] = dict(own["items"])
    for keyword in ("oneOf", "anyOf"):
        entries = holder.get(keyword)
        if isinstance(entries, list) and all(isinstance(entry, dict) and "const" in entry for entry in entries):
            if (
                all(entry.keys() <= {"const", "title", "description", "x-field"} for entry in entries)
                and "enum" not in holder
            ):
                del holder[keyword]
                holder["enum"] = [entry["const"] for entry in entries]
            return


def _with_columns(field: Field, own: Schema, binary: bool) -> Schema:
    if not field.several:
        return closed(field.columns, own, binary=binary)
    row = closed(field.columns, own.get("items") or {}, binary=binary)
    row["properties"][ROW_KEY] = ROW_ID
    return {**own, "items": row, "maxItems": min(own.get("maxItems", LIMITS.rows), LIMITS.rows)}


def closed(fields: Mapping[str, Field], own: Mapping[str, Any], *, binary: bool = False) -> Schema:
    """An object schema that takes these fields and no other keys, nothing of them required.

    A field whose schema holds only under a condition is allowed always, unless the schema says `unevaluatedProperties:
    false` itself: then it is allowed where its condition holds.
    """
    made = {**without_required(own), "type": "object"}
    if own.get("unevaluatedProperties") is False:
        made["unevaluatedProperties"] = False
        made["properties"] = {
            key: value_schema(field, binary=binary) for key, field in fields.items() if not field.loose
        }
    else:
        made["properties"] = {key: value_schema(field, binary=binary) for key, field in fields.items()}
        made["additionalProperties"] = False
    return made


def without_required(schema: Mapping[str, Any]) -> Schema:
    """The constraints of an object schema besides its properties and what is required."""
    return {key: value for key, value in schema.items() if key not in NOTES | NOT_OURS and key not in AT_THE_ROOT[1:]}


def record_schema(fields: Mapping[str, Field], root: Mapping[str, Any]) -> Schema:
    """What a cleaned record must be, apart from what is required: the schema that our validator is compiled from."""
    return {"$schema": JSON_SCHEMA, **closed(fields, root)}
