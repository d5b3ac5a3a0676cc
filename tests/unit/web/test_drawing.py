import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.web.drawing_helpers import drawn, form_of, html

from formloom.form_engine import definition, field_types
from formloom.form_engine.errors import Problem
from formloom.form_engine.form import Form
from formloom.web.drawing import identifier

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>{{7*7}}"
SETTINGS = {
    "link": {"form": "customer"}, "lookup": {"link": "who", "field": "phone"}, "rollup": {"form": "x", "link": "y", "aggregate": "count"},
    "cascade": {"tree": [{"value": "cn", "children": [{"value": "hz"}]}]},
    "matrix": {"rows": [{"value": "a"}], "columns": [{"value": "1"}]},
}  # fmt: skip
CHOICES = {"oneOf": [{"const": "a", "title": HOSTILE}, {"const": "b", "title": "B"}]}
COLUMNS = {"gift": {"type": "string", "title": HOSTILE}, "price": {"type": "number", "x-field": {"type": "money"}}}


def property_of(name: str) -> dict[str, object]:
    kind = field_types.get(name)
    made: dict[str, object] = {
        "title": HOSTILE,
        "description": HOSTILE,
        "x-field": {"type": name} | SETTINGS.get(name, {}),
    }
    if name in ("lookup", "rollup", "computed"):
        made["type"] = "number" if name != "lookup" else "string"
    if name == "computed":
        made["x-field"] = {"type": name, "compute": {"+": [1, 2]}}
    if name == "select":
        made |= CHOICES
    if name in ("multiselect", "ranking"):
        made["items"] = CHOICES
    if name == "table":
        made["items"] = {"type": "object", "properties": COLUMNS}
    if name == "group":
        made["properties"] = COLUMNS
    if kind.json_types == ("array",) or kind.json_types == ("object",):
        made["type"] = kind.json_types[0]
    return made


def every_type() -> list[str]:
    return [each.name for each in field_types.all()]


def one(name: str) -> Form:
    made = property_of(name)
    own = {"who": {"type": "string", "x-field": {"type": "link", "form": "customer"}}} if name == "lookup" else {}
    return form_of(**own, it=made)


def sample_of(form: Form) -> dict[str, object]:
    samples = {key: entry.type.sample(entry) for key, entry in form.fields.items() if not entry.read_only}
    return {key: value for key, value in samples.items() if value is not field_types.BLANK}


@pytest.mark.parametrize("macro", ["edit", "read", "cell"])
@pytest.mark.parametrize("name", every_type())
def test_every_type_can_be_drawn_blank_and_filled(name: str, macro: str) -> None:
    form = one(name)
    for values in ({}, sample_of(form)):
        written = html(form, values, macro=macro)
        assert "<script>alert" not in written
        assert "<img src=x" not in written


@pytest.mark.parametrize("name", every_type())
def test_nobody_types_into_what_is_only_to_be_read(name: str) -> None:
    form = one(name)
    written = html(form, sample_of(form), editable=False)
    visible = re.findall(r'<(?:input|select|textarea)\b(?![^>]*type="hidden")', written)
    assert visible == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=40).filter(lambda text: text.strip()))
def test_whatever_was_typed_stands_in_its_input_again_and_nowhere_else(text: str) -> None:
    form = form_of(it={"type": "string"}, long={"type": "string", "x-field": {"type": "paragraph"}})
    written = html(form, {"it": text + HOSTILE, "long": text + HOSTILE})
    assert "<script>" not in written
    assert "onerror='" not in written


def test_an_error_is_tied_to_its_input_and_the_label_is_not_said_twice() -> None:
    form = form_of(amount={"type": "number", "title": "Amount"})
    written = html(form, {}, problems=[Problem("/amount", "Amount: Write a number here.")])
    assert 'aria-describedby="f-amount-error"' in written
    assert 'aria-invalid="true"' in written
    assert "<span>Write a number here.</span>" in written


def test_help_is_tied_to_its_input_while_nothing_is_wrong() -> None:
    written = html(form_of(amount={"type": "number", "description": "In euros."}))
    assert 'aria-describedby="f-amount-help"' in written


def test_a_required_field_has_a_star_and_says_so() -> None:
    form = definition.load({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]})
    written = html(form)
    assert re.search(r"<input[^>]*\brequired\b", written)
    assert "data-star>*" in written


def test_a_field_that_is_irrelevant_is_there_but_hidden_and_can_be_typed_into_once_shown() -> None:
    form = form_of(
        kind={"type": "string"},
        amount={"type": "number", "x-field": {"type": "number", "visibleWhen": {"==": [{"var": "kind"}, "money"]}}},
    )
    hidden = html(form, {"kind": "gift"})
    assert re.search(r'data-field="amount"[^>]* hidden', hidden)
    assert 'name="amount"' in hidden
    assert not re.search(r'data-field="amount"[^>]* hidden', html(form, {"kind": "money"}))


def test_a_field_that_somebody_may_not_see_is_not_on_the_page() -> None:
    form = form_of(a={"type": "string"}, b={"type": "string"})
    assert "Secret" not in html(form, {"a": "x", "b": "Secret"}, access={"b": "hidden"})


def test_a_new_record_has_no_place_for_its_number_yet() -> None:
    form = form_of(no={"type": "string", "x-field": {"type": "serial"}}, a={"type": "string"})
    assert list(drawn(form, {}, fresh=True).slots) == ["a"]
    assert list(drawn(form, {}).slots) == ["no", "a"]


def test_a_problem_of_no_field_stands_above_the_form() -> None:
    form = form_of(a={"type": "string"})
    made = drawn(form, {}, problems=[Problem("", "Too much."), Problem("/gone", "Not there.")])
    assert made.loose == ("Too much.", "Not there.")


def test_what_is_wrong_is_listed_in_the_order_of_the_page() -> None:
    form = form_of(
        a={"type": "string"},
        rows={"type": "array", "items": {"type": "object", "properties": COLUMNS}},
        z={"type": "string"},
    )
    problems = [Problem("/z", "z"), Problem("/rows/1/price", "p"), Problem("/a", "a")]
    made = drawn(form, {"rows": [{"gift": "x"}, {"price": -1}]}, problems=problems)
    assert [slot.name for slot in made.wrong] == ["a", "rows/1/price", "z"]


def test_ids_are_different_for_different_names() -> None:
    names = ["a", "a/b", "a-b", "a.b", "a/0/b", "ä", "a b", "a--b"]
    assert len({identifier(name) for name in names}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_{}-]+", identifier(name)) for name in names)
