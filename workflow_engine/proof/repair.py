"""A definition with errors, made whole enough that what does not depend on them can still be looked at.

Every part that is wrong is replaced by the plainest right one; the steps around are left out of the proof by its caller.
"""

import copy
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from formloom.form_engine.definition import Form
from formloom.form_engine.pointers import tokens

from ..checking import parts_of
from ..definition import check, load
from ..findings import Finding
from ..tree import Workflow

PLAIN_STEP = {"type": "notify", "to": [{"initiator": True}]}


MOST_ROUNDS = 20


def repaired(document: Mapping[str, Any], wrong: Iterable[Finding], form: Form) -> Workflow | None:
    """The workflow with the place of each finding made harmless; None where that does not succeed.

    What is wrong is mended once as sparingly as can be; what is then still wrong costs the whole step.
    """
    mended = copy.deepcopy(dict(document))
    for number in range(MOST_ROUNDS):
        for finding in wrong:
            if finding.pointer:
                path = tokens(finding.pointer)
                if number == 0:
                    _mend(mended, path)
                else:
                    _replace(mended, path)
        wrong = [one for one in check(mended, forms={form.key: form}, own=form.key) if one.severity == "error"]
        if not wrong:
            return load(mended, form)
    return None


def _replace(document: dict[str, Any], path: list[str]) -> None:
    """Put the plainest step in the place of the innermost step around a wrong place."""
    depth = next((depth for depth in reversed(range(len(path) + 1)) if _is_step(document, path[:depth])), None)
    if depth is None:
        document.pop(path[0], None)
        return
    place, number = _get(document, path[: depth - 1]), int(path[depth - 1])
    known = place[number].get("id") if isinstance(place[number], dict) and path[depth:] != ["id"] else None
    alone = sum(part.id == known for part in parts_of(document)) == 1
    place[number] = PLAIN_STEP | {"id": known if alone else _free_id(document)}


def _is_step(document: dict[str, Any], path: list[str]) -> bool:
    return len(path) > 1 and path[-2] == "steps" and isinstance(_get(document, path[:-1]), list)


def _free_id(document: dict[str, Any]) -> str:
    """An id that no step has."""
    taken = {part.id for part in parts_of(document)}
    return next(name for number in count() if (name := f"step{number}") not in taken)


def _mend(document: dict[str, Any], path: list[str]) -> None:
    """Make the smallest part around a wrong place harmless that is known to be optional; else the whole step."""
    condition = next((depth for depth, part in enumerate(path) if part == "when"), None)
    if condition is not None and "branches" in path[:condition]:
        _put(document, path[:condition], "when", True)
        return
    steps = [depth for depth, part in enumerate(path) if part == "steps" and depth + 1 < len(path)]
    if not steps:
        if path and path[0] not in {"steps", "form"}:
            document.pop(path[0], None)
        return
    at = steps[-1] + 1
    step = _get(document, path[: at + 1])
    if (
        isinstance(step, dict)
        and len(path) > at + 1
        and path[at + 1] not in {"branches", "type", "id", "assignees", "to", "do"}
    ):
        step.pop(path[at + 1], None)
    elif (
        isinstance(step, dict)
        and step.get("type") in ("approval", "fill")
        and len(path) > at + 1
        and path[at + 1] == "assignees"
    ):
        step["assignees"] = [{"initiator": True}]
    elif path[at + 1 :] == ["id"] and isinstance(step, dict):
        step["id"] = _free_id(document)
    elif isinstance(step, dict) and isinstance(step.get("id"), str):
        key = step["id"]
        step.clear()
        step.update(PLAIN_STEP, id=key)


def _get(document: Any, path: list[str]) -> Any:
    for part in path:
        if isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        elif isinstance(document, dict):
            document = document.get(part)
        else:
            return None
    return document


def _put(document: Any, path: list[str], key: str, value: Any) -> None:
    target = _get(document, path)
    if isinstance(target, dict):
        target[key] = value
