"""A form as a spreadsheet to fill in, and as the header of a CSV file."""

import csv
import io
import json
from pathlib import Path

import pytest
from form_builders import a_field, a_form, a_table
from form_strategies import forms
from hypothesis import given, settings
from openpyxl import load_workbook

from formloom.form_engine import definition
from formloom.form_engine.sheets import csv_header, xlsx_template

REWARD = json.loads((Path(__file__).parents[2] / "vectors" / "forms" / "reward_request.json").read_text("utf-8"))


def book(document, lang="en"):
    return load_workbook(io.BytesIO(xlsx_template(definition.load(document), lang)))


def heads(sheet):
    return [cell.value for cell in sheet[1]]


def test_the_header_has_the_labels_of_what_people_fill_in():
    assert csv_header(definition.load(REWARD)) == "Nominee,Kind of reward,Amount,Paid on\r\n"
    assert csv_header(definition.load(REWARD), "zh_Hans") == "被提名人,奖励类型,金额,Paid on\r\n"


def test_a_label_with_a_comma_stays_one_column():
    document = a_form(a={"type": "string", "title": 'A, "b"'}, b="string")
    assert next(csv.reader([csv_header(definition.load(document))])) == ['A, "b"', "b"]


def test_each_sub_table_has_a_sheet():
    sheets = book(REWARD)
    assert sheets.sheetnames == ["Reward request", "Gifts"]
    assert heads(sheets["Reward request"]) == ["#", "Nominee *", "Kind of reward *", "Amount", "Paid on"]
    assert heads(sheets["Gifts"]) == ["#", "Gift", "Price", "Count"]
    assert book(REWARD, "zh_Hans").sheetnames == ["奖励申请", "Gifts"]


def test_options_are_offered_in_the_cells():
    rules = book(REWARD)["Reward request"].data_validations.dataValidation
    assert [rule.formula1 for rule in rules if rule.type == "list"] == ['"Money,Gift,Honour"']
    assert {rule.type for rule in rules} == {"list", "decimal", "date"}


def test_long_lists_of_options_stand_on_a_hidden_sheet():
    options = [f"Option number {number}, the long one" for number in range(60)]
    sheets = book(a_form(a={"enum": options}))
    assert sheets["~"].sheet_state == "hidden"
    assert [cell.value for cell in sheets["~"]["A"]] == options
    assert sheets.worksheets[0].data_validations.dataValidation[0].formula1 == "'~'!$A$1:$A$60"


@pytest.mark.parametrize("title", ["A/B: [x]?*", "x" * 60, "'quoted'", "", "History"])
def test_a_title_becomes_a_name_that_a_sheet_may_have(title):
    document = a_form(rows={"title": title, **a_table(a="string")}, more={"title": title, **a_table(a="string")}) | {
        "title": title
    }
    names = book(document).sheetnames
    assert len({name.casefold() for name in names}) == 3


def test_groups_are_columns_with_the_group_s_name():
    home = {"type": "object", "title": "Home", "properties": {"city": {"type": "string", "title": "City"}}}
    assert heads(book(a_form(home=home, total=a_field(None, "number", compute=1))).worksheets[0]) == [
        "#",
        "Home / City",
    ]


@given(forms())
@settings(max_examples=25, deadline=None)
def test_every_form_has_a_template(document):
    assert book(document).worksheets
