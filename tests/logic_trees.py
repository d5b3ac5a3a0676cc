"""Random trees of logic and random records, for tests that ask two things for the same answer."""

import random
from collections.abc import Callable
from typing import Any

from formloom.form_engine.logic.calls import table
from formloom.form_engine.logic.types import LogicType

Json = Any
COLUMNS = {
    "gift": {"kind": "text"},
    "price": {"kind": "number"},
    "count": {"kind": "number"},
    "day": {"kind": "date"},
    "paid": {"kind": "switch"},
    "sort": {"kind": "option", "option_values": ["a", "b"]},
}
FIELDS: dict[str, dict[str, Any]] = {
    "amount": {"kind": "number"},
    "total": {"kind": "number"},
    "stars": {"kind": "option", "option_values": [1, 2, 3]},
    "name": {"kind": "text"},
    "note": {"kind": "text"},
    "kind": {"kind": "option", "option_values": ["money", "gift", "honour"]},
    "tags": {"kind": "options", "option_values": ["vip", "new", "late"]},
    "flag": {"kind": "switch"},
    "day": {"kind": "date"},
    "until": {"kind": "date"},
    "clock": {"kind": "time"},
    "at": {"kind": "datetime"},
    "end": {"kind": "datetime"},
    "span": {"kind": "duration"},
    "owner": {"kind": "reference"},
    "team": {"kind": "references"},
    "customer": {"kind": "reference", "columns": {"phone": {"kind": "text"}, "limit": {"kind": "number"}}},
    "address": {"kind": "group", "columns": {"city": {"kind": "text"}, "floor": {"kind": "number"}}},
    "items": {"kind": "table", "columns": COLUMNS},
    "extra": {"kind": "other"},
}
LOOKUPS = {"customer": {"c1": {"phone": "13800000000", "limit": 500}, "c2": {"limit": 0.1}}}
NUMBERS = [
    0,
    1,
    -1,
    2,
    3,
    7,
    10,
    100,
    0.1,
    0.2,
    0.5,
    1.005,
    2.675,
    -3.25,
    19.99,
    4.35,
    0.07,
    12345.678,
    1e-7,
    999999.99,
]
TEXTS = [
    "a",
    "A",
    "money",
    "vip",
    "Zoë 王芳",
    "😀 ok 😀",
    "12",
    "1,234.5",
    "-0.5%",
    "2026-01-31",
    "2026-01-31T10:00:00Z",
]
TEXTS += ["2026-01-31T18:00:00+08:00", "PT1H", "x y  z", "straße", "ΑΣ", "true", "0", "2026年3月5日", "c1"]
DATES = ["2026-01-31", "2024-02-29", "2026-11-24", "1999-12-31", "2026-03-29"]
TIMES = ["09:30", "16:00Z", "23:00+08:00", "23:59:59.5", "00:00:00"]
MOMENTS = ["2026-11-24T15:00:00Z", "2026-11-24T23:00:00+08:00", "2026-03-29T01:30:00Z", "1969-12-31T23:59:59.250Z"]
SPANS = ["PT1H", "PT60M", "P1D", "PT24H", "P1M", "P12M", "P1Y", "-P2D", "PT0.5S"]
VALUES: dict[str, list[Json]] = {
    "number": NUMBERS,
    "text": TEXTS,
    "switch": [True, False],
    "date": DATES,
    "time": TIMES,
    "datetime": MOMENTS,
    "duration": SPANS,
    "reference": ["wang", "li", "c1", "c2"],
}
UNITS = {"days", "weeks", "months", "quarters", "years", "hours", "minutes", "seconds", "ascending", "descending"}


def typed(field: dict[str, Any]) -> LogicType:
    """A field of `FIELDS` as logic reads it."""
    columns = {key: typed(column) for key, column in field.get("columns", {}).items()}
    return LogicType(field["kind"], columns=columns, option_values=field.get("option_values"))


def record(rng: random.Random) -> dict[str, Json]:
    """A record in which about every third field is blank."""
    return {key: value(rng, field) for key, field in FIELDS.items() if rng.random() < 0.67}


def value(rng: random.Random, field: dict[str, Any]) -> Json:
    """A value of a field."""
    match field["kind"]:
        case "option":
            return rng.choice(field["option_values"])
        case "options":
            return rng.sample(field["option_values"], rng.randint(1, 2))
        case "references":
            return rng.sample(VALUES["reference"], 2)
        case "table":
            return [_row(rng, field["columns"]) for _ in range(rng.randint(1, 4))]
        case "group":
            return _row(rng, field["columns"]) or {"city": "上海"}
        case "other":
            return rng.choice([1, "a", True, [1, 2, "x"], {"a": 1}, [], {"b": [1]}])
        case kind:
            return rng.choice(VALUES[kind])


def _row(rng: random.Random, columns: dict[str, Any]) -> dict[str, Json]:
    return {key: value(rng, column) for key, column in columns.items() if rng.random() < 0.75}


class Trees:
    """Makes trees of a wanted kind; about one in `wild` choices is of any kind, so that some are ill-typed."""

    def __init__(self, rng: random.Random, wild: float = 0.004) -> None:
        self.rng, self.wild = rng, wild
        self.makers: dict[str, list[Callable[[int, list[str]], Json]]] = {}

    def make(self, kind: str, depth: int, rows: list[str]) -> Json:
        """A tree that gives `kind`; `rows`: what the loops around it go through (`items`, `numbers`, `texts`)."""
        rng = self.rng
        if rng.random() < self.wild:
            kind = rng.choice(["number", "text", "switch", "date", "list", "option"])
        if depth <= 0 or rng.random() < 0.15:
            return self.leaf(kind, rows)
        return rng.choice(_CHOICES.get(kind, [Trees.leaf_of]))(self, kind, depth - 1, rows)

    def leaf_of(self, kind: str, depth: int, rows: list[str]) -> Json:
        """A leaf, as one of the choices."""
        return self.leaf(kind, rows)

    def leaf(self, kind: str, rows: list[str]) -> Json:
        """A field, a literal, or a blank."""
        rng = self.rng
        if rng.random() < 0.03:
            return rng.choice([None, ""])
        if kind == "list":
            return rng.choice([{"var": "tags"}, {"var": "team"}, [1, 2], ["a", "b"]]) if not rows else ["a", "vip"]
        names = self.names(kind, rows)
        if names and rng.random() < 0.7:
            return rng.choice(names)
        return rng.choice(VALUES.get(kind, TEXTS))

    def names(self, kind: str, rows: list[str]) -> list[Json]:
        """Trees that read a field of `kind` from where they stand."""
        found: list[Json] = []
        if rows and rows[-1] == "items":
            found += [{"var": key} for key, column in COLUMNS.items() if column["kind"] == kind]
        if rows and rows[-1] == {"number": "numbers", "text": "texts"}.get(kind):
            found.append({"var": ""})
        for key, field in FIELDS.items():
            if field["kind"] == kind:
                found.append({"val": [[2 * len(rows)], key]} if rows else {"var": key})
        if not rows:
            found += {
                "text": [{"var": "address.city"}, {"lookup": [{"var": "customer"}, "phone"]}, {"var": "extra"}]
            }.get(kind, [])
            found += {"number": [{"var": "address.floor"}, {"var": "customer.limit"}, {"var": ["amount", 5]}]}.get(
                kind, []
            )
            found += {"date": [{"today": []}], "datetime": [{"now": []}], "reference": [{"me": []}]}.get(kind, [])
        return found

    def arithmetic(self, kind: str, depth: int, rows: list[str]) -> Json:
        """+ − × ÷ %."""
        sign = self.rng.choice(["+", "-", "*", "/", "%", "+", "*"])
        return {
            sign: [self.make("number", depth, rows) for _ in range(2 if sign in "/%" else self.rng.choice([2, 2, 3]))]
        }

    def call(self, kind: str, depth: int, rows: list[str]) -> Json:
        """An operator of the table that gives `kind`."""
        names = [name for name, entry in table().items() if entry.gives == kind and name not in _GROWING]
        entry = table()[self.rng.choice(names)]
        count = self.rng.randint(entry.least, len(entry.args) + (1 if entry.rest else 0)) if entry.args else 0
        args: list[Json] = []
        inner = [*rows, self.rng.choice(["items", "numbers"])]
        for i in range(count):
            args.append(self.argument(entry.args[min(i, len(entry.args) - 1)], depth, rows, inner))
        return {entry.name: args}

    def argument(self, kind: str, depth: int, rows: list[str], inner: list[str]) -> Json:
        """An argument of a kind that the table names."""
        if kind.startswith("each:"):
            return self.make(kind.rpartition(":")[2], depth, inner)
        if "|" in kind:
            return self.rng.choice(kind.split("|"))
        if kind == "numbers":
            return self.make("number", depth, rows) if self.rng.random() < 0.4 else self.numbers(depth, rows)
        if kind.startswith("list"):
            of = kind.partition(":")[2]
            if not of:
                return self.source(inner[-1], depth, rows)
            return self.numbers(depth, rows) if of == "number" else self.mapped(of, depth, rows)
        if kind == "scalar":
            kind = self.rng.choice(["number", "text", "date", "switch"])
        return self.make(kind, depth, rows)

    def source(self, rows_kind: str, depth: int, rows: list[str]) -> Json:
        """A list to go through."""
        if rows_kind == "items":
            plain: Json = {"val": [[2 * len(rows)], "items"]} if rows else {"var": "items"}
            if depth > 1 and self.rng.random() < 0.2:
                return {"filter": [plain, self.make("switch", depth - 1, [*rows, "items"])]}
            return plain
        return self.numbers(depth - 1, rows) if rows_kind == "numbers" else self.mapped("text", depth - 1, rows)

    def numbers(self, depth: int, rows: list[str]) -> Json:
        """A list of numbers."""
        if depth <= 0:
            return self.rng.sample(NUMBERS, 3)
        return self.mapped("number", depth, rows)

    def mapped(self, kind: str, depth: int, rows: list[str]) -> Json:
        """`items`, with an expression for each row."""
        return {"map": [self.source("items", 0, rows), self.make(kind, max(depth, 0), [*rows, "items"])]}

    def fold(self, kind: str, depth: int, rows: list[str]) -> Json:
        """A `reduce` over rows."""
        body = {"+": [{"var": "accumulator"}, self.rng.choice([{"var": "current.price"}, {"var": "current.count"}, 1])]}
        return {"reduce": [self.source("items", depth, rows), body, self.rng.choice([0, 1, 0.5])]}

    def branch(self, kind: str, depth: int, rows: list[str]) -> Json:
        """if, ??."""
        if self.rng.random() < 0.3:
            return {self.rng.choice(["??", "coalesce"]): [self.make(kind, depth, rows), self.make(kind, depth, rows)]}
        parts = [self.make("switch", depth, rows), self.make(kind, depth, rows)]
        return {"if": [*parts, self.make(kind, depth, rows)] if self.rng.random() < 0.8 else parts}

    def order(self, kind: str, depth: int, rows: list[str]) -> Json:
        """< <= > >=, between."""
        of = self.rng.choice(["number", "number", "date", "time", "datetime", "duration"])
        if self.rng.random() < 0.1:
            return {"between": [self.make(of, depth, rows) for _ in range(3)]}
        count = self.rng.choice([2, 2, 2, 3])
        return {self.rng.choice(["<", "<=", ">", ">="]): [self.make(of, depth, rows) for _ in range(count)]}

    def equal(self, kind: str, depth: int, rows: list[str]) -> Json:
        """== != === !==."""
        of = self.rng.choice(
            ["number", "text", "option", "date", "time", "datetime", "duration", "switch", "reference"]
        )
        sign = self.rng.choice(["==", "!=", "===", "!=="])
        if of == "option":
            return (
                {sign: [self.leaf("option", rows), self.rng.choice(["money", "gift", "", None])]}
                if not rows
                else {sign: [1, 2]}
            )
        return {sign: [self.make(of, depth, rows), self.make(of, depth, rows)]}

    def member(self, kind: str, depth: int, rows: list[str]) -> Json:
        """in."""
        of = self.rng.choice(["number", "text", "date", "time", "reference"])
        if self.rng.random() < 0.5:
            return {"in": [self.make(of, depth, rows), [self.leaf(of, rows) for _ in range(3)]]}
        return {
            "in": [
                self.make(of, depth, rows),
                self.mapped(of if of in ("number", "text", "date") else "text", depth, rows),
            ]
        }

    def truth(self, kind: str, depth: int, rows: list[str]) -> Json:
        """and, or, !, !!, isEmpty, notEmpty."""
        sign = self.rng.choice(["and", "or", "!", "!!", "isEmpty", "notEmpty"])
        if sign in ("and", "or"):
            return {sign: [self.make("switch", depth, rows) for _ in range(self.rng.choice([1, 2, 3]))]}
        of = self.rng.choice(["switch", "number", "text", "date", "list"])
        return {sign: [self.make(of, depth, rows)]}

    def every(self, kind: str, depth: int, rows: list[str]) -> Json:
        """some, all, none."""
        of = self.rng.choice(["items", "items", "numbers", "texts"])
        source = self.source(of, depth, rows)
        return {self.rng.choice(["some", "all", "none"]): [source, self.make("switch", depth, [*rows, of])]}


_GROWING = ("repeat",)
_CHOICES: dict[str, list[Callable[..., Json]]] = {
    "number": [Trees.arithmetic, Trees.arithmetic, Trees.call, Trees.call, Trees.branch, Trees.fold],
    "text": [Trees.call, Trees.call, Trees.branch],
    "switch": [Trees.order, Trees.equal, Trees.member, Trees.truth, Trees.every, Trees.call, Trees.branch],
    "date": [Trees.call, Trees.branch],
    "datetime": [Trees.call, Trees.branch],
    "duration": [Trees.call],
}
