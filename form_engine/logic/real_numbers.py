"""Real operators on numbers: rounding, and what plain arithmetic has no word for."""

import math
from collections.abc import Callable, Mapping

from .rounding import plain, rounded, written
from .terms import Json
from .types import is_number


def _finite(x: float) -> float | None:
    return plain(x) if math.isfinite(x) else None


def _significant(x: float) -> float | None:
    """`x` to 12 significant digits: mathematics libraries differ in the last ones."""
    return _finite(float(format(x, ".12g")))


def _rounder(mode: str) -> Callable[..., Json]:
    def apply(x: float, digits: float | None = None) -> float:
        return rounded(x, int(max(-30, min(digits or 0, 30))), mode)

    return apply


def _to_step(mode: str) -> Callable[..., Json]:
    def apply(x: float, step: float | None = None) -> float | None:
        size = abs(1 if step is None else step)
        if size == 0:
            return None
        return _finite(float(written(rounded(float(written(x / size)), 0, mode) * size)))

    return apply


def power(x: float, exponent: float) -> float | None:
    """`x` to the power of `exponent`; a whole exponent is multiplied out, the same way on both sides."""
    try:
        if exponent == int(exponent) and abs(exponent) <= 1024:
            return _finite(_multiplied(float(x), int(exponent)))
        return _significant(math.pow(x, exponent))
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def _multiplied(base: float, exponent: int) -> float:
    result, left = 1.0, abs(exponent)
    while left:
        if left & 1:
            result *= base
        base *= base
        left >>= 1
    return 1 / result if exponent < 0 else result


def _partial(function: Callable[..., float]) -> Callable[..., Json]:
    def apply(*args: float) -> float | None:
        try:
            return _significant(function(*args))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None

    return apply


def square_root(x: float) -> float | None:
    """The square root, which IEEE 754 fixes to the last digit; blank below 0."""
    return _finite(math.sqrt(x)) if x >= 0 else None


def logarithm(x: float, base: float | None = None) -> float:
    """The logarithm of `x` to `base` (10)."""
    return math.log(x) / math.log(10 if base is None else base)


def median(values: list[Json]) -> float | None:
    """The middle one of the numbers in `values`, or the mean of the middle two."""
    numbers = sorted(value for value in values if is_number(value))
    if not numbers:
        return None
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else _finite((numbers[middle - 1] + numbers[middle]) / 2)


def largest(values: list[Json], position: float) -> float | None:
    """The n-th largest of the numbers in `values`, from 1."""
    numbers = sorted((value for value in values if is_number(value)), reverse=True)
    return numbers[int(position) - 1] if 1 <= position <= len(numbers) else None


def smallest(values: list[Json], position: float) -> float | None:
    """The n-th smallest of the numbers in `values`, from 1."""
    numbers = sorted(value for value in values if is_number(value))
    return numbers[int(position) - 1] if 1 <= position <= len(numbers) else None


def modulo(x: float, divisor: float) -> float | None:
    """What is left of `x` when `divisor` is taken out as often as it goes; it has the sign of `divisor`."""
    return _finite(math.fmod(math.fmod(x, divisor) + divisor, divisor)) if divisor else None


def quotient(x: float, divisor: float) -> float | None:
    """How often `divisor` goes into `x`, without the rest."""
    return rounded(x / divisor, 0, "down") if divisor and math.isfinite(x / divisor) else None


REAL: Mapping[str, Callable[..., Json]] = {
    "sign": lambda x: (x > 0) - (x < 0),
    "mod": modulo,
    "quotient": quotient,
    "round": _rounder("half"),
    "roundUp": _rounder("up"),
    "roundDown": _rounder("down"),
    "ceiling": _to_step("ceiling"),
    "floorTo": _to_step("floor"),
    "roundTo": _to_step("half"),
    "power": power,
    "sqrt": square_root,
    "exp": _partial(math.exp),
    "ln": _partial(math.log),
    "log": _partial(logarithm),
    "median": median,
    "largest": largest,
    "smallest": smallest,
}
