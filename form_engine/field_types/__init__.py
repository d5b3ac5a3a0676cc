"""The registry of field types: the one list of them. A new type is a class in a module here, and a line in `TYPES`.

Everything about a type stands in its class (see `base.FieldType`), rather than smeared out over validation, pages,
spreadsheets and queries.
"""

from collections.abc import Mapping
from typing import Any

from .base import BLANK, FieldType, Unreadable
from .choices import MultiSelect, Ranking, Select, Switch
from .contacts import Email, IdNumber, Phone, Url
from .derived import Computed, CreatedAt, CreatedBy, Lookup, Rollup, Serial, Status, UpdatedAt, UpdatedBy, acting
from .grids import Cascade, Matrix
from .numbers import Integer, Money, Number, Percent, Rating, Slider
from .references import Department, File, Image, Link, Member, Signature
from .regions import Region
from .spans import DateRange, Duration
from .special import Color, Json, Location
from .structure import ROW_ID, ROW_KEY, Group, Structure, Table
from .text import Barcode, Paragraph, RichText, Tags, Text
from .times import Date, DateTime, Time

_IN_ORDER_OF_THE_PALETTE: tuple[type[FieldType], ...] = (
    Text, Paragraph, RichText, Email, Phone, Url, IdNumber,
    Number, Integer, Percent, Money, Slider,
    Date, Time, DateTime, DateRange, Duration,
    Select, MultiSelect, Cascade, Region, Switch, Rating, Matrix, Ranking, Tags,
    Member, Department, Link, Lookup, Rollup, Computed,
    File, Image, Signature,
    Table, Group,
    Location, Barcode, Color, Json,
    Serial, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Status,
)  # fmt: skip

TYPES: Mapping[str, FieldType] = {made.name: made() for made in _IN_ORDER_OF_THE_PALETTE}

_INFERRED_IN_TURN = tuple(
    TYPES[made.name]
    for made in (
        Select, MultiSelect, Date, DateTime, Time, Duration, Email, Url, Switch, Integer, Number, Table, Group, Tags, Text, Json,
    )
)  # fmt: skip


def get(name: str) -> FieldType:
    """The type called `name`. Raises KeyError."""
    return TYPES[name]


def all() -> tuple[FieldType, ...]:
    """Every type, in the order of the designer's palette."""
    return tuple(TYPES.values())


def inferred(schema: Mapping[str, Any]) -> FieldType:
    """The type of a property that states none: what `type`, `format`, options and `items` say."""
    return next(entry for entry in _INFERRED_IN_TURN if entry.infers(schema))


def own(schema: Mapping[str, Any], settings: Mapping[str, Any]) -> FieldType:
    """What a worked-out value is by its property's own keywords; where a currency is named, an amount."""
    return TYPES["money"] if "currency" in settings else inferred(schema)


__all__ = [
    "BLANK",
    "ROW_ID",
    "ROW_KEY",
    "TYPES",
    "FieldType",
    "Json",
    "Structure",
    "Unreadable",
    "acting",
    "all",
    "get",
    "inferred",
    "own",
]
