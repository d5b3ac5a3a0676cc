"""Fields whose values are chosen: one or several of some options, on or off, an order, marks in a grid.

What is stored is the option's `const`, never its label. Options stand where JSON Schema has them: `oneOf` with `const`
and `title`, or `enum`; of a list, in its `items`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..logic.types import SWITCH, LogicType
from ..messages import say
from ..names import Names
from .base import EQUALITY, LISTS, FieldType, Raw, Schema, Unreadable, several, single
from .samples import example_of
from .text import listed, where_listed, without_blanks

if TYPE_CHECKING:
    from ..form import Choice, Field

COLORS: Schema = {
    "type": "object",
    "additionalProperties": {"enum": ["gray", "blue", "teal", "green", "amber", "orange", "red", "violet", "pink"]},
    "description": "The tag colour of each option, by its value.",
}
OPTIONS_WHEN: Schema = {
    "type": "object",
    "description": "Logic by option value: an option is offered, and accepted, only while its logic holds.",
}
ON = frozenset(["true", "1", "on", "yes", "y", "t", "是", "对", "有", "✓", "√"])
OFF = frozenset(["false", "0", "off", "no", "n", "f", "否", "错", "无", "✗", "×"])


def options_of(schema: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """The options (value, title) that `oneOf`/`anyOf` of constants or `enum` list; [] where the keywords list none."""
    for keyword in ("oneOf", "anyOf"):
        entries = schema.get(keyword)
        if (
            isinstance(entries, list)
            and entries
            and all(isinstance(entry, dict) and "const" in entry for entry in entries)
        ):
            return [(entry["const"], _title(entry)) for entry in entries if _offered(entry["const"])]
    entries = schema.get("enum")
    if isinstance(entries, list):
        return [(entry, str(entry)) for entry in entries if _offered(entry)]
    return [(schema["const"], str(schema["const"]))] if "const" in schema and _offered(schema["const"]) else []


def _offered(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _title(entry: Mapping[str, Any]) -> str:
    title = entry.get("title")
    return title if isinstance(title, str) and title else str(entry["const"])


def _scalars(schema: Mapping[str, Any]) -> bool:
    entries = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return isinstance(entries, list) and all(isinstance(entry, str | int | float | None) for entry in entries)


def only_options(schema: Mapping[str, Any]) -> bool:
    """Whether the keywords list options and nothing else that a person could enter."""
    return bool(options_of(schema)) and _scalars(schema)


class Select(FieldType):
    """One of some options."""

    name = "select"
    title = "Choice"
    group = "choice"
    icon = "list-check"
    macro = "select"
    json_types: ClassVar[tuple[str, ...]] = ("string", "integer", "number", "boolean")
    operators = EQUALITY
    settings_schema: ClassVar[Schema] = {
        "display": {
            "enum": ["dropdown", "radio", "buttons"],
            "description": "How the options are drawn (default dropdown).",
        },
        "colors": COLORS,
        "optionsWhen": OPTIONS_WHEN,
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Options of a scalar; a boolean stays a switch."""
        return schema.get("type") in (None, "string", "integer", "number") and only_options(schema)

    def choices(self, schema: Mapping[str, Any]) -> list[tuple[Any, str]]:
        """Its options."""
        return options_of(schema)

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """Nothing: the options say which JSON type they have."""
        return {}

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """A text, where neither type nor options are stated."""
        return {} if "type" in schema or options_of(schema) else {"type": "string"}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """An option."""
        return LogicType("option", option_values=tuple(choice.value for choice in choices) or None)

    def sample(self, field: "Field") -> Any:
        """An option that stands among its examples, else its first."""
        values = [choice.value for choice in field.choices]
        example = example_of({"examples": field.schema.get("examples")})
        return example if example in values else values[0] if values else "sample"

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The option whose value was submitted."""
        typed = single(raw).strip()
        return _chosen(field, typed, lang) if typed else None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """The value as an `<option>` carries it."""
        return _carried(value)

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The option's label."""
        return label_of(field, value, lang)

    def from_text(self, field: "Field", text: str, lang: str = "en", zone: str = "UTC") -> Any:
        """The option that has this value or, in any language, this label."""
        return chosen_by_label(field, text.strip(), lang) if text.strip() else None

    def stored(self, field: "Field", value: Any) -> Any:
        """The value as text."""
        return _carried(value)


class MultiSelect(Select):
    """Any number of some options."""

    name = "multiselect"
    title = "Multiple choice"
    icon = "checkbox"
    macro = "multiselect"
    json_types = ("array",)
    operators = LISTS
    unique_allowed = False
    settings_schema: ClassVar[Schema] = {
        "display": {"enum": ["dropdown", "checkbox"], "description": "How the options are drawn (default dropdown)."},
        "colors": COLORS,
        "optionsWhen": OPTIONS_WHEN,
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """A list whose items are options."""
        items = schema.get("items")
        return schema.get("type") == "array" and isinstance(items, dict) and only_options(items)

    def choices(self, schema: Mapping[str, Any]) -> list[tuple[Any, str]]:
        """The options of its items."""
        items = schema.get("items")
        return options_of(items) if isinstance(items, dict) else []

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A list in which nothing stands twice; of a plain schema, that is for it to say."""
        return {"type": "array", "uniqueItems": True} if "type" in settings else {"type": "array"}

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """Texts, where the items say nothing."""
        return {} if "items" in schema else {"items": {"type": "string"}}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A list of options."""
        return LogicType("options", option_values=tuple(choice.value for choice in choices) or None)

    def clean(self, field: "Field", value: Any) -> Any:
        """The list without blank entries."""
        return without_blanks(value)

    def sample(self, field: "Field") -> Any:
        """Options that stand together among its examples, else as many as it needs, one at least."""
        values = [choice.value for choice in field.choices]
        example = example_of({"examples": field.schema.get("examples")})
        if isinstance(example, list) and example and all(value in values for value in example):
            return example
        return values[: max(1, int(field.schema.get("minItems", 1)))] or ["sample"]

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The options that were ticked, in the order in which they came."""
        return [_chosen(field, typed, lang) for typed in dict.fromkeys(several(raw))] or None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """One text an option."""
        return [_carried(entry) for entry in value] if isinstance(value, list) else []

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The labels, divided by commas."""
        divider = "、" if lang.startswith("zh") else ", "
        return divider.join(label_of(field, entry, lang) for entry in value) if isinstance(value, list) else ""

    def from_text(self, field: "Field", text: str, lang: str = "en", zone: str = "UTC") -> Any:
        """Values or labels divided by commas, semicolons or line breaks."""
        for divider in ("，", "；", "、", ";", "\n"):
            text = text.replace(divider, ",")
        entries = several(text.split(","))
        return [chosen_by_label(field, entry, lang) for entry in dict.fromkeys(entries)] or None

    def stored(self, field: "Field", value: Any) -> Any:
        """The list as one text (see `listed`)."""
        return listed([_carried(entry) for entry in value] if isinstance(value, list) else [_carried(value)])

    def where(self, field: "Field", operator: str, column: Any, operand: Any) -> Any:
        """`contains`: the option is one of those chosen."""
        return where_listed(super().where, field, operator, column, operand)


class Ranking(MultiSelect):
    """All options, in the order that somebody gave them."""

    name = "ranking"
    title = "Ranking"
    icon = "sort-ascending-numbers"
    macro = "ranking"
    settings_schema: ClassVar[Schema] = {
        "partial": {"type": "boolean", "description": "Whether some options may be left out (default false)."},
        "colors": COLORS,
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never."""
        return False

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """Every option stands in it, unless `partial`."""
        count = len(self.choices(schema))
        return super().bounds(schema, settings) | ({} if settings.get("partial") else {"minItems": count})

    def sample(self, field: "Field") -> Any:
        """The options in their own order."""
        return [choice.value for choice in field.choices]


class Switch(FieldType):
    """On or off. Off (`false`) is a value, and is stored."""

    name = "switch"
    title = "Switch"
    group = "choice"
    icon = "toggle-left"
    macro = "switch"
    json_types = ("boolean",)
    column = "boolean"
    operators = ("eq", "ne", "empty", "notEmpty")
    unique_allowed = False
    settings_schema: ClassVar[Schema] = {
        "display": {"enum": ["switch", "checkbox", "yesno"], "description": "How it is drawn (default switch)."},
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """A boolean."""
        return schema.get("type") == "boolean"

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A switch."""
        return SWITCH

    def sample(self, field: "Field") -> Any:
        """On, unless its constant says otherwise."""
        return field.schema.get("const", field.schema.get("enum", [True])[0])

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """True for on, False for off; pages send a hidden `false` before the box, so that off arrives too."""
        typed = single(raw).strip().casefold()
        if typed in ON:
            return True
        if typed in OFF:
            return False
        if typed:
            raise Unreadable(say(lang, "Choose yes or no."))
        return None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """`true`, `false` or nothing."""
        return _carried(value)

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """Yes or no."""
        return "" if value is None else say(lang, "Yes" if value else "No")

    def cell(self, field: "Field", value: Any) -> Any:
        """A boolean."""
        return value


def label_of(field: "Field", value: Any, lang: str) -> str:
    """The label of an option of `field`; a value that is none of them stands for itself."""
    for option in field.options(lang):
        if option.value == value and isinstance(option.value, bool) == isinstance(value, bool):
            return option.label
    return _carried(value)


def chosen_by_label(field: "Field", text: str, lang: str) -> Any:
    """The option's value that `text` names, by value or by a label in any language. Raises Unreadable."""
    folded = text.casefold()
    for choice_lang in ("", *field.texts.languages):
        for option in field.options(choice_lang):
            if folded in (option.label.casefold(), _carried(option.value).casefold()):
                return option.value
    return _chosen(field, text, lang)


def _chosen(field: "Field", typed: str, lang: str) -> Any:
    if not field.choices:
        return typed
    for choice in field.choices:
        if _carried(choice.value) == typed:
            return choice.value
    offered = ", ".join(option.label for option in field.options(lang)[:12])
    raise Unreadable(say(lang, "Choose one of: {options}.", options=offered))


def _carried(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
