"""A JSON Schema's fields are found wherever they are named, and its references wherever they lead inside the document."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from formloom.form_engine import definition, record
from formloom.form_engine.field_types.structure import sample_of
from formloom.form_engine.importers import Imported, convert

NOW = record.Context(now=datetime(2026, 11, 24, tzinfo=UTC), system=True)


def imported(schema: Any) -> Imported:
    result = convert("jsonschema", json.dumps(schema).encode(), "sample.json")
    assert [problem for problem in definition.check(result.form) if problem.severity == "error"] == []
    return result


def takes(result: Imported, values: dict[str, Any]) -> bool:
    return record.settle(definition.load(result.form), values, NOW).valid


def said(result: Imported) -> list[str]:
    return [f"{line['source']}: {line['message']}" for line in result.report]


@pytest.mark.parametrize(
    ("reference", "more"),
    [
        ("#/properties/b", {"properties": {"b": {"type": "integer"}}}),
        ("#/definitions/x/definitions/y", {"definitions": {"x": {"definitions": {"y": {"type": "integer"}}}}}),
        ("#/$defs/group/y", {"$defs": {"group": {"y": {"type": "integer"}}}}),
        ("#/definitions/z/oneOf/1", {"definitions": {"z": {"oneOf": [True, {"type": "integer"}]}}}),
        ("#whole", {"$defs": {"z": {"$anchor": "whole", "type": "integer"}}}),
        ("#whole", {"definitions": {"z": {"$id": "#whole", "type": "integer"}}}),
        ("http://example.com/s.json#/$defs/z", {"$id": "http://example.com/s.json", "$defs": {"z": {"type": "integer"}}}),
        ("other.json", {"$defs": {"z": {"$id": "other.json", "type": "integer"}}}),
        ("#/definitions/a%20b~1c", {"definitions": {"a b/c": {"type": "integer"}}}),
    ],
)  # fmt: skip
def test_a_reference_leads_anywhere_in_the_document(reference: str, more: dict[str, Any]) -> None:
    properties = {**more.pop("properties", {}), "a": {"$ref": reference}}
    result = imported({"type": "object", "properties": properties, **more})
    assert (takes(result, {"a": 1}), takes(result, {"a": "x"})) == (True, False)
    assert [line for line in said(result) if "Left out" in line] == []


def test_what_leads_out_of_the_document_or_back_to_its_root_is_told() -> None:
    result = imported({"properties": {"a": {"$ref": "other.json#/x"}, "b": {"$ref": "#"}, "c": {"$ref": "#/no"}}})
    assert [line.split(":")[0] for line in said(result)] == ["properties/c/$ref", "properties/b/$ref", "properties/a/$ref"]  # fmt: skip


def test_definitions_under_both_names_are_kept() -> None:
    result = imported({"properties": {"a": {"$ref": "#/definitions/x"}, "b": {"$ref": "#/$defs/y"}},
                       "definitions": {"x": {"type": "integer"}}, "$defs": {"y": {"type": "boolean"}}})  # fmt: skip
    assert takes(result, {"a": 1, "b": True})


def test_fields_that_only_alternatives_name_are_asked_for() -> None:
    card = {"properties": {"by": {"const": "card"}, "number": {"type": "string"}}, "required": ["by", "number"]}
    cash = {"type": "object", "properties": {"by": {"const": "cash"}, "coins": {"type": "integer"}}, "required": ["by"]}
    result = imported({"oneOf": [{"$ref": "#/definitions/card"}, cash], "definitions": {"card": card}})
    assert result.form["properties"]["by"] == {"enum": ["card", "cash"]}
    assert takes(result, {"by": "card", "number": "1"})
    assert takes(result, {"by": "cash", "coins": 3})
    assert not takes(result, {"by": "card"})
    assert len(result.report) == 3


def test_fields_behind_a_condition_are_asked_for() -> None:
    schema = {"properties": {"kind": {"enum": ["a", "b"]}}, "if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]},
              "then": {"properties": {"more": {"type": "string"}}, "required": ["more"]}}  # fmt: skip
    result = imported({"type": "object", **schema})
    assert takes(result, {"kind": "b"})
    assert takes(result, {"kind": "a", "more": "x"})
    assert not takes(result, {"kind": "a"})
    assert said(result) == ["properties/more: There it is asked for in some cases only; here it is always shown."]


def test_the_parts_of_a_whole_that_say_more_keep_it() -> None:
    part = {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "additionalProperties": False, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}  # fmt: skip
    result = imported({"allOf": [part, {"$ref": "#/$defs/c"}], "$defs": {"c": {"properties": {"c": {"type": "integer"}}, "required": ["c"]}}})  # fmt: skip
    assert list(result.form["properties"]) == ["a", "b", "c"]
    assert takes(result, {"a": "x", "c": 1})
    assert not takes(result, {"c": 1})
    assert not takes(result, {"a": "x"})


def test_a_part_that_only_null_fits_stays() -> None:
    result = imported({"allOf": [{"$ref": "#/$defs/a", "required": ["b"]}, {"type": ["object", "null"]}], "$defs": {"a": {"properties": {"a": {"type": "string"}}}},
                       "properties": {"b": {"type": "string"}}})  # fmt: skip
    assert not takes(result, {"a": "x"})
    assert takes(result, {"a": "x", "b": "y"})
    assert not takes(imported({"properties": {"b": {}}, "allOf": [{"type": "null"}]}), {"b": "x"})


def test_a_tuple_of_old_and_examples_that_are_no_list_are_brought_up() -> None:
    pair = {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "additionalItems": False}
    result = imported({"properties": {"a": pair, "b": {"type": "string", "examples": "one"}}})
    assert result.form["properties"]["a"]["items"] is False
    assert result.form["properties"]["b"]["examples"] == ["one"]
    assert takes(result, {"a": ["x", 1]})
    assert not takes(result, {"a": ["x", 1, 2]})
    assert result.report == []


def test_alternatives_of_single_values_are_one_field() -> None:
    result = imported({"oneOf": [{"type": "string"}, {"type": "integer"}]})
    assert list(result.form["properties"]) == ["value"]
    assert takes(result, {"value": 3})


@pytest.mark.parametrize(
    "field",
    [
        {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[\\p{L}]+$"}},
        {"type": "string", "format": "uri", "pattern": "^https://id\\.example/[0-9]{4}$"},
        {"type": "string", "allOf": [{"not": {"pattern": " "}}]},
    ],
)
def test_a_pattern_has_a_sample(field: dict[str, Any]) -> None:
    form = definition.load(imported({"type": "object", "properties": {"a": field}}).form)
    assert record.settle(form, sample_of(form.fields, form.schema), NOW).errors == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"definitions": 5, "properties": {"b": {"$ref": "#/properties/a"}}},
        {"$defs": [], "properties": {"b": {"$ref": "#/properties/a"}}},
        {"dependencies": "b"},
        {"properties": {"b": {"dependencies": None}}},
        {"properties": {"b": {"type": "array", "unevaluatedItems": {"dependencies": {"x": {"maxLength": 2.5}}}}}},
        {"properties": {"b": {"$ref": "#/properties/a", "$dynamicRef": "#x"}}},
        {"id": "#anchor"},
        {"$id": "http://example.com/a#b"},
    ],
)
def test_what_is_no_schema_is_left_out_alone(odd: dict[str, Any]) -> None:
    properties = {**odd.pop("properties", {}), "a": {"type": "string"}}
    result = imported({"type": "object", "properties": properties, **odd})
    assert takes(result, {"a": "x"})
    assert "#" not in result.form.get("$id", "")


def test_alternatives_without_end_are_looked_at_so_deep_only() -> None:
    result = imported({"oneOf": [{"oneOf": [{"$ref": "#/oneOf/0"}]}]})
    assert any("leads back to itself" in line for line in said(result))
