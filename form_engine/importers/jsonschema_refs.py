"""The references of a foreign JSON Schema: brought to `#/$defs/name`, which is all that a form may say.

Whatever else in the document is referred to (a property, a definition inside a definition, an anchor, a part by its own
`$id`) gets a name in `$defs`. What stands in another document stays as it is, and is refused by the check.
Source: JSON Schema core 2020-12, sections 8.2 and 9.2.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

from formloom.form_engine.pointers import join, tokens

from .draft import Json

DEFINITIONS = ("$defs", "definitions")
DEEPEST = 60


class References:
    """What `document` refers to inside itself. `waiting` are the parts that are to stand in `$defs`: name, schema, place."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.waiting: list[tuple[str, Any, str]] = []
        self._named: dict[str, str] = {}
        self._taken = {name for word in DEFINITIONS for name in _mapping(document.get(word))}

    def local(self, reference: str) -> str:
        """`reference` as one into `$defs`; unchanged where it leads out of the document, to its root, or nowhere."""
        place = self._place(reference)
        if not place:
            return reference
        target = self._at(place)
        if target is None:
            return reference
        if len(place) == 2 and place[0] in DEFINITIONS:
            return _to(place[1])
        pointer = join("", *place)
        if pointer not in self._named:
            self._named[pointer] = self._free(place[-1])
            self.waiting.append((self._named[pointer], target, pointer))
        return _to(self._named[pointer])

    def _place(self, reference: str) -> list[str] | None:
        base, _, fragment = reference.partition("#")
        root: list[str] | None = []
        if base and base.rstrip("#") != _own(self.document):
            root = self._marked.get(base)
        if root is None or not fragment:
            return root
        if fragment.startswith("/"):
            return [*root, *tokens(unquote(fragment))]
        return self._marked.get(f"#{fragment}")

    def _at(self, place: list[str]) -> Any:
        found: Any = self.document
        for part in place:
            if isinstance(found, list) and part.isdigit() and int(part) < len(found):
                found = found[int(part)]
            else:
                found = found.get(part) if isinstance(found, dict) else None
        return found if isinstance(found, dict | bool) else None

    @cached_property
    def _marked(self) -> dict[str, list[str]]:
        """The places of the parts that have an anchor (`#name`) or an `$id` of their own."""
        found: dict[str, list[str]] = {}
        for place, part in _parts(self.document, []):
            anchor = part.get("$anchor")
            for mark in (f"#{anchor}" if isinstance(anchor, str) else None, _own(part)):
                if mark is not None:
                    found.setdefault(mark, place)
        return found

    def _free(self, word: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", word) or "part"
        free, number = plain, 1
        while free in self._taken:
            number += 1
            free = f"{plain}_{number}"
        self._taken.add(free)
        return free


def _own(part: Json) -> str | None:
    found = part.get("$id") or part.get("id")
    return found.rstrip("#") if isinstance(found, str) else None


def _parts(value: Any, place: list[str]) -> Iterator[tuple[list[str], Json]]:
    """Every object of the document, with its place."""
    if len(place) > DEEPEST:
        return
    if isinstance(value, dict):
        yield place, value
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _parts(part, [*place, str(key)])


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _to(name: str) -> str:
    return "#/$defs/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~")
