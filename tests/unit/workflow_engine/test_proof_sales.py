"""What the proof finds in the forms of a sales company: leave, expenses, discounts, seals, purchases, contracts.

Each case is a form, the conditions of an exclusive branch step (None: otherwise), and what is found; a sound definition and one
that is broken often differ in one number only. Every example is replayed, and each answer is there at once.
"""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from processes import approval, member, workflow

from formloom.form_engine import definition, record
from formloom.workflow_engine.proof import Proof, prove

NOW, ZONE = datetime(2026, 11, 28, 2, 0, tzinfo=UTC), "Asia/Shanghai"
AT_ONCE = 2.0
TODAY: Any = {"today": []}


def op(name: str, *args: Any) -> Any:
    """`op("<", "$amount", 5)`: a text with a dollar sign is a field."""
    return {name: [{"var": arg[1:]} if isinstance(arg, str) and arg.startswith("$") else arg for arg in args]}


def not_(tree: Any) -> Any:
    return {"!": [tree]}


def var(key: str) -> Any:
    return {"var": key}


def total(column: str) -> Any:
    return {"sum": [{"map": [var("items"), var(column)]}]}


def number(type_: str = "number", title: str = "", **more: Any) -> Any:
    settings = {key: more.pop(key) for key in ("decimals", "compute", "visibleWhen", "requiredWhen") if key in more}
    json_type = "integer" if type_ == "integer" else "number"
    return {"type": json_type, "title": title, "x-field": {"type": type_, **settings}, **more}


def money(title: str = "", **more: Any) -> Any:
    return number("money", title, **({"readOnly": True} if "compute" in more else {}), **more)


def date(title: str = "") -> Any:
    return {"type": "string", "format": "date", "title": title}


def text(title: str = "", **more: Any) -> Any:
    return {"type": "string", "title": title, **more}


def select(*values: str) -> Any:
    return {"type": "string", "oneOf": [{"const": one} for one in values], "x-field": {"type": "select"}}


def form(required: str = "", rules: list[Any] | None = None, **fields: Any) -> Any:
    document = {"$id": "f", "type": "object", "properties": fields, "required": required.split()}
    return document | ({"x-form": {"rules": rules}} if rules else {})


SWITCH: Any = {"type": "boolean"}
PERIOD: Any = {"type": "object", "title": "期间", "x-field": {"type": "daterange"}}
SEALS = ["gz", "ht", "fr"]
ROWS: Any = {
    "type": "array",
    "x-field": {"type": "table"},
    "items": {
        "type": "object",
        "properties": {"kind": select("travel", "meal"), "amount": money(minimum=0), "invoice": SWITCH, "what": text()},
        "required": ["kind", "amount"],
    },
}
LEAVE = form(
    "kind begins ends",
    [{"when": op("<", "$ends", "$begins"), "message": "结束早于开始", "field": "ends"}],
    kind=select("annual", "sick", "marriage"),
    begins=date("开始"),
    ends=date("结束"),
    days=number("integer", "天数", readOnly=True, compute=op("+", op("days", "$ends", "$begins"), 1)),
    proof=SWITCH,
)
EXPENSE = form(
    "items",
    items=ROWS,
    total=money("合计", compute=total("amount")),
    advance=money("预支", minimum=0),
    pay=money("应付", compute=op("-", "$total", "$advance")),
)
DISCOUNT = form(
    "price rate",
    price=money("标价", exclusiveMinimum=0),
    rate=number("percent", "折扣率", minimum=0, maximum=100, decimals=0),
    final=money("成交价", compute=op("*", "$price", op("/", op("-", 100, "$rate"), 100))),
)
SEAL = form(
    "seals copies",
    seals={
        "type": "array",
        "minItems": 1,
        "items": {"oneOf": [{"const": one} for one in SEALS]},
        "x-field": {"type": "multiselect"},
    },
    copies=number("integer", "份数", minimum=1, maximum=99),
    away=SWITCH,
)
PURCHASE = form(
    "count price",
    count=number("integer", "数量", minimum=1, maximum=500),
    price=money("单价", exclusiveMinimum=0),
    total=money("总价", compute=op("*", "$count", "$price")),
    urgent=SWITCH,
)
CONTRACT = form("party", party=text("客户"), level=select("A", "B"), begins=date("生效"), period=PERIOD)
TWO = form("a b", a=money("甲"), b=money("乙"), t=money("和", compute=op("+", "$a", "$b")))
BOTH_TABLES = form(items=ROWS, guests=ROWS, n=money())
WITH_PERIOD = form("period", period=PERIOD, n=money())
PLACE: Any = {"type": "object", "x-field": {"type": "location"}}
GAP_AT_5 = [op("<", "$n", 5), op(">", "$n", 5)]


def includes(seal: str) -> Any:
    return {"in": [seal, var("seals")]}


def count(table: str) -> Any:
    return {"count": [var(table)]}


CASES: dict[str, tuple[Any, list[Any], list[str]]] = {
    "leave by days": (LEAVE, [op("<=", "$days", 3), op("<", 3, "$days", 8), op(">=", "$days", 8)], []),
    "leave, nobody for the 8th day": (
        LEAVE,
        [op("<=", "$days", 3), op("<", 3, "$days", 8), op(">", "$days", 8)],
        ["gap"],
    ),
    "half days": (
        form("n", n=number(multipleOf=0.5, minimum=0.5)),
        [op("<=", "$n", 3), op(">=", "$n", 3.5)],
        [],
    ),
    "quarters of days": (
        form("n", n=number(multipleOf=0.25, minimum=0.5)),
        [op("<=", "$n", 3), op(">=", "$n", 3.5)],
        ["gap"],
    ),
    "sick without proof": (
        LEAVE,
        [
            not_(op("and", op("==", "$kind", "sick"), not_(var("proof")))),
            op("and", op("==", "$kind", "sick"), not_(not_(not_(var("proof"))))),
        ],
        [],
    ),
    "sick with proof": (
        LEAVE,
        [
            not_(op("or", op("==", "$kind", "sick"), not_(var("proof")))),
            op("and", op("==", "$kind", "sick"), not_(var("proof"))),
        ],
        ["gap"],
    ),
    "every kind in a list": (LEAVE, [op("in", "$kind", ["annual", "sick"]), op("==", "$kind", "marriage")], []),
    "a kind in two lists": (
        LEAVE,
        [op("in", "$kind", ["annual", "sick"]), op("in", "$kind", ["sick", "marriage"])],
        ["overlap"],
    ),
    "a month from today": (
        CONTRACT,
        [
            {"isEmpty": [var("begins")]},
            op("<=", "$begins", op("dateAdd", TODAY, 1, "months")),
            op(">", "$begins", op("dateAdd", TODAY, 1, "months")),
        ],
        [],
    ),
    "30 days from today": (
        form("d", d=date()),
        [op("<=", op("days", "$d", TODAY), 30), op(">", "$d", op("dateAdd", TODAY, 31, "days"))],
        ["gap"],
    ),
    "by year": (
        form("d", d=date()),
        [op(">=", {"year": [var("d")]}, 2027), op("<", "$d", "2027-01-01")],
        [],
    ),
    "by quarter": (
        form("d", d=date()),
        [op("==", {"quarter": [var("d")]}, 4), op("in", {"month": [var("d")]}, [1, 2, 3, 4, 5, 6, 7, 8, 9])],
        [],
    ),
    "September belongs to nobody": (
        form("d", d=date()),
        [op("==", {"quarter": [var("d")]}, 4), op("<", {"month": [var("d")]}, 9)],
        ["gap"],
    ),
    "on a leap day": (
        form("d", d=date()),
        [op("==", "$d", "2028-02-29"), op("==", {"month": [var("d")]}, 2), op("!=", {"month": [var("d")]}, 2)],
        ["overlap"],
    ),
    "weekends": (form(d=date()), [{"isWeekend": [var("d")]}, op("in", {"weekday": [var("d")]}, [1, 2, 3, 4, 5])], ["gap"]),
    "no date is far away": (
        form(d=date()),
        [op("==", "$d", "9999-12-31"), op("<", "$d", "1899-01-01"), None],
        [],
    ),
    "expenses by total": (
        EXPENSE,
        [op("<=", "$total", 1000), op("<=", 1000.01, "$total", 5000), op(">=", "$total", 5000.01)],
        [],
    ),
    "expenses by total, a cent short": (
        EXPENSE,
        [op("<=", "$total", 1000), op("<=", 1000.01, "$total", 5000), op(">=", "$total", 5000.02)],
        ["gap"],
    ),
    "a total is not negative": (EXPENSE, [op("<", "$total", 0), None], ["neverHolds"]),
    "what is paid may be": (EXPENSE, [op("<", "$pay", 0), None], []),
    "more was paid in advance": (EXPENSE, [op(">", "$advance", "$total"), op("<", "$pay", 0), None], ["shadowed"]),
    "a row without invoice": (
        EXPENSE,
        [{"some": [var("items"), not_(var("invoice"))]}, {"all": [var("items"), var("invoice")]}],
        [],
    ),
    "some meals or none": (
        EXPENSE,
        [
            {"some": [var("items"), op("==", "$kind", "meal")]},
            {"none": [var("items"), op("==", "$kind", "meal")]},
        ],
        [],
    ),
    "meals only or none": (
        EXPENSE,
        [{"all": [var("items"), op("==", "$kind", "meal")]}, {"none": [var("items"), op("==", "$kind", "meal")]}],
        ["gap"],
    ),
    "no row costs less than nothing": (
        EXPENSE,
        [{"some": [var("items"), op("<", "$amount", 0)]}, None],
        ["neverHolds"],
    ),
    "there are rows": (EXPENSE, [op(">=", count("items"), 1)], []),
    "a text in a row": (EXPENSE, [{"some": [var("items"), {"contains": [var("what"), "酒"]}]}, None], []),
    "many rows": (EXPENSE, [op("<", count("items"), 30), op(">", count("items"), 30)], ["gap"]),
    "rows that there must be": (
        form("items", items=ROWS | {"minItems": 30}, n=money()),
        GAP_AT_5,
        ["gap"],
    ),
    "two tables": (
        BOTH_TABLES,
        [not_(op("and", op("==", count("items"), 1), op("==", count("guests"), 3)))],
        ["gap"],
    ),
    "so much a guest": (
        BOTH_TABLES,
        [
            op(">", total("amount"), op("*", count("guests"), 200)),
            op("<=", total("amount"), op("*", count("guests"), 200)),
        ],
        [],
    ),
    "discounts in whole percents": (DISCOUNT, [op("<=", "$rate", 10), op(">=", "$rate", 11)], []),
    "11 % is for nobody": (DISCOUNT, [op("<=", "$rate", 10), op(">=", "$rate", 12)], ["gap"]),
    "a discount is no surcharge": (DISCOUNT, [op(">", "$final", "$price"), None], ["neverHolds"]),
    "rate and price say the same": (
        DISCOUNT,
        [op(">", "$rate", 20), op("<", "$final", op("-", op("*", "$price", 0.8), 0.01)), None],
        ["shadowed"],
    ),
    "seals": (SEAL, [includes("gz"), includes("ht"), includes("fr")], ["overlap", "overlap", "overlap"]),
    "the third seal is for nobody": (SEAL, [includes("gz"), includes("ht")], ["overlap", "gap"]),
    "two of three seals": (SEAL, [op(">", count("seals"), 2), op("<", count("seals"), 2)], ["gap"]),
    "copies": (SEAL, [op("<", "$copies", 10), op(">", "$copies", 9)], []),
    "more copies than there may be": (SEAL, [op(">", "$copies", 99), None], ["neverHolds"]),
    "a switch that was not touched is off": (SEAL, [op("==", "$away", True), op("==", "$away", False)], []),
    "purchases by total": (PURCHASE, [op("<=", "$total", 5000), op(">", "$total", 5000)], []),
    "purchases by total, a cent short": (PURCHASE, [op("<=", "$total", 5000), op(">", "$total", 5000.01)], ["gap"]),
    "a dear thing": (PURCHASE, [op(">", "$price", 5000), op("<=", "$total", 5000), op(">", "$total", 5000)], ["overlap"]),
    "many cost more than one": (PURCHASE, [op("<", "$total", "$price"), None], ["neverHolds"]),
    "urgent or dear": (
        PURCHASE,
        [op("or", "$urgent", op(">", "$total", 10000)), op("and", op("!", "$urgent"), op("<=", "$total", 10000))],
        [],
    ),
    "a limit that depends": (
        PURCHASE,
        [op(">", "$total", op("if", "$urgent", 1000, 5000)), op("<=", "$total", 1000)],
        ["gap"],
    ),
    "sums to the cent": (TWO, [op("<=", "$t", 1000), op(">=", "$t", 1000.01)], []),
    "sums to the cent in the condition": (
        TWO,
        [op("<=", op("+", "$a", "$b"), 1000), op(">=", op("+", "$a", "$b"), 1000.01)],
        [],
    ),
    "a difference that doubles miss": (TWO, [op("<=", "$a", "$b"), op(">=", op("-", "$a", "$b"), 0.02)], ["gap"]),
    "0.1 and 0.2": (
        TWO,
        [op("and", op("==", "$a", 0.1), op("==", "$b", 0.2), op("!=", "$t", 0.3)), None],
        ["neverHolds"],
    ),
    "a computed value that is bounded": (
        form("a", a=money(), t=money(compute=op("*", "$a", 2), maximum=1000)),
        [op(">", "$a", 500), None],
        ["neverHolds"],
    ),
    "a part of a name": (CONTRACT, [{"contains": [var("party"), "集团"]}, not_({"contains": [var("party"), "集团"]})], []),
    "a name in any case": (
        CONTRACT,
        [op("==", {"lower": [var("party")]}, "hesheng"), op("!=", {"lower": [var("party")]}, "hesheng")],
        [],
    ),
    "a name like an option": (form("party level", party=text(), level=select("A", "B")), [op("==", "$party", "$level"), None], []),
    "begun hours": (
        form("n", n=number(decimals=2, minimum=0)),
        [op("<=", {"roundUp": [var("n")]}, 4), op(">", "$n", 4)],
        [],
    ),
    "full boxes of 12": (
        PURCHASE,
        [op("==", {"mod": [var("count"), 12]}, 0), op("in", {"mod": [var("count"), 12]}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])],
        ["gap"],
    ),
    "held between two bounds": (
        PURCHASE,
        [op(">", {"clamp": [var("total"), 0, 100]}, 100), None],
        ["neverHolds"],
    ),
    "from the first of next month": (
        form("d", d=date()),
        [op("<", "$d", {"startOfMonth": [TODAY, 1]}), op(">=", "$d", {"startOfMonth": [TODAY, 1]})],
        [],
    ),
    "a period": (
        WITH_PERIOD,
        [op(">", op("days", "$period.end", "$period.start"), 3), op("<=", op("days", "$period.end", "$period.start"), 3)],
        [],
    ),
    "a period ends after it begins": (WITH_PERIOD, [op("<", "$period.end", "$period.start"), None], ["neverHolds"]),
    "a period that must be given, and something else": (WITH_PERIOD, GAP_AT_5, ["gap"]),
    "a place that must be given, and something else": (form("p", p=PLACE, n=money()), GAP_AT_5, ["gap"]),
}  # fmt: skip


def proof_of(name: str, lang: str = "en") -> Proof:
    fields, conditions, _ = CASES[name]
    branches = [
        {"steps": [approval(f"a{index}", member("li"))], **({"otherwise": True} if when is None else {"when": when})}
        for index, when in enumerate(conditions)
    ]
    step = {"id": "x", "type": "branch", "branches": branches}
    return prove(workflow(step), forms={"f": definition.load(fields)}, now=NOW, zone=ZONE, lang=lang)


@pytest.mark.parametrize("name", CASES)
def test_this_is_found_at_once_and_nothing_else(name: str) -> None:
    begun = time.process_time()
    findings = proof_of(name).findings
    assert [finding.kind for finding in findings] == CASES[name][2], findings
    assert time.process_time() - begun < AT_ONCE


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if {"gap", "overlap"} & {*case[2]}])
def test_every_example_is_a_valid_record(name: str) -> None:
    for finding in proof_of(name, "zh_Hans").findings:
        assert finding.example is not None
        form_ = definition.load(CASES[name][0])
        settled = record.settle(form_, finding.example["record"], record.Context(now=NOW, zone=ZONE))
        assert settled.record == finding.example["record"], settled.errors
