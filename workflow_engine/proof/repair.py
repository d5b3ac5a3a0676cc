"""A definition with errors, made whole enough that what does not depend on them can still be looked at.

Every part that is wrong is replaced by the plainest right one; the steps around are left out of the proof by its caller.
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from ..findings import Finding

PLAIN_STEP = {"type": "notify", "to": [{"initiator": True}]}


def repaired(document: Mapping[str, Any], wrong: Iterable[Finding]) -> dict[str, Any]:
    """`document` with the place of each finding made harmless."""
    copied = copy.deepcopy(dict(document))
    for finding in wrong:
        if finding.pointer:
            _mend(copied, [part.replace("~1", "/").replace("~0", "~") for part in finding.pointer.split("/")[1:]])
    return copied


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
        and step.get("type") in {"approval", "fill"}
        and len(path) > at + 1
        and path[at + 1] == "assignees"
    ):
        step["assignees"] = [{"initiator": True}]
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
