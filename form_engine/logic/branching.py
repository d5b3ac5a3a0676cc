"""`if`, `and`, `or`, `!`, `!!`, `??`: choosing, by truth.

True is what is neither blank nor false nor 0 nor an empty list or text; both evaluators agree on that.
"""

from .compiler import Call, Compiler, Form
from .terms import Json, Scope, Term, alike
from .types import BLANK, OTHER, SWITCH, LogicType, join


def truth(term: Term) -> Json:
    """A core tree that is true or false as `term` is. A bare list is avoided: `!` and `!!` would look at its first item."""
    if term.type.kind == "other":
        return {"truth": [term.tree]}
    if term.type.kind == "switch" and term.sure:
        return term.tree
    return {"if": [term.tree, True, False]}


def _if(compiler: Compiler, call: Call, scope: Scope) -> Term:
    if not compiler.arity(call, 2):
        return Term(None, OTHER, call.pointer)
    terms = compiler.terms(call, scope)
    otherwise = len(terms) - 1 if len(terms) % 2 else len(terms)
    results = [*terms[1:otherwise:2], *terms[otherwise:]]
    kind = _joined(compiler, call, results)
    parts = [
        truth(term) if i < otherwise and i % 2 == 0 and term.type.kind == "other" else term.tree
        for i, term in enumerate(terms)
    ]
    sure = len(terms) % 2 == 1 and all(term.sure for term in results)
    return Term({"if": parts}, kind, call.pointer, sure=sure)


def _joined(compiler: Compiler, call: Call, terms: list[Term]) -> LogicType:
    kind = BLANK
    for term in alike(terms):
        joined = join(kind, term.type)
        if joined is None:
            compiler.problem(call.pointer, "The results of “{name}” must be of one kind.", name=call.name)
            return OTHER
        kind = joined
    return kind


def _both(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`and`, `or`: they give the value that decided."""
    if not compiler.arity(call, 1):
        return Term(None, OTHER, call.pointer)
    terms = compiler.terms(call, scope)
    kind = BLANK
    for term in terms:
        kind = join(kind, term.type) or OTHER
    return Term({call.name: [term.tree for term in terms]}, kind, call.pointer, sure=all(term.sure for term in terms))


def _not(compiler: Compiler, call: Call, scope: Scope) -> Term:
    if not compiler.arity(call, 1, 1):
        return Term(None, OTHER, call.pointer)
    tree = truth(compiler.terms(call, scope)[0])
    return Term({"!": [tree]} if call.name == "!" else tree, SWITCH, call.pointer, sure=True)


def _coalesce(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`??`, `coalesce`: the first value that is not blank."""
    if not compiler.arity(call, 1):
        return Term(None, OTHER, call.pointer)
    terms = compiler.terms(call, scope)
    kind = _joined(compiler, call, terms)
    return Term({"??": [term.tree for term in terms]}, kind, call.pointer, sure=any(term.sure for term in terms))


FORMS: dict[str, Form] = {
    "if": _if,
    "?:": _if,
    "and": _both,
    "or": _both,
    "!": _not,
    "!!": _not,
    "??": _coalesce,
    "coalesce": _coalesce,
}
