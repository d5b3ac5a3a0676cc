"""Fields that hold a point in time.

A date has no zone and never shifts. A date-time is stored in UTC and shown in the reader's zone. A time of day may carry
an offset (as JSON Schema's `time` has one) and needs none.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from ..logic.types import DATE, DATETIME, TIME, LogicType
from ..messages import say
from ..names import Names
from .base import BLANK, ORDER, FieldType, Group, Raw, Schema, Unreadable, single
from .samples import example_of

if TYPE_CHECKING:
    from ..form import Choice, Field

DATE_TYPED = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
TIME_TYPED = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
FROM_YEAR_ONE = "{label} must lie in the years 1 to 9999."
TIME_STORED = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?$")


def locale_of(lang: str) -> str:
    """The Babel locale of a language of ours."""
    return "zh_Hans_CN" if lang.startswith("zh") else "en_GB"


class Date(FieldType):
    """A day."""

    name = "date"
    title = "Date"
    group = "time"
    icon = "calendar"
    macro = "date"
    column = "date"
    operators = ORDER
    aggregates = ("count", "min", "max")

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Format `date`."""
        return schema.get("type") == "string" and schema.get("format") == "date"

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A full date of RFC 3339."""
        return {"type": "string", "format": "date"}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A date."""
        return DATE

    def flaw(self, field: "Field", value: Any, lang: str) -> str | None:
        """A day that no calendar of ours has: JSON Schema's `date` begins with the year 0."""
        fits = value[:4] != "0000" or as_date(value)  # its schema's format has seen to the rest
        return None if fits else say(lang, FROM_YEAR_ONE, label=field.label(lang))

    def sample(self, field: "Field") -> Any:
        """A day."""
        return example_of(field.schema) or "2026-11-24"

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """`2026-11-24`, also written 2026/11/24 or 2026年11月24日."""
        typed = unicodedata.normalize("NFKC", single(raw)).strip()
        return read_date(typed, lang).isoformat() if typed else None

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """`24 Nov 2026`, 2026年11月24日."""
        day = as_date(value)
        return format_date(day, "medium", locale_of(lang)) if day else ""

    def convert(self, field: "Field", origin: "Field", value: Any) -> Any:
        """Of a moment its day (in UTC), of a text the day that it writes."""
        if isinstance(origin.type, DateTime):
            day = as_date(value)
            return BLANK if day is None else day.isoformat()
        return super().convert(field, origin, value)

    def cell(self, field: "Field", value: Any) -> Any:
        """A date."""
        return as_date(value)

    def stored(self, field: "Field", value: Any) -> Any:
        """A date."""
        return as_date(value)


class Time(FieldType):
    """A time of day."""

    name = "time"
    title = "Time"
    group = "time"
    icon = "clock"
    macro = "time"
    replaced = ("format",)
    column = "time"
    operators = ORDER
    aggregates = ("count", "min", "max")

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Format `time`."""
        return schema.get("type") == "string" and schema.get("format") == "time"

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """`09:30`, seconds and offset allowed: wider than RFC 3339, which knows no local time of day."""
        return {"type": "string", "pattern": TIME_STORED.pattern}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A time."""
        return TIME

    def sample(self, field: "Field") -> Any:
        """Half past nine."""
        return example_of(field.schema) or "09:30"

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """`09:30` or `9:30:15`; a stored time with its offset stays as it is."""
        typed = unicodedata.normalize("NFKC", single(raw)).strip()
        if not typed:
            return None
        if TIME_STORED.match(typed):
            return typed
        found = TIME_TYPED.fullmatch(typed)
        if found:
            hours, minutes, seconds = (int(part or 0) for part in found.groups())
            if hours < 24 and minutes < 60 and seconds < 60:
                return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if found.group(3) else "")
        raise Unreadable(say(lang, "Write a time here, for example 09:30."))

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """Hours and minutes, the rest only where it says something."""
        return value.removesuffix(":00") if isinstance(value, str) and value.count(":") == 2 else str(value)

    def stored(self, field: "Field", value: Any) -> Any:
        """A time of day without its offset."""
        return as_time(value)


class DateTime(FieldType):
    """A moment, stored in UTC."""

    name = "datetime"
    title = "Date and time"
    group: ClassVar[Group] = "time"
    icon = "calendar-time"
    macro = "datetime"
    column = "datetime"
    operators = ORDER
    aggregates = ("count", "min", "max")

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Format `date-time`."""
        return schema.get("type") == "string" and schema.get("format") == "date-time"

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A date-time of RFC 3339, which has an offset."""
        return {"type": "string", "format": "date-time"}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A moment."""
        return DATETIME

    def clean(self, field: "Field", value: Any) -> Any:
        """The same moment written in UTC; what is no moment stays as it is."""
        if not isinstance(value, str) or value.endswith("Z"):
            return value
        moment = as_moment(value)
        return value if moment is None else written(moment)

    def flaw(self, field: "Field", value: Any, lang: str) -> str | None:
        """A moment that in UTC lies before the year 1 or after 9999."""
        plain = value[-1:] == "Z" and value[:4] not in ("0000", "9999")  # its schema's format has seen to the rest
        return None if plain or as_moment(value) else say(lang, FROM_YEAR_ONE, label=field.label(lang))

    def sample(self, field: "Field") -> Any:
        """A moment."""
        return example_of(field.schema) or "2026-11-24T09:30:00Z"

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """What a `datetime-local` input gives, in the reader's zone; an offset in the text is respected."""
        typed = unicodedata.normalize("NFKC", single(raw)).strip()
        if not typed:
            return None
        moment = as_moment(typed)
        if moment is None:
            day, _, clock = typed.replace("T", " ").partition(" ")
            found = TIME_TYPED.fullmatch(clock.strip() or "00:00")
            hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
            if hours > 23 or minutes > 59 or seconds > 59:
                raise Unreadable(say(lang, "Write a day and a time here, for example 2026-11-24 09:30."))
            moment = datetime.combine(read_date(day, lang), time(hours, minutes, seconds), ZoneInfo(zone))
        return written(moment)

    def convert(self, field: "Field", origin: "Field", value: Any) -> Any:
        """Of a day its beginning (in UTC), of a text the moment that it writes."""
        if isinstance(origin.type, Date):
            return f"{value}T00:00:00Z" if as_date(value) else BLANK
        return super().convert(field, origin, value)

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """The local day and time, as a `datetime-local` input takes it."""
        moment = as_moment(value)
        if moment is None:
            return value if isinstance(value, str) else ""
        return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00")

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """`24 Nov 2026, 17:30` in the reader's zone."""
        moment = as_moment(value)
        if moment is None:
            return ""
        pattern = "y年M月d日 HH:mm" if lang.startswith("zh") else "d MMM y, HH:mm"
        return format_datetime(moment.astimezone(ZoneInfo(zone)), pattern, locale=locale_of(lang))

    def cell(self, field: "Field", value: Any) -> Any:
        """A datetime in UTC without its zone, as spreadsheets have none."""
        moment = as_moment(value)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment else None

    def stored(self, field: "Field", value: Any) -> Any:
        """An aware datetime."""
        return as_moment(value)


def read_date(typed: str, lang: str) -> date:
    """The day that `typed` writes, year first. Raises Unreadable."""
    found = DATE_TYPED.fullmatch(typed.strip())
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Unreadable(say(lang, "Write a day here, for example 2026-11-24."))


def as_date(value: Any) -> date | None:
    """The date that an ISO text writes (of a date-time: its day as written), or None."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def as_time(value: Any) -> time | None:
    """The time of day that a stored text writes, without offset, or None."""
    try:
        return time.fromisoformat(value.upper()).replace(tzinfo=None) if isinstance(value, str) else None
    except ValueError:
        return None


def as_moment(value: Any) -> datetime | None:
    """The moment (in UTC) that an ISO text with an offset writes, or None. A leap second is the second after it."""
    if not isinstance(value, str):
        return None
    leap = ":60" in value
    try:
        moment = datetime.fromisoformat(value.upper().replace(":60", ":59") if leap else value.upper())
        if moment.tzinfo is None:
            return None
        return moment.astimezone(UTC) + timedelta(seconds=leap)
    except (ValueError, OverflowError):
        return None


def written(moment: datetime) -> str:
    """A moment as it is stored: UTC, `2026-11-24T09:30:00Z`, with a fraction only where it has one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
