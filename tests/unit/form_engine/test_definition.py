"""A form definition: what is accepted, what is wrong, and where."""

import json
import time
from pathlib import Path

import pytest
from form_builders import a_field, a_form, a_table, equal, errors, kept, pointers, problems, var
from jsonschema import Draft202012Validator

from formloom.form_engine import definition
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.limits import LIMITS

VECTORS = Path(__file__).parents[2] / "vectors"
REWARD = json.loads((VECTORS / "forms" / "reward_request.json").read_text("utf-8"))


def test_the_example_of_the_formats_page_has_no_problem():
    assert definition.check(REWARD) == []


def test_the_example_is_itself_a_json_schema():
    Draft202012Validator.check_schema(REWARD)


def test_a_loaded_form_knows_its_fields_types_and_texts():
    form = definition.load(REWARD)
    assert form.key == "reward_request"
    assert {key: field.type.name for key, field in form.fields.items()} == {
        "nominee": "member", "kind": "select", "amount": "money", "items": "table", "total": "money", "paid_on": "date",
    }  # fmt: skip
    assert {key: column.type.name for key, column in form.fields["items"].columns.items()} == {
        "gift": "text", "price": "money", "count": "integer",
    }  # fmt: skip
    assert form.title("zh_Hans") == "奖励申请"
    assert form.fields["amount"].label("zh_Hans") == "金额"
    assert form.fields["amount"].label("fr", "zh_Hans") == "金额"
    assert form.fields["paid_on"].label("zh_Hans") == "Paid on"
    assert [option.label for option in form.fields["kind"].options("zh_Hans")] == ["奖金", "Gift", "Honour"]
    assert [section.title("zh_Hans") for section in form.layout] == ["对象", "What"]


def test_the_same_content_loads_as_the_same_form():
    assert definition.load(REWARD) is definition.load(json.loads(json.dumps(REWARD)))


@pytest.mark.parametrize("value", [None, True, 5, 1.5, "x", [], [{}], [1, [2]]])
def test_what_is_no_object_is_answered_with_one_problem_at_the_root(value):
    assert pointers(value) == [""]


def test_an_empty_object_is_a_form_without_fields():
    assert problems({}) == {}
    assert list(problems({}, "warning")) == [""]
    assert definition.load({}).fields == {}


# -- misspelt words ------------------------------------------------------------------------------------------------


def test_a_misspelt_setting_is_an_error_at_itself_with_the_right_word():
    found = problems(a_form(kind="string", amount=a_field("money", "number", visibelWhen=equal("kind", "a"))))
    assert list(found) == ["/properties/amount/x-field/visibelWhen"]
    assert "visibleWhen" in found["/properties/amount/x-field/visibelWhen"]


def test_a_setting_of_another_type_is_an_error():
    assert pointers(a_form(name=a_field("text", "string", currency="CNY"))) == ["/properties/name/x-field/currency"]


def test_a_misspelt_key_of_x_form_is_an_error_with_the_right_word():
    found = problems(a_form((), {"layuot": []}, name="string"))
    assert list(found) == ["/x-form/layuot"]
    assert "layout" in found["/x-form/layuot"]


def test_a_misspelt_keyword_beside_a_property_is_a_warning_with_the_right_word():
    document = a_form(age={"type": "integer", "minimun": 3})
    assert problems(document) == {}
    found = problems(document, "warning")
    assert list(found) == ["/properties/age/minimun"]
    assert "minimum" in found["/properties/age/minimun"]


def test_a_misspelt_keyword_is_found_at_any_depth():
    document = a_form(rows=a_table(price={"type": "number", "maximun": 3}))
    assert pointers(document, "warning") == ["/properties/rows/items/properties/price/maximun"]


def test_a_misspelt_field_type_is_an_error_with_the_right_word():
    found = problems(a_form(day=a_field("dat", "string")))
    assert list(found) == ["/properties/day/x-field/type"]
    assert "“date”" in found["/properties/day/x-field/type"]


def test_a_misspelt_json_type_is_an_error_with_the_right_word():
    found = problems(a_form(name={"type": "strng"}))
    assert list(found) == ["/properties/name/type"]
    assert "string" in found["/properties/name/type"]


def test_an_unknown_format_is_a_warning_with_the_right_word():
    found = problems(a_form(at={"type": "string", "format": "datetime"}), "warning")
    assert "date-time" in found["/properties/at/format"]


def test_problems_speak_the_language_that_is_asked_for():
    found = problems(a_form(day=a_field("dat", "string")), lang="zh_Hans")
    assert "没有" in found["/properties/day/x-field/type"]


# -- what the page on meaning calls errors ----------------------------------------------------------------------------


def test_a_name_in_required_that_is_no_field_is_an_error_at_its_entry():
    found = problems(a_form(["name", "nam"], name="string"))
    assert list(found) == ["/required/1"]
    assert "“name”" in found["/required/1"]


def test_a_field_with_a_condition_must_not_be_required_and_the_error_offers_the_right_keyword():
    document = a_form(["kind", "amount"], kind="string", amount=a_field(None, "number", visibleWhen=equal("kind", "a")))
    found = problems(document)
    assert list(found) == ["/required/1"]
    assert "requiredWhen" in found["/required/1"]


def test_the_same_holds_for_columns():
    document = a_form(items=a_table(["b", "zz"], a="string", b=a_field(None, "string", visibleWhen=equal("a", "x"))))
    assert pointers(document) == ["/properties/items/items/required/0", "/properties/items/items/required/1"]


def test_an_unknown_field_in_the_layout_is_an_error_at_its_entry():
    document = a_form((), {"layout": [{"section": "A", "fields": ["name", "age"]}]}, name="string")
    assert pointers(document) == ["/x-form/layout/0/fields/1"]


def test_a_field_twice_in_the_layout_is_an_error_at_the_second_place():
    layout = [{"section": "A", "fields": ["name"]}, {"section": "B", "fields": ["age", "name"]}]
    assert pointers(a_form((), {"layout": layout}, name="string", age="integer")) == ["/x-form/layout/1/fields/1"]


def test_a_field_left_out_of_the_layout_is_no_problem_and_stands_at_the_end():
    document = a_form((), {"layout": [{"section": "A", "fields": ["name"]}]}, name="string", age="integer")
    assert definition.check(document) == []
    assert [section.fields for section in definition.load(document).layout] == [("name",), ("age",)]


def test_an_unknown_field_in_the_title_or_in_a_rule_is_an_error():
    rules = [{"when": {">": [var("age"), 3]}, "message": "Too old", "field": "agee"}]
    assert pointers(a_form((), {"title": "{nam}", "rules": rules}, name="string", age="integer")) == [
        "/x-form/rules/0/field",
        "/x-form/title",
    ]


def test_a_rule_may_stand_at_a_column_and_then_sees_its_row():
    rules = [{"when": {">": [var("price"), var("most")]}, "message": "Too dear", "field": "items.price"}]
    assert pointers(a_form((), {"rules": rules}, most="number", items=a_table(price="number"))) == []


def test_a_translation_that_names_nothing_is_an_error_at_its_key():
    texts = {
        "zh_Hans": {
            "": "表",
            "name": "名",
            "nmae": "名",
            "kind/b": "乙",
            "kind/c": "丙",
            "layout/0": "一",
            "layout/1": "二",
        }
    }
    document = a_form(
        (),
        {"layout": [{"section": "A", "fields": ["name"]}], "translations": texts},
        name="string",
        kind={"enum": ["a", "b"]},
    )
    assert pointers(document) == [
        "/x-form/translations/zh_Hans/kind~1c",
        "/x-form/translations/zh_Hans/layout~11",
        "/x-form/translations/zh_Hans/nmae",
    ]  # the part in which `kind`, left out above, stands has no text


def test_every_kind_of_text_can_be_translated():
    document = a_form(
        (),
        {
            "layout": [{"section": "A", "help": "h", "fields": [{"heading": "H"}, "name"]}],
            "rules": [{"when": equal("name", "x"), "message": "m"}],
            "unique": [{"fields": ["name"], "message": "m"}],
            "translations": {
                "zh_Hans": {
                    "": "x", ":help": "x", "name": "x", "name:help": "x", "name:placeholder": "x", "rows/price": "x",
                    "rows/kind/a": "x", "layout/0": "x", "layout/0:help": "x", "layout/0/0": "x", "rules/0": "x", "unique/0": "x",
                }
            },
        },
        name="string",
        rows=a_table(price="number", kind={"enum": ["a"]}),
    )  # fmt: skip
    assert definition.check(document) == []


def test_the_same_option_twice_is_an_error_at_the_second():
    document = a_form(a={"oneOf": [{"const": "x"}, {"const": "y"}, {"const": "x"}]}, b={"enum": [1, 2, 1.0]})
    assert pointers(document) == ["/properties/a/oneOf/2/const", "/properties/b/enum/2"]


@pytest.mark.parametrize(
    ("type_", "json_type"),
    [("member", "number"), ("date", "integer"), ("table", "object"), ("select", "array"), ("switch", "string")],
)
def test_a_field_type_that_contradicts_the_json_type_is_an_error(type_, json_type):
    found = pointers(a_form(x={"type": json_type, "x-field": {"type": type_}}))
    assert "/properties/x/x-field/type" in found


def test_a_currency_that_nobody_has_is_an_error_with_the_nearest():
    found = problems(a_form(x=a_field("money", "number", currency="CNZ")))
    assert list(found) == ["/properties/x/x-field/currency"]
    assert problems(a_form(x=a_field("money", "number", currency="JPY"))) == {}


@pytest.mark.parametrize(
    ("keywords", "at"),
    [
        ({"type": "number", "minimum": 5, "maximum": 4}, "minimum"),
        ({"type": "number", "exclusiveMinimum": 5, "maximum": 5}, "exclusiveMinimum"),
        ({"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 6}, "exclusiveMinimum"),
        ({"type": "integer", "minimum": 0.2, "maximum": 0.8}, "minimum"),
        ({"type": "number", "minimum": 1, "maximum": 2, "multipleOf": 5}, "minimum"),
        ({"type": "string", "minLength": 5, "maxLength": 4}, "minLength"),
        ({"type": "array", "items": {"type": "string"}, "minItems": 5, "maxItems": 4}, "minItems"),
    ],
)
def test_bounds_that_nothing_satisfies_are_an_error(keywords, at):
    assert pointers(a_form(x=keywords)) == [f"/properties/x/{at}"]


@pytest.mark.parametrize(
    "keywords",
    [
        {"type": "number", "minimum": 5, "maximum": 5},
        {"type": "number", "minimum": 0.1, "maximum": 0.3, "multipleOf": 0.1},
        {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
        {"type": "string", "minLength": 4, "maxLength": 4},
    ],
)
def test_bounds_that_something_satisfies_are_none(keywords):
    assert pointers(a_form(x=keywords)) == []


def test_two_defaults_are_an_error():
    assert pointers(a_form(a="number", b={"type": "number", "default": 1, "x-field": {"default": var("a")}})) == [
        "/properties/b/x-field/default"
    ]


def test_a_field_that_cannot_be_unique_says_so():
    assert pointers(a_form(a=a_field("switch", "boolean", unique=True))) == ["/properties/a/x-field/unique"]


# -- logic -----------------------------------------------------------------------------------------------------------


def test_an_unknown_field_in_logic_is_an_error_at_the_value_of_var():
    document = a_form(kind="string", x=a_field(None, "string", visibleWhen={"==": [var("knid"), "a"]}))
    assert pointers(document) == ["/properties/x/x-field/visibleWhen/==/0/var"]


def test_a_misspelt_operator_is_an_error_at_the_operator():
    document = a_form(kind="string", x=a_field(None, "string", visibleWhen={"adn": [equal("kind", "a"), True]}))
    assert pointers(document) == ["/properties/x/x-field/visibleWhen/adn"]


def test_a_date_compared_with_a_number_is_an_error_at_the_operator():
    document = a_form(
        day={"type": "string", "format": "date"}, x=a_field(None, "string", visibleWhen={"<": [var("day"), 5]})
    )
    assert pointers(document) == ["/properties/x/x-field/visibleWhen/<"]


def test_an_option_that_the_field_does_not_have_is_an_error_at_the_option():
    document = a_form(kind={"enum": ["money", "gift"]}, x=a_field(None, "string", visibleWhen=equal("kind", "mony")))
    assert pointers(document) == ["/properties/x/x-field/visibleWhen/==/1"]


def test_logic_in_a_column_sees_its_row_first_and_then_the_record():
    items = a_table(price="number", total=a_field(None, "number", compute={"*": [var("price"), var("rate")]}))
    assert pointers(a_form(rate="number", items=items)) == []
    items = a_table(price="number", total=a_field(None, "number", compute={"*": [var("price"), var("rte")]}))
    assert pointers(a_form(rate="number", items=items)) == [
        "/properties/items/items/properties/total/x-field/compute/*/1/var"
    ]


def test_a_cycle_is_said_once_at_its_first_member_and_named():
    document = a_form(
        a=a_field(None, "number", compute={"+": [var("b"), 1]}),
        b=a_field(None, "number", compute={"+": [var("c"), 1]}),
        c=a_field(None, "number", compute={"+": [var("a"), 1]}),
    )
    found = problems(document)
    assert list(found) == ["/properties/a/x-field/compute"]
    assert "a → b → c → a" in found["/properties/a/x-field/compute"]


def test_a_cycle_through_visibility_is_one_too():
    document = a_form(
        a=a_field(None, "number", visibleWhen={">": [var("b"), 1]}),
        b=a_field(None, "number", compute={"+": [var("a"), 1]}),
    )
    assert pointers(document) == ["/properties/a/x-field/visibleWhen"]


def test_a_field_that_waits_for_itself_is_a_cycle():
    assert pointers(a_form(a=a_field(None, "number", visibleWhen={">": [var("a"), 1]}))) == [
        "/properties/a/x-field/visibleWhen"
    ]


def test_two_cycles_are_two_problems():
    document = a_form(
        a=a_field(None, "number", compute=var("b")),
        b=a_field(None, "number", compute=var("a")),
        c=a_field(None, "number", compute=var("c")),
    )
    assert pointers(document) == ["/properties/a/x-field/compute", "/properties/c/x-field/compute"]


def test_requirement_and_read_only_make_no_cycle():
    document = a_form(
        a=a_field(None, "number", requiredWhen={">": [var("b"), 1]}, readOnlyWhen={">": [var("b"), 9]}),
        b=a_field(None, "number", requiredWhen={">": [var("a"), 1]}, readOnlyWhen={">": [var("a"), 9]}),
    )
    assert pointers(document) == []


def test_a_column_may_read_its_own_table_as_long_as_it_does_not_read_itself():
    share = {"/": [var("price"), {"sum": [{"map": [var("items"), var("price")]}]}]}
    assert pointers(a_form(items=a_table(price="number", share=a_field(None, "number", compute=share)))) == []
    loop = {"sum": [{"map": [var("items"), var("share")]}]}
    assert pointers(a_form(items=a_table(price="number", share=a_field(None, "number", compute=loop)))) == [
        "/properties/items/items/properties/share/x-field/compute"
    ]


def test_a_cycle_between_a_column_and_the_record_is_found():
    document = a_form(
        items=a_table(price="number", share=a_field(None, "number", compute={"/": [var("price"), var("total")]})),
        total=a_field(None, "number", compute={"sum": [{"map": [var("items"), var("share")]}]}),
    )
    assert len(pointers(document)) == 1


# -- patterns --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "(", "a{1000}{1000}{1000}", "x" * 501])
def test_a_pattern_that_does_not_run_in_linear_time_or_is_too_long_is_an_error(pattern):
    assert pointers(a_form(x={"type": "string", "pattern": pattern})) == ["/properties/x/pattern"]


def test_a_pattern_that_is_catastrophic_elsewhere_is_harmless_here():
    document = a_form(x={"type": "string", "pattern": "^(a+)+$"})
    assert pointers(document) == []

    began = time.perf_counter()
    assert list(errors(document, {"x": "a" * 5000 + "!"})) == ["/x"]
    assert time.perf_counter() - began < 1


# -- references ------------------------------------------------------------------------------------------------------


def test_a_part_of_defs_is_taken_in():
    document = a_form(home={"$ref": "#/$defs/address"}, work={"$ref": "#/$defs/address", "title": "At work"})
    document["$defs"] = {"address": {"title": "Address", "type": "object", "properties": {"city": {"type": "string"}}}}
    form = definition.load(document)
    assert form.fields["home"].type.name == "group"
    assert form.fields["work"].columns["city"].type.name == "text"
    assert form.fields["home"].label() == "Address"
    assert form.fields["work"].label() == "At work"


def test_settings_of_a_part_and_of_the_place_that_takes_it_in_are_joined():
    document = a_form(
        kind={"enum": ["a", "b"]}, x={"$ref": "#/$defs/price", "x-field": {"visibleWhen": equal("kind", "a")}}
    )
    document["$defs"] = {"price": {"type": "number", "x-field": {"type": "money", "currency": "JPY"}}}
    field = definition.load(document).fields["x"]
    assert field.type.name == "money"
    assert field.digits == 0
    assert field.visible_when is not None


def test_what_is_wrong_in_a_part_is_said_where_it_stands():
    document = a_form(x={"$ref": "#/$defs/price"})
    document["$defs"] = {"price": {"type": "number", "x-field": {"type": "money", "curency": "JPY"}}}
    assert pointers(document) == ["/$defs/price/x-field/curency"]


@pytest.mark.parametrize(
    "ref", ["#/$defs/nothing", "#/properties/y", "#", "other.json", "https://example.com/x.json", "#anchor"]
)
def test_any_other_reference_is_an_error(ref):
    document = a_form(x={"$ref": ref}, y="string")
    document["$defs"] = {"address": {"type": "string"}}
    assert pointers(document) == ["/properties/x/$ref"]


def test_a_reference_that_leads_back_to_itself_is_an_error():
    document = a_form(x={"$ref": "#/$defs/node"})
    document["$defs"] = {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}
    assert pointers(document) == ["/$defs/node/properties/next/$ref"]


# -- schemas from elsewhere -------------------------------------------------------------------------------------------


def test_a_plain_object_schema_opens_with_inferred_types():
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "Full Name": {"type": "string"},
            "born": {"type": "string", "format": "date"},
            "mail": {"type": "string", "format": "email"},
            "site": {"type": "string", "format": "uri"},
            "at": {"type": "string", "format": "date-time"},
            "age": {"type": ["integer", "null"]},
            "height": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "ok": {"type": "boolean"},
            "color": {"enum": ["red", "green"]},
            "colors": {"type": "array", "items": {"enum": ["red", "green"]}},
            "words": {"type": "array", "items": {"type": "string"}},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "address": {"type": "object", "properties": {"city": {"type": "string"}}},
            "map": {"type": "object", "additionalProperties": {"type": "number"}},
            "mixed": {"type": ["string", "number"]},
            "pair": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
            "anything": True,
            "untyped": {},
        },
        "additionalProperties": True,
    }
    assert definition.check(document) == []
    assert {key: field.type.name for key, field in definition.load(document).fields.items()} == {
        "Full Name": "text", "born": "date", "mail": "email", "site": "url", "at": "datetime", "age": "integer",
        "height": "number", "ok": "switch", "color": "select", "colors": "multiselect", "words": "tags", "lines": "table",
        "address": "group", "map": "json", "mixed": "json", "pair": "json", "anything": "json", "untyped": "json",
    }  # fmt: skip


def test_properties_that_stand_under_other_keywords_are_fields_too():
    document = {
        "properties": {"a": {"type": "string"}},
        "allOf": [{"properties": {"b": {"type": "integer"}}}],
        "if": {"properties": {"a": {"const": "x"}}, "required": ["a"]},
        "then": {"properties": {"c": {"type": "string", "minLength": 3}}, "required": ["c"]},
    }
    assert list(definition.load(document).fields) == ["a", "b", "c"]


def test_an_older_draft_is_read_with_a_warning_and_a_newer_form_version_is_refused():
    assert pointers(a_form(x="string") | {"$schema": "http://json-schema.org/draft-07/schema#"}, "warning") == [
        "/$schema"
    ]
    assert pointers(a_form(x="string") | {"$schema": "https://formloom.dev/schema/form/v2"}) == ["/$schema"]


# -- hostile documents ------------------------------------------------------------------------------------------------


def quickly(document, seconds=2.0):
    began = time.perf_counter()
    found = definition.check(document)
    assert time.perf_counter() - began < seconds
    return found


def test_more_fields_than_the_limit_are_refused_at_once():
    found = quickly(a_form(**{f"f{number}": "string" for number in range(10_000)}), 0.5)
    assert [(problem.pointer, problem.severity) for problem in found] == [("/properties", "error")]
    assert "500" in found[0].message


def test_five_hundred_fields_are_allowed_and_checked_in_bounded_time():
    properties = {
        f"f{number}": a_field("number", "number", visibleWhen={">": [var("f0"), number]}) for number in range(1, 500)
    }
    assert quickly(a_form(f0="number", **properties), 10) == []


def test_a_document_nested_without_end_is_refused():
    value = {}
    for _ in range(100_000):
        value = {"properties": {"a": value}}
    assert [problem.pointer for problem in quickly(value)] == [""]


def test_parts_that_multiply_are_refused():
    defs = {"d0": {"type": "string"}}
    for level in range(1, 30):
        name = f"#/$defs/d{level - 1}"
        defs[f"d{level}"] = {"type": "object", "properties": {"a": {"$ref": name}, "b": {"$ref": name}}}
    document = a_form(x={"$ref": "#/$defs/d29"}) | {"$defs": defs}
    assert any("too large" in problem.message for problem in quickly(document, 5))


def test_ten_thousand_wrong_words_take_no_hints_for_ever():
    texts = {f"nothing_{number}": "x" for number in range(10_000)}
    document = a_form((), {"translations": {"zh_Hans": texts}}, **{f"f{number}": "string" for number in range(400)})
    assert len(quickly(document, 8)) == 10_000


@pytest.mark.parametrize("text", ["{", "[1,]", '{"a": NaN}', "", "\x00", b"\xff\xfe{}"])
def test_text_that_is_no_json_is_no_document(text):
    with pytest.raises(definition.NotADocument) as caught:
        definition.parse(text)
    assert [problem.pointer for problem in caught.value.problems] == [""]


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("[" * 5000 + "]" * 5000, ""),
        ('{"a": "' + "x" * 1_000_001 + '"}', ""),
        ('{"properties": {"a": {"type": "string", "type": "number"}}}', "/properties/a"),
        ('{"title": "\\ud800"}', "/title"),
        ('{"properties": {"a": {"minimum": 1e999}}}', "/properties/a/minimum"),
    ],
)
def test_text_that_is_too_much_or_says_a_thing_twice_is_a_problem_at_its_place(text, pointer):
    with pytest.raises(DefinitionError) as caught:
        definition.parse(text)
    assert not isinstance(caught.value, definition.NotADocument)
    assert [problem.pointer for problem in caught.value.problems] == [pointer]


def test_everything_wrong_is_said_at_once():
    document = {
        "title": 5,
        "properties": {
            "a": {"type": "strng"},
            "b": {"type": "string", "minLength": -1, "pattern": "("},
            "c": "nonsense",
            "d": {
                "type": "number",
                "x-field": {"type": "money", "currency": "XXQ", "visibleWhen": {"==": [var("z"), 1]}},
            },
        },
        "required": ["e"],
        "x-form": {"layout": "all", "rules": [{"message": "m"}, {"when": equal("q", 1), "message": "m"}]},
    }
    assert pointers(document) == [
        "/properties/a/type",
        "/properties/b/minLength",
        "/properties/b/pattern",
        "/properties/c",
        "/properties/d/x-field/currency",
        "/properties/d/x-field/visibleWhen/==/0/var",
        "/required/0",
        "/title",
        "/x-form/layout",
        "/x-form/rules/0",
        "/x-form/rules/1/when/==/0/var",
    ]


def test_what_check_accepts_load_accepts():
    assert LIMITS.fields == 500
    with pytest.raises(DefinitionError) as caught:
        definition.load(a_form(["nobody"], name="string"))
    assert [problem.pointer for problem in caught.value.problems] == ["/required/0"]


# -- more about defaults, bounds and references ----------------------------------------------------------------------


def test_a_literal_default_that_the_field_refuses_is_a_warning():
    document = a_form(n={"type": "integer", "default": "x"}, m={"type": "integer", "default": 3})
    assert problems(document) == {}
    assert pointers(document, "warning") == ["/properties/n/default"]


@pytest.mark.parametrize("bound", [9223372036854775807, 10**30, 1.7e308])
def test_bounds_may_be_larger_than_any_value_that_is_kept(bound):
    assert definition.check(a_form(x={"type": "integer", "maximum": bound})) == []


def test_bounds_that_nothing_satisfies_together_with_the_type_are_an_error():
    assert pointers(a_form(x=a_field("rating", "integer", schema={"minimum": 6}))) == ["/properties/x/minimum"]
    options = {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 3}
    assert pointers(a_form(x=options)) == ["/properties/x/minItems"]


def test_a_column_cannot_be_unique():
    assert pointers(a_form(items=a_table(a=a_field(None, "string", unique=True)))) == [
        "/properties/items/items/properties/a/x-field/unique"
    ]


def test_a_cycle_in_a_part_is_said_where_the_part_stands():
    document = a_form(x={"$ref": "#/$defs/x"}) | {"$defs": {"x": a_field(None, "number", compute=var("x"))}}
    assert pointers(document) == ["/$defs/x/x-field/compute"]


def test_keys_of_foreign_schemas_are_kept_and_read_by_val():
    document = a_form(
        **{"the.key": "number", "a/b": "number"},
        sum=a_field(None, "number", compute={"+": [{"val": ["the.key"]}, var("a/b")]}),
    )
    assert definition.check(document) == []
    assert kept(document, {"the.key": 2, "a/b": 3}) == {"the.key": 2, "a/b": 3, "sum": 5}
    assert list(errors(document, {"a/b": "x"})) == ["/a~1b"]


def test_a_wrong_key_is_pointed_at_where_its_value_stands():
    document = a_form((), {"translations": {"Chinese!": {"name": "名"}}}, name="string")
    assert pointers(document) == ["/x-form/translations/Chinese!"]


def test_a_table_that_is_stated_to_be_a_text_is_one_mistake():
    assert pointers(a_form(items=a_field("table", "string"))) == ["/properties/items/x-field/type"]


def test_a_choice_without_options_is_an_error():
    assert pointers(a_form(kind={"type": "string", "enum": []})) == ["/properties/kind/enum"]


def test_a_rule_that_gives_what_is_none_of_the_options_is_wrong_there():
    options = {"type": "string", "enum": ["x", "y"]}

    def found(**settings):
        return pointers(a_form(n="number", kind={**options, "x-field": settings}))

    large = {">": [{"var": "n"}, 1]}
    assert found(compute="z") == ["/properties/kind/x-field/compute"]
    assert found(default="z") == ["/properties/kind/x-field/default"]
    assert found(compute={"if": [large, "x", large, "z", "q"]}) == [
        "/properties/kind/x-field/compute/if/3",
        "/properties/kind/x-field/compute/if/4",
    ]
    assert found(compute={"if": [large, "x", "y"]}) == found(default="y") == found(compute={"if": [large, "x"]}) == []


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "integer", "enum": ["a", 1]}, "enum/0"),
        ({"type": "string", "const": 3}, "const"),
        ({"type": "string", "oneOf": [{"const": "a"}, {"const": True}]}, "oneOf/1/const"),
        ({"type": "array", "items": {"type": "string", "enum": [1, "a"]}}, "items/enum/0"),
        ({"enum": ["x"], "x-field": {"type": "money"}}, "enum/0"),
        ({"type": "string", "enum": ["a", None]}, "enum/1"),
        ({"type": "integer", "enum": [1, 2.5]}, "enum/1"),
    ],
)
def test_a_value_that_the_field_s_type_cannot_hold_is_an_error(schema, place):
    problems = definition.check(a_form(x=schema))
    assert [problem.pointer for problem in problems if "No record can hold" in problem.message] == [
        f"/properties/x/{place}"
    ]
    assert problems[0].severity == "error"


@pytest.mark.parametrize(
    "schema",
    [{"type": "integer", "enum": [1, 2.0]}, {"enum": ["a", 3]}, {"type": ["string", "null"], "enum": ["a", None]}],
)
def test_a_value_that_the_field_s_type_can_hold_is_none(schema):
    assert not [problem for problem in definition.check(a_form(x=schema)) if "No record" in problem.message]


@pytest.mark.parametrize("key", ["visibleWhen", "requiredWhen", "readOnlyWhen", "compute", "default"])
def test_null_is_no_logic(key):
    problems = definition.check(a_form(x={"type": "string", "x-field": {key: None}}))
    assert [(problem.pointer, problem.severity) for problem in problems] == [(f"/properties/x/x-field/{key}", "error")]
    assert "not nothing (null)" in problems[0].message


def test_a_pattern_that_browsers_refuse_is_an_error():
    problems = definition.check(a_form(x={"type": "string", "pattern": "(?i)a"}))
    assert [problem.pointer for problem in problems] == ["/properties/x/pattern"]
    assert "“(?i)”" in problems[0].message
