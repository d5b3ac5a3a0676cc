"""Arithmetic with numbers that are not known yet: linear, and products and quotients where one side has few values."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import z3

from .symbols import Sym, Symbols, Term, decimals

if TYPE_CHECKING:
    from .theory import Environment, Theory

MOST_CASES = 1000
MOST_KEPT = 50
"""So many values of a product are still written down one by one."""
MOST_ONE_BY_ONE = 8
MOST_DECIMALS = 8
MODES = {
    "round": "half",
    "roundUp": "up",
    "roundDown": "down",
    "ceiling": "ceiling",
    "floorTo": "floor",
    "roundTo": "half",
}
"""How each function rounds (`form_engine.logic.rounding.MODES`)."""


def _numbers(theory: "Theory", args: list[Any], scopes: Sequence["Environment"]) -> list[Sym] | None:
    values = [theory.value(arg, scopes) for arg in args]
    return values if values and all(sym.kind == "number" for sym in values) else None


def compare(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`< <= > >=`."""
    values = _numbers(theory, args, scopes)
    if values is None:
        return None
    tests = (z3.And(a.present, b.present, theory.symbols.in_order(name, a, b)) for a, b in pairwise(values))
    return theory.symbols.switch(theory.symbols.all_of(tests))


def add(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`+ -`."""
    values = _numbers(theory, args, scopes)
    if values is None:
        return None
    if name == "-" and len(values) == 1:
        values.insert(0, theory.symbols.number(0))
    (total, *others), digits = theory.symbols.aligned(*values)
    for other in others:
        total = total + other if name == "+" else total - other
    cases = _sums([sym.cases for sym in values], -1 if name == "-" else 1)
    return Sym("number", theory.symbols.all_of(sym.present for sym in values), total, cases, digits=digits)


def size(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`abs`."""
    sym = theory.value(args[0], scopes)
    if sym.kind != "number":
        return None
    cases = tuple({abs(case) for case in sym.cases}) if sym.cases else None
    return replace(sym, value=z3.If(sym.value < 0, -sym.value, sym.value), cases=cases)


def extreme(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`max` and `min` of numbers that are surely there."""
    values = _numbers(theory, args, scopes)
    if values is None or not all(z3.is_true(sym.present) for sym in values):
        return None
    result = values[0]
    for sym in values[1:]:
        ahead = theory.symbols.in_order(">" if name == "max" else "<", sym, result)
        result = theory.symbols.either(ahead, sym, result)
    return result


def multiply(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`*`."""
    values = _numbers(theory, args, scopes)
    if values is None:
        return None
    result = values[0]
    for sym in values[1:]:
        product = _product(theory.symbols, result, sym, exact=theory.exact)
        cases = None
        if result.cases and sym.cases and len(result.cases) * len(sym.cases) <= MOST_KEPT:
            cases = tuple({one * other for one in result.cases for other in sym.cases})
        result = replace(product, present=z3.And(result.present, sym.present), cases=cases)
    return result


def _product(symbols: Symbols, left: Sym, right: Sym, *, exact: bool) -> Sym:
    """left x right: linear, or by the cases of the factor that has few; else free, unless `exact` asks z3 to try."""
    if left.digits is None or right.digits is None:
        left, right = (replace(sym, value=symbols.real(sym), digits=None) for sym in (left, right))
        digits = None
    else:
        digits = left.digits + right.digits
    first = left.cases and (not right.cases or len(left.cases) <= len(right.cases))
    few, other = (left, right) if first else (right, left)
    if few.cases and len(few.cases) <= MOST_CASES:
        return Sym("number", symbols.true(), _by_cases(symbols, few, lambda case: case * other.value), digits=digits)
    if exact:
        return Sym("number", symbols.true(), left.value * right.value, digits=digits)
    return symbols.anything("number", digits)


def _by_cases(symbols: Symbols, few: Sym, result: Callable[[Term], Term]) -> Term:
    """What becomes of a number of few values; `result` of one value must be linear in it."""
    measure = 1 if few.digits is None else 10**few.digits
    cases = sorted(case * measure for case in few.cases or ())
    known = [symbols.rational(case) if few.digits is None else z3.IntVal(int(case), symbols.context) for case in cases]
    step = cases[1] - cases[0] if len(cases) >= MOST_ONE_BY_ONE else None
    if few.digits is not None and all(after - before == step for before, after in pairwise(cases)) and step:
        return _by_bits(symbols, few.value, int(cases[0]), int(step), len(cases), result)
    term = result(known[-1])
    for case in known[:-1]:
        term = z3.If(few.value == case, result(case), term)
    return term


def _by_bits(symbols: Symbols, value: Term, first: int, step: int, count: int, result: Callable[[Term], Term]) -> Term:
    """The same of a number that goes up by even steps: as many cases as their count has binary digits."""
    steps = (value - first) / step
    term = result(z3.IntVal(first, symbols.context))
    for bit in range((count - 1).bit_length()):
        worth = 2**bit
        more = result(z3.IntVal(step * worth, symbols.context))
        term = term + z3.If((steps / worth) % 2 == 1, more, z3.IntVal(0, symbols.context))
    return term


def divide(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`/`: blank where it is by 0."""
    left, right = (theory.value(arg, scopes) for arg in args)
    if left.kind != "number" or right.kind != "number":
        return None
    present = z3.And(left.present, right.present, right.value != 0)
    return replace(_quotient(theory.symbols, left, right, exact=theory.exact), present=present)


def _quotient(symbols: Symbols, left: Sym, right: Sym, *, exact: bool) -> Sym:
    cases = tuple(case for case in right.cases or () if case)
    if cases and len(cases) <= MOST_CASES:
        digits = [decimals(1 / case) for case in cases]
        known = [one for one in digits if one is not None]
        if left.digits is not None and len(known) == len(cases):
            return _shared(symbols, left, right, cases, max(known))
        term = symbols.real(left) / symbols.rational(cases[-1])
        for case in cases[:-1]:
            term = z3.If(
                symbols.real(right) == symbols.rational(case), symbols.real(left) / symbols.rational(case), term
            )
        return Sym("number", symbols.true(), term)
    if exact:
        return Sym("number", symbols.true(), symbols.real(left) / symbols.real(right))
    return symbols.anything("number")


def _shared(symbols: Symbols, left: Sym, right: Sym, cases: Sequence[Fraction], more: int) -> Sym:
    """A quotient that has `more` decimals than what is divided, whichever of the cases it is divided by."""
    term = left.value * int(10**more / cases[-1])
    for case in cases[:-1]:
        here = symbols.in_order("==", right, symbols.known(case))
        term = z3.If(here, left.value * int(10**more / case), term)
    return Sym("number", symbols.true(), term, digits=(left.digits or 0) + more)


def attempt(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`{"try": [x / y, null]}`: what fails is blank, as a division by 0 is here anyhow."""
    return theory.value(args[0], scopes) if len(args) == 2 and args[1] is None else None


def round_off(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`round`, `roundUp`, `roundDown`."""
    sym, digits = theory.value(args[0], scopes), args[1] if len(args) > 1 else 0
    if sym.kind != "number" or not isinstance(digits, int) or not 0 <= digits <= MOST_DECIMALS:
        return None
    return rounded(sym, digits, MODES[name])


def to_whole(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`ceiling`, `floorTo` and `roundTo`, to whole numbers."""
    sym = theory.value(args[0], scopes)
    if sym.kind != "number" or args[1:] not in ([], [None], [1]):
        return None
    return rounded(sym, 0, MODES[name])


def modulo(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`mod` of a known number above 0: what is left is never negative."""
    sym, divisor = theory.value(args[0], scopes), args[1]
    if sym.kind != "number" or isinstance(divisor, bool) or not isinstance(divisor, int | float) or divisor <= 0:
        return None
    (value, unit), digits = theory.symbols.aligned(sym, theory.symbols.number(divisor))
    return None if digits is None else Sym("number", sym.present, value % unit, digits=digits)


def rounded(sym: Sym, digits: int, mode: str = "half") -> Sym:
    """A number to `digits` decimals, half away from zero (meaning.md section 1) or by another `mode`."""
    if sym.digits is not None and sym.digits <= digits:
        return sym
    if sym.digits is None:
        number, whole_part, half = sym.value * 10**digits, z3.ToInt, z3.RealVal("1/2", sym.value.ctx)
    else:
        unit = 10 ** (sym.digits - digits)
        number, whole_part, half = sym.value, lambda value: value / unit, unit // 2
    below, above = whole_part(number), -whole_part(-number)
    positive = sym.value >= 0
    value = {
        "floor": below,
        "ceiling": above,
        "down": z3.If(positive, below, above),
        "up": z3.If(positive, above, below),
        "half": z3.If(positive, whole_part(number + half), -whole_part(half - number)),
    }[mode]
    return Sym("number", sym.present, value, digits=digits)


def whole(sym: Sym) -> Term:
    """The whole part of a number, towards zero."""
    if sym.digits is None:
        return z3.If(sym.value >= 0, z3.ToInt(sym.value), -z3.ToInt(-sym.value))
    unit = 10**sym.digits
    return z3.If(sym.value >= 0, sym.value / unit, -(-sym.value / unit)) if sym.digits else sym.value


def _sums(parts: Sequence[tuple[Fraction, ...] | None], sign: int) -> tuple[Fraction, ...] | None:
    """Every value that a sum can have, where each of its parts has few (`sign` -1: all but the first are taken away)."""
    found: set[Fraction] = {Fraction(0)}
    for number, cases in enumerate(parts):
        if not cases or len(cases) * len(found) > MOST_CASES:
            return None
        found = {one + (other if number == 0 else sign * other) for one in found for other in cases}
    return tuple(found)
