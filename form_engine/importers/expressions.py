"""Foreign expressions as our logic, or `Untranslatable` with the reason: what they have in common, and XPath of XLSForm.

Each language is read by a grammar beside this file; that of SurveyJS stands in `surveyjs_expressions`. A translation is exact or
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
        raise Untranslatable(str(error).splitlines()[0] if str(error) else "it is nested too deep") from None


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
            return {self.arithmetic[symbol]: [left, right]}
        return self.compare(left, self.comparisons[symbol], right)

    def compare(self, left: Tree, operator: str, right: Tree) -> Tree:
        """A comparison: with nothing it asks for blank, with an option's key the key is a text."""
        for one, other in ((left, right), (right, left)):
            if one in ("", None) and operator in {"==", "!="}:
                return {"isEmpty": [other]} if operator == "==" else {"notEmpty": [other]}
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
        return None

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


@v_args(inline=True)
class XPath(Translator):
    """XLSForm's XPath."""

    grammar = "xpath"
    comparisons: ClassVar[Mapping[str, str]] = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

    def self(self) -> Tree:
        """The field that the expression belongs to."""
        if self.own is None:
            raise Untranslatable("'.' outside a field's own constraint")
        return self.name(self.own)

    def name_of_path(self, _steps: str, name: str) -> Tree:
        """A path such as ../age, by its last name."""
        return self.name(name)

    def call(self, function: str, *arguments: Tree) -> Tree:
        """A function of XPath or OpenRosa."""
        match str(function).lower(), arguments:
            case "selected", (field, value):
                return self.includes(field, value)
            case "not", (part,):
                return self.not_(part)
            case "true", ():
                return True
            case "false", ():
                return False
            case (("boolean" | "number" | "int" | "string" | "once" as name), (part,)):
                return {"roundDown": [part, 0]} if name == "int" else self._unwrapped(name, part)
            case "if", (_, _, _):
                return {"if": list(arguments)}
            case "coalesce", (_, _):
                return {"coalesce": list(arguments)}
            case "concat", _:
                return {"cat": list(arguments)}
            case "today" | "now" as name, ():
                return {name: []}
            case "date", (str() as text,):
                return text
            case ("round", (_,)) | ("round", (_, _)):
                return {"round": [arguments[0], arguments[1] if len(arguments) > 1 else 0]}
            case "string-length", (part,):
                return {"length": [part]}
            case "count-selected", (part,):
                return {"count": [part]}
        raise Untranslatable(f"the function {function}()")

    def _unwrapped(self, name: str, part: Tree) -> Tree:
        """A conversion that changes nothing for the field it stands around."""
        if (name, self.kind(part)) in {
            ("number", "number"),
            ("boolean", "switch"),
            ("string", "text"),
            ("string", "option"),
        }:
            return part
        raise Untranslatable(f"the function {name}()")
