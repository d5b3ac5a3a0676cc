"""A pattern of a form is one of JavaScript's: what Rust alone takes is refused, and Node agrees on every other."""

import json
import subprocess
from random import Random

import pytest

from formloom.form_engine.ecma import strange_part, without_needless_escapes
from formloom.form_engine.keywords import compiles

PIECES = [*"ab-^$.*+?()[]{}|/\\09,&~:<>=!_ @", "\\d", "\\w", "\\b", "\\p{L}", "\\p{Han}", "\\p{sc=Han}", "\\-", "(?:", "(?<n>", "(?i)", "{2}",
          "{1,}", "[a-z]", "[^", "&&", "--", "\\x41", "\\u0041", "\\A", "\\z", "[[:alpha:]]", "\\."]  # fmt: skip
ASK = """const patterns = JSON.parse(require("fs").readFileSync(0));
const takes = (text) => { try { new RegExp(text, "u"); return true; } catch { return false; } };
console.log(JSON.stringify(patterns.map(takes)));"""


def test_node_takes_what_is_let_pass_and_nothing_else() -> None:
    rng = Random(7)
    drawn = ["".join(rng.choice(PIECES) for _ in range(rng.randint(1, 7))) for _ in range(20_000)]
    patterns = [pattern for pattern in drawn if compiles(pattern)]
    answered = subprocess.run(
        ["node", "-e", ASK], input=json.dumps(patterns), capture_output=True, text=True, check=True
    )
    taken = json.loads(answered.stdout)
    assert len(patterns) > 3_000
    assert [(pattern, strange_part(pattern)) for pattern, fine in zip(patterns, taken, strict=True)
            if (strange_part(pattern) is None) != fine] == []  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("(?i)a", "(?i)"),
        ("\\Aa", "\\Aa"),
        ("^a++$", "+"),
        ("\\p{Han}", "\\p{Han}"),
        ("[\\w-.]", "\\w-.]"),
        ("a]", "]"),
        ("^[\\w.+-]+@[^@\\s]+$", None),
        ("^\\p{Script=Han}{2,}$", None),
    ],
)
def test_the_part_that_browsers_refuse_is_named(pattern: str, part: str | None) -> None:
    assert strange_part(pattern) == part


def test_backslashes_that_say_nothing_are_left_out_of_foreign_patterns() -> None:
    assert without_needless_escapes(r"^[\w\-\.]+\@\<x\-]$") == r"^[\w\-\.]+@<x-\]$"
