"""A definition as the editor shows it: what is short stands on one line, as a person would write it."""

import json
from typing import Any

WIDTH = 110
INDENT = "  "


def pretty(value: Any, indent: str = "", room: int = WIDTH) -> str:
    """JSON text of a value: a list or object stands on one line where it fits into `room` characters, else one entry a line.

    The root is always spread out, so that an empty form shows where its fields go.
    """
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (indent and len(indent) + len(flat) <= room):
        return flat
    inner = indent + INDENT
    if isinstance(value, dict):
        heads = ((json.dumps(key, ensure_ascii=False) + ": ", entry) for key, entry in value.items())
        lines = [inner + head + pretty(entry, inner, room - len(head)) for head, entry in heads]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    lines = [inner + pretty(entry, inner, room) for entry in value]
    return "[\n" + ",\n".join(lines) + f"\n{indent}]"
