"""The operators that are no macros: rounding, dates, texts and a few lists. Pure functions of JSON values.

Whatever has no answer is blank (None). `web/static/logic/real.js` has the same functions; vectors hold them together.
"""

import itertools
from collections.abc import Callable, Mapping

from . import real_dates, real_numbers, real_texts
from .temporal import NUMBERS
from .terms import Json
from .types import is_number

_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def compare_times(operator: str, kind: str, *values: Json) -> bool:
    """Whether each of `values` stands in that order to the next. A blank is equal to a blank and in no order."""
    numbers = [NUMBERS[kind](value) for value in values]
    if operator == "==":
        return numbers[0] == numbers[1]
    order = _ORDER[operator]
    return all(a is not None and b is not None and order(a, b) for a, b in itertools.pairwise(numbers))


def in_times(kind: str, value: Json, values: list[Json]) -> bool:
    """Whether `value` is one of `values`, both read as `kind`."""
    number = NUMBERS[kind](value)
    return any(NUMBERS[kind](other) == number for other in values)


def is_in(value: Json, values: list[Json]) -> bool:
    """Whether `value` is one of `values`, of the same kind; a blank is one where there is a blank."""
    return any(other == value and isinstance(other, bool) == isinstance(value, bool) for other in values)


def as_kind(value: Json, kind: str) -> Json:
    """`value` if it is of `kind`, else blank: how a value of which the definition says nothing is read."""
    match kind:
        case "number":
            return value if is_number(value) else None
        case "switch":
            return value if isinstance(value, bool) else None
        case "list":
            return value if isinstance(value, list) else None
        case "scalar":
            return None if isinstance(value, list | dict) else value
        case "text" | "option" | "reference" | "date" | "time" | "datetime" | "duration":
            return value if isinstance(value, str) else None
        case _:
            return value


def truth(value: Json) -> bool:
    """Whether a value of which the definition says nothing counts as true."""
    return bool(value)


REAL: Mapping[str, Callable[..., Json]] = {
    "compareTimes": compare_times,
    "inTimes": in_times,
    "isIn": is_in,
    "as": as_kind,
    "truth": truth,
    **real_numbers.REAL,
    **real_texts.REAL,
    **real_dates.REAL,
}
