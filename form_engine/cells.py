"""What stands in a cell of a spreadsheet where its number alone does not say it: shares, amounts of money, errors.

A `Share` and an `Amount` are the numbers that the file holds, so that whoever counts with them needs not know of either.
"""

from datetime import date, datetime, time
from typing import Any

Cell = Any
"""str, int, float, bool, date, datetime, time, timedelta, Share, Amount, Fault; "" for an empty one."""
FAULTS = {
    "#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!",
}  # fmt: skip
"""What spreadsheet programs write in place of a result."""


class Share(float):
    """A number that its cell shows as a percent: 0.125 where it shows 12.5%."""

    __slots__ = ()

    @property
    def percent(self) -> float | int:
        """12.5 of 0.125, without what floating point adds to it."""
        number = float(f"{float(self) * 100:.13g}")
        return int(number) if number.is_integer() else number


class Amount(float):
    """A number that its cell shows as money, in one of `currencies`: the likeliest first, as ¥ and $ are of several."""

    __slots__ = ("currencies",)
    currencies: tuple[str, ...]

    def __new__(cls, value: float, currencies: tuple[str, ...]) -> "Amount":
        """`value` in one of `currencies`."""
        made = super().__new__(cls, value)
        made.currencies = currencies
        return made


class Fault(str):
    """The error that stands in a cell in place of a value: `#N/A`."""

    __slots__ = ()


def is_empty(cell: Cell) -> bool:
    """Whether a cell holds nothing but white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def at_midnight(cell: Cell) -> Cell:
    """A day as the moment at which it begins; anything else as it is."""
    plain_day = isinstance(cell, date) and not isinstance(cell, datetime)
    return datetime.combine(cell, time()) if plain_day else cell
