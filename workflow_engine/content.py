"""What changed in a record since somebody looked at it: told to whoever would have decided over something else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .tree import Workflow


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. `before` and `after` are stored values; None is a blank."""

    field: str
    label: str
    before: Any
    after: Any


def difference(
    workflow: Workflow, before: Mapping[str, Any], after: Mapping[str, Any], lang: str = "en"
) -> tuple[Change, ...]:
    """The fields in which two contents of a record differ, in the form's order."""
    return tuple(
        Change(key, field.label(lang), before.get(key), after.get(key))
        for key, field in workflow.form.fields.items()
        if before.get(key) != after.get(key)
    )
