"""The logic of a SurveyJS survey: conditions, computed values, checks. It is translated last, when every field is known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .draft import Draft, Json, Text
from .expressions import Untranslatable, condition, translate
from .json_form import add_bounds, add_pattern, dicts
from .leftovers import tell_leftovers
from .result_kind import kind_of
from .surveyjs_expressions import Names, SurveyJs
from .surveyjs_options import keep_filters
from .surveyjs_values import conditions_of

ROUNDS = 10
"""How often the kinds of calculations are looked at, which may read each other."""
MILD = ("warning", "info")
"""The kinds of check that people may go against."""
CHECKED = {
    "type",
    "text",
    "expression",
    "minValue",
    "maxValue",
    "minLength",
    "maxLength",
    "minCount",
    "maxCount",
    "regex",
}


@dataclass(frozen=True, slots=True)
class Around:
    """What the parts around a question say of it: when it is shown, when it is open, and that it may only be read."""

    shown: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    read_only: bool = False

    def inside(self, part: Json) -> "Around":
        """The same and what `part` says."""
        return replace(
            self,
            shown=(*self.shown, *conditions_of(part)),
            open=(*self.open, *conditions_of(part, "enableIf")),
            read_only=self.read_only or part.get("readOnly") is True,
        )


class Logic:
    """Puts the logic of the questions of `draft` into its fields."""

    def __init__(self, draft: Draft, names: Names) -> None:
        self.draft = draft
        self.names = names

    def apply(self, waiting: list[tuple[str, Json, Around]]) -> None:
        """Translate what the questions say, each with its key and what stands around it."""
        self._learn_kinds((key, element) for key, element, _ in waiting if element.get("type") == "expression")
        for key, element, around in waiting:
            self._settle(key, element, around)
            if not self.draft.fields[key]["x-field"]:
                del self.draft.fields[key]["x-field"]

    def _learn_kinds(self, calculations: Iterable[tuple[str, Json]]) -> None:
        """What calculations give, which other expressions read."""
        found = list(calculations)
        self.names.kinds.update({key: "number" for key, _ in found})
        for _ in range(ROUNDS):
            before = dict(self.names.kinds)
            self.names.kinds.update(self._kinds(found))
            if before == self.names.kinds:
                return

    def _kinds(self, calculations: list[tuple[str, Json]]) -> Iterator[tuple[str, str]]:
        for key, element in calculations:
            try:
                yield (
                    key,
                    kind_of(translate(str(element.get("expression") or "''"), self._reader(key)), self.names.kinds),
                )
            except Untranslatable:
                yield key, "text"

    def _reader(self, key: str) -> SurveyJs:
        return SurveyJs(self.names, key)

    def _settle(self, key: str, element: Json, around: Around) -> None:
        field = self.draft.fields[key]
        settings: Json = field.setdefault("x-field", {})
        self._condition(key, around.shown, settings, "visibleWhen")
        if around.read_only:
            field["readOnly"] = True
        holder: Json = {}
        if self._condition(key, around.open, holder, "when"):
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
        for word, sign in (("min", "<"), ("max", ">")):
            self._bound(key, element, word, sign)
        if "oneOf" in str(field):
            keep_filters(self.draft, key, element, self.names)

    def _condition(self, key: str, expressions: tuple[str, ...], settings: Json, name: str) -> bool:
        """All of several conditions; one that can't be carried over is told, and the others hold."""
        trees = []
        for expression in expressions:
            holder: Json = {}
            trees += [holder["when"]] if self._try(key, expression, holder, "when") else []
        if trees:
            settings[name] = condition(self._reader(key).and_(*trees))
        return bool(trees)

    def _try(self, key: str, expression: str, settings: Json, name: str) -> bool:
        reader = self._reader(key)
        try:
            tree = translate(expression, reader)
            settings[name] = tree if name in {"default", "compute"} else condition(reader.truth(tree))
        except Untranslatable as error:
            self.draft.tell_untranslated(key, expression, error)
            return False
        return True

    def _computed(self, key: str, expression: str) -> None:
        field = self.draft.fields[key]
        if expression and self._try(key, expression, field["x-field"], "compute"):
            kind = kind_of(field["x-field"]["compute"], self.names.kinds)
            field |= {"type": {"number": "number", "switch": "boolean"}.get(kind, "string"), "readOnly": True}
            if kind == "date":
                field["format"] = "date"

    def _validator(self, key: str, validator: Json) -> None:
        schema = self.draft.fields[key]
        kind = validator.get("type")
        if kind == "expression" and validator.get("expression"):
            self._rule(key, validator)
        elif validator.get("notificationType") in MILD:
            self._hint(key, validator)
        elif not self._narrow(schema, validator):
            self.draft.tell(key, "A check of the type “{kind}” was left out.", kind=kind)
            return
        elif validator.get("text"):
            text = self.draft.read(validator["text"], key).main
            self.draft.tell(key, "The own words for an error were left out: {text}", text=text)
        tell_leftovers(self.draft, key, validator, CHECKED, {"notificationType": ("error", *MILD)})

    @staticmethod
    def _narrow(schema: Json, validator: Json) -> bool:
        """Carry over a check as keywords of the field; False where there are none for it."""
        match validator.get("type"):
            case "numeric" if schema.get("type") in {"number", "integer"}:
                add_bounds(schema, validator, {"minValue": "minimum", "maxValue": "maximum"})
            case "text" if schema.get("type") == "string":
                add_bounds(schema, validator, {"minLength": "minLength", "maxLength": "maxLength"})
            case "answercount" if schema.get("type") == "array":
                add_bounds(schema, validator, {"minCount": "minItems", "maxCount": "maxItems"})
            case "regex" if schema.get("type") == "string" and not validator.get("caseInsensitive"):
                add_pattern(schema, validator.get("regex"), whole=False)
            case "email" if schema.get("type") == "string" and "oneOf" not in schema:
                schema["format"], schema["x-field"]["type"] = "email", "email"
            case _:
                return False
        return True

    def _hint(self, key: str, validator: Json) -> None:
        """A check that people may go against: of a number's bounds a rule that warns, of anything else nothing."""
        said, number = (
            self.draft.read(validator.get("text"), key),
            self.draft.fields[key].get("type") in {"number", "integer"},
        )
        if validator.get("type") != "numeric" or not number or not said.main:
            self.draft.tell(key, "A check of the type “{kind}” was left out.", kind=validator.get("type"))
            return
        for word, sign in (("minValue", "<"), ("maxValue", ">")):
            holder: Json = {}
            if validator.get(word) is not None and self._try(
                key, f"{{{key}}} {sign} {validator[word]}", holder, "when"
            ):
                self.draft.rule(key, holder["when"], said, mild=True)

    def _bound(self, key: str, element: Json, word: str, sign: str) -> None:
        """The least or greatest value: one that is calculated, or a day."""
        limit, said = element.get(f"{word}ValueExpression"), self.draft.read(element.get(f"{word}ErrorText"), key)
        if not limit and self.names.kinds.get(key) == "date" and isinstance(element.get(word), str):
            limit = f"'{element[word]}'"
        holder: Json = {}
        if limit and self._try(key, f"{{{key}}} {sign} ({limit})", holder, "when"):
            title = self.draft.fields[key].get("title") or key
            self.draft.rule(key, holder["when"], said if said.main else Text(f"{title}: {word} {limit}"))
        elif said.main:
            self.draft.tell(key, "The own words for an error were left out: {text}", text=said.main)

    def _rule(self, key: str, validator: Json) -> None:
        holder: Json = {}
        if self._try(key, str(validator["expression"]), holder, "when"):
            said = self.draft.read(validator.get("text"), key)
            words = said if said.main else Text(str(validator["expression"]))
            self.draft.rule(key, {"!": [holder["when"]]}, words, mild=validator.get("notificationType") in MILD)
