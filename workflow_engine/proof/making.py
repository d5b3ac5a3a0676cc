"""What is known of the record behind an action that set fields of it, or counted into them."""

from collections.abc import Iterator
from typing import Any

from formloom.form_engine.definition import Field, Form
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.logic import compile

from ..steps.doing import RecordAction
from ..tree import Condition, Step
from .dependencies import Dependencies, Facts
from .statements import Condition as Conditional
from .statements import Demanded, Made, Present, SavedToday, Statement

BLANKS = (None, "")
CLOCKS = ("today", "now")


def made_by(step: Step, form: Form, dependencies: Dependencies) -> Facts:
    """What an action step leaves behind, if it is one that updates the request's own record, or counts records into it."""
    doing = getattr(step.spec, "doing", None)
    if not isinstance(doing, RecordAction):
        return frozenset()
    if not doing.updates_own:
        counted = [key for key, what in (doing.into or {}).items() if what == "count" and step.spec.on_error == "block"]
        return frozenset(fact for key in counted if key in form.fields for fact in _counted(form.fields[key], form))
    sets = {key: value for key, value in doing.set.items() if key in form.fields and form.fields[key].compute is None}
    if step.spec.on_error != "block":  # it may have failed, so that nothing was set
        return frozenset(Made(key) for key in sets)
    changed = doing.changes()
    facts = (fact for key, value in sets.items() for fact in _of(form.fields[key], value, form, dependencies, changed))
    return frozenset({SavedToday(), *facts})


def _of(
    entry: Field, value: Condition, form: Form, dependencies: Dependencies, changed: frozenset[str]
) -> Iterator[Statement]:
    read = dependencies.of_paths(value.rule.reads) | dependencies.of_field(entry.key)
    readable = not value.rule.lookups and read & changed <= {entry.key} and entry.key not in value.rule.reads
    yield Made(entry.key, _equals(entry, value, form) if readable else None)
    if value.tree in BLANKS:
        yield Present(entry.key, False)
    elif not isinstance(value.tree, dict | list) or any(clock in value.tree for clock in CLOCKS):
        yield Demanded(entry.key)


def _counted(entry: Field, form: Form) -> Iterator[Statement]:
    """A count is no less than nothing."""
    if entry.logic.kind == "number" and entry.visible_when is None:
        tree = {">=": [{"var": entry.key}, 0]}
        yield Conditional(Condition(tree, "", compile(tree, form.types, wanted="switch")))


def _equals(entry: Field, value: Condition, form: Form) -> Condition | None:
    """That the field, wherever it is shown, holds the value, as a condition; None where that can't be said."""
    given: Any = value.tree
    if entry.logic.kind == "number" and entry.digits is not None and isinstance(given, dict):
        given = {"round": [given, entry.digits]}
    tree: Any = {"==": [{"var": entry.key}, given]}
    if entry.visible_when is not None:
        tree = {"or": [{"!": [entry.visible_when.source]}, tree]}
    try:
        return Condition(tree, value.pointer, compile(tree, form.types, wanted="switch"))
    except DefinitionError:
        return None
