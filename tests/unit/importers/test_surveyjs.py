"""What a SurveyJS survey says becomes the form's own; what cannot is named."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from formloom.form_engine import definition, record
from formloom.form_engine.importers import Imported, convert

NOW = record.Context(now=datetime(2026, 11, 24, tzinfo=UTC), system=True)
FIELDS: list[dict[str, Any]] = [
    {"type": "text", "name": "words"},
    {"type": "text", "name": "amount", "inputType": "number"},
    {"type": "text", "name": "day", "inputType": "date"},
    {"type": "text", "name": "until", "inputType": "date"},
    {"type": "boolean", "name": "agreed"},
    {"type": "radiogroup", "name": "score", "choices": [0, {"value": 2, "text": "Often"}]},
    {"type": "radiogroup", "name": "size", "choices": ["Low", "Medium"], "showOtherItem": True},
    {"type": "checkbox", "name": "tags", "choices": ["a", "b"]},
    {"type": "matrix", "name": "grid", "rows": ["row 1"], "columns": [1, 2]},
    {"type": "multipletext", "name": "group", "items": [{"name": "part", "inputType": "number"}]},
    {
        "type": "paneldynamic",
        "name": "rows",
        "templateElements": [{"type": "text", "name": "n", "inputType": "number"}],
    },
]


def imported(*elements: dict[str, Any], **survey: Any) -> Imported:
    result = convert("surveyjs", json.dumps({**survey, "elements": elements}).encode(), "sample.json")
    assert [problem for problem in definition.check(result.form) if problem.severity == "error"] == []
    return result


def fields(*elements: dict[str, Any], **survey: Any) -> dict[str, Any]:
    properties: dict[str, Any] = imported(*elements, **survey).form["properties"]
    return properties


def said(result: Imported) -> list[str]:
    return [f"{line['source']}: {line['message']}" for line in result.report]


def shown(expression: str, values: dict[str, Any]) -> bool:
    """Whether a question with this condition is there in a record."""
    result = imported(*FIELDS, {"type": "text", "name": "asked", "visibleIf": expression})
    assert result.report == []
    settled = record.settle(definition.load(result.form), {**values, "asked": "x"}, NOW)
    assert settled.valid
    return "asked" in (settled.record or {})


@pytest.mark.parametrize(
    ("expression", "yes", "no"),
    [
        ("{agreed} = false", {"agreed": False}, {}),
        ("{agreed} = 'true'", {"agreed": True}, {}),
        ("{agreed}", {"agreed": True}, {"agreed": False}),
        ("!{agreed}", {}, {"agreed": True}),
        ("{words}", {"words": "x"}, {}),
        ("{words} = 'Yes'", {"words": "yes"}, {"words": "no"}),
        ("{words} contains 'ES'", {"words": "yes"}, {"words": "no"}),
        ("{amount} != 0", {}, {"amount": 0}),
        ("{amount} = '5'", {"amount": 5}, {}),
        ("{amount} ^ 2 = 9", {"amount": 3}, {"amount": 2}),
        ("{AMOUNT} > 1", {"amount": 2}, {"amount": 1}),
        ("{words} + ' ' + {size} = 'a Low'", {"words": "a", "size": "Low"}, {"words": "b", "size": "Low"}),
        ("{size} = 'low'", {"size": "Low"}, {"size": "Medium"}),
        ("{size} contains 'edi'", {"size": "Medium"}, {"size": "Low"}),
        ("{size-Comment} notempty", {"size": "other", "size-Comment": "x"}, {"size": "Low"}),
        ("{tags.length} > 1", {"tags": ["a", "b"]}, {"tags": ["a"]}),
        ("{tags} allof ['a', 'b']", {"tags": ["a", "b"]}, {"tags": ["b"]}),
        ("{day} < today(-1)", {"day": "2026-11-01"}, {"day": "2026-11-24"}),
        ("age({day}) >= 18", {"day": "2000-01-01"}, {"day": "2020-01-01"}),
        ("{grid.row 1} = 2", {"grid": {"row 1": "2"}}, {"grid": {"row 1": "1"}}),
        ("{group.part} > 1", {"group": {"part": 2}}, {"group": {"part": 1}}),
        ("{rows.length} = 2", {"rows": [{"n": 1}, {"n": 2}]}, {"rows": [{"n": 1}]}),
        ("{rows[0].n} = 7", {"rows": [{"n": 7}]}, {"rows": [{"n": 8}]}),
        ("{tags} = ['b', 'a']", {"tags": ["a", "b"]}, {"tags": ["a"]}),
        ("{tags} <> ['a']", {"tags": ["a", "b"]}, {"tags": ["a"]}),
        ("['a', 'x'] anyof {tags}", {"tags": ["a"]}, {"tags": ["b"]}),
        ("{size} != 'x' and {amount} notempty", {"amount": 1}, {}),
        ("{words} >= 10", {"words": "11"}, {"words": "9"}),
        ("{words} * 2 = 4", {"words": "2"}, {"words": "1"}),
        ("sum({score}, {words}) > 3", {"score": "2", "words": "2"}, {"score": "2"}),
        ("{score} > {amount}", {"score": "2", "amount": 1}, {"score": "0"}),
        ("diffDays({day}, {until}) = 3", {"day": "2026-11-24", "until": "2026-11-21"}, {"day": "2026-11-24"}),
        ("sumInArray({rows}, 'n') > 5", {"rows": [{"n": 3}, {"n": 3}]}, {"rows": [{"n": 3}]}),
    ],
)
def test_a_condition_means_what_it_meant(expression: str, yes: dict[str, Any], no: dict[str, Any]) -> None:
    assert (shown(expression, yes), shown(expression, no)) == (True, False)


def test_a_calculated_value_stands_where_it_is_read() -> None:
    values = [{"name": "double", "expression": "{amount} * 2"}, {"name": "unread", "expression": "1"},
              {"name": "loop", "expression": "{loop}"}]  # fmt: skip
    asked = [{"type": "text", "name": "a", "visibleIf": "{double} > 3"}, {"type": "text", "name": "b", "visibleIf": "{loop} > 3"}]  # fmt: skip
    result = imported(*FIELDS, *asked, calculatedValues=values)
    assert result.form["properties"]["a"]["x-field"]["visibleWhen"] == {">": [{"*": [{"var": "amount"}, 2]}, 3]}
    assert [line for line in said(result) if "unread" in line or "loop" in line] == [
        "b: “{loop} > 3” can't be carried over: {loop} leads back to itself.",
        'survey: “calculatedValues” was left out: {"name": "unread", "expression": "1"}',
        'survey: “calculatedValues” was left out: {"name": "loop", "expression": "{loop}"}',
    ]


def test_calculations_read_each_other_and_the_totals_of_columns() -> None:
    columns = [{"name": "sum", "cellType": "expression", "expression": "{row.n} * 2", "totalType": "sum"}, {"name": "n", "cellType": "text", "inputType": "number"}]  # fmt: skip
    made = fields(
        {"type": "expression", "name": "gross", "expression": "{net} * 2"},
        {"type": "expression", "name": "net", "expression": "{lines-total.sum}"},
        {"type": "matrixdynamic", "name": "lines", "columns": columns},
        {"type": "text", "name": "asked", "visibleIf": "{gross} > 10"},
    )
    assert made["net"]["x-field"]["compute"] == {"sum": [{"map": [{"var": "lines"}, {"var": "sum"}]}]}
    assert [made[key]["type"] for key in ("net", "gross")] == ["number", "number"]
    assert made["asked"]["x-field"]["visibleWhen"] == {">": [{"var": "gross"}, 10]}


def test_what_happens_by_itself_is_named_one_by_one() -> None:
    triggers = [{"type": "complete", "expression": "{amount} > 1"}, {"type": "setvalue", "setToName": "words", "setValue": "x" * 200}]  # fmt: skip
    told = said(imported(*FIELDS, triggers=triggers))
    assert [line.startswith("survey: “triggers” was left out: {") for line in told] == [True, True]
    assert "x" * 200 in told[1]


def test_old_options_rows_and_rates_have_their_label_behind_a_bar() -> None:
    made = fields(
        {"type": "dropdown", "name": "a", "choices": ["1|One", {"value": True, "text": "Yes"}], "defaultValue": 1},
        {"type": "matrix", "name": "b", "rows": ["r|Row"], "columns": ["c|Column"], "defaultValue": {"r": "c"}},
        {"type": "rating", "name": "c", "rateValues": ["bad|Bad", "good|Good"]},
        {"type": "rating", "name": "d", "rateValues": ["1|Bad", "2|Good"]},
        {"type": "matrixdynamic", "name": "e", "columns": ["first"], "choices": [1]},
    )
    assert made["a"]["oneOf"] == [{"const": "1", "title": "One"}, {"const": "true", "title": "Yes"}]
    assert (made["a"]["default"], made["b"]["default"]) == ("1", {"r": "c"})
    assert made["b"]["x-field"]["columns"] == [{"value": "c", "title": "Column"}]
    assert made["c"]["oneOf"][1] == {"const": "good", "title": "Good"}
    assert (made["d"]["minimum"], made["d"]["maximum"]) == (1, 2)
    assert made["e"]["items"]["properties"]["first"]["oneOf"] == [{"const": "1", "title": "1"}]


def test_a_switch_that_stores_values_of_its_own_is_a_choice_among_them() -> None:
    switch = {"type": "boolean", "name": "a", "valueTrue": "Y", "valueFalse": "N", "labelTrue": "Yes, please"}
    result = imported(switch, {"type": "text", "name": "b", "visibleIf": "{a} = 'Y'"})
    made = result.form["properties"]
    assert result.report == []
    assert made["a"]["oneOf"] == [{"const": "Y", "title": "Yes, please"}, {"const": "N", "title": "No"}]
    assert made["b"]["x-field"]["visibleWhen"] == {"==": [{"var": "a"}, "Y"]}


def test_words_that_go_with_an_answer_are_asked_for() -> None:
    made = fields(
        {"type": "checkbox", "name": "a", "choices": ["x"], "hasOther": True, "otherText": "Which?"},
        {"type": "rating", "name": "b", "showCommentArea": True, "commentText": "Why?", "visibleIf": "{a} notempty"},
    )
    assert made["a-Comment"]["title"] == "Which?"
    assert made["a-Comment"]["x-field"]["visibleWhen"] == {"in": ["other", {"var": "a"}]}
    assert made["b-Comment"]["x-field"]["visibleWhen"] == {"notEmpty": [{"var": "a"}]}


def test_an_answer_is_kept_under_the_name_that_it_is_given() -> None:
    asked = {"type": "text", "name": "b", "visibleIf": "{shared} notempty"}
    made = fields({"type": "text", "name": "a", "valueName": "shared"}, asked)
    assert list(made) == ["shared", "b"]
    assert made["b"]["x-field"]["visibleWhen"] == {"notEmpty": [{"var": "shared"}]}


def test_what_a_panel_says_holds_for_what_is_in_it() -> None:
    panel = {"type": "panel", "name": "p", "readOnly": True, "enableIf": "{amount} > 1", "elements": [{"type": "text", "name": "a"}]}  # fmt: skip
    field = fields(*FIELDS, panel)["a"]
    assert (field["readOnly"], field["x-field"]["readOnlyWhen"]) == (True, {"!": [{">": [{"var": "amount"}, 1]}]})


def test_a_text_that_must_be_a_number_is_a_number() -> None:
    checks = [{"type": "numeric", "minValue": 1}, {"type": "email"}]
    result = imported({"type": "text", "name": "a", "validators": checks[:1]}, {"type": "text", "name": "b", "validators": checks[1:]})  # fmt: skip
    assert result.form["properties"]["a"] == {"type": "number", "minimum": 1, "x-field": {"type": "number"}}
    assert result.form["properties"]["b"]["x-field"] == {"type": "email"}
    assert result.report == []


def test_nothing_of_a_question_is_dropped_in_silence() -> None:
    result = imported(
        {"type": "matrixdynamic", "name": "a", "columns": [{"name": "c", "cellType": "text"}], "allowAddRows": False, "defaultValue": 3},
        {"type": "checkbox", "name": "b", "choices": ["x", {"text": "no value"}], "rows": 2},
        {"type": "image", "name": "c", "imageLink": "x.png", "imageFit": "cover"},
        {"type": "text", "name": "d", "visible": False, "visibleIf": "{b} notempty"},
        {"type": "text", "name": "e", "visible": False},
        {"type": "text", "name": "f", "validators": [{"type": "text", "minLength": 2, "allowDigits": True}]},
        {"type": "panel", "name": "g", "isRequired": True, "elements": [{"type": "text", "name": "h"}]},
    )  # fmt: skip
    assert said(result) == [
        "a: The default “3” does not fit the field: left out.",
        "a: Not carried over: allowAddRows = false",
        'b: “choices” was left out: {"text": "no value"}',
        "b: Not carried over: rows = 2",
        "c: The picture was left out: x.png",
        "c: Not carried over: imageFit = cover",
        "e: The field was hidden from everybody: here it is shown.",
        "g: “isRequired” was left out: true",
        "f: Not carried over: allowDigits = true",
    ]


def test_days_have_their_bounds_as_rules() -> None:
    first = {"type": "text", "name": "a", "inputType": "date", "min": "2020-01-01", "minErrorText": "Too early"}
    result = imported(first, {"type": "text", "name": "b", "inputType": "date", "maxValueExpression": "{a}"})
    assert result.form["x-form"]["rules"] == [
        {"when": {"<": [{"var": "a"}, "2020-01-01"]}, "field": "a", "message": "Too early"},
        {"when": {">": [{"var": "b"}, {"var": "a"}]}, "field": "b", "message": "b: max {a}"},
    ]
    assert result.report == []


def test_questions_below_a_row_are_asked_in_it() -> None:
    table = {"type": "matrixdynamic", "name": "a", "columns": [{"name": "b", "cellType": "boolean"}],
             "detailElements": [{"type": "text", "name": "c", "visibleIf": "{row.b} = true"}]}  # fmt: skip
    columns = fields(table)["a"]["items"]["properties"]
    assert columns["c"]["x-field"]["visibleWhen"] == {"==": [{"var": "b"}, True]}


def test_a_check_that_people_may_go_against_only_warns() -> None:
    checks = [
        {"type": "numeric", "minValue": 0},
        {"type": "numeric", "maxValue": 10, "notificationType": "warning", "text": "So much?"},
        {"type": "expression", "expression": "{a} <> 3", "notificationType": "info", "text": "Three?"},
    ]
    words = {"type": "text", "name": "b", "validators": [{"type": "regex", "regex": "^x", "notificationType": "info"}]}
    result = imported({"type": "text", "name": "a", "inputType": "number", "validators": checks}, words)
    assert result.form["properties"]["a"] == {"type": "number", "minimum": 0, "x-field": {"type": "number"}}
    assert result.form["x-form"]["rules"] == [
        {"when": {">": [{"var": "a"}, 10]}, "field": "a", "message": "So much?", "severity": "warning"},
        {"when": {"!": [{"!=": [{"var": "a"}, 3]}]}, "field": "a", "message": "Three?", "severity": "warning"},
    ]
    assert said(result) == ["b: A check of the type “regex” was left out."]


def test_a_pattern_is_found_anywhere_in_the_text() -> None:
    checks = [{"type": "regex", "regex": "[0-9]{4}"}], [{"type": "regex", "regex": "^a", "caseInsensitive": True}]
    result = imported(*({"type": "text", "name": name, "validators": check} for name, check in zip("ab", checks, strict=True)))  # fmt: skip
    assert result.form["properties"]["a"]["pattern"] == "[0-9]{4}"
    assert "pattern" not in result.form["properties"]["b"]
    assert said(result) == ["b: A check of the type “regex” was left out."]


def test_several_texts_keep_what_they_can_and_name_the_rest() -> None:
    items = [{"name": "n", "inputType": "number", "min": 1, "placeholder": "1"},
             {"name": "d", "inputType": "date", "min": "2020-01-01", "maxValueExpression": "today()", "placeholder": "day"}]  # fmt: skip
    result = imported({"type": "multipletext", "name": "a", "items": items})
    number = result.form["properties"]["a"]["properties"]["n"]
    assert (number["minimum"], number["x-field"]["placeholder"]) == (1, "1")
    assert said(result) == ["a/d: Not carried over: min = 2020-01-01; maxValueExpression = today(); placeholder = day"]


def test_a_survey_under_some_word_is_found() -> None:
    survey = {"json": {"pages": [{"elements": [{"type": "text", "name": "a"}]}]}, "theme": {"name": "dark"}}
    result = convert("surveyjs", json.dumps(survey).encode(), "a.json")
    assert list(result.form["properties"]) == ["a"]
    assert said(result) == [": Not carried over: theme.name = dark"]


def test_of_several_conditions_those_that_are_understood_hold() -> None:
    inner = {"type": "text", "name": "a", "visibleIf": "{amount} > 1"}
    result = imported(*FIELDS, {"type": "panel", "name": "p", "visibleIf": "mine({words})", "elements": [inner]})
    assert result.form["properties"]["a"]["x-field"]["visibleWhen"] == {">": [{"var": "amount"}, 1]}
    assert said(result) == ["a: “mine({words})” can't be carried over: the function mine()."]


def test_a_switch_that_stores_yes_and_no_as_such_is_one() -> None:
    switch = {"type": "boolean", "name": "a", "valueTrue": True, "valueFalse": False}
    assert fields(switch)["a"]["type"] == "boolean"


def test_what_would_grow_without_end_is_named() -> None:
    values = [{"name": f"c{at}", "expression": " + ".join([f"{{c{at + 1}}}"] * 40)} for at in range(6)]
    asked = {"type": "text", "name": "a", "visibleIf": "{c0} > 1"}
    result = imported(*FIELDS, asked, calculatedValues=[*values, {"name": "c6", "expression": "{amount}"}])
    assert "too long" in said(result)[0]
    told = said(imported({"type": "dropdown", "name": "b", "choicesMin": 0, "choicesMax": 10**9}))
    assert told == ["b: “choicesMax” was left out: 1000000000"]
