"""Pointers into a tree, and the right word near a wrong one."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from ..messages import say

_MEANT = {"=": "==", "<>": "!=", "&&": "and", "||": "or", "&": "and", "|": "or", "not": "!", "iff": "if", "?": "if"}
"""What people write who come from another language; no letters in common, so that no distance finds it."""


def step(pointer: str, *parts: str | int) -> str:
    """The JSON Pointer (RFC 6901) of what stands at `parts` below `pointer`."""
    return pointer + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def nearest(word: object, words: Iterable[object]) -> str | None:
    """The one of `words` that somebody who wrote `word` most likely meant; None if nothing is near."""
    known = sorted(str(one) for one in words)
    written = str(word)
    if written in _MEANT and _MEANT[written] in known:
        return _MEANT[written]
    return _closest(written, tuple(known))


@cache
def _closest(written: str, known: tuple[str, ...]) -> str | None:
    folded = {one.casefold(): one for one in known}
    found = get_close_matches(written.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def meant(lang: str, word: object, words: Iterable[object]) -> str:
    """ " Did you mean “…”?" with the nearest of `words`, or nothing."""
    near = nearest(word, words)
    return " " + say(lang, "Did you mean “{word}”?", word=near) if near else ""


def miscounted(lang: str, name: str, count: int, least: int, most: int | None) -> str:
    """What is wrong with `count` arguments where `name` takes `least` to `most` (None: any number); "" if nothing."""
    if count >= least and (most is None or count <= most):
        return ""
    if most == least:
        return say(lang, "“{name}” takes {least} values, not {count}.", name=name, least=least, count=count)
    if most is None:
        return say(lang, "“{name}” takes at least {least} values.", name=name, least=least)
    return say(lang, "“{name}” takes {least} to {most} values.", name=name, least=least, most=most)
