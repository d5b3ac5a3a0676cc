"""JSON that comes from outside, as text or as a value: what may pass, and at which place what may not.

Both doors (`definition.parse` and `record.read`) stand on this module. Everything is answered: no input, however deep,
long or odd, raises anything but `NotJson`.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from .limits import LIMITS
from .messages import say

LARGEST_INTEGER = 2**53
LARGEST_NUMBER = 10**300
Path = tuple[str | int, ...]


class NotJson(ValueError):
    """The text is no JSON; `str(error)` says so to a person."""


class TooMuch(NotJson):
    """The text may well be JSON, but there is too much of it, or it is nested too deeply."""


class Doubled(dict[str, Any]):
    """An object in whose text the key `key` stands twice."""

    key: str


def decode(text: str | bytes, lang: str) -> object:
    """The JSON value that `text` (UTF-8, with or without a byte-order mark) writes.

    Numbers too big for a double come out as infinite and objects with a key twice as `Doubled`: `flaws` finds both.
    Raises NotJson.
    """
    if len(text) > LIMITS.document_bytes:
        raise TooMuch(say(lang, "This is too long: at most {limit:,} bytes.", limit=LIMITS.document_bytes))
    try:
        if isinstance(text, bytes):
            text = text.decode()
        return json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer
        )
    except UnicodeDecodeError:
        raise NotJson(say(lang, "This is not UTF-8 text.")) from None
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise NotJson(say(lang, "This is not JSON (line {line}, column {column}).", **where)) from None
    except RecursionError:
        raise TooMuch(say(lang, "This is nested too deeply.")) from None
    except ValueError:
        raise NotJson(say(lang, "This is not JSON: NaN and Infinity are no numbers.")) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    doubled = Doubled(made)
    seen: set[str] = set()
    doubled.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return doubled


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 400 else math.inf


def flaws(value: object, *, depth: int, lang: str, exact: bool = True) -> Iterator[tuple[Path, str]]:
    """Each place of `value` that holds what no record and no definition may hold, with a sentence.

    A value is as long as its texts and keys, and two for each value, which is never more than its JSON text.
    `exact`: whole numbers that a double does not keep exactly are flaws, too (of a record; a bound may be any number). Too deep, too long, or not made of JSON's own types is said once, at the root (path `()`), and ends the search.
    """
    if 0 <= _size(value, depth) <= LIMITS.document_bytes:
        return
    size = 0
    stack: list[tuple[Path, object]] = [((), value)]
    found: list[tuple[Path, str]] = []
    while stack:
        path, item = stack.pop()
        size += 2 + (len(item) if isinstance(item, str) else 0)
        if len(path) > depth:
            yield (), say(lang, "This is nested too deeply: at most {limit} levels.", limit=depth)
            return
        if size > LIMITS.document_bytes:
            yield (), say(lang, "This is too long: at most {limit:,} bytes.", limit=LIMITS.document_bytes)
            return
        sentence = _flaw(item, lang, exact)
        if sentence is not None:
            found.append((path, sentence))
        else:
            stack.extend((((*path, token), inner) for token, inner in reversed(_parts(item))))
    yield from found


def _size(holder: Any, depth: int) -> int:
    """Roughly how long an object or a list is that has no flaw; -1 for whatever must be looked at closely.

    Every record passes through here, so it is written for speed: one loop, no call for a plain value.
    """
    if depth <= 0 or (type(holder) is not dict and type(holder) is not list):
        return -1
    size = 0
    parts: Any = holder
    if type(holder) is dict:
        keys = "".join(holder) if all(type(key) is str for key in holder) else "\0"
        if "\0" in keys or not (keys.isascii() or _whole(keys)):
            return -1
        size, parts = len(keys), holder.values()
    for part in parts:
        kind = type(part)
        size += 2
        if kind is str:
            if "\0" in part or not (part.isascii() or _whole(part)):
                return -1
            size += len(part)
        elif kind is int:
            if not -LARGEST_INTEGER <= part <= LARGEST_INTEGER:
                return -1
        elif kind is float:
            if part - part != 0:  # infinite, or no number
                return -1
        elif kind is not bool and part is not None:
            inner = _size(part, depth - 1)
            if inner < 0:
                return -1
            size += inner
    return size


def _whole(text: str) -> bool:
    """Whether `text` has no half character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parts(item: object) -> list[tuple[str | int, object]]:
    if isinstance(item, dict):
        return list(item.items())
    return list(enumerate(item)) if isinstance(item, list) else []


def _flaw(item: object, lang: str, exact: bool) -> str | None:
    match item:
        case bool() | None:
            return None
        case str():
            return text_flaw(item, lang)
        case int():
            if abs(item) > (LARGEST_INTEGER if exact else LARGEST_NUMBER):
                return say(lang, "This number has too many digits to be kept exactly.")
            return None
        case float():
            return None if math.isfinite(item) else say(lang, "This number is too large, or no number at all.")
        case Doubled():
            return say(lang, "The key “{key}” stands here twice.", key=item.key)
        case dict():
            return next((flaw for flaw in (_key_flaw(key, lang) for key in item) if flaw is not None), None)
        case list():
            return None
    return say(lang, "This is no JSON value.")


def _key_flaw(key: object, lang: str) -> str | None:
    return text_flaw(key, lang) if isinstance(key, str) else say(lang, "This is no JSON value.")


def text_flaw(text: str, lang: str) -> str | None:
    """What stands in `text` that no database and no other program could keep: NUL or half a character."""
    if "\0" in text:
        return say(lang, "The text holds an invisible character (NUL) that cannot be kept.")
    if text.isascii() or _whole(text):
        return None
    return say(lang, "The text holds half a character (a lone surrogate) that cannot be kept.")
