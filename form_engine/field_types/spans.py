"""Fields that hold a stretch of time: from one day to another, or so and so long."""

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from babel.dates import format_date

from ..logic.types import DATE, DURATION, LogicType
from ..messages import say
from ..names import Names
from .base import FieldType, Raw, Schema, Unreadable, single
from .samples import example_of
from .times import as_date, locale_of, read_date

if TYPE_CHECKING:
    from ..form import Choice, Field

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


BETWEEN = re.compile(r"\s*[~～至–]\s*|\s+-\s+")


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
            parts = re.split(BETWEEN, parts[0].strip(), maxsplit=1)
            parts = parts[0].split("/") if len(parts) == 1 and parts[0].count("/") == 1 else parts
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

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """`2 d 4 h`, as people write it; ISO 8601 where that would not be read as the same (months, a sign)."""
        if not isinstance(value, str):
            return ""
        words = _in_units(value, lang)
        try:
            same = self.read(field, words, lang, zone) == value
        except Unreadable:
            same = False
        return words if same else value

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """`1 h 30 min`."""
        return _in_units(value, lang) if isinstance(value, str) else ""


def _in_units(value: str, lang: str) -> str:
    found = DURATION_STORED.match(value)
    if found is None:
        return ""
    units = ["{n} y", "{n} mo", "{n} wk", "{n} d", "{n} h", "{n} min", "{n} s"]
    names_of = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
    shown = [say(lang, unit, n=found[part]) for unit, part in zip(units, names_of, strict=True) if found[part]]
    return found["sign"] + " ".join(shown)
