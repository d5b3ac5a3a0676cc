"""XLSForms from pyxform's own tests become forms that open, or one clear error."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

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


def markdown(*rows: str, choices: tuple[str, ...] = ()) -> Imported:
    """An XLSForm with the columns type, name, label, calculation, relevant, parameters, constraint."""
    head = ["| survey | | | | | | | |", "| | type | name | label | calculation | relevant | parameters | constraint |"]
    listed = ["| choices | | | |", "| | list_name | name | label |", *choices] if choices else []
    return convert("xlsform", "\n".join([*head, *rows, *listed]).encode(), "sample.md")


LIST = ("| | l | x | X |", "| | l | y | Y |", "| | l | 3 | Three |")


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("sum(${cost})", {"sum": [{"map": [{"var": "rows"}, {"var": "cost"}]}]}),
        ("max(${cost})", {"max": [{"map": [{"var": "rows"}, {"var": "cost"}]}]}),
        ("count(${rows})", {"count": [{"var": "rows"}]}),
        ("count(${cost})", {"count": [{"var": "rows"}]}),
        ("today() - ${day}", {"dateDiff": [{"var": "day"}, {"today": []}, "days"]}),
        ("int(${n} div 2)", {"roundDown": [{"/": [{"var": "n"}, 2]}, 0]}),
        ("pow(${n}, 2) + number(${one})", {"+": [{"power": [{"var": "n"}, 2]}, {"value": [{"var": "one"}]}]}),
        ("min(${n}, 3)", {"min": [{"var": "n"}, 3]}),
        ("substr(${words}, 1, 3)", {"substr": [{"var": "words"}, 1, 2]}),
        ("${many} = 'x'", {"and": [{"in": ["x", {"var": "many"}]}, {"==": [{"count": [{"var": "many"}]}, 1]}]}),
        ("${n} != 0", {"!": [{"and": [{"notEmpty": [{"var": "n"}]}, {"==": [{"var": "n"}, 0]}]}]}),
        ("contains(${words}, 'a')", {"contains": [{"var": "words"}, "a"]}),
    ],
)
def test_a_formula_is_carried_over(expression: str, tree: Any) -> None:
    result = markdown(
        "| | integer | n | N | | | | |", "| | text | words | W | | | | |", "| | date | day | D | | | | |",
        "| | select_one l | one | O | | | | |", "| | select_multiple l | many | M | | | | |", "| | begin_repeat | rows | R | | | | |",
        "| | decimal | cost | C | | | | |", "| | end_repeat | | | | | | |", f"| | calculate | made | | {expression} | | | |", choices=LIST,
    )  # fmt: skip
    assert result.form["properties"]["made"]["x-field"]["compute"] == tree
    assert result.report == []


def test_a_column_is_read_from_outside_through_a_total_only() -> None:
    rows = ("| | begin_repeat | rows | R | | | | |", "| | text | a | A | | | | |", "| | end_repeat | | | | | | |")
    result = markdown(*rows, "| | text | b | B | | ${a} = 'x' | | |")
    assert [line["message"] for line in result.report] == ["“${a} = 'x'” can't be carried over: a stands in rows."]


def test_calculations_that_stand_below_are_known_as_what_they_give() -> None:
    result = markdown(
        "| | integer | a | A | | ${c} > 3 | | |",
        "| | calculate | c | | ${b} * 2 | | | |",
        "| | integer | b | B | | | | |",
    )
    assert result.form["properties"]["a"]["x-field"]["visibleWhen"] == {">": [{"var": "c"}, 3]}


def test_a_scale_that_does_not_begin_at_a_step_says_so() -> None:
    ranges = ("| | range | a | A | | | start=0 end=5 step=0.5 | |", "| | range | b | B | | | start=1 end=9 step=2 | |")
    result = markdown(*ranges)
    assert result.form["properties"]["a"] == {"type": "number", "minimum": 0, "maximum": 5, "multipleOf": 0.5, "title": "A", "x-field": {"type": "slider"}}  # fmt: skip
    assert "multipleOf" not in result.form["properties"]["b"]
    assert [line["message"] for line in result.report] == ["“step” was left out: 2"]


def test_options_in_random_order_are_options() -> None:
    result = markdown("| | select_one l | a | A | | | randomize=true | |", choices=LIST)
    assert [option["const"] for option in result.form["properties"]["a"]["oneOf"]] == ["x", "y", "3"]
    assert [line["message"] for line in result.report] == ["Not carried over: parameters.randomize = true"]


def test_what_the_reader_adds_itself_is_no_field() -> None:
    head = ["| survey | | | | | |", "| | type | name | label | appearance | repeat_count |"]
    rows = ["| | begin_group | g | G | table-list | |", "| | select_one l | a | A | | |", "| | end_group | | | | |",
            "| | begin_repeat | r | R | | 3 |", "| | text | b | B | | |", "| | end_repeat | | | | |", "| | csv-external | file | | | |"]  # fmt: skip
    result = convert("xlsform", "\n".join([*head, *rows, "| choices | | | |", "| | list_name | name | label |", *LIST]).encode(), "a.md")  # fmt: skip
    assert list(result.form["properties"]) == ["a", "r"]
    assert {"source": "r", "message": "The number of rows was fixed by 3; here people add rows themselves."} in result.report  # fmt: skip


def test_two_patterns_in_one_constraint_are_not_read_as_one() -> None:
    result = markdown("| | text | a | A | | | | regex(., '^a') and regex(., 'b$') |")
    assert "pattern" not in result.form["properties"]["a"]
    assert "regex()" in result.report[0]["message"]


def test_of_several_conditions_those_that_are_understood_hold() -> None:
    rows = ("| | integer | n | N | | | | |", "| | begin_group | g | G | | position(..) = 1 | | |")
    result = markdown(*rows, "| | text | a | A | | ${n} > 1 | | |", "| | end_group | | | | | | |")
    assert result.form["properties"]["a"]["x-field"]["visibleWhen"] == {">": [{"var": "n"}, 1]}
    assert [line["source"] for line in result.report] == ["a"]


def test_a_day_in_a_cell_is_a_default() -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("survey")
        sheet.write_row(0, 0, ["type", "name", "label", "default"])
        sheet.write_row(1, 0, ["date", "day", "Day"])
        sheet.write_datetime(1, 3, datetime(2024, 1, 2), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001 (a cell has no zone)
    result = convert("xlsform", stream.getvalue(), "a.xlsx")
    assert (result.form["properties"]["day"]["default"], result.report) == ("2024-01-02", [])
