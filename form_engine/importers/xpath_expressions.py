"""XPath as XLSForm uses it, as our logic. Source: https://docs.getodk.org/form-operators-functions/"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from lark import v_args

from .expressions import Translator, Tree, Untranslatable

ROWS = "rows"
"""Marks a column of a repeat, of which only a total can be read from outside."""
OVER_ROWS = {"sum": "sum", "max": "max", "min": "min", "count-non-empty": "count"}
OF_TEXTS = {"contains": "contains", "starts-with": "startsWith", "ends-with": "endsWith"}
OF_NUMBERS = {"pow": ("power", 2), "abs": ("abs", 1), "sqrt": ("sqrt", 1)}
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@v_args(inline=True)
class XPath(Translator):
    """XLSForm's XPath. `columns` maps the name of each question in a repeat to that of the repeat."""

    grammar = "xpath"
    comparisons: ClassVar[Mapping[str, str]] = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

    def __init__(
        self, kinds: Mapping[str, str], own: str | None = None, columns: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(kinds, own)
        self.columns = columns or {}

    def transform(self, tree: Any) -> Tree:
        """The logic tree. Raises Untranslatable."""
        made = super().transform(tree)
        if left := _rows_in(made):
            raise Untranslatable(f"{left} stands in rows")
        return made

    def name(self, token: str) -> Tree:
        """A field; a question in a repeat stands for all of its rows."""
        if str(token) not in self.kinds and str(token) in self.columns:
            return {ROWS: [self.columns[str(token)], str(token)]}
        return super().name(token)

    def binary(self, left: Tree, operator: str, right: Tree) -> Tree:
        """A comparison or a calculation; between two days it gives the number of days."""
        if str(operator) == "-" and all(self._is_day(side) for side in (left, right)):
            return {"dateDiff": [right, left, "days"]}
        return super().binary(left, operator, right)

    def _is_day(self, tree: Tree) -> bool:
        literal = isinstance(tree, str) and DAY.fullmatch(tree)
        return bool(literal) or self.kind(tree) == "date" or (isinstance(tree, dict) and "today" in tree)

    def compare(self, left: Tree, operator: str, right: Tree) -> Tree:
        """A comparison; a multiple choice equals the name of its only chosen option."""
        for field, other in ((left, right), (right, left)):
            if operator in {"==", "!="} and self.kind(field) == "options" and isinstance(other, str | int) and other:
                if " " in str(other):
                    raise Untranslatable("several options in a certain order")
                same = self.same(field, [other])
                return same if operator == "==" else self.not_(same)
        return super().compare(left, operator, right)

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
            case name, ({"rows": [table, column]},):
                return self._over_rows(name, table, column)
            case "count", (table,) if self.kind(table) == "table":
                return {"count": [table]}
            case (("min" | "max"), _) if len(arguments) > 1:
                return {str(function).lower(): list(map(self.number_of, arguments))}
            case name, (_, _) if name in OF_TEXTS:
                return {OF_TEXTS[name]: list(arguments)}
            case name, _ if name in OF_NUMBERS and len(arguments) == OF_NUMBERS[name][1]:
                return {OF_NUMBERS[name][0]: list(map(self.number_of, arguments))}
            case "substr", (part, int() as start, int() as end) if 0 <= start < end:
                return {"substr": [part, start, end - start]}
            case "string", (part,) if self.kind(part) == "number":
                return {"text": [part]}
            case "number", (part,) if self.kind(part) in {"text", "option"}:
                return self.number_of(part)
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

    def _over_rows(self, function: str, table: str, column: str) -> Tree:
        if function == "count":
            return {"count": [{"var": table}]}
        if function not in OVER_ROWS:
            raise Untranslatable(f"the function {function}()")
        return {OVER_ROWS[function]: [{"map": [{"var": table}, {"var": column}]}]}


def _rows_in(tree: Tree) -> str | None:
    """A column of a repeat that is read outside its rows; None where there is none."""
    if isinstance(tree, dict) and ROWS in tree:
        return str(tree[ROWS][1])
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return next((found for part in parts if (found := _rows_in(part))), None)
