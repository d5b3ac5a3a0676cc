"""Says a condition as JSON Schema, where JSON Schema can: for `form export`, whose conditions are `if`/`then`.

What can be said: comparisons of one field with constants, `in` a list of constants, whether a field is empty, and
`and`, `or`, `!` of such. A blank counts as 0 for numbers and as off for switches, which the schema must say, too.
"""

from collections.abc import Mapping
from typing import Any

from .form import Field
from .logic import Rule

Schema = dict[str, Any]
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "===": "==", "!=": "!=", "!==": "!="}
BOUND = {"<": "exclusiveMaximum", "<=": "maximum", ">": "exclusiveMinimum", ">=": "minimum"}


def as_schema(rule: Rule, fields: Mapping[str, Field]) -> Schema | None:
    """A schema of the object around the fields that holds exactly where `rule` does; None where none can be written."""
    return _said(rule.source, fields)


def _said(tree: Any, fields: Mapping[str, Field]) -> Schema | None:
    if isinstance(tree, bool):
        return {} if tree else {"not": {}}
    if not isinstance(tree, dict) or len(tree) != 1:
        return None
    operator, given = next(iter(tree.items()))
    operands = given if isinstance(given, list) else [given]
    match operator:
        case "and" | "or":
            parts = [_said(part, fields) for part in operands]
            if any(part is None for part in parts) or not parts:
                return None
            return {"allOf" if operator == "and" else "anyOf": parts}
        case "!" if len(operands) == 1:
            inner = _said(operands[0], fields)
            return None if inner is None else {"not": inner}
        case "isEmpty" if len(operands) == 1:
            key = _key(operands[0], fields)
            return None if key is None else {"not": {"required": [key]}}
        case "var":
            key = _key(tree, fields)
            return _switch(key, True) if key is not None and fields[key].logic.kind == "switch" else None
        case "in" if len(operands) == 2:
            return _among(operands[0], operands[1], fields)
    return _compared(operator, operands, fields)


def _key(tree: Any, fields: Mapping[str, Field]) -> str | None:
    if isinstance(tree, dict) and set(tree) == {"var"}:
        name = tree["var"][0] if isinstance(tree["var"], list) and len(tree["var"]) == 1 else tree["var"]
        if isinstance(name, str) and name in fields:
            return name
    return None


def _compared(operator: str, operands: list[Any], fields: Mapping[str, Field]) -> Schema | None:
    if operator not in FLIPPED or len(operands) != 2:
        return None
    key, constant = _key(operands[0], fields), operands[1]
    if key is None:
        key, constant, operator = _key(operands[1], fields), operands[0], FLIPPED[operator]
    operator = FLIPPED[FLIPPED[operator]]
    if key is None or isinstance(constant, dict | list):
        return None
    if operator == "!=":
        equal = _compared("==", [{"var": key}, constant], fields)
        return None if equal is None else {"not": equal}
    return _field_compared(fields[key], operator, constant)


def _field_compared(field: Field, operator: str, constant: Any) -> Schema | None:
    kind, key = field.logic.kind, field.key
    if isinstance(constant, bool):
        return _switch(key, constant) if kind == "switch" and operator == "==" else None
    if constant is None:
        return {"not": {"required": [key]}} if operator == "==" else None
    if isinstance(constant, int | float) and kind in ("number", "option"):
        return _number(key, operator, constant, kind == "number")
    if isinstance(constant, str) and constant and operator == "==" and kind in ("text", "option", "reference"):
        return _must(key, {"const": constant})
    return None


def _number(key: str, operator: str, constant: float, blank_is_zero: bool) -> Schema:
    test = {"const": constant} if operator == "==" else {BOUND[operator]: constant}
    holds_for_zero = {
        "<": constant > 0,
        "<=": constant >= 0,
        ">": constant < 0,
        ">=": constant <= 0,
        "==": constant == 0,
    }
    if blank_is_zero and holds_for_zero[operator]:
        return {"properties": {key: test}}
    return _must(key, test)


def _switch(key: str, wanted: bool) -> Schema:
    return _must(key, {"const": True}) if wanted else {"properties": {key: {"const": False}}}


def _among(needle: Any, entries: Any, fields: Mapping[str, Field]) -> Schema | None:
    key = _key(needle, fields)
    if key is not None and isinstance(entries, list) and all(isinstance(entry, str) and entry for entry in entries):
        return _must(key, {"enum": entries}) if fields[key].logic.kind in ("text", "option", "reference") else None
    key = _key(entries, fields)
    if key is not None and fields[key].several and isinstance(needle, str) and needle:
        return _must(key, {"contains": {"const": needle}})
    return None


def _must(key: str, test: Schema) -> Schema:
    """The key is there, and its value is so."""
    return {"required": [key], "properties": {key: test}}
