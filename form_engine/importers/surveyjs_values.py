"""Readings of the parts of a SurveyJS survey: question types, which settings are carried over, which say nothing new."""

from collections.abc import Iterator

from .draft import Json
from .json_form import STRING, choice, dicts
from .leftovers import says_nothing

INPUTS: dict[str, tuple[str, Json]] = {
    "number": ("number", {"type": "number"}),
    "date": ("date", {"type": "string", "format": "date"}),
    "datetime-local": ("datetime", {"type": "string", "format": "date-time"}),
    "datetime": ("datetime", {"type": "string", "format": "date-time"}),
    "time": ("time", {"type": "string", "format": "time"}),
    "email": ("email", {"type": "string", "format": "email"}),
    "url": ("url", {"type": "string", "format": "uri"}),
    "tel": ("phone", STRING),
    "color": ("color", STRING),
    "range": ("slider", {"type": "number"}),
}


PLAIN: dict[str, tuple[str, Json]] = {
    "comment": ("paragraph", STRING),
    "boolean": ("switch", {"type": "boolean"}),
    "file": ("file", {}),
    "signaturepad": ("signature", {}),
}


PLACEHOLDERS = {"text", "paragraph", "email", "url", "phone", "number", "integer", "select", "multiselect"}


ONE_OF = {"radiogroup", "dropdown", "buttongroup"}


MANY_OF = {"checkbox", "tagbox"}


KINDS = {"number": "number", "slider": "number", "date": "date", "datetime": "datetime", "time": "time"}


CARRIED = {
    "type", "name", "title", "description", "visibleIf", "isRequired", "requiredIf", "readOnly", "defaultValue", "validators", "elements",
    "questions", "templateElements", "pages", "components", "html", "imageLink", "expression", "choices", "columns", "rows", "items", "locale",
    "inputType", "placeholder", "placeHolder", "cellType", "multiSelect", "rateValues", "rateMin", "rateMax", "rateCount", "enableIf",
    "showOtherItem", "hasOther", "otherText", "showNoneItem", "hasNone", "noneText", "valueTrue", "valueFalse", "minRowCount", "maxRowCount",
    "minPanelCount", "maxPanelCount", "maxSelectedChoices", "minSelectedChoices", "defaultValueExpression", "min", "max", "minLength",
    "maxLength", "step", "isAllRowRequired", "eachRowRequired", "rowCount", "panelCount", "correctAnswer",
}  # fmt: skip
"""What is carried over, or told of where it cannot be. What only some kinds of question have is looked at there."""


USUAL = {
    "showQuestionNumbers": ("off", "on", True), "showProgressBar": ("off", "none"), "logoPosition": ("left", "right"), "colCount": (1, 0),
    "maxLength": (-1,), "startWithNewLine": (True,), "storeDataAsText": (True,), "rateType": ("labels",), "labelTrue": ("Yes",),
    "labelFalse": ("No",), "clearInvisibleValues": ("onComplete",), "textUpdateMode": ("onBlur",), "titleLocation": ("top", "default"),
    "state": ("default",), "logo": (), "widthMode": ("auto",), "requiredMark": ("*",), "requiredText": ("*",), "version": (),
}  # fmt: skip


def elements_of(part: Json) -> list[Json]:
    """The questions and panels of a page or panel."""
    return dicts(part.get("elements")) or dicts(part.get("questions"))


def kinds_of(elements: list[Json]) -> Iterator[tuple[str, str]]:
    """What logic will see of each question, by its name."""
    for element in elements:
        kind, name = element.get("type"), str(element.get("name", ""))
        if kind == "panel":
            yield from kinds_of(elements_of(element))
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


def options_in(elements: list[Json]) -> Iterator[tuple[str, list[str]]]:
    """The values of the options of each question that offers some, by its name."""
    for element in elements:
        if element.get("type") == "panel":
            yield from options_in(elements_of(element))
        elif isinstance(element.get("choices"), list):
            yield str(element.get("name", "")), [value for value, _ in choices_of(element)]


def choices_of(element: Json) -> Iterator[tuple[str, Json]]:
    """The options of a question: value as it is stored, and what else is said of it."""
    for entry in element["choices"] if isinstance(element.get("choices"), list) else ():
        value = entry.get("value") if isinstance(entry, dict) else entry
        if value not in (None, "") and not isinstance(value, dict | list):
            yield str(value), entry if isinstance(entry, dict) else {}


def conditions_of(part: Json) -> list[str]:
    """When a page, panel or question is shown, as the other product writes it."""
    return [str(part["visibleIf"])] if not says_nothing(part.get("visibleIf")) else []


def listed(pairs: list[tuple[str, str]]) -> Json:
    """The options as JSON Schema says them; nothing where there are none."""
    return {"oneOf": choice(pairs)[0]["oneOf"]} if pairs else {}


def cell_type_of(column: Json, matrix: Json) -> str:
    """The question type of a matrix column."""
    kind = str(column.get("cellType") or matrix.get("cellType") or "dropdown")
    return "dropdown" if kind == "default" else kind
