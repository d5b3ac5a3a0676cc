"""Formulas as a spreadsheet takes them, and the JSON Logic that is stored: `parse` and `print` are each other's inverse."""

from collections.abc import Mapping

from ...messages import say
from ..rules import check
from ..terms import Json
from ..types import Typed
from .errors import FormulaError
from .functions import Function, functions, name_of, sample
from .places import Place
from .printing import Unprintable, write
from .resolve import Resolver
from .syntax import nodes

__all__ = ["FormulaError", "Function", "Unprintable", "functions", "name_of", "parse", "print", "sample"]


def parse(text: str, fields: Mapping[str, Typed] | None = None, *, lang: str = "en") -> Json:
    """The tree of JSON Logic that the formula `text` says.

    With `fields`, names and types are checked, too. Raises `FormulaError` at the first character that is wrong.
    """
    resolver = Resolver(text, lang, fields)
    try:
        tree = resolver.tree(nodes(text, lang), Place())
    except RecursionError:
        raise FormulaError(say(lang, "This formula is nested too deeply."), text, 0) from None
    for problem in check(tree, fields, lang=lang) if fields is not None else ():
        raise FormulaError(problem.message, text, resolver.offset(tree, problem.pointer))
    return tree


def print(tree: Json) -> str:
    """The formula that says `tree`. Raises `Unprintable` where none does."""
    try:
        return write(tree, Place()).text
    except RecursionError:
        raise Unprintable("…") from None
