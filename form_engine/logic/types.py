"""What kinds of value logic knows.

Field types map to these, so that logic needs neither the form document nor the field registry: a form is, for logic, a
mapping of keys to `LogicType`. Whether a value can be compared or computed with is decided here, when a definition is
saved, so that coercion never decides anything when a record is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "number",
    "text",
    "option",
    "switch",
    "date",
    "time",
    "datetime",
    "duration",
    "member",
    "department",
    "link",
    "file",
    "list",
    "table",
    "group",
    "unknown",
    "blank",
]


@dataclass(frozen=True, slots=True)
class LogicType:
    """One kind of value.

    `options`: the constants that an option field takes. `columns`: of a table, a group or the target of a link, by key.
    `item`: what a list holds. `unknown` is a value of which the definition says nothing (plain JSON); `blank` is the
    type of a literal `null`.
    """

    kind: Kind
    options: tuple[Any, ...] = ()
    columns: Mapping[str, "LogicType"] = field(default_factory=dict)
    item: "LogicType | None" = None


NUMBER = LogicType("number")
TEXT = LogicType("text")
SWITCH = LogicType("switch")
DATE = LogicType("date")
TIME = LogicType("time")
DATETIME = LogicType("datetime")
DURATION = LogicType("duration")
MEMBER = LogicType("member")
DEPARTMENT = LogicType("department")
FILE = LogicType("file")
UNKNOWN = LogicType("unknown")
BLANK = LogicType("blank")


def option(values: Sequence[Any]) -> LogicType:
    """An option field that takes one of `values` (its `const`s); none given: any text."""
    return LogicType("option", options=tuple(values))


def list_of(item: LogicType) -> LogicType:
    """A list of `item`s: a multiple choice, several members or files."""
    return LogicType("list", item=item)


def table(columns: Mapping[str, LogicType]) -> LogicType:
    """A sub-table: a list of rows with these columns."""
    return LogicType("table", columns=columns)


def group(columns: Mapping[str, LogicType]) -> LogicType:
    """A nested group of fields, or one row of a table."""
    return LogicType("group", columns=columns)


def link(columns: Mapping[str, LogicType] | None = None) -> LogicType:
    """A reference to a record of another form, with the types of its fields where they are known."""
    return LogicType("link", columns=columns or {})
