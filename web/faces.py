"""How small things are written: a name as a round face of one colour, an amount in its input."""

import unicodedata
import zlib
from decimal import Decimal, InvalidOperation

TONES = ("blue", "teal", "green", "amber", "orange", "violet", "pink", "gray")


def initials(name: str, *, wide: bool = False) -> str:
    """What stands in a face: of a Chinese name the last character (two where there is room), else the first letters."""
    words = name.split()
    han = [char for char in name if unicodedata.name(char, "").startswith("CJK UNIFIED")]
    if han:
        return "".join(han[-2:] if wide else han[-1:])
    letters = [word[0] for word in words if word[0].isalnum()]
    return "".join((letters[:1] + letters[-1:]) if len(letters) > 1 else letters).upper() or "?"


def tone(name: str) -> str:
    """One of the tag colours, the same for the same name in every process."""
    return TONES[zlib.crc32(name.encode()) % len(TONES)]


def grouped(typed: object, digits: int) -> str:
    """A number as it stands in its input, with its thousands apart and all its decimals; anything else as it was typed."""
    text = typed if isinstance(typed, str) else ""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    places = max(digits, -int(number.as_tuple().exponent)) if number.is_finite() else 0
    return f"{number:,.{places}f}" if number.is_finite() else text
