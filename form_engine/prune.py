"""Takes what has the wrong shape out of a document, so that everything else in it can still be checked."""

from collections.abc import Iterable
from typing import Any

from .resolve import Node

Path = tuple[str | int, ...]


def pruned(document: Node, places: Iterable[Path]) -> Node:
    """A copy of `document` without what stands at `places`. Entries of lists become null, so that the others stay put."""
    wrong = sorted(set(places), key=len, reverse=True)
    if not wrong:
        return document
    made: Node = _copy(document)
    for path in wrong:
        holder: Any = made
        for token in path[:-1]:
            holder = holder[token] if _has(holder, token) else None
        last: Any = path[-1] if path else None
        if path and _has(holder, last):
            if isinstance(holder, list):
                holder[last] = None
            else:
                del holder[last]
    return made


def _has(holder: Any, token: str | int) -> bool:
    if isinstance(holder, list):
        return isinstance(token, int) and token < len(holder)
    return isinstance(holder, dict) and token in holder


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(entry) for key, entry in value.items()}
    return [_copy(entry) for entry in value] if isinstance(value, list) else value
