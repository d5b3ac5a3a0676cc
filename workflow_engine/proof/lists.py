"""Lists that are not known yet: options that may be chosen, rows of sub-tables, and what is made of them in loops.

A `list` has its elements laid out, each with when it is in. An `open` list has any number of them, all like the one that
stands for every element: what is true of that one is true of each.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import z3

from .symbols import Bool, Sym, Symbols, most_digits

if TYPE_CHECKING:
    from .theory import Environment, Theory

LISTS = frozenset({"list", "open"})
MILLISECONDS = 200
"""How long may be tried to show something of every row."""


def element(item: Sym) -> Callable[[str], Sym | None]:
    """What `var` sees of an element: itself under "", and its members."""
    return lambda key: item if key == "" else item.members(key) if item.members else None


def fold(item: Sym, accumulator: Sym) -> Callable[[str], Sym | None]:
    """What `var` sees inside a `reduce`."""
    return lambda key: {"current": item, "accumulator": accumulator}.get(key)


def merge(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`merge`: the elements of several lists, and values by themselves."""
    values = [theory.value(arg, scopes) for arg in args]
    if any(sym.kind in {"other", "open"} for sym in values):
        return None
    always = theory.symbols.true()
    items = [pair for sym in values for pair in (sym.items if sym.kind == "list" else ((always, sym),))]
    return Sym("list", always, items=tuple(items))


def loop(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`map`, `filter`, `some`, `all`, `none`."""
    source, symbols = theory.value(args[0], scopes), theory.symbols
    if source.kind not in LISTS:
        return None
    results = [(guard, item, theory.value(args[1], [*scopes, element(item)])) for guard, item in source.items]
    if name == "map":
        return replace(source, items=tuple((guard, result) for guard, _, result in results))
    held = [(z3.And(guard, symbols.truth(result)), item) for guard, item, result in results]
    if source.kind == "open":
        return _open_loop(theory, name, args, scopes, replace(source, items=tuple(held)), source)
    match name:
        case "filter":
            return replace(source, items=tuple(held))
        case "some":
            return symbols.switch(symbols.any_of(truth for truth, _ in held))
        case "none":
            return symbols.switch(z3.Not(symbols.any_of(truth for truth, _ in held)))
    some = symbols.any_of(guard for guard, _ in source.items)
    every = (z3.Implies(guard, truth) for (guard, _), (truth, _) in zip(source.items, held, strict=True))
    return symbols.switch(z3.And(some, symbols.all_of(every)))


def _open_loop(
    theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"], held: Sym, source: Sym
) -> Sym:
    if name == "all":
        none_breaks = z3.Not(_some(theory, [args[0], {"!": [args[1]]}], scopes, source, _broken(held, source)))
        return theory.symbols.switch(z3.And(source.present, none_breaks))
    some = _some(theory, args, scopes, source, held)
    if name == "filter":
        return replace(held, present=some)
    return theory.symbols.switch(some if name == "some" else z3.Not(some))


def _broken(held: Sym, source: Sym) -> Sym:
    ((truth, item),), ((guard, _),) = held.items, source.items
    return replace(source, items=((z3.And(guard, z3.Not(truth)), item),))


def _some(theory: "Theory", args: list[Any], scopes: Sequence["Environment"], source: Sym, held: Sym) -> Bool:
    """Whether some element of an open list is among those `held`: none if there can be none, any if each is."""
    ((truth, _),), ((guard, _),) = held.items, source.items
    if never(theory, truth):
        return theory.symbols.false()
    if never(theory, z3.And(guard, z3.Not(truth))):
        return source.present
    return z3.And(source.present, theory.symbols.truth(theory.free("some", args, scopes)))


def reduce(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`reduce`: sums, counts, greatest and least values."""
    source, result = theory.value(args[0], scopes), theory.value(args[2], scopes)
    if source.kind == "open":
        return _rising(theory, args[1], scopes, source, result)
    if source.kind != "list":
        return None
    for guard, item in source.items:
        step = theory.value(args[1], [*scopes, fold(item, result)])
        result = theory.symbols.either(guard, step, result)
    return result


def _rising(theory: "Theory", body: Any, scopes: Sequence["Environment"], source: Sym, first: Sym) -> Sym | None:
    """A number that no element of an open list makes smaller: at least what it was at first, and more by one where each
    element adds that much; None where it is not known to be so."""
    ((guard, item),), symbols = source.items, theory.symbols
    if first.kind != "number":
        return None

    def after(digits: int | None) -> tuple[Sym, Sym]:
        before = Sym("number", symbols.true(), symbols.number_var("before", digits), digits=digits)
        return before, theory.value(body, [*scopes, fold(item, before)])

    digits = most_digits(first, after(first.digits)[1])
    before, step = after(digits)
    if step.digits != digits:
        before, step = after(None)
    if step.kind != "number" or not never(
        theory, z3.And(guard, z3.Or(z3.Not(step.present), symbols.in_order("<", step, before)))
    ):
        return None
    gain = [step, replace(before, value=-before.value)]
    by_one = never(theory, z3.And(guard, _less_than_one(symbols, gain))) and never(theory, z3.Not(guard))
    return _raised(symbols, first, before.digits, source.present, 1 if by_one else 0)


def _less_than_one(symbols: Symbols, parts: Sequence[Sym]) -> Bool:
    terms, digits = symbols.aligned(*parts)
    return z3.Sum(terms) < (1 if digits is None else 10**digits)


def _raised(symbols: Symbols, first: Sym, digits: int | None, raised: Bool, least: int) -> Sym:
    """The first number, or where it is `raised` one that is greater by `least` or more."""
    more = symbols.anything("number", digits).value
    more = z3.If(more < 0, -more, more) + least * (1 if digits is None else 10**digits)
    start = symbols.scaled(first, digits)
    return Sym("number", first.present, z3.If(raised, start + more, start), digits=digits)


def never(theory: "Theory", term: Bool) -> bool:
    """Whether something is true of no row that a table may have."""
    solver = z3.Solver(ctx=theory.symbols.context)
    solver.set("timeout", MILLISECONDS)
    solver.add(*theory.of_rows, term)
    return bool(solver.check() == z3.unsat)
