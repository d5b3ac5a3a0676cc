"""Real operators on dates, times, date-times and durations. A blank or malformed one gives a blank."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from .rounding import plain
from .temporal import (
    DAY,
    EPOCH,
    day_number,
    day_text,
    duration_number,
    moment_number,
    moment_text,
    time_number,
    whole,
)
from .terms import Json

_MONTHS = {"months": 1, "quarters": 3, "years": 12}
_DAYS = {"days": 1, "weeks": 7}
_SPANS = {"weeks": 7 * DAY, "days": DAY, "hours": DAY / 24, "minutes": DAY / 1440, "seconds": 1000}
_DESIGNATORS = {
    "years": "P{}Y",
    "months": "P{}M",
    "weeks": "P{}W",
    "days": "P{}D",
    "hours": "PT{}H",
    "minutes": "PT{}M",
}


def _dates(function: Callable[..., Json]) -> Callable[..., Json]:
    """`function` of a `date`, blank for a blank."""

    def apply(first: Json, *rest: Json) -> Json:
        number = day_number(first)
        return None if number is None else function(date.fromordinal(number + EPOCH), *rest)

    return apply


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local(text: Json, zone: str) -> datetime | None:
    number = moment_number(text)
    if number is None:
        return None
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)).astimezone(_zone(zone))
    except OverflowError:
        return None


def local_date(text: Json, zone: str) -> str | None:
    """The day of a date-time in `zone`."""
    local = _local(text, zone)
    return local.date().isoformat() if local else None


def local_time(text: Json, zone: str) -> str | None:
    """The time of day of a date-time in `zone`, `15:04:05`."""
    local = _local(text, zone)
    return local.strftime("%H:%M:%S") if local else None


def moment(day: Json, clock: Json, zone: str) -> str | None:
    """The date-time at which the clocks of `zone` show that day and time; in a gap, what they would have shown."""
    days, time = day_number(day), time_number(clock)
    if days is None or time is None:
        return None
    local = datetime(1970, 1, 1) + timedelta(days=days, milliseconds=time)  # noqa: DTZ001 (a wall clock has no zone yet)
    try:
        return moment_text(local.replace(tzinfo=_zone(zone)).timestamp() * 1000)
    except (OverflowError, ValueError):
        return None


def make_date(year: float, month: float, day: float) -> str | None:
    """The date of those numbers; a month 13 or a day 0 runs over into its neighbour, as in spreadsheets."""
    months = int(year) * 12 + int(month) - 1
    if not 12 <= months < 120_000 or abs(day) > 4_000_000:
        return None
    return day_text(date(months // 12, months % 12 + 1, 1).toordinal() - EPOCH + int(day) - 1)


def date_part(day: date, part: str) -> int:
    """A part of a date: year, quarter, month, week (ISO), weekday (Monday is 1), day, yearDay."""
    match part:
        case "year":
            return day.year
        case "quarter":
            return (day.month + 2) // 3
        case "month":
            return day.month
        case "week":
            return day.isocalendar().week
        case "weekday":
            return day.isoweekday()
        case "day":
            return day.day
        case _:
            return day.timetuple().tm_yday


def time_part(clock: Json, part: str) -> float | None:
    """A part of a time: hour, minute, second."""
    number = time_number(clock)
    if number is None:
        return None
    seconds = int(number // 1000)
    return {"hour": seconds // 3600, "minute": seconds // 60 % 60}.get(part, seconds % 60)


def date_add(day: date, count: float, unit: str) -> str | None:
    """`day` and so many days, weeks, months, quarters or years; the 31st becomes the last day of a shorter month."""
    if abs(count) > 4_000_000:
        return None
    if unit in _DAYS:
        return day_text(day.toordinal() - EPOCH + int(count) * _DAYS[unit])
    months = day.year * 12 + day.month - 1 + int(count) * _MONTHS[unit]
    if not 12 <= months < 120_000:
        return None
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1])).isoformat()


def date_diff(start: Json, end: Json, unit: str) -> int | None:
    """Whole days, weeks, months, quarters or years from `start` to `end`; negative if `end` is earlier."""
    first, last = day_number(start), day_number(end)
    if first is None or last is None:
        return None
    if first > last:
        return -(date_diff(end, start, unit) or 0) or 0
    if unit in _DAYS:
        return (last - first) // _DAYS[unit]
    a, b = date.fromordinal(first + EPOCH), date.fromordinal(last + EPOCH)
    months = (b.year - a.year) * 12 + b.month - a.month
    short = b.day < a.day and b.day < monthrange(b.year, b.month)[1]
    return (months - short) // _MONTHS[unit]


def month_edge(day: date, months: float, edge: str) -> str | None:
    """The first or last day of the month that lies `months` away from that of `day`."""
    moved = date_add(day.replace(day=1), months, "months")
    if moved is None or edge == "start":
        return moved
    year, month = int(moved[:4]), int(moved[5:7])
    return f"{moved[:8]}{monthrange(year, month)[1]:02}"


def workdays(start: Json, end: Json) -> int | None:
    """Days from `start` to `end`, both counted, without Saturdays and Sundays; negative if `end` is earlier."""
    first, last = day_number(start), day_number(end)
    if first is None or last is None:
        return None
    if first > last:
        return -(workdays(end, start) or 0) or 0
    weeks, rest = divmod(last - first + 1, 7)
    return weeks * 5 + sum((first + 3 + i) % 7 < 5 for i in range(rest))


def workday_add(day: date, count: float) -> str | None:
    """The day that is `count` working days (Monday to Friday) after `day`; negative: before."""
    number, left = day.toordinal() - EPOCH, abs(int(count))
    if left > 1_000_000 or not left:
        return None if left else day.isoformat()
    forward = count > 0
    while (number + 3) % 7 >= 5:
        number += -1 if forward else 1
    number += left // 5 * (7 if forward else -7)
    left %= 5
    while left:
        number += 1 if forward else -1
        left -= (number + 3) % 7 < 5
    return day_text(number)


def edge(last: bool) -> Callable[[list[Json]], Json]:
    """The earliest or the last of a list of dates."""

    def apply(values: list[Json]) -> Json:
        dates = [value for value in values if day_number(value) is not None]
        return (max(dates) if last else min(dates)) if dates else None

    return apply


def time_add(text: Json, count: float, unit: str) -> str | None:
    """A date-time and so many weeks, days (of 24 hours), hours, minutes or seconds."""
    number = moment_number(text)
    return None if number is None or abs(count) > 1e11 else moment_text(number + whole(count * _SPANS[unit]))


def time_diff(start: Json, end: Json, unit: str) -> float | None:
    """Weeks, days, hours, minutes or seconds from one date-time to another, with fractions."""
    first, last = moment_number(start), moment_number(end)
    return None if first is None or last is None else plain((last - first) / _SPANS[unit])


def date_text(day: date, pattern: str | None = None) -> str:
    """`day` written as `pattern` says: YYYY, YY, MM, M, DD, D; other characters stay. Default: YYYY-MM-DD."""
    written = pattern or "YYYY-MM-DD"
    parts = {"YYYY": f"{day.year:04}", "YY": f"{day.year % 100:02}", "MM": f"{day.month:02}", "DD": f"{day.day:02}"}
    parts |= {"M": str(day.month), "D": str(day.day)}
    text, at = "", 0
    while at < len(written):
        token = next((token for token in parts if written.startswith(token, at)), written[at])
        text += parts.get(token, token)
        at += len(token)
    return text


def date_value(text: str) -> str | None:
    """The date that a text says: 2026-11-24, 2026/11/24, 2026.11.24, 2026年11月24日, 20261124; else blank."""
    cleaned = text.strip().rstrip("日").replace("年", "-").replace("月", "-").replace("/", "-").replace(".", "-")
    if len(cleaned) == 8 and cleaned.isascii() and cleaned.isdigit():
        cleaned = f"{cleaned[:4]}-{cleaned[4:6]}-{cleaned[6:]}"
    parts = cleaned.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    iso = f"{int(parts[0]):04}-{int(parts[1]):02}-{int(parts[2]):02}"
    return iso if day_number(iso) is not None else None


def duration(count: float, unit: str) -> str | None:
    """So many years, months, weeks, days, hours or minutes as an ISO duration; a fraction in whole seconds."""
    if count == int(count) and abs(count) < 1_000_000:
        text = _DESIGNATORS[unit].format(abs(int(count)))
        return "-" + text if count < 0 else text
    seconds = whole(abs(count) * (duration_number(_DESIGNATORS[unit].format(1)) or 0) / 1000)
    return f"{'-' if count < 0 else ''}PT{seconds}S" if seconds < 10**9 else None


def duration_in(text: Json, unit: str) -> float | None:
    """How many weeks, days, hours, minutes or seconds an ISO duration is."""
    number = duration_number(text)
    return None if number is None else plain(number / _SPANS[unit])


REAL: Mapping[str, Callable[..., Json]] = {
    "localDate": local_date,
    "localTime": local_time,
    "moment": moment,
    "makeDate": make_date,
    "datePart": _dates(date_part),
    "timePart": time_part,
    "dateAdd": _dates(date_add),
    "dateDiff": date_diff,
    "monthEdge": _dates(month_edge),
    "workdays": workdays,
    "workdayAdd": _dates(workday_add),
    "timeAdd": time_add,
    "timeDiff": time_diff,
    "earliest": edge(last=False),
    "latest": edge(last=True),
    "dateText": _dates(date_text),
    "dateValue": date_value,
    "duration": duration,
    "durationIn": duration_in,
}
