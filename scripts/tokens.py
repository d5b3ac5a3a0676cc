"""Compile `web/tokens.css`, where each colour is written once, for browsers back to Chrome 105 and Safari 16.

`light-dark(a, b)` becomes two files: `static/tokens.css` has everything with the light colours, `static/dark.css`
only what differs. The page links the second with a media query, or for everything, or for nothing, as the person chose.
`color-mix()` is worked out here, for each accent of an app.
"""

import re
import sys
from pathlib import Path

from css import Block, parse, split, write

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "web" / "tokens.css"
CSS = ROOT / "web" / "static"

Declarations = tuple[tuple[str, str], ...]


def compiled(text: str) -> tuple[str, str]:
    """The light stylesheet and the dark one that goes over it, from the source of the tokens."""
    blocks = parse(text)
    mixed = next(block for block in blocks if any("color-mix(" in value for _, value in block.declarations))
    blocks = tuple(_with_mixed(block, mixed) for block in blocks if block is not mixed)
    light = tuple(_side(block, 0) for block in blocks)
    dark = tuple(_only_dark(block) for block in blocks)
    note = "/* Compiled from web/tokens.css by scripts/tokens.py. */\n"
    return note + write(light), note + write(tuple(block for block in dark if block.declarations or block.rules))


def _with_mixed(block: Block, mixed: Block) -> Block:
    """An accent's own block gets the tones that are mixed from the accent."""
    own = dict(block.declarations)
    if "--fl-accent" not in own:
        return block
    tones = tuple((name, value.replace("var(--fl-accent)", own["--fl-accent"])) for name, value in mixed.declarations)
    return block.keep(declarations=block.declarations + tones)


def _side(block: Block, side: int) -> Block:
    if block.rules:
        return block.keep(rules=tuple(_side(rule, side) for rule in block.rules))
    return block.keep(declarations=tuple((name, _value(value, side)) for name, value in block.declarations))


def _only_dark(block: Block) -> Block:
    if block.rules:
        rules = tuple(_only_dark(rule) for rule in block.rules)
        return block.keep(rules=tuple(rule for rule in rules if rule.declarations))
    both = ((name, _value(value, 0), _value(value, 1)) for name, value in block.declarations)
    return block.keep(declarations=tuple((name, dark) for name, light, dark in both if light != dark))


def _value(value: str, side: int) -> str:
    """`value` in light (0) or dark (1), without light-dark() and color-mix()."""
    if value == "light dark":
        return ("light", "dark")[side]
    return _evaluate("color-mix", _evaluate("light-dark", value, lambda parts: parts[side]), _mix)


def _evaluate(function: str, value: str, answer) -> str:  # noqa: ANN001 - a callable of the parts
    while (start := value.rfind(function + "(")) >= 0:
        end = _closing(value, start + len(function))
        parts = split(value[start + len(function) + 1 : end], ",")
        value = value[:start] + answer(parts) + value[end + 1 :]
    return value


def _closing(text: str, opening: int) -> int:
    depth = 0
    for position in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError(f"a bracket is never closed: {text}")


def _mix(parts: list[str]) -> str:
    """`in srgb, #rrggbb p%, #rrggbb`, worked out as CSS Color 5 says."""
    space, first, second = parts
    match = re.fullmatch(r"(#[0-9a-f]{3,6}) (\d+)%", first)
    if space != "in srgb" or match is None:
        raise ValueError(f"only color-mix(in srgb, #hex p%, #hex) is compiled, not {parts}")
    share = int(match[2]) / 100
    pairs = zip(_channels(match[1]), _channels(second), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def main() -> None:
    """Write both files."""
    light, dark = compiled(SOURCE.read_text(encoding="utf-8"))
    (CSS / "tokens.css").write_text(light, encoding="utf-8")
    (CSS / "dark.css").write_text(dark, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
