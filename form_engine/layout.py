"""Reads `x-form`: the parts of the form, its rules, unique constraints, capacities, the title of a record."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from .build import FieldBuilder
from .field_types.references import Link
from .field_types.structure import Table
from .form import PLACEHOLDER, Capacity, Field, FormRule, Item, Section, Texts, Unique
from .logic import LogicType
from .pointers import join
from .report import Report

Fields = Mapping[str, Field]
HEADS: tuple[Literal["section", "tab", "step"], ...] = ("section", "tab", "step")
ITEMS: tuple[Literal["heading", "text", "picture", "divider", "button"], ...] = (
    "heading",
    "text",
    "picture",
    "divider",
    "button",
)


class FormParts:
    """What `x-form` says, read against the form's fields; problems go to `report`."""

    def __init__(self, settings: Mapping[str, Any], fields: Fields, texts: Texts, report: Report) -> None:
        self.settings = settings
        self.fields = fields
        self.texts = texts
        self.report = report

    def _entries(self, key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        entries = self.settings.get(key)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield index, entry

    def _known(self, key: object, pointer: str) -> bool:
        """Whether `key` is a field; reported where not."""
        if isinstance(key, str) and key in self.fields:
            return True
        if isinstance(key, str):
            template = "There is no field “{key}”.{hint}"
            self.report.error(pointer, template, key=key, hint=self.report.hint(key, self.fields))
        return False

    # -- layout --------------------------------------------------------------------------------------------------

    def sections(self) -> tuple[Section, ...]:
        """The parts in order; fields that stand in none come in a last one without a title."""
        placed: set[str] = set()
        made = [self._section(index, entry, placed) for index, entry in self._entries("layout")]
        rest = tuple(key for key in self.fields if key not in placed)
        if rest:
            kind = made[-1].kind if made and made[-1].kind != "section" else "section"
            made.append(Section(f"layout/{len(made)}", kind, 1, rest, "", "", self.texts))
        return tuple(made)

    def _section(self, index: int, entry: Mapping[str, Any], placed: set[str]) -> Section:
        pointer = f"/x-form/layout/{index}"
        heads = [kind for kind in HEADS if kind in entry]
        if len(heads) > 1:
            self.report.error(join(pointer, heads[1]), "A part is one of “section”, “tab” and “step”, not several.")
        kind = heads[0] if heads else "section"
        content: list[str | Item] = []
        named = entry.get("fields")
        for number, part in enumerate(named if isinstance(named, list) else ()):
            place = join(pointer, "fields", number)
            if isinstance(part, dict):
                content += self._item(part, f"layout/{index}/{number}", place)
            elif not self._known(part, place):
                continue
            elif part in placed:
                self.report.error(place, "“{key}” stands in the layout twice.", key=part)
            else:
                placed.add(part)
                content.append(part)
        title, help = entry.get(kind, ""), entry.get("help", "")
        return Section(f"layout/{index}", kind, int(entry.get("columns", 1)), tuple(content), title, help, self.texts)

    def _item(self, part: Mapping[str, Any], path: str, pointer: str) -> list[Item]:
        kinds = [kind for kind in ITEMS if kind in part]
        if len(kinds) != 1:
            self.report.error(pointer, "This must be one of: heading, text, picture, divider, button.")
            return []
        kind = kinds[0]
        if kind == "button" and "automation" not in part:
            self.report.error(pointer, "A button needs the key of its “automation”.")
        own = part.get("alt", "") if kind == "picture" else part[kind]
        return [Item(kind, path, own if isinstance(own, str) else "", part, self.texts)]

    # -- rules ---------------------------------------------------------------------------------------------------

    def rules(self, builder: FieldBuilder, types: Mapping[str, LogicType]) -> tuple[FormRule, ...]:
        """The rules; one at a column sees its row."""
        made = []
        for index, entry in self._entries("rules"):
            pointer = f"/x-form/rules/{index}"
            field = entry.get("field", "")
            scope = self._scope(field, types, join(pointer, "field"))
            if scope is None or "when" not in entry:
                continue
            rule = builder.rule(entry["when"], join(pointer, "when"), scope, "switch")
            if rule is not None:
                message, severity = entry.get("message", ""), entry.get("severity", "error")
                made.append(FormRule(rule, message, field, severity, f"rules/{index}", self.texts))
        return tuple(made)

    def _scope(self, path: str, types: Mapping[str, LogicType], pointer: str) -> Mapping[str, LogicType] | None:
        if not path:
            return types
        holder, _, column = path.rpartition(".")
        if path in self.fields:
            return types
        table = self.fields.get(holder)
        if table is None or column not in table.columns:
            known = [*self.fields, *(f"{key}.{name}" for key, field in self.fields.items() for name in field.columns)]
            self.report.error(pointer, "There is no field “{key}”.{hint}", key=path, hint=self.report.hint(path, known))
            return None
        if not isinstance(table.type, Table):
            return types
        return {**types, **{key: entry.logic for key, entry in table.columns.items()}}

    # -- constraints over records --------------------------------------------------------------------------------

    def unique(self) -> tuple[Unique, ...]:
        """The unique constraints: those of single fields first, then the ones over several."""
        made = [
            Unique(key, (key,), "", self.texts) for key, field in self.fields.items() if field.settings.get("unique")
        ]
        for index, entry in self._entries("unique"):
            pointer = f"/x-form/unique/{index}/fields"
            keys = [
                key for number, key in enumerate(entry.get("fields", ())) if self._known(key, join(pointer, number))
            ]
            for number, key in enumerate(keys):
                if not self.fields[key].type.unique_allowed:
                    name = self.fields[key].type.name
                    self.report.error(join(pointer, number), "Values of the type “{name}” cannot be unique.", name=name)
            made.append(Unique("+".join(keys), tuple(keys), entry.get("message", ""), self.texts, f"unique/{index}"))
        return tuple(made)

    def capacity(self) -> tuple[Capacity, ...]:
        """How many records may point at one record."""
        made = []
        for index, entry in self._entries("capacity"):
            link, pointer = entry.get("link"), f"/x-form/capacity/{index}/link"
            if not self._known(link, pointer):
                continue
            field = self.fields[str(link)]
            if not isinstance(field.type, Link) or field.several:
                self.report.error(pointer, "“{key}” must be a link to one record.", key=link)
            count = tuple(entry.get("count", ("running", "approved")))
            made.append(
                Capacity(
                    f"capacity/{index}", str(link), entry.get("max", ""), count, entry.get("message", ""), self.texts
                )
            )
        return tuple(made)

    def title(self) -> str:
        """The pattern of a record's title, its fields checked."""
        pattern = self.settings.get("title", "")
        for key in PLACEHOLDER.findall(pattern):
            self._known(key, "/x-form/title")
        return str(pattern)
