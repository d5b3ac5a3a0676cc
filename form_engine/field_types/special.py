"""Fields that hold a place, a colour, or plain JSON."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..logic.types import NUMBER, OTHER, TEXT, LogicType
from ..messages import say
from ..names import Names
from .base import EQUALITY, FieldType, Raw, Schema, Unreadable, several, single
from .json_samples import json_sample
from .samples import example_of

if TYPE_CHECKING:
    from ..form import Choice, Field

COLOR_TYPED = re.compile(r"#?[0-9a-f]{6}")


class Location(FieldType):
    """A place on earth: `{"lat", "lng"}` in degrees (WGS 84), with its name where one is known."""

    name = "location"
    title = "Location"
    group = "special"
    icon = "map-pin"
    macro = "location"
    json_types = ("object",)
    operators = ("empty", "notEmpty")
    unique_allowed = False

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """Latitude and longitude in their ranges."""
        degrees: Schema = {
            "lat": {"type": "number", "minimum": -90, "maximum": 90},
            "lng": {"type": "number", "minimum": -180, "maximum": 180},
            "name": {"type": "string", "maxLength": 300},
        }
        return {"type": "object", "properties": degrees, "required": ["lat", "lng"], "additionalProperties": False}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A group of two numbers and a text."""
        return LogicType("group", {"lat": NUMBER, "lng": NUMBER, "name": TEXT})

    def sample(self, field: "Field") -> Any:
        """A lake."""
        return example_of(field.schema) or {"lat": 30.2489, "lng": 120.1428, "name": "西湖"}

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """Latitude, longitude and name in three inputs, or `30.25, 120.14` in one."""
        parts = several(raw.replace("，", ",").split(",")) if isinstance(raw, str) else [part.strip() for part in raw]
        if not any(parts):
            return None
        try:
            place: dict[str, Any] = {"lat": float(parts[0]), "lng": float(parts[1])}
        except (ValueError, IndexError):
            raise Unreadable(say(lang, "Give latitude and longitude, for example 30.25, 120.14.")) from None
        return place | ({"name": parts[2]} if len(parts) > 2 and parts[2] else {})

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """Latitude, longitude, name."""
        if not isinstance(value, dict):
            return ["", "", ""]
        return [str(value.get(part, "")) for part in ("lat", "lng", "name")]

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """Its name, else its degrees."""
        if not isinstance(value, dict):
            return ""
        return str(value.get("name") or f"{value.get('lat')}, {value.get('lng')}")

    def stored(self, field: "Field", value: Any) -> Any:
        """`lat,lng,name` as one text."""
        return ",".join(part for part in self.typed(field, value) if part) or None


class Color(FieldType):
    """A colour, `#rrggbb`."""

    name = "color"
    title = "Colour"
    group = "special"
    icon = "palette"
    macro = "color"
    operators = EQUALITY

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """Six hexadecimal digits behind a #."""
        return {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}

    def sample(self, field: "Field") -> Any:
        """A blue."""
        return example_of(field.schema) or "#2f6fde"

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The colour in small letters; six digits also without their #."""
        typed = single(raw).strip().lower()
        if typed and not COLOR_TYPED.fullmatch(typed):
            raise Unreadable(say(lang, "Write a colour here as # and six digits, for example #2f6fde."))
        return f"#{typed.removeprefix('#')}" if typed else None


class Json(FieldType):
    """Any JSON: what no other type can hold."""

    name = "json"
    title = "JSON"
    group = "special"
    icon = "braces"
    macro = "json"
    json_types = ("object", "array", "string", "number", "integer", "boolean", "null")
    column = None
    operators = ()
    aggregates = ()
    opaque = True
    unique_allowed = False

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Whatever no other type claims."""
        return True

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """Nothing: the property's own keywords say it all."""
        return {}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """Something of which nothing is known."""
        return OTHER

    def sample(self, field: "Field") -> Any:
        """Its own example, else the first small value that its schema takes; nothing where none is found."""
        return json_sample(field.schema)

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The value that the text writes."""
        typed = single(raw).strip()
        try:
            return json.loads(typed) if typed else None
        except (ValueError, RecursionError):
            raise Unreadable(
                say(lang, "This is not JSON. Texts stand in double quotes, lists in [ ], objects in { }.")
            ) from None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """The JSON, indented."""
        return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The JSON in one line."""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def stored(self, field: "Field", value: Any) -> Any:
        """The JSON in one line."""
        return json.dumps(value, ensure_ascii=False)
