"""Reads the text of a formula into nodes, each with the character where it starts. Knows no fields and no functions."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from ...messages import say
from ..terms import Json
from .errors import FormulaError

MAX_LENGTH = 20_000
_WORDS: dict[str, Json] = {"true": True, "false": False, "blank": None}
_ALIASES = {"!=": "<>", "==": "=", "≤": "<=", "≥": ">=", "≠": "<>"}
_WIDE = str.maketrans("（），＋－×÷＊／＝＜＞＆％＾｛｝．", "(),+-*/*/=<>&%^{}.")
"""Signs as a Chinese keyboard writes them."""
_KEPT = re.compile(r'"(?:[^"]|"")*"|\[[^\[\]]*\]|“[^”"]*”')
"""Texts and bracketed names, in which every character is meant."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, TRUE, FALSE or BLANK."""

    value: Json
    at: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list written out: `{1, 2}`."""

    items: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Reference:
    """`total`, `items.price`, `_.price`, `$.rate`; `quoted` tells the parts that stood in brackets."""

    parts: tuple[str, ...]
    quoted: tuple[bool, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Infix:
    """`a + b + c`, with the sign as it is written; `-` and one argument is a minus sign."""

    sign: str
    args: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Called:
    """`SUM(a, b)`."""

    name: str
    args: tuple["Node", ...]
    at: int


Node = Literal | Items | Reference | Infix | Called


@v_args(inline=True)
class _Nodes(Transformer[Token, Node]):
    """Each rule of the grammar as a node."""

    def number(self, token: Token) -> Node:
        text = str(token)
        return Literal(int(text) if text.isdigit() else float(text), token.start_pos or 0)

    def percent(self, token: Token) -> Node:
        digits, _, exponent = str(token).rstrip("%").rstrip().lower().partition("e")
        share = float(f"{digits}e{int(exponent[:9] or 0) - 2}")  # so that 33.3% is 0.333, not what 33.3 / 100 is
        return Literal(int(share) if share.is_integer() and share < 10**15 else share, token.start_pos or 0)

    def string(self, token: Token) -> Node:
        return Literal(str(token)[1:-1].replace('""', '"'), token.start_pos or 0)

    def brackets(self, node: Node) -> Node:
        return node

    def list(self, *items: Node | None) -> Node:
        given = tuple(item for item in items if item is not None)
        return Items(given, given[0].at - 1 if given else 0)

    def call(self, name: Token, *args: Node | None) -> Node:
        return Called(str(name), tuple(arg for arg in args if arg is not None), name.start_pos or 0)

    def path(self, *tokens: Token) -> Node:
        at = tokens[0].start_pos or 0
        word = str(tokens[0]).lower()
        if len(tokens) == 1 and tokens[0].type == "NAME" and word in _WORDS:
            return Literal(_WORDS[word], at)
        quoted = tuple(token.type == "QUOTED" for token in tokens)
        parts = tuple(str(token)[1:-1] if token.type == "QUOTED" else str(token) for token in tokens)
        return Reference(parts, quoted, at)

    def negative(self, node: Node) -> Node:
        if isinstance(node, Literal) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return Literal(-node.value, node.at)
        return Infix("-", (node,), node.at)

    def infix(self, left: Node, sign: Token, right: Node) -> Node:
        return Infix(_ALIASES.get(str(sign), str(sign)), (left, right), sign.start_pos or 0)

    def chain(self, first: Node, *rest: Node | Token) -> Node:
        left = first
        for sign, right in zip(rest[::2], rest[1::2], strict=True):
            left = _extended(left, first, sign, right)
        return left

    def power(self, left: Node, right: Node) -> Node:
        return Infix("^", (left, right), left.at)

    def text(self, *nodes: Node) -> Node:
        return Infix("&", nodes, nodes[0].at)

    def defaults(self, *nodes: Node) -> Node:
        return Infix("??", nodes, nodes[0].at)


def _extended(left: Node, first: Node, sign: Node | Token, right: Node | Token) -> Node:
    """`a + b + c` is one sum of three; `(a + b) + c`, which starts with a sum of its own, is not."""
    assert isinstance(sign, Token)
    assert not isinstance(right, Token)
    if left is not first and isinstance(left, Infix) and left.sign == str(sign) in ("+", "*"):
        return Infix(left.sign, (*left.args, right), left.at)
    return Infix(str(sign), (left, right), sign.start_pos or 0)


@cache
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False, transformer=_Nodes())


def nodes(text: str, lang: str = "en") -> Node:
    """The formula `text` as a tree of nodes. Raises `FormulaError` at the character that doesn't fit."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(say(lang, "A formula has at most {limit} characters.", limit=MAX_LENGTH), text, MAX_LENGTH)
    if not text.strip():
        raise FormulaError(say(lang, "Write a formula."), text, 0)
    try:
        return _parser().parse(_without_equals_sign(_narrow(text)))  # type: ignore[return-value]
    except UnexpectedInput as error:
        raise _unexpected(error, text, lang) from None


def _narrow(text: str) -> str:
    """`text` with its wide signs as narrow ones, and “texts” in straight marks; all characters keep their places."""
    parts, at = [], 0
    for kept in _KEPT.finditer(text):
        straight = f'"{kept.group()[1:-1]}"' if kept.group().startswith("“") else kept.group()
        parts += [text[at : kept.start()].translate(_WIDE), straight]
        at = kept.end()
    return "".join([*parts, text[at:].translate(_WIDE)])


def _without_equals_sign(text: str) -> str:
    """`text` with a space for the sign that spreadsheets put in front, so that all characters keep their places."""
    start = len(text) - len(text.lstrip())
    return f"{text[:start]} {text[start + 1 :]}" if text[start : start + 1] == "=" else text


def _unexpected(error: UnexpectedInput, text: str, lang: str) -> FormulaError:
    offset = error.pos_in_stream or 0
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return FormulaError(say(lang, "The formula ends too early: {hint}", hint=_hint(text, lang)), text, len(text))
    if isinstance(error, UnexpectedCharacters) and text[offset] == '"':
        return FormulaError(say(lang, "This text has no closing quotation mark."), text, offset)
    if text[offset : offset + 1] == "'":
        return FormulaError(say(lang, "Texts stand in double quotation marks."), text, offset)
    sign = str(error.token) if isinstance(error, UnexpectedToken) else text[offset]
    return FormulaError(say(lang, "“{sign}” doesn't fit here.", sign=sign), text, offset)


def _hint(text: str, lang: str) -> str:
    missing = text.count("(") - text.count(")")
    if missing > 0:
        return say(lang, "a “)” is missing.")
    return say(lang, "a value is missing.")
