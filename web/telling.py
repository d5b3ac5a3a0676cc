"""What a page tells once, after the act that led to it: a sentence, its colour, and an address that undoes the act."""

from dataclasses import dataclass
from typing import Literal

from flask import flash, get_flashed_messages

Kind = Literal["", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence for the next page. `undo` is an address of ours that takes a POST, or ""."""

    text: str
    kind: Kind = ""
    undo: str = ""


def tell(text: str, kind: Kind = "good", *, undo: str = "") -> None:
    """Say `text` on the next page that is drawn."""
    flash(f"{undo}\n{text}", kind)


def tellings() -> list[Telling]:
    """What is to be told now; each is told once."""
    return [_read(kind, message) for kind, message in get_flashed_messages(with_categories=True)]


def _read(kind: str, message: str) -> Telling:
    undo, newline, text = message.partition("\n")
    if not newline:
        return Telling(message, kind if kind in ("good", "warn", "bad") else "")
    return Telling(text, kind, undo)
