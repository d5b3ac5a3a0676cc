"""A value for a field that holds any JSON: tried against the field's own schema, so that it is one that the field takes."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ..blanks import is_blank
from ..validator import compiled
from .base import BLANK
from .pattern_samples import pattern_samples
from .samples import text_sample
from .text import without_blanks

PLAIN: Mapping[str, tuple[Any, ...]] = {
    "object": ({"sample": 1}, {"sample": "sample"}, {"sample": {"sample": 1}}),
    "array": (["sample"], [1], [{"sample": 1}]),
    "string": (
        "sample",
        "a",
        "1",
        "2026-11-24",
        "2026-11-24T09:00:00Z",
        "https://example.com/",
        "a@example.com",
        "P1D",
    ),
    "number": (1, 0.5, 100),
    "integer": (1, 0, 10, 100),
    "boolean": (True,),
    "null": (),
}
TRIED = 60
DEEPEST = 5


def json_sample(schema: Mapping[str, Any]) -> Any:
    """The first candidate that `schema` takes and that is not blank; BLANK where none is."""
    try:
        validator = compiled(schema)
    except ValueError:
        return BLANK
    for candidate in islice(_candidates(schema, 0), TRIED):
        if not is_blank(without_blanks(candidate)) and validator.is_valid(without_blanks(candidate)):
            return candidate
    return BLANK


def _candidates(schema: Any, depth: int) -> Iterator[Any]:
    """Values that a schema may take, the likeliest first."""
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        yield "sample"
        return
    for word in ("examples", "enum"):
        if isinstance(schema.get(word), list):
            yield from schema[word]
    for word in ("const", "default"):
        if word in schema:
            yield schema[word]
    if "properties" in schema or "required" in schema:
        yield from _objects(schema, depth)
    if "items" in schema or schema.get("type") == "array":
        least = schema.get("minItems", 1)
        for item in islice(_candidates(schema.get("items"), depth + 1), 8):
            if item is BLANK:
                continue
            yield [item] * max(1, least if isinstance(least, int) and least < 10 else 1)
    for word in ("anyOf", "oneOf", "allOf"):
        for part in schema[word] if isinstance(schema.get(word), list) else ():
            yield from islice(_candidates(part, depth + 1), 8)
    for word in ("additionalProperties", "patternProperties"):
        inner = schema.get(word)
        parts = inner.values() if word == "patternProperties" and isinstance(inner, Mapping) else [inner]
        names = (
            [_key(pattern) for pattern in inner]
            if word == "patternProperties" and isinstance(inner, Mapping)
            else ["sample"]
        )
        for name, part in zip(names, parts, strict=True) if inner is not None else ():
            yield from ({name: value} for value in islice(_candidates(part, depth + 1), 4))
    stated = schema.get("type", list(PLAIN))
    for name in stated if isinstance(stated, list) else [stated]:
        if name == "string":
            sized = {key: schema[key] for key in ("minLength", "maxLength") if isinstance(schema.get(key), int)}
            said = {key: schema[key] for key in ("pattern", "format") if isinstance(schema.get(key), str)}
            yield text_sample(sized | said)
        yield from PLAIN.get(str(name), ())


def _key(pattern: str) -> str:
    """A name that a pattern of names matches."""
    return "sample" if not pattern else next(pattern_samples({"pattern": pattern, "minLength": 1}), "sample")


def _objects(schema: Mapping[str, Any], depth: int) -> Iterator[Any]:
    """An object with the properties that are required, and one with them all."""
    described = schema.get("properties")
    properties: Mapping[str, Any] = described if isinstance(described, Mapping) else {}
    asked = schema.get("required")
    required = [key for key in asked if isinstance(key, str)] if isinstance(asked, list) else []
    for keys in (required, [*dict.fromkeys([*required, *properties])]):
        made = {key: _one(properties.get(key, {}), depth) for key in keys}
        yield {key: value for key, value in made.items() if value is not BLANK}
    for key in islice(properties, 4):
        value = _one(properties[key], depth)
        if value is not BLANK:
            yield {key: value}


def _one(schema: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping):
        return "sample"
    if depth >= DEEPEST:
        return BLANK
    try:
        validator = compiled(schema)
    except ValueError:
        return BLANK
    tried = islice(_candidates(schema, depth + 1), 20)
    return next((value for value in tried if not is_blank(value) and validator.is_valid(value)), BLANK)
