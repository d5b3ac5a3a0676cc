"""Readings of the parts of a SurveyJS survey: question types, which settings are carried over, which say nothing new."""

from collections.abc import Iterator
from typing import Any

from .draft import Json
from .json_form import STRING, choice, dicts, number, stored
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


CHOOSING = ONE_OF | MANY_OF | {"ranking", "imagepicker"}


ROWS = {"matrixdynamic", "paneldynamic", "matrixdropdown"}


KINDS = {"number": "number", "slider": "number", "date": "date", "datetime": "datetime", "time": "time"}


CARRIED = {
    "type", "name", "valueName", "title", "description", "visibleIf", "isRequired", "readOnly", "enableIf", "defaultValue", "validators",
    "placeholder", "placeHolder", "defaultValueExpression", "correctAnswer", "showCommentArea", "hasComment", "commentText", "visible",
    "requiredIf",
}  # fmt: skip
"""What every part may have, and is carried over or told of where it cannot be."""
OF_CHOICES = {
    "choices", "choicesMin", "choicesMax", "choicesStep", "showOtherItem", "hasOther", "otherText", "showNoneItem", "hasNone", "noneText",
}  # fmt: skip
OF_TEXTS = {
    "inputType",
    "minValueExpression",
    "maxValueExpression",
    "minErrorText",
    "maxErrorText",
    "min",
    "max",
    "step",
    "minLength",
    "maxLength",
}
OF_ITEMS = {"type", "name", "title", "isRequired", "inputType", "validators"}
"""Of one of several texts."""
OF_ROWS = {
    "columns", "rows", "templateElements", "detailElements", "cellType", "choices", "minRowCount", "maxRowCount", "minPanelCount", "maxPanelCount",
    "rowCount", "panelCount",
}  # fmt: skip
CARRIED_BY: dict[str, set[str]] = {
    "": {"pages", "elements", "questions", "components", "locale", "triggers", "calculatedValues"},
    "panel": {"elements", "questions"},
    "html": {"html"},
    "multipletext": {"items"},
    "text": OF_TEXTS,
    "slider": OF_TEXTS,
    "comment": {"minLength", "maxLength", "rows", "cols"},
    "boolean": {"valueTrue", "valueFalse"},
    "rating": {"rateValues", "rateMin", "rateMax", "rateCount"},
    "expression": {"expression"},
    "matrix": {"columns", "rows", "cellType", "isAllRowRequired", "eachRowRequired"},
    "file": {"allowMultiple"},
    "image": {"imageLink"},
    "imagepicker": {*OF_CHOICES, "multiSelect"},
    "checkbox": {*OF_CHOICES, "minSelectedChoices", "maxSelectedChoices"},
    "tagbox": {*OF_CHOICES, "minSelectedChoices", "maxSelectedChoices"},
    "ranking": {*OF_CHOICES, "minSelectedChoices", "maxSelectedChoices"},
    **dict.fromkeys(ONE_OF, OF_CHOICES),
    **dict.fromkeys(ROWS, OF_ROWS),
}
"""What only some kinds of question have; the survey and its pages are of no kind."""


USUAL = {
    "showQuestionNumbers": ("off", "on", True), "showProgressBar": ("off", "none"), "logoPosition": ("left", "right"), "colCount": (1, 0),
    "maxLength": (-1,), "startWithNewLine": (True,), "storeDataAsText": (True,), "rateType": ("labels",), "labelTrue": ("Yes",),
    "labelFalse": ("No",), "clearInvisibleValues": ("onComplete",), "textUpdateMode": ("onBlur",), "titleLocation": ("top", "default"),
    "state": ("default",), "logo": (), "widthMode": ("auto",), "requiredMark": ("*",), "requiredText": ("*",), "version": (),
}  # fmt: skip
ON = {
    "allowAddRows", "allowRemoveRows", "allowAddPanel", "allowRemovePanel", "showPrevButton", "showNavigationButtons", "showCompletedPage",
    "showTitle", "showPageTitles", "allowClear", "storeDataAsText", "storeOthersAsComment", "useDisplayValuesInDynamicTexts",
}  # fmt: skip
"""What is so unless a survey says otherwise."""
SEPARATOR = "|"
MOST_NUMBERED = 500
"""Options that `choicesMin` and `choicesMax` may make."""


def key_of(element: Json) -> str:
    """The key under which an answer is kept."""
    return str(element.get("valueName") or element.get("name") or element.get("type") or "question")


def elements_of(part: Json) -> list[Json]:
    """The questions and panels of a page or panel."""
    return with_comments(dicts(part.get("elements")) or dicts(part.get("questions")))


def inner_of(element: Json) -> list[Json]:
    """The questions of a row: those of a dynamic panel, or the columns, which may be mere names, and what is below them."""
    if element.get("type") == "paneldynamic":
        return with_comments(dicts(element.get("templateElements")))
    columns = element["columns"] if isinstance(element.get("columns"), list) else []
    named = [{"name": column} if isinstance(column, str) else column for column in columns]
    details = dicts(element.get("detailElements"))
    return with_comments([*(_cell(column, element) for column in dicts(named)), *details])


def _cell(column: Json, matrix: Json) -> Json:
    """A column as the question that each of its cells is."""
    kind = str(column.get("cellType") or matrix.get("cellType") or "dropdown")
    kind = "dropdown" if kind == "default" else kind
    shared = {"choices": matrix["choices"]} if kind in CHOOSING and matrix.get("choices") else {}
    return {**shared, **{word: column[word] for word in column if word != "cellType"}, "type": kind}


def with_comments(elements: list[Json]) -> list[Json]:
    """The elements, each followed by the question for the words that go with its answer, where it has one."""
    return [part for element in elements for part in (element, *_comment(element))]


def _comment(element: Json) -> Iterator[Json]:
    key, kind = key_of(element), element.get("type")
    if (element.get("showOtherItem") or element.get("hasOther")) and kind in ONE_OF | MANY_OF | {"imagepicker"}:
        chosen = "=" if is_single(element) else "contains"
        shown = {"visibleIf": f"{{{key}}} {chosen} 'other'", "isRequired": True}
        yield {"type": "text", "name": f"{key}-Comment", "title": element.get("otherText") or "Other", **shown}
    elif element.get("showCommentArea") or element.get("hasComment"):
        shown = {"visibleIf": element["visibleIf"]} if conditions_of(element) else {}
        yield {"type": "comment", "name": f"{key}-Comment", "title": element.get("commentText") or "Comment", **shown}


def is_single(element: Json) -> bool:
    """Whether one option is chosen, not several."""
    return element.get("type") in ONE_OF or (element.get("type") == "imagepicker" and not element.get("multiSelect"))


def names_in(elements: list[Json], above: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """For each question, column and item: its path, what logic will see of it, and the values of its options."""
    for element in elements:
        path, kind = above + key_of(element), element.get("type")
        if kind == "panel":
            yield from names_in(elements_of(element), above)
            continue
        yield path, _kind_of(element), [value for value, _ in choices_of(element)]
        if kind in {"matrixdynamic", "paneldynamic"}:
            yield from names_in(inner_of(element), f"{path}.")
        elif kind == "matrix":
            marks = [value for value, _ in listed_in(element.get("columns"))]
            single = "options" if element.get("cellType") == "checkbox" else "option"
            yield from ((f"{path}.{row}", single, marks) for row, _ in listed_in(element.get("rows")))
        elif kind == "multipletext":
            for item in dicts(element.get("items")):
                yield f"{path}.{item.get('name')}", _kind_of({**item, "type": "text"}), []


def _kind_of(element: Json) -> str:
    kind = str(element.get("type", ""))
    if is_single(element) or is_labelled(element):
        return "option"
    if kind in CHOOSING:
        return "options"
    if kind in ROWS:
        return "table"
    if kind == "text":
        return KINDS.get(input_of(element)[0], "text")
    return {"boolean": "switch", "rating": "number", "slider": "number"}.get(kind, "text")


def totals_in(elements: list[Json]) -> Iterator[tuple[str, str]]:
    """What stands below the columns of the tables, by `table.column`."""
    words = {"sum": "sum", "count": "count", "min": "min", "max": "max", "avg": "average"}
    for element in elements:
        if element.get("type") == "panel":
            yield from totals_in(elements_of(element))
        elif element.get("type") == "matrixdynamic":
            for column in inner_of(element):
                if str(column.get("totalType")) in words:
                    yield f"{key_of(element)}.{key_of(column)}", words[str(column["totalType"])]


def input_of(element: Json) -> tuple[str, Json]:
    """The field of a question for a text; one whose text must be a number is for a number."""
    kind = str(element.get("inputType") or "")
    if kind in {"", "text"} and any(check.get("type") == "numeric" for check in dicts(element.get("validators"))):
        kind = "number"
    return INPUTS.get(kind, ("text", STRING))


def is_labelled(element: Json) -> bool:
    """Whether a switch or a rating stores values of its own, so that it is a choice among them."""
    if element.get("type") == "boolean":
        yes, no = element.get("valueTrue"), element.get("valueFalse")
        return not ((says_nothing(yes) or yes is True) and says_nothing(no))
    return element.get("type") == "rating" and bool(rates_of(element)) and not is_scale(element)


def is_scale(element: Json) -> bool:
    """Whether the values of a rating are whole numbers, one after the other."""
    rates = [number(value) for value, _ in rates_of(element)]
    whole = [rate for rate in rates if isinstance(rate, int)]
    return bool(rates) and len(whole) == len(rates) and whole == list(range(whole[0], whole[0] + len(whole)))


def rates_of(element: Json) -> list[tuple[str, Json]]:
    """The values of a rating that has its own."""
    return list(listed_in(element.get("rateValues")))


def choices_of(element: Json) -> Iterator[tuple[str, Json]]:
    """The options of a question: value as it is stored, and what else is said of it."""
    if element.get("type") == "boolean" and is_labelled(element):
        yield stored(element.get("valueTrue", True)), {"text": element.get("labelTrue") or "Yes"}
        yield stored(element.get("valueFalse", False)), {"text": element.get("labelFalse") or "No"}
    elif element.get("type") == "rating":
        yield from rates_of(element) if is_labelled(element) else ()
    elif element.get("type") in CHOOSING:
        yield from listed_in(element.get("choices"))
        yield from _numbered(element)
        yield from _extra(element)


def listed_in(values: Any) -> Iterator[tuple[str, Json]]:
    """Options, rows or columns: plain values, `value|label`, or objects."""
    for entry in values if isinstance(values, list) else ():
        value = entry.get("value") if isinstance(entry, dict) else entry
        if value in (None, "") or isinstance(value, dict | list):
            continue
        if isinstance(entry, str) and SEPARATOR in entry:
            before, _, label = entry.partition(SEPARATOR)
            yield before, {"text": label}
        else:
            yield stored(value), entry if isinstance(entry, dict) else {}


def unreadable(values: Any) -> Iterator[Any]:
    """The options that have no value of their own to be stored."""
    for entry in values if isinstance(values, list) else ():
        value = entry.get("value") if isinstance(entry, dict) else entry
        if value in (None, "") or isinstance(value, dict | list):
            yield entry


def are_too_many(element: Json) -> bool:
    """Whether a question has more options that are numbers than are made of it."""
    return len(list(_numbered(element))) == MOST_NUMBERED


def _numbered(element: Json) -> Iterator[tuple[str, Json]]:
    low, high, step = (number(element.get(f"choices{word}")) for word in ("Min", "Max", "Step"))
    if isinstance(low, int) and isinstance(high, int):
        step = step if isinstance(step, int) and step > 0 else 1
        yield from ((str(value), {}) for value in range(low, high + 1, step)[:MOST_NUMBERED])


def _extra(element: Json) -> Iterator[tuple[str, Json]]:
    """The options that switches of the question add."""
    wanted = (
        ("other", "showOtherItem", "hasOther", "otherText", "Other"),
        ("none", "showNoneItem", "hasNone", "noneText", "None"),
    )
    for value, new, old, text, default in wanted:
        if element.get(new) or element.get(old):
            yield value, {"text": element.get(text) or default}


def conditions_of(part: Json, word: str = "visibleIf") -> list[str]:
    """When a page, panel or question is shown (or, with `enableIf`, open), as the other product writes it."""
    return [str(part[word])] if not says_nothing(part.get(word)) else []


def listed(pairs: list[tuple[str, str]]) -> Json:
    """The options as JSON Schema says them; nothing where there are none."""
    return {"oneOf": choice(pairs)[0]["oneOf"]} if pairs else {}
