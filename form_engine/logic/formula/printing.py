"""Writes JSON Logic as the formula that reads back as the same tree."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...errors import FormloomError
from ...messages import say
from ..terms import Json
from ..types import is_number
from .functions import INFIX, is_each_place, is_list_place, name_of
from .places import FOLDED, Place, read, table_of

_SIGNS = {operator: sign for sign, operator in INFIX.items()}
_STRENGTH = {"??": 0, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "%": 4, "^": 5} | dict.fromkeys(
    ("=", "<>", "===", "!==", "<", "<=", ">", ">="), 1
)
_UNARY, _ATOM = 6, 7
_MANY = ("??", "&", "+", "*")
"""Signs that may stand between more than two values."""
_PLAIN = re.compile(r"[^\W\d_]\w*")
_RESERVED = ("true", "false", "blank")


Around = Literal["plain", "list", "rows"]
"""What stands around an expression: nothing special; an argument that is a list, where `table.column` would be said of
each row; or one that is said of each row already, where only the columns of that table may be written so."""


class Unprintable(FormloomError):
    """A tree that no formula says; `operator` is the one that has no function."""

    def __init__(self, operator: str) -> None:
        self.operator = operator
        super().__init__(self.sentence("en"))

    def sentence(self, lang: str) -> str:
        """What a person is told, in `lang`."""
        return say(lang, "No formula says “{operator}”.", operator=self.operator)


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of formula and how strongly its last sign binds."""

    text: str
    strength: int = _ATOM

    def within(self, strength: int) -> str:
        """The text as an operand: in brackets if it binds less strongly than `strength`."""
        return self.text if self.strength >= strength else f"({self.text})"


def write(tree: Json, place: Place, around: Around = "plain") -> Written:
    """`tree` as it is written at `place`."""
    match tree:
        case None | bool():
            return Written({None: "BLANK", True: "TRUE", False: "FALSE"}[tree])
        case str():
            return Written('"' + tree.replace('"', '""') + '"')
        case list():
            return Written("{" + ", ".join(write(item, place, around).text for item in tree) + "}")
        case dict() if len(tree) == 1:
            operator, given = next(iter(tree.items()))
            return _operation(operator, given, place, around)
        case _ if is_number(tree):
            text = json.dumps(tree)
            return Written(text, _UNARY if text.startswith("-") else _ATOM)
        case _:
            raise Unprintable(json.dumps(tree)[:80])


def _operation(operator: str, given: Json, place: Place, around: Around) -> Written:
    if operator in ("var", "val"):
        reference = _reference(operator, given, place, around)
        if reference is not None:
            return Written(reference)
    args = given if isinstance(given, list) else [given]
    sign = _SIGNS.get(operator)
    if sign and (len(args) == 2 or (len(args) > 2 and sign in _MANY)):
        return _infix(sign, args, place, around)
    if operator == "-" and len(args) == 1 and not is_number(args[0]):
        return Written("-" + write(args[0], place, around).within(_ATOM), _UNARY)
    return _call(operator, args, place, around)


def _infix(sign: str, args: list[Json], place: Place, around: Around) -> Written:
    strength = _STRENGTH[sign]
    parts = [write(arg, place, around) for arg in args]
    first = strength if sign in ("-", "/", "%") or _joins_left(sign, args[0]) else strength + 1
    texts = [parts[0].within(first), *(part.within(strength + 1) for part in parts[1:])]
    if sign == "^":
        texts = [parts[0].within(_UNARY), parts[1].within(strength)]
    return Written(f" {sign} ".join(texts), strength)


def _joins_left(sign: str, first: Json) -> bool:
    """Whether `first`, a chain of the same strength, may stand without brackets: `a - b + c`, but not `(a + b) + c`."""
    if sign not in ("+", "*") or not isinstance(first, Mapping):
        return False
    operator, args = next(iter(first.items()))
    inner = _SIGNS.get(operator)
    binary = isinstance(args, list) and (len(args) == 2 or (len(args) > 2 and inner in _MANY))
    return binary and inner is not None and inner != sign and _STRENGTH[inner] == _STRENGTH[sign]


def _call(operator: str, args: list[Json], place: Place, around: Around) -> Written:
    name = name_of(operator)
    if name is None:
        raise Unprintable(operator)
    written = [_argument(operator, position, args, place, around) for position in range(len(args))]
    return Written(f"{name}({', '.join(written)})")


def _argument(operator: str, position: int, args: list[Json], place: Place, around: Around) -> str:
    arg = args[position]
    if is_each_place(operator, position):
        return write(arg, place.inside(table_of(args[0], place), fold=operator == "reduce")).text
    if not is_list_place(operator, position):
        return write(arg, place, around).text
    match arg:
        case {"map": [source, body]} if (table := table_of(source, place)) and source == read((table,), place.depth):
            inside = place.inside(table)
            if not _named(table, inside) and _uses_column(body):
                return write(body, inside, "rows").text
    return write(arg, place, "list").text


def _named(table: str, place: Place) -> bool:
    return not _is_plain(table) or (place.depth > 1 and place.folds[-2] and table in FOLDED)


def _uses_column(body: Json) -> bool:
    """Whether `body` reads a column of its row outside its own inner lists and loops, so that the formula names the table."""
    match body:
        case {"var": str(path)}:
            return bool(path) and all(map(_is_plain, path.split(".")))
        case list():
            return any(map(_uses_column, body))
        case dict() if len(body) == 1:
            operator, given = next(iter(body.items()))
            args: list[Any] = given if isinstance(given, list) else [given]
            if operator in ("var", "val"):
                return operator == "val" and _column_of_val(args)
            return any(
                _uses_column(arg)
                for i, arg in enumerate(args)
                if not is_list_place(operator, i) and not is_each_place(operator, i)
            )
        case _:
            return False


def _column_of_val(args: list[Any]) -> bool:
    return bool(args) and not isinstance(args[0], list) and _reads_back("val", args, 0) is not None


def _reference(operator: str, given: Json, place: Place, around: Around) -> str | None:
    """The name that reads back as this very `var` or `val`; None if only VAR or VAL does."""
    levels, args = 0, given
    match operator, given:
        case "val", [[int(jump)], *rest] if jump > 0 and jump % 2 == 0:
            levels, args = jump // 2, rest
    path = _reads_back(operator, args, levels)
    if path is None or levels > place.depth:
        return None
    if levels == place.depth:
        return _of_record(path, place, around)
    if levels == 0 and place.in_fold and path and path[0] in FOLDED:
        return _dotted(path)
    table = place.tables[-1 - levels]
    seen = table is not None and place.levels_to(table) == levels and not (place.in_fold and table in FOLDED)
    if path and table and seen and _is_plain(table) and (around == "plain" or (around == "rows" and levels == 0)):
        return _dotted((table, *path))
    return _dotted((f"_{levels or ''}", *path))


def _reads_back(operator: str, args: Json, levels: int) -> tuple[Any, ...] | None:
    """The path, if `read(path, levels)` gives this very operation again."""
    path: tuple[Any, ...]
    if operator == "var":
        if not isinstance(args, str):
            return None
        path = tuple(args.split(".")) if args else ()
    else:
        path = tuple(args) if isinstance(args, list) else ()
    if not all(isinstance(part, str | int) and not isinstance(part, bool) and part != "" for part in path):
        return None
    if any(
        (isinstance(part, int) and part < 0) or (isinstance(part, str) and re.search(r"[\[\]]", part)) for part in path
    ):
        return None
    made = read(path, levels)
    wanted = {operator: [[2 * levels], *path] if levels else args}
    return path if made == wanted else None


def _of_record(path: tuple[Any, ...], place: Place, around: Around) -> str | None:
    if not path or isinstance(path[0], int):
        return None
    head = path[0]
    taken = len(path) > 1 and (around != "plain" or place.levels_to(head) is not None)
    if (place.in_fold and head in FOLDED) or taken or head.startswith("_"):
        return _dotted(("$", *path))
    return _dotted(path)


def _dotted(path: tuple[Any, ...]) -> str:
    first, *rest = path
    head = first if first == "$" or re.fullmatch(r"_\d*", first) else _part(first, alone=not rest)
    return ".".join([head, *(str(part) if isinstance(part, int) else _part(part) for part in rest)])


def _part(part: str, alone: bool = False) -> str:
    return part if _is_plain(part) and not (alone and part.lower() in _RESERVED) else f"[{part}]"


def _is_plain(part: str) -> bool:
    return _PLAIN.fullmatch(part) is not None
