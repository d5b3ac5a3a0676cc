"""What a loaded form is: its fields, layout, rules and texts, ready to be asked. Values only; `definition.load` makes them.

Nothing here checks anything: a `Form` exists only where the document had no error.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .logic import Rule
from .logic.types import LogicType
from .names import Names

if TYPE_CHECKING:
    from .field_types.base import FieldType
    from .plan import Plan

Document = Mapping[str, Any]
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Texts:
    """The translations of a document: language → path (`kind/money`, `layout/0`) → text."""

    languages: Mapping[str, Mapping[str, str]]

    def at(self, path: str, own: str, *langs: str) -> str:
        """The text at `path` in the first of `langs` that has one, else the definition's own."""
        for lang in langs:
            text = self.languages.get(lang, {}).get(path)
            if text:
                return text
        return own


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an option field, as shown in a language; `value` is what is stored, `color` a tag colour or ""."""

    value: Any
    label: str
    color: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice as the definition writes it, and the condition (logic) under which it is offered."""

    value: Any
    title: str
    color: str = ""
    when: Rule | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field: a property of the form, a column of a sub-table, or a member of a group.

    `keys` leads to it from the root (`("items", "price")`), `pointer` says where its property stands in the document,
    `schema` is the resolved property without `x-field`, `settings` the `x-field`. `loose`: the schema holds only under
    a condition that stands elsewhere in the form, so that by itself it checks nothing.
    """

    keys: tuple[str, ...]
    pointer: str
    type: "FieldType"
    schema: Mapping[str, Any]
    settings: Mapping[str, Any]
    required: bool
    texts: Texts
    columns: Mapping[str, "Field"]
    choices: tuple[Choice, ...]
    logic: LogicType
    visible_when: Rule | None = None
    required_when: Rule | None = None
    read_only_when: Rule | None = None
    compute: Rule | None = None
    default: Rule | None = None
    loose: bool = False

    @property
    def key(self) -> str:
        """Its key among its siblings."""
        return self.keys[-1]

    @property
    def path(self) -> str:
        """Its keys joined by dots, as logic and rules name it: `amount`, `items.price`."""
        return ".".join(self.keys)

    def _text(self, suffix: str, own: object, langs: tuple[str, ...]) -> str:
        return self.texts.at("/".join(self.keys) + suffix, own if isinstance(own, str) else "", *langs)

    def label(self, *langs: str) -> str:
        """Its name as people read it; its key where the definition gives no title."""
        return self._text("", self.schema.get("title"), langs) or self.key

    def help(self, *langs: str) -> str:
        """The sentence under the input, or ""."""
        return self._text(":help", self.schema.get("description"), langs)

    def placeholder(self, *langs: str) -> str:
        """What stands greyed in the empty input, or ""."""
        return self._text(":placeholder", self.settings.get("placeholder"), langs)

    def options(self, *langs: str) -> list[Option]:
        """Its choices, in the order of the definition; [] for fields that are no choice."""
        path = "/".join(self.keys)
        return [
            Option(choice.value, self.texts.at(f"{path}/{choice.value}", choice.title, *langs), choice.color)
            for choice in self.choices
        ]

    @property
    def digits(self) -> int | None:
        """How many decimals its numbers have; None where nothing is stated."""
        return self.type.digits(self.schema, self.settings)

    @property
    def several(self) -> bool:
        """Whether its value is a list."""
        return self.schema.get("type") == "array"

    @property
    def live(self) -> bool:
        """Whether its value is found when it is read: never stored, filtered, sorted or proven."""
        return self.type.live_by(self.settings)

    @property
    def column(self) -> str | None:
        """The kind of its typed column; None where it is not projected."""
        return None if self.live else self.type.column

    @property
    def read_only(self) -> bool:
        """Whether nobody ever types it: the property says readOnly, or it is computed, or its type is filled by itself."""
        return bool(self.schema.get("readOnly")) or self.compute is not None or self.type.derived


@dataclass(frozen=True, slots=True)
class Item:
    """Something in a section that is no field: a heading, an explanation, a picture, a divider, a button."""

    kind: Literal["heading", "text", "picture", "divider", "button"]
    path: str
    own: str
    settings: Mapping[str, Any]
    texts: Texts

    def text(self, *langs: str) -> str:
        """What it says, or ""."""
        return self.texts.at(self.path, self.own, *langs)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form as it is drawn; tabs and steps of a wizard are sections of those kinds.

    `content` has field keys and items in the order in which they stand.
    """

    key: str
    kind: Literal["section", "tab", "step"]
    columns: int
    content: tuple[str | Item, ...]
    own_title: str
    own_help: str
    texts: Texts

    @property
    def fields(self) -> tuple[str, ...]:
        """The keys of its fields, in order."""
        return tuple(entry for entry in self.content if isinstance(entry, str))

    def title(self, *langs: str) -> str:
        """Its heading, or ""."""
        return self.texts.at(self.key, self.own_title, *langs)

    def help(self, *langs: str) -> str:
        """The sentence under its heading, or ""."""
        return self.texts.at(f"{self.key}:help", self.own_help, *langs)


@dataclass(frozen=True, slots=True)
class FormRule:
    """What is wrong with a record when `when` holds. `field` is a path ("" is the whole record)."""

    when: Rule
    message: str
    field: str
    severity: Literal["error", "warning"]
    key: str
    texts: Texts

    def text(self, *langs: str) -> str:
        """The sentence to show."""
        return self.texts.at(self.key, self.message, *langs)


@dataclass(frozen=True, slots=True)
class Unique:
    """Fields that together must differ from every other record's. `key` names the constraint for good."""

    key: str
    fields: tuple[str, ...]
    message: str
    texts: Texts
    path: str = "-"

    def text(self, *langs: str) -> str:
        """The definition's own sentence, or "" for the engine's."""
        return self.texts.at(self.path, self.message, *langs)


@dataclass(frozen=True, slots=True)
class Capacity:
    """At most as many records may point through `link` at one record as its field `max` says (see contracts)."""

    key: str
    link: str
    max: str
    count: tuple[str, ...]
    message: str
    texts: Texts

    def text(self, *langs: str) -> str:
        """The sentence for a full record, with `{title}` and `{max}` to fill in; "" for the engine's."""
        return self.texts.at(self.key, self.message, *langs)


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form that can be used. `schema` is its resolved root without the fields' own `x-field` and without `x-form`."""

    document: Document
    key: str
    schema: Mapping[str, Any]
    fields: Mapping[str, Field]
    layout: tuple[Section, ...]
    rules: tuple[FormRule, ...]
    unique: tuple[Unique, ...]
    capacity: tuple[Capacity, ...]
    texts: Texts
    title_pattern: str
    plan: "Plan" = field(repr=False)

    @property
    def types(self) -> dict[str, LogicType]:
        """What logic sees: each field's type by its key."""
        return {key: entry.logic for key, entry in self.fields.items()}

    def title(self, *langs: str) -> str:
        """The form's name as people read it; its key where it has none."""
        own = self.document.get("title")
        return self.texts.at("", own if isinstance(own, str) else "", *langs) or self.key

    def help(self, *langs: str) -> str:
        """The sentence under its title, or ""."""
        own = self.document.get("description")
        return self.texts.at(":help", own if isinstance(own, str) else "", *langs)

    def every_field(self) -> Iterator[Field]:
        """All fields, each followed by its columns, in the order of the document."""
        stack = [iter(self.fields.values())]
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
            else:
                yield entry
                stack.append(iter(entry.columns.values()))

    def field_at(self, path: str) -> Field | None:
        """The field at `path` ("amount", "items.price"), or None."""
        if path in self.fields:
            return self.fields[path]
        return next((entry for entry in self.every_field() if entry.path == path), None)

    def record_title(self, record: Mapping[str, Any], lang: str, names: Names, zone: str = "UTC") -> str:
        """What a record is called, by `x-form.title`; without one, the first text that it has."""
        if self.title_pattern:
            filled = PLACEHOLDER.sub(
                lambda match: self._shown(match.group(1), record, lang, names, zone), self.title_pattern
            )
            return filled.strip(" \t–—-:/·|,，")[:400]
        for key in self.fields:
            shown = self._shown(key, record, lang, names, zone)
            if shown:
                return shown[:400]
        return ""

    def _shown(self, key: str, record: Mapping[str, Any], lang: str, names: Names, zone: str) -> str:
        entry = self.fields.get(key)
        if entry is None or key not in record:
            return ""
        return entry.type.text(entry, record[key], lang, names, zone)
