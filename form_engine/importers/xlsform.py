"""XLSForm (ODK, Kobo, Enketo): read by pyxform, the reference implementation, then turned into a form.

Groups become sections, repeats sub-tables; relevance, constraints, calculations and choice filters are translated from
XPath. Source: https://xlsform.org/en/, question types and column names.
"""

import contextlib
from fractions import Fraction
from typing import Any

from pyxform import constants

from .draft import Draft, Imported, Json, options, rows_inside, table_of
from .finishing import finish
from .leftovers import says_nothing, shown, tell_leftovers
from .xlsform_file import read_workbook
from .xlsform_logic import Logic
from .xlsform_parts import (
    CARRIED,
    SIMPLE,
    Question,
    as_written,
    columns_of,
    flat,
    kinds_of,
    number_of,
    opened,
    type_of,
)

RECORDED = {
    "start", "end", "today", "deviceid", "username", "phonenumber", "simserial", "subscriberid", "audit", "email",
    "start-geopoint", "background-audio", "background-geopoint", "device id", "uri:deviceid",
}  # fmt: skip
SETTINGS = {"type", "name", "title", "id_string", "default_language", "choices", "children", "add_none_option"}
TABLES = {"xml-external", "csv-external"}
"""Files that formulas look things up in; no questions."""


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of an XLSForm workbook (.xlsx, .xls, .csv, .md). Raises DefinitionError where pyxform refuses it."""
    survey = read_workbook(data, lang)
    draft = Draft("", lang)
    draft.title = draft.text(survey.get("title")) or "Form"
    told = {"sms_keyword": (survey.get("id_string"),)}
    tell_leftovers(draft, "settings", survey, SETTINGS, told)
    questions = as_written(survey.get("children", []))
    reader = _Reader(draft, dict(kinds_of(questions)), survey.get("choices") or {}, dict(columns_of(questions)))
    reader.children(questions, relevant=[])
    reader.logic()
    return Imported(finish(draft.document(), draft.report, lang), draft.report)


class _Reader:
    """Adds questions to a draft. Logic is translated last, when every field is known."""

    def __init__(self, draft: Draft, kinds: dict[str, str], lists: Json, columns: dict[str, str]) -> None:
        self.draft = draft
        self.kinds = kinds
        self.lists = lists
        self.columns = columns
        self.waiting: list[tuple[str, Question, list[str]]] = []

    def children(self, questions: list[Question], relevant: list[str]) -> None:
        """Add every question of a list."""
        for question in questions:
            self.question(question, relevant)

    def question(self, question: Question, relevant: list[str]) -> None:
        """Add one question, or one group of them."""
        kind, name = type_of(question), str(question.get("name", ""))
        match kind:
            case "group" if name == "meta":
                return
            case "group":
                self._group(question, relevant)
            case "repeat":
                self._repeat(question, relevant)
            case "loop":
                self._loop(question, relevant)
            case "note":
                self._note(question, relevant)
            case "calculate":
                self._wait(name, question, {}, {}, relevant)
            case _ if kind in TABLES:
                self.draft.tell(name, "“{name}” was left out: {value}", name=kind, value=name)
            case _ if kind.lower() in RECORDED and says_nothing(question.get("label")):
                self.draft.tell(name or kind, "Recorded by the system itself: {kind}.", kind=kind)
            case _:
                schema, settings = self._schema(question)
                self._wait(name, question, schema, settings, relevant)

    # -- groups ----------------------------------------------------------------------------------------------------

    def _group(self, question: Question, relevant: list[str]) -> None:
        own = question.get("bind", {}).get("relevant")
        name = str(question.get("name", ""))
        self._tell_rest(name, question, ())
        self.draft.part(question.get("label"), help=question.get("hint"))
        self.children(question.get("children", []), [*relevant, own] if own else relevant)
        self.draft.part()

    def _repeat(self, question: Question, relevant: list[str]) -> None:
        name = str(question["name"])
        inner = rows_inside(self.draft)
        own = dict(kinds_of(opened(question.get("children", []))))
        reader = _Reader(inner, {**self.kinds, **own}, self.lists, self.columns)
        reader.children(flat(question.get("children", []), self.draft), [])
        reader.logic()
        if not inner.fields:
            self.draft.report += inner.report
            self.draft.tell(name, "A repeat without questions was left out.")
            return
        if count := question.get("control", {}).get("jr:count"):
            self.draft.tell(
                name, "The number of rows was fixed by {count}; here people add rows themselves.", count=count
            )
        self._wait(name, question, *table_of(inner, self.draft, name), relevant)

    def _loop(self, question: Question, relevant: list[str]) -> None:
        """A loop asks the same questions once for each option."""
        self._tell_rest(str(question.get("name", "")), question, ())
        for column in question.get("columns", []):
            label = Draft("").text(column.get("label"))
            for child in question.get("children", []):
                asked = (
                    Draft("")
                    .text(child.get("label"))
                    .replace("%(label)s", label)
                    .replace("%(name)s", str(column.get("name")))
                )
                self.question({**child, "name": f"{column.get('name')}_{child.get('name')}", "label": asked}, relevant)

    def _note(self, question: Question, relevant: list[str]) -> None:
        name = str(question.get("name", "note"))
        own = question.get("bind", {}).get("relevant")
        for left in [*relevant, own] if own else relevant:
            self.draft.tell(
                name, "The explanation is always shown: its condition “{condition}” was left out.", condition=left
            )
        self.draft.explain(question.get("label"), name)
        self.draft.explain(question.get("hint"), name)
        self._tell_rest(name, question, ("bind.readonly",))

    # -- one question ----------------------------------------------------------------------------------------------

    def _schema(self, question: Question) -> tuple[Json, Json]:
        kind, name = type_of(question), str(question.get("name", ""))
        if kind.startswith("select") or kind == "rank":
            return self._choice(question, kind, name)
        if kind == "range":
            return self._range(question)
        if kind.lower() in SIMPLE:
            field_type, schema = SIMPLE[kind.lower()]
            if field_type == "text" and self._multiline(question):
                field_type = "paragraph"
            return dict(schema), {"type": field_type}
        self.draft.tell(name, "There is no field of the type “{kind}”: answered as text.", kind=kind)
        return {"type": "string"}, {"type": "text"}

    @staticmethod
    def _multiline(question: Question) -> bool:
        return str(question.get("control", {}).get("appearance", "")).strip() == "multiline"

    def _choices_of(self, question: Question) -> list[Json]:
        """The options of a question, also where pyxform leaves them in their list."""
        found: list[Json] = question.get(constants.CHOICES) or question.get("children") or []
        return found or self.lists.get(str(question.get("itemset")), [])

    def _choice(self, question: Question, kind: str, name: str) -> tuple[Json, Json]:
        choices = self._choices_of(question)
        pairs = [(str(choice.get("name")), self.draft.text(choice.get("label"), f"{name}/{choice.get('name')}", name))
                 for choice in choices]  # fmt: skip
        if not pairs:
            self.draft.tell(name, "The options stand in another file: answered as text.")
            return {"type": "string"}, {"type": "text"}
        if any(choice.get("media") for choice in choices):
            self.draft.tell(name, "Pictures and sounds beside the options were left out.")
        if kind.startswith(("select all", "select_multiple")):
            return {"type": "array", "uniqueItems": True, "items": {"type": "string", "oneOf": options(pairs)}}, {
                "type": "multiselect"
            }
        if kind == "rank":
            return {"type": "array", "uniqueItems": True, "items": {"type": "string", "oneOf": options(pairs)}}, {
                "type": "ranking"
            }
        return {"type": "string", "oneOf": options(pairs)}, {"type": "select"}

    def _range(self, question: Question) -> tuple[Json, Json]:
        numbers: Json = {}
        for name, keyword in (("start", "minimum"), ("end", "maximum"), ("step", "multipleOf")):
            with contextlib.suppress(ValueError):
                numbers[keyword] = number_of(
                    str(question.get("parameters", {}).get(name, {"start": 0, "end": 10, "step": 1}[name]))
                )
        whole = all(isinstance(number, int) for number in numbers.values())
        step = Fraction(str(numbers.get("multipleOf", 1)))
        if step and Fraction(str(numbers.get("minimum", 0))) % step:
            self.draft.tell(
                str(question.get("name", "")),
                "“{name}” was left out: {value}",
                name="step",
                value=numbers.pop("multipleOf"),
            )
        return {"type": "integer" if whole else "number", **numbers}, {"type": "slider"}

    def _wait(self, name: str, question: Question, schema: Json, settings: Json, relevant: list[str]) -> None:
        label = self.draft.text(question.get("label") or question.get("text"), name)
        hint = self.draft.text(question.get("hint"), f"{name}:help", name)
        schema = schema | ({"title": label} if label else {}) | ({"description": hint} if hint else {})
        if not says_nothing(question.get("media")):
            self.draft.tell(name, "Pictures and sounds beside the question were left out.")
        if trigger := question.get("trigger"):
            self.draft.tell(
                name, "It was set whenever {trigger} changed; here it follows what it reads.", trigger=shown(trigger)
            )
        carried = ["control.appearance"] if settings.get("type") == "paragraph" else []
        if type_of(question) == "range":
            carried += [f"{part}.{word}" for part in ("parameters", "control") for word in ("start", "end", "step")]
        self._tell_rest(name, question, carried)
        key = self.draft.add(name, schema, settings)
        self.waiting.append((key, question, relevant))

    def _tell_rest(self, name: str, question: Question, more: Any) -> None:
        carried = {*CARRIED, *more}
        if not says_nothing(question.get("media")) and type_of(question) in {"group", "loop", "note"}:
            self.draft.tell(name, "Pictures and sounds beside the question were left out.")
        tell_leftovers(self.draft, name, question, carried, {})

    def logic(self) -> None:
        """Translate conditions, calculations, checks and defaults, now that every field is known."""
        Logic(self.draft, self.kinds, self.columns).apply(
            [(key, question, relevant, self._choices_of(question)) for key, question, relevant in self.waiting]
        )
