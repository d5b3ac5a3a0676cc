"""Just enough CSS to vendor a kit: rules in, rules out, nothing understood beyond brackets, strings and comments.

A stylesheet is a tree of blocks. A block has a prelude (selector or at-rule) and either declarations or further blocks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_HOLDS_RULES = ("@media", "@supports", "@layer", "@container", "@keyframes")


@dataclass(frozen=True, slots=True)
class Block:
    """`prelude { … }`: `rules` of an at-rule that holds rules, else `declarations`."""

    prelude: str
    declarations: tuple[tuple[str, str], ...] = ()
    rules: tuple["Block", ...] = ()

    def keep(
        self, *, declarations: tuple[tuple[str, str], ...] | None = None, rules: tuple["Block", ...] | None = None
    ) -> "Block":
        """The same block with other contents."""
        return replace(
            self,
            declarations=self.declarations if declarations is None else declarations,
            rules=self.rules if rules is None else rules,
        )


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a stylesheet, in order. Statements without a block (@charset, @import) are left out."""
    return tuple(_blocks(_COMMENT.sub("", text)))


def _blocks(text: str) -> Iterator[Block]:
    start = 0
    while (brace := _find(text, "{;", start)) >= 0:
        if text[brace] == ";":
            start = brace + 1
            continue
        end = _matching(text, brace)
        prelude = " ".join(text[start:brace].split())
        body = text[brace + 1 : end]
        if prelude.startswith(_HOLDS_RULES):
            yield Block(prelude, rules=tuple(_blocks(body)))
        else:
            yield Block(prelude, declarations=tuple(_declarations(body)))
        start = end + 1


def _declarations(body: str) -> Iterator[tuple[str, str]]:
    for part in split(body, ";"):
        name, colon, value = part.partition(":")
        if colon and value.strip():
            yield name.strip(), " ".join(value.split())


def split(text: str, separator: str) -> list[str]:
    """The parts of `text` between separators that stand outside brackets and strings, stripped; empty ones left out."""
    parts, start = [], 0
    while (end := _find(text, separator, start)) >= 0:
        parts.append(text[start:end].strip())
        start = end + 1
    return [part for part in (*parts, text[start:].strip()) if part]


def _find(text: str, wanted: str, start: int) -> int:
    """Where the first of the characters `wanted` stands outside round brackets and strings, or -1."""
    depth, quote, position = 0, "", start
    while position < len(text):
        char = text[position]
        if quote:
            position += char == "\\"
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char in wanted and depth == 0:
            return position
        position += 1
    return -1


def _matching(text: str, brace: int) -> int:
    """Where the brace opened at `brace` is closed."""
    depth, position = 1, brace
    while depth:
        position = _find(text, "{}", position + 1)
        if position < 0:
            raise ValueError(f"a brace is never closed: {text[brace - 60 : brace]}")
        depth += 1 if text[position] == "{" else -1
    return position


def write(blocks: tuple[Block, ...], indent: str = "") -> str:
    """The stylesheet as text, one rule a line."""
    return "".join(_text(block, indent) for block in blocks)


def _text(block: Block, indent: str) -> str:
    if block.rules:
        return f"{indent}{block.prelude} {{\n{write(block.rules, indent + '  ')}{indent}}}\n"
    declarations = " ".join(f"{name}: {value};" for name, value in block.declarations)
    return f"{indent}{block.prelude} {{ {declarations} }}\n"
