"""Values that are not known yet: what a field may hold, as z3 terms, and what can be asked of them.

A `Sym` is a value that may be blank: `present` says when it is there, `value` what it is then. Texts, options and ids
are numbered (only their equality is known), dates are day numbers, times and date-times seconds.
Each proof has a z3 context of its own, because the shared one crashes under threads (meaning.md section 5).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import z3

Bool = Any
Term = Any
ORDER: Mapping[str, Callable[[Term, Term], Bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Sym:
    """One value. `kind`: number, switch, text, date, time, datetime, list, group, blank or other.

    Of a number of which it is known how many decimals it has at most (`digits`), `value` is a whole number of the last of
    these: z3 sees at once that there is nothing between one cent and the next. Of any other it is a real. `cases`: every
    value that a number can have, where they are few. `items`: of a list, (is it in, element) each; `members`: of a group
    or row. An `other` says nothing at all about its value.
    """

    kind: str
    present: Bool
    value: Term = None
    cases: tuple[Fraction, ...] | None = None
    items: tuple[tuple[Bool, "Sym"], ...] = ()
    members: Callable[[str], "Sym | None"] | None = None
    digits: int | None = None


@dataclass(slots=True)
class Symbols:
    """Makes values in one z3 context. `loose` is set once something was used that says nothing about its value."""

    context: z3.Context = field(default_factory=z3.Context)
    texts: dict[str, int] = field(default_factory=dict)
    loose: bool = False
    fresh: int = 0

    def true(self) -> Bool:
        """Always."""
        return z3.BoolVal(True, self.context)

    def false(self) -> Bool:
        """Never."""
        return z3.BoolVal(False, self.context)

    def all_of(self, parts: Iterable[Bool]) -> Bool:
        """Their conjunction; true of none."""
        found = list(parts)
        return z3.And(*found, self.true()) if found else self.true()

    def any_of(self, parts: Iterable[Bool]) -> Bool:
        """Their disjunction; false of none."""
        found = list(parts)
        return z3.Or(*found, self.false()) if found else self.false()

    def name(self, word: str) -> str:
        """A name that was not used before."""
        self.fresh += 1
        return f"{word}!{self.fresh}"

    def bool_var(self, word: str) -> Bool:
        """A switch that is free."""
        return z3.Bool(self.name(word), self.context)

    def int_var(self, word: str) -> Term:
        """A whole number that is free."""
        return z3.Int(self.name(word), self.context)

    def real_var(self, word: str) -> Term:
        """A number that is free."""
        return z3.Real(self.name(word), self.context)

    def number(self, value: int | float) -> Sym:
        """A known number, exactly as JSON writes it."""
        return self.known(Fraction(repr(value)) if isinstance(value, float) else Fraction(value))

    def known(self, exact: Fraction) -> Sym:
        """A known number."""
        digits = decimals(exact)
        value = self.rational(exact) if digits is None else z3.IntVal(int(exact * 10**digits), self.context)
        return Sym("number", self.true(), value, (exact,), digits=digits)

    def rational(self, value: Fraction) -> Term:
        """A known rational as a z3 term."""
        return z3.Q(value.numerator, value.denominator, self.context)

    def whole_number(self, kind: str, value: int) -> Sym:
        """A known moment, or anything else that is written as a whole number."""
        return Sym(kind, self.true(), z3.IntVal(value, self.context))

    def switch(self, value: Bool) -> Sym:
        """A switch that is never blank."""
        term = z3.BoolVal(value, self.context) if isinstance(value, bool) else value
        return Sym("switch", self.true(), term)

    def code(self, text: str) -> int:
        """The number that stands for a text."""
        return self.texts.setdefault(text, len(self.texts))

    def one_of(self, value: Term, texts: Iterable[str]) -> Bool:
        """Whether a value is one of some texts."""
        return self.any_of(value == self.code(text) for text in texts)

    def text(self, text: str) -> Sym:
        """A known text."""
        return Sym("text", self.true(), z3.IntVal(self.code(text), self.context))

    def blank(self) -> Sym:
        """No value."""
        return Sym("blank", self.false())

    def number_var(self, word: str, digits: int | None) -> Term:
        """The value of a number that is free, of at most so many decimals."""
        return self.real_var(word) if digits is None else self.int_var(word)

    def anything(self, kind: str = "other", digits: int | None = None) -> Sym:
        """A value of which nothing more is known (but `digits` of a number); the proof is then no longer exact."""
        self.loose = True
        present = self.bool_var("there")
        match kind:
            case "number":
                return Sym(kind, present, self.number_var("some", digits), digits=digits)
            case "switch":
                return Sym(kind, present, self.bool_var("some"))
            case "text" | "option" | "reference":
                return Sym("text", present, self.int_var("some"))
            case "date" | "time" | "datetime" | "duration":
                return Sym(kind, present, self.int_var("some"))
        return Sym("other", present, self.bool_var("true"))

    def truth(self, sym: Sym) -> Bool:
        """Whether a value counts as true: neither blank nor false, 0, an empty text or list."""
        match sym.kind:
            case "switch":
                return z3.And(sym.present, sym.value)
            case "number":
                return z3.And(sym.present, sym.value != 0)
            case "text":
                return z3.And(sym.present, sym.value != self.code(""))
            case "list":
                return self.any_of(guard for guard, _ in sym.items)
            case "blank":
                return self.false()
            case "other":
                self.loose = True
                return z3.And(sym.present, sym.value)
        return sym.present

    def either(self, condition: Bool, then: Sym, otherwise: Sym) -> Sym:
        """One value or the other."""
        if then.kind == "blank" and otherwise.kind != "blank":
            return self._only(z3.Not(condition), otherwise)
        if otherwise.kind == "blank":
            return self._only(condition, then)
        if then.kind != otherwise.kind or then.kind in {"list", "group", "other"}:
            kinds = {then.kind, otherwise.kind} - {"other"}
            return self.anything(kinds.pop() if len(kinds) == 1 else "other")
        surely = z3.is_true(otherwise.present) and (z3.is_true(then.present) or condition.eq(then.present))
        present = self.true() if surely else z3.If(condition, then.present, otherwise.present)
        if then.kind != "number":
            return Sym(then.kind, present, z3.If(condition, then.value, otherwise.value))
        cases = tuple({*then.cases, *otherwise.cases}) if then.cases and otherwise.cases else None
        (one, other), digits = self.aligned(then, otherwise)
        return Sym("number", present, z3.If(condition, one, other), cases, digits=digits)

    def _only(self, condition: Bool, sym: Sym) -> Sym:
        items = tuple((z3.And(condition, guard), item) for guard, item in sym.items)
        return replace(sym, present=z3.And(condition, sym.present), items=items)

    def equal(self, left: Sym, right: Sym) -> Bool:
        """Whether two values are the same; blanks are the same as each other."""
        if left.kind == "blank" or right.kind == "blank":
            return z3.And(z3.Not(left.present), z3.Not(right.present))
        if "other" in {left.kind, right.kind} or left.kind != right.kind or left.value is None:
            self.loose = True
            return self.bool_var("same")
        same = self.in_order("==", left, right) if left.kind == "number" else left.value == right.value
        both = z3.And(left.present, right.present, same)
        return z3.Or(both, z3.And(z3.Not(left.present), z3.Not(right.present)))

    def real(self, number: Sym) -> Term:
        """A number as a z3 real."""
        return number.value if number.digits is None else z3.ToReal(number.value) / 10**number.digits

    def scaled(self, number: Sym, digits: int | None) -> Term:
        """A number as a whole number of its last decimals, of which it has no more than `digits`; None: as a real."""
        if digits is None or number.digits is None:
            return self.real(number)
        return number.value * 10 ** (digits - number.digits) if digits > number.digits else number.value

    def aligned(self, *numbers: Sym) -> tuple[list[Term], int | None]:
        """Numbers in the same measure, so that they can be compared and added, and the decimals of that measure."""
        digits = most_digits(*numbers)
        return [self.scaled(number, digits) for number in numbers], digits

    def in_order(self, operator: str, left: Sym, right: Sym) -> Bool:
        """Whether two numbers that are there stand in this order."""
        (one, other), _ = self.aligned(left, right)
        return ORDER[operator](one, other)


def decimals(value: Fraction) -> int | None:
    """How many decimals a number has; None if no number of them writes it exactly."""
    return next((digits for digits in range(MOST_DIGITS + 1) if (value * 10**digits).denominator == 1), None)


def most_digits(*numbers: Sym) -> int | None:
    """How many decimals the sum of some numbers, or one of them, has at most."""
    known = [number.digits for number in numbers if number.digits is not None]
    return max(known) if len(known) == len(numbers) else None
