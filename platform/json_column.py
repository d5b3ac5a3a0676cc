"""How a value becomes the text of a JSON column, and is read again: by orjson, which is many times as fast as `json`."""

import json
import re
from typing import Any

import orjson

OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
BY_JSON = " "
"""How a text begins that only the standard library reads as it was."""
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""The character that PostgreSQL keeps in no text, as JSON writes it."""


def to_json(value: Any) -> str:
    """The value as JSON text. What orjson does not take (integers of more than 64 bits) goes by the standard library.

    Raises:
        TypeError: it is no JSON, or has a NUL.
        UnicodeEncodeError: it has half a character.
    """
    try:
        text = orjson.dumps(value, option=OPTIONS).decode()
    except TypeError:
        text = BY_JSON + json.dumps(value, ensure_ascii=False)
        text.encode()
    if "\\u0000" in text and NUL.search(text):
        raise orjson.JSONEncodeError("a text has a NUL")
    return text


def from_json(text: str) -> Any:
    """The value that became this text, on SQLite."""
    if text[:1] == BY_JSON:
        return json.loads(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # of an older program
        return json.loads(text)
