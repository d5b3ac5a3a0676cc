"""For random forms built from the registry: samples pass, each single mistake is caught at its field, nothing is lost."""

import json
from dataclasses import replace

from form_builders import CONTEXT
from form_strategies import forms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from formloom.form_engine import definition, inputs, record
from formloom.form_engine.field_types.structure import sample_of

RANDOM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CHINESE = replace(CONTEXT, lang="zh_Hans")


def places_of(fields, values, path=()):
    """Each field that has a value, by its place."""
    for key, field in fields.items():
        value = values.get(key)
        if value is None:
            continue
        yield (*path, key), field
        if isinstance(value, list) and field.columns:
            for index, row in enumerate(value):
                yield from places_of(field.columns, row, (*path, key, index))
        elif field.columns:
            yield from places_of(field.columns, value, (*path, key))


def changed(values, place, value):
    copy = json.loads(json.dumps(values))
    holder = copy
    for token in place[:-1]:
        holder = holder[token]
    holder[place[-1]] = value
    return copy


def a_record(form):
    """A valid record of the form, as it is stored."""
    result = record.settle(form, record.read(sample_of(form.fields), form=form), CONTEXT)
    assert result.valid, result.errors
    return result.record


@given(forms())
@RANDOM
def test_a_random_form_has_no_problem_and_its_sample_is_valid(document):
    assert [problem for problem in definition.check(document) if problem.severity == "error"] == []
    form = definition.load(document)
    assert Draft202012Validator(record.to_json_schema(form)).is_valid(a_record(form))


@given(forms(), st.data())
@RANDOM
def test_a_single_mistake_is_caught_at_its_field_and_nowhere_else(document, data):
    form = definition.load(document)
    values = sample_of(form.fields)
    places = [(place, field) for place, field in places_of(form.fields, values) if field.type.name != "json"]
    if not places:
        return
    place, field = data.draw(st.sampled_from(places))
    wrong = data.draw(
        st.sampled_from([{"wrong": {"deeply": [1]}}, [[["wrong"]]], 1e15, True, "wrong wrong wrong wrong"])
    )
    result = record.settle(form, changed(values, place, wrong), CHINESE)
    told = {error.pointer for error in result.errors}
    pointer = "".join(f"/{token}" for token in place)
    if result.valid:
        assert isinstance(wrong, str | bool | float)
        assert field.type.name not in ("group", "table")
    elif field.columns and isinstance(wrong, dict | list):
        assert all(entry.startswith(pointer) for entry in told)
    else:
        assert told == {pointer}


@given(forms())
@RANDOM
def test_what_is_written_reads_back_the_same(document):
    form = definition.load(document)
    again = definition.load(definition.parse(json.dumps(document, ensure_ascii=False)))
    assert again is form
    values = a_record(form)
    assert record.read(json.dumps(values)) == values
    assert record.settle(form, values, CONTEXT).record == values


@given(forms())
@RANDOM
def test_what_stands_in_the_inputs_means_the_same_record(document):
    form = definition.load(document)
    values = a_record(form)
    for zone in ("UTC", "Asia/Shanghai", "America/New_York"):
        read = inputs.submitted(form, inputs.typed(form, values, "en", zone), "en", zone)
        assert read.errors == ()
        again = record.settle(form, read.values, CONTEXT)
        assert again.valid, again.errors
        assert again.record == values


@given(forms(), st.sampled_from(["en", "zh_Hans"]))
@RANDOM
def test_every_value_can_be_shown_kept_in_a_column_and_put_in_a_cell(document, lang):
    form = definition.load(document)
    values = a_record(form)
    for key, field in form.fields.items():
        if key in values:
            assert isinstance(field.type.text(field, values[key], lang, definition.IDS), str)
            assert field.column is None or field.type.stored(field, values[key]) is not None
            field.type.cell(field, values[key])
    model = record.browser_model(form, CONTEXT, None, lang)
    assert json.loads(json.dumps(model)) == model
    assert isinstance(form.record_title(values, lang, definition.IDS), str)
