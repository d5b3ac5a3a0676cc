"""A form while it is being put together from a foreign file, and the report of what could not be carried over.

Importers add fields, sections and rules here without knowing whether our check will like each of them; `finishing`
checks the whole at the end.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from formloom.form_engine.messages import say

from .texts import by_language, main_of, refers, words_of

Json = dict[str, Any]
FORM_SCHEMA = "https://formloom.dev/schema/form/v1"
Head = Literal["section", "tab", "step"]


@dataclass(frozen=True, slots=True)
class Imported:
    """The form definition, the report `[{"source", "message"}]`, and records where the file held data."""

    form: Json
    report: list[Json]
    rows: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Text:
    """A text in the form's own language and its translations by language tag."""

    main: str = ""
    others: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """A section, tab or step: its heading, the sentence under it, and what stands in it: keys of fields, explanations."""

    head: Head
    title: Text
    help: Text
    content: "list[str | Words]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Words:
    """A heading or an explanation between the fields."""

    kind: Literal["heading", "text"]
    text: Text


@dataclass(slots=True)
class Draft:
    """The form so far. `inside`: it holds the columns of a sub-table, which has no layout of its own."""

    title: str
    lang: str = "en"
    key: str = ""
    inside: bool = False
    fields: dict[str, Json] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    rules: list[Json] = field(default_factory=list)
    report: list[Json] = field(default_factory=list)
    translations: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown_languages: list[str] = field(default_factory=list)

    def tell(self, source: str, template: str, **params: object) -> None:
        """Add a line to the report, in the person's language; the same line only once."""
        line = {"source": source, "message": say(self.lang, template, **params)}
        if line not in self.report:
            self.report.append(line)

    def tell_untranslated(self, source: str, expression: str, error: Exception) -> None:
        """Add a line on an expression that could not be translated, and why."""
        reason = str(error).rstrip(".")
        self.tell(source, "“{expression}” can't be carried over: {reason}.", expression=expression, reason=reason)

    def read(self, value: object, source: str = "") -> Text:
        """A label that may be one text or one a language. What it cannot keep (mark-up, names of other answers) is told."""
        main, others, lost = main_of(by_language(value))
        self.unknown_languages += [name for name in lost if name not in self.unknown_languages]
        read = {tag: words_of(text) for tag, text in {"": main, **others}.items()}
        if any(formatted for _, formatted in read.values()):
            self.tell(source, "Of a text only the words were kept: {text}", text=" ".join(main.split())[:200])
        if refers(main):
            self.tell(source, "A text names other answers, which are not filled in here: {text}", text=main[:200])
        return Text(read[""][0], {tag: text for tag, (text, _) in read.items() if tag and text})

    def text(self, value: object, path: str = "", source: str | None = None) -> str:
        """The text of a label in the form's own language; the others become the translations of `path`."""
        found = self.read(value, path if source is None else source)
        self.translate(found, path)
        return found.main

    def translate(self, text: Text, path: str) -> None:
        """Keep the translations of a text under `path`."""
        for tag, translated in text.others.items():
            self.translations.setdefault(tag, {})[path] = translated

    def part(self, title: object = None, head: Head = "section", help: object = None) -> None:
        """Begin a section, tab or step; what is added from now on stands in it."""
        self.parts.append(Part(head, self.read(title, "layout"), self.read(help, "layout")))

    def group(self, title: object, help: object = None) -> None:
        """Begin a group of fields: a section, but a heading inside a tab or step, which holds no sections."""
        if not self.parts or self.parts[-1].head == "section":
            self.part(title, help=help)
            return
        text = self.read(title, "layout")
        if text.main:
            self.parts[-1].content.append(Words("heading", text))
        self.explain(help, "layout")

    def end_group(self) -> None:
        """What is added from now on belongs to no group."""
        if self.parts and self.parts[-1].head == "section":
            self.part()

    def explain(self, value: object, source: str) -> None:
        """Add an explanation between the fields."""
        text = self.read(value, source)
        if not text.main:
            return
        if self.inside:
            self.tell(source, "An explanation inside rows was left out: {text}", text=text.main[:200])
            return
        if not self.parts:
            self.part()
        self.parts[-1].content.append(Words("text", text))

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
        if self.parts:
            self.parts[-1].content.append(free)
        elif not self.inside:
            self.part()
            self.parts[-1].content.append(free)
        return free

    def require(self, key: str) -> None:
        """The field must be filled; only where it is shown, if it can be hidden (meaning.md section 1, Required)."""
        settings = self.fields[key].get("x-field", {})
        if "visibleWhen" in settings:
            settings["requiredWhen"] = settings["visibleWhen"]
        elif "compute" not in settings:
            self.required.append(key)

    def rule(self, key: str, wrong: Any, message: Text, *, mild: bool = False) -> None:
        """What is wrong with a record, said at the field `key`; `mild`: people may go on all the same."""
        self.translate(message, f"rules/{len(self.rules)}")
        severity = {"severity": "warning"} if mild else {}
        self.rules.append({"when": wrong, "field": key, "message": message.main, **severity})

    def document(self) -> Json:
        """The form definition as it stands."""
        form: Json = (
            {"$schema": FORM_SCHEMA} | ({"$id": self.key} if self.key else {}) | {"title": self.title, "type": "object"}
        )
        form["properties"] = self.fields
        if self.required:
            form["required"] = [key for key in self.required if key in self.fields]
        extra = {"layout": self._layout(), "rules": self.rules, "translations": self.translations}
        kept = {name: value for name, value in extra.items() if value}
        if self.unknown_languages:
            names = ", ".join(self.unknown_languages)
            self.tell("", "Translations left out, because nobody can tell their language: {names}", names=names)
        return form | ({"x-form": kept} if kept else {})

    def _layout(self) -> list[Json]:
        """The parts that hold something; a single one without a heading and explanations says nothing."""
        parts = [part for part in self.parts if part.content or (part.title.main and part.head != "section")]
        if len(parts) == 1 and not parts[0].title.main and all(isinstance(one, str) for one in parts[0].content):
            return []
        return [self._laid(part, f"layout/{number}") for number, part in enumerate(parts)]

    def _laid(self, part: Part, path: str) -> Json:
        self.translate(part.title, path)
        self.translate(part.help, f"{path}:help")
        fields: list[Any] = []
        for number, entry in enumerate(part.content):
            if isinstance(entry, Words):
                self.translate(entry.text, f"{path}/{number}")
                fields.append({entry.kind: entry.text.main})
            else:
                fields.append(entry)
        help_text = {"help": part.help.main} if part.help.main else {}
        return {part.head: part.title.main, **help_text, "fields": fields}


def options(pairs: list[tuple[str, str]]) -> list[Json]:
    """Options as JSON Schema says them, from (value, label); a value that comes twice is kept once."""
    labels: dict[str, str] = {}
    for value, label in pairs:
        labels.setdefault(value, label)
    return [{"const": value, "title": label or value} for value, label in labels.items()]


def table_of(inner: Draft, outer: Draft, key: str) -> tuple[Json, Json]:
    """A sub-table with the fields of `inner` as its columns; what was said of them is said in `outer`'s report."""
    outer.report += [line for line in inner.report if line not in outer.report]
    outer.unknown_languages += [name for name in inner.unknown_languages if name not in outer.unknown_languages]
    numbered = len(outer.rules)
    for tag, texts in inner.translations.items():
        for path, text in texts.items():
            rule = path.removeprefix("rules/")
            moved = f"rules/{numbered + int(rule)}" if rule != path else f"{key}/{path}"
            outer.translations.setdefault(tag, {})[moved] = text
    outer.rules += [{**rule, "field": f"{key}.{rule['field']}"} for rule in inner.rules]
    items: Json = {"type": "object", "properties": inner.fields}
    if inner.required:
        items["required"] = inner.required
    return {"type": "array", "items": items}, {"type": "table"}


def rows_inside(outer: Draft) -> Draft:
    """A draft for the columns of a sub-table of `outer`."""
    return Draft("", outer.lang, inside=True)
