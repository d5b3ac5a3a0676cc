"""Where in a JSON text each JSON Pointer stands, so that a problem found in a definition is shown at its line.

The text is being typed and may be broken: whatever could be read before the break is located, and the break itself
has a line. The browser's `static/designer/json-lines.js` gives the same answers; `tests/vectors/json_lines.json` holds
them together. It must not know what a form or a workflow is.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"')
_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text; `line` counts from 1, `start` and `end` are offsets in characters."""

    line: int
    start: int
    end: int


@dataclass(slots=True)
class Places:
    """The places of a text: `values` by pointer, `broken` where the text stops being JSON (None: it is JSON)."""

    text: str
    values: dict[str, Place] = field(default_factory=dict)
    broken: Place | None = None

    def of(self, pointer: str) -> Place:
        """The place of a pointer; of the nearest thing around it when it names what is not there (a missing key)."""
        while pointer and pointer not in self.values:
            pointer = pointer.rpartition("/")[0]
        return self.values.get(pointer) or Place(1, 0, 0)


class _Broken(Exception):
    """The text stops being JSON at this offset."""

    def __init__(self, at: int) -> None:
        self.at = at


class _Scanner:
    """One reading of one text, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.places = Places(text)

    def place(self, start: int, end: int) -> Place:
        return Place(bisect_right(self.starts, start), start, end)

    def space(self) -> None:
        self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches nothing, too

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None or match.end() == self.at:
            raise _Broken(self.at)
        self.at = match.end()
        return match.group()

    def comes(self, character: str) -> bool:
        self.space()
        if self.text.startswith(character, self.at):
            self.at += 1
            return True
        return False

    def expect(self, character: str) -> None:
        if not self.comes(character):
            raise _Broken(self.at)

    def value(self, pointer: str, depth: int, named_at: int | None = None) -> None:
        """Read one value. In an object its place begins at its key, because that is where a reader looks for it."""
        if depth > _DEPTH:
            raise _Broken(self.at)
        self.space()
        start = self.at if named_at is None else named_at
        self.places.values[pointer] = self.place(start, start)
        if self.comes("{"):
            self.members(pointer, depth)
        elif self.comes("["):
            self.items(pointer, depth)
        elif self.text.startswith('"', self.at):
            self.take(_STRING)
        else:
            self.take(_SCALAR)
        self.places.values[pointer] = self.place(start, self.at)

    def members(self, pointer: str, depth: int) -> None:
        if self.comes("}"):
            return
        while True:
            self.space()
            named_at = self.at
            key = json.loads(self.take(_STRING))
            self.expect(":")
            self.value(f"{pointer}/{escape(key)}", depth + 1, named_at)
            if self.comes("}"):
                return
            self.expect(",")

    def items(self, pointer: str, depth: int) -> None:
        if self.comes("]"):
            return
        for index in _count():
            self.value(f"{pointer}/{index}", depth + 1)
            if self.comes("]"):
                return
            self.expect(",")


def _count() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def escape(key: str) -> str:
    """A key as one reference token of a JSON Pointer (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def locate(text: str) -> Places:
    """The place of each value of a JSON text, as far as the text is JSON."""
    scanner = _Scanner(text)
    try:
        scanner.value("", 0)
        scanner.space()
        if scanner.at < len(text):
            raise _Broken(scanner.at)
    except _Broken as broken:
        scanner.places.broken = scanner.place(broken.at, min(broken.at + 1, len(text)))
    return scanner.places
