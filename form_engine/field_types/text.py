"""Fields that hold a text: short, long, formatted, scanned."""

import re
from collections.abc import Mapping
from html import unescape
from typing import TYPE_CHECKING, Any, ClassVar

import nh3

from ..names import Names
from .base import FieldType, Group, Raw, Schema, compare, several, single
from .samples import text_sample

if TYPE_CHECKING:
    from ..form import Field

TAG = re.compile(r"<[^>]*>")
BREAK = re.compile(r"<(?:br|/p|/li|/h[1-6]|/tr|/blockquote)\b[^>]*>", re.IGNORECASE)
RICH_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "em",
        "h2",
        "h3",
        "h4",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)


class Text(FieldType):
    """One line of text."""

    name = "text"
    title = "Text"
    group: ClassVar[Group] = "basic"
    icon = "forms"
    settings_schema: ClassVar[Schema] = {}

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Any string that no other type claims."""
        return schema.get("type") == "string"

    def sample(self, field: "Field") -> Any:
        """A text of an allowed length."""
        return text_sample(field.schema)


class Paragraph(Text):
    """Several lines of text."""

    name = "paragraph"
    title = "Paragraph"
    icon = "align-left"
    macro = "paragraph"
    settings_schema: ClassVar[Schema] = {
        "rows": {
            "type": "integer",
            "minimum": 2,
            "maximum": 40,
            "description": "Height of the input in lines (default 4).",
        }
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never: a string is one line unless the definition says otherwise."""
        return False

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The text with line ends as `\\n`, without white space at its end."""
        return single(raw).replace("\r\n", "\n").replace("\r", "\n").rstrip() or None


class RichText(Paragraph):
    """Formatted text, kept as sanitised HTML."""

    name = "richtext"
    title = "Rich text"
    icon = "text-caption"
    macro = "richtext"
    settings_schema: ClassVar[Schema] = {}
    operators = ("contains", "empty", "notEmpty")

    def clean(self, field: "Field", value: Any) -> Any:
        """The HTML without anything that could run or load something."""
        if not isinstance(value, str):
            return value
        cleaned = sanitised(value)
        return cleaned if plain_text(cleaned).strip() else ""

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The text without its tags."""
        return plain_text(value) if isinstance(value, str) else ""

    def sample(self, field: "Field") -> Any:
        """A formatted sentence."""
        plain = text_sample(field.schema)
        return f"<p>{plain}</p>" if set(field.schema).isdisjoint({"maxLength", "minLength"}) else plain


def sanitised(html: str) -> str:
    """`html` cut down to formatting: no script, style, image, form, nor link that is not http, https or mailto."""
    return nh3.clean(html, tags=set(RICH_TAGS), attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})


def plain_text(html: str) -> str:
    """The words of `html`, a line break where a block ended."""
    return unescape(TAG.sub("", BREAK.sub("\n", html))).strip()


class Barcode(Text):
    """A code that a phone scans, or somebody types."""

    name = "barcode"
    title = "Barcode or QR code"
    group = "special"
    icon = "barcode"
    macro = "barcode"

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Never."""
        return False


class Tags(FieldType):
    """Words that people add freely."""

    name = "tags"
    title = "Tags"
    group = "choice"
    icon = "tags"
    macro = "tags"
    json_types = ("array",)
    operators = ("contains", "empty", "notEmpty")
    unique_allowed = False

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """A list of strings without options."""
        items = schema.get("items")
        return schema.get("type") == "array" and isinstance(items, dict) and items.get("type") == "string"

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A list of texts."""
        return {"type": "array", "items": {"type": "string"}}

    def clean(self, field: "Field", value: Any) -> Any:
        """The list without blank entries."""
        return without_blanks(value)

    def sample(self, field: "Field") -> Any:
        """As many different words as the list needs, one at least."""
        count = max(1, int(field.schema.get("minItems", 1)))
        item = text_sample(field.schema.get("items") or {})
        return [item] if count == 1 else [f"{item}{number}"[: len(item) + 4] for number in range(count)]

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """One tag an input; a single input may hold several, divided by commas."""
        entries = several(raw)
        if isinstance(raw, str):
            entries = several(re.split(r"[,，;；\n]", raw))
        return list(dict.fromkeys(entries)) or None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """One text a tag."""
        return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The tags, divided by commas."""
        return ", ".join(str(entry) for entry in value) if isinstance(value, list) else ""

    def stored(self, field: "Field", value: Any) -> Any:
        """The list as one text (see `listed`)."""
        return listed(value)

    def where(self, field: "Field", operator: str, column: Any, operand: Any) -> Any:
        """`contains`: one of the list's entries is `operand`."""
        return where_listed(super().where, field, operator, column, operand)


def without_blanks(value: Any) -> Any:
    """A list without entries that are blank; anything else as it is."""
    if not isinstance(value, list):
        return value
    return [entry for entry in value if not (entry is None or (isinstance(entry, str) and not entry.strip()))]


def listed(value: Any) -> str:
    """A list of scalars as one text in which each entry stands between two bars: `|a|b|`. A bar inside is written `\\I`."""
    entries = value if isinstance(value, list) else [value]
    return "|" + "".join(str(entry).replace("\\", "\\\\").replace("|", "\\I") + "|" for entry in entries)


def where_listed(otherwise: Any, field: "Field", operator: str, column: Any, operand: Any) -> Any:
    """`where` on a column of `listed` values: `contains` and `in` look for whole entries."""
    if operator == "contains":
        return compare("contains", column, listed(operand))
    if operator == "in":
        conditions = [compare("contains", column, listed(each)) for each in operand]
        found = conditions[0]
        for condition in conditions[1:]:
            found = found | condition
        return found
    return otherwise(field, operator, column, operand)
