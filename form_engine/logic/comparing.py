"""`== != === !== < <= > >= in`: what can be compared with what, and as what."""

import itertools
import re

from .compiler import Call, Compiler, Form, kind_name
from .temporal import is_temporal
from .terms import Json, Scope, Term, filled
from .types import BLANK, OTHER, SWITCH, TEMPORAL, TEXTUAL
from .words import step

_MOMENT_LIKE = re.compile(r"\d{4}-\d\d-\d\d.")
"""The server's evaluator compares texts that look like date-times as moments, the browser's does not: such literals, and
texts of which nothing is known, are compared with a sign in front."""


def _equality(compiler: Compiler, call: Call, scope: Scope) -> Term:
    if not compiler.arity(call, 2, 2):
        return Term(None, OTHER, call.pointer)
    left, right = _sides(compiler, call, scope)
    kind = meet(compiler, call, left, right)
    if kind is None:
        return Term(None, SWITCH, call.pointer)
    tree = equal_tree(left, right, kind)
    return Term({"!": [tree]} if call.name.startswith("!") else tree, SWITCH, call.pointer, sure=True)


def _sides(compiler: Compiler, call: Call, scope: Scope) -> list[Term]:
    return [_side(term) for term in compiler.terms(call, scope)]


def _side(term: Term) -> Term:
    """What is compared: white space alone is a text where texts are joined, and no value here, as in a record."""
    spaces = term.literal and isinstance(term.tree, str) and not term.tree.strip()
    return Term(None, BLANK, term.pointer, literal=True) if spaces else term


def _ordering(compiler: Compiler, call: Call, scope: Scope) -> Term:
    if not compiler.arity(call, 2):
        return Term(None, OTHER, call.pointer)
    terms = _sides(compiler, call, scope)
    kinds = [meet(compiler, call, left, right) for left, right in itertools.pairwise(terms)]
    kind = next((kind for kind in kinds if kind not in ("blank", "other")), "number")
    if kind is None or None in kinds:
        return Term(None, SWITCH, call.pointer)
    if kind in TEMPORAL:
        tree = {"compareTimes": [call.name, kind, *(filled(term, kind) for term in terms)]}
    elif kind == "number":
        tree = {call.name: [filled(term, "number") for term in terms]}
    else:
        return compiler.problem(
            call.pointer,
            "“{name}” orders numbers and dates; this is {kind}.",
            name=call.name,
            kind=kind_name(compiler.lang, kind),
        )
    return Term(tree, SWITCH, call.pointer, sure=True)


def meet(compiler: Compiler, call: Call, left: Term, right: Term) -> str | None:
    """The kind as which both are compared; None where they can't be, which is said at the operator (or the option)."""
    if "group" in (left.type.kind, right.type.kind) or left.type.item or right.type.item:
        listed = left if left.type.item or left.type.kind == "group" else right
        compiler.problem(
            call.pointer,
            "“{name}” can't compare {kind}.",
            name=call.name,
            kind=kind_name(compiler.lang, listed.type.kind),
        )
        return None
    kinds = {left.type.kind, right.type.kind} - {"blank", "other"}
    if not kinds:
        return "other" if "other" in (left.type.kind, right.type.kind) else "blank"
    for term, other in ((left, right), (right, left)):
        if not call.name.startswith(("<", ">")) and not _is_option(compiler, term, other):
            return None
    if len(kinds) == 1:
        return kinds.pop()
    return _mixed(compiler, call, left, right)


def _is_option(compiler: Compiler, literal: Term, other: Term) -> bool:
    options = other.type.option_values
    if options is None or not literal.literal or other.literal or literal.tree is None or literal.tree in options:
        return True
    if (other.type.kind == "number" and literal.type.kind == "number") or literal.type.kind == "text":
        message = "“{word}” is none of the options."
        compiler.unknown(literal.pointer, message, literal.tree, {str(one): None for one in options})
        return False
    return True


def _mixed(compiler: Compiler, call: Call, left: Term, right: Term) -> str | None:
    for one, other in ((left, right), (right, left)):
        if one.type.kind in TEMPORAL and other.literal and other.type.kind == "text":
            if is_temporal(other.tree, one.type.kind):
                return one.type.kind
            _not_iso(compiler, call, one, other)
            return None
    kinds = {left.type.kind, right.type.kind}
    if kinds <= TEXTUAL and ("reference" not in kinds or left.literal or right.literal):
        return "text"
    compiler.problem(
        call.pointer,
        "“{name}” can't compare {left} with {right}.",
        name=call.name,
        left=kind_name(compiler.lang, left.type.kind),
        right=kind_name(compiler.lang, right.type.kind),
    )
    return None


_ISO_SAMPLES = {
    "date": "2026-12-31",
    "time": "09:30",
    "datetime": "2026-12-31T09:30:00+08:00",
    "duration": "P1D or PT8H",
}


def _not_iso(compiler: Compiler, call: Call, one: Term, literal: Term) -> None:
    compiler.problem(
        call.pointer,
        "“{name}” can't compare {kind} with the text “{text}”: write it like {sample}.",
        name=call.name,
        kind=kind_name(compiler.lang, one.type.kind),
        text=literal.tree,
        sample=_ISO_SAMPLES[one.type.kind],
    )


def equal_tree(left: Term, right: Term, kind: str) -> Json:
    """The core tree of `left == right`, both read as `kind`."""
    if kind == "other":
        return {"===": [filled(left, "scalar"), filled(right, "scalar")]}
    if kind in TEMPORAL:
        if BLANK in (left.type, right.type):
            return {"===": [left.tree, right.tree]}
        return {"compareTimes": ["==", kind, filled(left, kind), filled(right, kind)]}
    if kind in TEXTUAL:
        return _equal_texts(left, right)
    return {"===": [filled(left, kind), filled(right, kind)]}


def _equal_texts(left: Term, right: Term) -> Json:
    if BLANK in (left.type, right.type):
        return {"===": [filled(left, "text"), filled(right, "text")]}
    if _plain(left) or _plain(right):
        return {"===": [_as_text(left), _as_text(right)]}
    return {"===": [_signed(_as_text(left)), _signed(_as_text(right))]}


def _as_text(term: Term) -> Json:
    return {"as": [term.tree, "text"]} if term.type.kind == "other" else term.tree


def _plain(term: Term) -> bool:
    return term.literal and isinstance(term.tree, str) and not _MOMENT_LIKE.match(term.tree)


def _signed(tree: Json) -> Json:
    return {"cat": ["=", tree]}


def _membership(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`{"in": [value, list]}`."""
    if not compiler.arity(call, 2, 2):
        return Term(None, OTHER, call.pointer)
    if isinstance(call.args[1], list):
        return _one_of(compiler, call, scope)
    needle, heap = _sides(compiler, call, scope)
    if heap.type.kind in ("other", "blank"):
        return Term({"isIn": [filled(needle, "scalar"), filled(heap, "list")]}, SWITCH, call.pointer, sure=True)
    if heap.type.item is None:
        return compiler.problem(
            call.pointer,
            "“in” looks for a value in a list; this is {kind}. For a part of a text use “contains”.",
            kind=kind_name(compiler.lang, heap.type.kind),
        )
    kind = meet(compiler, call, needle, Term(None, heap.type.item, heap.pointer))
    return Term(_in_list(needle, heap, kind or "other"), SWITCH, call.pointer, sure=True)


def _in_list(needle: Term, heap: Term, kind: str) -> Json:
    items = filled(heap, "list")
    if kind in TEMPORAL:
        return {"inTimes": [kind, filled(needle, kind), items]}
    if kind in ("other", "blank"):
        return {"isIn": [filled(needle, "scalar"), items]}
    if kind not in TEXTUAL:
        return {"in": [filled(needle, kind), items]}
    if _plain(needle):
        return {"in": [needle.tree, items]}
    return {"in": [_signed(_as_text(needle)), {"map": [items, _signed({"var": ""})]}]}


def _one_of(compiler: Compiler, call: Call, scope: Scope) -> Term:
    needle = _side(compiler.term(call.args[0], call.pointers[0], scope))
    items = [_side(compiler.term(item, step(call.pointers[1], i), scope)) for i, item in enumerate(call.args[1])]
    kinds = [meet(compiler, call, needle, item) for item in items]
    if None in kinds:
        return Term(None, SWITCH, call.pointer)
    kind = next((kind for kind in kinds if kind and kind not in ("blank", "other")), needle.type.kind)
    if kind in TEMPORAL or not all(_plain(item) or item.type.kind in ("number", "switch") for item in items):
        tree: Json = {"or": [equal_tree(needle, item, kind) for item in items]} if items else False
    else:
        left = _as_text(needle) if kind in TEXTUAL else filled(needle, kind)
        tree = {"in": [left, [item.tree for item in items]]}
    return Term(tree, SWITCH, call.pointer, sure=True)


def _between(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`{"between": [value, low, high]}`, both ends counted; of numbers or dates."""
    if not compiler.arity(call, 3, 3):
        return Term(None, OTHER, call.pointer)
    value, low, high = range(3)
    order = (low, value, high)
    args, pointers = tuple(call.args[i] for i in order), tuple(call.pointers[i] for i in order)
    return _ordering(compiler, Call("<=", args, call.pointer, pointers), scope)


def _emptiness(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`isEmpty`, `notEmpty`: whether there is no value. A 0 or a `false` is a value."""
    if not compiler.arity(call, 1, 1):
        return Term(None, OTHER, call.pointer)
    term = _sides(compiler, call, scope)[0]
    empty = call.name == "isEmpty"
    if term.type.item:
        tree: Json = {"if": [term.tree, not empty, empty]}
    else:
        kind = "text" if term.type.kind in TEXTUAL else "any"
        blank = "" if kind == "text" else None
        tree = {"===" if empty else "!==": [filled(term, kind), blank]}
    return Term(tree, SWITCH, call.pointer, sure=True)


FORMS: dict[str, Form] = {
    "between": _between,
    "isEmpty": _emptiness,
    "notEmpty": _emptiness,
    **dict.fromkeys(("==", "!=", "===", "!=="), _equality),
    **dict.fromkeys(("<", "<=", ">", ">="), _ordering),
    "in": _membership,
}
