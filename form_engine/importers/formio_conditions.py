"""Conditions of Form.io components as logic."""

import re
from collections.abc import Mapping
from typing import Any

from .draft import Draft, Json
from .json_form import dicts, number

WORDS = {"includes": "contains", "startsWith": "startsWith", "endsWith": "endsWith"}
DAYS = {
    "isDateEqual": "==", "isNotDateEqual": "!=", "dateLessThan": "<", "dateLessThanOrEqual": "<=", "dateGreaterThan": ">",
    "dateGreaterThanOrEqual": ">=",
}  # fmt: skip
DAY = re.compile(r"\d{4}-\d\d-\d\d(T|$)")


def condition_of(draft: Draft, kinds: Mapping[str, str], component: Json, key: str) -> Any:
    """When a component is shown, as logic; None: always. `kinds` are those of the fields by their keys (`kinds_of`).

    Form.io's simple conditions are carried over: one field equals one value, or several tests joined by all or any.
    """
    rule = component.get("conditional")
    if not isinstance(rule, dict):
        return None
    if isinstance(rule.get("json"), dict) and rule["json"]:
        draft.tell(key, "A condition in JSON Logic was left out: {logic}", logic=rule["json"])
    if rule.get("when"):
        return _shown(_equals(draft, kinds, str(rule["when"]), rule.get("eq"), key), rule.get("show"))
    tests = [_equals(draft, kinds, str(part.get("component", "")), part.get("value"), key, str(part.get("operator", "isEqual")))
             for part in dicts(rule.get("conditions"))]  # fmt: skip
    known = [test for test in tests if test is not None]
    if len(known) < len(tests):
        draft.tell(key, "So the whole condition was left out: the field is always shown.")
    if not known or len(known) < len(tests):
        return None
    joined = known[0] if len(known) == 1 else {"or" if rule.get("conjunction") == "any" else "and": known}
    return _shown(joined, rule.get("show"))


def _shown(test: Any, show: Any) -> Any:
    return test if test is None or show in (True, "true", None, "") else {"!": [test]}


def _equals(draft: Draft, kinds: Mapping[str, str], name: str, value: Any, key: str, operator: str = "isEqual") -> Any:
    name = name.rsplit(".", 1)[-1] if name not in kinds else name
    kind, field = kinds.get(name), {"var": name}
    signs = {
        "isEqual": "==",
        "isNotEqual": "!=",
        "greaterThan": ">",
        "lessThan": "<",
        "greaterThanOrEqual": ">=",
        "lessThanOrEqual": "<=",
    }
    if operator in {"isEmpty", "isNotEmpty"} and kind:
        return {"isEmpty" if operator == "isEmpty" else "notEmpty": [field]}
    if kind == "switch":
        test: Any = {"==": [field, value in (True, "true")]}
    elif kind == "options":
        test = {"in": [str(value), field]}
    elif kind in {"option", "text"} and operator in {"isEqual", "isNotEqual"}:
        return {signs[operator]: [field, str(value)]} if value not in (None, "") else {"isEmpty": [field]}
    elif kind in {"option", "text"} and operator in WORDS and isinstance(value, str) and value:
        return {WORDS[operator]: [field, value]}
    elif kind in {"option", "text"} and operator == "notIncludes" and isinstance(value, str) and value:
        return {"!": [{"contains": [field, value]}]}
    elif kind == "date" and operator in DAYS and DAY.match(str(value)):
        return {DAYS[operator]: [field, str(value)[:10]]}
    elif kind == "number" and operator in signs and number(value) is not None:
        return {"and": [{"notEmpty": [field]}, {signs[operator]: [field, number(value)]}]}
    else:
        draft.tell(
            key,
            "A condition on “{name}” was left out: {operator} {value}.",
            name=name,
            operator=operator,
            value=value,
        )
        return None
    return test if operator in {"isEqual", "includes"} else {"!": [test]}
