"""Calendar and business time (meaning.md section 2): when something is due, in the workspace's zone.

A duration is ISO 8601. In calendar time `P1D` is one local day, also over a change to summer time, and hours are hours;
in business time `P1D` is one working day, a week is five of them, and `PT8H` is eight working hours. Engines are given
`now`; nothing here reads a clock.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import Literal
from zoneinfo import ZoneInfo

import holidays as public_holidays
from chinese_calendar import constants as chinese
from dateutil.relativedelta import relativedelta

Reckoning = Literal["calendar", "business"]

DURATION = re.compile(
    r"^P(?=\d|T\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$"
)
LAST = datetime(9999, 12, 1, tzinfo=UTC)
"""Nothing is ever due later: a sum that would go beyond the calendar's end stops here."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as it was written; months are calendar months, weeks and days local or working ones."""

    months: int = 0
    weeks: int = 0
    days: int = 0
    seconds: int = 0


@lru_cache(maxsize=1024)
def duration(text: str) -> Duration:
    """Read an ISO 8601 duration (`P1D`, `PT8H`, `P1Y2M`). Raises ValueError for anything else."""
    match = DURATION.match(text)
    if match is None:
        raise ValueError(f"“{text}” is no ISO 8601 duration.")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return Duration(years * 12 + months, weeks, days, hours * 3600 + minutes * 60 + seconds)


_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A workspace's time. `hours` are the working hours of a working day, in order; `country` names the public holidays
    (ISO 3166; "CN" has make-up working days too), None: every weekday is a working day."""

    zone: ZoneInfo = _UTC
    hours: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13), time(18)))
    weekdays: frozenset[int] = field(default=frozenset(range(5)))
    country: str | None = None

    def working(self, day: date) -> bool:
        """Whether people work on `day`. A year whose holidays are not known yet counts as plain weekdays."""
        weekday = day.weekday() in self.weekdays
        if self.country == "CN":
            return _chinese_working_day(day, weekday)
        return weekday and day not in _holidays(self.country, day.year)

    def knows(self, year: int) -> bool:
        """Whether the holidays of `year` are known: where not, admins are told."""
        if self.country == "CN":
            return year in _CHINESE_YEARS
        return self.country is None or bool(_holidays(self.country, year))

    def after(self, moment: datetime, length: Duration, reckoning: Reckoning = "calendar") -> datetime:
        """The moment that lies `length` after `moment`, in this calendar's zone."""
        return self._shift(moment, length, reckoning, 1)

    def before(self, moment: datetime, length: Duration, reckoning: Reckoning = "calendar") -> datetime:
        """The moment that lies `length` before `moment`, in this calendar's zone."""
        return self._shift(moment, length, reckoning, -1)

    def midnight(self, day: date) -> datetime:
        """The moment at which `day` begins here."""
        return datetime.combine(day, time(), self.zone)

    def _shift(self, moment: datetime, length: Duration, reckoning: Reckoning, sign: int) -> datetime:
        local = moment.astimezone(self.zone)
        try:
            if reckoning == "calendar":
                local = _moved(local, sign * length.months, sign * (7 * length.weeks + length.days))
                shifted = local.astimezone(UTC) + timedelta(seconds=sign * length.seconds)
            else:
                local = _moved(local, sign * length.months)
                local = self._working_days(local, 5 * length.weeks + length.days, sign)
                shifted = self._working_seconds(local, length.seconds, sign).astimezone(UTC)
        except (OverflowError, ValueError):
            shifted = LAST
        return min(shifted, LAST).astimezone(self.zone)

    def _working_days(self, moment: datetime, count: int, sign: int) -> datetime:
        for day in self._days(moment.date(), sign):
            if count == 0:
                break
            if self.working(day):
                count -= 1
                moment = datetime.combine(day, moment.timetz())
        return moment

    def _working_seconds(self, moment: datetime, seconds: int, sign: int) -> datetime:
        """`seconds` of working hours after (or before) `moment`."""
        left = timedelta(seconds=seconds)
        for begin, end in self._spans(moment, sign) if left and self.hours else ():
            first, last = (max(begin, moment), end) if sign > 0 else (begin, min(end, moment))
            span = last - first
            if span <= timedelta():
                continue
            if left <= span:
                return first + left if sign > 0 else last - left
            left -= span
        return moment

    def _spans(self, moment: datetime, sign: int) -> Iterator[tuple[datetime, datetime]]:
        """The working hours of today, then of each working day further on (or back)."""
        for day in chain((moment.date(),), self._days(moment.date(), sign)):
            if self.working(day):
                yield from self._hours_of(day, sign)

    def _hours_of(self, day: date, sign: int) -> Iterator[tuple[datetime, datetime]]:
        for begin, end in self.hours if sign > 0 else reversed(self.hours):
            yield datetime.combine(day, begin, self.zone), datetime.combine(day, end, self.zone)

    def _days(self, day: date, sign: int) -> Iterator[date]:
        """The days after (or before) `day`. A year without any working day ends the search."""
        idle = 0
        while idle < 366:
            day += timedelta(days=sign)
            idle = 0 if self.working(day) else idle + 1
            yield day


def _moved(local: datetime, months: int, days: int = 0) -> datetime:
    """So many months and days further on the local clock. Where it does not move it stays in the hour that comes twice."""
    return local + relativedelta(months=months, days=days) if months or days else local


_CHINESE_YEARS = frozenset(day.year for day in chinese.holidays)


def _chinese_working_day(day: date, weekday: bool) -> bool:
    if day.year not in _CHINESE_YEARS:
        return weekday
    if day in chinese.workdays:
        return True
    return weekday and day not in chinese.holidays


@lru_cache(maxsize=256)
def _holidays(country: str | None, year: int) -> frozenset[date]:
    if country is None:
        return frozenset()
    try:
        return frozenset(public_holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
