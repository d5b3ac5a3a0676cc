"""Real operators on texts and on lists of values. A character is a Unicode code point, as a reader counts."""

import json
import re
from collections.abc import Callable, Mapping
from itertools import groupby

from .engine import BUDGET, BudgetExceeded, TooLong
from .rounding import number_text, rounded
from .terms import Json
from .types import is_number

MAX_TEXT = 100_000
"""Characters: a rule that would make a longer text is an error, so that no chain of replacements fills the memory."""
BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_EDGES = re.compile(f"^[{BLANKS}]+|[{BLANKS}]+$")
_RUNS = re.compile(f"[{BLANKS}]+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def _limited(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise TooLong
    return text


def text(value: Json) -> str:
    """`value` as a text: a number in up to 15 digits; a blank is the empty text."""
    if is_number(value):
        return number_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def concat(*parts: Json) -> str:
    """All parts, one after the other. Not the evaluators' own `cat`, which knows no limit: fields that each repeat the
    one before would fill the memory.
    """
    return _limited("".join(text(part) for part in parts))


def fixed(number: float, digits: float | None = None) -> str:
    """`number` with thousands separated by commas and exactly `digits` (2) decimals: `1,234.50`."""
    places = 2 if digits is None else max(0, min(int(digits), 15))
    whole, _, rest = number_text(rounded(number, places)).partition(".")
    grouped = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", whole)
    return grouped + ("." + rest.ljust(places, "0") if places else "")


def value(written: str) -> float | None:
    """The number that a text says (`1,234.5`, `12%`); blank if it says none."""
    plain = trim(written).replace(",", "")
    percent = plain.endswith("%")
    plain = plain.rstrip("%") if percent else plain
    if not _NUMBER.fullmatch(plain):
        return None
    number = float(plain) / (100 if percent else 1)
    return None if number in (float("inf"), float("-inf")) else number


def trim(written: str) -> str:
    """Without white space at both ends, and with one space for each run inside."""
    return _RUNS.sub(" ", _EDGES.sub("", written))


def proper(written: str) -> str:
    """Each word with a capital first letter."""
    words = ("".join(run) for _, run in groupby(written, str.isalpha))
    return "".join(word[:1].upper() + word[1:].lower() for word in words)


def left(written: str, count: float | None = None) -> str:
    """The first `count` (1) characters."""
    return written[: _count(count)]


def right(written: str, count: float | None = None) -> str:
    """The last `count` (1) characters."""
    wanted = _count(count)
    return written[-wanted:] if wanted else ""


def middle(written: str, start: float, count: float) -> str:
    """`count` characters from the `start`-th, counted from 1."""
    first = max(int(start), 1) - 1
    return written[first : first + _count(count)]


def substring(written: str, start: float, count: float | None = None) -> str:
    """JSON Logic's own: from `start` (0 is the first; negative: from the end), `count` of them (negative: but so many)."""
    first = int(start) if start >= 0 else max(0, len(written) + int(start))
    rest = written[first:]
    return rest if count is None else rest[: int(count)] if count >= 0 else rest[: max(0, len(rest) + int(count))]


def _count(count: float | None) -> int:
    return 1 if count is None else max(0, min(int(count), MAX_TEXT))


def find(part: str, written: str, start: float | None = None) -> int | None:
    """Where `part` first stands in `written`, from 1; blank if it doesn't."""
    found = written.find(part, max(0, int(start or 1) - 1))
    return found + 1 if found >= 0 else None


def substitute(written: str, old: str, new: str) -> str:
    """Every `old` replaced by `new`."""
    return _limited(written.replace(old, new)) if old else written


def replace(written: str, start: float, count: float, new: str) -> str:
    """`count` characters from the `start`-th replaced by `new`."""
    first = max(int(start), 1) - 1
    return _limited(written[:first] + new + written[first + max(0, int(count)) :])


def repeat(written: str, count: float) -> str:
    """`written`, `count` times."""
    times = max(0, int(count))
    if len(written) * times > MAX_TEXT:
        raise TooLong
    return written * times


def pad(written: str, length: float, filler: str | None = None) -> str:
    """`written` filled up in front to `length` characters, with `filler` (0)."""
    wanted = min(int(length), MAX_TEXT)
    return written.rjust(wanted, (filler or "0")[0])


def join(values: list[Json], separator: str | None = None) -> str:
    """The values that are not blank, one after the other, with `separator` (a comma and a space) between."""
    return _limited(
        (", " if separator is None else separator).join(text(one) for one in values if one not in (None, ""))
    )


def split(written: str, separator: str) -> list[str]:
    """The parts of `written` between the `separator`s, trimmed; empty ones are left out."""
    parts = written.split(separator) if separator else [written]
    return [part for part in (_EDGES.sub("", part) for part in parts) if part]


def _key(value: Json) -> str:
    return json.dumps(float(value) if is_number(value) else value, sort_keys=True)


def unique(values: list[Json]) -> list[Json]:
    """Each value once, in the order of its first place; blanks are left out."""
    found: dict[str, Json] = {}
    for one in values:
        if one is not None:
            found.setdefault(_key(one), one)
    return list(found.values())


def sort(values: list[Json], direction: str | None = None) -> list[Json]:
    """The values in order: numbers by size, texts by their characters; blanks are left out. `descending`: the other way."""
    numbers = sorted(one for one in values if is_number(one))
    texts = sorted(one for one in values if isinstance(one, str))
    return [*numbers, *texts][:: -1 if direction == "descending" else 1]


def item(values: list[Json], position: float) -> Json:
    """The value at `position`, from 1; negative: from the end; blank where there is none."""
    at = int(position)
    if at == 0 or abs(at) > len(values):
        return None
    return values[at - 1 if at > 0 else at]


def slice_(values: list[Json], start: float, count: float) -> list[Json]:
    """`count` values from the `start`-th, counted from 1."""
    first = max(int(start), 1) - 1
    return values[first : first + max(0, int(count))]


def merge_lists(*lists: list[Json]) -> list[Json]:
    """One list of several, blanks and all; an entry is an operation, so that fields cannot double each other endlessly."""
    if sum(map(len, lists)) > BUDGET:
        raise BudgetExceeded
    return [one for values in lists for one in values]


REAL: Mapping[str, Callable[..., Json]] = {
    "text": text,
    "fixed": fixed,
    "value": value,
    "trim": trim,
    "upper": lambda written: written.upper(),
    "lower": lambda written: written.lower(),
    "proper": proper,
    "length": len,
    "left": left,
    "right": right,
    "middle": middle,
    "concat": concat,
    "substring": substring,
    "find": find,
    "contains": lambda written, part: part in written,
    "startsWith": lambda written, part: written.startswith(part),
    "endsWith": lambda written, part: written.endswith(part),
    "substitute": substitute,
    "replace": replace,
    "repeat": repeat,
    "pad": pad,
    "join": join,
    "split": split,
    "mergeLists": merge_lists,
    "unique": unique,
    "sort": sort,
    "item": item,
    "slice": slice_,
    "reverse": lambda values: values[::-1],
}
