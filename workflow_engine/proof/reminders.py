"""Whether a reminder can ever come, or lies before the step is opened however long its due time turns out to be.

The due time is reckoned from the moment at which the step is opened, and a reminder back from the due time; one that
does not lie after that moment is not set (steps/people.py; meaning.md section 2). How long a month, a day or a working
day is depends on the moment: the longest that the one may be is held against the shortest that the other may be, so that
what may come for some moment is never called too early.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from ..calendar import Calendar, Duration
from ..steps.people import Due

DAY = 24 * 60 * 60
MOST_MONTHS = 12 * 1000
"""Of due times that lie further ahead nothing is told: they may come to the calendar's end."""


def comes_too_early(reminder: Duration, due: Due, calendar: Calendar, year: int) -> bool:
    """Whether a reminder so long before the due time never comes after the step was opened, whenever that is.

    `year` is that whose changes between winter and summer time stand for those of all years.
    """
    after, week = due.after, 5 if due.reckoning == "business" else 7
    if after.months > MOST_MONTHS:
        return False
    if _goes_back_the_same_way(reminder, after, week):
        return True
    if due.reckoning == "business":
        # as much work as lies before the due time may still come when work begins, where the step is opened before that
        return _least_work(reminder, after, calendar) > _most_work(after, calendar)
    least, most = _days_of(reminder.months)[0] + _days(reminder, week), _days_of(after.months)[1] + _days(after, week)
    return least * DAY + reminder.seconds >= most * DAY + after.seconds + 2 * _change_of_clocks(calendar, year)


def _days(length: Duration, week: int) -> int:
    return length.weeks * week + length.days


def _goes_back_the_same_way(reminder: Duration, after: Duration, week: int) -> bool:
    """Whether it leads back over as many whole months, or days, as the due time lies ahead: no further than it came."""
    if after.seconds:
        return False
    if after.months:
        return reminder.months >= after.months and not _days(after, week)
    return _days(reminder, week) >= _days(after, week)


@lru_cache(maxsize=256)
def _days_of(months: int) -> tuple[int, int]:
    """How many days so many months have at least, and at most. From the first of a month; from later days it is no more,
    and no less than from the first of the month after."""
    whole = relativedelta(months=min(months, MOST_MONTHS))
    firsts = (date(2025 + number // 12, number % 12 + 1, 1) for number in range(4 * 12))
    lengths = [(first + whole - first).days for first in firsts]
    return min(lengths), max(lengths)


def _change_of_clocks(calendar: Calendar, year: int) -> int:
    """By how many seconds the clocks of a zone are put forward and back in a year."""
    firsts = (datetime(year, month, 1, tzinfo=UTC).astimezone(calendar.zone) for month in range(1, 13))
    offsets = [first.utcoffset() or timedelta() for first in firsts]
    return int((max(offsets) - min(offsets)).total_seconds())


def _working_day(calendar: Calendar) -> int:
    """How many seconds are worked on a working day."""
    return 60 * sum((end.hour - begin.hour) * 60 + end.minute - begin.minute for begin, end in calendar.hours)


def _most_work(length: Duration, calendar: Calendar) -> int:
    """How many seconds are worked at most in business time of that length: in months six days of seven."""
    days = _days(length, 5) + -(-_days_of(length.months)[1] * 6 // 7)
    return days * _working_day(calendar) + length.seconds


def _least_work(length: Duration, after: Duration, calendar: Calendar) -> int:
    """How many seconds are worked at least in business time of that length, back from a due time: in months half of the
    days. Where months lead to a day off, the first day back from there may be none."""
    days = _days(length, 5) + _days_of(length.months)[0] // 2 - bool(length.months or after.months)
    return max(0, days) * _working_day(calendar) + length.seconds
