"""Whatever a definition holds, it is answered: never an exception, never a form that loads after an error."""

import json
from pathlib import Path

import pytest
from form_builders import CONTEXT
from form_strategies import forms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formloom.form_engine import definition, record
from formloom.form_engine.errors import DefinitionError, RecordInvalid

REWARD = json.loads((Path(__file__).parents[2] / "vectors" / "forms" / "reward_request.json").read_text("utf-8"))
RANDOM = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = st.sampled_from(
    ["type", "properties", "items", "required", "x-field", "x-form", "layout", "rules", "when", "fields", "$ref", "$defs", "enum",
     "oneOf", "const", "amount", "kind", "var", "compute", "visibleWhen", "title", "translations", "money", "table", "object",
     "string", "number", "array", "date", "pattern", "", "zh_Hans", "optionsWhen", "tree", "rows", "default", "#/$defs/x"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def mutated(document, path, value, key):
    """The document with `value` at `path`; with `key`, beside what stands there."""
    if not path:
        return value
    copy = json.loads(json.dumps(document))
    holder = copy
    for token in path[:-1]:
        holder = holder[token]
    if key is not None and isinstance(holder, dict):
        holder[key] = value
    else:
        holder[path[-1]] = value
    return copy


def answered(document):
    """The problems; and `load` agrees with them."""
    found = definition.check(document)
    assert definition.check(document, lang="zh_Hans") is not None
    wrong = [problem for problem in found if problem.severity == "error"]
    if not isinstance(document, dict):
        assert wrong
        return found
    if wrong:
        with pytest.raises(DefinitionError):
            definition.load(document)
    else:
        form = definition.load(document)
        record.to_json_schema(form)
        json.dumps(record.browser_model(form, CONTEXT, None, "en"))
        record.settle(form, {"amount": 5, "kind": "money", "items": [{"price": 1}, 7]}, CONTEXT)
    return found


@given(VALUES)
@RANDOM
def test_any_json_value_is_answered(value):
    answered(value)


@given(st.sampled_from(sorted(places(REWARD), key=str)), VALUES, st.none() | WORDS)
@settings(RANDOM, max_examples=400)
def test_any_change_to_a_form_is_answered(path, value, key):
    answered(mutated(REWARD, path, value, key))


@given(forms(), st.data())
@RANDOM
def test_any_change_to_any_form_is_answered(document, data):
    path = data.draw(st.sampled_from(sorted(places(document), key=str)))
    answered(mutated(document, path, data.draw(VALUES), data.draw(st.none() | WORDS)))


@given(VALUES)
@RANDOM
def test_any_record_is_answered(value):
    form = definition.load(REWARD)
    try:
        values = record.read(value, form=form)
    except RecordInvalid:
        return
    result = record.settle(form, values, CONTEXT)
    assert result.valid or result.errors


@given(st.sampled_from(["amount", "kind", "items", "nominee", "paid_on", "total"]), VALUES)
@RANDOM
def test_any_value_of_a_field_is_answered(key, value):
    form = definition.load(REWARD)
    good = {"nominee": "li", "kind": "money", "amount": 5, "items": [{"price": 1, "count": 2}]}
    try:
        values = record.read(good | {key: value}, form=form)
    except RecordInvalid as refused:
        found = refused.errors
    else:
        found = record.settle(form, values, CONTEXT).errors
    assert all(
        problem.pointer == "" or problem.pointer.startswith((f"/{key}", "/amount", "/total")) for problem in found
    )
