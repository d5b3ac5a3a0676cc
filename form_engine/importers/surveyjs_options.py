"""Which options of a SurveyJS question are offered when: `choicesVisibleIf` for all, `visibleIf` of one in its place.

An option that may be seen but not chosen (`choicesEnableIf`, `enableIf`) is not offered here: what can be answered is the same.
"""

from collections.abc import Iterator

from .draft import Draft, Json
from .expressions import Untranslatable, condition, translate
from .leftovers import says_nothing
from .surveyjs_expressions import Names, SurveyJs
from .surveyjs_values import choices_of

FOR_ALL = ("choicesVisibleIf", "choicesEnableIf")
FOR_ONE = ("visibleIf", "enableIf")


def keep_filters(draft: Draft, key: str, element: Json, names: Names) -> None:
    """Carry over the conditions of a question's options to its field `key`; one that can't be is told."""
    settings = draft.fields[key].setdefault("x-field", {})
    offered: Json = {}
    for value, entry in choices_of(element):
        tests = []
        for expression in _conditions(element, entry):
            try:
                reader = SurveyJs(names, key, value)
                tests.append(condition(reader.truth(translate(expression, reader))))
            except Untranslatable:
                draft.tell(key, "All options are offered: the filter “{filter}” was left out.", filter=expression)
        if tests:
            offered[value] = tests[0] if len(tests) == 1 else {"and": tests}
    if offered:
        settings["optionsWhen"] = offered
    greyed = [element.get(FOR_ALL[1]), *(entry.get(FOR_ONE[1]) for _, entry in choices_of(element))]
    if not all(says_nothing(expression) for expression in greyed):
        draft.tell(key, "Options that could be seen but not chosen are not offered here.")


def _conditions(element: Json, entry: Json) -> Iterator[str]:
    for common, own in zip(FOR_ALL, FOR_ONE, strict=True):
        expression = entry.get(own) if not says_nothing(entry.get(own)) else element.get(common)
        if not says_nothing(expression):
            yield str(expression)
