"""The word that a person most likely meant: the hint behind every complaint about a name nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The entry of `known` that `word` is most likely a misspelling of, or None where nothing is close."""
    words = [entry for entry in known if isinstance(entry, str)]
    if len(word) > 80:
        return None
    folded = {entry.casefold().replace("_", "").replace("-", ""): entry for entry in reversed(words)}
    same = folded.get(word.casefold().replace("_", "").replace("-", ""))
    if same is not None:
        return same
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    return close[0] if close else None
