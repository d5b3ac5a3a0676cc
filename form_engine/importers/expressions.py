"""Foreign expressions as our logic, or `Untranslatable` with the reason: what they have in common.

Each language (`xpath_expressions`, `surveyjs_expressions`) is read by a grammar beside this file. A translation is exact or
it is refused: a condition that means nearly the same would silently change a form.
"""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar

from lark import Lark, Transformer, v_args
from lark.exceptions import LarkError, VisitError

Tree = Any
LONGEST = 4000
NESTED = 60
OPTION_KINDS = {"option", "options"}
ORDERING = {"<", "<=", ">", ">="}
TIMES = {"date", "time", "datetime"}
TODAYS = {"today", "now", "dateAdd"}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Untranslatable(Exception):
    """An expression, or a part of it, that has no exact counterpart; `str()` names the part."""


@cache
def _parser(grammar: str) -> Lark:
    text = (Path(__file__).parent / f"{grammar}.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", maybe_placeholders=False)


@lru_cache(maxsize=512)
def _parsed(grammar: str, text: str) -> Any:
    """The syntax tree of an expression: a filter of options is translated once for each of them."""
    return _parser(grammar).parse(text)


def translate(text: str, translator: "Translator") -> Tree:
    """The logic tree of the expression `text`. Raises Untranslatable."""
    if len(text) > LONGEST or max(text.count("("), text.count("[")) > NESTED:
        raise Untranslatable("it is too long")
    try:
        return translator.transform(_parsed(translator.grammar, text))
    except VisitError as error:
        raise error.orig_exc from None
    except (LarkError, RecursionError) as error:
        raise Untranslatable(_unread(error)) from None


def _unread(error: Exception) -> str:
    """Where the reading stopped."""
    place = getattr(error, "column", None)
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return (
        f"it is not understood from character {place} on"
        if isinstance(place, int) and place > 0
        else "it ends too soon"
    )


def condition(tree: Tree) -> Tree:
    """A translated condition as a form's logic takes it, also one that always or never holds."""
    return {"==": [1, 1 if tree else 0]} if isinstance(tree, bool) else tree


@v_args(inline=True)
class Translator(Transformer[Any, Tree]):
    """Builds logic bottom-up. `kinds` maps each field's name to what logic sees of it ("text", "option", "number", …)."""

    grammar = ""
    comparisons: ClassVar[Mapping[str, str]] = {}
    arithmetic: ClassVar[Mapping[str, str]] = {"+": "+", "-": "-", "*": "*", "/": "/", "div": "/", "%": "%", "mod": "%"}

    def __init__(self, kinds: Mapping[str, str], own: str | None = None) -> None:
        super().__init__()
        self.kinds = kinds
        self.own = own

    def or_(self, *parts: Tree) -> Tree:
        """Any of the parts."""
        return _joined("or", parts, ends=True)

    def and_(self, *parts: Tree) -> Tree:
        """All of the parts."""
        return _joined("and", parts, ends=False)

    def not_(self, part: Tree) -> Tree:
        """The opposite."""
        return not part if isinstance(part, bool) else {"!": [part]}

    def number(self, token: str) -> Tree:
        """A numeral as JSON has it."""
        return float(token) if "." in token else int(token)

    def string(self, token: str) -> Tree:
        """A text without its quotes."""
        return token[1:-1] if token[:1] in {"'", '"', "‘", "“"} else str(token)

    def negative(self, part: Tree) -> Tree:
        """A number's opposite, folded when it is a numeral."""
        return -part if isinstance(part, int | float) else {"-": [0, part]}

    def name(self, token: str) -> Tree:
        """A field, which must be one of the form."""
        if str(token) not in self.kinds:
            raise Untranslatable(f"there is no field {token}")
        return {"val": [str(token)]} if "." in token else {"var": str(token)}

    def binary(self, left: Tree, operator: str, right: Tree) -> Tree:
        """A comparison or a calculation."""
        symbol = str(operator).lower()
        if symbol in self.arithmetic:
            return {self.arithmetic[symbol]: [self.number_of(left), self.number_of(right)]}
        return self.compare(left, self.comparisons[symbol], right)

    def number_of(self, tree: Tree) -> Tree:
        """A value in a calculation: texts and options that are numbers count as such."""
        return {"value": [tree]} if self.kind(tree) in {"text", "option"} else tree

    def _are_times(self, *sides: Tree) -> bool:
        return any(self.kind(side) in TIMES or (isinstance(side, dict) and TODAYS & side.keys()) for side in sides)

    def compare(self, left: Tree, operator: str, right: Tree) -> Tree:
        """A comparison: with nothing it asks for blank, with an option's key the key is a text."""
        for one, other in ((left, right), (right, left)):
            if one in ("", None) and operator in {"==", "!="}:
                return {"isEmpty": [other]} if operator == "==" else {"notEmpty": [other]}
        if operator in ORDERING and not self._are_times(left, right):
            left, right = self.number_of(left), self.number_of(right)
        left, right = self._as_option(left, right), self._as_option(right, left)
        if operator in {"==", "!="} and "options" in {self.kind(left), self.kind(right)}:
            raise Untranslatable("a multiple choice compared as a whole")
        guards = self._guards(left, operator, right)
        if not guards:
            return {operator: [left, right]}
        if operator == "!=":
            return {"!": [{"and": [*guards, {"==": [left, right]}]}]}
        return {"and": [*guards, {operator: [left, right]}]}

    def _guards(self, left: Tree, operator: str, right: Tree) -> list[Tree]:
        """A blank number is 0 for us, a blank switch no; there they compare with nothing: said where the two would differ."""
        sides = ((left, operator, right), (right, MIRRORED.get(operator, operator), left))
        return [{"notEmpty": [side]} for side, sign, other in sides if self._needs_guard(side, sign, other)]

    def _needs_guard(self, side: Tree, operator: str, other: Tree) -> bool:
        if self.kind(side) == "switch":
            return other is False
        if self.kind(side) != "number":
            return False
        if not isinstance(other, int | float):
            return operator != "!="
        true_for_zero = {
            "<": other > 0,
            "<=": other >= 0,
            ">": other < 0,
            ">=": other <= 0,
            "==": other == 0,
            "!=": other == 0,
        }
        return true_for_zero.get(operator, False)

    def _as_option(self, value: Tree, other: Tree) -> Tree:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return str(value) if is_number and self.kind(other) in OPTION_KINDS | {"text"} else value

    def kind(self, tree: Tree) -> str | None:
        """What logic sees of a tree that is a field; None for anything else."""
        match tree:
            case {"var": str(key)} | {"val": [str(key)]}:
                return self.kinds.get(key)
            case {"value": _}:
                return "number"
        return None

    def same(self, field: Tree, values: Sequence[Tree]) -> Tree:
        """Whether exactly these options of a multiple choice are chosen."""
        if not values:
            return {"isEmpty": [field]}
        return {"and": [*(self.includes(field, value) for value in values), {"==": [{"count": [field]}, len(values)]}]}

    def includes(self, field: Tree, value: Tree) -> Tree:
        """Whether a choice field (single or multiple) has the option `value`."""
        if not isinstance(value, str | int | float):
            raise Untranslatable("an option that is not written out")
        if self.kind(field) == "options":
            return {"in": [str(value), field]}
        return {"==": [field, str(value)]}


def _joined(word: str, parts: Sequence[Tree], *, ends: bool) -> Tree:
    """The parts under `and` or `or`; those that are known already are worked out: `ends` decides the whole."""
    if any(part is ends for part in parts):
        return ends
    open_parts = [part for part in parts if not isinstance(part, bool)]
    if not open_parts:
        return not ends
    return open_parts[0] if len(open_parts) == 1 else {word: open_parts}
