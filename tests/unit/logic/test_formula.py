"""Formulas: what they mean, that they read back as written, and that an error points at its character."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logic_trees import FIELDS, Trees, typed

from formloom.form_engine import logic
from formloom.form_engine.logic import formula
from formloom.form_engine.logic.formula import FormulaError

FORM = {key: typed(field) for key, field in FIELDS.items()}
ITEMS = {"var": "items"}
PRICE = {"var": "price"}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", {"+": [1, {"*": [2, 3]}]}),
        ("(1 + 2) * 3", {"*": [{"+": [1, 2]}, 3]}),
        ("1 + 2 + 3", {"+": [1, 2, 3]}),
        ("(1 + 2) + 3", {"+": [{"+": [1, 2]}, 3]}),
        ("1 - 2 - 3", {"-": [{"-": [1, 2]}, 3]}),
        ("1 - (2 - 3)", {"-": [1, {"-": [2, 3]}]}),
        ("a - b + c", {"+": [{"-": [{"var": "a"}, {"var": "b"}]}, {"var": "c"}]}),
        ("2 ^ 3 ^ 2", {"power": [2, {"power": [3, 2]}]}),
        ("-a ^ 2", {"power": [{"-": [{"var": "a"}]}, 2]}),
        ("-5", -5),
        ('a & b & "x"', {"cat": [{"var": "a"}, {"var": "b"}, "x"]}),
        ("a ?? b ?? 0", {"??": [{"var": "a"}, {"var": "b"}, 0]}),
        ("a = 1", {"==": [{"var": "a"}, 1]}),
        ("a <> 1", {"!=": [{"var": "a"}, 1]}),
        ("a != 1", {"!=": [{"var": "a"}, 1]}),
        ("a >= 1", {">=": [{"var": "a"}, 1]}),
        ('"say ""yes"""', 'say "yes"'),
        ("TRUE", True),
        ("true", True),
        ("BLANK", None),
        ("{1, 2}", [1, 2]),
        ("{}", []),
        ("1.5e3", 1500.0),
        ("10%", 0.1),
        ("33.3%", 0.333),
        ("100%", 1),
        ("-12.5%", -0.125),
        ("1e1%", 0.1),
        ("a * (1 + 13%)", {"*": [{"var": "a"}, {"+": [1, 0.13]}]}),
        ("10% - 3", {"-": [0.1, 3]}),
        ("{10%, 20 %}", [0.1, 0.2]),
        ("２＊１０％", {"*": [2, 0.1]}),
        ("10% % 3", {"%": [0.1, 3]}),
        ("10 % 3", {"%": [10, 3]}),
        ("10%a", {"%": [10, {"var": "a"}]}),
        ("10 % -3", {"%": [10, -3]}),
        ("10 % (3)", {"%": [10, 3]}),
        (".5", 0.5),
        ("a.b", {"var": "a.b"}),
        ("[the.key]", {"val": ["the.key"]}),
        ("[true]", {"var": "true"}),
        ("金额 * 2", {"*": [{"var": "金额"}, 2]}),
        ("today()", {"today": []}),
        ("rows.0.price", {"val": ["rows", 0, "price"]}),
        ("+a", {"var": "a"}),
        ("＝（a＋b）×2", {"*": [{"+": [{"var": "a"}, {"var": "b"}]}, 2]}),
        ("IF（a≥1，“好（）”，[单价（元）]）", {"if": [{">=": [{"var": "a"}, 1]}, "好（）", {"var": "单价（元）"}]}),
        ("a ≠ 1", {"!=": [{"var": "a"}, 1]}),
    ],
)
def test_a_formula_means_its_tree(text: str, tree: object) -> None:
    assert formula.parse(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("SUM(items.price)", {"sum": [{"map": [ITEMS, PRICE]}]}),
        ("SUM(items.price * items.count)", {"sum": [{"map": [ITEMS, {"*": [PRICE, {"var": "count"}]}]}]}),
        ("SUM(items.price * rate)", {"sum": [{"map": [ITEMS, {"*": [PRICE, {"val": [[2], "rate"]}]}]}]}),
        ("COUNT(items)", {"count": [ITEMS]}),
        ("COUNTIF(items, items.price > 5)", {"countIf": [ITEMS, {">": [PRICE, 5]}]}),
        ('SOME(tags, _ = "vip")', {"some": [{"var": "tags"}, {"==": [{"var": ""}, "vip"]}]}),
        ("FILTER(items, _.price > floor)", {"filter": [ITEMS, {">": [PRICE, {"val": [[2], "floor"]}]}]}),
        (
            "SUM(MAP(FILTER(items, items.paid), items.price))",
            {"sum": [{"map": [{"filter": [ITEMS, {"var": "paid"}]}, PRICE]}]},
        ),
        (
            "REDUCE(items, accumulator + current.price, 0)",
            {"reduce": [ITEMS, {"+": [{"var": "accumulator"}, {"var": "current.price"}]}, 0]},
        ),
        (
            "SUM(items.price / SUM(items.price))",
            {"sum": [{"map": [ITEMS, {"/": [PRICE, {"sum": [{"map": [{"val": [[2], "items"]}, PRICE]}]}]}]}]},
        ),
        (
            "SOME(items, SOME(others, others.id = items.id))",
            {"some": [ITEMS, {"some": [{"val": [[2], "others"]}, {"==": [{"var": "id"}, {"val": [[2], "id"]}]}]}]},
        ),
        ("MAX(items.price, 10)", {"max": [{"map": [ITEMS, PRICE]}, 10]}),
        ('IN("vip", tags)', {"in": ["vip", {"var": "tags"}]}),
        ("SUM(ROUND(items.price, 0))", {"sum": [{"map": [ITEMS, {"round": [PRICE, 0]}]}]}),
    ],
)
def test_a_column_in_a_list_is_said_of_each_row(text: str, tree: object) -> None:
    assert formula.parse(text) == tree
    assert formula.print(tree) in (text, text.replace("_.price", "items.price"))


def test_the_computed_field_of_the_documentation_is_read_and_written() -> None:
    text = 'IF(kind = "money", SUM(items.price * items.count), 0)'
    tree = formula.parse(text, FORM)
    assert tree == {
        "if": [
            {"==": [{"var": "kind"}, "money"]},
            {"sum": [{"map": [ITEMS, {"*": [PRICE, {"var": "count"}]}]}]},
            0,
        ]
    }
    assert formula.print(tree) == text


def test_with_the_fields_known_a_dot_in_a_list_is_a_column_only_of_a_table() -> None:
    assert formula.parse("SUM(address.floor, 1)", FORM) == {"sum": [{"var": "address.floor"}, 1]}


@settings(max_examples=1500, deadline=None)
@given(st.integers(min_value=0), st.sampled_from(["number", "text", "switch", "date"]), st.integers(0, 4))
def test_what_is_written_reads_back_as_the_same_tree(seed: int, kind: str, depth: int) -> None:
    tree = Trees(random.Random(seed), wild=0.1).make(kind, depth, [])
    text = formula.print(tree)
    assert formula.parse(text) == tree, text
    assert formula.print(formula.parse(text)) == text


NAMES = st.sampled_from(
    [
        "a",
        "total",
        "items.price",
        "items.count",
        "g.x",
        "$.items.n",
        "_",
        "_.price",
        "_1.x",
        "[odd key]",
        "王",
        "current",
        "accumulator.x",
    ]
)
LEAVES = st.one_of(
    NAMES,
    st.integers(-99, 99).map(str),
    st.floats(0.001, 1e6).map(repr),
    st.integers(0, 999).map("{}%".format),
    st.text('a"b\n{(', max_size=4).map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.sampled_from(["TRUE", "BLANK", "{}", "TODAY()"]),
)


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["+", "-", "*", "/", "%", "&", "^", "??", "=", "<>", "<", ">="])
    names = st.sampled_from(["SUM", "count", "ROUND", "IF", "JOIN", "MAX", "IN", "MERGE", "COALESCE", "LOOKUP"])
    loops = st.sampled_from(
        ["MAP(items, {})", "COUNTIF(items, {})", "SUMIF(items, {0}, {0})", "REDUCE(items, {}, 0)", "SOME(tags, {})"]
    )
    return st.one_of(
        st.tuples(inner, signs, inner).map(lambda three: f"({three[0]}) {three[1]} ({three[2]})"),
        st.tuples(inner, st.sampled_from(["+", "*", "-"]), inner).map(lambda three: " ".join(three)),
        st.tuples(names, st.lists(inner, min_size=1, max_size=3)).map(lambda two: f"{two[0]}({', '.join(two[1])})"),
        st.tuples(loops, inner).map(lambda two: two[0].replace("{0}", two[1]).replace("{}", two[1])),
        inner.map(lambda one: f"-({one})"),
        st.lists(inner, max_size=3).map(lambda many: "{" + ", ".join(many) + "}"),
    )


@settings(max_examples=1500, deadline=None)
@given(st.recursive(LEAVES, _longer, max_leaves=12))
def test_what_is_read_is_written_as_a_formula_of_the_same_meaning(text: str) -> None:
    try:
        tree = formula.parse(text)
    except FormulaError:
        return
    written = formula.print(tree)
    assert formula.parse(written) == tree, written
    assert formula.print(formula.parse(written)) == written


@settings(max_examples=500, deadline=None)
@given(st.text("()+-*/\"'.,{}[]_$ aIFSUM<>=&^?%\n1甲\\", max_size=30))
def test_any_text_is_read_or_refused_at_a_character_of_it(text: str) -> None:
    error = None
    try:
        formula.parse(text, FORM)
    except FormulaError as raised:
        error = raised
    if error is not None:
        assert 0 <= error.offset <= len(text)
        assert error.line == text[: error.offset].count("\n") + 1
        assert error.message


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("total + )", 8, "“)” doesn't fit here."),
        ("SUM(items.price", 15, "a “)” is missing."),
        ("1 +", 3, "a value is missing."),
        ("SUMM(1)", 0, "Did you mean “SUM”?"),
        ("1 + avrage(items.price)", 4, "Did you mean “AVERAGE”?"),
        ("total + tital", 8, "Did you mean “total”?"),
        ("ROUND(items.prise, 2)", 6, "items.prise"),
        ("SUM(items.prise)", 4, "Did you mean “price”?"),
        ('kind = "mony"', 7, "Did you mean “money”?"),
        ("name + 1", 5, "takes a number here, not a text"),
        ("day < 5", 4, "can't compare a date with a number"),
        ("'abc'", 0, "double quotation marks"),
        ('"abc', 0, "no closing quotation mark"),
        ("total total", 6, "doesn't fit here"),
        ("_ + 1", 0, "inside a function that goes through one"),
        ("", 0, "Write a formula."),
        ('DATEADD(day, 1, "month")', 16, "days, weeks, months"),
        ("ROUND()", 0, "takes 1 to 2 values"),
        ("address.cty", 0, "Did you mean “address.city”?"),
        ("$", 0, "Write the name of a field"),
    ],
)
def test_an_error_points_at_its_character(text: str, offset: int, words: str) -> None:
    with pytest.raises(FormulaError) as raised:
        formula.parse(text, FORM)
    assert raised.value.offset == offset
    assert words in raised.value.message


def test_an_error_counts_lines_and_columns_from_one() -> None:
    with pytest.raises(FormulaError) as raised:
        formula.parse("total +\n  tital", FORM)
    assert (raised.value.line, raised.value.column) == (2, 3)


def test_errors_are_said_in_chinese_too() -> None:
    with pytest.raises(FormulaError) as raised:
        formula.parse("SUMM(1)", lang="zh_Hans")
    assert raised.value.message == "没有函数“SUMM”。 是不是想写“SUM”？"


def test_a_formula_nested_too_deeply_is_refused() -> None:
    with pytest.raises(FormulaError):
        formula.parse("NOT(" * 3000 + "TRUE" + ")" * 3000)
    with pytest.raises(FormulaError):
        formula.parse("1+" * 20_000 + "1")
    assert formula.parse("(" * 3000 + "1" + ")" * 3000) == 1


def test_a_tree_nested_too_deeply_is_refused() -> None:
    tree: object = True
    for _ in range(20_000):
        tree = {"!": [tree]}
    with pytest.raises(formula.Unprintable):
        formula.print(tree)


def test_whatever_the_profile_admits_can_be_written_as_a_formula() -> None:
    rng = random.Random(3)
    trees = Trees(rng)
    for _ in range(500):
        tree = trees.make(rng.choice(["number", "switch", "text"]), 4, [])
        if not logic.check(tree, FORM):
            assert not logic.check(formula.parse(formula.print(tree), FORM), FORM)


def test_what_no_formula_says_is_refused() -> None:
    with pytest.raises(formula.Unprintable):
        formula.print({"preserve": [1]})
    with pytest.raises(formula.Unprintable):
        formula.print({"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("text", "tree"), [("=total + 1", {"+": [{"var": "total"}, 1]}), (" =TRUE()", True), ("false()", False)]
)
def test_what_spreadsheets_put_around_a_formula_is_read(text: str, tree: object) -> None:
    assert formula.parse(text) == tree


@pytest.mark.parametrize(
    ("text", "offset"),
    [("1 + ABS()", 4), ("ABS(1, 2)", 0), ("IF()", 0), ("1 + 1e400", 4), ("1 + 1e999999999%", 4), ("a%", 2)],
)
def test_what_no_fields_need_be_known_for_is_refused_without_them(text: str, offset: int) -> None:
    with pytest.raises(FormulaError) as raised:
        formula.parse(text)
    assert raised.value.offset == offset
