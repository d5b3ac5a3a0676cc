"""A record against its form: what is kept, what is wrong, where, and in which words."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from form_builders import CONTEXT, NOW, PERSON, a_field, a_form, a_table, equal, errors, kept, settled, var

from formloom.form_engine import definition, record
from formloom.form_engine.errors import RecordInvalid

MONEY = {"type": "number", "title": "Amount", "x-field": {"type": "money", "currency": "CNY"}}

# -- blanks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [None, "", "   ", " \n\t", [], {}])
def test_a_blank_is_a_missing_key(blank):
    document = a_form(
        ["name"],
        name={"type": "string", "title": "Name"},
        note="string",
        tags={"type": "array", "items": {"type": "string"}},
    )
    assert kept(document, {"name": "a", "note": blank, "tags": blank}) == {"name": "a"}
    assert errors(document, {"name": blank}) == {"/name": "Name is required."}


def test_a_label_that_is_a_sentence_stands_in_quotes():
    document = a_form(["name"], name={"type": "string", "title": "How was it?"})
    assert errors(document, {}) == {"/name": "“How was it?” is required."}


def test_zero_and_false_are_values():
    document = a_form(["count", "on"], count="integer", on="boolean")
    assert kept(document, {"count": 0, "on": False}) == {"count": 0, "on": False}


def test_blanks_inside_rows_groups_and_lists_go_too():
    document = a_form(
        rows=a_table(a="string", b="number"),
        home={"type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}}},
        tags={"type": "array", "items": {"type": "string"}},
    )
    submitted = {
        "rows": [{"a": " ", "b": 1}, {}, None, {"_row": "x"}, {"a": "z"}],
        "home": {"city": "", "zip": "1"},
        "tags": ["", "a", None],
    }
    assert kept(document, submitted) == {"rows": [{"b": 1}, {"a": "z"}], "home": {"zip": "1"}, "tags": ["a"]}
    assert kept(document, {"rows": [{}], "home": {"city": " "}, "tags": [""]}) == {}


def test_an_error_in_a_row_is_said_where_the_row_stood():
    document = a_form(rows=a_table(a="string", b="number"))
    assert list(errors(document, {"rows": [{}, {"a": ""}, {"b": "x"}, {"b": 1}, {}, {"zz": 1}]})) == [
        "/rows/2/b",
        "/rows/5/zz",
    ]


def test_blanks_inside_plain_json_mean_something_and_stay():
    document = a_form(data={"type": "object", "additionalProperties": True})
    assert kept(document, {"data": {"a": None, "b": ""}}) == {"data": {"a": None, "b": ""}}


# -- every error, at its field, in words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ({"type": "number", "maximum": 5000, "x-field": {"type": "money"}}, 6000, "X must be at most 5,000.00."),
        ({"type": "number", "minimum": 1}, 0, "X must be at least 1."),
        ({"type": "number", "exclusiveMinimum": 0}, 0, "X must be greater than 0."),
        ({"type": "number", "exclusiveMaximum": 1.5}, 2, "X must be less than 1.5."),
        ({"type": "number", "multipleOf": 0.05}, 0.07, "X must be a multiple of 0.05."),
        ({"type": "number", "multipleOf": 0.01}, 1.234, "X may have at most 2 decimals."),
        ({"type": "number", "x-field": {"decimals": 1}}, 1.23, "X may have at most one decimal."),
        ({"type": "number", "x-field": {"type": "money", "currency": "JPY"}}, 1.5, "X must be a whole number."),
        ({"type": "number"}, "100", "X must be a number."),
        ({"type": "number"}, True, "X must be a number."),
        ({"type": "integer"}, 1.5, "X must be a whole number."),
        ({"type": "string"}, 5, "X must be a text."),
        ({"type": "boolean"}, 1, "X must be true or false."),
        ({"type": "boolean"}, "true", "X must be true or false."),
        ({"type": "string", "minLength": 3}, "ab", "X must have at least 3 characters."),
        ({"type": "string", "maxLength": 1}, "ab", "X must have at most one character."),
        ({"type": "string", "pattern": "^a"}, "b", "X does not have the form that is asked for."),
        ({"type": "string", "format": "date"}, "2026-02-30", "X must be a day, written like 2026-11-24."),
        ({"type": "string", "format": "email"}, "amy", "X must be an e-mail address, like amy@example.com."),
        ({"enum": ["a", "b"]}, "c", "X must be one of: a, b."),
        (
            {"oneOf": [{"const": "a", "title": "One"}, {"const": "b", "title": "Two"}]},
            "c",
            "X must be one of: One, Two.",
        ),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, ["a", "c", "d"], "X must be one of: a, b."),
        (
            {"type": "array", "items": {"enum": ["a", "b"]}, "x-field": {"type": "multiselect"}},
            ["a", "a"],
            "X must not hold anything twice.",
        ),
        ({"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 1}, ["a", "b"], "X may have at most one entry."),
        ({"type": "array", "items": {"type": "string"}}, ["a", 5], "Each entry of X must be a text."),
        ({"type": "array", "items": {"type": "string"}}, "a", "X must be a list."),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, 5, "X must be an object."),
        ({"const": "yes"}, "no", "X must be one of: yes."),
        ({"const": {"y": True}}, 5, 'X must be {"y": true}.'),
        (False, 5, "X must be left empty."),
        ({"not": {"const": 3}}, 3, "X does not fit what the form allows."),
        (a_table(a="string") | {"minItems": 2}, [{"a": "x"}], "X needs at least 2 rows."),
        ({"type": "string", "x-field": {"type": "color"}}, "red", "X does not have the form that is asked for."),
    ],
)
def test_a_wrong_value_is_told_in_one_sentence_at_its_field(schema, value, sentence):
    titled = {"title": "X", **schema} if isinstance(schema, dict) else schema
    told = errors(a_form(x=titled), {"x": value})
    assert told == {"/x": sentence if isinstance(schema, dict) else sentence.replace("X", "x")}


def test_all_errors_are_listed_in_the_order_of_the_form():
    document = a_form(
        ["a", "e"], a="string", b="number", c=a_table(["p"], p="number", q="integer"), d="string", e="string"
    )
    found = errors(document, {"z": 1, "d": 5, "c": [{"q": 1.5}, 7, {"p": "x", "r": 1}], "b": "x", "e": "ok"})
    assert list(found) == ["/a", "/b", "/c/0/p", "/c/0/q", "/c/1", "/c/2/p", "/c/2/r", "/d", "/z"]


def test_sentences_are_in_the_language_of_the_person_with_the_label_in_it():
    document = a_form((), {"translations": {"zh_Hans": {"amount": "金额"}}}, amount=MONEY | {"maximum": 5000})
    chinese = replace(CONTEXT, lang="zh_Hans")
    assert errors(document, {"amount": 6000}, chinese) == {"/amount": "金额不能大于 5,000.00。"}
    assert errors(document, {"amount": "x", "amuont": 1}, chinese) == {
        "/amount": "金额必须是数字。",
        "/amuont": "这里没有字段“amuont”。是否想写“amount”？",
    }


def test_a_field_of_a_group_has_its_errors_itself():
    home = {
        "type": "object",
        "properties": {"city": {"type": "string", "title": "City"}, "zip": {"type": "integer"}},
        "required": ["city"],
    }
    assert list(errors(a_form(["home"], home=home), {"home": {"zip": "x", "q": 1}})) == [
        "/home/city",
        "/home/zip",
        "/home/q",
    ]
    assert list(errors(a_form(["home"], home=home), {})) == ["/home"]
    assert errors(a_form(home=home), {}) == {}


def test_an_unknown_key_is_an_error_even_if_it_is_blank():
    assert list(errors(a_form(a="string"), {"b": None})) == ["/b"]


def test_a_form_without_fields_takes_an_empty_record_only():
    assert kept({}, {}) == {}
    assert list(errors({}, {"a": 1, "b": 2})) == ["/a", "/b"]


# -- relevance, requirement, computing --------------------------------------------------------------------------------


def test_an_irrelevant_field_is_neither_asked_for_nor_kept_right_or_wrong():
    document = a_form(
        kind="string",
        amount=MONEY
        | {"x-field": {"type": "money", "visibleWhen": equal("kind", "money"), "requiredWhen": equal("kind", "money")}},
    )
    assert kept(document, {"kind": "gift", "amount": 5}) == {"kind": "gift"}
    assert kept(document, {"kind": "gift", "amount": "not a number"}) == {"kind": "gift"}
    assert list(errors(document, {"kind": "money"})) == ["/amount"]
    assert list(errors(document, {"kind": "money", "amount": "x"})) == ["/amount"]


def test_visibility_and_computing_run_together_to_a_fixpoint_whatever_the_order_of_the_fields():
    document = a_form(
        d=a_field(None, "number", visibleWhen={">": [var("c"), 1]}),
        c=a_field(None, "number", compute={"+": [var("b"), 1]}),
        b=a_field(None, "number", visibleWhen={"==": [var("a"), True]}),
        a="boolean",
    )
    assert kept(document, {"a": True, "b": 5, "d": 1}) == {"a": True, "b": 5, "c": 6, "d": 1}
    assert kept(document, {"a": False, "b": 5, "d": 1}) == {"a": False, "c": 1}


def test_what_a_client_sends_for_a_computed_field_is_ignored():
    document = a_form(a="number", b=a_field(None, "number", compute={"*": [var("a"), 2]}))
    assert kept(document, {"a": 2, "b": 999}) == {"a": 2, "b": 4}
    assert kept(document, {"a": 2, "b": "rubbish"}) == {"a": 2, "b": 4}


def test_a_computed_value_is_rounded_to_its_field_before_anything_reads_it():
    document = a_form(
        a="number",
        b={"type": "number", "x-field": {"type": "money", "compute": {"*": [var("a"), 0.1]}}},
        c={"type": "number", "x-field": {"decimals": 3, "compute": {"*": [var("b"), 10]}}},
    )
    assert kept(document, {"a": 1.15}) == {"a": 1.15, "b": 0.12, "c": 1.2}


def test_a_computed_value_that_breaks_its_own_bounds_is_an_error():
    document = a_form(a="number", b={"type": "number", "maximum": 10, "x-field": {"compute": {"*": [var("a"), 2]}}})
    assert list(errors(document, {"a": 6})) == ["/b"]


def test_a_computed_zero_is_kept_and_a_division_by_nothing_is_blank():
    document = a_form(
        a="number",
        b=a_field(None, "number", compute={"*": [var("a"), 2]}),
        c=a_field(None, "number", compute={"/": [1, var("a")]}),
    )
    assert kept(document, {}) == {"b": 0}


def test_columns_are_computed_row_by_row_and_totals_from_them():
    document = a_form(
        rate="number",
        items=a_table(
            price="number",
            count="integer",
            sum=a_field(None, "number", compute={"*": [var("price"), var("count"), var("rate")]}),
        ),
        total=a_field(None, "number", compute={"sum": [{"map": [var("items"), var("sum")]}]}),
    )
    assert kept(document, {"rate": 2, "items": [{"price": 3, "count": 2, "sum": 1}, {"price": 1}]}) == {
        "rate": 2, "items": [{"price": 3, "count": 2, "sum": 12}, {"price": 1, "sum": 0}], "total": 12,
    }  # fmt: skip


def test_a_column_may_be_irrelevant_in_one_row_and_required_in_another():
    items = a_table(
        kind="string",
        why={
            "type": "string",
            "title": "Why",
            "x-field": {"visibleWhen": equal("kind", "other"), "requiredWhen": equal("kind", "other")},
        },
    )
    assert kept(a_form(items=items), {"items": [{"kind": "a", "why": "x"}, {"kind": "other", "why": "y"}]}) == {
        "items": [{"kind": "a"}, {"kind": "other", "why": "y"}]
    }
    assert errors(a_form(items=items), {"items": [{"kind": "a"}, {"kind": "other"}]}) == {
        "/items/1/why": "Why is required."
    }


def test_a_wrong_value_makes_no_other_mistakes_of_it():
    document = a_form(
        ["total"],
        {"rules": [{"when": {"<": [var("total"), 1]}, "message": "Too little", "field": "total"}]},
        a="number",
        b="number",
        total=a_field(None, "number", compute={"*": [var("a"), var("b")]}),
    )
    assert list(errors(document, {"a": "x", "b": 5})) == ["/a"]
    assert list(errors(document, {"a": 0, "b": 5})) == ["/total"]


# -- defaults ---------------------------------------------------------------------------------------------------------


def test_a_default_fills_an_absent_key_of_what_is_created():
    document = a_form(a={"type": "string", "default": "x"}, b=a_field(None, "string", default=var("a")))
    assert kept(document, {}) == {"a": "x", "b": "x"}
    assert kept(document, {"a": "y"}) == {"a": "y", "b": "y"}
    assert kept(document, {"a": "y", "b": "z"}) == {"a": "y", "b": "z"}


def test_a_field_that_somebody_emptied_is_not_filled_again():
    assert kept(a_form(a={"type": "string", "default": "x"}), {"a": ""}) == {}


@pytest.mark.parametrize("granted", ["read", "hidden"])
def test_a_default_is_not_kept_out_by_somebody_who_may_not_fill_the_field_in(granted):
    document = a_form(a={"type": "string", "default": "x"}, b=a_field(None, "string", default=var("a")), c="string")
    done = settled(document, {"a": None, "b": "", "c": "y"}, access={"a": granted, "b": "read"})
    assert done.working.values == {"a": "x", "b": "x", "c": "y"}


def test_a_default_never_runs_on_an_edit_but_fills_a_new_row():
    document = a_form(
        a={"type": "string", "default": "x"}, items=a_table(n={"type": "integer", "default": 1}, t="string")
    )
    assert kept(document, {"items": [{"t": "a"}]}) == {"a": "x", "items": [{"t": "a", "n": 1}]}
    stored = {"items": [{"_row": "r1", "t": "a"}]}
    assert kept(document, {"items": [{"_row": "r1", "t": "a"}, {"t": "b"}]}, stored=stored) == {
        "items": [{"_row": "r1", "t": "a"}, {"t": "b", "n": 1}]
    }


def test_a_default_of_an_irrelevant_field_is_not_kept():
    document = a_form(k="string", a={"type": "string", "default": "x", "x-field": {"visibleWhen": equal("k", "y")}})
    assert kept(document, {}) == {}
    assert kept(document, {"k": "y"}) == {"k": "y", "a": "x"}


# -- rules -------------------------------------------------------------------------------------------------------------


def test_a_rule_refuses_or_asks():
    rules = [
        {"when": {">": [var("a"), 10]}, "message": "Too much", "field": "a"},
        {"when": {">": [var("a"), 5]}, "message": "Sure?", "severity": "warning"},
    ]
    document = a_form((), {"rules": rules, "translations": {"zh_Hans": {"rules/0": "太多"}}}, a="number")
    assert errors(document, {"a": 11}) == {"/a": "Too much"}
    assert errors(document, {"a": 11}, replace(CONTEXT, lang="zh_Hans")) == {"/a": "太多"}
    result = settled(document, {"a": 6})
    assert result.valid
    assert [(warning.pointer, warning.message) for warning in result.warnings] == [("", "Sure?")]


def test_a_rule_at_a_column_is_asked_of_every_row():
    rules = [{"when": {">": [var("price"), var("most")]}, "message": "Too dear", "field": "items.price"}]
    document = a_form((), {"rules": rules}, most="number", items=a_table(price="number"))
    assert errors(document, {"most": 5, "items": [{"price": 4}, {"price": 6}, {"price": 7}]}) == {
        "/items/1/price": "Too dear",
        "/items/2/price": "Too dear",
    }


def test_a_rule_speaks_of_the_record_also_where_its_field_is_irrelevant():
    rules = [{"when": {"==": [var("k"), "x"]}, "message": "No", "field": "a"}]
    document = a_form((), {"rules": rules}, k="string", a=a_field(None, "string", visibleWhen=equal("k", "y")))
    assert errors(document, {"k": "x"}) == {"/a": "No"}
    assert errors(document, {"k": "x", "a": 5}) == {"/a": "No"}


def test_an_option_is_refused_while_its_condition_does_not_hold():
    kind = {"title": "Kind", "enum": ["small", "large"], "x-field": {"optionsWhen": {"large": {">": [var("n"), 10]}}}}
    assert errors(a_form(n="integer", kind=kind), {"n": 3, "kind": "large"}) == {
        "/kind": "“large” cannot be chosen here now."
    }
    assert errors(a_form(n="integer", kind=kind), {"n": 30, "kind": "large"}) == {}


# -- steps and permissions ---------------------------------------------------------------------------------------------

STEP = a_form(["a", "b"], a={"type": "string", "title": "A"}, b="string", c="string", d="string")
STORED = {"a": "1", "b": "2", "c": "3"}


def test_a_field_not_shown_keeps_its_value_and_sending_it_is_an_error():
    assert kept(STEP, {"a": "9", "b": "2"}, PERSON, stored=STORED, access={"c": "hidden"}) == {
        "a": "9",
        "b": "2",
        "c": "3",
    }
    assert list(errors(STEP, {"a": "9", "b": "2", "c": "3"}, PERSON, stored=STORED, access={"c": "hidden"})) == ["/c"]
    assert "A" not in errors(STEP, {"a": "9"}, PERSON, stored=STORED, access={"a": "hidden", "*": "edit"})["/a"]


def test_a_field_that_may_only_be_read_keeps_its_value_and_changing_it_is_an_error():
    access = {"d": "edit", "*": "read"}
    assert kept(STEP, {"d": "x"}, PERSON, stored=STORED, access=access) == STORED | {"d": "x"}
    assert kept(STEP, {"a": "1", "d": "x"}, PERSON, stored=STORED, access=access) == STORED | {"d": "x"}
    assert errors(STEP, {"a": "9", "d": "x"}, PERSON, stored=STORED, access=access) == {
        "/a": "A can only be read here."
    }


def test_a_step_asks_only_for_what_it_may_edit():
    assert list(errors(STEP, {}, PERSON, stored={}, access={"b": "edit", "*": "read"})) == ["/b"]
    assert list(errors(STEP, {}, PERSON, stored={}, access={"d": "required", "*": "hidden"})) == ["/d"]


def test_a_field_that_a_person_emptied_is_gone_and_one_that_was_not_sent_too():
    assert kept(STEP, {"a": "1", "b": "2", "c": ""}, PERSON, stored=STORED) == {"a": "1", "b": "2"}


def test_people_cannot_change_what_is_read_only_but_the_system_can():
    document = a_form(
        a="string", n={"type": "integer", "readOnly": True}, m=a_field(None, "integer", readOnlyWhen=equal("a", "x"))
    )
    assert list(errors(document, {"n": 5}, PERSON)) == ["/n"]
    assert list(errors(document, {"a": "x", "m": 5}, PERSON)) == ["/m"]
    assert kept(document, {"a": "x", "n": 5, "m": 6}, CONTEXT) == {"a": "x", "n": 5, "m": 6}
    stored = {"a": "x", "n": 5, "m": 6}
    assert kept(document, {"a": "x"}, PERSON, stored=stored) == stored
    assert kept(document, {"a": "y", "m": 7}, PERSON, stored=stored) == {"a": "y", "n": 5, "m": 7}
    assert list(errors(document, {"a": "x", "m": 7}, PERSON, stored=stored)) == ["/m"]


def test_hidden_fields_may_still_be_read_by_logic():
    document = a_form(secret="number", double=a_field(None, "number", compute={"*": [var("secret"), 2]}))
    assert kept(document, {}, PERSON, stored={"secret": 4}, access={"secret": "hidden"}) == {"secret": 4, "double": 8}


def test_states_say_what_a_person_may_do_with_each_field_and_cell():
    document = a_form(
        ["a"],
        a="string",
        b=a_field(None, "string", visibleWhen=equal("a", "x")),
        items=a_table(k="string", w=a_field(None, "string", visibleWhen=equal("k", "o"), requiredWhen=equal("k", "o"))),
        t=a_field(None, "number", compute=1),
    )
    states = record.state(definition.load(document), {"a": "y", "items": [{"k": "o"}, {"k": "p"}]}, PERSON)
    assert states["a"] == record.FieldState(True, False, True)
    assert states["b"] == record.FieldState(False, True, False)
    assert states["t"] == record.FieldState(True, True, False)
    assert states["items/0/w"] == record.FieldState(True, False, True)
    assert states["items/1/w"] == record.FieldState(False, True, False)
    access = {"a": "read", "b": "required"}
    granted = record.state(definition.load(document), {"a": "x"}, PERSON, stored={"a": "x"}, access=access)
    assert granted["a"] == record.FieldState(True, True, False)
    assert granted["b"] == record.FieldState(True, False, True)


# -- time and linked records -------------------------------------------------------------------------------------------


def test_what_is_computed_from_today_is_frozen_unless_it_is_live():
    document = a_form(
        on={"type": "string", "format": "date", "x-field": {"compute": {"today": []}}},
        age={"type": "string", "format": "date", "x-field": {"compute": {"today": []}, "live": True}},
    )
    form = definition.load(document)
    stored = record.settle(form, {}, CONTEXT).record
    assert stored == {"on": "2026-11-24"}
    later = replace(CONTEXT, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert record.present(form, stored, later) == {"on": "2026-11-24", "age": "2027-01-01"}


def test_today_is_that_of_the_workspace():
    document = a_form(on={"type": "string", "format": "date", "x-field": {"compute": {"today": []}}})
    late = replace(CONTEXT, now=datetime(2026, 11, 24, 17, tzinfo=UTC), zone="Asia/Shanghai")
    assert kept(document, {}, late) == {"on": "2026-11-25"}


def test_a_moment_is_stored_in_utc():
    document = a_form(at={"type": "string", "format": "date-time"})
    assert kept(document, {"at": "2026-11-24T17:30:00+08:00"}) == {"at": "2026-11-24T09:30:00Z"}


def test_a_snapshot_is_taken_when_the_link_is_set_and_a_live_value_when_it_is_read():
    def lookup(link, id, field):
        return {"customer/c1/city": city, "customer/c2/city": "北京"}.get(f"{link}/{id}/{field}")

    document = a_form(
        customer=a_field("link", "string", form="customer"),
        then=a_field("lookup", "string", link="customer", field="city", mode="snapshot"),
        now=a_field("lookup", "string", link="customer", field="city"),
    )
    form, context = definition.load(document), replace(CONTEXT, lookup=lookup)
    city = "杭州"
    stored = record.settle(form, {"customer": "c1", "then": "sent"}, context).record
    assert stored == {"customer": "c1", "then": "杭州"}
    city = "上海"
    again = record.settle(form, {"customer": "c1"}, context, stored=stored).record
    assert again == {"customer": "c1", "then": "杭州"}
    assert record.present(form, again, context) == {"customer": "c1", "then": "杭州", "now": "上海"}
    assert record.settle(form, {"customer": "c2"}, context, stored=stored).record["then"] == "北京"


def test_system_fields_are_shown_and_never_stored():
    document = a_form(
        made=a_field("created_at", "string"), by=a_field("created_by", "string"), s=a_field("status", "string")
    )
    form = definition.load(document)
    assert record.settle(form, {"made": "x", "by": "y"}, CONTEXT).record == {}
    shown = record.present(
        form, {}, CONTEXT, system={"created_at": "2026-01-01T00:00:00Z", "created_by": "wang", "status": "running"}
    )
    assert shown == {"made": "2026-01-01T00:00:00Z", "by": "wang", "s": "running"}


def test_a_serial_number_is_never_taken_from_a_client_and_kept_on_an_edit():
    document = a_form(no=a_field("serial", "string", pattern="A-{0000}"), a="string")
    assert kept(document, {"no": "A-9999", "a": "x"}) == {"a": "x"}
    assert kept(document, {"a": "y"}, PERSON, stored={"no": "A-0001", "a": "x"}) == {"no": "A-0001", "a": "y"}


# -- rows ---------------------------------------------------------------------------------------------------------------


def test_rows_keep_their_ids_and_two_alike_are_an_error():
    document = a_form(items=a_table(a="string"))
    assert kept(document, {"items": [{"_row": "r1", "a": "x"}, {"a": "y"}]}) == {
        "items": [{"_row": "r1", "a": "x"}, {"a": "y"}]
    }
    assert list(errors(document, {"items": [{"_row": "r1", "a": "x"}, {"_row": "r1", "a": "y"}]})) == ["/items/1/_row"]
    assert list(errors(document, {"items": [{"_row": 5, "a": "x"}]})) == ["/items/0/_row"]
    ids = iter(["n1", "n2"])
    named = record.with_row_ids(
        definition.load(document), {"items": [{"_row": "r1", "a": "x"}, {"a": "y"}]}, lambda: next(ids)
    )
    assert named == {"items": [{"_row": "r1", "a": "x"}, {"_row": "n1", "a": "y"}]}


def test_more_rows_than_the_limit_are_refused():
    document = a_form(items=a_table(a="integer") | {"title": "Items"})
    assert errors(document, {"items": [{"a": 1}] * 1001}) == {"/items": "Items may have at most 1,000 rows."}


# -- the door -----------------------------------------------------------------------------------------------------------

DOOR = definition.load(a_form(a="string", n="number", items=a_table(p="number"), tags={"type": "array", "items": {"type": "string"}},
                              at=a_field("location", "object")))  # fmt: skip


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ("{", ""),
        (b"\xff\xfe", ""),
        ("[]", ""),
        ("5", ""),
        ("null", ""),
        ('{"n": NaN}', ""),
        ('{"n": -Infinity}', ""),
        ('{"n": 1e400}', "/n"),
        ('{"n": -1e999}', "/n"),
        ('{"n": 9007199254740993}', "/n"),
        ('{"n": ' + "9" * 300 + "}", "/n"),
        ('{"n": ' + "9" * 5000 + "}", "/n"),
        ('{"a": "x\\u0000y"}', "/a"),
        ('{"a": "\\ud800"}', "/a"),
        ('{"items": [{"p": 1}, {"p": 1e400}]}', "/items/1/p"),
        ('{"tags": ["a", "\\udfff"]}', "/tags"),
        ('{"at": {"lat": 1e400, "lng": 1}}', "/at"),
        ('{"zz": 1e400}', "/zz"),
        ('{"a": "x", "a": "y"}', ""),
        ('{"items": [{"p": 1, "p": 2}]}', "/items/0"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", ""),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", ""),
        ('{"a": "' + "x" * 1_000_001 + '"}', ""),
        ({"n": float("nan")}, "/n"),
        ({"n": float("inf")}, "/n"),
        ({"n": 10**300}, "/n"),
        ({"a": object()}, "/a"),
        ({"a": "\ud800"}, "/a"),
        ({5: 1}, ""),
        (None, ""),
    ],
)
def test_what_cannot_be_kept_does_not_pass_the_door(data, pointer):
    with pytest.raises(RecordInvalid) as caught:
        record.read(data, form=DOOR)
    assert [error.pointer for error in caught.value.errors] == [pointer]


def test_the_door_says_every_place_and_lets_good_data_through_unchanged():
    with pytest.raises(RecordInvalid) as caught:
        record.read('{"n": 1e400, "a": "\\u0000", "items": [{"p": 1e400}]}', form=DOOR)
    assert [error.pointer for error in caught.value.errors] == ["/n", "/a", "/items/0/p"]
    good = {"a": "你好 🌏", "n": 9007199254740992, "items": [{"p": -1.5}], "tags": []}
    assert record.read(json.dumps(good), form=DOOR) == good
    assert record.read("\ufeff" + json.dumps(good)) == good


# -- the rest -----------------------------------------------------------------------------------------------------------


def test_the_effective_schema_has_what_is_visible_and_asks_for_what_is_required():
    document = a_form(
        ["a"],
        a="string",
        b=a_field(None, "number", visibleWhen=equal("a", "x")),
        c="string",
        t=a_field(None, "number", compute=1),
    )
    form = definition.load(document)
    schema = record.effective_schema(form, {"a": "y"}, PERSON, access={"c": "read"})
    assert list(schema["properties"]) == ["a", "c", "t"]
    assert schema["required"] == ["a"]
    assert schema["properties"]["c"]["readOnly"]
    assert schema["properties"]["t"]["readOnly"]
    assert schema["additionalProperties"] is False
    assert list(record.effective_schema(form, {"a": "x"}, PERSON, access={"c": "hidden"})["properties"]) == [
        "a",
        "b",
        "t",
    ]


def test_the_content_hash_is_that_of_the_content():
    assert record.content_hash({"a": 1, "b": [{"x": 2.0}]}) == record.content_hash({"b": [{"x": 2}], "a": 1.0})
    assert record.content_hash({"a": 1}) != record.content_hash({"a": "1"})
    assert record.content_hash({"a": 1}) != record.content_hash({"a": True})


def test_the_browser_is_sent_only_what_this_person_may_see():
    document = a_form(
        (), {"rules": [{"when": {">": [var("secret"), 1]}, "message": "m"}]},
        secret="number", a="number", b=a_field(None, "number", compute={"+": [var("a"), 1]}),
        c=a_field(None, "number", compute={"+": [var("secret"), 1]}),
    )  # fmt: skip
    model = record.browser_model(definition.load(document), PERSON, {"secret": "hidden"}, "en")
    assert list(model["fields"]) == ["a", "b", "c"]
    assert model["fields"]["b"]["compute"]["logic"]
    assert model["fields"]["c"]["compute"] == {"ask": True, "reads": ["secret"]}
    assert model["rules"][0]["when"] == {"ask": True, "reads": ["secret"]}
    assert "secret" not in model["order"]
    assert (model["today"], model["zone"]) == ("2026-11-24", "UTC")
    assert json.loads(json.dumps(model)) == model


def test_a_record_is_called_by_the_pattern_of_its_form():
    form = definition.load(
        a_form((), {"title": "{who} – {kind}"}, who="string", kind={"oneOf": [{"const": "a", "title": "Alpha"}]})
    )
    assert form.record_title({"who": "Amy", "kind": "a"}, "en", definition.IDS) == "Amy – Alpha"
    assert form.record_title({"who": "Amy"}, "en", definition.IDS) == "Amy"
    assert definition.load(a_form(n="number", t="string")).record_title({"t": "x"}, "en", definition.IDS) == "x"
    assert NOW.tzinfo is not None


def test_a_blank_default_fills_nothing_and_one_in_rows_is_cleaned():
    table = a_table(a="string") | {"default": [{"a": "x"}, {"a": ""}]}
    assert kept(a_form(a={"type": "string", "default": ""}, items=table), {}) == {"items": [{"a": "x"}]}


def test_a_computed_switch_is_on_or_off_never_blank():
    document = a_form(
        paid="boolean",
        copy=a_field(None, "boolean", compute=var("paid")),
        both=a_field(None, "boolean", compute={"and": [var("paid"), True]}),
    )
    assert kept(document, {}) == {"copy": False, "both": False}


def test_a_computed_number_without_precision_keeps_15_significant_digits_for_whatever_reads_it():
    same = a_field(None, "boolean", compute={"==": [var("sum"), 0.3]})
    document = a_form(sum=a_field(None, "number", compute={"+": [0.1, 0.2]}), same=same)
    assert kept(document, {}) == {"sum": 0.3, "same": True}


def test_a_plain_list_of_options_may_hold_one_twice_where_its_schema_lets_it():
    options = {"type": "array", "items": {"enum": ["x", "y"]}}
    assert kept(a_form(k=options), {"k": ["x", "x"]}) == {"k": ["x", "x"]}
    assert list(errors(a_form(k=options | {"uniqueItems": True}), {"k": ["x", "x"]})) == ["/k"]
    assert list(errors(a_form(k=options | {"x-field": {"type": "multiselect"}}), {"k": ["x", "x"]})) == ["/k"]


def test_an_iri_may_hold_any_letters_as_stock_validators_say():
    document = a_form(site={"type": "string", "format": "iri"})
    assert kept(document, {"site": "https://例.cn/商品"}) == {"site": "https://例.cn/商品"}
    assert list(errors(document, {"site": "no address"})) == ["/site"]


def test_a_rule_of_the_form_that_takes_too_many_steps_is_an_error_too():
    each = {"sum": [{"map": [{"val": [[2], "t"]}, var("p")]}]}
    rules = [{"when": {">": [{"sum": [{"map": [var("t"), each]}]}, 1]}, "message": "No", "field": "t"}]
    document = a_form((), {"rules": rules}, t=a_table(p="number"))
    wanted = {"/t": "This rule takes more than 100,000 steps on this record."}
    assert errors(document, {"t": [{"p": 1}] * 900}) == wanted


def test_fields_that_each_repeat_the_one_before_do_not_fill_the_memory():
    texts = {f"a{i}": a_field(None, "string", compute={"cat": [var(f"a{i - 1}")] * 10}) for i in range(1, 40)}
    found = errors(a_form(a0="string", **texts), {"a0": "x"})
    assert found == {"/a6": "This rule makes a text of more than 100,000 characters."}


@pytest.mark.parametrize(
    ("format", "value", "fits"),
    [
        ("date", "0000-01-01", False),
        ("date", "0001-01-01", True),
        ("date-time", "0000-01-01T00:00:00Z", False),
        ("date-time", "0001-01-01T00:00:00+14:00", False),
        ("date-time", "9999-12-31T23:59:59-12:00", False),
        ("date-time", "9999-12-31T23:59:59Z", True),
        ("date-time", "2016-12-31T23:59:60Z", True),
    ],
)
def test_a_day_or_moment_is_one_that_can_be_kept(format, value, fits):
    found = errors(a_form(a={"type": "string", "title": "A", "format": format}), {"a": value})
    assert found == ({} if fits else {"/a": "A must lie in the years 1 to 9999."})


def test_an_id_of_a_row_that_is_none_is_named_as_such():
    document = a_form(t=a_table(a="string"))
    told = errors(document, {"t": [{"_row": 5, "a": "x"}, {"_row": "no id", "a": "x"}]})
    assert told == dict.fromkeys(
        ["/t/0/_row", "/t/1/_row"], "The id of a row is a text of 1 to 40 letters, digits, “-” and “_”."
    )


def test_a_field_for_which_the_rest_leaves_no_place_must_be_left_empty():
    document = a_form(a="string", b="string") | {"allOf": [{"properties": {"a": {}}, "additionalProperties": False}]}
    assert errors(document, {"a": "x", "b": "y"}) == {"/b": "b must be left empty."}
