"""Logic: conditions and formulas, stored as JSON Logic, typed when they are saved, the same on both sides.

Knows neither forms nor fields: see `types.Typed` for what it reads of a field.
"""

from .rules import Circumstances, LogicError, Lookup, Moment, Rule, check, compile, evaluate, holds, look_up, truth
from .types import Kind, LogicType, Typed

__all__ = [
    "Circumstances",
    "Kind",
    "LogicError",
    "LogicType",
    "Lookup",
    "Moment",
    "Rule",
    "Typed",
    "check",
    "compile",
    "evaluate",
    "holds",
    "look_up",
    "truth",
]
