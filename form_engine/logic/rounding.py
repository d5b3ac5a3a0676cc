"""Rounding as spreadsheets do it: half away from zero, on the number's text of 15 significant digits.

The binary value of 1.005 is below 1.005; people who typed 1.005 don't care (meaning.md section 1, *Precision*).
"""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal
from functools import lru_cache

MODES = {
    "half": ROUND_HALF_UP,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}
"""`half`: half away from zero; `up`, `down`: away from and towards zero; `ceiling`, `floor`: up and down the axis."""


def written(x: float) -> Decimal:
    """`x` as people see it: 15 significant digits."""
    return Decimal(format(x, ".15g"))


def rounded(x: float, digits: int, mode: str = "half") -> float:
    """`x` with `digits` decimals (negative: tens, hundreds, …). A whole result is an `int`; `mode`: see `MODES`."""
    if type(x) is int and digits >= 0 and abs(x) < 10**15:
        return x
    number = written(x)
    if digits > 15 or number.adjusted() + digits > 24:
        return plain(float(number))
    return plain(float(number.quantize(_unit(digits), rounding=MODES[mode])))


@lru_cache(maxsize=64)
def _unit(digits: int) -> Decimal:
    """The smallest step of a number with so many decimals."""
    return Decimal(1).scaleb(-digits)


def significant(x: float) -> float:
    """`x` as people see it, as a number again: 0.1 + 0.2 is 0.3."""
    return plain(float(written(x)))


def plain(x: float) -> float:
    """`x` as JSON writes it on both sides: an `int` where it is whole and exact, never −0."""
    return int(x) if x == int(x) and abs(x) < 2**53 else float(x)


def number_text(x: float) -> str:
    """`x` in at most 15 significant digits, without exponent: 0.1 + 0.2 is `0.3`."""
    text = format(written(x), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
