"""A report names everything that the form does not have, and nothing that it has."""

import io
import json
from typing import Any

import pytest
import xlsxwriter

from formloom.form_engine import definition
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.importers import Imported, Kind, convert


def imported(kind: Kind, document: Any) -> Imported:
    result = convert(kind, json.dumps(document).encode(), "sample.json")
    assert [problem for problem in definition.check(result.form) if problem.severity == "error"] == []
    return result


def xlsform(*lines: str) -> Imported:
    """An XLSForm in pyxform's Markdown."""
    return convert("xlsform", "\n".join(lines).encode(), "sample.md")


def said(result: Imported) -> str:
    return "\n".join(f"{line['source']}: {line['message']}" for line in result.report)


class TestXlsform:
    def test_texts_come_in_every_language(self) -> None:
        result = xlsform(
            "| survey | | | | | |",
            "| | type | name | label::English (en) | label::French | label::中文 |",
            "| | text | a | Name | Nom | 姓名 |",
        )
        assert result.form["properties"]["a"]["title"] == "Name"
        assert result.form["x-form"]["translations"] == {"fr": {"a": "Nom"}, "zh_Hans": {"a": "姓名"}}
        assert result.report == []

    def test_a_language_that_nobody_knows_is_named(self) -> None:
        result = xlsform(
            "| survey | | | | |", "| | type | name | label::English | label::Elbonian |", "| | text | a | Name | Mup |"
        )
        assert "Elbonian" in said(result)

    def test_a_note_is_an_explanation_and_no_field(self) -> None:
        result = xlsform(
            "| survey | | | |",
            "| | type | name | label |",
            "| | text | a | A |",
            "| | note | n | Read ${a} first |",
        )
        assert list(result.form["properties"]) == ["a"]
        assert result.form["x-form"]["layout"] == [{"section": "", "fields": ["a", {"text": "Read ${a} first"}]}]
        assert "names other answers" in said(result)

    def test_a_choice_filter_becomes_a_condition_of_each_option(self) -> None:
        result = xlsform(
            "| survey | | | | |",
            "| | type | name | label | choice_filter |",
            "| | select_one s | state | State | |",
            "| | select_one c | city | City | state=${state} |",
            "| choices | | | | |",
            "| | list_name | name | label | state |",
            "| | s | tx | Texas | |",
            "| | s | wa | Washington | |",
            "| | c | aus | Austin | tx |",
            "| | c | sea | Seattle | wa |",
        )
        offered = result.form["properties"]["city"]["x-field"]["optionsWhen"]
        assert offered["aus"] == {"==": ["tx", {"var": "state"}]}
        assert result.report == []

    def test_what_has_no_counterpart_is_named_with_its_value(self) -> None:
        result = xlsform(
            "| survey | | | | | | |",
            "| | type | name | label | appearance | required_message | media::image |",
            "| | text | a | A | thousands-sep | Fill me | a.png |",
            "| settings | | | |",
            "| | form_title | version | instance_name |",
            "| | Mine | 7 | concat(${a}, 'x') |",
        )
        for word in ("thousands-sep", "Fill me", "Pictures", "version = 7", "instance_name"):
            assert word in said(result)

    def test_a_constraint_in_a_row_becomes_a_rule_of_its_column(self) -> None:
        result = xlsform(
            "| survey | | | | | |",
            "| | type | name | label | constraint | constraint_message |",
            "| | begin repeat | r | R | | |",
            "| | text | a | A | . != 'x' | Not x |",
            "| | integer | n | N | . >= 5 | |",
            "| | end repeat | | | | |",
        )
        assert result.form["x-form"]["rules"][0] | {"when": 0} == {"when": 0, "field": "r.a", "message": "Not x"}
        assert result.form["properties"]["r"]["items"]["properties"]["n"]["minimum"] == 5

    @pytest.mark.parametrize("data", [b"<html><table>survey</table></html>", b'{"survey": 1}', b"name,label\na,b\n"])
    def test_another_kind_of_file_is_one_sentence(self, data: bytes) -> None:
        with pytest.raises(DefinitionError, match="This is no XLSForm"):
            convert("xlsform", data, "a.xls")


class TestFormio:
    def test_every_setting_that_says_something_is_carried_over_or_named(self) -> None:
        component = {
            "type": "textfield", "key": "a", "label": "A", "description": "Help", "tooltip": "More", "placeholder": "e.g. x",
            "inputMask": "999", "prefix": "$", "hideLabel": False, "clearOnHide": True, "validate": {"maxLength": 9, "customMessage": "No"},
            "openForms": {"translations": {"nl": {"label": "Naam"}}}, "somethingNew": {"deep": 1},
        }  # fmt: skip
        result = imported("formio", {"components": [component]})
        field = result.form["properties"]["a"]
        assert (field["description"], field["maxLength"], field["x-field"]["placeholder"]) == ("Help", 9, "e.g. x")
        assert result.form["x-form"]["translations"] == {"nl": {"a": "Naam"}}
        (line,) = result.report
        assert line["message"] == (
            "Not carried over: tooltip = More; inputMask = 999; prefix = $; validate.customMessage = No; somethingNew.deep = 1"
        )

    def test_a_wizard_has_steps_and_tabs_are_tabs(self) -> None:
        part = {"type": "textfield", "key": "a", "label": "A"}
        pages = [
            {"type": "panel", "key": key, "title": key, "components": [{**part, "key": f"a{key}"}]} for key in "xy"
        ]
        wizard = imported("formio", {"display": "wizard", "components": pages})
        assert [next(iter(step)) for step in wizard.form["x-form"]["layout"]] == ["step", "step"]
        tabs = {"type": "tabs", "key": "t", "components": [{"key": "one", "label": "One", "components": [part]}]}
        laid = imported("formio", {"components": [tabs]}).form["x-form"]["layout"]
        assert laid == [{"tab": "One", "fields": ["a"]}]

    def test_one_component_alone_is_a_form_with_one_field(self) -> None:
        result = imported("formio", {"type": "date", "key": "datum", "label": "Datum", "validate": {"required": True}})
        assert result.form["properties"]["datum"]["format"] == "date"

    def test_a_survey_is_a_grid_and_options_may_stand_in_json(self) -> None:
        survey = {
            "type": "survey",
            "key": "s",
            "questions": [{"value": "q", "label": "Q"}],
            "values": [{"value": "1", "label": "Bad"}],
        }
        states = {
            "type": "select", "key": "state", "dataSrc": "json", "valueProperty": "code", "template": "<b>{{ item.name }}</b>",
            "data": {"json": '[{"code": "AL", "name": "Alabama"}]'},
        }  # fmt: skip
        fields = imported("formio", {"components": [survey, states]}).form["properties"]
        assert fields["s"]["x-field"]["rows"] == [{"value": "q", "title": "Q"}]
        assert fields["state"]["oneOf"] == [{"const": "AL", "title": "Alabama"}]

    def test_a_default_day_is_written_our_way(self) -> None:
        days = [{"type": "day", "key": key, "label": key, "defaultValue": value} for key, value in
                {"a": "12/31/2025", "b": "00/00/0000", "c": "31/31/2025"}.items()]  # fmt: skip
        result = imported("formio", {"components": days})
        fields = result.form["properties"]
        assert fields["a"]["default"] == "2025-12-31"
        assert "default" not in fields["b"]
        assert [line["source"] for line in result.report] == ["c"]


class TestSurveyJs:
    def test_pages_are_steps_and_panels_headings_inside_them(self) -> None:
        panel = {"type": "panel", "name": "p", "title": "Inside", "elements": [{"type": "text", "name": "b"}]}
        pages = [
            {"name": "one", "elements": [{"type": "text", "name": "a"}, panel]},
            {"name": "two", "elements": [{"type": "comment", "name": "c"}]},
        ]
        layout = imported("surveyjs", {"pages": pages}).form["x-form"]["layout"]
        assert layout == [
            {"step": "one", "fields": ["a", {"heading": "Inside"}, "b"]},
            {"step": "two", "fields": ["c"]},
        ]

    def test_a_condition_inside_a_panel_names_its_own_row(self) -> None:
        inner = [
            {"type": "text", "name": "n", "inputType": "number"},
            {"type": "comment", "name": "why", "visibleIf": "{panel.n} > 10"},
        ]
        result = imported("surveyjs", {"elements": [{"type": "paneldynamic", "name": "p", "templateElements": inner}]})
        columns = result.form["properties"]["p"]["items"]["properties"]
        assert columns["why"]["x-field"]["visibleWhen"] == {">": [{"var": "n"}, 10]}

    def test_every_setting_that_says_something_is_carried_over_or_named(self) -> None:
        question = {"type": "checkbox", "name": "q", "choices": ["a", "b"], "colCount": 3, "maxSelectedChoices": 2, "placeholder": "?",
                    "requiredErrorText": "Fill", "validators": [{"type": "answercount", "minCount": 1, "text": "One"}]}  # fmt: skip
        result = imported("surveyjs", {"elements": [question], "triggers": [{"type": "complete"}]})
        field = result.form["properties"]["q"]
        assert (field["minItems"], field["maxItems"]) == (1, 2)
        for word in ("colCount = 3", "requiredErrorText = Fill", "One", "triggers"):
            assert word in said(result)

    def test_conditions_of_options_are_carried_over(self) -> None:
        brands = {"type": "checkbox", "name": "brands", "choices": ["Ford", "VW"]}
        best = {"type": "radiogroup", "name": "best", "choices": ["Ford", {"value": "VW", "visibleIf": "{n} > 2"}],
                "choicesVisibleIf": "{brands} contains {item}"}  # fmt: skip
        count = {"type": "dropdown", "name": "n", "choices": [1, 2, 3, 4]}
        other = {
            "type": "dropdown",
            "name": "o",
            "choices": ["a", "b"],
            "choicesVisibleIf": "{item} != 'a' and {n} >= 2",
        }
        result = imported("surveyjs", {"elements": [brands, best, count, other]})
        fields = result.form["properties"]
        assert fields["best"]["x-field"]["optionsWhen"] == {
            "Ford": {"in": ["Ford", {"var": "brands"}]},
            "VW": {"in": [{"var": "n"}, ["3", "4"]]},
        }
        assert fields["o"]["x-field"]["optionsWhen"] == {
            "a": {"==": [1, 0]},
            "b": {"in": [{"var": "n"}, ["2", "3", "4"]]},
        }
        assert result.report == []

    def test_a_condition_of_options_that_is_not_understood_is_named_and_all_are_offered(self) -> None:
        question = {"type": "dropdown", "name": "q", "choices": ["a"], "choicesVisibleIf": "mine({item})"}
        text = {"type": "text", "name": "t", "choicesVisibleIf": "{q} = 'a'"}
        result = imported("surveyjs", {"elements": [question, text]})
        assert "optionsWhen" not in result.form["properties"]["q"]["x-field"]
        assert [line["source"] for line in result.report] == ["t", "q"]

    def test_options_that_are_numbers_are_compared_as_numbers(self) -> None:
        count = {"type": "dropdown", "name": "n", "choices": [1, 2, {"value": 10, "text": "Ten"}]}
        shown = [{"type": "text", "name": f"t{number}", "visibleIf": condition} for number, condition in
                 enumerate(["{n} > 2", "2 >= {n}", "{n} < 0", "{n} < 5 or {n} = 10"])]  # fmt: skip
        fields = imported("surveyjs", {"elements": [count, *shown]}).form["properties"]
        found = [fields[f"t{number}"]["x-field"]["visibleWhen"] for number in range(4)]
        assert found[:3] == [{"in": [{"var": "n"}, ["10"]]}, {"in": [{"var": "n"}, ["1", "2"]]}, {"==": [1, 0]}]
        assert found[3] == {"or": [{"in": [{"var": "n"}, ["1", "2"]]}, {"==": [{"var": "n"}, "10"]}]}

    def test_not_before_brackets_is_no_function(self) -> None:
        shown = {"type": "text", "name": "b", "visibleIf": "not ({a} = 'x') and {a} notempty"}
        field = imported("surveyjs", {"elements": [{"type": "text", "name": "a"}, shown]}).form["properties"]["b"]
        assert field["x-field"]["visibleWhen"] == {
            "and": [{"!": [{"==": [{"lower": [{"var": "a"}]}, "x"]}]}, {"notEmpty": [{"var": "a"}]}]
        }

    def test_a_form_of_another_product_is_one_sentence(self) -> None:
        with pytest.raises(DefinitionError, match="no SurveyJS"):
            imported("surveyjs", {"components": [{"type": "textfield", "key": "a"}]})


def test_json_that_is_no_schema_is_one_sentence() -> None:
    with pytest.raises(DefinitionError, match="no JSON Schema"):
        imported("jsonschema", {"components": [], "display": "form"})


class TestSheets:
    def sheet(self, text: str) -> Imported:
        return convert("spreadsheet", text.encode(), "a.csv")

    def kinds(self, result: Imported) -> list[str]:
        return [field["x-field"]["type"] for field in result.form["properties"].values()]

    def test_amounts_percents_and_times_are_understood(self) -> None:
        result = self.sheet('项目,金额,比例,时间\n甲,"¥1,234.50",12%,9:30\n乙,(￥99),7.5%,14:05\n')
        assert self.kinds(result) == ["text", "money", "percent", "time"]
        assert result.form["properties"]["jin_e"]["x-field"]["currency"] == "CNY"
        assert result.rows[1] == {"xiang_mu": "乙", "jin_e": -99, "bi_li": 7.5, "shi_jian": "14:05:00"}

    def test_a_decimal_comma_and_a_day_first_are_read_where_all_rows_agree(self) -> None:
        result = self.sheet("Name;Betrag;Datum\nA;1.234,50;01.02.2026\nB;99,00;15.03.2026\n")
        assert result.rows[0] == {"name": "A", "betrag": 1234.5, "datum": "2026-02-01"}

    def test_dates_of_which_nobody_knows_the_month_stay_texts(self) -> None:
        result = self.sheet("Date,N\n01/02/2026,1\n03/04/2026,2\n")
        assert self.kinds(result) == ["text", "integer"]
        assert "day from the month" in said(result)

    @pytest.mark.parametrize("text", ["Name,N\rA,1\rB,2\r", "Name\tN\nA\t1\nB\t2\n", "Name|N\nA|1\nB|2\n"])
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
    def test_any_separator_and_encoding(self, text: str, encoding: str) -> None:
        result = convert("spreadsheet", text.replace("A", "王").encode(encoding), "a.csv")
        assert result.rows == [{"name": "王", "n": 1}, {"name": "B", "n": 2}]

    def test_rows_of_digits_that_are_no_telephone_number_stay_texts(self) -> None:
        result = self.sheet("A,B\n1000000000000000,13800138000\n2000000000000000,13900139000\n")
        assert self.kinds(result) == ["text", "phone"]

    def test_heads_over_several_columns_are_joined_with_the_ones_below(self) -> None:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            sheet = book.add_worksheet("工资")
            sheet.merge_range(0, 0, 0, 2, "2026 年工资表")
            sheet.merge_range(1, 0, 2, 0, "姓名")
            sheet.merge_range(1, 1, 1, 2, "金额")
            sheet.write_row(2, 1, ["应发", "实发"])
            sheet.write_row(3, 0, ["李雷", 100.5, 90])
            sheet.write_row(5, 0, ["王芳", 90.5, 80])
        result = convert("spreadsheet", stream.getvalue(), "a.xlsx")
        titles = [field["title"] for field in result.form["properties"].values()]
        assert titles == ["姓名", "金额 / 应发", "金额 / 实发"]
        assert len(result.rows) == 2

    def test_a_page_of_html_that_calls_itself_a_workbook_is_refused(self) -> None:
        with pytest.raises(DefinitionError, match="no spreadsheet"):
            convert("spreadsheet", b"<html><table><tr><td>A</td></tr></table></html>", "a.xls")
