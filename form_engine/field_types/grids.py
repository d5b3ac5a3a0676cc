"""Choices with a structure of their own: a way down a tree, and a grid of marks (Likert scale, matrix)."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..logic.types import TEXT, LogicType, list_of
from ..messages import say
from ..names import Names
from .base import LISTS, FieldType, Raw, Schema, Unreadable, several
from .text import listed, where_listed, without_blanks

if TYPE_CHECKING:
    from ..form import Choice, Field

ENTRY: Schema = {
    "type": "object",
    "properties": {
        "value": {"type": "string", "minLength": 1, "description": "What is stored."},
        "title": {"type": "string", "description": "What people read; the value where it is left out."},
    },
    "required": ["value"],
    "unevaluatedProperties": False,
}


class Cascade(FieldType):
    """A choice in several steps, each offering what lies below the one before. The value is the way: `["cn", "hz"]`."""

    name = "cascade"
    title = "Cascading choice"
    group = "choice"
    icon = "binary-tree"
    macro = "cascade"
    json_types = ("array",)
    operators = LISTS
    unique_allowed = False
    required_settings = ("tree",)
    settings_schema: ClassVar[Schema] = {
        "tree": {
            "type": "array",
            "items": {"$ref": "https://formloom.dev/schema/form/v1#/$defs/node"},
            "minItems": 1,
            "description": "The options of the first step, each with a value, a title and the options below it as `children`.",
        },
        "partial": {"type": "boolean", "description": "Whether one may stop before the last step (default false)."},
        "labels": {"type": "array", "items": {"type": "string"}, "description": "What each step is called."},
    }

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A list of texts."""
        return {"type": "array", "items": {"type": "string"}}

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """One of the ways down the tree."""
        partial = bool(settings.get("partial"))
        return {"enum": [list(way) for way, last in ways(settings.get("tree", ())) if last or partial]}

    def wrong_settings(
        self, schema: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """The same value twice beside each other."""
        seen: set[tuple[str, ...]] = set()
        for way, _ in ways(settings.get("tree", ())):
            if way in seen:
                return [("tree", "The option “{value}” stands twice in one place.", {"value": " / ".join(way)})]
            seen.add(way)
        return []

    def parts(self, settings: Mapping[str, Any]) -> list[str]:
        """The way to each option, joined by slashes."""
        return ["/".join(way) for way, _ in ways(settings.get("tree", ()))]

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A list of texts."""
        return list_of(TEXT)

    def clean(self, field: "Field", value: Any) -> Any:
        """The list without blank entries."""
        return without_blanks(value)

    def sample(self, field: "Field") -> Any:
        """The first way to the end."""
        return next(list(way) for way, last in ways(field.settings["tree"]) if last)

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """What was chosen at each step."""
        return several(raw.split("/") if isinstance(raw, str) else raw) or None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """One text a step."""
        return [str(entry) for entry in value] if isinstance(value, list) else []

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The titles from the first step to the last."""
        if not isinstance(value, list):
            return ""
        titles = dict(titled(field.settings.get("tree", ())))
        shown = []
        for depth in range(1, len(value) + 1):
            way = tuple(str(entry) for entry in value[:depth])
            shown.append(field.texts.at("/".join((*field.keys, *way)), titles.get(way, way[-1]), lang))
        return " / ".join(shown)

    def from_text(self, field: "Field", text: str, lang: str = "en", zone: str = "UTC") -> Any:
        """Values or titles from the first step on, divided by slashes."""
        nodes = list(field.settings.get("tree", ()))
        way: list[str] = []
        for entry in several(text.split("/")):
            node = next((node for node in nodes if entry in (node["value"], node.get("title"))), None)
            if node is None:
                raise Unreadable(say(lang, "There is no option “{option}” here.", option=entry))
            way.append(node["value"])
            nodes = node.get("children", [])
        return way or None

    def stored(self, field: "Field", value: Any) -> Any:
        """The way as one text (see `listed`)."""
        return listed(value)

    def where(self, field: "Field", operator: str, column: Any, operand: Any) -> Any:
        """`contains`: the option lies on the way."""
        return where_listed(super().where, field, operator, column, operand)


def ways(nodes: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Every way down a tree of options, and whether it ends there."""
    for node in nodes:
        way = (*above, str(node["value"]))
        below = node.get("children") or ()
        yield way, not below
        yield from ways(below, way)


def titled(nodes: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every way down a tree of options, with the title of its last option."""
    for node in nodes:
        way = (*above, str(node["value"]))
        yield way, str(node.get("title") or node["value"])
        yield from titled(node.get("children") or (), way)


class Matrix(FieldType):
    """A grid: for each row one of the columns (or, with `multiple`, several). The value is `{row: column}`."""

    name = "matrix"
    title = "Grid of choices"
    group = "choice"
    icon = "grid-dots"
    macro = "matrix"
    json_types = ("object",)
    operators = ("empty", "notEmpty")
    unique_allowed = False
    required_settings = ("rows", "columns")
    settings_schema: ClassVar[Schema] = {
        "rows": {"type": "array", "items": ENTRY, "minItems": 1, "description": "What is judged: one line each."},
        "columns": {"type": "array", "items": ENTRY, "minItems": 1, "description": "The marks that can be given."},
        "multiple": {"type": "boolean", "description": "Whether a line may have several marks (default false)."},
        "allRows": {"type": "boolean", "description": "Whether every line must be answered (default false)."},
    }

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """An object."""
        return {"type": "object"}

    def bounds(self, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Schema:
        """A mark, or several, for each row."""
        marks: Schema = {"enum": [entry["value"] for entry in settings.get("columns", ())]}
        cell: Schema = (
            {"type": "array", "items": marks, "uniqueItems": True, "minItems": 1} if settings.get("multiple") else marks
        )
        rows = [entry["value"] for entry in settings.get("rows", ())]
        made: Schema = {"properties": dict.fromkeys(rows, cell), "additionalProperties": False}
        return made | ({"required": rows} if settings.get("allRows") else {})

    def wrong_settings(
        self, schema: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """A row or a column twice."""
        for key in ("rows", "columns"):
            values = [entry["value"] for entry in settings.get(key, ())]
            double = next((value for value in values if values.count(value) > 1), None)
            if double is not None:
                return [(key, "The option “{value}” stands twice in one place.", {"value": double})]
        return []

    def parts(self, settings: Mapping[str, Any]) -> list[str]:
        """Its rows and columns."""
        return [entry["value"] for key in ("rows", "columns") for entry in settings.get(key, ())]

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A group of options, one a row."""
        return LogicType("other")

    def clean(self, field: "Field", value: Any) -> Any:
        """Without rows that were not answered."""
        if not isinstance(value, dict):
            return value
        cleaned = {row: without_blanks(mark) for row, mark in value.items()}
        return {row: mark for row, mark in cleaned.items() if mark not in (None, "", [])}

    def sample(self, field: "Field") -> Any:
        """The first mark for every row."""
        mark = field.settings["columns"][0]["value"]
        return {row["value"]: [mark] if field.settings.get("multiple") else mark for row in field.settings["rows"]}

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """One `row=mark` an input."""
        made: dict[str, Any] = {}
        for entry in several(raw):
            row, _, mark = entry.partition("=")
            if field.settings.get("multiple"):
                made.setdefault(row, []).append(mark)
            else:
                made[row] = mark
        return made or None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """One `row=mark` for each mark."""
        if not isinstance(value, dict):
            return []
        return [
            f"{row}={mark}" for row, marks in value.items() for mark in (marks if isinstance(marks, list) else [marks])
        ]

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """`Row: mark` for each row that was answered."""
        if not isinstance(value, dict):
            return ""
        shown = []
        for row, marks in value.items():
            names_of = [
                self._title(field, "columns", mark, lang) for mark in (marks if isinstance(marks, list) else [marks])
            ]
            shown.append(f"{self._title(field, 'rows', row, lang)}: {', '.join(names_of)}")
        return "; ".join(shown)

    def _title(self, field: "Field", key: str, value: Any, lang: str) -> str:
        own = next(
            (entry.get("title") or value for entry in field.settings.get(key, ()) if entry["value"] == value), value
        )
        return field.texts.at("/".join((*field.keys, str(value))), str(own), lang)

    def from_text(self, field: "Field", text: str, lang: str = "en", zone: str = "UTC") -> Any:
        """`row: mark` divided by semicolons, by value or title."""
        entries = []
        for part in several(text.replace("；", ";").split(";")):
            row, _, marks = part.replace("：", ":").replace("=", ":").partition(":")
            found = self._value(field, "rows", row.strip(), lang)
            entries += [f"{found}={self._value(field, 'columns', mark.strip(), lang)}" for mark in marks.split(",")]
        return self.read(field, entries, lang, zone)

    def _value(self, field: "Field", key: str, text: str, lang: str) -> str:
        for entry in field.settings.get(key, ()):
            if text in (entry["value"], entry.get("title"), self._title(field, key, entry["value"], lang)):
                return str(entry["value"])
        raise Unreadable(say(lang, "There is no option “{option}” here.", option=text))

    def stored(self, field: "Field", value: Any) -> Any:
        """Each mark as an entry of one text (see `listed`)."""
        return listed(self.typed(field, value))
