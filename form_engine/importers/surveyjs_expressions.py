"""SurveyJS expressions as our logic. What they share with those of XLSForm stands in `expressions.Translator`.

Texts are compared there without regard to capitals, and names are found so; a value that is not answered equals nothing.
Source: https://surveyjs.io/form-library/documentation/design-survey/conditional-logic
"""

import operator as operators
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lark import v_args

from .expressions import MIRRORED, Translator, Tree, Untranslatable, translate

ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge,
}  # fmt: skip
TOTAL = re.compile(r"(.+)-total\.(.+)")
PLACE = re.compile(r"\[(\d+)\]")
DEEPEST = 8
"""How deep calculated values may stand in each other."""
LARGEST = 10_000
"""How long the logic of a calculated value may be, which stands wherever it is read."""
LISTS = {"table", "options", "list"}
OVER_ROWS = {
    "suminarray": "sum",
    "avginarray": "average",
    "mininarray": "min",
    "maxinarray": "max",
    "countinarray": "count",
}
OF_DATES = {"age", "year", "month", "day"}


@dataclass(frozen=True, slots=True)
class Names:
    """What an expression may read: the kinds of the fields, the values of options, the totals of columns, calculated values.

    A column is known as `table.column`, an item of a group as `group.item`. `used` are the calculated values that were read.
    """

    kinds: dict[str, str]
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    totals: Mapping[str, str] = field(default_factory=dict)
    calculated: Mapping[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def kind(self, path: str) -> str | None:
        """What logic sees at a path, which may name a row by its number."""
        return self.kinds.get(re.sub(r"\.\d+\.", ".", path))

    def known(self, word: str) -> str | None:
        """The field that `word` means, however its letters are written; None where there is none."""
        if word in self.kinds:
            return word
        return next((name for name in self.kinds if name.lower() == word.lower()), None)


@v_args(inline=True)
class SurveyJs(Translator):
    """SurveyJS expressions. `item` stands for `{item}`, the value of an option."""

    grammar = "surveyjs"
    comparisons: ClassVar[Mapping[str, str]] = {
        "=": "==", "==": "==", "equal": "==", "!=": "!=", "<>": "!=", "notequal": "!=", "<": "<", "less": "<",
        "<=": "<=", "lessorequal": "<=", ">": ">", "greater": ">", ">=": ">=", "greaterorequal": ">=",
        "contains": "contains", "contain": "contains", "notcontains": "notcontains", "notcontain": "notcontains",
        "anyof": "anyof", "allof": "allof", "noneof": "noneof",
    }  # fmt: skip

    def __init__(self, names: Names, own: str | None = None, item: str | None = None, depth: int = 0) -> None:
        super().__init__(names.kinds, own)
        self.names = names
        self.item = item
        self.depth = depth

    # names

    def name(self, token: str) -> Tree:
        """A field, a column's total or a calculated value; `{item}` is an option's value."""
        word = str(token).strip().lstrip("#")
        if word in {"item", "choice"} and self.item is not None and word not in self.kinds:
            return self.item
        calculated = {name.lower(): name for name in self.names.calculated}.get(word.lower())
        if calculated is not None:
            return self._calculated(calculated)
        return self._read(word) or self._read(re.sub(r"^(panel|row)\.", "", word)) or self._derived(word)

    def _read(self, word: str) -> Tree:
        """The field at a path; None where there is none."""
        path = PLACE.sub(r".\1", word)
        known = self.names.known(re.sub(r"\.\d+\.", ".", path))
        if known is None:
            return None
        if known in self.kinds and "." in known and path.count(".") > known.count("."):
            return {"var": path}
        return {"val": [known]} if "." in known and known.split(".")[0] not in self.kinds else {"var": known}

    def _derived(self, word: str) -> Tree:
        """How many there are, or the total below a column."""
        if word.endswith(".length") and (field := self._read(word.removesuffix(".length"))):
            return {"count" if self.kind(field) in LISTS else "length": [field]}
        found = TOTAL.fullmatch(word)
        total = self.names.totals.get(f"{found[1]}.{found[2]}") if found else None
        if found and total:
            return self._over_rows(total, {"var": found[1]}, found[2])
        raise Untranslatable(f"there is no field {word}")

    def _calculated(self, name: str) -> Tree:
        if self.depth >= DEEPEST:
            raise Untranslatable(f"{{{name}}} leads back to itself")
        tree = translate(self.names.calculated[name], SurveyJs(self.names, self.own, self.item, self.depth + 1))
        if len(str(tree)) > LARGEST:
            raise Untranslatable(f"{{{name}}} is too long")
        self.names.used.add(name)
        return tree

    def kind(self, tree: Tree) -> str | None:
        """What logic sees of a tree that is a field; None for anything else."""
        match tree:
            case {"var": str(path)} | {"val": [str(path)]}:
                return self.names.kind(path)
        return super().kind(tree)

    # values

    def string(self, token: str) -> Tree:
        """A text without its quotes and backslashes."""
        return re.sub(r"\\(.)", r"\1", str(super().string(token)))

    def true(self) -> Tree:
        """Yes."""
        return True

    def false(self) -> Tree:
        """No."""
        return False

    def blank(self) -> Tree:
        """Nothing."""
        return None

    def array(self, *items: Tree) -> Tree:
        """A list of literals."""
        return list(items)

    # conditions

    def or_(self, *parts: Tree) -> Tree:
        """Any of the parts."""
        return super().or_(*map(self.truth, parts))

    def and_(self, *parts: Tree) -> Tree:
        """All of the parts."""
        return super().and_(*map(self.truth, parts))

    def not_(self, part: Tree) -> Tree:
        """The opposite."""
        return super().not_(self.truth(part))

    def truth(self, part: Tree) -> Tree:
        """A value where a condition is asked for: answered, and not 0."""
        match self.kind(part):
            case None:
                return bool(part) if isinstance(part, str | int | float) else part
            case "switch":
                return part
            case "number":
                return {"!=": [part, 0]}
        return {"notEmpty": [part]}

    def empty(self, part: Tree) -> Tree:
        """Whether nothing was answered."""
        return {"isEmpty": [part]}

    def notempty(self, part: Tree) -> Tree:
        """Whether something was answered."""
        return {"notEmpty": [part]}

    def binary(self, left: Tree, operator: str, right: Tree) -> Tree:
        """A comparison, a choice among options, or a calculation."""
        symbol = self.comparisons.get(str(operator).lower(), str(operator).lower())
        if isinstance(left, list) and symbol in {"anyof", "noneof"}:
            left, right = right, left
        values = right if isinstance(right, list) else [right]
        match symbol:
            case "==" | "!=" if isinstance(right, list) and self.kind(left) == "options":
                return self.same(left, right) if symbol == "==" else self.not_(self.same(left, right))
            case "contains" | "allof":
                return self._tests("and", left, values, self.holds)
            case "anyof":
                return self._tests("or", left, values, self.includes)
            case "notcontains":
                return self.not_(self._tests("and", left, values, self.holds))
            case "noneof":
                return self.not_(self._tests("or", left, values, self.includes))
            case "startswith" | "endswith":
                raise Untranslatable(symbol)
            case "+" if any(_is_words(side) for side in (left, right)):
                return {"cat": [left, right]}
            case "^":
                return {"power": [left, right]}
        if isinstance(left, list) or isinstance(right, list):
            raise Untranslatable("a list compared as a whole")
        return super().binary(left, operator, right)

    def _tests(self, word: str, field: Tree, values: list[Tree], test: Callable[[Tree, Tree], Tree]) -> Tree:
        tests = [test(field, value) for value in values]
        return tests[0] if len(tests) == 1 else {word: tests}

    def includes(self, field: Tree, value: Tree) -> Tree:
        """Whether a choice field (single or multiple) has the option `value`."""
        option = self._option(field, value)
        return False if self._is_none_of(field, option) else super().includes(field, option)

    def _is_none_of(self, field: Tree, value: Tree) -> bool:
        """Whether a value that is written out is no option of a choice, so that nobody can have chosen it."""
        return isinstance(value, str) and bool(self._values(field)) and value not in self._values(field)

    def holds(self, field: Tree, value: Tree) -> Tree:
        """Whether a list has a value, or a text has it somewhere in it."""
        if self.kind(field) in {"options", None} or not isinstance(value, str | int | float):
            return self.includes(field, value)
        if self.kind(field) == "option" and self._values(field):
            inside = [one for one in self._values(field) if str(value).lower() in one.lower()]
            return {"in": [field, inside]} if inside else False
        if self.kind(field) not in {"text", "option"}:
            raise Untranslatable("“contains” of something that is no text")
        return {"contains": [{"lower": [field]}, str(value).lower()]}

    def compare(self, left: Tree, operator: str, right: Tree) -> Tree:
        """A comparison; the value that is written out is brought to the kind of the other side."""
        for side, sign, other in ((left, operator, right), (right, MIRRORED.get(operator, ""), left)):
            if sign in ORDERS and self.kind(side) == "option" and _as_number(other) is not None:
                return self._ordered(side, sign, other)
        if operator in {"==", "!="} and all(isinstance(side, str | int | float) for side in (left, right)):
            return (str(left) == str(right)) is (operator == "==")
        left, right = self._fitting(left, right), self._fitting(right, left)
        for text, other in ((left, right), (right, left)):
            if operator in {"==", "!="} and self._is_none_of(text, other) and other:
                return operator == "!="
            if operator in {"==", "!="} and self.kind(text) == "text" and _has_capitals(other):
                return {operator: [{"lower": [text]}, other.lower()]}
        return super().compare(left, operator, right)

    def _fitting(self, value: Tree, other: Tree) -> Tree:
        """A literal as a value of the other side's kind, where it can be read as one."""
        if value in ("", None) or not isinstance(value, str | int | float):
            return value
        match self.kind(other):
            case "option" | "options":
                return self._option(other, value)
            case "number" if isinstance(value, str):
                number = _as_number(value)
                return value if number is None else int(number) if number.is_integer() else number
            case "switch":
                return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower(), value)
        return value

    def _option(self, field: Tree, value: Tree) -> Tree:
        """The option that is meant by a literal, however its letters are written."""
        if not isinstance(value, str | int | float):
            return value
        text = str(value).lower() if isinstance(value, bool) else str(value)
        values = self._values(field)
        near = [one for one in values if one.strip().lower() == text.strip().lower()]
        return text if text in values or not near else near[0]

    def _values(self, field: Tree) -> Sequence[str]:
        match field:
            case {"var": str(path)} | {"val": [str(path)]}:
                return self.names.options.get(re.sub(r"\.\d+\.", ".", path), ())
        return ()

    def _ordered(self, field: Tree, sign: str, other: Tree) -> Tree:
        """Whether the chosen option is one of those whose number compares so."""
        limit, values = _as_number(other), self._values(field)
        numbers = {value: number for value in values if (number := _as_number(value)) is not None}
        if limit is None or not values or len(numbers) < len(set(values)):
            raise Untranslatable("an order among options that are no numbers")
        chosen = [value for value, number in numbers.items() if ORDERS[sign](number, limit)]
        return {"in": [field, chosen]} if chosen else False

    # functions

    def call(self, function: str, *arguments: Tree) -> Tree:
        """A built-in function."""
        name = str(function).lower()
        match name, arguments:
            case "iif", (test, yes, no):
                return {"if": [self.truth(test), yes, no]}
            case "today", ():
                return {"today": []}
            case "today", (int() as days,) if not isinstance(days, bool):
                return {"dateAdd": [{"today": []}, days, "days"]}
            case "getdate", (part,) if self.kind(part) in {"date", "datetime"}:
                return part
            case _, (part,) if name in OF_DATES and self.kind(part) == "date":
                return {name: [part]}
            case "round", _ if 1 <= len(arguments) <= 2:
                return {"round": [self.number_of(arguments[0]), arguments[1] if len(arguments) > 1 else 0]}
            case "sum", _ if arguments:
                return {"+": list(map(self.number_of, arguments))}
            case (("min" | "max"), _) if arguments:
                return {name: list(map(self.number_of, arguments))}
            case "diffdays", (_, _) if all(self.kind(part) == "date" for part in arguments):
                return {"abs": [{"dateDiff": [*arguments, "days"]}]}
            case _, ({"var": str()} as table, str() as column) if name in OVER_ROWS:
                return self._over_rows(OVER_ROWS[name], table, column)
        raise Untranslatable(f"the function {function}()")

    def _over_rows(self, word: str, table: Tree, column: str) -> Tree:
        known = self.names.known(f"{table['var']}.{column}")
        if self.kind(table) != "table" or known is None:
            raise Untranslatable(f"there is no column {column}")
        return {word: [{"map": [table, {"var": known.removeprefix(f"{table['var']}.")}]}]}


def _is_words(tree: Tree) -> bool:
    """Whether a value is a text that is no number, to which another is joined."""
    return (isinstance(tree, str) and _as_number(tree) is None) or (isinstance(tree, dict) and "cat" in tree)


def _has_capitals(text: Tree) -> bool:
    """Whether a text can be written in other letters, so that capitals matter."""
    return isinstance(text, str) and text.lower() != text.upper()


def _as_number(value: Tree) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except ValueError:
        return None
