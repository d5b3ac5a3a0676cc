"""SurveyJS surveys: pages become steps, panels sections, dynamic matrices and panels sub-tables.

Source: https://surveyjs.io/form-library/documentation/api-reference (question types and their properties).
"""

from typing import Any

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import Draft, Imported, Json, rows_inside, table_of
from .finishing import finish
from .json_form import add_bounds, dicts, number, read_object
from .leftovers import shown, tell_leftovers
from .surveyjs_expressions import Names
from .surveyjs_fields import field_of, keep_default, matrix_of, pairs_of, placeholder_of, tell_special, texts_of
from .surveyjs_logic import Around, Logic
from .surveyjs_options import FOR_ALL
from .surveyjs_values import (
    CARRIED,
    CARRIED_BY,
    OF_ITEMS,
    ON,
    PLACEHOLDERS,
    ROWS,
    USUAL,
    elements_of,
    inner_of,
    input_of,
    is_labelled,
    key_of,
    listed,
    listed_in,
    names_in,
    totals_in,
)

MOST_SHOWN = 1000
"""How much is said of something that happens by itself."""


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of a SurveyJS survey (.json). Raises DefinitionError for a file that is none."""
    survey, around = _unwrapped(read_object(data, "SurveyJS", lang))
    pages = dicts(survey.get("pages")) or [
        {"elements": survey.get("elements") or survey.get("questions") or survey.get("components")}
    ]
    elements = [element for page in pages for element in elements_of(page)]
    if not any(isinstance(element.get("name"), str) for element in elements):
        raise DefinitionError([Problem("", say(lang, "This is no SurveyJS survey: it has no pages with questions."))])
    draft = Draft("", lang)
    draft.title = draft.text(survey.get("title")) or filename.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "Form"
    reader = _Reader(draft, _names(elements, survey))
    tell_leftovers(draft, "", around, (), {})
    reader.describe(survey)
    for page in pages:
        reader.page(page, wizard=len(pages) > 1)
    reader.logic()
    reader.tell_triggers(survey)
    document = draft.document() | ({"description": reader.described} if reader.described else {})
    return Imported(finish(document, draft.report, lang), draft.report)


def _unwrapped(document: Json) -> tuple[Json, Json]:
    """The survey itself, also where a file has it under some word, and what else the file holds then."""
    words = {"pages", "elements", "questions", "components"}
    inner = [name for name, part in document.items() if isinstance(part, dict) and words & part.keys()]
    if words & document.keys() or not inner:
        return document, {}
    return document[inner[0]], {name: part for name, part in document.items() if name != inner[0]}


def _names(elements: list[Json], survey: Json) -> Names:
    """What the expressions of a survey may read."""
    known = list(names_in(elements))
    values = dicts(survey.get("calculatedValues"))
    return Names(
        kinds={path: kind for path, kind, _ in known},
        options={path: options for path, _, options in known if options},
        totals=dict(totals_in(elements)),
        calculated={str(value.get("name")): str(value["expression"]) for value in values if value.get("expression")},
    )


class _Reader:
    """Adds questions to a draft; logic is translated last, when every field is known."""

    def __init__(self, draft: Draft, names: Names) -> None:
        self.draft = draft
        self.names = names
        self.waiting: list[tuple[str, Json, Around]] = []
        self.described = ""

    def page(self, page: Json, *, wizard: bool) -> None:
        """Add a page: a step of a wizard where there are several."""
        title = page.get("title")
        if wizard:
            self.draft.part(title or str(page.get("name", "")), "step", page.get("description"))
        else:
            self.draft.part(title, help=page.get("description"))
        self._tell_part(str(page.get("name", "page")), page)
        self.elements(elements_of(page), Around().inside(page))

    def describe(self, survey: Json) -> None:
        """What is said of the survey itself."""
        self.described = self.draft.text(survey.get("description"), ":help", "survey")
        tell_leftovers(self.draft, "survey", survey, {*CARRIED, *CARRIED_BY[""]}, USUAL, ON)

    def tell_triggers(self, survey: Json) -> None:
        """What happens by itself is not carried over; a calculated value is where it is read, and nowhere else."""
        values = dicts(survey.get("calculatedValues"))
        unread = [
            each for each in values if each.get("includeIntoResult") or str(each.get("name")) not in self.names.used
        ]
        for name, parts in (("calculatedValues", unread), ("triggers", dicts(survey.get("triggers")))):
            for part in parts:
                self.draft.tell("survey", "“{name}” was left out: {value}", name=name, value=shown(part, MOST_SHOWN))

    def elements(self, elements: list[Json], around: Around) -> None:
        """Add every element of a list; `around` is what the parts around it say."""
        for element in elements:
            self.element(element, around.inside(element))

    def element(self, element: Json, around: Around) -> None:
        """Add one question, or the ones of a panel."""
        kind, name = str(element.get("type", "")), key_of(element)
        match kind:
            case "panel":
                self._panel(element, name, around)
            case "html" | "image":
                self._explanation(element, name, around)
            case "matrix":
                self._add_found(name, element, matrix_of(self.draft, element, name), around)
            case "multipletext":
                self._add_found(name, element, texts_of(self.draft, element, name), around)
                for item in dicts(element.get("items")):
                    self._tell_item(f"{name}/{item.get('name')}", item)
            case _ if kind in ROWS and self.draft.inside:
                self.draft.tell(name, "Rows inside rows can't be carried over: left out.")
            case _ if kind in ROWS:
                self._add(name, element, *self._rows(element, kind, name), around)
            case _:
                self._add(name, element, *field_of(self.draft, element, kind, name), around)

    def _tell_item(self, name: str, item: Json) -> None:
        """What is not carried over of one of several texts, whose bounds are carried over only where they are numbers."""
        field_type, schema = input_of(item)
        bounds = ("min", "max") if schema["type"] == "number" else ("minLength", "maxLength")
        greyed = ("placeholder", "placeHolder") if field_type in PLACEHOLDERS else ()
        tell_leftovers(self.draft, name, item, {*OF_ITEMS, *bounds, *greyed}, USUAL, ON)

    def _panel(self, element: Json, name: str, around: Around) -> None:
        if not self.draft.inside:
            self.draft.group(element.get("title"), element.get("description"))
        elif element.get("title") or element.get("description"):
            self.draft.tell(name, "The heading of a group inside rows was left out.")
        self._tell_part(name, element)
        self.elements(elements_of(element), around)
        if not self.draft.inside:
            self.draft.end_group()

    def _tell_part(self, name: str, part: Json) -> None:
        for word in ("isRequired", "requiredIf"):
            if part.get(word):
                self.draft.tell(name, "“{name}” was left out: {value}", name=word, value=shown(part[word]))
        self.tell_rest(name, part)

    def _explanation(self, element: Json, name: str, around: Around) -> None:
        if element.get("type") == "image":
            link = self.draft.text(element.get("imageLink"), "", name)
            self.draft.tell(name, "The picture was left out: {link}", link=link[:200])
        else:
            if around.shown:
                self.draft.tell(name, "The explanation is always shown: its condition was left out.")
            self.draft.explain(element.get("html"), name)
        self.tell_rest(name, element)

    def _rows(self, element: Json, kind: str, name: str) -> tuple[Json, Json]:
        inner = rows_inside(self.draft)
        parts = inner_of(element)
        own = {path: (seen, options) for path, seen, options in names_in(parts)}
        kinds = {**self.names.kinds, **{path: seen for path, (seen, _) in own.items()}}
        options = {**self.names.options, **{path: values for path, (_, values) in own.items()}}
        reader = _Reader(inner, Names(kinds, options, self.names.totals, self.names.calculated, self.names.used))
        if kind == "matrixdropdown":
            rows = pairs_of(self.draft, listed_in(element.get("rows")), f"{name}/row")
            field_type = {"type": "select" if rows else "text"}
            inner.add("row", {"type": "string", "title": "Row", **listed(rows)}, field_type)
            self.draft.tell(name, "The fixed rows became rows that people add, each with its name chosen.")
        reader.elements(parts, Around())
        reader.logic()
        schema, settings = table_of(inner, self.draft, name)
        word = "Panel" if kind == "paneldynamic" else "Row"
        for bound, keyword in ((f"min{word}Count", "minItems"), (f"max{word}Count", "maxItems")):
            if number(element.get(bound)):
                schema[keyword] = number(element[bound])
        return schema, settings

    def _add_found(self, name: str, element: Json, found: tuple[Json, Json] | None, around: Around) -> None:
        if found is None:
            self.draft.tell(name, "A matrix without rows or columns was left out.")
        else:
            self._add(name, element, *found, around)

    def _add(self, name: str, element: Json, schema: Json, settings: Json, around: Around) -> None:
        title = self.draft.text(element.get("title") or element.get("name"), name)
        help_text = self.draft.text(element.get("description"), f"{name}:help", name)
        schema = {**({"title": title} if title and title != name else {}), **schema}
        if help_text:
            schema["description"] = help_text
        greyed = element.get("placeholder") or element.get("placeHolder")
        if greyed and settings.get("type") not in PLACEHOLDERS:
            self.draft.tell(name, "“{name}” was left out: {value}", name="placeholder", value=shown(greyed))
        settings = settings | placeholder_of(self.draft, element, settings, name)
        if schema.get("type") == "array":
            add_bounds(schema, element, {"minSelectedChoices": "minItems", "maxSelectedChoices": "maxItems"})
        keep_default(self.draft, element, schema, settings, name)
        key = self.draft.add(name, schema, settings)
        self.waiting.append((key, element, around))
        of_options = ("labelTrue", "labelFalse") if is_labelled(element) else FOR_ALL if "oneOf" in str(schema) else ()
        self.tell_rest(name, element, of_options)
        tell_special(self.draft, element, schema, name)

    def tell_rest(self, name: str, part: Json, more: tuple[str, ...] = ()) -> None:
        """Name every setting that was neither carried over nor told of."""
        if part.get("visible") is False and not part.get("visibleIf"):
            self.draft.tell(name, "The field was hidden from everybody: here it is shown.")
        own: Any = CARRIED_BY.get(str(part.get("type", "")), ())
        tell_leftovers(self.draft, name, part, {*CARRIED, *more, *own}, USUAL, ON)

    def logic(self) -> None:
        """Translate conditions, computed values and validators, now that every field is known."""
        Logic(self.draft, self.names).apply(self.waiting)
