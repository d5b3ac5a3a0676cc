"""Dates, times, date-times and durations as texts (ISO 8601) and as numbers that can be compared.

A date has no zone. A time with an offset is the moment of a day in UTC; one without is taken as it stands. A date-time
without offset is UTC. Of a duration a year is 12 months, a month 30.4375 days, a day 24 hours. Anything else is blank.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?",
    re.ASCII,
)
DAY = 86_400_000
"""Milliseconds, the unit of every number here."""
_UNITS = (12 * 30.4375 * DAY, 30.4375 * DAY, 7 * DAY, DAY, DAY / 24, DAY / 1440, 1000)
EPOCH = date(1970, 1, 1).toordinal()


def day_number(text: object) -> int | None:
    """Days since 1970-01-01 of an ISO date; None for anything else."""
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        return date(*map(int, found.groups())).toordinal() - EPOCH
    except ValueError:
        return None


def day_text(number: float) -> str | None:
    """The ISO date that many days after 1970-01-01; None outside the years 1 to 9999."""
    ordinal = int(number) + EPOCH
    return date.fromordinal(ordinal).isoformat() if 1 <= ordinal <= date.max.toordinal() else None


def time_number(text: object) -> float | None:
    """Milliseconds since midnight of an ISO time, in UTC where it has an offset."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    hour, minute, second, fraction, offset = found.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59 or not _offset_in_range(offset):
        return None
    moment = _clock(hour, minute, second, fraction) - _offset(offset)
    return moment % DAY if offset else moment


def _clock(hour: str, minute: str, second: str | None, fraction: str | None) -> int:
    thousandths = int(((fraction or "") + "000")[:3])
    return ((int(hour) * 60 + int(minute)) * 60 + int(second or 0)) * 1000 + thousandths


def _offset(text: str | None) -> int:
    if not text or text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return minutes * 60_000 * (-1 if text[0] == "-" else 1)


def _offset_in_range(text: str | None) -> bool:
    return not text or text == "Z" or (int(text[1:3]) < 24 and int(text[4:6]) < 60)


def moment_number(text: object) -> float | None:
    """Milliseconds since 1970-01-01T00:00Z of an ISO date-time."""
    if not isinstance(text, str) or len(text) < 16 or text[10] not in "Tt ":
        return None
    days, clock = day_number(text[:10]), _TIME.fullmatch(text[11:].upper())
    if days is None or clock is None:
        return None
    hour, minute, second, fraction, offset = clock.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59 or not _offset_in_range(offset):
        return None
    return days * DAY + _clock(hour, minute, second, fraction) - _offset(offset)


def whole(number: float) -> int:
    """`number` rounded, halves up: as JavaScript does."""
    return math.floor(number + 0.5)


def moment_text(number: float) -> str | None:
    """The ISO date-time in UTC, `2026-11-24T15:00:00Z`, with milliseconds only where there are some."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=whole(number))
    except (OverflowError, ValueError):
        return None
    text = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def duration_number(text: object) -> float | None:
    """Milliseconds of an ISO duration; None where nothing stands behind `P` or `T`."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None or not isinstance(text, str) or text.endswith(("P", "T")):
        return None
    sign, *parts, fraction = found.groups()
    total = sum(int(part or 0) * unit for part, unit in zip(parts, _UNITS, strict=True))
    total += int(((fraction or "") + "000")[:3])
    return -total if sign else total


NUMBERS = {"date": day_number, "time": time_number, "datetime": moment_number, "duration": duration_number}


def is_temporal(text: object, kind: str) -> bool:
    """Whether `text` is a literal of that kind (`date`, `time`, `datetime`, `duration`)."""
    return NUMBERS[kind](text) is not None
