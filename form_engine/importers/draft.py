"""A form while it is being put together from a foreign file, and the report of what could not be carried over.

Importers add fields, sections and rules here without knowing whether our check will like each of them. At the end
`finish` checks the whole form and takes out, with a line in the report, whatever it objects to, so that every import
ends in a form that opens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from formloom.form_engine.definition import check
from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

Json = dict[str, Any]
FORM_SCHEMA = "https://formloom.dev/schema/form/v1"
OPTIONAL = ("visibleWhen", "requiredWhen", "readOnlyWhen", "compute", "default")


@dataclass(frozen=True, slots=True)
class Imported:
    """The form definition, the report `[{"source", "message"}]`, and records where the file held data."""

    form: Json
    report: list[Json]
    rows: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """The form so far. `table` is the draft of a sub-table's columns while one is being read."""

    title: str
    lang: str = "en"
    key: str = ""
    fields: dict[str, Json] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    layout: list[Json] = field(default_factory=list)
    rules: list[Json] = field(default_factory=list)
    report: list[Json] = field(default_factory=list)
    translations: dict[str, str] = field(default_factory=dict)

    def tell(self, source: str, template: str, **params: object) -> None:
        """Add a line to the report, in the person's language."""
        self.report.append({"source": source, "message": say(self.lang, template, **params)})

    def section(self, title: str | None, **settings: Any) -> Json:
        """Begin a section; fields added from now on stand in it."""
        section: Json = ({"section": title} if title else {"section": ""}) | settings | {"fields": []}
        self.layout.append(section)
        return section

    def add(self, key: str, schema: Json, settings: Json | None = None, *, required: bool = False) -> str:
        """Add a field; a key that is already taken gets a number. Gives the key."""
        free, number = key or "field", 1
        while free in self.fields:
            number += 1
            free = f"{key or 'field'}_{number}"
        if free != key:
            self.tell(key, "The name stands twice: the second field is called “{key}”.", key=free)
        self.fields[free] = schema | ({"x-field": settings} if settings else {})
        if required:
            self.require(free)
        if self.layout:
            self.layout[-1]["fields"].append(free)
        return free

    def require(self, key: str) -> None:
        """The field must be filled; only where it is shown, if it can be hidden (meaning.md section 1, Required)."""
        settings = self.fields[key].get("x-field", {})
        if "visibleWhen" in settings:
            settings["requiredWhen"] = settings["visibleWhen"]
        elif "compute" not in settings:
            self.required.append(key)

    def document(self) -> Json:
        """The form definition as it stands."""
        form: Json = (
            {"$schema": FORM_SCHEMA} | ({"$id": self.key} if self.key else {}) | {"title": self.title, "type": "object"}
        )
        form["properties"] = self.fields
        if self.required:
            form["required"] = [key for key in self.required if key in self.fields]
        layout = [section for section in self.layout if section["fields"]]
        extra = {
            "layout": layout,
            "rules": self.rules,
            "translations": {"zh_Hans": self.translations} if self.translations else {},
        }
        kept = {name: value for name, value in extra.items() if value}
        return form | ({"x-form": kept} if kept else {})


def options(pairs: list[tuple[str, str]]) -> list[Json]:
    """Options as JSON Schema says them, from (value, label); a value that comes twice is kept once."""
    labels: dict[str, str] = {}
    for value, label in pairs:
        labels.setdefault(value, label)
    return [{"const": value, "title": label or value} for value, label in labels.items()]


def finish(form: Json, report: list[Json], lang: str = "en") -> Json:
    """`form` without what our check objects to; each thing taken out is a line of `report`. Raises DefinitionError when nothing is left."""
    for _ in range(200):
        errors = [problem for problem in check(form, lang=lang) if problem.severity == "error"]
        if not errors:
            return form
        if not any(_take_out(form, error, report, lang) for error in errors[:50]):
            raise DefinitionError(errors)
    raise DefinitionError([Problem("", say(lang, "This form can't be carried over: too much of it is wrong."))])


def _take_out(form: Json, error: Problem, report: list[Json], lang: str) -> bool:
    """Remove the smallest part around an error that a form can do without; False if it is already gone or there is none."""
    path = [part.replace("~1", "/").replace("~0", "~") for part in error.pointer.split("/")[1:]]
    depth = _removable(path)
    if depth is None:
        return False
    parent: Any = form
    for part in path[: depth - 1]:
        parent = (
            parent.get(part)
            if isinstance(parent, dict)
            else parent[int(part)]
            if part.isdigit() and int(part) < len(parent)
            else None
        )
        if parent is None:
            return False
    last = path[depth - 1]
    if isinstance(parent, dict) and last in parent:
        del parent[last]
    elif isinstance(parent, list) and last.isdigit() and int(last) < len(parent):
        del parent[int(last)]
    else:
        return False
    if depth == 2 and path[0] == "properties":
        _forget(form, last)
    message = say(lang, "Left out: {reason}", reason=error.message)
    report.append({"source": "/".join(path[:depth]), "message": message})
    return True


def _removable(path: list[str]) -> int | None:
    """How much of `path` names the thing to remove."""
    if "properties" in path[:1] or "$defs" in path[:1]:
        for depth, part in enumerate(path):
            if part == "x-field" and depth + 1 < len(path):
                return depth + 2 if path[depth + 1] != "type" else depth + 1
        columns = max((depth for depth, part in enumerate(path) if part == "properties"), default=0)
        return min(len(path), columns + 3) if len(path) > columns + 1 else None
    match path:
        case ["x-form", _]:
            return 2
        case ["x-form", "layout" | "rules", _, *_]:
            return 3 if path[1] == "rules" or "fields" not in path else min(len(path), 5)
        case ["x-form", "translations", _, *_]:
            return min(len(path), 4)
        case ["x-form", *_]:
            return 2
        case ["required", _]:
            return 2
        case [_, *_]:
            return 1
    return None


def _forget(form: Json, key: str) -> None:
    """A field that was taken out is no longer required nor laid out."""
    form["required"] = [name for name in form.get("required", []) if name != key]
    for section in form.get("x-form", {}).get("layout", []):
        section["fields"] = [name for name in section["fields"] if name != key]


def text_of(value: object, draft: Draft, path: str = "") -> str:
    """The text of a label that may be one text or one a language; the Chinese one becomes the translation of `path`."""
    if not isinstance(value, Mapping):
        return "" if value is None else str(value).strip()
    texts = {str(name).lower().replace("_", "-"): str(text).strip() for name, text in value.items() if text}
    chinese = next((text for name, text in texts.items() if "zh" in name or "chinese" in name or "中文" in name), None)
    others = {name: text for name, text in texts.items() if text != chinese}
    english = next((text for name, text in others.items() if name == "default" or name.startswith("en")), None)
    main = english or next(iter(others.values()), chinese or "")
    if chinese and chinese != main:
        draft.translations[path] = chinese
    return main
