"""What a meta-schema finds wrong with a document, in sentences that say where and what was expected."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from formloom.form_engine.errors import Problem
from formloom.form_engine.nearest import nearest
from formloom.form_engine.pointers import join
from formloom.platform.language import gettext

FOLDER = Path(__file__).parent.parent / "schemas"
Shape = Literal["app", "view", "sample"]

TYPES = {
    "object": "This must be an object.",
    "array": "This must be a list.",
    "string": "This must be a text.",
    "integer": "This must be a whole number.",
    "number": "This must be a number.",
    "boolean": "This must be true or false.",
}
SENTENCES = {
    "const": "This must be {limit}.",
    "pattern": "“{value}” is not written as it must be here ({limit}).",
    "minLength": "This must not be empty.",
    "maxLength": "This is too long: at most {limit} characters.",
    "minItems": "This must have at least {limit}.",
    "maxItems": "This has too many entries: at most {limit}.",
    "minProperties": "This must not be empty.",
    "maxProperties": "This may have one key only.",
    "minimum": "This must be at least {limit}.",
    "maximum": "This must be at most {limit}.",
    "uniqueItems": "The same stands here twice.",
    "format": "“{value}” is no {limit}.",
}


def problems(shape: Shape, document: Any, lang: str) -> list[Problem]:
    """Everything about `document` that the meta-schema of `shape` doesn't allow."""
    found: dict[Problem, None] = {}
    for error in _validator(shape).iter_errors(document):
        for pointer, sentence in _said(error, lang):
            found[Problem(pointer, sentence)] = None
    return sorted(found, key=lambda problem: problem.pointer)


@cache
def _validator(shape: Shape) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{shape}.v1.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


def _said(error: ValidationError, lang: str) -> Iterator[tuple[str, str]]:
    pointer = join("", *error.absolute_path)
    limit: Any = error.validator_value
    match error.validator:
        case "anyOf" | "oneOf":
            yield from _of_alternatives(error, pointer, lang)
        case "additionalProperties" if isinstance(error.instance, dict):
            known = error.schema.get("properties", {})
            for key in error.instance:
                if key not in known:
                    yield (
                        join(pointer, key),
                        gettext(lang, "“{key}” is not known here.", key=key) + _hint(key, known, lang),
                    )
        case "required":
            for missing in (key for key in limit if key not in error.instance):
                yield pointer, gettext(lang, "“{key}” is missing.", key=missing)
        case "dependentRequired":
            yield pointer, gettext(lang, "Some keys here make sense only with another: {keys}.", keys=json.dumps(limit))
        case "propertyNames":
            yield pointer, gettext(lang, "A key here is not written as it must be.")
        case "enum":
            offered = ", ".join(str(word) for word in limit)
            sentence = gettext(lang, "“{value}” is none of {words}.", value=_shown(error.instance), words=offered)
            yield pointer, sentence + _hint(error.instance, limit, lang)
        case "type":
            yield pointer, gettext(lang, TYPES.get(str(limit), "This has the wrong type."))
        case keyword:
            sentence = SENTENCES.get(str(keyword), "This is not allowed here.")
            yield pointer, gettext(lang, sentence, limit=limit, value=_shown(error.instance))


def _of_alternatives(error: ValidationError, pointer: str, lang: str) -> Iterator[tuple[str, str]]:
    """The alternative that was most likely meant: the one whose first key is there, or whose errors lie deepest."""
    if all(set(choice) == {"required"} for choice in error.validator_value):
        known = [choice["required"][0] for choice in error.validator_value]
        if any(key in error.schema.get("properties", {}) for key in error.instance) or not error.instance:
            yield pointer, gettext(lang, "This needs exactly one of: {keys}.", keys=", ".join(known))
        return  # otherwise its keys are reported as unknown
    branches: dict[int, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(int(inner.schema_path[0]), []).append(inner)
    if branches:
        for inner in min(branches.values(), key=_distance):
            yield from _said(inner, lang)


def _distance(errors: list[ValidationError]) -> tuple[int, int]:
    """How far a document is from an alternative: wrong type first, then by the number of complaints."""
    of_type = any(error.validator == "type" and not error.path for error in errors)
    plain = any(error.validator == "enum" and not isinstance(error.instance, str) for error in errors)
    return (1 if of_type or plain else 0, len(errors))


def _hint(word: Any, known: Iterable[Any], lang: str) -> str:
    close = nearest(word, [str(entry) for entry in known]) if isinstance(word, str) else None
    return "" if close is None else " " + gettext(lang, "Did you mean “{word}”?", word=close)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:80]
