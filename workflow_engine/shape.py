"""Checks a workflow or automation document against its meta-schema, and says in sentences what is wrong with its shape.

The meta-schema (`schemas/workflow.v1.json`, `automation.v1.json`) is the one list of keywords; this module knows how
`jsonschema` complains, and nothing of what steps mean.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from formloom.form_engine.messages import say
from formloom.form_engine.pointers import join
from formloom.form_engine.report import Report

SCHEMAS = Path(__file__).parent / "schemas"

Shape = Literal["workflow", "automation"]


@cache
def meta_schema(shape: Shape = "workflow") -> Mapping[str, Any]:
    """The meta-schema of workflows, or of automations."""
    schema: Mapping[str, Any] = json.loads((SCHEMAS / f"{shape}.v1.json").read_text(encoding="utf-8"))
    return schema


@cache
def _validator(shape: Shape) -> Draft202012Validator:
    """An automation takes people and actions from the meta-schema of workflows."""
    shared: Registry[Any] = Registry().with_resource(meta_schema()["$id"], Resource.from_contents(meta_schema()))
    return Draft202012Validator(meta_schema(shape), registry=shared)


def check_shape(document: Any, report: Report, shape: Shape = "workflow") -> None:
    """Note every place at which `document` does not have the shape of a workflow, or of an automation.

    What is of the wrong kind is told once, by all the kinds that it may be of.
    """
    errors = [(join("", *error.absolute_path), error) for error in _validator(shape).iter_errors(document)]
    of_kind = sorted((one for one in errors if one[1].validator == "type"), key=lambda one: len(_kinds(one[1])))
    wrong_kind = dict(of_kind)
    for pointer, error in errors:
        if wrong_kind.get(pointer, error) is not error:
            continue
        tell = _SENTENCES.get(str(error.validator))
        if tell is not None:
            tell(error, pointer, report)
        else:
            report.error(pointer, "This is not allowed here.")


def _unknown_keys(error: ValidationError, pointer: str, report: Report) -> None:
    known = list(error.schema.get("properties", ()))
    for key in error.instance:
        if key not in known:
            report.error(
                join(pointer, key), "There is no key “{key}” here.{hint}", key=key, hint=report.hint(key, known)
            )


def _missing(error: ValidationError, pointer: str, report: Report) -> None:
    for key in error.validator_value:
        if key not in error.instance:
            report.error(pointer, "“{key}” is missing here.", key=key)


def _dependent(error: ValidationError, pointer: str, report: Report) -> None:
    for key, needed in error.validator_value.items():
        missing = [other for other in needed if other not in error.instance]
        if key in error.instance and missing:
            report.error(join(pointer, key), "“{key}” stands only beside “{other}”.", key=key, other=missing[0])


def _alternatives(error: ValidationError, pointer: str, report: Report) -> None:
    names = [part["required"][0] for part in error.validator_value]
    given = [name for name in names if name in error.instance]
    listed = ", ".join(f"“{name}”" for name in names)
    if given:
        report.error(join(pointer, given[1]), "Only one of {names} may stand here.", names=listed)
    else:
        report.error(pointer, "One of {names} must stand here.", names=listed)


def _word(error: ValidationError, pointer: str, report: Report) -> None:
    words = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    known = ", ".join(str(word) if isinstance(word, str) else json.dumps(word) for word in words)
    hint = report.hint(error.instance, words) if isinstance(error.instance, str) else ""
    report.error(pointer, "This must be one of: {words}.{hint}", words=known, hint=hint)


_KINDS = {
    "string": "a text",
    "object": "an object",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def _type(error: ValidationError, pointer: str, report: Report) -> None:
    wanted = say(report.lang, " or ").join(say(report.lang, _KINDS[kind]) for kind in _kinds(error))
    report.error(pointer, "This must be {wanted}.", wanted=wanted)


def _kinds(error: ValidationError) -> list[str]:
    return error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]


def _pattern(error: ValidationError, pointer: str, report: Report) -> None:
    if error.schema.get("format") == "duration":
        report.error(pointer, "This must be an ISO 8601 duration: P2D, PT8H, P1W, P1M.")
    else:
        report.error(
            pointer,
            "“{value}” is not written as it must be ({pattern}).",
            value=error.instance,
            pattern=error.validator_value,
        )


def _bound(error: ValidationError, pointer: str, report: Report) -> None:
    report.error(pointer, _BOUNDS[str(error.validator)], limit=error.validator_value)


_BOUNDS = {
    "minimum": "This must be at least {limit}.",
    "maximum": "This must be at most {limit}.",
    "exclusiveMinimum": "This must be more than {limit}.",
    "maxLength": "This may have at most {limit} characters.",
    "minLength": "This must have at least {limit} characters.",
    "minItems": "This list needs at least {limit} entries.",
    "maxItems": "This list may have at most {limit} entries.",
    "minProperties": "This needs {limit} key: {{}} says nothing.",
    "maxProperties": "Only {limit} key may stand here.",
}


def _twice(error: ValidationError, pointer: str, report: Report) -> None:
    report.error(pointer, "Nothing may stand twice in this list.")


def _forbidden(error: ValidationError, pointer: str, report: Report) -> None:
    match error.validator_value:
        case {"required": [first, second]}:
            report.error(
                join(pointer, second), "“{first}” and “{second}” do not stand together.", first=first, second=second
            )
        case _:
            report.error(pointer, "“{value}” is a word with a meaning of its own here.", value=error.instance)


_SENTENCES = {
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "dependentRequired": _dependent,
    "oneOf": _alternatives,
    "anyOf": _alternatives,
    "enum": _word,
    "const": _word,
    "type": _type,
    "pattern": _pattern,
    "uniqueItems": _twice,
    "not": _forbidden,
    **dict.fromkeys(_BOUNDS, _bound),
}
