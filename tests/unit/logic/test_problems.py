"""What is wrong with a rule is said when it is saved, and where: pointers are those of the definition's author."""

import json

import pytest
from logic_trees import FIELDS, typed

from formloom.form_engine import logic
from formloom.form_engine.errors import DefinitionError

FORM = {key: typed(field) for key, field in FIELDS.items()}


def pointers(tree: object, wanted: str | None = None) -> list[str]:
    return [problem.pointer for problem in logic.check(tree, FORM, wanted=wanted)]


def message(tree: object, lang: str = "en") -> str:
    (problem,) = logic.check(tree, FORM, lang=lang)
    return problem.message


@pytest.mark.parametrize(
    ("tree", "pointer"),
    [
        ({"==": [{"var": "knd"}, "money"]}, "/==/0/var"),
        ({"!": {"var": "flg"}}, "/!/var"),
        ({"var": ["amuont", 5]}, "/var"),
        ({"val": ["adress", "city"]}, "/val"),
        ({"missing": ["amount", "nmae"]}, "/missing/1"),
        ({"var": "address.cty"}, "/var"),
        ({"lookup": [{"var": "customer"}, "phnoe"]}, "/lookup/1"),
        ({"map": [{"var": "items"}, {"var": "prize"}]}, "/map/1/var"),
        ({"some": [{"var": "items"}, {">": [{"var": "total"}, 1]}]}, "/some/1/>/0/var"),
    ],
)
def test_an_unknown_field_is_reported_where_its_name_stands(tree: object, pointer: str) -> None:
    assert pointers(tree) == [pointer]


@pytest.mark.parametrize(
    ("tree", "pointer"),
    [
        ({"=": [{"var": "amount"}, 1]}, "/="),
        ({"and": [{"eq": [1, 2]}]}, "/and/0/eq"),
        ({"====": [1, 2]}, "/===="),
        ({"<": [{"var": "day"}, 5]}, "/<"),
        ({"===": [{"var": "total"}, "abc"]}, "/==="),
        ({"==": [{"var": "total"}, {"var": "name"}]}, "/=="),
        ({"==": [{"var": "day"}, {"var": "at"}]}, "/=="),
        ({"<": [{"var": "day"}, "next week"]}, "/<"),
        ({"<": [{"var": "name"}, "b"]}, "/<"),
        ({"<": [{"var": "kind"}, "money"]}, "/<"),
        ({">": [{"var": "flag"}, True]}, "/>"),
        ({"in": ["a", {"var": "name"}]}, "/in"),
        ({"==": [{"var": "items"}, 3]}, "/=="),
        ({"+": [{"var": "day"}, 1]}, "/+"),
        ({"/": [{"var": "total"}, {"var": "name"}]}, "/~1"),
        ({"sum": [{"map": [{"var": "items"}, {"var": "gift"}]}]}, "/sum"),
        ({"year": [{"var": "total"}]}, "/year"),
        ({"if": [{"var": "flag"}, 1, "one"]}, "/if"),
        ({"round": []}, "/round"),
        ({"==": [1]}, "/=="),
        ({"==": [1, 2, 3]}, "/=="),
        ({"map": [{"var": "name"}, 1]}, "/map"),
    ],
)
def test_a_misspelt_or_ill_typed_operator_is_reported_at_the_operator(tree: object, pointer: str) -> None:
    assert pointers(tree) == [pointer]


@pytest.mark.parametrize(
    ("tree", "pointer"),
    [
        ({"==": [{"var": "kind"}, "mony"]}, "/==/1"),
        ({"!=": ["mony", {"var": "kind"}]}, "/!=/0"),
        ({"in": [{"var": "kind"}, ["money", "gft"]]}, "/in/1/1"),
        ({"in": ["vp", {"var": "tags"}]}, "/in/0"),
        ({"==": [{"var": "stars"}, 4]}, "/==/1"),
        ({"some": [{"var": "items"}, {"==": [{"var": "sort"}, "c"]}]}, "/some/1/==/1"),
    ],
)
def test_a_wrong_option_is_reported_at_the_option(tree: object, pointer: str) -> None:
    assert pointers(tree) == [pointer]


def test_the_nearest_right_word_is_offered() -> None:
    assert "Did you mean “kind”?" in message({"var": "knd"})
    assert "Did you mean “==”?" in message({"=": [1, 2]})
    assert "Did you mean “and”?" in message({"&&": [True, True]})
    assert "Did you mean “money”?" in message({"==": [{"var": "kind"}, "mony"]})
    assert "Did you mean “average”?" in message({"avrage": [1]})
    assert "Did you mean" not in message({"var": "qqqqqq"})


def test_problems_are_said_in_chinese_too() -> None:
    assert message({"<": [{"var": "day"}, 5]}, "zh_Hans") == "“<”不能把日期与数字相比。"


def test_all_problems_are_found_at_once() -> None:
    tree = {"and": [{"==": [{"var": "knd"}, "money"]}, {"<": [{"var": "day"}, 5]}, {"in": [{"var": "kind"}, ["x"]]}]}
    assert pointers(tree) == ["/and/0/==/0/var", "/and/1/<", "/and/2/in/1/0"]


def test_a_field_outside_a_loop_is_reached_by_val_and_the_message_says_how() -> None:
    assert '{"val": [[2], "total"]}' in message({"map": [{"var": "items"}, {"var": "total"}]})
    assert not pointers({"map": [{"var": "items"}, {"*": [{"var": "price"}, {"val": [[2], "total"]}]}]})


@pytest.mark.parametrize("tree", [{}, {"==": [1, 1], "!=": [1, 2]}, {"and": [{"a": 1, "b": 2}]}])
def test_an_object_that_is_no_operation_is_reported(tree: object) -> None:
    assert len(pointers(tree)) == 1


@pytest.mark.parametrize(
    "tree", [{"var": {"var": "name"}}, {"val": [{"var": "name"}]}, {"var": [True]}, {"missing": [1]}]
)
def test_names_of_fields_are_written_out(tree: object) -> None:
    assert len(pointers(tree)) == 1


@pytest.mark.parametrize("tree", [{"throw": "x"}, {"try": [1, 2]}, {"preserve": 1}, {"log": ["a"]}, {"now_utc": []}])
def test_core_operators_outside_the_profile_are_no_operators(tree: object) -> None:
    assert pointers(tree)


def test_a_fold_may_not_carry_a_text_or_a_list_along() -> None:
    assert pointers({"reduce": [{"var": "items"}, {"cat": [{"var": "accumulator"}, "x"]}, ""]}) == ["/reduce/2"]
    assert pointers({"reduce": [{"var": "items"}, {"merge": [{"var": "accumulator"}, [1]]}, []]}) == ["/reduce/2"]


def test_a_rule_that_is_too_deep_or_too_large_is_reported_once() -> None:
    deep: object = 1
    for _ in range(3000):
        deep = {"+": [deep, 1]}
    assert len(pointers(deep)) == 1
    assert len(pointers({"+": [1] * 9000})) == 1


@pytest.mark.parametrize("levels", [20, 45, 55, 60, 61, 500])
@pytest.mark.parametrize("operator", ["/", "average", "if", "-", "??"])
def test_whatever_is_admitted_the_evaluator_takes(operator: str, levels: int) -> None:
    tree: object = {"var": "amount"}
    for _ in range(levels):
        tree = (
            {operator: tree}
            if operator == "-"
            else {operator: [{"var": "flag"}, tree, 2] if operator == "if" else [tree, 2]}
        )
    if not pointers(tree):
        logic.compile(tree, FORM)


def test_macros_in_macros_may_not_grow_without_bound() -> None:
    tree: object = {"in": [{"var": "clock"}, ["09:30", "10:30"]]}
    for _ in range(25):
        tree = {"in": [{"if": [tree, {"var": "until"}, {"var": "day"}]}, ["2026-01-31", "2026-02-01", "2026-03-01"]]}
    assert pointers(tree) == [""]


@pytest.mark.parametrize(
    ("tree", "wanted", "wrong"),
    [
        ({"+": [1, 2]}, "number", []),
        ({"cat": ["a", "b"]}, "number", ["/cat"]),
        ({"var": "amount"}, "text", ["/var"]),
        ({"var": "kind"}, "text", []),
        ({"var": "tags"}, "options", []),
        ({"filter": [{"var": "items"}, {"var": "paid"}]}, "table", []),
        (None, "number", []),
        ("2026-01-31", "date", []),
        ("tomorrow", "date", [""]),
        ({"if": [{"var": "flag"}, "2026-01-31", {"var": "day"}]}, "date", []),
        ({"if": [{"var": "flag"}, "soon", {"var": "day"}]}, "date", ["/if"]),
        ({"var": ["day", "2026-01-31"]}, "date", []),
        ({"year": ["2026-01-31"]}, "number", []),
        ({"year": ["soon"]}, "number", ["/year"]),
        ({"var": "extra"}, "number", []),
        ({"var": "amount"}, "switch", []),
        ("yes", "switch", [""]),
        (True, "switch", []),
    ],
)
def test_the_value_must_be_what_the_field_takes(tree: object, wanted: str, wrong: list[str]) -> None:
    assert pointers(tree, wanted) == wrong


def test_a_rule_with_problems_is_not_compiled() -> None:
    with pytest.raises(DefinitionError) as raised:
        logic.compile({"var": "knd"}, FORM)
    assert raised.value.problems[0].pointer == "/var"


@pytest.mark.parametrize(
    "tree", [1, "x", None, True, [], [1, [2]], {"a": []}, {"": {"": {}}}, {"var": None}, {"val": [[1]]}]
)
def test_any_json_is_answered(tree: object) -> None:
    json.dumps([problem.message for problem in logic.check(tree, FORM)])
