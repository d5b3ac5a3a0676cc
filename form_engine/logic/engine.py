"""The one module that knows the evaluator: `datalogic_py`, one author's work, so that it can be swapped here.

Rules that reach it were compiled by `compiler.py`; on them it and the browser's evaluator give the same values.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import datalogic_py

from .terms import Json

BUDGET = 100_000
"""Operations that one evaluation may take (meaning.md section 3)."""
_FAMILIES = ("Core", "ExtControl", "ErrorHandling", "ExtMath")
_CONFIG = {"division_by_zero": "throw_error"}

Compiled = datalogic_py.Rule
"""A rule as the evaluator keeps it: thread-safe, evaluated many times."""


class BudgetExceeded(Exception):
    """A rule took more operations than `BUDGET`."""


class TooLong(Exception):
    """An operator would make a longer text than it may."""


def make(operators: Mapping[str, Callable[..., Json]]) -> datalogic_py.Engine:
    """An evaluator that knows core JSON Logic and `operators`, functions of their arguments."""
    custom = {name: _bridged(function) for name, function in operators.items()}
    return datalogic_py.Engine(custom_operators=custom, families=_FAMILIES, config=_CONFIG)


def compiled(made: datalogic_py.Engine, tree: Json) -> Compiled:
    """`tree` as the evaluator keeps it. It is handed over as JSON text, because a bare text would be taken for that."""
    return made.compile(json.dumps(tree))


def _bridged(function: Callable[..., Json]) -> Callable[[str], str]:
    def call(args: str) -> str:
        return json.dumps(function(*json.loads(args)))

    return call


def _raised(error: datalogic_py.DataLogicError, kind: type[Exception]) -> bool:
    """Whether it was an operator of ours that raised `kind`."""
    return error.error_type == "Custom" and f"raised: {kind.__name__}" in str(error)


def run(compiled: Compiled, data: Mapping[str, Any], metered: bool) -> Json:
    """The value of `compiled` over `data`; blank (None) where arithmetic has no result.

    `metered`: count operations. A rule without a loop can't take more of them than it is long. Raises `BudgetExceeded`
    and `TooLong`.
    """
    try:
        if metered:
            return json.loads(compiled.evaluate_metered(data, BUDGET)[0])
        return compiled.evaluate(data)
    except datalogic_py.DataLogicError as error:
        if error.error_type == "BudgetExceeded" or _raised(error, BudgetExceeded):
            raise BudgetExceeded from error
        if _raised(error, TooLong):
            raise TooLong from error
        return None
