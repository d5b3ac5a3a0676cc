"""The parts of a condition whose values are noted when it is asked: those that read tables, linked records or the clock.

What a condition says of plain fields can be read off the record's values later; a sum over rows, or what stood in a linked
record, cannot. `branch` steps note these when they are reached, and whoever tells the reasons finds them again by `name_of`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from formloom.form_engine.definition import Form
from formloom.form_engine.logic import formula

JUNCTIONS = frozenset(
    {"and", "or", "!", "!!", "==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "between", "isEmpty", "notEmpty"}
)
"""Operators whose arguments are looked at one by one."""
LOOPS = frozenset({"map", "filter", "some", "all", "none", "reduce"})


def operands(tree: Any, form: Form) -> Iterator[Any]:
    """The largest parts of a condition that are no plain field of the record and no literal."""
    match tree:
        case list():
            for part in tree:
                yield from operands(part, form)
        case Mapping() if len(tree) == 1:
            operator, given = next(iter(tree.items()))
            if operator in JUNCTIONS:
                yield from operands(given if isinstance(given, list) else [given], form)
            elif not _is_plain(tree, form):
                yield tree


def name_of(tree: Any) -> str:
    """What a part is called where its value is noted: its formula; "" where none says it."""
    try:
        return formula.print(tree)
    except formula.Unprintable:
        return ""


def titled(tree: Any, label: Callable[[str], str], table: str = "") -> Any:
    """The part with fields called by their titles, for people to read. `label` gives the title of a path."""
    match tree:
        case {"var": str(path)} if path:
            return {"var": label(f"{table}.{path}" if table else path)}
        case list():
            return [titled(part, label, table) for part in tree]
        case Mapping():
            return {operator: _titled_arguments(operator, given, label, table) for operator, given in tree.items()}
    return tree


def _titled_arguments(operator: str, given: Any, label: Callable[[str], str], table: str) -> Any:
    match given:
        case [{"var": str(rows)} as source, *rest] if operator in LOOPS:
            return [titled(source, label, table), *(titled(part, label, rows) for part in rest)]
    return titled(given, label, table)


def _is_plain(tree: Mapping[str, Any], form: Form) -> bool:
    """Whether a part is a field of the record itself that is no table."""
    match tree:
        case {"var": str(key)} | {"var": [str(key), *_]} | {"val": str(key)} | {"val": [str(key)]}:
            field = form.fields.get(key)
            return field is not None and not field.columns
    return False
