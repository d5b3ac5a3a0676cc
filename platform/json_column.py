"""How a value becomes the text of a JSON column."""

import json
from typing import Any

import orjson


def to_json(value: Any) -> str:
    """The value as JSON text. What orjson does not take (integers of more than 64 bits) goes by the standard library.

    Raises:
        TypeError: it is no JSON.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS).decode()
    except TypeError:
        return json.dumps(value)
