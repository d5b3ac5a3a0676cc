"""The shape of a foreign JSON Schema's root: a form is one object whose fields are all named in one place.

What stands in the parts of `allOf`, in alternatives and behind conditions is asked for, too; when it may be filled in
stays said where it was said.
"""

from collections.abc import Iterator
from typing import Any

from .draft import Draft, Json

DEPTH = 60
NESTED = 10
"""How deep alternatives are looked at that stand in each other."""
REFERRING = {"$ref", "title", "description", "$comment"}
"""What a part says that is a reference and nothing else."""
NAMING = {"properties", "required", "title", "description", "additionalProperties", "$id", "$schema", "$comment"}
"""What a part of `allOf` says that is taken out of it."""


def as_object(schema: Json, draft: Draft) -> Json:
    """A schema of an object. What describes a list or one value becomes a form with that one field."""
    target = _opened(schema, schema)
    if target is not schema:
        schema = {**{name: value for name, value in schema.items() if name != "$ref"}, **target}
    merged = _with_all_of(schema)
    if _is_object(merged, schema):
        fields = merged.get("properties", {})
        if merged.get("type", "object") != "object" and "object" not in _list(merged["type"]):
            draft.tell("type", "“{name}” was left out: {value}", name="type", value=merged["type"])
        merged = merged | {"type": "object", "properties": fields if isinstance(fields, dict) else {}}
        return _with_conditional(merged, draft)
    draft.tell("", "The schema describes no object: the form has one field for the value.")
    inner = {name: value for name, value in merged.items() if name not in {"$schema", "$id", "$defs"}}
    kept: Json = {name: merged[name] for name in ("$id", "$defs") if name in merged}
    return {**kept, "title": merged.get("title", "Form"), "type": "object", "properties": {"value": inner}}


def _is_object(schema: Json, root: Json, depth: int = 0) -> bool:
    """Whether a schema can be that of a form: it says so, or its alternatives do, or it says nothing."""
    if "properties" in schema or schema.get("type") == "object":
        return True
    alternatives = [_opened(part, root) for word in ("oneOf", "anyOf") for part in _list(schema.get(word))]
    if "type" in schema or not alternatives:
        return "type" not in schema and not {"enum", "const", "items", "prefixItems"} & schema.keys()
    return depth < NESTED and any(isinstance(part, dict) and _is_object(part, root, depth + 1) for part in alternatives)


def _opened(schema: Any, root: Json) -> Any:
    """What a schema that is only a reference refers to."""
    target = schema
    for _ in range(DEPTH):
        reference = target.get("$ref") if isinstance(target, dict) and "properties" not in target else None
        if not (isinstance(reference, str) and reference.startswith("#/$defs/")):
            break
        found = _mapping(root.get("$defs")).get(reference.removeprefix("#/$defs/"))
        if not isinstance(found, dict):
            break
        target = found
    return target


def _with_all_of(schema: Json) -> Json:
    """The properties that stand in the parts of `allOf` become fields, too, where they can be told apart."""
    properties = dict(_mapping(schema.get("properties")))
    required = list(_list(schema.get("required")))
    rest = []
    for part in _list(schema.get("allOf")):
        opened = _opened(part, schema) if isinstance(part, dict) and set(part) <= REFERRING else part
        inner, asked = (
            (opened.get("properties", {}), opened.get("required", [])) if isinstance(opened, dict) else (None, None)
        )
        if not isinstance(inner, dict) or not isinstance(asked, list) or set(inner) & set(properties):
            rest.append(part)
            continue
        properties |= inner
        required += [name for name in asked if name not in required]
        left = {
            name: value for name, value in opened.items() if name not in NAMING and (name, value) != ("type", "object")
        }
        rest += [left] if left else []
    merged = {name: value for name, value in schema.items() if name != "allOf"}
    if properties:
        merged["properties"] = properties
    if required:
        merged["required"] = required
    return merged | ({"allOf": rest} if rest else {})


def _with_conditional(schema: Json, draft: Draft) -> Json:
    """The schema with a field for each property that only its alternatives and conditions name."""
    found: dict[str, list[Any]] = {}
    for name, part in _named_inside(schema, schema, 0):
        if name not in schema["properties"] and part not in found.setdefault(name, []):
            found[name].append(part)
    for name, parts in found.items():
        draft.tell(f"properties/{name}", "There it is asked for in some cases only; here it is always shown.")
        schema["properties"][name] = parts[0] if len(parts) == 1 else _either(parts)
    return schema


def _named_inside(schema: Json, root: Json, depth: int) -> Iterator[tuple[str, Any]]:
    """The properties that the alternatives and conditions of a schema name."""
    if depth > NESTED:
        return
    parts = [part for word in ("allOf", "anyOf", "oneOf") for part in _list(schema.get(word))]
    parts += [schema.get(word) for word in ("if", "then", "else")] + list(
        _mapping(schema.get("dependentSchemas")).values()
    )
    for part in parts:
        opened = _opened(part, root)
        if isinstance(opened, dict):
            if part is not schema.get("if"):
                yield from _mapping(opened.get("properties")).items()
            yield from _named_inside(opened, root, depth + 1)


def _either(parts: list[Any]) -> Any:
    """What a property may be that several alternatives describe: options where each names some, else any of them."""
    values: list[Any] = []
    for part in parts:
        if not isinstance(part, dict) or not ({"const", "enum"} & part.keys()):
            return {"anyOf": parts}
        values += [part["const"]] if "const" in part else _list(part["enum"])
    different = [value for number, value in enumerate(values) if value not in values[:number]]
    kept = {name: value for name, value in parts[0].items() if name in {"type", "title", "description"}}
    return {**kept, "enum": different}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
