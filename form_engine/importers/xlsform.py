"""XLSForm (ODK, Kobo, Enketo): read by pyxform, the reference implementation, then turned into a form.

Groups become sections, repeats sub-tables; relevance, constraints and calculations are translated from XPath.
Source: https://xlsform.org/en/, question types and column names.
"""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from pyxform import constants
from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import get_xlsform

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import Draft, Imported, Json, finish, options, text_of
from .expressions import Untranslatable, XPath, translate
from .result_kind import kind_of

Question = Json
SIMPLE: dict[str, tuple[str, Json]] = {
    "text": ("text", {"type": "string"}),
    "string": ("text", {"type": "string"}),
    "phone number": ("phone", {"type": "string"}),
    "email": ("email", {"type": "string", "format": "email"}),
    "integer": ("integer", {"type": "integer"}),
    "int": ("integer", {"type": "integer"}),
    "decimal": ("number", {"type": "number"}),
    "date": ("date", {"type": "string", "format": "date"}),
    "time": ("time", {"type": "string", "format": "time"}),
    "datetime": ("datetime", {"type": "string", "format": "date-time"}),
    "geopoint": ("location", {}),
    "photo": ("image", {}),
    "image": ("image", {}),
    "audio": ("file", {}),
    "video": ("file", {}),
    "file": ("file", {}),
    "barcode": ("barcode", {"type": "string"}),
    "acknowledge": ("switch", {"type": "boolean"}),
    "trigger": ("switch", {"type": "boolean"}),
}
KINDS = {
    "integer": "number",
    "number": "number",
    "slider": "number",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "switch": "switch",
}
RECORDED = {
    "start",
    "end",
    "today",
    "deviceid",
    "username",
    "phonenumber",
    "simserial",
    "subscriberid",
    "audit",
    "email",
    "start-geopoint",
}


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of an XLSForm workbook (.xlsx, .xls, .csv). Raises DefinitionError where pyxform refuses it."""
    survey = _read(data, lang)
    draft = Draft(text_of(survey.get("title"), Draft("")) or "Form", lang)
    reader = _Reader(draft, dict(_kinds(survey.get("children", []))))
    reader.children(survey.get("children", []), relevant=[])
    reader.rows_of_logic()
    return Imported(finish(draft.document(), draft.report, lang), draft.report)


def _read(data: bytes, lang: str) -> Json:
    """pyxform's own tree of the workbook; it prints and warns, which is nobody's business here."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            survey: Json = workbook_to_json(get_xlsform(data), fallback_form_name="data", warnings=[])
    except PyXFormError as error:
        raise DefinitionError(
            [Problem("", say(lang, "This XLSForm has an error: {reason}", reason=" ".join(str(error).split())))]
        ) from None
    except Exception as error:  # pyxform raises whatever its spreadsheet readers do on a damaged file
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise DefinitionError(
            [Problem("", say(lang, "This is no XLSForm workbook: {reason}", reason=reason))]
        ) from None
    return survey


def _type(question: Question) -> str:
    return str(question.get("type", "")).strip()


def _kinds(questions: list[Question]) -> Iterator[tuple[str, str]]:
    """What logic will see of each question, by its name; a name that stands in two groups is known once."""
    for question in questions:
        kind = _type(question)
        name = str(question.get("name", ""))
        if kind in {"group", "repeat", "loop"}:
            yield from _kinds(question.get("children", [])) if kind != "repeat" else ((name, "table"),)
        elif kind.startswith("select all"):
            yield name, "options"
        elif kind.startswith("select one"):
            yield name, "option"
        else:
            field_type = SIMPLE.get(kind.lower(), (kind, {}))[0]
            yield name, KINDS.get(field_type, "number" if kind == "range" else "text")


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
        kind, name = _type(question), str(question.get("name", ""))
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
                self._note(question)
            case "calculate":
                self._wait(name, question, {}, {}, relevant)
            case _ if kind.lower() in RECORDED and "label" not in question:
                self.draft.tell(name or kind, "Recorded by the system itself: {kind}.", kind=kind)
            case _:
                schema, settings = self._schema(question)
                self._wait(name, question, schema, settings, relevant)

    def _group(self, question: Question, relevant: list[str]) -> None:
        own = question.get("bind", {}).get("relevant")
        self.draft.section(text_of(question.get("label"), self.draft, f"layout/{len(self.draft.layout)}") or None)
        self.children(question.get("children", []), [*relevant, own] if own else relevant)
        self.draft.section(None)

    def _repeat(self, question: Question, relevant: list[str]) -> None:
        inner = Draft("", self.draft.lang)
        reader = _Reader(inner, dict(_kinds(question.get("children", []))), self)
        reader.children(_flat(question.get("children", []), self.draft), [])
        reader.rows_of_logic()
        self.draft.report += inner.report
        for path, text in inner.translations.items():
            self.draft.translations[f"{question['name']}/{path}"] = text
        for rule in inner.rules:
            self.draft.tell(str(question["name"]), "A check inside rows was left out: {rule}", rule=rule["message"])
        if count := question.get("control", {}).get("jr:count"):
            self.draft.tell(
                str(question["name"]),
                "The number of rows was fixed by {count}; here people add rows themselves.",
                count=count,
            )
        items: Json = {"type": "object", "properties": inner.fields} | (
            {"required": inner.required} if inner.required else {}
        )
        self._wait(str(question["name"]), question, {"type": "array", "items": items}, {"type": "table"}, relevant)

    def _loop(self, question: Question, relevant: list[str]) -> None:
        """A loop asks the same questions once for each option."""
        for column in question.get("columns", []):
            label = text_of(column.get("label"), Draft(""))
            for child in question.get("children", []):
                asked = (
                    text_of(child.get("label"), Draft(""))
                    .replace("%(label)s", label)
                    .replace("%(name)s", str(column.get("name")))
                )
                self.question({**child, "name": f"{column.get('name')}_{child.get('name')}", "label": asked}, relevant)

    def _note(self, question: Question) -> None:
        text = text_of(question.get("label"), self.draft, str(question.get("name", "")))
        if text:
            self._wait(str(question.get("name", "note")), question, {}, {"type": "explanation"}, [])

    def _schema(self, question: Question) -> tuple[Json, Json]:
        kind, name = _type(question), str(question.get("name", ""))
        pairs = [(str(choice.get("name")), text_of(choice.get("label"), self.draft, f"{name}/{choice.get('name')}"))
                 for choice in question.get(constants.CHOICES, []) or question.get("children", [])]  # fmt: skip
        if question.get("choice_filter") and pairs:
            self.draft.tell(
                name, "All options are offered: the filter “{filter}” was left out.", filter=question["choice_filter"]
            )
        if kind.startswith("select") and not pairs:
            self.draft.tell(name, "The options stand in another file: answered as text.")
            return {"type": "string"}, {"type": "text"}
        if kind.startswith("select all"):
            return {"type": "array", "uniqueItems": True, "items": {"type": "string", "oneOf": options(pairs)}}, {
                "type": "multiselect"
            }
        if kind.startswith("select one"):
            return {"type": "string", "oneOf": options(pairs)}, {"type": "select"}
        if kind == "rank":
            return {"type": "array", "uniqueItems": True, "items": {"type": "string", "oneOf": options(pairs)}}, {
                "type": "ranking"
            }
        if kind == "range":
            return self._range(question)
        if kind.lower() in SIMPLE:
            field_type, schema = SIMPLE[kind.lower()]
            if field_type == "text" and "multiline" in str(question.get("control", {}).get("appearance", "")):
                field_type = "paragraph"
            return dict(schema), {"type": field_type}
        self.draft.tell(name, "There is no field of the type “{kind}”: answered as text.", kind=kind)
        return {"type": "string"}, {"type": "text"}

    def _range(self, question: Question) -> tuple[Json, Json]:
        numbers: Json = {}
        for name, keyword in (("start", "minimum"), ("end", "maximum"), ("step", "multipleOf")):
            with contextlib.suppress(ValueError):
                numbers[keyword] = _number(
                    str(question.get("parameters", {}).get(name, {"start": 0, "end": 10, "step": 1}[name]))
                )
        whole = all(isinstance(number, int) for number in numbers.values())
        return {"type": "integer" if whole else "number", **numbers}, {"type": "slider"}

    def _wait(self, name: str, question: Question, schema: Json, settings: Json, relevant: list[str]) -> None:
        label = text_of(question.get("label"), self.draft, name)
        hint = text_of(question.get("hint"), self.draft, f"{name}:help")
        schema = schema | ({"title": label} if label else {}) | ({"description": hint} if hint else {})
        if question.get("media"):
            self.draft.tell(name, "Pictures and sounds beside the question were left out.")
        key = self.draft.add(name, schema, settings)
        self.waiting.append((key, question, relevant))

    def rows_of_logic(self) -> None:
        """Translate conditions, calculations, checks and defaults, now that every field is known."""
        for key, question, relevant in self.waiting:
            bind = question.get("bind", {})
            field = self.draft.fields[key]
            settings: Json = field.setdefault("x-field", {})
            conditions = [*relevant, bind["relevant"]] if bind.get("relevant") else relevant
            self._into(settings, "visibleWhen", key, " and ".join(f"({condition})" for condition in conditions))
            if bind.get("calculate") or _type(question) == "calculate":
                self._calculation(key, field, str(bind.get("calculate") or question.get("default") or ""))
            else:
                self._default(key, field, question.get("default"))
            self._requirement(key, bind, settings)
            self._constraint(key, field, bind)
            if (
                str(bind.get("readonly", "")).lower() in {"yes", "true()", "true"}
                and settings.get("type") != "explanation"
            ):
                field["readOnly"] = True

    def _requirement(self, key: str, bind: Json, settings: Json) -> None:
        wanted = str(bind.get("required", "")).strip()
        if wanted.lower() in {"yes", "true", "true()"}:
            self.draft.require(key)
        elif wanted and wanted.lower() not in {"no", "false", "false()"}:
            self._into(settings, "requiredWhen", key, wanted)

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
        if default in (None, "") or field["x-field"].get("type") in {
            "explanation",
            "table",
            "location",
            "image",
            "file",
        }:
            return
        text = str(default)
        if "${" in text or "(" in text:
            self._into(field["x-field"], "default", key, text)
        elif field.get("type") == "array":
            field["default"] = text.split()
        elif field.get("type") in {"integer", "number"}:
            try:
                field["default"] = _number(text)
            except ValueError:
                self.draft.tell(key, "The default “{value}” is no number.", value=text)
        elif field.get("type") == "boolean":
            field["default"] = text.lower() in {"yes", "true", "1", "ok"}
        else:
            field["default"] = text

    def _constraint(self, key: str, field: Json, bind: Json) -> None:
        if not bind.get("constraint"):
            return
        message = text_of(bind.get("jr:constraintMsg"), self.draft, f"rules/{len(self.draft.rules)}")

        def keep(tree: Any) -> None:
            wrong = {"and": [{"notEmpty": [{"var": key}]}, {"!": [tree]}]}
            said = message or f"{field.get('title', key)}: {bind['constraint']}"
            self.draft.rules.append({"when": wrong, "field": key, "message": said})

        self._try(key, str(bind["constraint"]), keep)


def _flat(questions: list[Question], draft: Draft) -> list[Question]:
    """The questions of a row: groups inside are opened, and so are repeats, once and with a line in the report."""
    flat: list[Question] = []
    for question in questions:
        if _type(question) == "repeat":
            draft.tell(str(question.get("name", "")), "Rows inside rows: only one row each is asked for.")
        if _type(question) in {"group", "repeat"}:
            own = question.get("bind", {}).get("relevant")
            for child in _flat(question.get("children", []), draft):
                bind = dict(child.get("bind", {}))
                if own:
                    bind["relevant"] = f"({own}) and ({bind['relevant']})" if bind.get("relevant") else own
                flat.append({**child, "bind": bind})
        elif _type(question) != "note":
            flat.append(question)
    return flat


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number
