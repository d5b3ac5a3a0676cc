"""The logic of an XLSForm: conditions, calculations, checks, defaults. It is translated last, when every field is known."""

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from .draft import Draft, Json, Text
from .expressions import Untranslatable, condition, translate
from .json_form import add_pattern
from .result_kind import kind_of
from .xlsform_parts import Question, bounds_of, filled, number_of, type_of
from .xpath_expressions import XPath

ROUNDS = 10
"""How often the kinds of calculations are looked at, which may read each other."""
PATTERN = re.compile(r"""regex\(\s*\.\s*,\s*(['"])((?:(?!\1).)+)\1\s*\)""", re.DOTALL)
MIDNIGHT = " 00:00:00"
"""What a cell that holds a day is read with."""
TRUE, FALSE = {"yes", "true", "true()", "1"}, {"no", "false", "false()", "0", ""}
Waiting = tuple[str, Question, list[str], list[Json]]
"""The key of a field, its question, when the parts around it are shown, and its options."""


class Logic:
    """Puts the logic of the questions of `draft` into its fields. `kinds` and `columns` are as `XPath` takes them."""

    def __init__(self, draft: Draft, kinds: dict[str, str], columns: dict[str, str]) -> None:
        self.draft = draft
        self.kinds = kinds
        self.columns = columns

    def apply(self, waiting: list[Waiting]) -> None:
        """Translate what the questions say."""
        self._learn_kinds(waiting)
        for key, question, relevant, choices in waiting:
            bind = question.get("bind", {})
            field = self.draft.fields[key]
            settings: Json = field.setdefault("x-field", {})
            conditions = [*relevant, bind["relevant"]] if bind.get("relevant") else relevant
            self._shown(key, conditions, settings)
            if type_of(question) == "calculate" or bind.get("calculate"):
                self._calculation(key, field, _calculated(question))
            else:
                self._default(key, field, question.get("default"))
            self._requirement(key, bind, settings)
            self._constraint(key, field, bind)
            if question.get("choice_filter") and "oneOf" in str(field):
                self._filter(key, str(question["choice_filter"]), choices, settings)
            if str(bind.get("readonly", "")).strip().lower() in TRUE:
                field["readOnly"] = True
            elif str(bind.get("readonly", "")).strip().lower() not in FALSE:
                self._into(settings, "readOnlyWhen", key, str(bind["readonly"]))
            if not settings:
                del field["x-field"]

    def _learn_kinds(self, waiting: list[Waiting]) -> None:
        """What calculations give, which other expressions read."""
        found = [(key, expression) for key, question, *_ in waiting if (expression := _calculated(question))]
        for _ in range(ROUNDS):
            before = dict(self.kinds)
            self.kinds.update(self._kinds(found))
            if before == self.kinds:
                return

    def _kinds(self, calculations: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for key, expression in calculations:
            with contextlib.suppress(Untranslatable):
                yield key, kind_of(translate(expression, self._translator(key)), self.kinds)

    def _translator(self, key: str) -> XPath:
        return XPath(self.kinds, key, self.columns)

    def _shown(self, key: str, conditions: list[str], settings: Json) -> None:
        """When a field is shown: under all the conditions around it; one that can't be carried over is told, and the others hold."""
        trees: list[Any] = []
        for expression in conditions:
            self._try(key, expression, trees.append)
        if trees:
            self._keep(settings, "visibleWhen", self._translator(key).and_(*trees))

    def _requirement(self, key: str, bind: Json, settings: Json) -> None:
        wanted = str(bind.get("required", "")).strip()
        if wanted.lower() in TRUE:
            self.draft.require(key)
        elif wanted.lower() not in FALSE:
            self._into(settings, "requiredWhen", key, wanted)

    def _filter(self, key: str, expression: str, choices: list[Json], settings: Json) -> None:
        """A choice filter, said for each option: its columns are known, only the answers are not."""
        offered: Json = {}
        try:
            for choice in choices:
                columns = {str(name): choice[name] for name in choice if name not in {"label", "media"}}
                tree = translate(filled(expression, columns), self._translator(key))
                offered[str(choice.get("name"))] = condition(tree)
        except Untranslatable:
            self.draft.tell(key, "All options are offered: the filter “{filter}” was left out.", filter=expression)
            return
        settings["optionsWhen"] = offered

    def _into(self, settings: Json, name: str, key: str, expression: str) -> None:
        if expression:
            self._try(key, expression, lambda tree: self._keep(settings, name, tree))

    @staticmethod
    def _keep(settings: Json, name: str, tree: Any) -> None:
        if name == "default":
            settings[name] = tree
        elif (name, tree) != ("visibleWhen", True):
            settings[name] = condition(tree)

    def _try(self, key: str, expression: str, keep: Callable[[Any], None]) -> None:
        try:
            keep(translate(expression, self._translator(key)))
        except Untranslatable as error:
            self.draft.tell_untranslated(key, expression, error)

    def _calculation(self, key: str, field: Json, expression: str) -> None:
        def keep(tree: Any) -> None:
            kind = kind_of(tree, self.kinds)
            types = {"number": "number", "switch": "boolean"}
            field["type"] = types.get(kind, "string")
            if kind in {"date", "datetime"}:
                field["format"] = "date" if kind == "date" else "date-time"
            field["x-field"]["compute"] = tree
            field["readOnly"] = True

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
            field["default"] = text.removesuffix(MIDNIGHT) if field.get("format") == "date" else text

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


def _calculated(question: Question) -> str:
    """The formula of a question that is calculated; "" for others."""
    formula = question.get("bind", {}).get("calculate")
    if not formula and type_of(question) == "calculate":
        formula = question.get("default")
    return str(formula or "")
