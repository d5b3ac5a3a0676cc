"""Whether a pattern is one of JavaScript's, too: with the flag `u`, as JSON Schema wants it and browsers compile it.

Whoever asks knows already that the linear engine takes the pattern, which is Rust's and has a syntax of its own beside
the common one (`(?i)`, `\\A`, `[[:alpha:]]`, `\\p{Han}`). So brackets are closed, names are given once and ranges ascend;
what is looked for is what only Rust takes, or takes to mean something else. Source: ECMA-262, 22.2.1 (Patterns).
"""

import re

COMMON_ESCAPE = r"\\(?:[dDsSwW]|[fnrtv]|c[A-Za-z]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\}|[\^$\\.*+?()\[\]{}|/]|[pP]\{(?P<property>[^}]*)\})"
ESCAPE = re.compile(COMMON_ESCAPE)
ESCAPE_IN_CLASS = re.compile(COMMON_ESCAPE + r"|\\-")
ASSERTION = re.compile(r"\\[bB](?!\{)|[\^$]")
GROUP = re.compile(r"\((?:\?:|\?<[A-Za-z_]\w*>|(?!\?))")
QUANTIFIER = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})\??")
MANY = re.compile(r"\\[dDsSwWpP]")
CATEGORIES = frozenset(
    "L Lu Ll Lt LC Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cs Co Cn".split()  # noqa: SIM905 (a list of 38 lines says no more)
)
LONG_NAMES = frozenset(
    ["Letter", "Uppercase_Letter", "Lowercase_Letter", "Titlecase_Letter", "Cased_Letter", "Modifier_Letter", "Other_Letter",
     "Mark", "Nonspacing_Mark", "Spacing_Mark", "Enclosing_Mark", "Number", "Decimal_Number", "Letter_Number", "Other_Number",
     "Punctuation", "Connector_Punctuation", "Dash_Punctuation", "Open_Punctuation", "Close_Punctuation", "Initial_Punctuation",
     "Final_Punctuation", "Other_Punctuation", "Symbol", "Math_Symbol", "Currency_Symbol", "Modifier_Symbol", "Other_Symbol",
     "Separator", "Space_Separator", "Line_Separator", "Paragraph_Separator", "Other", "Control", "Format", "Unassigned",
     "Private_Use", "Any", "ASCII", "Alphabetic", "Lowercase", "Uppercase", "White_Space", "Emoji", "Ideographic"]
)  # fmt: skip
"""The names that both sides know; the rarer ones of JavaScript are left out, as nobody has asked for them."""
NAMED = re.compile(r"(?:Script|sc|Script_Extensions|scx)=[A-Z][a-z]+(?:_[A-Z][a-z]+)*|(?:General_Category|gc)=(\w+)")
PLAIN = frozenset("_@%#&,:;<=>!~`\"' ")
"""What some people write a backslash before, although it means nothing else."""


def strange_part(pattern: str) -> str | None:
    """The first part of a pattern that is not JavaScript's or is something else there; None where there is none."""
    at, may_repeat = 0, False
    while at < len(pattern):
        if pattern[at] == "[":
            end = _end_of_class(pattern, at)
            if isinstance(end, str):
                return end
            at, may_repeat = end, True
        elif found := ASSERTION.match(pattern, at):
            at, may_repeat = found.end(), False
        elif found := QUANTIFIER.match(pattern, at):
            if not may_repeat:
                return found.group()
            at, may_repeat = found.end(), False
        elif found := ESCAPE.match(pattern, at):
            if not _is_property(found["property"]):
                return found.group()
            at, may_repeat = found.end(), True
        elif found := GROUP.match(pattern, at):
            at, may_repeat = found.end(), False
        elif pattern[at] in "\\({}]":
            return _shown(pattern, at)
        else:
            may_repeat = pattern[at] != "|"
            at += 1
    return None


def _end_of_class(pattern: str, start: int) -> int | str:
    """Where the class that begins at `start` ends, or what is strange in it."""
    at, before = start + 1 + pattern.startswith("^", start + 1), ""
    while at < len(pattern) and pattern[at] != "]":
        found = ESCAPE_IN_CLASS.match(pattern, at)
        if (pattern[at] == "\\" and not found) or (found and not _is_property(found["property"])):
            return _shown(pattern, at)
        part = found.group() if found else pattern[at]
        closing = pattern.startswith("]", at + len(part))
        if part == "-" and before and not closing and (MANY.match(before) or MANY.match(pattern, at + 1)):
            return _shown(pattern, at - len(before), len(before) + 3)
        before = part
        at += len(part)
    return at + 1 if at < len(pattern) else pattern[start:]


def _is_property(name: str | None) -> bool:
    if name is None or name in CATEGORIES or name in LONG_NAMES:
        return True
    found = NAMED.fullmatch(name)
    return found is not None and (found[1] is None or found[1] in CATEGORIES or found[1] in LONG_NAMES)


def _shown(pattern: str, at: int, length: int = 4) -> str:
    return pattern[at : at + length]


def without_needless_escapes(pattern: str) -> str:
    """A foreign pattern without backslashes that say nothing (`\\@`), which older JavaScript let pass; a `]` alone gets one."""
    made, inside, at = "", False, 0
    while at < len(pattern):
        step = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        if step[0] == "\\" and len(step) == 2 and (step[1] in PLAIN or (step[1] == "-" and not inside)):
            made += step[1]
        elif step == "]" and not inside:
            made += "\\]"
        else:
            made += step
            inside = (inside or step == "[") and step != "]"
        at += len(step)
    return made
