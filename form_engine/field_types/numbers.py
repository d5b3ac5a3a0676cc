"""Fields that hold a number: counts, quantities, shares, money, marks on a scale."""

import math
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from ..logic.types import NUMBER, LogicType
from ..messages import say
from ..names import Names
from .base import ORDER, Column, FieldType, Group, Raw, Schema, Unreadable, single
from .currencies import CURRENCIES, unknown_currency
from .samples import number_sample

if TYPE_CHECKING:
    from ..form import Choice, Field

SIGNIFICANT = 15
"""Decimal digits that a double keeps exactly, and on whose text results are rounded (meaning.md section 1)."""
DECIMALS: Schema = {
    "type": "integer",
    "minimum": 0,
    "maximum": 8,
    "description": "How many digits may stand behind the decimal point. More is an error; a computed value is rounded.",
}
UNIT: Schema = {"type": "string", "maxLength": 20, "description": "Shown behind the number, for example kg."}


class Number(FieldType):
    """A number; with `decimals`, of that precision."""

    name = "number"
    title = "Number"
    group: ClassVar[Group] = "number"
    icon = "hash"
    macro = "number"
    json_types: ClassVar[tuple[str, ...]] = ("number", "integer")
    column: ClassVar[Column | None] = "decimal"
    operators = ORDER
    aggregates = ("count", "sum", "avg", "min", "max")
    settings_schema: ClassVar[Schema] = {"decimals": DECIMALS, "unit": UNIT}

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Any number that no other type claims."""
        return schema.get("type") == "number"

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A JSON number."""
        return {"type": self.json_types[0]}

    def digits(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> int | None:
        """The decimals that are stated, by the setting or by a `multipleOf` such as 0.01; none for integers."""
        if "decimals" in settings:
            return int(settings["decimals"])
        if schema.get("type") == "integer":
            return 0
        step = schema.get("multipleOf")
        if isinstance(step, int | float) and step > 0:
            exponent = Decimal(repr(step)).normalize().as_tuple().exponent
            return max(0, -exponent) if isinstance(exponent, int) else None
        return None

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """Precision as `multipleOf`, and the size up to which a double keeps it: |x| < 10^(15 - digits)."""
        digits = self.digits(schema, settings)
        if digits is None:
            return {}
        limit = 10 ** (SIGNIFICANT - digits)
        size: Schema = {"exclusiveMaximum": limit, "exclusiveMinimum": -limit}
        return size if digits == 0 and schema.get("type") == "integer" else {"multipleOf": step_of(digits), **size}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A number."""
        return NUMBER

    def sample(self, field: "Field") -> Any:
        """A number within the bounds."""
        return number_sample(field.schema, field.digits, 1)

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The number typed, with or without thousands separators, half or full width."""
        typed = unicodedata.normalize("NFKC", single(raw)).strip().strip("%¥$€£").strip()
        return parse_number(typed, lang) if typed else None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """The number in plain digits, as an input takes it."""
        return plain(value)

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The number with thousands separators, its decimals and its unit."""
        unit = field.settings.get("unit")
        return grouped(value, field.digits) + (f" {unit}" if unit else "")

    def cell(self, field: "Field", value: Any) -> Any:
        """The number itself."""
        return value

    def stored(self, field: "Field", value: Any) -> Any:
        """A Decimal of exactly the digits that JSON has."""
        return Decimal(repr(value)) if isinstance(value, int | float) else None


class Integer(Number):
    """A whole number."""

    name = "integer"
    title = "Whole number"
    json_types = ("integer",)
    column = "integer"
    settings_schema: ClassVar[Schema] = {"unit": UNIT}

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """A JSON integer."""
        return schema.get("type") == "integer"

    def digits(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> int | None:
        """None behind the point."""
        return 0

    def stored(self, field: "Field", value: Any) -> Any:
        """An int."""
        return int(value) if isinstance(value, int | float) else None


class Percent(Number):
    """A share: 12.5 is stored for 12.5 %."""

    name = "percent"
    title = "Percent"
    icon = "percentage"
    macro = "percent"
    in_percent = True
    settings_schema: ClassVar[Schema] = {"decimals": DECIMALS}

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never."""
        return False

    def digits(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> int | None:
        """Two unless something else is stated."""
        stated = super().digits(schema, settings)
        return 2 if stated is None else stated

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The number without trailing zeros and a percent sign."""
        return f"{grouped(value, None)}{'%' if lang.startswith('zh') else ' %'}"


class Money(Number):
    """An amount in one currency, with that currency's digits."""

    name = "money"
    title = "Money"
    icon = "coin"
    macro = "money"
    settings_schema: ClassVar[Schema] = {
        "currency": {
            "type": "string",
            "description": "An ISO 4217 code (default CNY). It decides how many decimals there are.",
        },
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never."""
        return False

    def wrong_settings(
        self, schema: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """A currency that ISO 4217 does not list."""
        return unknown_currency(settings.get("currency", "CNY"))

    def currency(self, settings: Mapping[str, Any]) -> str | None:
        """The one that is stated, else CNY."""
        return str(settings.get("currency", "CNY"))

    def digits(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> int | None:
        """The currency's own: 2 for CNY, 0 for JPY, 3 for KWD."""
        return CURRENCIES.get(settings.get("currency", "CNY"), 2)

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """`8,199.00 CNY`; in Chinese `¥8,199.00`."""
        currency = field.settings.get("currency", "CNY")
        amount = grouped(value, field.digits)
        if lang.startswith("zh") and currency == "CNY":
            return f"-¥{amount[1:]}" if amount.startswith("-") else f"¥{amount}"
        return f"{amount} {currency}"


class Rating(Integer):
    """Stars, hearts or points, from one to `max`."""

    name = "rating"
    title = "Rating"
    group = "choice"
    icon = "star"
    macro = "rating"
    settings_schema: ClassVar[Schema] = {
        "max": {"type": "integer", "minimum": 2, "maximum": 10, "description": "How many there are (default 5)."},
        "symbol": {"enum": ["star", "heart", "thumb", "number"], "description": "What is drawn (default star)."},
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never."""
        return False

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """From 1 to `max`."""
        return {"minimum": 1, "maximum": settings.get("max", 5)}

    def sample(self, field: "Field") -> Any:
        """One below the best, within the property's own bounds."""
        best = field.settings.get("max", 5)
        return number_sample({"minimum": 1, "maximum": best, **field.schema}, 0, best - 1)


class Slider(Number):
    """A number that is dragged between its `minimum` and `maximum` (0 and 100 where none are stated)."""

    name = "slider"
    title = "Slider"
    icon = "adjustments-horizontal"
    macro = "slider"

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never."""
        return False

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """The ends of the scale, where the property does not state them."""
        low, high = scale_of(schema)
        return super().bounds(schema, settings) | {"minimum": low, "maximum": high}

    def sample(self, field: "Field") -> Any:
        """A number on the scale, in its middle where it may be."""
        low, high = scale_of(field.schema)
        return number_sample({**field.schema, "minimum": low, "maximum": high}, field.digits, int((low + high) / 2))


def scale_of(schema: Mapping[str, Any]) -> tuple[int | float, int | float]:
    """The ends of a slider: what is stated, else 0 and 100, or a hundred beyond the end that is stated."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        low = 0 if high is None or high > 0 else high - 100
    return low, (100 if low < 100 else low + 100) if high is None else high


def step_of(digits: int) -> int | float:
    """The unit of the last of `digits` decimals: 0.01 for 2."""
    return 1 if digits == 0 else float(f"1e-{digits}")


def parse_number(typed: str, lang: str) -> int | float:
    """The finite number that `typed` writes; commas and spaces between thousands are left out. Raises Unreadable."""
    bare = typed.replace(",", "").replace(" ", "").replace("_", "x")
    try:
        number = float(bare)
    except ValueError:
        raise Unreadable(say(lang, "Write a number here, for example 1250.50.")) from None
    if not math.isfinite(number):
        raise Unreadable(say(lang, "Write a number here, for example 1250.50."))
    if bare.lstrip("+-").isdigit():
        return int(bare)
    return int(number) if number.is_integer() and abs(number) < 10**SIGNIFICANT else number


def plain(value: Any) -> str:
    """A number in plain digits (`1250.5`, never `1.2505e3`); "" for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def grouped(value: Any, digits: int | None) -> str:
    """A number with commas between thousands and `digits` decimals (None: as many as it has)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    exact = Decimal(repr(value))
    if digits is None:
        shown = format(exact, ",f")
        return shown.rstrip("0").rstrip(".") if "." in shown else shown
    return format(exact, f",.{digits}f")
