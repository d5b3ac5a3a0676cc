"""A JSON Schema of any draft as a form: brought to 2020-12, kept as it is, and cleared of what a form cannot hold.

Source: the drafts' own release notes (draft-04 to 2020-12, appendix "ChangeLog").
"""

from typing import Any

from formloom.form_engine.definition import parse
from formloom.form_engine.ecma import without_needless_escapes
from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import FORM_SCHEMA, Draft, Imported, Json
from .finishing import finish

DEPTH = 60
SCHEMA_MAPS = {"properties", "$defs", "definitions", "dependentSchemas"}
WORDS = {"$schema", "$ref", "$defs", "definitions", "type", "properties", "required", "allOf", "anyOf", "oneOf", "items", "enum", "const",
         "additionalProperties", "patternProperties", "title", "format", "x-form"}  # fmt: skip
SCHEMA_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
SCHEMAS = {
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "additionalItems",
}


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of a JSON Schema document. Raises DefinitionError for text that is no JSON or no object."""
    document = parse(data)
    if not isinstance(document, dict):
        raise DefinitionError([Problem("", say(lang, "A JSON Schema for a form is a JSON object."))])
    if not WORDS & document.keys():
        raise DefinitionError([Problem("", say(lang, "This is no JSON Schema: it has none of its keywords."))])
    draft = Draft("", lang)
    schema = _modern(document, "", draft, 0)
    schema = _as_object(schema, draft)
    _tell_open(document, schema, draft)
    schema["$schema"] = FORM_SCHEMA
    schema.setdefault("title", filename.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "Form")
    return Imported(finish(schema, draft.report, lang), draft.report)


def _tell_open(document: Json, schema: Json, draft: Draft) -> None:
    """A form asks for what it names and takes nothing else: said where the schema lets in more."""
    for word in ("patternProperties", "additionalProperties", "unevaluatedProperties"):
        if isinstance(schema.get(word), dict) and schema[word]:
            draft.tell(word, "Only the fields that have a name are asked for; others can't be filled in.")
    if "x-field" in str(document) or "x-form" in str(document):
        return
    if isinstance(schema.get("required"), list):
        missing = [name for name in schema["required"] if isinstance(name, str) and name not in schema["properties"]]
        for name in missing:
            draft.tell(f"required/{name}", "Required, but not described: left out.")


def _modern(schema: Json, pointer: str, draft: Draft, depth: int) -> Json:
    """`schema` in the words of 2020-12."""
    if depth > DEPTH:
        raise DefinitionError(
            [Problem(pointer, say(draft.lang, "This schema is nested deeper than {limit} levels.", limit=DEPTH))]
        )
    new: Json = {}
    for name, value in schema.items():
        new |= _keyword(name, value, schema, pointer, draft, depth)
    return new


def _keyword(name: str, value: Any, schema: Json, pointer: str, draft: Draft, depth: int) -> Json:
    here = f"{pointer}/{name}"

    def inside(part: Any, suffix: str = "") -> Any:
        return _modern(part, here + suffix, draft, depth + 1) if isinstance(part, dict) else part

    match name, value:
        case "id", str() if "$id" not in schema and pointer == "":
            return {"$id": value}
        case "definitions", dict():
            return {"$defs": {key: inside(part, f"/{key}") for key, part in value.items()}}
        case "$ref", str():
            return {"$ref": value.replace("#/definitions/", "#/$defs/")}
        case "exclusiveMinimum", True:
            return {"exclusiveMinimum": schema["minimum"]} if "minimum" in schema else {}
        case "exclusiveMaximum", True:
            return {"exclusiveMaximum": schema["maximum"]} if "maximum" in schema else {}
        case (("exclusiveMinimum" | "exclusiveMaximum"), False):
            return {}
        case "minimum", _ if schema.get("exclusiveMinimum") is True:
            return {}
        case "maximum", _ if schema.get("exclusiveMaximum") is True:
            return {}
        case "required", bool():
            draft.tell(here, "“required” must be a list beside “properties”: left out.")
            return {}
        case "items", list():
            return {"prefixItems": [inside(part, f"/{number}") for number, part in enumerate(value)]}
        case "pattern", str():
            return {"pattern": without_needless_escapes(value)}
        case "patternProperties", dict():
            return {name: {without_needless_escapes(key): inside(part, f"/{key}") for key, part in value.items()}}
        case "dependencies", dict():
            return _dependencies(value, inside)
        case (("examples" | "$comment"), _):
            return {name: value}
    if name in SCHEMA_MAPS and isinstance(value, dict):
        return {name: {key: inside(part, f"/{key}") for key, part in value.items()}}
    if name in SCHEMA_LISTS and isinstance(value, list):
        return {name: [inside(part, f"/{number}") for number, part in enumerate(value)]}
    return {name: inside(value) if name in SCHEMAS else value}


def _dependencies(value: Json, inside: Any) -> Json:
    names = {key: part for key, part in value.items() if isinstance(part, list)}
    schemas = {key: inside(part, f"/{key}") for key, part in value.items() if isinstance(part, dict)}
    return ({"dependentRequired": names} if names else {}) | ({"dependentSchemas": schemas} if schemas else {})


def _as_object(schema: Json, draft: Draft) -> Json:
    """A schema of an object. What describes a list or one value becomes a form with that one field."""
    target: Any = schema
    for _ in range(DEPTH):
        reference = target.get("$ref") if isinstance(target, dict) and "properties" not in target else None
        if not (isinstance(reference, str) and reference.startswith("#/$defs/")):
            break
        found = schema.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
        if not isinstance(found, dict):
            break
        target = found
    if target is not schema:
        schema = {**{name: value for name, value in schema.items() if name != "$ref"}, **target}
    merged = _with_all_of(schema)
    if merged.get("type", "object") == "object" or "properties" in merged:
        fields = merged.get("properties", {})
        return merged | {"type": "object", "properties": fields if isinstance(fields, dict) else {}}
    draft.tell("", "The schema describes no object: the form has one field for the value.")
    inner = {name: value for name, value in merged.items() if name not in {"$schema", "$id", "$defs"}}
    kept: Json = {name: merged[name] for name in ("$id", "$defs") if name in merged}
    return {**kept, "title": merged.get("title", "Form"), "type": "object", "properties": {"value": inner}}


def _with_all_of(schema: Json) -> Json:
    """The properties that stand in the parts of `allOf` become fields, too, where they can be told apart."""
    properties = dict(schema.get("properties", {})) if isinstance(schema.get("properties"), dict) else {}
    required = list(schema.get("required", [])) if isinstance(schema.get("required"), list) else []
    rest = []
    for part in schema.get("allOf", []) if isinstance(schema.get("allOf"), list) else []:
        plain = isinstance(part, dict) and set(part) <= {"type", "properties", "required", "title", "description"}
        inner, asked = (part.get("properties", {}), part.get("required", [])) if plain else (None, None)
        if isinstance(inner, dict) and isinstance(asked, list) and not set(inner) & set(properties):
            properties |= inner
            required += [name for name in asked if name not in required]
        else:
            rest.append(part)
    merged = {name: value for name, value in schema.items() if name != "allOf"}
    if properties:
        merged["properties"] = properties
    if required:
        merged["required"] = required
    return merged | ({"allOf": rest} if rest else {})
