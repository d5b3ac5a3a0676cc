"""Operators that the table `operators.json` describes: what they take, what they give, what they stand for.

The table is read by the browser's compiler too. An entry holds `args` (kinds of the arguments; the last is repeated where
`rest` is true; those after `least` may be left out), `gives`, and `tree`: the core tree that it stands for, in which
`{"$": n}` is the n-th argument, `{"$": "all"}` the list of all, and `{"$": "today"}` what is passed in beside the record. Without `tree` it is an operator of `real.py`.
An argument is a kind, or

- `any`; `scalar`, a single value; `list`, `list:KIND`; `numbers`: each a number or a list of numbers, taken together;
- `each:KIND`: an expression over one element of the first argument (`each:blank:KIND`: its blanks stay blank);
- `a|b|c`: one of these words, written out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .branching import truth
from .compiler import Call, Compiler, Form, kind_name
from .looping import element_scope, source_of
from .terms import Json, Scope, Term, filled, read_as
from .types import BLANK, NUMBER, OTHER, TEMPORAL, TEXTUAL, LogicType, join, list_of

TABLE_FILE = Path(__file__).parent / "operators.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table."""

    name: str
    args: tuple[str, ...]
    gives: str
    least: int
    rest: bool
    tree: Json
    sure: bool


@cache
def table() -> Mapping[str, Entry]:
    """`operators.json`, by name of operator."""
    raw: dict[str, dict[str, Any]] = json.loads(TABLE_FILE.read_text(encoding="utf-8"))
    return {
        name: Entry(
            name=name,
            args=tuple(line["args"]),
            gives=line["gives"],
            least=line.get("least", len(line["args"])),
            rest=line.get("rest", False),
            tree=line.get("tree"),
            sure=line.get("sure", False),
        )
        for name, line in raw.items()
    }


def form(entry: Entry) -> Form:
    """How a call of this entry's operator is compiled."""

    def compiled(compiler: Compiler, call: Call, scope: Scope) -> Term:
        if not compiler.arity(call, entry.least, None if entry.rest else len(entry.args)):
            return Term(None, OTHER, call.pointer)
        terms: list[Term] = []
        for i, _ in enumerate(call.args):
            terms.append(_argument(compiler, call, i, entry.args[min(i, len(entry.args) - 1)], terms, scope))
        kinds = [entry.args[min(i, len(entry.args) - 1)] for i in range(len(terms))]
        args = [_value(compiler, call, term, kind, scope) for term, kind in zip(terms, kinds, strict=True)]
        if "numbers" in entry.args:
            args = [_gathered(terms)]
        tree = {entry.name: args} if entry.tree is None else _expanded(compiler, entry.tree, args, scope)
        return Term(tree, _given(compiler, call, entry.gives, terms), call.pointer, sure=entry.sure)

    return compiled


def _argument(compiler: Compiler, call: Call, i: int, kind: str, before: list[Term], scope: Scope) -> Term:
    if kind.startswith("each:"):
        return compiler.term(call.args[i], call.pointers[i], element_scope(before[0], scope))
    if kind.startswith("list") and any(other.startswith("each:") for other in table()[call.name].args):
        return source_of(compiler, call, scope)
    return compiler.term(call.args[i], call.pointers[i], scope)


def _value(compiler: Compiler, call: Call, term: Term, kind: str, scope: Scope) -> Json:
    wanted = kind.removeprefix("each:")
    term = read_as(term, wanted)
    if "|" in kind:
        return _word(compiler, term, kind)
    if wanted == "switch":
        return truth(term)
    if wanted in ("date", "time") and term.type.kind == "datetime":
        local = {"date": "localDate", "time": "localTime"}[wanted]
        return {local: [term.tree, compiler.circumstance("zone", scope)]}
    if wanted == "text" and term.type.kind in {"number", *TEMPORAL}:
        return {"text": [term.tree]}
    if not _fits(term, wanted):
        _refuse(compiler, call, term, wanted)
    compiler.loops |= wanted.startswith(("list", "numbers"))
    if wanted in ("any", "numbers") or wanted.startswith("blank:"):
        return {"as": [term.tree, "number"]} if term.type.kind == "other" and wanted != "any" else term.tree
    return filled(term, wanted.partition(":")[0])


def _fits(term: Term, wanted: str) -> bool:
    item = term.type.item
    match wanted.split(":"):
        case ["any"]:
            return True
        case ["numbers"]:
            return _is(item or term.type, "number")
        case ["list"]:
            return item is not None or term.type.kind in ("other", "blank")
        case ["list", kind]:
            return term.type.kind in ("other", "blank") or (item is not None and _is(item, kind))
        case [*_, kind]:
            return _is(term.type, kind)
    return False


def _is(given: LogicType, wanted: str) -> bool:
    if wanted == "scalar":
        return given.item is None and given.kind != "group"
    return given.kind in (wanted, "other", "blank") or (wanted == "text" and given.kind in TEXTUAL)


def _refuse(compiler: Compiler, call: Call, term: Term, wanted: str) -> None:
    what = {"numbers": "number"}.get(wanted, wanted.removeprefix("blank:").partition(":")[0])
    compiler.problem(
        call.pointer,
        "“{name}” takes {wanted} here, not {kind}.",
        name=call.name,
        wanted=kind_name(compiler.lang, what),
        kind=kind_name(compiler.lang, term.type.kind),
    )


def _word(compiler: Compiler, term: Term, words: str) -> Json:
    known = words.split("|")
    if not term.literal or term.tree not in known:
        compiler.problem(term.pointer, "Write one of: {words}.", words=", ".join(known))
    return term.tree


def _gathered(terms: list[Term]) -> Json:
    """One list of all the numbers: blanks stay in it, as blanks."""
    parts = [_numbers(term) if term.type.item or term.type.kind == "other" else [term.tree] for term in terms]
    if len(parts) == 1:
        return parts[0]
    return (
        {"merge": parts} if any(isinstance(part, dict) for part in parts) else [item for part in parts for item in part]
    )


def _numbers(term: Term) -> Json:
    items = filled(term, "list")
    unknown = term.type.item is None or term.type.item.kind == "other"
    return {"map": [items, {"as": [{"var": ""}, "number"]}]} if unknown else items


def _given(compiler: Compiler, call: Call, gives: str, terms: list[Term]) -> LogicType:
    first = terms[0].type if terms else BLANK
    match gives:
        case "first":
            return first if first.kind != "other" else OTHER
        case "item":
            return first.item or OTHER
        case "list:item":
            return list_of(first.item or OTHER)
        case "join":
            kind = BLANK
            for term in terms:
                kind = join(kind, term.type) or OTHER
            return kind
        case _ if gives.startswith("list:"):
            return list_of(LogicType(gives.removeprefix("list:")))  # type: ignore[arg-type]
        case "number":
            return NUMBER
        case _:
            return LogicType(gives)  # type: ignore[arg-type]


def _expanded(compiler: Compiler, tree: Json, args: list[Json], scope: Scope) -> Json:
    """`tree` with its holes filled. Those inside its own loops are never arguments that stand outside them."""
    match tree:
        case {"$": "all"}:
            return args
        case {"$": int(position)}:
            return args[position] if position < len(args) else None
        case {"$": str(name)}:
            return compiler.circumstance(name, scope)
        case dict():
            return {key: _expanded(compiler, value, args, scope) for key, value in tree.items()}
        case list():
            return [_expanded(compiler, value, args, scope) for value in tree]
        case _:
            return tree


def forms() -> dict[str, Form]:
    """A form for each entry of the table."""
    return {name: form(entry) for name, entry in table().items()}
