"""What is imported can be filled in: its own sample record is taken, or the report says that none was found."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from formloom.form_engine import definition, record
from formloom.form_engine.field_types.structure import sample_of
from formloom.form_engine.importers import Imported, Kind, convert

TODAYS = [datetime(2026, 11, 24, tzinfo=UTC), datetime(2049, 6, 1, tzinfo=UTC)]


def imported(kind: Kind, content: Any) -> Imported:
    data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
    return convert(kind, data, "sample")


def refused(result: Imported, today: datetime = TODAYS[0]) -> list[str]:
    form = definition.load(result.form)
    settled = record.settle(form, sample_of(form.fields, form.schema), record.Context(now=today, system=True))
    return [error.message for error in settled.errors]


def xlsform(*rows: str) -> str:
    head = ["| survey | | | | | |", "| | type | name | label | constraint | constraint_message |"]
    choices = ["| choices | | | |", "| | list_name | name | label |", "| | yn | y | Y |", "| | yn | n | N |"]
    return "\n".join([*head, *rows, *choices])


@pytest.mark.parametrize("today", TODAYS)
@pytest.mark.parametrize(
    "row",
    [
        "| | date | a | A | . > today() | m |",
        "| | date | a | A | . <= today() | m |",
        "| | dateTime | a | A | . > now() | m |",
        "| | date | a | A | . >= date('2020-01-01') and . < date('2020-02-01') | m |",
        "| | decimal | a | A | . > 50 and . <= 50.5 | m |",
        "| | integer | a | A | . > 50 and . < 1000 | m |",
        "| | text | a | A | string-length(.) = 5 | m |",
        "| | text | a | A | regex(., '[A-Z]{3}[0-9]+') | m |",
        "| | select_multiple yn | a | A | count-selected(.) = 2 | m |",
        "| | begin repeat | r | R | | |\n| | integer | a | A | . > 17 | m |\n| | end repeat | | | | |",
    ],
)
def test_a_constraint_is_kept_by_an_example(row: str, today: datetime) -> None:
    result = imported("xlsform", xlsform(row))
    assert refused(result, today) == []
    assert "No record was found" not in str(result.report)


def test_a_pattern_of_an_xlsform_is_the_field_s_pattern() -> None:
    result = imported("xlsform", xlsform("| | text | a | A | regex(., '[A-Z]{3}') | Three letters |"))
    assert result.form["properties"]["a"]["pattern"] == "^(?:[A-Z]{3})$"
    assert [line["message"] for line in result.report] == ["The own words for an error were left out: Three letters"]


def test_a_rule_that_nothing_keeps_is_told() -> None:
    result = imported("xlsform", xlsform("| | integer | a | A | . > 5 and . < 3 | Never |"))
    assert any("No record was found" in line["message"] and "Never" in line["message"] for line in result.report)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"type": "string", "format": "uri-reference"}, "b": {"type": "string", "format": "ipv4"}}},
        {"properties": {"a": {"type": "string", "pattern": "^[a-z]+$", "examples": ["NOT THIS", "this"]}}},
        {"required": ["a"], "properties": {"a": {"type": "object", "additionalProperties": False,
                                                 "patternProperties": {"^/x": {"type": "integer"}}}}},
        {"properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}, "c": {"type": "string"}},
                              "dependentSchemas": {"b": {"not": {"required": ["c"]}}}}}},
        {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    ],
)  # fmt: skip
def test_what_a_json_schema_says_is_kept_by_the_samples(schema: dict[str, Any]) -> None:
    assert refused(imported("jsonschema", {"type": "object", **schema})) == []


def test_the_lengths_of_several_texts_are_those_of_each() -> None:
    field = {"type": "textfield", "key": "a", "label": "A", "input": True, "multiple": True}
    result = imported("formio", {"components": [field | {"validate": {"minLength": 0, "maxLength": 4}}]})
    assert result.form["properties"]["a"] == {"type": "array", "items": {"type": "string", "maxLength": 4}, "title": "A", "x-field": {"type": "tags"}}  # fmt: skip
    assert (refused(result), result.report) == ([], [])
