"""What kind of value a logic tree gives, so that an imported calculation becomes a field of the right type."""

from collections.abc import Mapping
from typing import Any

NUMBERS = {
    "+", "-", "*", "/", "%", "sum", "count", "average", "round", "roundDown", "length", "min", "max", "abs", "power", "dateDiff", "value",
    "age", "year", "month", "day",
}  # fmt: skip
SWITCHES = {"==", "!=", "<", "<=", ">", ">=", "and", "or", "!", "in", "isEmpty", "notEmpty", "contains"}


def kind_of(tree: Any, kinds: Mapping[str, str]) -> str:
    """One of "number", "switch", "date", "datetime", "text" (also where it can't be told); `kinds` are the fields'."""
    match tree:
        case bool():
            return "switch"
        case int() | float():
            return "number"
        case {"var": str(key)} | {"val": [str(key)]}:
            return kinds.get(key, "text")
        case {"if": [_, first, *_]} | {"coalesce": [first, *_]}:
            return kind_of(first, kinds)
        case {"today": _} | {"dateAdd": _}:
            return "date"
        case {"now": _}:
            return "datetime"
        case dict() if len(tree) == 1:
            operator = next(iter(tree))
            return "number" if operator in NUMBERS else "switch" if operator in SWITCHES else "text"
    return "text"
