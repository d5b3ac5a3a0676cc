"""Form.io, SurveyJS and JSON Schema files become forms that open and take the data they took there."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from formloom.form_engine import definition, record
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.importers import KINDS, Imported, Kind, convert

FORMIO = Path(__file__).parents[2] / "vectors" / "formio"
CONTEXT = record.Context(now=datetime(2026, 11, 24, tzinfo=UTC), system=True)


def imported(kind: Kind, document: Any) -> Imported:
    return convert(kind, json.dumps(document).encode(), "sample.json")


def opened(result: Imported) -> dict[str, Any]:
    assert [problem for problem in definition.check(result.form) if problem.severity == "error"] == []
    properties: dict[str, Any] = result.form["properties"]
    return properties


def accepts(result: Imported, values: dict[str, Any]) -> bool:
    return record.settle(definition.load(result.form), values, CONTEXT).valid


def component(**settings: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": "a", "label": "A", "input": True, **settings}


class TestFormio:
    def test_every_component_of_open_forms_is_carried_over_or_reported(self) -> None:
        document = json.loads((FORMIO / "all_components.json").read_text())
        result = imported("formio", document)
        fields = opened(result)
        told = {line["source"] for line in result.report}
        assert {part["key"] for part in document["components"]} <= set(fields) | told
        assert fields["email"]["format"] == "email"
        assert fields["selectBoxes"]["x-field"]["type"] == "multiselect"
        assert fields["children"]["x-field"]["type"] == "table"

    def test_the_plain_values_of_its_sample_data_validate(self) -> None:
        result = imported("formio", json.loads((FORMIO / "all_components.json").read_text()))
        data = json.loads((FORMIO / "all_components_data.json").read_text())
        values = {
            key: data[key]
            for key in ("textField", "textArea", "email", "number", "date", "radio", "select", "postcode")
        }
        assert accepts(result, values)

    def test_a_simple_condition_becomes_visible_when(self) -> None:
        shown = {"show": True, "when": "a", "eq": "yes"}
        result = imported(
            "formio", {"components": [component(), component(key="b", conditional=shown, validate={"required": True})]}
        )
        settings = opened(result)["b"]["x-field"]
        assert settings["visibleWhen"] == settings["requiredWhen"] == {"==": [{"var": "a"}, "yes"]}

    def test_panels_become_sections_and_grids_tables(self) -> None:
        grid = {"type": "datagrid", "key": "rows", "label": "Rows", "input": True, "components": [component()]}
        panel = {"type": "panel", "key": "p", "title": "Panel", "components": [component(key="b"), grid]}
        result = imported("formio", {"components": [component(), panel]})
        assert opened(result)["rows"]["items"]["properties"]["a"]["type"] == "string"
        assert {"section": "Panel", "fields": ["b", "rows"]} in result.form["x-form"]["layout"]

    def test_a_program_inside_is_reported_not_run(self) -> None:
        result = imported(
            "formio", {"components": [component(calculateValue="value = 1", validate={"custom": "valid = 1"})]}
        )
        assert {"calculateValue", "validate.custom"} <= {
            line["message"].split("”")[0].strip("“") for line in result.report
        }

    def test_a_pattern_with_look_around_is_left_out_and_reported(self) -> None:
        result = imported("formio", {"components": [component(validate={"pattern": "^(?!x).*$"})]})
        assert "pattern" not in opened(result)["a"]
        assert any("pattern" in line["source"] for line in result.report)

    def test_rules_that_are_no_object_are_passed_over(self) -> None:
        result = imported("formio", {"components": [component(type="number", validate="yes")]})
        assert opened(result)["a"]["type"] == "number"


class TestSurveyJs:
    def test_pages_become_steps_and_choices_options(self) -> None:
        survey = {
            "title": {"default": "Order", "zh-cn": "订单"},
            "pages": [
                {
                    "name": "p1",
                    "elements": [
                        {
                            "type": "radiogroup",
                            "name": "size",
                            "choices": ["s", {"value": "m", "text": "Medium"}],
                            "isRequired": True,
                        }
                    ],
                },
                {
                    "name": "p2",
                    "visibleIf": "{size} = 'm'",
                    "elements": [{"type": "text", "name": "age", "inputType": "number", "min": 1}],
                },
            ],
        }
        result = imported("surveyjs", survey)
        fields = opened(result)
        assert fields["size"]["oneOf"] == [{"const": "s", "title": "s"}, {"const": "m", "title": "Medium"}]
        assert fields["age"]["x-field"]["visibleWhen"] == {"==": [{"var": "size"}, "m"]}
        assert result.form["required"] == ["size"]
        assert result.form["title"] == "Order"
        assert accepts(result, {"size": "s"})

    def test_every_question_type_opens_or_is_reported(self) -> None:
        kinds = ["text", "comment", "boolean", "rating", "checkbox", "tagbox", "dropdown", "radiogroup", "ranking", "imagepicker", "file",
                 "signaturepad", "html", "matrix", "matrixdynamic", "matrixdropdown", "paneldynamic", "multipletext", "expression", "image",
                 "buttongroup", "slider", "imagemap"]  # fmt: skip
        extra = {
            "choices": ["a", "b"], "columns": [{"name": "c1", "cellType": "text"}], "rows": ["r1"], "items": [{"name": "i1"}],
            "templateElements": [{"type": "text", "name": "t1"}], "html": "<b>hello</b>", "expression": "1 + 1",
        }  # fmt: skip
        result = imported("surveyjs", {"elements": [{"type": kind, "name": f"q_{kind}", **extra} for kind in kinds]})
        fields = opened(result)
        told = {line["source"] for line in result.report}
        assert {f"q_{kind}" for kind in kinds} <= set(fields) | told

    def test_an_expression_that_is_not_understood_is_reported(self) -> None:
        result = imported("surveyjs", {"elements": [{"type": "text", "name": "a", "visibleIf": "myFunction({a}) = 1"}]})
        assert "visibleWhen" not in opened(result)["a"].get("x-field", {})
        assert any("myFunction" in line["message"] for line in result.report)


class TestJsonSchema:
    def test_an_old_draft_is_brought_up(self) -> None:
        schema = {
            "$schema": "http://json-schema.org/draft-04/schema#", "id": "http://example.com/a", "type": "object",
            "definitions": {"n": {"type": "number", "minimum": 0, "exclusiveMinimum": True}}, "properties": {"a": {"$ref": "#/definitions/n"}},
        }  # fmt: skip
        result = imported("jsonschema", schema)
        opened(result)
        assert accepts(result, {"a": 1})
        assert not accepts(result, {"a": 0})

    def test_a_list_or_one_value_becomes_a_form_with_one_field(self) -> None:
        assert accepts(imported("jsonschema", {"type": "string", "maxLength": 3}), {"value": "abc"})

    def test_an_external_reference_is_reported(self) -> None:
        result = imported(
            "jsonschema",
            {"type": "object", "properties": {"a": {"$ref": "https://example.com/x"}, "b": {"type": "string"}}},
        )
        assert set(opened(result)) >= {"b"}
        assert result.report


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"xlsform", "spreadsheet"}])
@pytest.mark.parametrize("data", [b"", b"[]", b"3", b"{", b"\xff\xfe", b"[[[[", b"null", b'"x"'])
def test_what_is_no_form_is_one_clear_error(kind: Kind, data: bytes) -> None:
    with pytest.raises(DefinitionError):
        convert(kind, data, "x.json")


def test_what_is_wrong_deep_inside_a_schema_is_left_out_alone() -> None:
    part = {
        "type": "object",
        "if": {"required": ["b"]},
        "then": {"properties": "none"},
        "properties": {"b": {"type": "string"}},
    }
    result = imported("jsonschema", {"type": "object", "properties": {"a": part, "c": {"type": "string"}}})
    assert set(opened(result)) == {"a", "c"}
    assert any("not a text" in line["message"] for line in result.report)


@pytest.mark.parametrize(
    ("kind", "operator", "value", "tree"),
    [
        ("textfield", "includes", "x", {"contains": [{"var": "a"}, "x"]}),
        ("textfield", "notIncludes", "x", {"!": [{"contains": [{"var": "a"}, "x"]}]}),
        ("textfield", "startsWith", "x", {"startsWith": [{"var": "a"}, "x"]}),
        ("day", "dateGreaterThan", "2024-01-02T00:00:00+02:00", {">": [{"var": "a"}, "2024-01-02"]}),
        ("day", "isNotDateEqual", "2024-01-02", {"!=": [{"var": "a"}, "2024-01-02"]}),
    ],
)
def test_the_operators_of_formio_are_carried_over(kind: str, operator: str, value: str, tree: Any) -> None:
    rule = {"show": True, "conditions": [{"component": "a", "operator": operator, "value": value}]}
    result = imported("formio", {"components": [component(type=kind), component(key="b", conditional=rule)]})
    assert opened(result)["b"]["x-field"]["visibleWhen"] == tree


def test_a_default_that_is_a_number_is_the_option_of_that_number() -> None:
    values = [{"value": 1, "label": "One"}, {"value": 2, "label": "Two"}]
    single = component(type="select", data={"values": values}, defaultValue=2, persistent=False)
    result = imported("formio", {"components": [single, component(key="b", type="select", multiple=True, data={"values": values}, defaultValue=[1])]})  # fmt: skip
    assert (opened(result)["a"]["default"], opened(result)["b"]["default"]) == ("2", ["1"])
    assert [line["message"] for line in result.report] == ["Not carried over: persistent = false"]
