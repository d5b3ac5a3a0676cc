"""SurveyJS surveys: pages become steps, panels sections, dynamic matrices and panels sub-tables.

Source: https://surveyjs.io/form-library/documentation/api-reference (question types and their properties).
"""

from typing import Any

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import Draft, Imported, Json, Text, rows_inside, table_of
from .expressions import SurveyJs, Untranslatable, condition, translate
from .finishing import finish
from .json_form import STRING, add_bounds, add_pattern, choice, choices, dicts, matrix, number, read_object
from .leftovers import tell_leftovers
from .result_kind import kind_of
from .surveyjs_options import FOR_ALL, FOR_ONE, keep_filters
from .surveyjs_values import (
    CARRIED,
    INPUTS,
    MANY_OF,
    ONE_OF,
    PLACEHOLDERS,
    PLAIN,
    USUAL,
    cell_type_of,
    conditions_of,
    elements_of,
    kinds_of,
    listed,
    options_in,
)


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of a SurveyJS survey (.json). Raises DefinitionError for a file that is none."""
    survey = read_object(data, "SurveyJS", lang)
    pages = dicts(survey.get("pages")) or [
        {"elements": survey.get("elements") or survey.get("questions") or survey.get("components")}
    ]
    elements = [element for page in pages for element in elements_of(page)]
    if not any(isinstance(element.get("name"), str) for element in elements):
        raise DefinitionError([Problem("", say(lang, "This is no SurveyJS survey: it has no pages with questions."))])
    draft = Draft("", lang)
    draft.title = draft.text(survey.get("title")) or filename.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "Form"
    reader = _Reader(draft, dict(kinds_of(elements)), dict(options_in(elements)))
    reader.describe(survey)
    for page in pages:
        reader.page(page, wizard=len(pages) > 1)
    reader.logic()
    document = draft.document() | ({"description": reader.described} if reader.described else {})
    return Imported(finish(document, draft.report, lang), draft.report)


class _Reader:
    """Adds questions to a draft; logic is translated last, when every field is known."""

    def __init__(self, draft: Draft, kinds: dict[str, str], options: dict[str, list[str]]) -> None:
        self.draft = draft
        self.kinds = kinds
        self.options = options
        self.waiting: list[tuple[str, Json, list[str]]] = []
        self.described = ""

    def page(self, page: Json, *, wizard: bool) -> None:
        """Add a page: a step of a wizard where there are several."""
        title = page.get("title")
        if wizard:
            self.draft.part(title or str(page.get("name", "")), "step", page.get("description"))
        else:
            self.draft.part(title, help=page.get("description"))
        if title or wizard:
            self.tell_rest(str(page.get("name", "page")), page)
        self.elements(elements_of(page), conditions_of(page))

    def describe(self, survey: Json) -> None:
        """What is said of the survey itself."""
        self.described = self.draft.text(survey.get("description"), ":help", "survey")
        self.tell_rest(
            "survey", {name: value for name, value in survey.items() if name not in {"title", "description"}}
        )

    def elements(self, elements: list[Json], conditions: list[str]) -> None:
        """Add every element of a list; `conditions` are those of the parts around it."""
        for element in elements:
            self.element(element, [*conditions, *conditions_of(element)])

    def element(self, element: Json, conditions: list[str]) -> None:
        """Add one question, or the ones of a panel."""
        kind, name = str(element.get("type", "")), str(element.get("name") or element.get("type") or "question")
        match kind:
            case "panel":
                self.draft.group(element.get("title"), element.get("description"))
                self.tell_rest(name, element)
                if element.get("isRequired") or element.get("requiredIf"):
                    self.draft.tell(
                        name, "“{name}” was left out: {value}", name="isRequired", value=element.get("title") or name
                    )
                self.elements(elements_of(element), conditions)
                self.draft.end_group()
            case "html":
                if conditions:
                    self.draft.tell(name, "The explanation is always shown: its condition was left out.")
                self.draft.explain(element.get("html"), name)
                self.tell_rest(name, element)
            case "image":
                link = self.draft.text(element.get("imageLink"), "", name)
                self.draft.tell(name, "The picture was left out: {link}", link=link[:200])
            case "matrix":
                self._matrix(element, name, conditions)
            case "multipletext":
                self._several_texts(element, name, conditions)
            case _:
                schema, settings = self._schema(element, kind, name)
                self._add(name, element, schema, settings, conditions)

    def _several_texts(self, element: Json, name: str, conditions: list[str]) -> None:
        """A group of texts; those that must be filled in are asked for whenever the group is there."""
        fields: Json = {}
        asked = []
        for item in dicts(element.get("items")):
            key = str(item.get("name"))
            schema, settings = self._text(item)
            title = self.draft.text(item.get("title"), f"{name}/{key}", name) or key
            fields[key] = schema | {"title": title, "x-field": settings}
            asked += [key] if item.get("isRequired") else []
            self.tell_rest(f"{name}/{key}", item)
            for validator in dicts(item.get("validators")):
                self.draft.tell(
                    f"{name}/{key}", "A check of the type “{kind}” was left out.", kind=validator.get("type")
                )
        if not fields:
            self.draft.tell(name, "A matrix without rows or columns was left out.")
            return
        schema = {"type": "object", "properties": fields} | ({"required": asked} if asked else {})
        self._add(name, element, schema, {"type": "group"}, conditions)

    def _schema(self, element: Json, kind: str, name: str) -> tuple[Json, Json]:
        chosen = kind in ONE_OF | MANY_OF | {"ranking", "imagepicker"}
        pairs = self._pairs(element.get("choices"), name, FOR_ONE) if chosen else []
        if kind == "text":
            return self._text(element)
        if kind in PLAIN:
            field_type, schema = PLAIN[kind]
            several = {"multiple": True} if kind == "file" and element.get("allowMultiple") else {}
            return dict(schema), {"type": field_type, **several}
        if kind == "slider":
            return self._text({**element, "inputType": "range"})
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

    def _pairs(self, values: Any, name: str, carried: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        pairs = []
        for value in values if isinstance(values, list) else []:
            key = value.get("value") if isinstance(value, dict) else value
            label = self.draft.text(value.get("text"), f"{name}/{key}", name) if isinstance(value, dict) else str(value)
            if isinstance(value, dict):
                rest = {word: value[word] for word in value if word not in {"value", "text"}}
                tell_leftovers(self.draft, f"{name}/{key}", rest, carried, {})
            if key not in (None, "") and not isinstance(key, dict | list):
                pairs.append((str(key), label or str(key)))
        return pairs

    def _extra(self, element: Json) -> list[tuple[str, str]]:
        """The options that switches of the question add."""
        wanted = (
            ("other", "showOtherItem", "hasOther", "otherText", "Other"),
            ("none", "showNoneItem", "hasNone", "noneText", "None"),
        )
        return [(value, Draft("").text(element.get(text)) or default) for value, new, old, text, default in wanted
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
            for value in (element["rateValues"] if isinstance(element.get("rateValues"), list) else [])
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
        marks, lines = self._pairs(element.get("columns"), name), self._pairs(element.get("rows"), name)
        if not (marks and lines):
            self.draft.tell(name, "A matrix without rows or columns was left out.")
            return
        schema, settings = matrix(lines, marks)
        if element.get("isAllRowRequired") or element.get("eachRowRequired"):
            settings["allRows"] = True
        if element.get("cellType") == "checkbox":
            settings["multiple"] = True
        self._add(name, element, schema, settings, conditions)

    def _rows(self, element: Json, kind: str, name: str) -> tuple[Json, Json]:
        inner = rows_inside(self.draft)
        parts = dicts(element.get("templateElements")) if kind == "paneldynamic" else dicts(element.get("columns"))
        shared = element.get("choices")
        prepared = [
            part if kind == "paneldynamic" else {"choices": shared, **part, "type": cell_type_of(part, element)}
            for part in parts
        ]
        reader = _Reader(
            inner, {**self.kinds, **dict(kinds_of(prepared))}, {**self.options, **dict(options_in(prepared))}
        )
        if kind == "matrixdropdown":
            inner.add(
                "row",
                {"type": "string", "title": "Row", **listed(self._pairs(element.get("rows"), f"{name}/row"))},
                {"type": "select" if element.get("rows") else "text"},
            )
            self.draft.tell(name, "The fixed rows became rows that people add, each with its name chosen.")
        reader.elements(
            [part for part in prepared if part.get("type") not in {"panel", "paneldynamic", "matrixdynamic"}], []
        )
        for part in prepared:
            if part.get("type") in {"paneldynamic", "matrixdynamic"}:
                self.draft.tell(str(part.get("name")), "Rows inside rows can't be carried over: left out.")
            elif part.get("type") == "panel":
                self.draft.tell(str(part.get("name")), "The heading of a group inside rows was left out.")
                reader.elements(elements_of(part), conditions_of(part))
        reader.logic()
        schema, settings = table_of(inner, self.draft, name)
        prefix = "panel" if kind == "paneldynamic" else "row"
        lowest, highest = (
            number(element.get(f"min{prefix.title()}Count")),
            number(element.get(f"max{prefix.title()}Count")),
        )
        return schema | ({"minItems": lowest} if lowest else {}) | ({"maxItems": highest} if highest else {}), settings

    def _add(self, name: str, element: Json, schema: Json, settings: Json, conditions: list[str]) -> None:
        title = self.draft.text(element.get("title"), name)
        help_text = self.draft.text(element.get("description"), f"{name}:help", name)
        schema = {**({"title": title} if title else {}), **schema}
        if help_text:
            schema["description"] = help_text
        greyed = element.get("placeholder") or element.get("placeHolder")
        if greyed and settings.get("type") in PLACEHOLDERS:
            settings = settings | {"placeholder": self.draft.text(greyed, f"{name}:placeholder", name)}
        elif greyed:
            self.draft.tell(name, "“{name}” was left out: {value}", name="placeholder", value=greyed)
        if element.get("readOnly") is True:
            schema["readOnly"] = True
        add_bounds(
            schema,
            element,
            {"minSelectedChoices": "minItems", "maxSelectedChoices": "maxItems"}
            if schema.get("type") == "array"
            else {},
        )
        self._default(element, schema, name)
        key = self.draft.add(name, schema, settings)
        self.waiting.append((key, element, conditions))
        self.tell_rest(name, element, FOR_ALL if "oneOf" in str(schema) else ())
        self._tell_special(name, element, schema, settings)

    def _tell_special(self, name: str, element: Json, schema: Json, settings: Json) -> None:
        """Settings that only some kinds of question can carry over."""
        number_like = schema.get("type") in {"number", "integer"}
        for setting, kept in (
            ("valueTrue", False), ("valueFalse", False), ("correctAnswer", False), ("min", number_like), ("max", number_like),
            ("step", False), ("minLength", "minLength" in schema), ("maxLength", "maxLength" in schema or element.get("maxLength") == -1),
            ("rowCount", False), ("panelCount", False),
        ):  # fmt: skip
            if element.get(setting) is not None and not kept:
                self.draft.tell(name, "“{name}” was left out: {value}", name=setting, value=element[setting])

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

    def tell_rest(self, name: str, part: Json, more: tuple[str, ...] = ()) -> None:
        """Name every setting that was neither carried over nor told of."""
        carried = {*CARRIED, *more, "visible", *(("allowMultiple",) if part.get("type") == "file" else ())}
        if part.get("visible") is False:
            self.draft.tell(name, "The field was hidden from everybody: here it is shown.")
        tell_leftovers(self.draft, name, part, carried, USUAL)

    def logic(self) -> None:
        """Translate conditions, computed values and validators, now that every field is known."""
        for key, element, conditions in self.waiting:
            settings: Json = self.draft.fields[key].setdefault("x-field", {})
            if conditions:
                self._try(key, " and ".join(f"({text})" for text in conditions), settings, "visibleWhen")
            if element.get("enableIf"):
                holder: Json = {}
                if self._try(key, str(element["enableIf"]), holder, "when"):
                    settings["readOnlyWhen"] = {"!": [holder["when"]]}
            if element.get("defaultValueExpression"):
                self._try(key, str(element["defaultValueExpression"]), settings, "default")
            if element.get("type") == "expression":
                self._computed(key, str(element.get("expression") or ""))
            elif element.get("isRequired"):
                self.draft.require(key)
            elif element.get("requiredIf"):
                self._try(key, str(element["requiredIf"]), settings, "requiredWhen")
            for validator in dicts(element.get("validators")):
                self._validator(key, validator)
            if "oneOf" in str(self.draft.fields[key]):
                keep_filters(self.draft, key, element, self.kinds, self.options)
            if not settings:
                del self.draft.fields[key]["x-field"]

    def _try(self, key: str, expression: str, settings: Json, name: str) -> bool:
        try:
            tree = translate(expression, SurveyJs(self.kinds, key, self.options))
            settings[name] = tree if name in {"default", "compute"} else condition(tree)
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
        if validator.get("text") and validator.get("type") != "expression":
            self.draft.tell(
                key,
                "The own words for an error were left out: {text}",
                text=self.draft.read(validator["text"], key).main,
            )
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
            said = self.draft.read(validator.get("text"), key)
            self.draft.rule(key, {"!": [holder["when"]]}, said if said.main else Text(str(validator["expression"])))
