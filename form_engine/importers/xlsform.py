"""XLSForm (ODK, Kobo, Enketo): read by pyxform, the reference implementation, then turned into a form.

Groups become sections, repeats sub-tables; relevance, constraints, calculations and choice filters are translated from
XPath. Source: https://xlsform.org/en/, question types and column names.
"""

import contextlib
import re
from collections.abc import Callable
from typing import Any

from pyxform import constants

from .draft import Draft, Imported, Json, Text, options, rows_inside, table_of
from .expressions import Untranslatable, XPath, condition, translate
from .finishing import finish
from .json_form import add_pattern
from .leftovers import says_nothing, tell_leftovers
from .result_kind import kind_of
from .xlsform_file import read_workbook
from .xlsform_parts import CARRIED, SIMPLE, Question, bounds_of, filled, flat, kinds_of, number_of, opened, type_of

RECORDED = {
    "start", "end", "today", "deviceid", "username", "phonenumber", "simserial", "subscriberid", "audit", "email",
    "start-geopoint", "background-audio", "device id", "uri:deviceid",
}  # fmt: skip
SETTINGS = {"type", "name", "title", "id_string", "default_language", "choices", "children", "add_none_option"}
PATTERN = re.compile(r"""regex\(\s*\.\s*,\s*(['"])(.+)\1\s*\)""", re.DOTALL)
TRUE, FALSE = {"yes", "true", "true()", "1"}, {"no", "false", "false()", "0", ""}


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of an XLSForm workbook (.xlsx, .xls, .csv, .md). Raises DefinitionError where pyxform refuses it."""
    survey = read_workbook(data, lang)
    draft = Draft("", lang)
    draft.title = draft.text(survey.get("title")) or "Form"
    told = {"sms_keyword": (survey.get("id_string"),)}
    tell_leftovers(draft, "settings", survey, SETTINGS, told)
    reader = _Reader(draft, dict(kinds_of(survey.get("children", []))))
    reader.children(survey.get("children", []), relevant=[])
    reader.rows_of_logic()
    return Imported(finish(draft.document(), draft.report, lang), draft.report)


class _Reader:
    """Adds questions to a draft. Logic is translated last, when every field is known."""

    def __init__(self, draft: Draft, kinds: dict[str, str], outer: "_Reader | None" = None) -> None:
        self.draft = draft
        self.kinds: dict[str, str] = kinds if outer is None else {**outer.kinds, **kinds}
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
        reader = _Reader(inner, dict(kinds_of(opened(question.get("children", [])))), self)
        reader.children(flat(question.get("children", []), self.draft), [])
        reader.rows_of_logic()
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

    def _choice(self, question: Question, kind: str, name: str) -> tuple[Json, Json]:
        choices: list[Json] = question.get(constants.CHOICES) or question.get("children") or []
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
        return {"type": "integer" if whole else "number", **numbers}, {"type": "slider"}

    def _wait(self, name: str, question: Question, schema: Json, settings: Json, relevant: list[str]) -> None:
        label = self.draft.text(question.get("label") or question.get("text"), name)
        hint = self.draft.text(question.get("hint"), f"{name}:help", name)
        schema = schema | ({"title": label} if label else {}) | ({"description": hint} if hint else {})
        if not says_nothing(question.get("media")):
            self.draft.tell(name, "Pictures and sounds beside the question were left out.")
        if trigger := question.get("trigger"):
            self.draft.tell(
                name, "It was set whenever {trigger} changed; here it follows what it reads.", trigger=trigger
            )
        carried = ["control.appearance"] if settings.get("type") == "paragraph" else []
        if type_of(question) == "range":
            carried += ["parameters.start", "parameters.end", "parameters.step"]
        self._tell_rest(name, question, carried)
        key = self.draft.add(name, schema, settings)
        self.waiting.append((key, question, relevant))

    def _tell_rest(self, name: str, question: Question, more: Any) -> None:
        carried = {*CARRIED, *more}
        if not says_nothing(question.get("media")) and type_of(question) in {"group", "loop", "note"}:
            self.draft.tell(name, "Pictures and sounds beside the question were left out.")
        tell_leftovers(self.draft, name, question, carried, {})

    # -- logic -----------------------------------------------------------------------------------------------------

    def rows_of_logic(self) -> None:
        """Translate conditions, calculations, checks and defaults, now that every field is known."""
        for key, question, relevant in self.waiting:
            bind = question.get("bind", {})
            field = self.draft.fields[key]
            settings: Json = field.setdefault("x-field", {})
            conditions = [*relevant, bind["relevant"]] if bind.get("relevant") else relevant
            self._into(settings, "visibleWhen", key, " and ".join(f"({condition})" for condition in conditions))
            if bind.get("calculate") or type_of(question) == "calculate":
                self._calculation(key, field, str(bind.get("calculate") or question.get("default") or ""))
            else:
                self._default(key, field, question.get("default"))
            self._requirement(key, bind, settings)
            self._constraint(key, field, bind)
            if question.get("choice_filter") and "oneOf" in str(field):
                self._filter(key, question, settings)
            if str(bind.get("readonly", "")).strip().lower() in TRUE:
                field["readOnly"] = True
            elif str(bind.get("readonly", "")).strip().lower() not in FALSE:
                self._into(settings, "readOnlyWhen", key, str(bind["readonly"]))
            if not settings:
                del field["x-field"]

    def _requirement(self, key: str, bind: Json, settings: Json) -> None:
        wanted = str(bind.get("required", "")).strip()
        if wanted.lower() in TRUE:
            self.draft.require(key)
        elif wanted.lower() not in FALSE:
            self._into(settings, "requiredWhen", key, wanted)

    def _filter(self, key: str, question: Question, settings: Json) -> None:
        """A choice filter, said for each option: its columns are known, only the answers are not."""
        expression = str(question["choice_filter"])
        offered: Json = {}
        try:
            for choice in question.get(constants.CHOICES) or []:
                columns = {str(name): choice[name] for name in choice if name not in {"label", "media"}}
                tree = translate(filled(expression, columns), XPath(self.kinds, key))
                offered[str(choice.get("name"))] = condition(tree)
        except Untranslatable:
            self.draft.tell(key, "All options are offered: the filter “{filter}” was left out.", filter=expression)
            return
        settings["optionsWhen"] = offered

    def _into(self, settings: Json, name: str, key: str, expression: str) -> None:
        if expression:
            self._try(key, expression, lambda tree: settings.__setitem__(name, tree))

    def _try(self, key: str, expression: str, keep: Callable[[Any], None]) -> None:
        try:
            keep(translate(expression, XPath(self.kinds, key)))
        except Untranslatable as error:
            self.draft.tell(
                key,
                "“{expression}” can't be carried over: {reason}.",
                expression=expression,
                reason=str(error).rstrip("."),
            )

    def _calculation(self, key: str, field: Json, expression: str) -> None:
        def keep(tree: Any) -> None:
            kind = kind_of(tree, self.kinds)
            types = {"number": "number", "switch": "boolean"}
            field["type"] = types.get(kind, "string")
            if kind in {"date", "datetime"}:
                field["format"] = "date" if kind == "date" else "date-time"
            field["x-field"]["compute"] = tree
            field["readOnly"] = True
            self.kinds[key] = kind

        field.setdefault("type", "string")
        self._try(key, expression, keep)

    def _default(self, key: str, field: Json, default: object) -> None:
        if default in (None, ""):
            return
        text, field_type = str(default), field["x-field"].get("type")
        if field_type in {"table", "location", "image", "file"}:
            self.draft.tell(key, "The default “{value}” does not fit the field: left out.", value=text)
        elif "${" in text or "(" in text:
            self._into(field["x-field"], "default", key, text)
        elif field.get("type") == "array":
            field["default"] = text.split()
        elif field.get("type") in {"integer", "number"}:
            try:
                field["default"] = number_of(text)
            except ValueError:
                self.draft.tell(key, "The default “{value}” is no number.", value=text)
        elif field.get("type") == "boolean":
            field["default"] = text.lower() in {"yes", "true", "1", "ok"}
        else:
            field["default"] = text

    def _constraint(self, key: str, field: Json, bind: Json) -> None:
        if not bind.get("constraint"):
            return
        said = self.draft.read(bind.get("jr:constraintMsg"), key)
        pattern = PATTERN.fullmatch(str(bind["constraint"]).strip())
        if pattern and field.get("type") == "string" and "oneOf" not in field and "compute" not in field["x-field"]:
            add_pattern(field, pattern[2])
            if said.main:
                self.draft.tell(key, "The own words for an error were left out: {text}", text=said.main)
            return

        def keep(tree: Any) -> None:
            bounds = bounds_of(tree, key) if field.get("type") == "integer" else None
            if bounds and not said.main:
                field.update({**bounds, **{word: field[word] for word in bounds if word in field}})
                return
            wrong = {"and": [{"notEmpty": [{"var": key}]}, {"!": [tree]}]}
            self.draft.rule(key, wrong, said if said.main else Text(f"{field.get('title', key)}: {bind['constraint']}"))

        self._try(key, str(bind["constraint"]), keep)
