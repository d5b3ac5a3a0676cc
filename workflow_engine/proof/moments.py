"""Dates, times and date-times that are not known yet: in which order they are, and what can be reckoned with dates.

A date is the number of its day (1 is 1 January of the year 1), a time or date-time its seconds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import z3

from formloom.form_engine.logic.temporal import EPOCH, NUMBERS

from .numbers import whole
from .symbols import ORDER, Bool, Sym, Term

if TYPE_CHECKING:
    from .theory import Environment, Theory

KINDS = frozenset({"date", "time", "datetime"})
FIRST_DAY, LAST_DAY = 1, 3_652_059
"""The days of the calendar: of the years 1 to 9999."""
USUAL = ("1900-01-01", "2999-12-31")
"""Dates lie between these, unless logic names others: so far from the calendar's ends that days can be added to them."""
DAY = 86_400
DAYS = {"days": 1, "weeks": 7}
MOST_DAYS = 4_000_000
"""More days than this are never added to a date (`form_engine.logic.real_dates`)."""
MONTH_BEGINS = (31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
"""Days of a year before February, March and so on, where it is no leap year."""


def moment(kind: str, text: str) -> int | None:
    """The number of a date, a time or a date-time; None where `text` is none."""
    number = NUMBERS[kind](text) if kind in KINDS else None
    if number is None:
        return None
    return round(number) + EPOCH if kind == "date" else round(number / 1000)


def between(kind: str, named: Iterable[str]) -> tuple[int, int]:
    """The first and the last moment that a field may hold where logic names these texts."""
    if kind == "time":
        return 0, DAY - 1
    days = [number for text in (*USUAL, *named) if (number := moment("date", text[:10])) is not None]
    first, last = max(FIRST_DAY, min(days) - 1), min(LAST_DAY, max(days) + 1)
    return (first, last) if kind == "date" else ((first - EPOCH) * DAY, (last + 1 - EPOCH) * DAY - 1)


def read(theory: "Theory", kind: str, arg: Any, scopes: Sequence["Environment"]) -> Sym | None:
    """An argument that is a moment of this kind, or blank; None where it is neither, or nothing is known of it."""
    text = theory.constant(arg)
    if isinstance(text, str):
        number = moment(kind, text)
        return None if number is None else theory.symbols.whole_number(kind, number)
    sym = theory.value(arg, scopes)
    return sym if sym.kind in {kind, "blank"} else None


def compare(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`compareTimes`."""
    operator, kind, *rest = args
    moments = [read(theory, kind, arg, scopes) for arg in rest] if kind in KINDS and operator in ORDER else [None]
    known = [sym for sym in moments if sym is not None]
    if len(known) < len(moments):
        return None
    tests = [_in_order(theory, operator, a, b) for a, b in pairwise(known)]
    return theory.symbols.switch(theory.symbols.all_of(tests))


def _in_order(theory: "Theory", operator: str, left: Sym, right: Sym) -> Bool:
    """A blank is in no order; it equals a blank only (meaning.md section 3)."""
    if operator in {"==", "!="}:
        equal = theory.symbols.equal(left, right)
        return z3.Not(equal) if operator == "!=" else equal
    if "blank" in {left.kind, right.kind}:
        return theory.symbols.false()
    return z3.And(left.present, right.present, ORDER[operator](left.value, right.value))


def difference(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`dateDiff`: whole days or weeks from one date to another."""
    start, end = read(theory, "date", args[0], scopes), read(theory, "date", args[1], scopes)
    if args[2] not in DAYS or start is None or end is None or "blank" in (start.kind, end.kind):
        return None
    apart, length = end.value - start.value, DAYS[args[2]]
    full = apart if length == 1 else z3.If(apart >= 0, apart / length, -(-apart / length))
    return Sym("number", z3.And(start.present, end.present), full, digits=0)


def later(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`dateAdd`: a date and so many days or weeks; blank beyond the calendar's ends."""
    start, count = read(theory, "date", args[0], scopes), theory.value(args[1], scopes)
    if args[2] not in DAYS or start is None or start.kind == "blank" or count.kind != "number":
        return None
    days = whole(count)
    day, few = start.value + days * DAYS[args[2]], z3.And(days <= MOST_DAYS, days >= -MOST_DAYS)
    within = z3.And(day >= FIRST_DAY, day <= LAST_DAY)
    return Sym("date", z3.And(start.present, count.present, few, within), day)


def part(theory: "Theory", name: str, args: list[Any], scopes: Sequence["Environment"]) -> Sym | None:
    """`datePart`: the year, quarter, month or weekday of a date."""
    day = read(theory, "date", args[0], scopes)
    if args[1] not in PARTS or day is None or day.kind == "blank":
        return None
    return Sym("number", day.present, PARTS[args[1]](day.value), digits=0)


def _year_and_day(day: Term) -> tuple[Term, Term, Bool]:
    """The year, the days of it that are over, and whether it is a leap year."""
    left = day - 1
    parts = []
    for length, most in ((146_097, 100), (36_524, 3), (1_461, 24), (365, 3)):
        count = left / length
        if length in {36_524, 365}:
            count = z3.If(count > most, most, count)
        parts.append(count)
        left = left - count * length
    cycles, centuries, fours, years = parts
    leap = z3.And(years == 3, z3.Or(fours != 24, centuries == 3))
    return cycles * 400 + centuries * 100 + fours * 4 + years + 1, left, leap


def _month(day: Term) -> Term:
    _, over, leap = _year_and_day(day)
    more = z3.If(leap, 1, 0)
    tests = (over >= begins + (more if number else 0) for number, begins in enumerate(MONTH_BEGINS))
    return z3.Sum([z3.If(test, 1, 0) for test in tests]) + 1


PARTS: Mapping[str, Callable[[Term], Term]] = {
    "year": lambda day: _year_and_day(day)[0],
    "quarter": lambda day: (_month(day) + 2) / 3,
    "month": _month,
    "weekday": lambda day: (day - 1) % 7 + 1,
}
