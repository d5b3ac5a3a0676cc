"""Says a condition as JSON Schema, where JSON Schema can: for `form export`, whose conditions are `if`/`then`.

What can be said: comparisons of a field with constants, `in` a list of constants, whether a field is empty, and `and`,
`or`, `!` of such. A blank counts as 0 for numbers and as off for switches, and an irrelevant field as blank; the schema
says so, too. What reads a computed field or one with a default cannot be said: the record that is checked has neither.
"""

from collections.abc import Mapping
from itertools import pairwise
from operator import eq, ge, gt, le, lt
from typing import Any

from .form import Field
from .logic import Rule

Schema = dict[str, Any]
Fields = Mapping[str, Field]
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "===": "==", "!=": "!=", "!==": "!="}
BOUND = {"<": "exclusiveMaximum", "<=": "maximum", ">": "exclusiveMinimum", ">=": "minimum", "==": "const"}
HOLDS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq}
NOT_BLANK: dict[str, Schema] = {"string": {"pattern": "\\S"}, "array": {"minItems": 1}, "object": {"minProperties": 1}}
WORDS = ("text", "option", "reference")


def as_schema(rule: Rule, fields: Fields) -> Schema | None:
    """A schema of the object around `fields` that holds exactly where `rule` does; None where none can be written."""
    return _said(rule.source, fields)


def filled(field: Field) -> Schema:
    """A schema of the object around the field that holds where it has a value."""
    stated = str(field.schema.get("type"))
    return _has(field.key, {} if field.choices and not field.several else NOT_BLANK.get(stated, {}))


def _said(tree: Any, fields: Fields) -> Schema | None:
    if isinstance(tree, bool):
        return {} if tree else {"not": {}}
    if not isinstance(tree, dict) or len(tree) != 1:
        return None
    operator, given = next(iter(tree.items()))
    operands = given if isinstance(given, list) else [given]
    match operator:
        case "and" | "or":
            return _joined("allOf" if operator == "and" else "anyOf", [_said(part, fields) for part in operands])
        case "!" if len(operands) == 1:
            return _negated(_said(operands[0], fields))
        case "isEmpty" | "notEmpty" if len(operands) == 1:
            field = _field(operands[0], fields)
            if field is None or field.logic.kind == "switch":
                return None
            there = _where_relevant(field, filled(field), False, fields)
            return there if operator == "notEmpty" else _negated(there)
        case "var":
            field = _field(tree, fields)
            return _tested(field, "==", True, fields) if field is not None and field.logic.kind == "switch" else None
        case "in" if len(operands) == 2:
            return _among(operands[0], operands[1], fields)
    if operator in FLIPPED and len(operands) > 1:
        return _joined("allOf", [_compared(operator, left, right, fields) for left, right in pairwise(operands)])
    return None


def _joined(keyword: str, parts: list[Schema | None]) -> Schema | None:
    said = [part for part in parts if part is not None]
    if not said or len(said) < len(parts):
        return None
    return said[0] if len(said) == 1 else {keyword: said}


def _negated(schema: Schema | None) -> Schema | None:
    return None if schema is None else {"not": schema}


def _field(tree: Any, fields: Fields) -> Field | None:
    """The field that `tree` reads, if it is one whose value the record that is checked has."""
    if not isinstance(tree, dict) or set(tree) != {"var"}:
        return None
    name = tree["var"][0] if isinstance(tree["var"], list) and len(tree["var"]) == 1 else tree["var"]
    field = fields.get(name) if isinstance(name, str) else None
    if field is None or field.compute or field.default or field.type.derived or "default" in field.schema:
        return None
    return field


def _compared(operator: str, left: Any, right: Any, fields: Fields) -> Schema | None:
    field, constant, operator = _field(left, fields), right, FLIPPED[FLIPPED[operator]]
    if field is None:
        field, constant, operator = _field(right, fields), left, FLIPPED[operator]
    if field is None or isinstance(constant, dict | list):
        return None
    if operator == "!=":
        return _negated(_tested(field, "==", constant, fields))
    return _tested(field, operator, constant, fields)


def _tested(field: Field, operator: str, constant: Any, fields: Fields) -> Schema | None:
    """`field <operator> constant`, where the kinds of both let JSON Schema say it."""
    test = {BOUND[operator]: constant}
    if isinstance(constant, bool):
        if field.logic.kind != "switch" or operator != "==":
            return None
        return _where_relevant(field, _has(field.key, test), not constant, fields)
    if constant is None:
        blank = _where_relevant(field, filled(field), False, fields)
        return _negated(blank) if operator == "==" and field.logic.kind in WORDS else None
    if isinstance(constant, int | float):
        numbers = field.logic.kind == "number" or bool(
            field.choices and all(_is_number(choice.value) for choice in field.choices)
        )
        return _where_relevant(field, _has(field.key, test), HOLDS[operator](0, constant), fields) if numbers else None
    if constant and operator == "==" and field.logic.kind in WORDS:
        return _where_relevant(field, _has(field.key, test), False, fields)
    return None


def _where_relevant(field: Field, there: Schema, blank: bool, fields: Fields) -> Schema | None:
    """What holds of a field that has a value is `there`; `blank` says whether it holds of one that has none, too."""
    missing: Schema = {"not": {"required": [field.key]}}
    whole = {"anyOf": [missing, there]} if blank else there
    if field.visible_when is None:
        return whole
    relevant = as_schema(field.visible_when, fields)
    if relevant is None:
        return None
    return {"anyOf": [{"not": relevant}, whole]} if blank else {"allOf": [relevant, whole]}


def _among(needle: Any, entries: Any, fields: Fields) -> Schema | None:
    field = _field(needle, fields)
    if field is not None and isinstance(entries, list) and all(isinstance(entry, str) and entry for entry in entries):
        words = field.logic.kind in WORDS
        return _where_relevant(field, _has(field.key, {"enum": entries}), False, fields) if words else None
    field = _field(entries, fields)
    if field is not None and field.several and not field.columns and isinstance(needle, str) and needle:
        return _where_relevant(field, _has(field.key, {"contains": {"const": needle}}), False, fields)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has(key: str, test: Schema) -> Schema:
    """The key is there, and its value is so."""
    return {"required": [key], **({"properties": {key: test}} if test else {})}
