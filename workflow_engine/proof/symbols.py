"""Values that are not known yet: what a field may hold, as z3 terms, and what can be asked of them.

A `Sym` is a value that may be blank: `present` says when it is there, `value` what it is then. Texts, options and ids
are numbered (only their equality is known), dates are day numbers, times and date-times seconds.
Each proof has a z3 context of its own, because the shared one crashes under threads (meaning.md section 5).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import z3

Bool = Any
Term = Any
MOST_CASES = 1000


@dataclass(frozen=True, slots=True)
class Sym:
    """One value. `kind`: number, switch, text, date, time, datetime, list, group, blank or other.

    `cases`: every value that a number can have, where they are few. `items`: of a list, (is it in, element) each;
    `members`: of a group or row. An `other` says nothing at all about its value.
    """

    kind: str
    present: Bool
    value: Term = None
    cases: tuple[Fraction, ...] | None = None
    items: tuple[tuple[Bool, "Sym"], ...] = ()
    members: Callable[[str], "Sym | None"] | None = None


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
        exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
        return Sym("number", self.true(), self.rational(exact), (exact,))

    def rational(self, value: Fraction) -> Term:
        """A known rational as a z3 term."""
        return z3.Q(value.numerator, value.denominator, self.context)

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

    def anything(self, kind: str = "other") -> Sym:
        """A value of which nothing more is known; the proof is then no longer exact."""
        self.loose = True
        present = self.bool_var("there")
        match kind:
            case "number":
                return Sym(kind, present, self.real_var("some"))
            case "switch":
                return Sym(kind, present, self.bool_var("some"))
            case "text" | "option" | "reference":
                return Sym("text", present, self.int_var("some"))
            case "date" | "time" | "datetime" | "duration":
                return Sym(kind, present, self.int_var("some"))
        return Sym("other", present)

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
                return self.bool_var("true")
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
        cases = tuple({*then.cases, *otherwise.cases}) if then.cases and otherwise.cases else None
        value = z3.If(condition, then.value, otherwise.value)
        return Sym(then.kind, z3.If(condition, then.present, otherwise.present), value, cases)

    def _only(self, condition: Bool, sym: Sym) -> Sym:
        items = tuple((z3.And(condition, guard), item) for guard, item in sym.items)
        return Sym(sym.kind, z3.And(condition, sym.present), sym.value, sym.cases, items, sym.members)

    def equal(self, left: Sym, right: Sym) -> Bool:
        """Whether two values are the same; blanks are the same as each other."""
        if left.kind == "blank" or right.kind == "blank":
            return z3.And(z3.Not(left.present), z3.Not(right.present))
        if "other" in {left.kind, right.kind} or left.kind != right.kind or left.value is None:
            self.loose = True
            return self.bool_var("same")
        both = z3.And(left.present, right.present, left.value == right.value)
        return z3.Or(both, z3.And(z3.Not(left.present), z3.Not(right.present)))

    def product(self, left: Sym, right: Sym, *, exact: bool) -> Term:
        """left x right: linear, or by the cases of the factor that has few; else free, unless `exact` asks z3 to try."""
        few, other = (
            (left, right) if left.cases and (not right.cases or len(left.cases) <= len(right.cases)) else (right, left)
        )
        if not few.cases or len(few.cases) > MOST_CASES:
            if exact:
                return left.value * right.value
            self.loose = True
            return self.real_var("product")
        return self._by_cases(few, lambda case: self.rational(case) * other.value)

    def _by_cases(self, few: Sym, result: Callable[[Fraction], Term]) -> Term:
        cases: Sequence[Fraction] = few.cases or ()
        term = result(cases[-1])
        for case in cases[:-1]:
            term = z3.If(few.value == self.rational(case), result(case), term)
        return term

    def quotient(self, left: Sym, right: Sym, *, exact: bool) -> Term:
        """left / right where right is not 0 (the caller sees to that)."""
        if right.cases and len(right.cases) <= MOST_CASES:
            return self._by_cases(right, lambda case: left.value / self.rational(case or Fraction(1)))
        if exact:
            return left.value / right.value
        self.loose = True
        return self.real_var("quotient")

    def whole(self, value: Term) -> Term:
        """The whole part of a number, towards zero."""
        return z3.If(value >= 0, z3.ToInt(value), -z3.ToInt(-value))

    def rounded(self, value: Term, digits: int) -> Term:
        """Half away from zero, to `digits` decimals (meaning.md section 1)."""
        scale = 10**digits
        half = z3.Q(1, 2, self.context)
        up = z3.ToReal(z3.ToInt(value * scale + half))
        down = -z3.ToReal(z3.ToInt(-value * scale + half))
        return z3.If(value >= 0, up, down) / scale
