"""`map`, `filter`, `some`, `all`, `none`, `reduce`, `merge`: going through lists and the rows of tables."""

from .branching import truth
from .compiler import Call, Compiler, Form, kind_name
from .terms import Json, Scope, Term, filled
from .types import BLANK, OTHER, SWITCH, TEMPORAL, LogicType, Typed, join, list_of, type_of


def element_scope(source: Term, scope: Scope) -> Scope:
    """What `var` sees while the elements of `source` are gone through."""
    item = source.type.item or OTHER
    names = item.columns if item.kind == "group" else {}
    return Scope("element", names=names, element=item, path=source.path, outer=scope)


def source_of(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """The list that is gone through: the first argument. Says so if it is none."""
    compiler.loops = True
    source = compiler.term(call.args[0], call.pointers[0], scope)
    if source.type.item is None and source.type.kind not in ("other", "blank"):
        return compiler.problem(
            call.pointer,
            "“{name}” goes through a list or a table; this is {kind}.",
            name=call.name,
            kind=kind_name(compiler.lang, source.type.kind),
        )
    return source


def _loop(compiler: Compiler, call: Call, scope: Scope) -> Term:
    if not compiler.arity(call, 2, 2):
        return Term(None, OTHER, call.pointer)
    source = source_of(compiler, call, scope)
    body = compiler.term(call.args[1], call.pointers[1], element_scope(source, scope))
    items = filled(source, "list")
    if call.name == "map":
        return Term({"map": [items, body.tree]}, list_of(body.type), call.pointer, sure=True)
    tree = {call.name: [items, truth(body)]}
    if call.name == "filter":
        kind = source.type if source.type.item else list_of(OTHER)
        return Term(tree, kind, call.pointer, sure=True, path=source.path)
    return Term(tree, SWITCH, call.pointer, sure=True)


def _reduce(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`reduce` may only carry a number, a switch or a date along: a text or a list would grow without bound."""
    if not compiler.arity(call, 3, 3):
        return Term(None, OTHER, call.pointer)
    source = source_of(compiler, call, scope)
    start = compiler.term(call.args[2], call.pointers[2], scope)
    if start.type.kind not in {"number", "switch", "other", *TEMPORAL}:
        return compiler.problem(
            call.pointers[2], "“reduce” starts with a number, a switch or a date. To join texts, use “join”."
        )
    names: dict[str, Typed] = {"current": source.type.item or OTHER, "accumulator": start.type}
    inner = Scope("fold", names=names, path=source.path, outer=scope)
    body = compiler.term(call.args[1], call.pointers[1], inner)
    joined = join(start.type, body.type)
    if joined is None:
        return compiler.problem(
            call.pointer, "“reduce” must give again what it started with: a value of the same kind."
        )
    step = {"??": [None, None]} if body.tree is None else filled(body, start.type.kind)
    tree = {"reduce": [filled(source, "list"), step, filled(start, start.type.kind)]}
    return Term(tree, type_of(start.type), call.pointer, sure=start.sure and start.type.kind in ("number", "switch"))


def _merge(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`merge`: one list of all the lists and values given. The server's own `merge` drops blanks; the browser's doesn't."""
    item, parts = BLANK, list[Json]()
    for term in compiler.terms(call, scope):
        joined = join(item, term.type.item or (OTHER if term.type.kind == "other" else term.type))
        if joined is None:
            return compiler.problem(term.pointer, "What stands in a list must be of one kind.")
        item = joined
        parts.append(filled(term, "list") if _is_list(term.type) else [term.tree])
    return Term({"mergeLists": parts}, list_of(item), call.pointer, sure=True)


def _is_list(kind: LogicType) -> bool:
    return kind.item is not None or kind.kind == "other"


FORMS: dict[str, Form] = {
    **dict.fromkeys(("map", "filter", "some", "all", "none"), _loop),
    "reduce": _reduce,
    "merge": _merge,
}
