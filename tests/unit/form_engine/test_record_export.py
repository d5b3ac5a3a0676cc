"""What `form export` writes: plain JSON Schema with which a stock validator comes to our verdict, where it can be said."""

import json
from pathlib import Path

import pytest
from form_builders import a_field, a_form, a_table, equal, settled, var
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from formloom.form_engine import definition, record

REWARD = json.loads((Path(__file__).parents[2] / "vectors" / "forms" / "reward_request.json").read_text("utf-8"))


def exported(document):
    schema = record.to_json_schema(definition.load(document))
    Draft202012Validator.check_schema(schema)
    return schema


def stock(document, values):
    return Draft202012Validator(exported(document), format_checker=FormatChecker()).is_valid(values)


def keys_in(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner)


def test_it_has_the_standard_schema_and_no_keyword_of_ours():
    schema = exported(REWARD)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert not [key for key in keys_in(schema) if key.startswith("x-")]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["items"]["items"]["additionalProperties"] is False
    assert "_row" in schema["properties"]["items"]["items"]["properties"]
    assert schema["properties"]["total"]["readOnly"] is True
    assert schema["properties"]["kind"]["oneOf"][0] == {"const": "money", "title": "Money"}


@pytest.mark.parametrize(
    "values",
    [
        {"nominee": "li", "kind": "money", "amount": 4.35},
        {"nominee": "li", "kind": "money"},
        {"nominee": "li", "kind": "gift"},
        {"nominee": "li", "kind": "gift", "items": [{"gift": "x", "price": 19.99, "count": 1}]},
        {"nominee": "li", "kind": "gift", "items": [{"gift": "x", "count": 0}]},
        {"nominee": "li", "kind": "gift", "items": [{"gift": "x", "colour": "red"}]},
        {"nominee": " ", "kind": "gift"},
        {"nominee": "li", "kind": "cheese"},
        {"nominee": "li", "kind": "honour", "paid_on": "2026-13-01"},
        {"nominee": "li", "kind": "honour", "x": 1},
        {"kind": "honour"},
        {},
    ],
)
def test_a_stock_validator_and_ours_agree_on_the_example(values):
    # binary remainders refuse amounts such as 4.35: what the property itself says is left out for this comparison
    document = json.loads(json.dumps(REWARD))
    del document["properties"]["amount"]["multipleOf"]
    assert stock(document, values) == settled(document, values).valid


def test_what_we_store_is_what_a_stock_validator_accepts():
    result = settled(REWARD, {"nominee": "li", "kind": "money", "amount": 100, "items": [{"price": 5, "count": 2}]})
    assert stock(REWARD, result.record)


CONDITIONS = {
    "n > 5": {">": [var("n"), 5]},
    "n < 5": {"<": [var("n"), 5]},
    "5 >= n": {">=": [5, var("n")]},
    "n == 0": equal("n", 0),
    "n != 0": {"!=": [var("n"), 0]},
    "2 < n < 8": {"<": [2, var("n"), 8]},
    "k == a": equal("k", "a"),
    "k != a": {"!=": [var("k"), "a"]},
    "k in a, b": {"in": [var("k"), ["a", "b"]]},
    "a in m": {"in": ["a", var("m")]},
    "s": var("s"),
    "not s": {"!": [var("s")]},
    "s == false": equal("s", False),
    "t is empty": {"isEmpty": [var("t")]},
    "m is not empty": {"notEmpty": [var("m")]},
}
trees = st.recursive(
    st.sampled_from(sorted(CONDITIONS)).map(CONDITIONS.__getitem__),
    lambda inner: (
        st.builds(lambda a, b: {"and": [a, b]}, inner, inner)
        | st.builds(lambda a, b: {"or": [a, b]}, inner, inner)
        | st.builds(lambda a: {"!": [a]}, inner)
    ),
    max_leaves=4,
)
OPTIONS = ["a", "b", "c"]
records = st.fixed_dictionaries(
    {},
    optional={
        "n": st.integers(-2, 10) | st.just("x"),
        "k": st.sampled_from([*OPTIONS, "z"]),
        "m": st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=3, unique=True),
        "s": st.booleans(),
        "t": st.sampled_from(["x", "yy"]),
        "x": st.sampled_from(["x", "yy"]),
        "y": st.integers(0, 3),
        "q": st.just(1),
    },
)


def conditional(required, shown, inner_shown, rule):
    return a_form(
        ["t"],
        {"rules": [{"when": rule, "message": "No", "field": "y"}]},
        n=a_field(None, "number", visibleWhen=inner_shown),
        k={"enum": OPTIONS},
        m={"type": "array", "items": {"enum": OPTIONS}},
        s="boolean",
        t="string",
        x=a_field(None, "string", visibleWhen=shown, requiredWhen=required),
        y="integer",
    )


@given(
    trees,
    trees,
    st.sampled_from([CONDITIONS["k == a"], CONDITIONS["s"], CONDITIONS["not s"]]),
    trees,
    st.lists(records, min_size=3, max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_conditions_are_said_so_that_a_stock_validator_comes_to_our_verdict(
    required, shown, inner_shown, rule, submitted
):
    document = conditional(required, shown, inner_shown, rule)
    validator = Draft202012Validator(exported(document))
    for values in submitted:
        result = settled(document, values)
        if values.get("n") == "x" and "n" not in result.values and result.valid:
            continue  # an irrelevant value of a wrong type: dropped here, refused there, as its type stands beside its property
        assert validator.is_valid(values) == result.valid, (values, result.errors)
        if result.valid:
            assert validator.is_valid(result.record)


def test_what_cannot_be_said_is_left_out_rather_than_said_wrongly():
    document = a_form(
        day={"type": "string", "format": "date"},
        total=a_field(None, "number", compute=5),
        late=a_field(None, "string", requiredWhen={">": [var("day"), "2026-01-01"]}),
        dear=a_field(None, "string", requiredWhen={">": [var("total"), 3]}),
    )
    assert "allOf" not in exported(document)


def test_conditions_of_a_row_stand_in_the_row():
    document = a_form(items=a_table(["k"], k="string", w=a_field(None, "string", requiredWhen=equal("k", "o"))))
    for row in ({"k": "o"}, {"k": "o", "w": "x"}, {"k": "p"}, {"w": "x"}):
        assert stock(document, {"items": [row]}) == settled(document, {"items": [row]}).valid


def test_what_fills_itself_need_not_be_given():
    document = a_form(["a", "b"], a={"type": "string", "default": "x"}, b=a_field(None, "number", compute=1))
    assert stock(document, {}) is settled(document, {}).valid is True


def test_conditions_of_a_foreign_schema_stay_as_they_are():
    document = {
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        "if": {"properties": {"a": {"const": "x"}}, "required": ["a"]},
        "then": {"required": ["b"]},
        "dependentRequired": {"b": ["a"]},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    for values in ({"a": "x"}, {"a": "x", "b": 1}, {"a": "y"}, {"b": 1}, {}):
        assert (
            stock(document, values)
            == settled(document, values).valid
            == Draft202012Validator(document).is_valid(values)
        )


def test_no_keyword_of_another_product_is_exported_from_however_deep():
    part = {"type": "string", "x-hint": 1}
    inside = {"type": "object", "properties": {"x-b": part}, "x-hint": 1, "anyOf": [{"required": ["x-b"], "x-hint": 1}]}
    document = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"anyOf": [part, inside]}}, "x-c": part},
    }
    made = exported(document)
    assert "x-hint" not in json.dumps(made)
    assert "x-b" in json.dumps(made)
    assert "x-c" in made["properties"]
