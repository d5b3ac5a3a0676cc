"""What kinds of value logic knows.

Whether a value can be compared or computed with is decided here, when a definition is saved, so that coercion never
decides anything when a record is. Logic knows neither the form document nor the field registry: of a field it reads
what `Typed` lists.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Kind = Literal[
    "text",
    "option",
    "options",
    "number",
    "switch",
    "date",
    "time",
    "datetime",
    "duration",
    "reference",
    "references",
    "table",
    "group",
    "other",
    "list",
    "blank",
]
"""What fields are (up to `other`), and two that only expressions are: any `list`, and `blank`, a literal null."""

TEMPORAL = frozenset({"date", "time", "datetime", "duration"})
TEXTUAL = frozenset({"text", "option", "reference"})


class Typed(Protocol):
    """What logic reads of a field."""

    @property
    def kind(self) -> Kind:
        """What its value is."""

    @property
    def columns(self) -> Mapping[str, Any]:
        """Of a table, a group or a link whose target is known: `Typed` by key."""

    @property
    def option_values(self) -> Collection[Any] | None:
        """The constants that it takes; None: any."""


@dataclass(frozen=True, slots=True)
class LogicType:
    """The kind of a value; `item` is what a list (also `options`, `references`, `table`) holds."""

    kind: Kind
    columns: Mapping[str, Typed] = field(default_factory=dict)
    option_values: Collection[Any] | None = None
    item: "LogicType | None" = None


NUMBER = LogicType("number")
TEXT = LogicType("text")
SWITCH = LogicType("switch")
DATE = LogicType("date")
TIME = LogicType("time")
DATETIME = LogicType("datetime")
DURATION = LogicType("duration")
OTHER = LogicType("other")
BLANK = LogicType("blank")


def list_of(item: LogicType) -> LogicType:
    """The type of a list whose elements are of type `item`."""
    return LogicType("list", item=item)


def type_of(typed: Typed) -> LogicType:
    """The type of a field, with that of its elements where it holds several."""
    match typed.kind:
        case "options":
            return LogicType("list", item=LogicType("option", option_values=typed.option_values))
        case "references":
            return LogicType("list", item=LogicType("reference", columns=typed.columns))
        case "table":
            return LogicType("table", columns=typed.columns, item=LogicType("group", columns=typed.columns))
        case "option" if typed.option_values and all(is_number(value) for value in typed.option_values):
            return LogicType("number", option_values=typed.option_values)
        case "list" if isinstance(typed, LogicType):
            return typed
        case kind:
            return LogicType(kind, columns=typed.columns, option_values=typed.option_values)


def is_number(value: object) -> bool:
    """Whether `value` is a JSON number (`true` is none)."""
    kind = type(value)
    return kind is int or kind is float


def join(left: LogicType, right: LogicType) -> LogicType | None:
    """The type of a value that is one or the other; None where nothing could be done with it."""
    if left.kind == "blank" or left == right:
        return right
    if right.kind == "blank":
        return left
    if "other" in (left.kind, right.kind):
        return OTHER
    if left.kind in TEXTUAL and right.kind in TEXTUAL:
        return _joined_text(left, right)
    if left.item and right.item:
        item = join(left.item, right.item)
        return list_of(item) if item else None
    return left if left.kind == right.kind else None


def _joined_text(left: LogicType, right: LogicType) -> LogicType:
    if left.kind == right.kind == "option" and left.option_values and right.option_values:
        return LogicType("option", option_values=(*left.option_values, *right.option_values))
    return LogicType(left.kind) if left.kind == right.kind else TEXT
