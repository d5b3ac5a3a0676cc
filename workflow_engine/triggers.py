"""What starts an automation: what happens to records, dates in them, the calendar, a button. When a clock must look.

Pure: a trigger is asked with what happened, or with a span of time. Times of day are the workspace's; a moment is due
once, in the half-open span after the last look and up to now, so that what was missed comes late and nothing comes twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from .calendar import Calendar, Duration, duration

Kind = Literal["created", "updated", "deleted", "status", "date", "schedule", "button"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_EVERY = timedelta(minutes=1)
"""How often moments that are not tied to a time of day are looked for."""
SLACK = timedelta(days=4)
"""By how much a span of months may be longer or shorter than the same span counted from its other end."""
FAR = timedelta(days=64)


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to a record: `changed` are the fields of an update, `status` how its request ended."""

    kind: Kind
    changed: frozenset[str] = frozenset()
    status: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """The trigger `date`: `length` before (`sign` -1) or after a date or date-time field, `at` a time of that day."""

    field: str
    sign: Literal[-1, 1]
    length: Duration
    at: time | None

    def due(self, value: Any, calendar: Calendar) -> datetime | None:
        """The moment at which a value of the field is due; None for a blank and for what is no date."""
        moment = _moment(value, calendar)
        if moment is None:
            return None
        if self.at is None:
            return self._shifted(moment, calendar, self.sign)
        day = self._shifted(calendar.midnight(moment.astimezone(calendar.zone).date()), calendar, self.sign)
        return datetime.combine(day.date(), self.at, calendar.zone)

    def reach(self, since: datetime, until: datetime, calendar: Calendar) -> tuple[datetime, datetime]:
        """Between which values of the field everything lies that is due after `since` and up to `until`; maybe more."""
        low, high = (self._shifted(end, calendar, -self.sign) for end in (since, until))
        return low - SLACK, high + SLACK

    def next_look(self, after: datetime, calendar: Calendar) -> datetime:
        """When to look next for what is due."""
        if self.at is None:
            return after + LOOK_EVERY
        return next(moment for day in _days(after, calendar) if (moment := _at(day, self.at, calendar)) > after)

    def _shifted(self, moment: datetime, calendar: Calendar, sign: int) -> datetime:
        shift = calendar.before if sign < 0 else calendar.after
        return shift(moment, self.length)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The trigger `schedule`: on which days, at what time; for each record or once."""

    every: Literal["day", "week", "month"]
    at: time
    weekdays: frozenset[int]
    day: int
    each: bool

    def next_look(self, after: datetime, calendar: Calendar) -> datetime:
        """The first moment after `after` that the schedule names."""
        return next(self._moments(after, calendar))

    def latest(self, since: datetime, until: datetime, calendar: Calendar) -> datetime | None:
        """The last moment after `since` and up to `until` that the schedule names: what was missed is made up for once."""
        begin = max(since, until - FAR)
        found = None
        for moment in self._moments(begin, calendar):
            if moment > until:
                return found
            found = moment
        return found

    def _moments(self, after: datetime, calendar: Calendar) -> Iterator[datetime]:
        for day in _days(after, calendar):
            if self._names(day) and (moment := _at(day, self.at, calendar)) > after:
                yield moment

    def _names(self, day: date) -> bool:
        match self.every:
            case "day":
                return True
            case "week":
                return day.weekday() in self.weekdays
            case "month":
                last = (day + timedelta(days=1)).month != day.month
                return day.day == self.day or (last and day.day < self.day)


@dataclass(frozen=True, slots=True)
class Triggers:
    """Everything that starts one automation. `updated`: the fields of which one must have changed; empty: any."""

    kinds: frozenset[Kind]
    updated: frozenset[str]
    statuses: frozenset[str]
    date: Dated | None
    schedule: Schedule | None

    def take(self, happened: Happened) -> bool:
        """Whether this starts it."""
        if happened.kind not in self.kinds:
            return False
        match happened.kind:
            case "updated":
                return not self.updated or bool(self.updated & happened.changed)
            case "status":
                return happened.status in self.statuses
        return True

    @property
    def recordless(self) -> bool:
        """Whether it may be started without a record."""
        return self.schedule is not None and not self.schedule.each

    def next_look(self, after: datetime, calendar: Calendar) -> datetime | None:
        """When a clock must look next; None where nothing depends on time."""
        looks = [trigger.next_look(after, calendar) for trigger in (self.date, self.schedule) if trigger is not None]
        return min(looks, default=None)


def read_triggers(on: Mapping[str, Any]) -> Triggers:
    """The triggers of an `on` that passed its check."""
    kinds: frozenset[Kind] = frozenset(on)  # type: ignore[arg-type]
    updated = on.get("updated")
    fields = frozenset(updated) if isinstance(updated, list) else frozenset()
    dated, schedule = on.get("date"), on.get("schedule")
    return Triggers(
        kinds,
        fields,
        frozenset(on.get("status", ())),
        _dated(dated) if dated is not None else None,
        _schedule(schedule) if schedule is not None else None,
    )


def _dated(on: Mapping[str, Any]) -> Dated:
    length = duration(on.get("before", on.get("after", "P0D")))
    return Dated(on["field"], -1 if "before" in on else 1, length, _time(on["at"]) if "at" in on else None)


def _schedule(on: Mapping[str, Any]) -> Schedule:
    weekdays = frozenset(WEEKDAYS.index(day) for day in on.get("weekdays", ("mon",)))
    return Schedule(on["every"], _time(on["at"]), weekdays, on.get("day", 1), on["for"] == "each")


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _moment(value: Any, calendar: Calendar) -> datetime | None:
    """A stored date or date-time as a moment; a date begins at midnight."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-11-24"):
            return calendar.midnight(date.fromisoformat(value))
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _at(day: date, at: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, at, calendar.zone)


def _days(after: datetime, calendar: Calendar) -> Iterator[date]:
    """The days of the calendar from that of `after` on."""
    day = after.astimezone(calendar.zone).date()
    while True:
        yield day
        day += timedelta(days=1)
