"""What every field type answers. One class a type; nobody outside asks which type a field has.

A class states what its values are in JSON Schema, what logic sees of them, how one is read from an input, shown in a
cell and stored in a typed column. The defaults here are those of plain text.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from ..logic.types import TEXT, LogicType, list_of
from ..messages import say
from ..names import IDS, Names

if TYPE_CHECKING:
    from ..form import Choice, Field

Column = Literal["text", "decimal", "integer", "date", "time", "datetime", "boolean", "json"]
Operator = Literal["eq", "ne", "lt", "le", "gt", "ge", "contains", "starts", "in", "empty", "notEmpty", "between"]
Aggregate = Literal["count", "sum", "avg", "min", "max"]
Group = Literal["basic", "number", "time", "choice", "people", "data", "file", "structure", "special", "system"]
Raw = str | list[str]
Schema = dict[str, Any]


class Blank:
    """The type of `BLANK`, which stands for "no value" where None could be meant as one."""

    def __repr__(self) -> str:
        return "BLANK"


BLANK: Final = Blank()

EQUALITY: Final[tuple[Operator, ...]] = ("eq", "ne", "in", "empty", "notEmpty")
ORDER: Final[tuple[Operator, ...]] = ("eq", "ne", "lt", "le", "gt", "ge", "between", "empty", "notEmpty")
WORDS: Final[tuple[Operator, ...]] = ("eq", "ne", "contains", "starts", "in", "empty", "notEmpty")
LISTS: Final[tuple[Operator, ...]] = ("contains", "empty", "notEmpty")


class Unreadable(ValueError):
    """What somebody typed is no value of the field; `str(error)` tells them what to type instead."""


class FieldType:
    """A field type. `title` is its name in the designer (English; translated like every sentence), `icon` a Tabler icon.

    `json_types` are the JSON types its property may have, the first being the one filled in where none is stated.
    `derived` types are filled by themselves: what a client sends for them is ignored.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    group: ClassVar[Group]
    icon: ClassVar[str]
    macro: ClassVar[str] = "text"
    json_types: ClassVar[tuple[str, ...]] = ("string",)
    column: ClassVar[Column | None] = "text"
    operators: ClassVar[tuple[Operator, ...]] = WORDS
    aggregates: ClassVar[tuple[Aggregate, ...]] = ("count",)
    settings_schema: ClassVar[Schema] = {}
    required_settings: ClassVar[tuple[str, ...]] = ()
    derived: ClassVar[bool] = False
    replaced: ClassVar[tuple[str, ...]] = ()
    """Keywords of the property that the type's own schema stands for."""
    opaque: ClassVar[bool] = False
    """Whether blanks inside its value mean something (plain JSON), so that cleaning leaves them alone."""
    unique_allowed: ClassVar[bool] = True
    in_percent: ClassVar[bool] = False
    """Whether it stores 12.5 for 12.5 %."""

    # -- the definition ------------------------------------------------------------------------------------------

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Whether a property without `x-field.type` that has these keywords is a field of this type."""
        return False

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """The constraints that the type adds to the property's own keywords, as JSON Schema."""
        return (
            {"type": "array", "items": {"type": "string"}} if settings.get("multiple") else {"type": self.json_types[0]}
        )

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """Constraints that follow from the property's keywords and the settings together (precision, options)."""
        return {}

    def digits(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> int | None:
        """How many decimals its numbers have; None where nothing is stated, and for everything but numbers."""
        return None

    def currency(self, settings: Mapping[str, Any]) -> str | None:
        """The currency of its amounts; None for everything but money."""
        return None

    def wrong_settings(
        self, schema: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """What the settings' schema cannot say is wrong: (setting, sentence, its parameters)."""
        return []

    def choices(self, schema: Mapping[str, Any]) -> list[tuple[Any, str]]:
        """The options (value, title) that the property's keywords list; [] for types that are no choice."""
        return []

    def parts(self, settings: Mapping[str, Any]) -> list[str]:
        """Names inside its settings that have a text of their own to be translated (rows of a matrix)."""
        return []

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """What logic sees of a field of this type."""
        return list_of(TEXT) if schema.get("type") == "array" else TEXT

    def live_by(self, settings: Mapping[str, Any]) -> bool:
        """Whether its value is found when it is read, and never stored."""
        return settings.get("live") is True

    # -- values --------------------------------------------------------------------------------------------------

    def clean(self, field: "Field", value: Any) -> Any:
        """The value as it is stored: blanks inside it gone, written the one way we write it. Never raises."""
        return value

    def flaw(self, field: "Field", value: Any, lang: str) -> str | None:
        """What JSON Schema cannot say is wrong with a value that its schema accepts: a sentence, or None."""
        return None

    def sample(self, field: "Field") -> Any:
        """A value that the field accepts, for previews and tests."""
        return BLANK

    def convert(self, field: "Field", origin: "Field", value: Any) -> Any:
        """The `value` of an older version's field as one of this field, or BLANK where it cannot be one."""
        if type(origin.type) is type(self) and origin.several == field.several:
            return value
        try:
            made = self.from_text(field, origin.type.text(origin, value, "en", IDS))
        except Unreadable:
            return BLANK
        return BLANK if made is None else made

    # -- people --------------------------------------------------------------------------------------------------

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The value that an HTML form submitted, None for a blank. Raises Unreadable."""
        return single(raw).strip() or None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """The value as it stands in its input; `read` gives the value back."""
        return value if isinstance(value, str) else ""

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The value as people read it."""
        return value if isinstance(value, str) else ""

    def from_text(self, field: "Field", text: str, lang: str = "en", zone: str = "UTC") -> Any:
        """The value that a spreadsheet cell or a pasted text means, None for a blank. Raises Unreadable."""
        return self.read(field, text, lang, zone)

    def cell(self, field: "Field", value: Any) -> Any:
        """The value as a spreadsheet cell: a str, number, bool, date, time or datetime."""
        return self.text(field, value, "en", IDS)

    # -- the database --------------------------------------------------------------------------------------------

    def stored(self, field: "Field", value: Any) -> Any:
        """The value as its typed column holds it (str, int, Decimal, bool, date, time, datetime)."""
        return value

    def where(self, field: "Field", operator: str, column: Any, operand: Any) -> Any:
        """The condition `column <operator> operand` as a SQL expression, by Python's operators on `column`.

        `operand` is a JSON value of the field (a list for `in` and `between`). Blank never equals a value.
        """
        if operator in ("empty", "notEmpty"):
            return column.is_(None) if operator == "empty" else column.is_not(None)
        if operator in ("in", "between"):
            operands = [self.stored(field, each) for each in operand]
            return column.in_(operands) if operator == "in" else column.between(*operands)
        return compare(operator, column, self.stored(field, operand))

    def sort(self, field: "Field", column: Any) -> Any:
        """The expression by which a list is ordered."""
        return column

    def name_in(self, lang: str) -> str:
        """What the type is called in the designer."""
        return say(lang, self.title)


def compare(operator: str, column: Any, operand: Any) -> Any:
    """`column <operator> operand` for the operators that compare one column with one value. Raises KeyError."""
    match operator:
        case "eq":
            return column == operand
        case "ne":
            return (column != operand) | column.is_(None)
        case "lt":
            return column < operand
        case "le":
            return column <= operand
        case "gt":
            return column > operand
        case "ge":
            return column >= operand
        case "contains":
            return column.contains(operand, autoescape=True)
        case "starts":
            return column.startswith(operand, autoescape=True)
    raise KeyError(operator)


def single(raw: Raw) -> str:
    """The one text that an input gave; the last, where a browser sent several."""
    return raw if isinstance(raw, str) else (raw[-1] if raw else "")


def several(raw: Raw) -> list[str]:
    """The texts that an input gave, blanks left out."""
    return [entry.strip() for entry in ([raw] if isinstance(raw, str) else raw) if entry.strip()]
