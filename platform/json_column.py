"""How a value becomes the text of a JSON column, and is read again: by orjson, which is many times as fast as `json`."""

import json
from typing import Any

import orjson

OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
BY_JSON = " "
"""How a text begins that only the standard library reads as it was."""


def to_json(value: Any) -> str:
    """The value as JSON text. What orjson does not take (integers of more than 64 bits) goes by the standard library.

    Raises:
        TypeError: it is no JSON.
    """
    try:
        return orjson.dumps(value, option=OPTIONS).decode()
    except TypeError:
        return BY_JSON + json.dumps(value)


def from_json(text: str) -> Any:
    """The value that became this text, on SQLite. (PostgreSQL gives it back without the blank.)"""
    if text[:1] == BY_JSON:
        return json.loads(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # of an older program
        return json.loads(text)
