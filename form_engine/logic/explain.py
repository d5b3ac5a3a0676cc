"""Says why a condition holds or does not, with the values that decided it: "Total 8,199.00 > 5,000.00".

What is said is true of the record: of a condition that fails, its opposite ("Total 800.00 ≤ 5,000.00"). Of several parts
only those are said that decided: of an `and` that fails the parts that fail, of an `or` that holds those that hold. What
has no words of its own is said as a formula, with its value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import DefinitionError
from ..messages import listed, say
from .formula import Unprintable
from .formula import print as formula_of
from .rounding import number_text
from .rules import Circumstances, LogicError, compile, evaluate, truth
from .terms import Json
from .types import Typed, is_number

_SIGNS = {"==": "=", "===": "=", "!=": "≠", "!==": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_OPPOSITES = {"==": "!=", "===": "!=", "!=": "==", "!==": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def plain_value(path: str, value: Any) -> str:
    """A value as it stands, with thousands set apart: how it is shown where nobody knows the field better."""
    if is_number(value):
        whole, dot, rest = number_text(value).partition(".")
        return f"{int(whole):,}{dot}{rest}" if whole not in ("-0", "-") else whole + dot + rest
    return ", ".join(plain_value(path, one) for one in value) if isinstance(value, list) else str(value)


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains conditions over one record.

    `label` gives the title of a field by its path, `show` its value as people read it (an option's title, money with two
    digits); `lang` is the reader's language. `known` has the values of parts that the record alone does not give (sums over
    its rows, linked records, the clock), by their formulas; `words` says such a part to people.
    """

    fields: Mapping[str, Typed]
    record: Mapping[str, Any]
    circumstances: Circumstances
    label: Callable[[str], str]
    show: Callable[[str, Any], str] = plain_value
    lang: str = "en"
    known: Mapping[str, Any] = field(default_factory=dict)
    words: Callable[[Json], str] = formula_of

    def explain(self, tree: Json) -> str:
        """One sentence part about `tree`, a condition that was checked against `fields`."""
        operator, args = _parts(tree)
        match operator:
            case "and" | "or":
                return self._several(operator, args, self.holds(tree))
            case "!" | "!!":
                return self.explain(args[0])
            case "isEmpty" | "notEmpty":
                return self._filled(args[0])
            case "in" if isinstance(args[1], list):
                return self._one_of(args[0], args[1])
            case "in" | "contains" if (part := self._part(operator, args)) is not None:
                return part
            case "between":
                return self._comparison("<=", [args[1], args[0], args[2]])
            case _ if operator in _SIGNS:
                return self._comparison(operator, args)
            case _:
                return self.side(tree)

    def holds(self, tree: Json) -> bool:
        """Whether a condition is true of the record."""
        return truth(self.value(tree))

    def value(self, tree: Json) -> Any:
        """What an expression of the condition gives; None where it has no value."""
        try:
            return evaluate(compile(self._settled(tree), self.fields), self.record, self.circumstances)
        except (LogicError, DefinitionError):
            return None

    def _settled(self, tree: Json) -> Json:
        """The expression with the parts that are known in the place of how they came about."""
        if not self.known or not isinstance(tree, Mapping | list):
            return tree
        if isinstance(tree, list):
            return [self._settled(part) for part in tree]
        name = _formula(tree)
        if name in self.known:
            return self.known[name]
        return {operator: self._settled(given) for operator, given in tree.items()}

    def side(self, tree: Json, beside: str | None = None) -> str:
        """One side of a comparison: a field with its value, a literal as the field `beside` would show it, a formula."""
        path = _path(tree)
        if path is not None:
            return f"{self.label(path)} {self._shown(path, self.value(tree))}"
        if isinstance(tree, list) or not isinstance(tree, Mapping):
            return self._shown(beside, tree)
        operator, _ = _parts(tree)
        if operator in ("today", "now"):
            return self._shown(beside, self.value(tree))
        return f"{self.words(tree)} = {self._shown(beside, self.value(tree))}"

    def _several(self, operator: str, args: list[Json], holds: bool) -> str:
        decided = [arg for arg in args if self.holds(arg) == holds] if (operator == "or") == holds else args
        parts = [self.explain(arg) for arg in decided or args]
        return say(self.lang, " and ").join(parts)

    def _comparison(self, operator: str, args: list[Json]) -> str:
        beside = next((path for path in map(_path, args) if path is not None), None)
        if self.holds({operator: args}):
            path, literal = _path(args[0]), not isinstance(args[-1], Mapping | list)
            if path is not None and literal and _SIGNS[operator] == "=":  # its value is said by what it equals
                return f"{self.label(path)} = {self._shown(path, args[-1])}"
            return self._signed(operator, args, beside)
        opposite = _OPPOSITES[operator]
        if len(args) == 2 and self.holds({opposite: args}):
            return self._signed(opposite, args, beside)
        return say(self.lang, "not: {part}", part=self._signed(operator, args, beside))

    def _signed(self, operator: str, args: list[Json], beside: str | None) -> str:
        return f" {_SIGNS[operator]} ".join(self.side(arg, beside) for arg in args)

    def _filled(self, tree: Json) -> str:
        path = _path(tree)
        value = self.value(tree)
        if path is None:
            return self.side(tree)
        if value is None or value == []:
            return say(self.lang, "{label} is blank", label=self.label(path))
        return f"{self.label(path)} {self._shown(path, value)}"

    def _one_of(self, needle: Json, items: list[Json]) -> str:
        path = _path(needle)
        known = listed(self.lang, (self.side(item, path) for item in items))
        if self.holds({"in": [needle, items]}):
            return say(self.lang, "{value} is one of: {items}", value=self.side(needle), items=known)
        return say(self.lang, "{value} is none of: {items}", value=self.side(needle), items=known)

    def _part(self, operator: str, args: list[Json]) -> str | None:
        """What a list or a text has in it; None where it is no plain field, or what is looked for no literal."""
        held, wanted = args if operator == "contains" else reversed(args)
        path = _path(held)
        if path is None or isinstance(wanted, Mapping | list):
            return None
        if self.value(held) in (None, "", []):
            return say(self.lang, "{label} is blank", label=self.label(path))
        if self.holds({operator: args}):
            value = self.label(path) if operator == "in" else self.side(held)  # of a list the part says enough
            return say(self.lang, "{value} includes {part}", value=value, part=self._item(path, operator, wanted))
        part = self._item(path, operator, wanted)
        return say(self.lang, "{value} does not include {part}", value=self.side(held), part=part)

    def _item(self, path: str, operator: str, wanted: Json) -> str:
        return str(wanted) if operator == "contains" else self._shown(path, [wanted])

    def _shown(self, path: str | None, value: Any) -> str:
        if value is None or value in ("", []):
            return say(self.lang, "(blank)")
        if isinstance(value, bool):
            return say(self.lang, "yes") if value else say(self.lang, "no")
        return plain_value("", value) if path is None else self.show(path, value)


def _formula(tree: Json) -> str:
    try:
        return formula_of(tree)
    except Unprintable:
        return ""


def _parts(tree: Json) -> tuple[str, list[Json]]:
    if not isinstance(tree, Mapping) or len(tree) != 1:
        return "", []
    operator, args = next(iter(tree.items()))
    return str(operator), args if isinstance(args, list) else [args]


def _path(tree: Json) -> str | None:
    """The path of the field that `tree` is, if it is one."""
    match tree:
        case {"var": str(path)} if path:
            return path
        case {"var": [str(path), *_]} if path:
            return path
        case {"lookup": [{"var": str(link)}, str(key)]}:
            return f"{link}.{key}"
        case {"val": [*keys]} if keys and all(isinstance(key, str) for key in keys):
            return ".".join(keys)
        case _:
            return None


def explain(
    tree: Json,
    fields: Mapping[str, Typed],
    record: Mapping[str, Any],
    circumstances: Circumstances,
    *,
    label: Callable[[str], str] = str,
    show: Callable[[str, Any], str] = plain_value,
    lang: str = "en",
) -> str:
    """Why the condition `tree` is true or false of `record`, as a part of a sentence in `lang`."""
    return Explainer(fields, record, circumstances, label, show, lang).explain(tree)
