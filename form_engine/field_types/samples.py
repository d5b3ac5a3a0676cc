"""Values that satisfy simple constraints: what a preview shows and what tests submit."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .pattern_samples import pattern_samples

WORDS = "Sample text for this field "
BY_FORMAT: Mapping[str, str] = {
    "uri": "https://example.com/", "uri-reference": "/sample", "iri": "https://example.com/", "iri-reference": "/sample",
    "uri-template": "https://example.com/{id}", "hostname": "example.com", "idn-hostname": "example.com", "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1", "uuid": "0190b1de-4f6c-7c1e-8b6a-2f1d3c5e7a90", "json-pointer": "/sample", "relative-json-pointer": "0",
    "regex": "sample", "email": "amy@example.com", "idn-email": "amy@example.com", "date": "2026-11-24", "time": "09:30:00Z",
    "date-time": "2026-11-24T09:30:00Z", "duration": "PT1H30M",
}  # fmt: skip
ALONE = frozenset(
    {"type", "title", "description", "default", "examples", "x-field", "readOnly", "writeOnly", "$comment"}
)
"""Keywords of a property that do not narrow its examples, or that every example of it keeps to."""


def text_sample(schema: Mapping[str, Any]) -> Any:
    """A text that the property accepts: its own example where it has one, one that matches its pattern, or words of an
    allowed length."""
    example = example_of(schema)
    if isinstance(example, str):
        return example
    formatted = BY_FORMAT.get(str(schema.get("format")))
    if formatted is not None and _accepts(schema, formatted):
        return formatted
    if isinstance(schema.get("pattern"), str):
        matching = next(pattern_samples(schema), None)
        if matching is not None:
            return matching
    least, most = int(schema.get("minLength", 1)), int(schema.get("maxLength", 255))
    length = min(max(least, min(11, most)), most)
    return (WORDS * (length // len(WORDS) + 1))[:length].rstrip().ljust(length, "x")


def example_of(schema: Mapping[str, Any]) -> Any:
    """The first of the property's `examples` that it takes itself, or its `default`; None where it has neither."""
    examples = schema.get("examples")
    for example in examples if isinstance(examples, list) else ():
        if _accepts(schema, example):
            return example
    return schema.get("default")


def _accepts(schema: Mapping[str, Any], example: Any) -> bool:
    """Whether what the property says besides its type fits an example: documents often show what they do not take."""
    narrow = {key: value for key, value in schema.items() if key not in ALONE}
    if "type" in schema and isinstance(example, str | list | dict | bool):
        narrow["type"] = schema["type"]
    if not narrow:
        return True
    from ..validator import compiled  # what it imports costs a start of the command line

    try:
        return compiled(narrow).is_valid(example)
    except ValueError:
        return True


def number_sample(schema: Mapping[str, Any], digits: int | None, start: int) -> int | float:
    """A number within the property's bounds that is a multiple of its step, as near to `start` as they allow."""
    example = example_of(schema)
    if isinstance(example, int | float) and not isinstance(example, bool):
        return example
    low, high = lowest(schema), highest(schema)
    step = Decimal(repr(schema["multipleOf"])) if "multipleOf" in schema else Decimal(1).scaleb(-(digits or 0))
    wanted = Decimal(start)
    if wanted < low:
        wanted = low
    elif wanted > high:
        wanted = high
    value = (wanted / step).to_integral_value(rounding="ROUND_CEILING") * step
    if value > high or (value == high and _open(schema, "exclusiveMaximum", value)):
        value = (wanted / step).to_integral_value(rounding="ROUND_FLOOR") * step
        value = value - step if _open(schema, "exclusiveMaximum", value) else value
    elif _open(schema, "exclusiveMinimum", value):
        value += step
    if not low <= value <= high and digits is None and "multipleOf" not in schema:
        value = (low + high) / 2
    return int(value) if value == value.to_integral_value() else float(value)


def lowest(schema: Mapping[str, Any]) -> Decimal:
    """The greater of `minimum` and `exclusiveMinimum`; minus infinity where there is neither."""
    return max(Decimal(repr(schema.get(key, -math.inf))) for key in ("minimum", "exclusiveMinimum"))


def highest(schema: Mapping[str, Any]) -> Decimal:
    """The less of `maximum` and `exclusiveMaximum`; infinity where there is neither."""
    return min(Decimal(repr(schema.get(key, math.inf))) for key in ("maximum", "exclusiveMaximum"))


def _open(schema: Mapping[str, Any], key: str, value: Decimal) -> bool:
    return key in schema and Decimal(repr(schema[key])) == value
