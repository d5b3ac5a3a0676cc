"""Readings of cells: what a value means when all values of its column are to mean the same kind of thing.

Each reader gives the value as a record stores it, or None for a cell that it does not understand.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from formloom.form_engine.cells import Amount, Cell, Share, at_midnight
from formloom.form_engine.field_types.currencies import CURRENCIES as DIGITS
from formloom.form_engine.logic.rounding import plain

from .draft import Json

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
LARGEST_WHOLE = 10**15
"""From here on a field takes no whole number, nor any whose digits before and behind the point are more than 15."""
SIGNIFICANT = 15
LARGEST_SHARE = 10**9
"""A percent has two decimals at least, of 15 digits in all."""
MOST_DECIMALS = 8


def text_of_cell(cell: Cell) -> str:
    """A cell as text: a whole number without its fraction, a percent with its sign, a date as ISO 8601."""
    if isinstance(cell, Share):
        return f"{cell.percent}%"
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
    whole = number is not None and float(number).is_integer() and abs(number) < LARGEST_WHOLE
    return int(number) if whole and number is not None else None


def decimal(cell: Cell) -> float | int | None:
    """A number, also written with separators of thousands; no code such as 007."""
    if isinstance(cell, bool | datetime | date | time | timedelta):
        return None
    if isinstance(cell, int | float):
        return plain(float(cell)) if abs(cell) < LARGEST else None
    word = str(cell).strip()
    return _number(word.replace(",", "")) if NUMBER.fullmatch(word) and not _like_a_code(word) else None


def continental(cell: Cell) -> float | int | None:
    """A number that is written with a decimal comma: 1.234,50."""
    word = str(cell).strip()
    if not isinstance(cell, str) or not CONTINENTAL.fullmatch(word) or _like_a_code(word):
        return None
    return _number(word.replace(".", "").replace(" ", "").replace(",", "."))


def percent(cell: Cell) -> float | int | None:
    """12.5 of “12.5%”, and of 0.125 in a cell that shows percents."""
    if isinstance(cell, Share):
        return cell.percent if abs(cell) < LARGEST_SHARE else None
    word = str(cell).strip()
    return decimal(word[:-1].strip()) if isinstance(cell, str) and word[-1:] in {"%", "％"} else None


def amount(currency: str) -> Reader:
    """An amount of `currency`, by the format of its cell or by the sign beside it; one in brackets is negative."""
    limit = 10 ** (SIGNIFICANT - DIGITS.get(currency, 2))

    def read(cell: Cell) -> float | int | None:
        number = stated(cell)
        return number if number is not None and abs(number) < limit else None

    def stated(cell: Cell) -> float | int | None:
        if isinstance(cell, Amount):
            return decimal(cell) if currency in cell.currencies else None
        found = MONEY.fullmatch(str(cell).strip()) if isinstance(cell, str) else None
        if found is None or CURRENCIES[found[2] or found[5]] != currency:
            return None
        digits = found[3] or found[4]
        number = decimal(digits)
        number = continental(digits) if number is None else number
        return -number if number is not None and found[1] else number

    return read


def day(cell: Cell) -> str | None:
    """A date with its year first; a cell that shows a time of day, too, is none."""
    if isinstance(cell, date):
        return None if isinstance(cell, datetime) else cell.isoformat()
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
    cell = at_midnight(cell)
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


def length(cell: Cell) -> str | None:
    """A length of time, from a cell that counts hours beyond 24."""
    if not isinstance(cell, timedelta) or cell < timedelta():
        return None
    minutes, seconds = divmod(round(cell.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    return f"PT{parts or '0S'}"


def matching(pattern: re.Pattern[str]) -> Reader:
    """A text of a certain shape."""
    return lambda cell: text_of_cell(cell) if pattern.fullmatch(text_of_cell(cell)) else None


def guesses(values: Sequence[Cell]) -> list[tuple[Json, Json, Reader]]:
    """What a column with these values may be, the strictest first: JSON Schema, `x-field`, reader."""
    dates = [({"type": "string", "format": "date"}, {"type": "date"}, read) for read in [day, *short_days(values)]]
    currency = currency_of(values[0]) or "CNY"
    return [
        ({"type": "number"}, {"type": "percent"}, percent),
        ({"type": "number"}, {"type": "money", "currency": currency}, amount(currency)),
        ({"type": "boolean"}, {"type": "switch"}, switch),
        ({"type": "integer"}, {"type": "integer"}, integer),
        ({"type": "number"}, {"type": "number"}, decimal),
        ({"type": "number"}, {"type": "number"}, continental),
        *dates,
        ({"type": "string", "format": "date-time"}, {"type": "datetime"}, moment),
        ({"type": "string", "format": "time"}, {"type": "time"}, clock),
        ({"type": "string", "format": "duration"}, {"type": "duration"}, length),
        ({"type": "string", "format": "email"}, {"type": "email"}, matching(EMAIL)),
        ({"type": "string", "format": "uri"}, {"type": "url"}, matching(URL)),
        ({"type": "string"}, {"type": "phone"}, matching(PHONE)),
    ]


def currency_of(cell: Cell) -> str | None:
    """The likeliest currency of an amount, by its cell's format or by the sign beside it; None for what is none."""
    if isinstance(cell, Amount):
        return cell.currencies[0]
    found = MONEY.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return CURRENCIES[found[2] or found[5]] if found else None


def fitted(settings: Json, read: Reader, values: Sequence[Cell]) -> tuple[Json, Reader, int | None]:
    """Settings and reader of a column whose numbers its field takes as they are read, rounded where they must be.

    The last is to how many digits behind the point they are rounded; None where no number of the column needs it.
    """
    if settings["type"] not in {"percent", "money"}:
        return settings, read, None
    numbers = [Decimal(repr(read(value))).normalize() for value in values]
    wanted = max(-min(int(number.as_tuple().exponent), 0) for number in numbers)
    if settings["type"] == "money":
        digits = DIGITS[settings["currency"]]
    else:
        room = SIGNIFICANT - max(len(str(abs(int(number)))) for number in numbers)
        digits = max(2, min(wanted, MOST_DECIMALS, room))
        settings = settings | ({"decimals": digits} if digits > 2 else {})
    if wanted <= digits:
        return settings, read, None
    return settings, lambda cell: _rounded(read(cell), digits), digits


def _rounded(number: Any, digits: int) -> float | int | None:
    if number is None:
        return None
    return plain(float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)))


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
