"""Fields that nobody fills in: computed, looked up through a link, rolled up over linked records, numbered, kept by the system.

A computed, looked-up or rolled-up value is of some other type: what its property's own keywords say. `acting` gives the
class that reads, shows and stores it.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from ..logic.types import LogicType
from .base import BLANK, EQUALITY, FieldType, Schema
from .currencies import unknown_currency
from .references import Member
from .text import Text
from .times import DateTime

if TYPE_CHECKING:
    from ..form import Choice, Field

SERIAL_PART = re.compile(r"\{(yyyy|yy|mm|dd|0+)\}")
DEFAULT_SERIAL = "{0000}"


class Derived(FieldType):
    """What all of them share. Where `mixed` is set, the property's own keywords decide how the value is handled."""

    group = "data"
    derived = True
    unique_allowed = False
    mixed: ClassVar[bool] = False
    json_types: ClassVar[tuple[str, ...]] = ("string", "number", "integer", "boolean", "array", "object")

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """Nothing: the property's own keywords say it all."""
        return {}

    def sample(self, field: "Field") -> Any:
        """None: it is never typed."""
        return BLANK


class Computed(FieldType):
    """A value that its `compute` gives. It acts as the type that its own keywords state."""

    name = "computed"
    title = "Computed"
    group = "data"
    icon = "calculator"
    json_types = ("number", "integer", "string", "boolean", "array", "object")
    required_settings = ("compute",)
    settings_schema: ClassVar[Schema] = {
        "decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": 8,
            "description": "Digits to which a number is rounded.",
        },
        "unit": {"type": "string", "maxLength": 20, "description": "Shown behind a number, for example kg."},
    }

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """Nothing: the property's own keywords say it all."""
        return {}


class Lookup(Derived):
    """A field of the record that a link points at."""

    name = "lookup"
    title = "Looked-up value"
    icon = "arrow-up-right-circle"
    mixed = True
    required_settings = ("link", "field")
    settings_schema: ClassVar[Schema] = {
        "link": {"type": "string", "description": "The link field of this form to follow."},
        "field": {"type": "string", "description": "The field of the target whose value is shown."},
        "mode": {
            "enum": ["live", "snapshot"],
            "description": "`live` (default) shows the value as it is now, `snapshot` keeps what it was when the link was set.",
        },
        "currency": {
            "type": "string",
            "description": "An ISO 4217 code, where the value is an amount: that of the target's field.",
        },
    }

    def wrong_settings(
        self, schema: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """A currency that ISO 4217 does not list."""
        return unknown_currency(settings["currency"]) if "currency" in settings else []

    def live_by(self, settings: Mapping[str, Any]) -> bool:
        """Unless it is a snapshot."""
        return bool(settings.get("mode", "live") == "live")


class Rollup(Derived):
    """A figure over the records of another form that point at this one."""

    name = "rollup"
    title = "Roll-up"
    icon = "sum"
    mixed = True
    json_types = ("number", "integer", "string")
    required_settings = ("form", "link", "aggregate")
    settings_schema: ClassVar[Schema] = {
        "form": {"type": "string", "description": "The form of the records that are counted or summed."},
        "link": {"type": "string", "description": "Their link field that points at this record."},
        "aggregate": {"enum": ["count", "sum", "avg", "min", "max"], "description": "What is made of them."},
        "field": {"type": "string", "description": "Their field that is summed or compared; not needed for a count."},
        "status": {
            "type": "array",
            "items": {"enum": ["draft", "running", "approved", "rejected", "withdrawn", "terminated"]},
            "description": "Only records whose process has one of these states.",
        },
        "decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": 8,
            "description": "Digits to which the figure is rounded.",
        },
        "currency": {"type": "string", "description": "An ISO 4217 code, where the figure is an amount."},
    }

    def live_by(self, settings: Mapping[str, Any]) -> bool:
        """Always: it changes whenever one of those records does."""
        return True

    def wrong_settings(
        self, schema: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """A sum of no field, or a currency that ISO 4217 does not list."""
        wrong = unknown_currency(settings["currency"]) if "currency" in settings else []
        if settings.get("aggregate", "count") == "count" or "field" in settings:
            return wrong
        told = {"aggregate": settings["aggregate"]}
        return [*wrong, ("aggregate", "“{aggregate}” needs a “field” to take it of.", told)]


class Serial(Text):
    """A number that the record gets at its first submit, by a pattern such as `CT-{yyyy}-{0000}`."""

    name = "serial"
    title = "Serial number"
    group = "system"
    icon = "hash"
    derived = True
    settings_schema: ClassVar[Schema] = {
        "pattern": {
            "type": "string",
            "maxLength": 60,
            "description": (
                "Text with {yyyy}, {yy}, {mm}, {dd} for the day and zeros for the number, for example CT-{yyyy}-{0000} "
                "(default {0000}). The number starts again whenever the day's part changes."
            ),
        },
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never."""
        return False

    def wrong_settings(
        self, schema: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """A pattern without a place for the number, with two, or with an unknown part."""
        pattern = settings.get("pattern", DEFAULT_SERIAL)
        rest = SERIAL_PART.sub("", pattern)
        numbers = [part for part in SERIAL_PART.findall(pattern) if part.startswith("0")]
        if len(numbers) == 1 and "{" not in rest and "}" not in rest:
            return []
        sentence = "A serial number needs exactly one place for the number, such as {{0000}}, and otherwise only {{yyyy}}, {{yy}}, {{mm}}, {{dd}} in braces."
        return [("pattern", sentence, {"pattern": pattern})]

    def sample(self, field: "Field") -> Any:
        """None: it is never typed."""
        return BLANK


def series_of(pattern: str, day: date) -> str:
    """The name of the counter that `pattern` takes its number from on `day`: the day's parts filled in, the zeros left."""
    parts = {"yyyy": f"{day:%Y}", "yy": f"{day:%y}", "mm": f"{day:%m}", "dd": f"{day:%d}"}
    return SERIAL_PART.sub(lambda found: parts.get(found.group(1), found.group(0)), pattern or DEFAULT_SERIAL)


def serial_of(pattern: str, day: date, number: int) -> str:
    """The serial number: `series_of` with `number` (from 1) in the place of the zeros, padded to their count."""
    return SERIAL_PART.sub(lambda found: str(number).zfill(len(found.group(1))), series_of(pattern, day))


class System(FieldType):
    """What the platform knows of a record; shown in a form, never stored in its document."""

    derived = True
    unique_allowed = False

    def live_by(self, settings: Mapping[str, Any]) -> bool:
        """Always: the record's own row has it."""
        return True

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never."""
        return False

    def sample(self, field: "Field") -> Any:
        """None: it is never typed."""
        return BLANK


class CreatedAt(System, DateTime):
    """When the record was created."""

    name = "created_at"
    title = "Created at"
    group = "system"
    icon = "clock-plus"


class UpdatedAt(System, DateTime):
    """When the record was last changed."""

    name = "updated_at"
    title = "Updated at"
    group = "system"
    icon = "clock-edit"


class CreatedBy(System, Member):
    """Who created the record."""

    name = "created_by"
    title = "Created by"
    group = "system"
    icon = "user-plus"
    json_types = ("string",)
    settings_schema: ClassVar[Schema] = {}


class UpdatedBy(System, Member):
    """Who changed the record last."""

    name = "updated_by"
    title = "Updated by"
    group = "system"
    icon = "user-edit"
    json_types = ("string",)
    settings_schema: ClassVar[Schema] = {}


class Status(System):
    """Where the record's process stands."""

    name = "status"
    title = "Process status"
    group = "system"
    icon = "progress-check"
    macro = "status"
    operators = EQUALITY

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """An option."""
        return LogicType(
            "option", option_values=("draft", "running", "approved", "rejected", "withdrawn", "terminated")
        )


@cache
def acting(declared: FieldType, own: FieldType) -> FieldType:
    """The type of a field that is declared as `declared` and whose own keywords say `own`.

    A computed field is handled exactly as `own`; a looked-up one as `own` too, but derived, live and set as `declared`.
    """
    if isinstance(declared, Computed):
        return own
    if not (isinstance(declared, Derived) and declared.mixed):
        return declared
    answers = {"schema": type(declared).schema, "sample": Derived.sample, "live_by": type(declared).live_by}
    told = {
        word: getattr(declared, word)
        for word in ("name", "title", "group", "icon", "derived", "unique_allowed", "json_types")
    }
    made: type[FieldType] = type(f"{type(declared).__name__}Of{type(own).__name__}", (type(own),), told | answers)
    return made()


def linked_by(settings: Mapping[str, Any]) -> str | None:
    """The link field of this form that a looked-up value follows."""
    link = settings.get("link")
    return link if isinstance(link, str) and "form" not in settings else None
