"""Which functions a formula may call, and the operator that each stands for.

`functions.json` describes each once, with an example: the help of the editor, the documentation and a test are made of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..calls import table

INFIX: Mapping[str, str] = {
    "??": "??",
    "=": "==",
    "<>": "!=",
    "===": "===",
    "!==": "!==",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "&": "cat",
    "+": "+",
    "-": "-",
    "*": "*",
    "/": "/",
    "%": "%",
    "^": "power",
}
"""Signs between values, and their operators."""

LOOPS = frozenset({"map", "filter", "some", "all", "none", "reduce"})
"""Operators whose second argument is said of each element of the first."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: `name` in a formula, `operator` in the tree, `takes` as help shows it, and an example."""

    name: str
    operator: str
    group: str
    takes: str
    text: str
    example: str
    value: Any


@cache
def functions() -> Mapping[str, Function]:
    """Every function, by its name in capitals, in the order of the documentation."""
    raw = json.loads((Path(__file__).parent / "functions.json").read_text(encoding="utf-8"))
    found = {}
    for group in raw["groups"]:
        for operator, line in group["functions"].items():
            found[line["name"]] = Function(
                name=line["name"],
                operator=operator,
                group=group["title"],
                takes=line["takes"],
                text=line["text"],
                example=line["example"],
                value=line["value"],
            )
    return found


@cache
def sample() -> Mapping[str, Any]:
    """The record that the examples are about, with the kinds of its fields."""
    raw: dict[str, Any] = json.loads((Path(__file__).parent / "functions.json").read_text(encoding="utf-8"))
    return dict(raw["sample"])


@cache
def name_of(operator: str) -> str | None:
    """The function that stands for `operator`."""
    return next((one.name for one in functions().values() if one.operator == operator), None)


def is_list_place(operator: str, position: int) -> bool:
    """Whether that argument of `operator` is a list, so that `items.price` there means the column of every row."""
    if operator in LOOPS:
        return position == 0
    if operator in ("in", "merge"):
        return operator == "merge" or position == 1
    entry = table().get(operator)
    if entry is None:
        return False
    kind = entry.args[min(position, len(entry.args) - 1)] if entry.args else ""
    return kind == "numbers" or kind.startswith("list")


def is_each_place(operator: str, position: int) -> bool:
    """Whether that argument of `operator` is said of each element of the first."""
    if operator in LOOPS:
        return position == 1
    entry = table().get(operator)
    return entry is not None and position < len(entry.args) and entry.args[position].startswith("each:")
