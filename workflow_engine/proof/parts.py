"""A condition taken apart into what is true each by itself, so that a change of one field leaves the rest standing."""

from collections.abc import Iterator
from typing import Any

from formloom.form_engine.definition import Form
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.logic import compile

from .. import tree
from .dependencies import Facts
from .statements import Condition


def parts_of(when: tree.Condition, holds: bool, form: Form) -> Facts:
    """What follows from it that a condition holds, or does not; all of it together says just that."""
    parts = list(_parts(when.tree, holds))
    if len(parts) < 2:
        return frozenset({Condition(when, holds)})
    try:
        return frozenset(
            Condition(tree.Condition(part, when.pointer, compile(part, form.types, wanted="switch")), inner)
            for part, inner in parts
        )
    except DefinitionError:  # a part that is no condition by itself
        return frozenset({Condition(when, holds)})


def _parts(logic: Any, holds: bool) -> Iterator[tuple[Any, bool]]:
    """All operands of an `and` hold if it does, none of an `or` that does not (JSON Logic)."""
    match logic:
        case {"and": list(operands)} if holds and len(logic) == 1:
            for operand in operands:
                yield from _parts(operand, True)
        case {"or": list(operands)} if not holds and len(logic) == 1:
            for operand in operands:
                yield from _parts(operand, False)
        case {"!": [operand]} if len(logic) == 1:
            yield from _parts(operand, not holds)
        case _:
            yield logic, holds
