"""How a name becomes a small round face: initials, and always the same one of nine colours."""

import unicodedata
import zlib

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
