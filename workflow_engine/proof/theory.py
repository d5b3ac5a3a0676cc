"""Logic over values that are not known yet: the compiled tree of a rule, read the way the evaluator reads it.

What stands here is the theory of meaning.md section 5. Anything else gives a free value (`Symbols.anything`), so that
"it can never hold" stays true, and "it can hold" is only believed after the real evaluator has said so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from itertools import pairwise
from typing import Any

import z3

from .symbols import MOST_CASES, Bool, Sym, Symbols, Term

Environment = Callable[[str], Sym | None]
ORDER: Mapping[str, Callable[[Term, Term], Bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
TEMPORAL = frozenset({"date", "time", "datetime"})
DAYS = {"days": 1, "weeks": 7}
MOST_DAYS = 4_000_000
"""More days than this are never added to a date (`form_engine.logic.real_dates`)."""


def moment(kind: str, text: str) -> int | None:
    """The number of a date (its ordinal), a time or date-time (seconds); None where `text` is none."""
    try:
        match kind:
            case "date":
                return date.fromisoformat(text).toordinal()
            case "datetime":
                return round(datetime.fromisoformat(text).timestamp())
            case "time":
                clock = time.fromisoformat(text)
                offset = clock.utcoffset()
                return (
                    clock.hour * 3600
                    + clock.minute * 60
                    + clock.second
                    - (int(offset.total_seconds()) if offset else 0)
                )
    except (ValueError, OverflowError, OSError):
        return None
    return None


@dataclass(frozen=True, slots=True)
class Theory:
    """Evaluates compiled trees. `today` is the date of the proof; `exact`: products of two free numbers are kept.

    `closed`: linked records are blank, as they are for a record that stands alone; else nothing is known of them.
    """

    symbols: Symbols
    today: Sym
    exact: bool = False
    closed: bool = False

    def holds(self, tree: Any, environment: Environment) -> Bool:
        """When the condition `tree` is true."""
        return self.symbols.truth(self.value(tree, (environment,)))

    def value(self, tree: Any, scopes: Sequence[Environment]) -> Sym:
        """The value of `tree`; `scopes` are the record and the elements of the loops around, innermost last."""
        match tree:
            case dict() if len(tree) == 1:
                name, given = next(iter(tree.items()))
                return self._operation(name, given if isinstance(given, list) else [given], scopes)
            case list():
                always = self.symbols.true()
                return Sym("list", always, items=tuple((always, self.value(item, scopes)) for item in tree))
        return self._literal(tree)

    def _literal(self, value: Any) -> Sym:
        match value:
            case bool():
                return self.symbols.switch(value)
            case int() | float():
                return self.symbols.number(value)
            case str():
                return self.symbols.text(value)
            case None:
                return self.symbols.blank()
        return self.symbols.anything()

    def _operation(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym:
        handler = OPERATIONS.get(name)
        found = handler(self, name, args, scopes) if handler else None
        return found if found is not None else self.symbols.anything(GIVES.get(name, "other"))

    def _values(self, args: list[Any], scopes: Sequence[Environment]) -> list[Sym]:
        return [self.value(arg, scopes) for arg in args]

    def _read(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        path = list(args)
        if path and isinstance(path[0], list):
            levels = path.pop(0)[0] // 2
            scopes = scopes[: len(scopes) - levels] if levels < len(scopes) else scopes[:1]
        if path[:2] == ["$", "lookups"] and self.closed:
            return self.symbols.blank()
        if path[:1] == ["$"]:
            return self.today if path[1:] == ["today"] else None
        found = scopes[-1](str(path[0]) if path else "")
        for key in path[1:]:
            if found is None or found.members is None:
                return None
            found = found.members(str(key))
        return found

    def _coalesce(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        values = self._values(args, scopes)
        result = values[-1]
        for sym in reversed(values[:-1]):
            if sym.kind == "list" and result.kind == "list" and not result.items:
                result = sym
            elif sym.kind == "list":
                return None
            else:
                result = self.symbols.either(sym.present, sym, result)
        return result

    def _same(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        left, right = self._values(args, scopes)
        equal = self.symbols.equal(left, right)
        return self.symbols.switch(z3.Not(equal) if name.startswith("!") else equal)

    def _not(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        truth = self.symbols.truth(self.value(args[0], scopes))
        return self.symbols.switch(truth if name in {"!!", "truth"} else z3.Not(truth))

    def _choose(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        result = self.value(args[-1], scopes) if len(args) % 2 else self.symbols.blank()
        pairs = list(zip(args[0 : len(args) - 1 : 2], args[1::2], strict=False))
        for condition, then in reversed(pairs):
            result = self.symbols.either(
                self.symbols.truth(self.value(condition, scopes)), self.value(then, scopes), result
            )
        return result

    def _junction(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        values = self._values(args, scopes)
        if all(sym.kind == "switch" for sym in values):
            truths = [self.symbols.truth(sym) for sym in values]
            return self.symbols.switch(self.symbols.all_of(truths) if name == "and" else self.symbols.any_of(truths))
        result = values[-1]
        for sym in reversed(values[:-1]):
            truth = self.symbols.truth(sym)
            result = self.symbols.either(truth if name == "or" else z3.Not(truth), sym, result)
        return result

    def _compare(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        values = self._values(args, scopes)
        if any(sym.kind != "number" for sym in values):
            return None
        pairs = pairwise(values)
        return self.symbols.switch(
            self.symbols.all_of(z3.And(a.present, b.present, ORDER[name](a.value, b.value)) for a, b in pairs)
        )

    def _compare_times(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        operator, kind, *rest = args
        if kind not in TEMPORAL or operator not in ORDER:
            return None
        moments = [self._moment(kind, arg, scopes) for arg in rest]
        if None in moments:
            return None
        known = [sym for sym in moments if sym is not None]
        tests = [self._in_order(operator, a, b) for a, b in pairwise(known)]
        return self.symbols.switch(self.symbols.all_of(tests))

    def _in_order(self, operator: str, left: Sym, right: Sym) -> Bool:
        """A blank is in no order; it equals a blank only (meaning.md section 3)."""
        if operator in {"==", "!="}:
            equal = self.symbols.equal(left, right)
            return z3.Not(equal) if operator == "!=" else equal
        return z3.And(left.present, right.present, ORDER[operator](left.value, right.value))

    def _moment(self, kind: str, arg: Any, scopes: Sequence[Environment]) -> Sym | None:
        if isinstance(arg, str):
            number = moment(kind, arg)
            return None if number is None else Sym(kind, self.symbols.true(), z3.IntVal(number, self.symbols.context))
        sym = self.value(arg, scopes)
        return sym if sym.kind in {kind, "blank"} else None

    def _add(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        values = self._values(args, scopes)
        if not values or any(sym.kind != "number" for sym in values):
            return None
        if name == "-" and len(values) == 1:
            return Sym("number", values[0].present, -values[0].value)
        total = values[0].value
        for sym in values[1:]:
            total = total + sym.value if name == "+" else total - sym.value
        cases = _sums([sym.cases for sym in values], -1 if name == "-" else 1)
        return Sym("number", self.symbols.all_of(sym.present for sym in values), total, cases)

    def _abs(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        sym = self.value(args[0], scopes)
        if sym.kind != "number":
            return None
        cases = tuple({abs(case) for case in sym.cases}) if sym.cases else None
        return Sym("number", sym.present, z3.If(sym.value < 0, -sym.value, sym.value), cases)

    def _multiply(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        values = self._values(args, scopes)
        if not values or any(sym.kind != "number" for sym in values):
            return None
        result = values[0]
        for sym in values[1:]:
            present = z3.And(result.present, sym.present)
            cases = None
            if result.cases and sym.cases and len(result.cases) * len(sym.cases) <= 50:
                cases = tuple({one * other for one in result.cases for other in sym.cases})
            result = Sym("number", present, self.symbols.product(result, sym, exact=self.exact), cases)
        return result

    def _divide(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        left, right = self._values(args, scopes)
        if left.kind != "number" or right.kind != "number":
            return None
        present = z3.And(left.present, right.present, right.value != 0)
        return Sym("number", present, self.symbols.quotient(left, right, exact=self.exact))

    def _try(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        """`{"try": [x / y, null]}`: what fails is blank, as a division by 0 is here anyhow."""
        return self.value(args[0], scopes) if len(args) == 2 and args[1] is None else None

    def _date_diff(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        """Whole days or weeks from one date to another."""
        start, end = self._moment("date", args[0], scopes), self._moment("date", args[1], scopes)
        if args[2] not in DAYS or start is None or end is None or "blank" in (start.kind, end.kind):
            return None
        apart = z3.ToReal(end.value - start.value)
        present = z3.And(start.present, end.present)
        return Sym("number", present, z3.ToReal(self.symbols.whole(apart / DAYS[args[2]])))

    def _date_add(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        """A date and so many days or weeks: blank beyond the calendar's ends."""
        start, count = self._moment("date", args[0], scopes), self.value(args[1], scopes)
        if args[2] not in DAYS or start is None or start.kind == "blank" or count.kind != "number":
            return None
        day = start.value + self.symbols.whole(count.value) * DAYS[args[2]]
        few = z3.And(count.value <= MOST_DAYS, count.value >= -MOST_DAYS)
        within = z3.And(day >= date.min.toordinal(), day <= date.max.toordinal())
        return Sym("date", z3.And(start.present, count.present, few, within), day)

    def _round(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        sym = self.value(args[0], scopes)
        digits = args[1] if len(args) > 1 else 0
        if sym.kind != "number" or not isinstance(digits, int) or not 0 <= digits <= 8:
            return None
        return Sym("number", sym.present, self.symbols.rounded(sym.value, digits))

    def _in(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        needle, heap = self._values(args, scopes)
        if heap.kind != "list":
            return None
        found = (z3.And(guard, needle.present, self.symbols.equal(needle, item)) for guard, item in heap.items)
        return self.symbols.switch(self.symbols.any_of(found))

    def _signed(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        """`{"cat": ["=", text]}` stands on both sides of a comparison of texts: the sign adds nothing to it."""
        return self.value(args[1], scopes) if len(args) == 2 and args[0] == "=" else None

    def _merge(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        values = self._values(args, scopes)
        if any(sym.kind == "other" for sym in values):
            return None
        always = self.symbols.true()
        items = [pair for sym in values for pair in (sym.items if sym.kind == "list" else ((always, sym),))]
        return Sym("list", always, items=tuple(items))

    def _loop(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        source = self.value(args[0], scopes)
        if source.kind != "list":
            return None
        results = [(guard, item, self.value(args[1], [*scopes, element(item)])) for guard, item in source.items]
        truths = [(guard, self.symbols.truth(result)) for guard, _, result in results] if name != "map" else []
        match name:
            case "map":
                return Sym("list", source.present, items=tuple((guard, result) for guard, _, result in results))
            case "filter":
                kept = (
                    (z3.And(guard, truth), item) for (guard, truth), (_, item, _) in zip(truths, results, strict=True)
                )
                return Sym("list", source.present, items=tuple(kept))
            case "some":
                return self.symbols.switch(self.symbols.any_of(z3.And(guard, truth) for guard, truth in truths))
            case "none":
                return self.symbols.switch(z3.Not(self.symbols.any_of(z3.And(guard, truth) for guard, truth in truths)))
        some = self.symbols.any_of(guard for guard, _ in truths)
        return self.symbols.switch(
            z3.And(some, self.symbols.all_of(z3.Implies(guard, truth) for guard, truth in truths))
        )

    def _reduce(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        source, result = self.value(args[0], scopes), self.value(args[2], scopes)
        if source.kind != "list":
            return None
        for guard, item in source.items:
            step = self.value(args[1], [*scopes, fold(item, result)])
            result = self.symbols.either(guard, step, result)
        return result


def element(item: Sym) -> Environment:
    """What `var` sees of an element: itself under "", and its members."""
    return lambda key: item if key == "" else item.members(key) if item.members else None


def fold(item: Sym, accumulator: Sym) -> Environment:
    """What `var` sees inside a `reduce`."""
    return lambda key: {"current": item, "accumulator": accumulator}.get(key)


def _sums(parts: Sequence[tuple[Fraction, ...] | None], sign: int) -> tuple[Fraction, ...] | None:
    """Every value that a sum can have, where each of its parts has few (`sign` -1: all but the first are taken away)."""
    found: set[Fraction] = {Fraction(0)}
    for number, cases in enumerate(parts):
        if not cases or len(cases) * len(found) > MOST_CASES:
            return None
        found = {one + (other if number == 0 else sign * other) for one in found for other in cases}
    return tuple(found)


GIVES: Mapping[str, str] = {
    **dict.fromkeys(("+", "-", "*", "/", "%", "round", "length", "abs"), "number"),
    **dict.fromkeys(
        ("<", "<=", ">", ">=", "in", "compareTimes", "inTimes", "some", "all", "none", "===", "!=="), "switch"
    ),
}
"""What an operation gives of which nothing else is known."""

Handler = Callable[[Theory, str, list[Any], Sequence[Environment]], Sym | None]
OPERATIONS: dict[str, Handler] = {
    **dict.fromkeys(("var", "val"), Theory._read),
    **dict.fromkeys(("===", "!==", "==", "!="), Theory._same),
    **dict.fromkeys(("!", "!!", "truth"), Theory._not),
    **dict.fromkeys(("and", "or"), Theory._junction),
    **dict.fromkeys(("<", "<=", ">", ">="), Theory._compare),
    **dict.fromkeys(("+", "-"), Theory._add),
    **dict.fromkeys(("map", "filter", "some", "all", "none"), Theory._loop),
    "??": Theory._coalesce,
    "if": Theory._choose,
    "compareTimes": Theory._compare_times,
    "abs": Theory._abs,
    "*": Theory._multiply,
    "/": Theory._divide,
    "try": Theory._try,
    "dateDiff": Theory._date_diff,
    "dateAdd": Theory._date_add,
    "round": Theory._round,
    "in": Theory._in,
    "cat": Theory._signed,
    "merge": Theory._merge,
    "reduce": Theory._reduce,
}
