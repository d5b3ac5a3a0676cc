"""A compiled rule: what it reads, what it needs beside the record, what it may take, and what never stops it."""

import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logic_both import Sides
from logic_trees import FIELDS, typed

from formloom.form_engine import logic
from formloom.form_engine.logic import engine

FORM = {key: typed(field) for key, field in FIELDS.items()}
MOMENT = logic.Moment(datetime(2026, 11, 24, 15, tzinfo=UTC), "Asia/Shanghai")
ITEMS = {"var": "items"}


def reads(tree: Any) -> set[str]:
    return set(logic.compile(tree, FORM).reads)


def value(tree: Any, record: dict[str, Any] | None = None, moment: logic.Moment = MOMENT) -> Any:
    return logic.evaluate(logic.compile(tree, FORM), record or {}, moment)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"+": [{"var": "amount"}, {"var": "total"}]}, {"amount", "total"}),
        ({"var": "address.city"}, {"address", "address.city"}),
        ({"count": [ITEMS]}, {"items"}),
        ({"sum": [{"map": [ITEMS, {"var": "price"}]}]}, {"items", "items.price"}),
        (
            {"some": [{"filter": [ITEMS, {"var": "paid"}]}, {">": [{"var": "price"}, 1]}]},
            {"items", "items.paid", "items.price"},
        ),
        ({"map": [ITEMS, {"*": [{"var": "price"}, {"val": [[2], "total"]}]}]}, {"items", "items.price", "total"}),
        ({"reduce": [ITEMS, {"+": [{"var": "accumulator"}, {"var": "current.price"}]}, 0]}, {"items", "items.price"}),
        ({"missing": ["name", "address.city"]}, {"name", "address", "address.city"}),
        ({"if": [{"var": "flag"}, {"today": []}, {"var": "day"}]}, {"flag", "day"}),
        (5, set()),
    ],
)
def test_a_rule_knows_what_it_reads(tree: Any, expected: set[str]) -> None:
    assert reads(tree) == expected


def test_a_rule_that_reads_the_clock_is_dynamic() -> None:
    assert logic.compile({"<": [{"var": "day"}, {"today": []}]}, FORM).dynamic
    assert logic.compile({"age": [{"var": "day"}]}, FORM).dynamic
    assert not logic.compile({"hour": [{"var": "at"}]}, FORM).dynamic


def test_fields_of_linked_records_are_read_through_what_is_passed_in() -> None:
    tree = {"cat": [{"lookup": [{"var": "customer"}, "phone"]}, "/", {"var": "customer.limit"}]}
    rule = logic.compile(tree, FORM)
    assert rule.lookups == {("customer", "phone"), ("customer", "limit")}
    known = {("customer", "c1", "phone"): "138", ("customer", "c1", "limit"): 5}
    moment = logic.Moment(MOMENT.now, lookup=lambda *asked: known.get(asked))
    assert logic.evaluate(rule, {"customer": "c1"}, moment) == "138/5"
    assert logic.evaluate(rule, {"customer": "c2"}, moment) == "/"
    assert logic.evaluate(rule, {}, moment) == "/"


def test_links_in_rows_are_followed_row_by_row() -> None:
    fields = {
        "items": logic.LogicType(
            "table", columns={"product": logic.LogicType("reference"), "count": logic.LogicType("number")}
        )
    }
    tree = {"sum": [{"map": [{"var": "items"}, {"*": [{"lookup": [{"var": "product"}, "price"]}, {"var": "count"}]}]}]}
    rule = logic.compile(tree, fields)
    assert rule.lookups == {("items.product", "price")}
    prices = {"p1": 10, "p2": 0.5}
    moment = logic.Moment(MOMENT.now, lookup=lambda link, record, key: prices.get(record))
    record = {"items": [{"product": "p1", "count": 2}, {"product": "p2", "count": 3}, {"count": 4}]}
    assert logic.evaluate(rule, record, moment) == 21.5


def test_a_rule_of_a_column_sees_its_row_before_the_record() -> None:
    row = {**FORM, **FORM["items"].columns}
    rule = logic.compile({"*": [{"var": "price"}, {"var": "total"}]}, row)
    assert logic.evaluate(rule, {"total": 3, "price": 4}, MOMENT) == 12


@pytest.mark.parametrize(
    ("zone", "day"), [("Asia/Shanghai", "2026-11-25"), ("UTC", "2026-11-24"), ("America/New_York", "2026-11-24")]
)
def test_today_is_that_of_the_workspace(zone: str, day: str) -> None:
    moment = logic.Moment(datetime(2026, 11, 24, 17, tzinfo=UTC), zone)
    assert value({"today": []}, moment=moment) == day
    assert value({"var": "day"}, {"day": "2026-03-29"}, moment) == "2026-03-29"


def rows(count: int) -> list[dict[str, Any]]:
    return [{"price": 1, "count": 1} for _ in range(count)]


NESTED = {
    "sum": [
        {
            "map": [
                ITEMS,
                {"sum": [{"map": [{"val": [[2], "items"]}, {"*": [{"var": "price"}, {"val": [[2], "count"]}]}]}]},
            ]
        }
    ]
}


def test_a_rule_that_takes_too_many_steps_is_stopped_with_a_sentence() -> None:
    with pytest.raises(logic.LogicError) as raised:
        value(NESTED, {"items": rows(1000)})
    assert str(raised.value) == "This rule takes more than 100,000 steps on this record."
    assert raised.value.sentence("zh_Hans") == "这条规则在此记录上的运算超过 100,000 步。"


def test_a_sum_over_the_largest_table_is_within_the_budget() -> None:
    tree = {"sum": [{"map": [ITEMS, {"*": [{"var": "price"}, {"var": "count"}]}]}]}
    assert value(tree, {"items": rows(1000)}) == 1000


def test_both_sides_stop_what_is_far_beyond_the_budget_and_let_pass_what_is_far_within() -> None:
    sides = Sides(FIELDS)
    cases = [(NESTED, {"items": rows(count)}) for count in (10, 60, 600, 1000)]
    for ours, theirs in zip(sides.server(cases), sides.browser(cases), strict=True):
        assert ours.get("error") == theirs.get("error")
        assert ours.get("value") == theirs.get("value")


def test_both_sides_refuse_to_make_a_text_without_bound() -> None:
    tree: Any = {"var": "name"}
    for _ in range(40):
        tree = {"substitute": [tree, "x", "xx"]}
    sides = Sides(FIELDS)
    cases = [(tree, {"name": "x"}), ({"repeat": ["x", 1e9]}, {}), ({"pad": ["x", 1e9]}, {})]
    for ours, theirs in zip(sides.server(cases), sides.browser(cases), strict=True):
        assert ours.get("error") == theirs.get("error")
        assert ours.get("value") == theirs.get("value")
    assert sides.server(cases)[0]["error"] == "length"


def test_both_sides_refuse_to_join_texts_and_lists_without_bound() -> None:
    sides = Sides(FIELDS)
    long = {"repeat": ["x", 60_000]}
    cases = [({"cat": [long, long]}, {}), ({"cat": ["x"] * 9}, {})]
    for ours, theirs in zip(sides.server(cases), sides.browser(cases), strict=True):
        assert ours.get("error") == theirs.get("error")
        assert ours.get("value") == theirs.get("value")
    assert [answer.get("error") for answer in sides.server(cases)] == ["length", None]
    many = [({"count": [{"merge": [{"var": "tags"}] * 3}]}, {"tags": ["x"] * 40_000})]
    assert sides.server(many)[0].get("error") == sides.browser(many)[0].get("error") == "steps"


def test_a_result_that_is_not_finite_is_blank_and_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert value({"*": [{"var": "total"}, 1e300]}, {"total": 1e300}) is None
    assert "no finite result" in caplog.text


@pytest.mark.parametrize("tree", ["name", "", 5, 0.5, True, None, [1, "", 2], {"if": [True, '{"a": 1}']}])
def test_literals_are_their_own_value(tree: Any) -> None:
    found = value(tree) if not isinstance(tree, list) else value({"merge": [[1], [2]]})
    wanted = {"": None}.get(tree, tree) if isinstance(tree, str) else tree
    if isinstance(tree, list):
        wanted = [1, 2]
    if isinstance(tree, dict):
        wanted = '{"a": 1}'
    assert found == wanted


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
RULES = [
    {"+": [{"var": "amount"}, {"var": "total"}]},
    {
        "and": [
            {"==": [{"var": "kind"}, "money"]},
            {"<": [{"var": "day"}, "2026-01-31"]},
            {"in": ["vip", {"var": "tags"}]},
        ]
    },
    {"sum": [{"map": [ITEMS, {"*": [{"var": "price"}, {"var": "count"}]}]}]},
    {"cat": [{"upper": [{"var": "name"}]}, {"dateText": [{"var": "day"}]}, {"fixed": [{"var": "amount"}]}]},
    {"<": [{"var": "clock"}, "16:00Z"]},
    {"round": [{"average": [{"map": [ITEMS, {"var": "price"}]}]}, 2]},
    {"==": [{"var": "extra"}, 5]},
]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), JSON))
def test_values_of_any_other_kind_never_stop_a_rule(record: dict[str, Any]) -> None:
    for tree in RULES:
        json.dumps(value(tree, record))


def test_only_one_module_knows_the_evaluator() -> None:
    folder = Path(engine.__file__).parent.parent
    users = {
        file.name
        for file in folder.rglob("*.py")
        if re.search(r"^\s*(import|from) datalogic_py", file.read_text(encoding="utf-8"), re.M)
    }
    assert users == {"engine.py"}
