"""Logic over values that are not known yet: the compiled tree of a rule, read the way the evaluator reads it.

What stands here is the theory of meaning.md section 5. Anything else gives a free value (`Symbols.anything`), so that
"it can never hold" stays true, and "it can hold" is only believed after the real evaluator has said so.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from formloom.form_engine.logic.real import REAL

from . import lists, moments, numbers
from .symbols import Bool, Sym, Symbols

Environment = Callable[[str], Sym | None]
NOT_KNOWN = object()
CLOCK = {"today": "date", "now": "datetime"}


@dataclass(frozen=True, slots=True)
class Theory:
    """Evaluates compiled trees. `clock` gives `today` and `now` as texts; `exact`: products of two free numbers are kept.

    `closed`: linked records are blank, as they are for a record that stands alone; else nothing is known of them.
    `met`: every value over the record, by its tree; `of_rows`: what holds of the row that stands for any row of a table.
    """

    symbols: Symbols
    clock: Mapping[str, str]
    exact: bool = False
    closed: bool = False
    met: dict[tuple[str, Environment], Sym] = field(default_factory=dict)
    of_rows: list[Bool] = field(default_factory=list)

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
        """What an operation gives: over the record, the same for the same tree, also where nothing more is known of it."""
        if len(scopes) > 1:
            return self._worked_out(name, args, scopes)
        place = (json.dumps([name, args], sort_keys=True), scopes[0])
        if place not in self.met:
            self.met[place] = self._worked_out(name, args, scopes)
        return self.met[place]

    def _worked_out(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym:
        handler = OPERATIONS.get(name)
        found = handler(self, name, args, scopes) if handler else None
        if found is not None:
            return found
        known = self.constant({name: args})
        if known is None or isinstance(known, bool | int | float):
            return self._literal(known)
        return self.symbols.anything(GIVES.get(name, "other"))

    def free(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym:
        """What an operation gives of which nothing is known: the same for the same tree over the record."""
        place = (json.dumps([name, args, "free"], sort_keys=True), scopes[0])
        if len(scopes) > 1 or place not in self.met:
            self.met[place] = self.symbols.anything(GIVES.get(name, "other"))
        return self.met[place]

    def constant(self, tree: Any) -> Any:
        """The value of a tree that reads nothing of the record, by the real operators; `NOT_KNOWN` of any other."""
        match tree:
            case {"val": ["$", str(name)]}:
                return self.clock.get(name, NOT_KNOWN)
            case dict() if len(tree) == 1:
                name, given = next(iter(tree.items()))
                args = [self.constant(arg) for arg in (given if isinstance(given, list) else [given])]
                if name == "??" and NOT_KNOWN not in args:
                    return next((arg for arg in args if arg is not None), None)
                return NOT_KNOWN if NOT_KNOWN in args or name not in REAL else _answer(REAL[name], args)
            case list():
                items = [self.constant(item) for item in tree]
                return NOT_KNOWN if NOT_KNOWN in items else items
        return tree

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
            kind = CLOCK.get(str(path[-1]))
            return moments.read(self, kind, {"val": path}, scopes) if kind is not None else None
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
            if sym.kind in lists.LISTS and result.kind == "list" and not result.items:
                result = sym
            elif sym.kind in lists.LISTS:
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
        if all(sym.kind == "switch" and z3.is_true(sym.present) for sym in values):
            truths = [self.symbols.truth(sym) for sym in values]
            return self.symbols.switch(self.symbols.all_of(truths) if name == "and" else self.symbols.any_of(truths))
        result = values[-1]
        for sym in reversed(values[:-1]):
            truth = self.symbols.truth(sym)
            result = self.symbols.either(truth if name == "or" else z3.Not(truth), sym, result)
        return result

    def _in(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        needle, heap = self._values(args, scopes)
        if heap.kind != "list":
            return None
        found = (z3.And(guard, self.symbols.equal(needle, item)) for guard, item in heap.items)
        return self.symbols.switch(self.symbols.any_of(found))

    def _signed(self, name: str, args: list[Any], scopes: Sequence[Environment]) -> Sym | None:
        """`{"cat": ["=", text]}` stands on both sides of a comparison of texts: the sign adds nothing to it."""
        return self.value(args[1], scopes) if len(args) == 2 and args[0] == "=" else None


def _answer(function: Callable[..., Any], args: Sequence[Any]) -> Any:
    """What a real operator gives; `NOT_KNOWN` where it takes no such values."""
    try:
        return function(*args)
    except Exception:  # whatever it raises, nothing is known of its value
        return NOT_KNOWN


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
    **dict.fromkeys(("<", "<=", ">", ">="), numbers.compare),
    **dict.fromkeys(("+", "-"), numbers.add),
    **dict.fromkeys(("map", "filter", "some", "all", "none"), lists.loop),
    "??": Theory._coalesce,
    "if": Theory._choose,
    "compareTimes": moments.compare,
    "abs": numbers.size,
    **dict.fromkeys(("max", "min"), numbers.extreme),
    "*": numbers.multiply,
    "/": numbers.divide,
    "try": numbers.attempt,
    "dateDiff": moments.difference,
    "dateAdd": moments.later,
    "datePart": moments.part,
    **dict.fromkeys(("round", "roundUp", "roundDown"), numbers.round_off),
    **dict.fromkeys(("ceiling", "floorTo", "roundTo"), numbers.to_whole),
    "mod": numbers.modulo,
    "in": Theory._in,
    "cat": Theory._signed,
    "merge": lists.merge,
    "reduce": lists.reduce,
}
