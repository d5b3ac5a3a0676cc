"""SurveyJS surveys: pages become steps, panels sections, dynamic matrices and panels sub-tables.

Source: https://surveyjs.io/form-library/documentation/api-reference (question types and their properties).
"""

from collections.abc import Iterator
from typing import Any

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import Draft, Imported, Json, finish, text_of
from .expressions import SurveyJs, Untranslatable, translate
from .json_form import STRING, add_bounds, add_pattern, choice, choices, dicts, number, read_object, table
from .result_kind import kind_of

INPUTS: dict[str, tuple[str, Json]] = {
    "number": ("number", {"type": "number"}),
    "date": ("date", {"type": "string", "format": "date"}),
    "datetime-local": ("datetime", {"type": "string", "format": "date-time"}),
    "datetime": ("datetime", {"type": "string", "format": "date-time"}),
    "time": ("time", {"type": "string", "format": "time"}),
    "email": ("email", {"type": "string", "format": "email"}),
    "url": ("url", {"type": "string", "format": "uri"}),
    "tel": ("phone", STRING),
    "color": ("colour", STRING),
    "range": ("slider", {"type": "number"}),
}
PLAIN: dict[str, tuple[str, Json]] = {
    "comment": ("paragraph", STRING),
    "boolean": ("switch", {"type": "boolean"}),
    "file": ("file", {}),
    "signaturepad": ("signature", {}),
}
ONE_OF = {"radiogroup", "dropdown", "buttongroup"}
MANY_OF = {"checkbox", "tagbox"}
KINDS = {"number": "number", "slider": "number", "date": "date", "datetime": "datetime", "time": "time"}
TOLD = ("triggers", "calculatedValues", "choicesByUrl", "setValueExpression", "resetValueIf", "choicesVisibleIf", "enableIf", "valueName",
        "defaultValueExpression", "setValueIf", "choicesEnableIf", "completeText", "navigateToUrl")  # fmt: skip


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of a SurveyJS survey (.json). Raises DefinitionError for a file that is none."""
    survey = read_object(data, "SurveyJS", lang)
    pages = dicts(survey.get("pages")) or [
        {"elements": survey.get("elements") or survey.get("questions") or survey.get("components")}
    ]
    elements = [element for page in pages for element in _elements(page)]
    if not elements:
        raise DefinitionError([Problem("", say(lang, "This is no SurveyJS survey: it has no pages with questions."))])
    draft = Draft("", lang)
    draft.title = text_of(survey.get("title"), draft) or filename.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "Form"
    reader = _Reader(draft, dict(_kinds(elements)))
    reader.tell_rest("survey", survey)
    for page in pages:
        reader.page(page, wizard=len(pages) > 1)
    reader.logic()
    return Imported(finish(draft.document(), draft.report, lang), draft.report)


def _elements(part: Json) -> list[Json]:
    return dicts(part.get("elements")) or dicts(part.get("questions"))


def _kinds(elements: list[Json]) -> Iterator[tuple[str, str]]:
    """What logic will see of each question, by its name."""
    for element in elements:
        kind, name = element.get("type"), str(element.get("name", ""))
        if kind == "panel":
            yield from _kinds(_elements(element))
        elif kind in {"matrixdynamic", "paneldynamic"}:
            yield name, "table"
        elif kind == "text":
            yield name, KINDS.get(INPUTS.get(str(element.get("inputType")), ("", {}))[0], "text")
        else:
            one = kind in ONE_OF or (kind == "imagepicker" and not element.get("multiSelect"))
            many = kind in MANY_OF or kind in {"ranking", "imagepicker"}
            yield (
                name,
                "option"
                if one
                else "options"
                if many
                else {"boolean": "switch", "rating": "number"}.get(str(kind), "text"),
            )


class _Reader:
    """Adds questions to a draft; logic is translated last, when every field is known."""

    def __init__(self, draft: Draft, kinds: dict[str, str]) -> None:
        self.draft = draft
        self.kinds = kinds
        self.waiting: list[tuple[str, Json, list[str]]] = []

    def page(self, page: Json, *, wizard: bool) -> None:
        """Add a page: a step of a wizard where there are several."""
        title = text_of(page.get("title"), self.draft, f"layout/{len(self.draft.layout)}")
        settings = {"kind": "step"} if wizard else {}
        self.draft.section(title or (str(page.get("name", "")) if wizard else None), **settings)
        conditions = [str(page["visibleIf"])] if page.get("visibleIf") else []
        self.elements(_elements(page), conditions)

    def elements(self, elements: list[Json], conditions: list[str]) -> None:
        """Add every element of a list; `conditions` are those of the parts around it."""
        for element in elements:
            self.element(element, [*conditions, str(element["visibleIf"])] if element.get("visibleIf") else conditions)

    def element(self, element: Json, conditions: list[str]) -> None:
        """Add one question, or the ones of a panel."""
        kind, name = str(element.get("type", "")), str(element.get("name") or element.get("type") or "question")
        match kind:
            case "panel":
                title = text_of(element.get("title"), self.draft, f"layout/{len(self.draft.layout)}")
                self.draft.section(title or None)
                self.elements(_elements(element), conditions)
                self.draft.section(None)
            case "html" | "image":
                text = text_of(element.get("html") or element.get("imageLink"), self.draft, name)
                if kind == "html" and text:
                    self._add(name, element, {"title": text}, {"type": "explanation"}, conditions)
                elif kind == "image":
                    self.draft.tell(name, "The picture was left out: {link}", link=text)
            case "matrix":
                self._matrix(element, name, conditions)
            case "multipletext":
                items = {str(item.get("name")): self._text(item)[0] | {"title": text_of(item.get("title"), self.draft, name) or str(item.get("name"))}
                         for item in dicts(element.get("items"))}  # fmt: skip
                self._add(name, element, {"type": "object", "properties": items}, {"type": "group"}, conditions)
            case _:
                schema, settings = self._schema(element, kind, name)
                self._add(name, element, schema, settings, conditions)

    def _schema(self, element: Json, kind: str, name: str) -> tuple[Json, Json]:
        pairs = self._pairs(element.get("choices"), name)
        if kind == "text":
            return self._text(element)
        if kind in PLAIN:
            field_type, schema = PLAIN[kind]
            return dict(schema), {"type": field_type}
        if kind == "rating":
            return self._rating(element)
        if kind == "expression":
            return {"type": "string"}, {}
        if kind in {"matrixdynamic", "paneldynamic", "matrixdropdown"}:
            return self._rows(element, kind, name)
        if kind in ONE_OF | MANY_OF | {"ranking", "imagepicker"} and not pairs:
            self.draft.tell(name, "The options come from elsewhere: answered as text.")
        elif kind in ONE_OF or (kind == "imagepicker" and not element.get("multiSelect")):
            schema, settings = choice([*pairs, *self._extra(element)])
            return schema, settings | ({"display": "radio"} if kind != "dropdown" else {})
        elif kind in MANY_OF | {"imagepicker", "ranking"}:
            return choices([*pairs, *self._extra(element)], "ranking" if kind == "ranking" else "multiselect")
        else:
            self.draft.tell(name, "There is no field of the type “{kind}”: answered as text.", kind=kind)
        return dict(STRING), {"type": "text"}

    def _pairs(self, values: Any, name: str) -> list[tuple[str, str]]:
        pairs = []
        for value in values if isinstance(values, list) else []:
            key = value.get("value") if isinstance(value, dict) else value
            label = text_of(value.get("text"), self.draft, f"{name}/{key}") if isinstance(value, dict) else str(value)
            if key not in (None, "") and not isinstance(key, dict | list):
                pairs.append((str(key), label or str(key)))
        return pairs

    def _extra(self, element: Json) -> list[tuple[str, str]]:
        """The options that switches of the question add."""
        wanted = (
            ("other", "showOtherItem", "hasOther", "otherText", "Other"),
            ("none", "showNoneItem", "hasNone", "noneText", "None"),
        )
        return [(value, text_of(element.get(text), Draft("")) or default) for value, new, old, text, default in wanted
                if element.get(new) or element.get(old)]  # fmt: skip

    def _text(self, element: Json) -> tuple[Json, Json]:
        field_type, schema = INPUTS.get(str(element.get("inputType", "")), ("text", STRING))
        schema = dict(schema)
        if element.get("inputType") in {"password", "month", "week"}:
            self.draft.tell(
                str(element.get("name")),
                "There is no field of the type “{kind}”: answered as text.",
                kind=element["inputType"],
            )
        if schema["type"] == "number":
            add_bounds(schema, element, {"min": "minimum", "max": "maximum"})
        elif field_type == "text":
            add_bounds(schema, element, {"maxLength": "maxLength", "minLength": "minLength"})
            schema = {name: value for name, value in schema.items() if value != -1}
        if field_type == "slider":
            schema = {"minimum": 0, "maximum": 100} | schema
        return schema, {"type": field_type}

    def _rating(self, element: Json) -> tuple[Json, Json]:
        values = [
            number(value.get("value") if isinstance(value, dict) else value)
            for value in element.get("rateValues") or []
        ]
        whole = [value for value in values if isinstance(value, int)]
        low, high = number(element.get("rateMin")), number(element.get("rateMax"))
        lowest, highest = (
            (min(whole), max(whole))
            if whole
            else (low if low is not None else 1, high if high is not None else element.get("rateCount") or 5)
        )
        return {"type": "integer", "minimum": lowest, "maximum": highest}, {"type": "rating"}

    def _matrix(self, element: Json, name: str, conditions: list[str]) -> None:
        answers = self._pairs(element.get("columns"), name)
        questions = {
            key: {"title": label, **choice(answers)[0]} for key, label in self._pairs(element.get("rows"), name)
        }
        if answers and questions:
            self._add(name, element, {"type": "object", "properties": questions}, {"type": "likert"}, conditions)
        else:
            self.draft.tell(name, "A matrix without rows or columns was left out.")

    def _rows(self, element: Json, kind: str, name: str) -> tuple[Json, Json]:
        inner = Draft("", self.draft.lang)
        parts = dicts(element.get("templateElements")) if kind == "paneldynamic" else dicts(element.get("columns"))
        shared = element.get("choices")
        prepared = [
            part if kind == "paneldynamic" else {"choices": shared, **part, "type": _cell_type(part, element)}
            for part in parts
        ]
        reader = _Reader(inner, {**self.kinds, **dict(_kinds(prepared))})
        if kind == "matrixdropdown":
            inner.add(
                "row",
                {"type": "string", "title": "Row", "oneOf": choice(self._pairs(element.get("rows"), name))[0]["oneOf"]},
                {"type": "select"},
            )
            self.draft.tell(name, "The fixed rows became rows that people add, each with its name chosen.")
        reader.elements(
            [part for part in prepared if part.get("type") not in {"panel", "paneldynamic", "matrixdynamic"}], []
        )
        for part in prepared:
            if part.get("type") in {"paneldynamic", "matrixdynamic"}:
                self.draft.tell(str(part.get("name")), "Rows inside rows can't be carried over: left out.")
            elif part.get("type") == "panel":
                reader.elements(_elements(part), [])
        reader.logic()
        schema, settings = table(inner, self.draft, name)
        prefix = "panel" if kind == "paneldynamic" else "row"
        lowest, highest = (
            number(element.get(f"min{prefix.title()}Count")),
            number(element.get(f"max{prefix.title()}Count")),
        )
        return schema | ({"minItems": lowest} if lowest else {}) | ({"maxItems": highest} if highest else {}), settings

    def _add(self, name: str, element: Json, schema: Json, settings: Json, conditions: list[str]) -> None:
        title = text_of(element.get("title"), self.draft, name)
        help_text = text_of(element.get("description"), self.draft, f"{name}:help")
        schema = {**({"title": title} if title else {}), **schema}
        if help_text:
            schema["description"] = help_text
        if element.get("readOnly") is True:
            schema["readOnly"] = True
        self._default(element, schema, name)
        key = self.draft.add(name, schema, settings)
        self.waiting.append((key, element, conditions))
        self.tell_rest(name, element)

    def _default(self, element: Json, schema: Json, name: str) -> None:
        value = element.get("defaultValue")
        allowed = {"string": str, "number": int | float, "integer": int, "boolean": bool, "array": list}.get(
            str(schema.get("type"))
        )
        if value is None or allowed is None or "properties" in schema.get("items", {}):
            return
        if isinstance(value, allowed):
            schema["default"] = value
        else:
            self.draft.tell(name, "The default “{value}” does not fit the field: left out.", value=value)

    def tell_rest(self, name: str, part: Json) -> None:
        """Say which of the settings that change what happens were not carried over."""
        for setting in TOLD:
            if part.get(setting):
                self.draft.tell(name, "“{name}” was left out: {value}", name=setting, value=part[setting])

    def logic(self) -> None:
        """Translate conditions, computed values and validators, now that every field is known."""
        for key, element, conditions in self.waiting:
            settings: Json = self.draft.fields[key].setdefault("x-field", {})
            if conditions:
                self._try(key, " and ".join(f"({text})" for text in conditions), settings, "visibleWhen")
            if element.get("isRequired"):
                self.draft.require(key)
            elif element.get("requiredIf"):
                self._try(key, str(element["requiredIf"]), settings, "requiredWhen")
            if element.get("type") == "expression":
                self._computed(key, str(element.get("expression") or ""))
            for validator in dicts(element.get("validators")):
                self._validator(key, validator)

    def _try(self, key: str, expression: str, settings: Json, name: str) -> bool:
        try:
            settings[name] = translate(expression, SurveyJs(self.kinds, key))
        except Untranslatable as error:
            self.draft.tell(
                key,
                "“{expression}” can't be carried over: {reason}.",
                expression=expression,
                reason=str(error).rstrip("."),
            )
            return False
        return True

    def _computed(self, key: str, expression: str) -> None:
        field = self.draft.fields[key]
        if expression and self._try(key, expression, field["x-field"], "compute"):
            kind = kind_of(field["x-field"]["compute"], self.kinds)
            field |= {"type": {"number": "number", "switch": "boolean"}.get(kind, "string"), "readOnly": True}

    def _validator(self, key: str, validator: Json) -> None:
        schema = self.draft.fields[key]
        match validator.get("type"):
            case "numeric" if schema.get("type") in {"number", "integer"}:
                add_bounds(schema, validator, {"minValue": "minimum", "maxValue": "maximum"})
            case "text" if schema.get("type") == "string":
                add_bounds(schema, validator, {"minLength": "minLength", "maxLength": "maxLength"})
            case "answercount" if schema.get("type") == "array":
                add_bounds(schema, validator, {"minCount": "minItems", "maxCount": "maxItems"})
            case "regex" if schema.get("type") == "string":
                add_pattern(schema, validator.get("regex"))
            case "email":
                schema["format"] = "email"
            case "expression" if validator.get("expression"):
                self._rule(key, validator)
            case kind:
                self.draft.tell(key, "A check of the type “{kind}” was left out.", kind=kind)

    def _rule(self, key: str, validator: Json) -> None:
        holder: Json = {}
        if self._try(key, str(validator["expression"]), holder, "when"):
            path = f"rules/{len(self.draft.rules)}"
            message = text_of(validator.get("text"), self.draft, path) or str(validator["expression"])
            self.draft.rules.append({"when": {"!": [holder["when"]]}, "field": key, "message": message})


def _cell_type(column: Json, matrix: Json) -> str:
    """The question type of a matrix column."""
    kind = str(column.get("cellType") or matrix.get("cellType") or "dropdown")
    return "dropdown" if kind == "default" else kind
