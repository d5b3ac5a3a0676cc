"""Values that satisfy simple constraints: what a preview shows and what tests submit."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .pattern_samples import pattern_samples

WORDS = "Sample text for this field "


def text_sample(schema: Mapping[str, Any]) -> Any:
    """A text that the property accepts: its own example where it has one, one that matches its pattern, or words of an
    allowed length."""
    example = example_of(schema)
    if example is not None:
        return example
    if isinstance(schema.get("pattern"), str):
        matching = next(pattern_samples(schema), None)
        if matching is not None:
            return matching
    least, most = int(schema.get("minLength", 1)), int(schema.get("maxLength", 255))
    length = min(max(least, min(11, most)), most)
    return (WORDS * (length // len(WORDS) + 1))[:length].rstrip().ljust(length, "x")


def example_of(schema: Mapping[str, Any]) -> Any:
    """The first of the property's `examples`, or its `default`; None where it has neither."""
    examples = schema.get("examples")
    if isinstance(examples, list) and examples:
        return examples[0]
    return schema.get("default")


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
