"""Marks: what a page carries of what it shows, so that nobody's later work is overwritten unseen."""

import hashlib
import json
from typing import Any

from formloom.platform.errors import Conflict
from formloom.platform.language import gettext


def mark_of(shown: Any) -> str:
    """A short text that is another one when `shown` (any JSON) is."""
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


def require_same(over: str | None, now: str, lang: str) -> None:
    """Refuse to write over what has another mark by now than what the page showed (`over`; None: it showed nothing).

    Raises:
        Conflict: it has.
    """
    if over is not None and over != now:
        raise Conflict(
            gettext(lang, "This was changed in another tab, or by somebody else. Load the page again to see it.")
        )
