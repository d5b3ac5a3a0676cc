"""A JSON Schema of any draft as a form: brought to 2020-12, kept as it is, and cleared of what a form cannot hold.

Source: the drafts' own release notes (draft-04 to 2020-12, appendix "ChangeLog").
"""

from typing import Any

from formloom.form_engine.definition import parse
from formloom.form_engine.ecma import without_needless_escapes
from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say
from formloom.form_engine.pointers import join

from .draft import FORM_SCHEMA, Draft, Imported, Json
from .finishing import finish
from .jsonschema_refs import References
from .jsonschema_shapes import as_object
from .leftovers import shown

DEPTH = 60
SCHEMA_MAPS = {"properties", "dependentSchemas"}
BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
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
    "unevaluatedItems",
    "contentSchema",
}


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of a JSON Schema document. Raises DefinitionError for text that is no JSON or no object."""
    document = parse(data)
    if not isinstance(document, dict):
        raise DefinitionError([Problem("", say(lang, "A JSON Schema for a form is a JSON object."))])
    if not WORDS & document.keys():
        raise DefinitionError([Problem("", say(lang, "This is no JSON Schema: it has none of its keywords."))])
    draft = Draft("", lang)
    schema = as_object(_Upgrade(document, draft).document(document), draft)
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


class _Upgrade:
    """Brings a schema to the words of 2020-12."""

    def __init__(self, document: Json, draft: Draft) -> None:
        self.draft = draft
        self.references = References(document)

    def document(self, document: Json) -> Json:
        """The whole document; what it refers to inside itself stands in its `$defs`."""
        new = self.schema(document, "", 0)
        named: Json = {}
        while self.references.waiting:
            name, target, pointer = self.references.waiting.pop()
            named[name] = self.schema(target, pointer, 1) if isinstance(target, dict) else target
        if named:
            new["$defs"] = {**(new["$defs"] if isinstance(new.get("$defs"), dict) else {}), **named}
        return new

    def schema(self, schema: Json, pointer: str, depth: int) -> Json:
        """`schema` in the words of 2020-12."""
        if depth > DEPTH:
            sentence = say(self.draft.lang, "This schema is nested deeper than {limit} levels.", limit=DEPTH)
            raise DefinitionError([Problem(pointer, sentence)])
        new: Json = {}
        for name, value in schema.items():
            made = self._keyword(name, value, schema, pointer, depth)
            if "$defs" in made and isinstance(new.get("$defs"), dict):
                made = {"$defs": {**new["$defs"], **made["$defs"]}}
            new |= made
        return new

    def _keyword(self, name: str, value: Any, schema: Json, pointer: str, depth: int) -> Json:
        here = join(pointer, name)

        def inside(part: Any, *below: str) -> Any:
            return self.schema(part, join(here, *below), depth + 1) if isinstance(part, dict) else part

        match name, value:
            case (("id" | "$id"), str()) if pointer == "" and not (name == "id" and "$id" in schema):
                name_only = value.partition("#")[0]
                return {"$id": name_only} if name_only else {}
            case (("definitions" | "$defs"), dict()):
                return {"$defs": {key: inside(part, key) for key, part in value.items()}}
            case "$ref", str():
                return {"$ref": self.references.local(value)}
            case "required", bool():
                self.draft.tell(here, "“required” must be a list beside “properties”: left out.")
                return {}
            case "items", list():
                others = (
                    self._keyword("items", schema["additionalItems"], {}, pointer, depth)
                    if "additionalItems" in schema
                    else {}
                )
                return {"prefixItems": [inside(part, str(number)) for number, part in enumerate(value)], **others}
            case "additionalItems", _:
                return {}
            case "pattern", str():
                return {"pattern": without_needless_escapes(value)}
            case "patternProperties", dict():
                return {name: {without_needless_escapes(key): inside(part, key) for key, part in value.items()}}
            case "dependencies", dict():
                return _dependencies(value, inside)
            case (("definitions" | "$defs" | "dependencies"), _):
                self.draft.tell(here, "“{name}” was left out: {value}", name=name, value=shown(value))
                return {}
            case "examples", _:
                return {name: value if isinstance(value, list) else [value]}
            case "$comment", _:
                return {name: value}
        if name in BOUNDS:
            return _bound(name, value, schema)
        if name in SCHEMA_MAPS and isinstance(value, dict):
            return {name: {key: inside(part, key) for key, part in value.items()}}
        if name in SCHEMA_LISTS and isinstance(value, list):
            return {name: [inside(part, str(number)) for number, part in enumerate(value)]}
        return {name: inside(value) if name in SCHEMAS else value}


def _bound(name: str, value: Any, schema: Json) -> Json:
    """A bound; draft-04 says with a switch beside it that the bound itself is not meant."""
    plain = name.removeprefix("exclusive").lower()
    exclusive = f"exclusive{plain.title()}"
    if name == plain:
        return {} if schema.get(exclusive) is True else {name: value}
    if isinstance(value, bool):
        return {exclusive: schema[plain]} if value and plain in schema else {}
    return {name: value}


def _dependencies(value: Json, inside: Any) -> Json:
    names = {key: part for key, part in value.items() if isinstance(part, list)}
    schemas = {key: inside(part, f"/{key}") for key, part in value.items() if isinstance(part, dict)}
    return ({"dependentRequired": names} if names else {}) | ({"dependentSchemas": schemas} if schemas else {})
