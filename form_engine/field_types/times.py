"""Fields that hold a point in time or a length of it.

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

from ..logic.types import DATE, DATETIME, DURATION, TIME, LogicType
from ..messages import say
from ..names import Names
from .base import ORDER, FieldType, Group, Raw, Schema, Unreadable, single
from .samples import example_of

if TYPE_CHECKING:
    from ..form import Choice, Field

DATE_TYPED = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
TIME_TYPED = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
TIME_STORED = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?$")
DURATION_STORED = re.compile(
    r"^(?P<sign>-?)P(?:(?P<weeks>\d+(?:\.\d+)?)W)?(?:(?P<years>\d+(?:\.\d+)?)Y)?(?:(?P<months>\d+(?:\.\d+)?)M)?"
    r"(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)
DURATION_TYPED = re.compile(
    r"(?:(?P<days>\d+(?:\.\d+)?)\s*(?:d|days?|天))?\s*(?:(?P<hours>\d+(?:\.\d+)?)\s*(?:h|hours?|小时|时))?\s*"
    r"(?:(?P<minutes>\d+(?:\.\d+)?)\s*(?:m|min|minutes?|分钟?))?\s*(?:(?P<seconds>\d+(?:\.\d+)?)\s*(?:s|sec|seconds?|秒))?",
    re.IGNORECASE,
)


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


class DateRange(FieldType):
    """From one day to another: `{"start", "end"}`."""

    name = "daterange"
    title = "Date range"
    group = "time"
    icon = "calendar-due"
    macro = "daterange"
    json_types = ("object",)
    column = "text"
    operators = ("eq", "empty", "notEmpty")
    unique_allowed = False

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """Both ends, each a date."""
        day: Schema = {"type": "string", "format": "date"}
        ends: Schema = {"start": day, "end": day}
        return {"type": "object", "properties": ends, "required": ["start", "end"], "additionalProperties": False}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A group of two dates, `start` and `end`."""
        return LogicType("group", {"start": DATE, "end": DATE})

    def flaw(self, field: "Field", value: Any, lang: str) -> str | None:
        """An end before its start."""
        if value["end"] < value["start"]:
            return say(lang, "{label} must not end before it begins.", label=field.label(lang))
        return None

    def sample(self, field: "Field") -> Any:
        """Three days."""
        return example_of(field.schema) or {"start": "2026-11-24", "end": "2026-11-26"}

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """Two inputs, start and end; or one text with `/` or `~` between them."""
        parts = [raw] if isinstance(raw, str) else list(raw)
        if len(parts) == 1:
            parts = re.split(r"\s*[/~～至–]\s*|\s+-\s+", parts[0].strip(), maxsplit=1)
        days = [part.strip() for part in parts]
        if not any(days):
            return None
        if len(days) != 2 or not all(days):
            raise Unreadable(say(lang, "Give both the first and the last day."))
        start, end = (read_date(unicodedata.normalize("NFKC", day), lang).isoformat() for day in days)
        return {"start": start, "end": end}

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """Start and end."""
        return [str(value.get("start", "")), str(value.get("end", ""))] if isinstance(value, dict) else ["", ""]

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """`24 Nov 2026 – 26 Nov 2026`."""
        if not isinstance(value, dict):
            return ""
        ends = (as_date(value.get("start")), as_date(value.get("end")))
        return " – ".join(format_date(day, "medium", locale_of(lang)) for day in ends if day)

    def stored(self, field: "Field", value: Any) -> Any:
        """`start/end`, which sorts by start."""
        return f"{value.get('start', '')}/{value.get('end', '')}" if isinstance(value, dict) else None

    def from_text(self, field: "Field", text: str, lang: str = "en", zone: str = "UTC") -> Any:
        """The two days with `/`, `~` or ` - ` between them."""
        return self.read(field, [text], lang, zone)


class Duration(FieldType):
    """A length of time, ISO 8601 (`PT1H30M`)."""

    name = "duration"
    title = "Duration"
    group = "time"
    icon = "hourglass"
    macro = "duration"
    column = "text"
    operators = ("eq", "ne", "empty", "notEmpty")

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Format `duration`."""
        return schema.get("type") == "string" and schema.get("format") == "duration"

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A duration of ISO 8601."""
        return {"type": "string", "format": "duration"}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A duration."""
        return DURATION

    def sample(self, field: "Field") -> Any:
        """An hour and a half."""
        return example_of(field.schema) or "PT1H30M"

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """`1:30`, `1h 30m`, `2 天` or ISO 8601 itself."""
        typed = unicodedata.normalize("NFKC", single(raw)).strip()
        if not typed:
            return None
        if DURATION_STORED.match(typed.upper()) and typed.upper()[-1] not in "PT":
            return typed.upper()
        clock = re.fullmatch(r"(\d+):([0-5]\d)", typed)
        parts = {"hours": clock.group(1), "minutes": clock.group(2)} if clock else {}
        if not clock:
            found = DURATION_TYPED.fullmatch(typed)
            parts = {unit: size for unit, size in found.groupdict().items() if size} if found else {}
        if not parts:
            raise Unreadable(say(lang, "Write a length of time here, for example 1:30 or 2d 4h."))
        days = f"{parts['days']}D" if "days" in parts else ""
        rest = "".join(f"{parts[unit]}{unit[0].upper()}" for unit in ("hours", "minutes", "seconds") if unit in parts)
        return f"P{days}" + (f"T{rest}" if rest else "")

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """`1 h 30 min`."""
        found = DURATION_STORED.match(value) if isinstance(value, str) else None
        if found is None:
            return ""
        units = ["{n} y", "{n} mo", "{n} wk", "{n} d", "{n} h", "{n} min", "{n} s"]
        names_of = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
        shown = [say(lang, unit, n=found[part]) for unit, part in zip(units, names_of, strict=True) if found[part]]
        return found["sign"] + " ".join(shown)


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
