"""The meta-schema `form/v1`, put together from its file and the field types' own settings, and what `jsonschema` says by it.

`published()` is the whole, as editors and the docs take it. A check goes by parts: the document once, then each
`x-field` against the schema of its own type, which is fast and gives errors that name one setting.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from . import field_types
from .field_types import FieldType
from .messages import say
from .pointers import join
from .report import Report

FORM_V1 = "https://formloom.dev/schema/form/v1"
JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
Place = tuple[str | int, ...]


@cache
def _file() -> Schema:
    path = Path(__file__).parent / "schemas" / "form.v1.json"
    loaded: Schema = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def keywords() -> frozenset[str]:
    """Every keyword that may stand beside a property."""
    return frozenset(_file()["$defs"]["schema"]["properties"])


@cache
def root_keywords() -> frozenset[str]:
    """Every keyword that may stand at the root."""
    return keywords() | {"x-form"}


def common_settings() -> Mapping[str, Any]:
    """The `x-field` keys that every type has, each with its schema."""
    settings: Mapping[str, Any] = _file()["$defs"]["x-field"]["properties"]
    return settings


def published() -> Schema:
    """The meta-schema in one document: `x-field` closed, with the settings of each type."""
    whole: Schema = json.loads(json.dumps(_file()))
    field = whole["$defs"]["x-field"]
    every: Schema = {}
    field["allOf"] = []
    for entry in field_types.all():
        every |= entry.settings_schema
        then: Schema = {"properties": dict(entry.settings_schema)}
        if entry.required_settings:
            then["required"] = list(entry.required_settings)
        named = {"properties": {"type": {"const": entry.name}}, "required": ["type"]}
        field["allOf"].append({"if": named, "then": then})
    field["allOf"].append({"if": {"not": {"required": ["type"]}}, "then": {"properties": every}})
    field["unevaluatedProperties"] = False
    whole["$defs"]["schema"]["properties"]["x-field"] = {"$ref": "#/$defs/x-field"}
    return whole


def settings_of(entry: FieldType) -> Schema:
    """The closed schema of an `x-field` of this type."""
    return {
        "$schema": JSON_SCHEMA,
        "$ref": f"{FORM_V1}#/$defs/x-field",
        "properties": dict(entry.settings_schema),
        "required": list(entry.required_settings),
        "unevaluatedProperties": False,
    }


@cache
def _registry() -> Registry[Any]:
    made: Registry[Any] = Registry().with_resource(FORM_V1, DRAFT202012.create_resource(_file()))
    return made


@cache
def _root_validator() -> Draft202012Validator:
    return Draft202012Validator(_file(), registry=_registry())


@cache
def _settings_validator(entry: FieldType) -> Draft202012Validator:
    return Draft202012Validator(settings_of(entry), registry=_registry())


def check_document(document: Mapping[str, Any], report: Report) -> list[Place]:
    """Report every place where `document` does not have the shape of a form, and give back those places.

    Its `x-field`s are checked by their types, each in its turn.
    """
    return _tell(_root_validator().iter_errors(document), "", report)


def check_settings(entry: FieldType, settings: Mapping[str, Any], pointer: str, report: Report) -> set[str]:
    """Report what is wrong with the `x-field` at `pointer` of a field of type `entry`; gives back the wrong keys."""
    return {str(path[0]) for path in _tell(_settings_validator(entry).iter_errors(settings), pointer, report) if path}


def _tell(errors: Iterator[ValidationError], pointer: str, report: Report) -> list[Place]:
    places: list[Place] = []
    for error in errors:
        told = _leaf(error)
        path = _place(told)
        _tell_one(told, join(pointer, *path), report)
        unknown = _unknown(told) if told.validator == "unevaluatedProperties" else []
        places += [(*path, key) for key in unknown] or [path]
    return places


def _place(error: ValidationError) -> Place:
    """Where what is wrong stands; a key that is wrong itself is where its value is."""
    of_a_key = list(error.absolute_schema_path)[-2:-1] == ["propertyNames"]
    return (*error.absolute_path, *([str(error.instance)] if of_a_key else []))


def _leaf(error: ValidationError) -> ValidationError:
    """Of an `anyOf` that fails, the error of the alternative that was most likely meant."""
    while error.context:
        fitting = [inner for inner in error.context if inner.validator != "type"]
        error = max(fitting or error.context, key=lambda inner: len(inner.absolute_path))
    return error


def _tell_one(error: ValidationError, pointer: str, report: Report) -> None:
    limit, found = error.validator_value, error.instance
    match error.validator:
        case "unevaluatedProperties":
            _tell_unknown(error, pointer, report)
        case "required":
            for key in limit:
                if key not in found:
                    report.error(pointer, "“{key}” is missing here.", key=key)
        case "type":
            _tell_type(limit, found, pointer, report)
        case "enum":
            allowed = ", ".join(json.dumps(value) for value in limit)
            hint = report.hint(found, limit) if isinstance(found, str) else ""
            report.error(
                pointer,
                "{found} is not allowed here. Allowed: {allowed}.{hint}",
                found=_shown(found),
                allowed=allowed,
                hint=hint,
            )
        case "const":
            report.error(pointer, "This must be {wanted}.", wanted=_shown(limit))
        case "uniqueItems":
            report.error(pointer, "Nothing may stand twice in this list.")
        case "pattern":
            report.error(pointer, "{found} does not have the form that is expected here.", found=_shown(found))
        case "minItems" | "minProperties" | "minLength":
            report.error(pointer, "This must not be empty.")
        case "minimum" | "exclusiveMinimum":
            report.error(
                pointer,
                "This must be greater than {limit}.",
                limit=limit if error.validator != "minimum" else limit - 1,
            )
        case _:
            report.error(pointer, "This must be at most {limit}.", limit=_shown(limit))


def _tell_unknown(error: ValidationError, pointer: str, report: Report) -> None:
    known = _known_keys(error.schema)
    for key in _unknown(error):
        template = "There is no key “{key}” here.{hint}"
        report.error(join(pointer, key), template, key=key, hint=report.hint(key, known))


def _unknown(error: ValidationError) -> list[str]:
    known = _known_keys(error.schema)
    return [key for key in error.instance if key not in known]


def _known_keys(schema: Mapping[str, Any]) -> list[str]:
    known = list(schema.get("properties", ()))
    if "$ref" in schema:
        known += common_settings()
    return known


def _tell_type(limit: str | list[str], found: object, pointer: str, report: Report) -> None:
    kinds = [limit] if isinstance(limit, str) else limit
    wanted = say(report.lang, " or ").join(kind_name(kind, report.lang) for kind in kinds)
    report.error(
        pointer, "This must be {wanted}, not {found}.", wanted=wanted, found=kind_name(kind_of(found), report.lang)
    )


def kind_of(value: object) -> str:
    """The JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def has_kind(value: object, kind: str) -> bool:
    """Whether a value is of a JSON type; a whole number is a number, too, and 3.0 is whole."""
    if kind == "integer":
        return isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0
    return kind_of(value) == kind


KIND_NAMES = {
    "null": "nothing (null)",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}


def kind_name(kind: str, lang: str) -> str:
    """A JSON type in words."""
    return say(lang, KIND_NAMES.get(kind, kind))


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"
