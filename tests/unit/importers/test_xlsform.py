"""XLSForms from pyxform's own tests become forms that open, or one clear error."""

from pathlib import Path
from typing import Any

import pytest

from formloom.form_engine import definition
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.importers import Imported, convert

FOLDER = Path(__file__).parents[2] / "vectors" / "xlsform"
FILES = sorted(file for file in FOLDER.iterdir() if file.suffix in {".xls", ".xlsx", ".csv"})
REFUSED = {"unknown_question_type.xls"}


def imported(name: str) -> Imported:
    return convert("xlsform", (FOLDER / name).read_bytes(), name)


def properties(name: str) -> dict[str, Any]:
    return imported(name).form["properties"]


@pytest.mark.parametrize("file", [file for file in FILES if file.name not in REFUSED], ids=lambda file: file.name)
def test_every_file_becomes_a_form_that_opens(file: Path) -> None:
    form = imported(file.name).form
    assert [problem for problem in definition.check(form) if problem.severity == "error"] == []
    assert definition.load(form).fields


def test_what_pyxform_refuses_is_one_clear_error() -> None:
    with pytest.raises(DefinitionError, match="Invalid headers"):
        imported("unknown_question_type.xls")


def test_questions_keep_their_names_labels_and_types() -> None:
    fields = properties("text_and_integer.csv")
    assert fields["your_name"] == {"type": "string", "title": "What is your name?", "x-field": {"type": "text"}}
    assert fields["your_age"]["type"] == "integer"


def test_choices_become_options() -> None:
    assert properties("yes_or_no_question.xlsx")["good_day"]["oneOf"] == [
        {"const": "yes", "title": "yes"},
        {"const": "no", "title": "no"},
    ]


def test_a_relevance_becomes_a_condition() -> None:
    field = properties("specify_other.xlsx")["sex_other"]
    assert field["x-field"]["visibleWhen"] == {"==": [{"var": "sex"}, "other"]}


def test_a_constraint_becomes_a_rule_with_its_message() -> None:
    rules = imported("widgets.xls").form["x-form"]["rules"]
    rule = next(rule for rule in rules if rule["field"] == "my_int")
    assert rule["message"] == "number must be less than 10"
    assert rule["when"]["and"][0] == {"notEmpty": [{"var": "my_int"}]}


def test_a_repeat_becomes_a_table_and_a_group_a_section() -> None:
    assert properties("tutorial.xls")["member"]["x-field"]["type"] == "table"
    layout = imported("group.xlsx").form["x-form"]["layout"]
    assert ("Father", ["phone_number", "age"]) in [(section["section"], section["fields"]) for section in layout]


def test_a_calculation_that_is_none_is_reported_and_left_out() -> None:
    result = imported("bad_calc.xlsx")
    assert "compute" not in result.form["properties"]["badcalc"].get("x-field", {})
    assert any(line["source"] == "badcalc" for line in result.report)


def test_a_calculation_is_computed() -> None:
    assert properties("calculate.xls")["calculate_test"]["x-field"]["compute"] == {"+": [2, 2]}


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"PK\x03\x04broken", b"survey", "文字".encode(), b"{}"])
def test_a_damaged_file_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(DefinitionError):
        convert("xlsform", data, "a.xlsx")


def test_a_file_that_its_reader_warns_of_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    data = (FOLDER / "tutorial.xls").read_bytes() + b"\0" * 10
    assert convert("xlsform", data, "a.xls").form["properties"]
    assert capfd.readouterr().out == ""
