"""Readings of cells: what a value means when all values of its column are to mean the same kind of thing.

Each reader gives the value as a record stores it, or None for a cell that it does not understand.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from .draft import Json

Cell = Any
Reader = Callable[[Cell], Any]
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
URL = re.compile(r"https?://\S+", re.IGNORECASE)
PHONE = re.compile(r"\+?[\d][\d ()-]{6,18}\d")
NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
CONTINENTAL = re.compile(r"[-+]?(\d{1,3}([. ]\d{3})+|\d+)(,\d+)?")
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
SHORT_DATE = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
MOMENT = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[T ](\d{1,2}:\d{2}(?::\d{2})?)")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
CURRENCIES = {"¥": "CNY", "￥": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}
MONEY = re.compile(r"([-(]?)\s*([¥￥$€£])\s*([-\d.,]+)\)?|([-\d.,]+)\s*(€)")
YES, NO = {"yes", "true", "是", "y", "√", "有"}, {"no", "false", "否", "n", "×", "无"}
LARGEST = 2**53


def text_of_cell(cell: Cell) -> str:
    """A cell as text: a whole number without its fraction, a date as ISO 8601."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell).strip()


def switch(cell: Cell) -> bool | None:
    """Yes or no."""
    word = str(cell).strip().lower()
    return cell if isinstance(cell, bool) else True if word in YES else False if word in NO else None


def integer(cell: Cell) -> int | None:
    """A whole number."""
    number = decimal(cell)
    return int(number) if number is not None and float(number).is_integer() else None


def decimal(cell: Cell) -> float | int | None:
    """A number, also written with separators of thousands; no code such as 007."""
    if isinstance(cell, bool | datetime | date | time | timedelta):
        return None
    if isinstance(cell, int | float):
        return cell if abs(cell) < LARGEST else None
    word = str(cell).strip()
    return _number(word.replace(",", "")) if NUMBER.fullmatch(word) and not _like_a_code(word) else None


def continental(cell: Cell) -> float | int | None:
    """A number that is written with a decimal comma: 1.234,50."""
    word = str(cell).strip()
    if not isinstance(cell, str) or not CONTINENTAL.fullmatch(word) or _like_a_code(word):
        return None
    return _number(word.replace(".", "").replace(" ", "").replace(",", "."))


def percent(cell: Cell) -> float | int | None:
    """12.5 of “12.5%”."""
    word = str(cell).strip()
    return decimal(word[:-1].strip()) if isinstance(cell, str) and word[-1:] in {"%", "％"} else None


def amount(sign: str) -> Reader:
    """An amount of the currency that `sign` stands for; one in brackets is negative."""

    def read(cell: Cell) -> float | int | None:
        found = MONEY.fullmatch(str(cell).strip()) if isinstance(cell, str) else None
        if found is None or CURRENCIES[found[2] or found[5]] != CURRENCIES[sign]:
            return None
        digits = found[3] or found[4]
        number = decimal(digits)
        number = continental(digits) if number is None else number
        return -number if number is not None and found[1] else number

    return read


def day(cell: Cell) -> str | None:
    """A date with its year first."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else None
    if isinstance(cell, date):
        return cell.isoformat()
    match = DATE.fullmatch(str(cell).strip())
    return _iso(*match.groups()) if match else None


def short_day(*, day_first: bool) -> Reader:
    """A date with its year last."""

    def read(cell: Cell) -> str | None:
        found = SHORT_DATE.fullmatch(str(cell).strip()) if isinstance(cell, str) else None
        if found is None:
            return day(cell) if isinstance(cell, date) else None
        first, second, year = found[1], found[3], found[4]
        return _iso(year, second, first) if day_first else _iso(year, first, second)

    return read


def short_days(values: Sequence[Cell]) -> list[Reader]:
    """The readings of dates with the year last that the column allows: one where a number is too large for a month, else none."""
    orders = [short_day(day_first=True), short_day(day_first=False)]
    fitting = [read for read in orders if all(read(value) is not None for value in values)]
    dotted = all(isinstance(value, str) and "." in value for value in values)
    return fitting[:1] if len(fitting) == 1 or (dotted and fitting[:1] == orders[:1]) else []


def ambiguous_days(values: Sequence[Cell]) -> bool:
    """Whether the column holds dates of which nobody can tell the day from the month."""
    return bool(values) and all(isinstance(value, str) and SHORT_DATE.fullmatch(value.strip()) for value in values)


def moment(cell: Cell) -> str | None:
    """A date and time; a sheet says no zone, so it is taken as UTC."""
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0).isoformat() + "Z"
    found = MOMENT.fullmatch(str(cell).strip()) if isinstance(cell, str) else None
    if found is None:
        return None
    on, at = day(found[1]), clock(found[2])
    return f"{on}T{at}Z" if on and at else None


def clock(cell: Cell) -> str | None:
    """A time of day."""
    if isinstance(cell, time):
        return cell.replace(microsecond=0).isoformat()
    found = CLOCK.fullmatch(str(cell).strip()) if isinstance(cell, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None
    return f"{int(found[1]):02}:{found[2]}:{found[3] or '00'}"


def matching(pattern: re.Pattern[str]) -> Reader:
    """A text of a certain shape."""
    return lambda cell: text_of_cell(cell) if pattern.fullmatch(text_of_cell(cell)) else None


def guesses(values: Sequence[Cell]) -> list[tuple[Json, Json, Reader]]:
    """What a column with these values may be, the strictest first: JSON Schema, `x-field`, reader."""
    dates = [({"type": "string", "format": "date"}, {"type": "date"}, read) for read in [day, *short_days(values)]]
    sign = next((sign for value in values[:1] for sign in CURRENCIES if sign in str(value)), "¥")
    return [
        ({"type": "boolean"}, {"type": "switch"}, switch),
        ({"type": "integer"}, {"type": "integer"}, integer),
        ({"type": "number"}, {"type": "number"}, decimal),
        ({"type": "number"}, {"type": "number"}, continental),
        ({"type": "number"}, {"type": "percent"}, percent),
        ({"type": "number"}, {"type": "money", "currency": CURRENCIES[sign]}, amount(sign)),
        *dates,
        ({"type": "string", "format": "date-time"}, {"type": "datetime"}, moment),
        ({"type": "string", "format": "time"}, {"type": "time"}, clock),
        ({"type": "string", "format": "email"}, {"type": "email"}, matching(EMAIL)),
        ({"type": "string", "format": "uri"}, {"type": "url"}, matching(URL)),
        ({"type": "string"}, {"type": "phone"}, matching(PHONE)),
    ]


def _number(digits: str) -> float | int | None:
    number = float(digits)
    return number if abs(number) < LARGEST else None


def _iso(year: str, month: str, on: str) -> str | None:
    try:
        return date(int(year), int(month), int(on)).isoformat()
    except ValueError:
        return None


def _like_a_code(word: str) -> bool:
    """Digits that are no quantity: a leading zero, or as long as a telephone number."""
    bare = word.lstrip("-+")
    return (len(bare) > 1 and bare[0] == "0" and bare[1] not in ".,") or len(re.sub(r"\D", "", word)) >= 11
