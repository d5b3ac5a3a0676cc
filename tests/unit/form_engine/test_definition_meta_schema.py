"""The published meta-schema: every keyword described, both annotations closed, in step with what `check` says."""

import json
import re
from pathlib import Path

import pytest
from form_builders import a_field, a_form
from form_strategies import forms
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from formloom.form_engine import definition, field_types
from formloom.form_engine.metaschema import published

REWARD = json.loads((Path(__file__).parents[2] / "vectors" / "forms" / "reward_request.json").read_text("utf-8"))
META = Draft202012Validator(published())


def described(node, path=()):
    """Every property schema of the meta-schema that describes a keyword, by its path."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if key == "properties" and isinstance(inner, dict) and path[-1:] not in (("if",), ("properties",)):
                yield from ((".".join((*path, name)), entry) for name, entry in inner.items() if "if" not in path)
            yield from described(inner, (*path, key))
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from described(inner, (*path, str(index)))


def test_it_is_a_json_schema():
    Draft202012Validator.check_schema(published())


def test_every_keyword_has_a_description():
    bare = [path for path, entry in described(published()) if "description" not in entry and "$ref" not in entry]
    assert bare == []


def test_it_accepts_the_example_and_refuses_misspelt_keys_in_both_annotations():
    assert META.is_valid(REWARD)
    for place in (["x-form"], ["properties", "amount", "x-field"]):
        broken = json.loads(json.dumps(REWARD))
        holder = broken
        for token in place:
            holder = holder[token]
        holder["nonsense"] = 1
        assert not META.is_valid(broken)


@pytest.mark.parametrize("entry", field_types.all(), ids=lambda entry: entry.name)
def test_each_type_s_settings_are_closed_and_described(entry):
    for name, setting in entry.settings_schema.items():
        assert setting.get("description"), name
        Draft202012Validator.check_schema(setting)
    assert not META.is_valid(a_form(x=a_field(entry.name, None, nonsense=1)))


@given(forms())
@settings(max_examples=40, deadline=None)
def test_it_accepts_what_check_accepts(document):
    assert not [problem for problem in definition.check(document) if problem.severity == "error"]
    assert META.is_valid(document)


def test_types_are_called_the_same_everywhere_and_translated():
    for entry in field_types.all():
        assert re.fullmatch(r"[a-z_]+", entry.name)
        assert entry.name_in("en") == entry.title
        assert entry.name_in("zh_Hans") != entry.title or entry.title == "JSON"
        assert field_types.get(entry.name) is entry
