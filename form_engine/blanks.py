"""What counts as no value."""

from typing import Any


def is_blank(value: Any) -> bool:
    """Whether a value counts as none: null, no text but white space, no entries."""
    kind = type(value)
    if kind is str:
        return not value or value.isspace()
    return value is None or ((kind is dict or kind is list) and not value)
