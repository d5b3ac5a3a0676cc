"""`formloom form` and `formloom formula`: exit codes, JSON, sentences. They need no database."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from formloom.platform.cli import main

FORM = Path(__file__).parents[2] / "vectors" / "forms" / "reward_request.json"
GOOD = {"nominee": "li", "kind": "gift", "items": [{"gift": "Tea", "price": 19.99, "count": 3}]}


def run(*args, input=None):
    result = CliRunner().invoke(main, [str(arg) for arg in args], input=input, standalone_mode=True)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def answer(*args, input=None):
    result = run(*args, "--json", input=input)
    return result.exit_code, json.loads(result.stdout)


def test_a_sound_form_has_no_problems_and_code_0():
    assert answer("form", "check", FORM) == (0, {"problems": []})
    assert run("form", "check", FORM).exit_code == 0


def test_errors_have_code_1_and_warnings_0():
    code, told = answer("form", "check", "-", input='{"properties": {"a": {"type": "string"}}, "required": ["b"]}')
    assert code == 1
    assert [set(problem) for problem in told["problems"]] == [{"pointer", "message", "severity"}]
    assert told["problems"][0]["pointer"] == "/required/0"
    code, told = answer("form", "check", "-", input='{"properties": {"a": {"type": "string", "minLenght": 1}}}')
    assert code == 0
    assert [problem["severity"] for problem in told["problems"]] == ["warning"]


@pytest.mark.parametrize(
    "text", ["5", "null", "[]", '"x"', "true", '{"properties": 5}', '{"a": 1, "a": 2}', "[" * 3000 + "]" * 3000]
)
def test_any_json_is_answered(text):
    code, told = answer("form", "check", "-", input=text)
    assert code == 1
    assert told["problems"]


@pytest.mark.parametrize("args", [["nowhere.json"], ["."], [], ["--wrong"], ["a", "b"]])
def test_a_file_that_cannot_be_read_and_wrong_use_have_code_2_and_one_sentence(args):
    result = run("form", "check", *args, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.strip()


def test_text_that_is_no_json_cannot_be_read_as_a_form():
    result = run("form", "check", "-", "--json", input="{,}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "JSON" in result.stderr


def test_a_good_record_comes_back_computed_and_cleaned():
    code, told = answer("form", "validate", FORM, "-", input=json.dumps(GOOD | {"total": 1, "paid_on": ""}))
    assert (code, told) == (0, {"valid": True, "errors": [], "record": GOOD | {"total": 59.97}})


def test_a_wrong_record_has_code_1_and_every_error():
    code, told = answer("form", "validate", FORM, "-", input='{"kind": "money", "x": 1, "items": [{"price": "1"}]}')
    assert code == 1
    assert told["valid"] is False
    assert told["record"] is None
    assert [set(error) for error in told["errors"]] == [{"pointer", "message"}] * len(told["errors"])
    assert [error["pointer"] for error in told["errors"]] == ["/nominee", "/amount", "/items/0/price", "/x"]


def test_errors_are_told_in_the_language_asked_for():
    _, told = answer("form", "validate", FORM, "-", "--lang", "zh_Hans", input='{"kind": "money"}')
    assert [error["message"] for error in told["errors"]] == ["请填写被提名人。", "请填写金额。"]


@pytest.mark.parametrize(
    ("text", "pointer"), [("{", ""), ("[]", ""), ('{"amount": 1e400}', "/amount"), ('{"amount": NaN}', "")]
)
def test_a_record_that_does_not_pass_the_door_is_answered(text, pointer):
    code, told = answer("form", "validate", FORM, "-", input=text)
    assert code == 1
    assert [error["pointer"] for error in told["errors"]] == [pointer]


def test_a_record_against_a_broken_form_is_answered_with_the_form_s_errors():
    code, told = answer("form", "validate", "-", FORM, input='{"properties": {"a": {"type": "txt"}}}')
    assert code == 1
    assert told["valid"] is False
    assert [error["pointer"] for error in told["errors"]] == ["/properties/a/type"]
    assert run("form", "validate", "-", "-", input="{}").exit_code == 2


def test_a_live_value_is_shown_by_validate(tmp_path):
    form = {
        "properties": {"on": {"type": "string", "format": "date", "x-field": {"compute": {"today": []}, "live": True}}}
    }
    file = tmp_path / "form.json"
    file.write_text(json.dumps(form), "utf-8")
    code, told = answer("form", "validate", file, "-", input="{}")
    assert code == 0
    assert set(told["record"]) == {"on"}


def test_export_writes_a_json_schema():
    result = run("form", "export", FORM, "--to", "jsonschema")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert run("form", "export", FORM, "--to", "cheese").exit_code == 2
    assert run("form", "export", "-", "--to", "jsonschema", input='{"type": "string"}').exit_code == 1


def test_import_gives_a_form_and_a_report():
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"a": {"type": "string"}},
    }
    code, told = answer("form", "import", "--from", "jsonschema", "-", input=json.dumps(schema))
    assert code == 0
    assert set(told) == {"form", "report"}
    assert answer("form", "check", "-", input=json.dumps(told["form"]))[0] == 0
    assert run("form", "import", "--from", "jsonschema", "-", input="nonsense").exit_code == 2


def test_the_rows_of_a_sheet_are_told_of_because_a_form_holds_none():
    code, told = answer("form", "import", "--from", "spreadsheet", "-", input="a,b\n1,2\n3,4\n")
    assert (code, list(told["form"]["properties"])) == (0, ["a", "b"])
    assert told["report"][-1]["message"].startswith("2 rows of data")


def test_a_formula_is_parsed_and_printed_back():
    text = 'IF(kind = "money", amount, 0)'
    code, tree = answer("formula", "parse", text)
    assert code == 0
    assert answer("formula", "print", json.dumps(tree)) == (0, text)
    assert run("formula", "print", "-", input=json.dumps(tree)).stdout == text + "\n"
    assert answer("formula", "parse", "amount + 1", "--form", FORM)[0] == 0


def test_a_wrong_formula_has_code_1_and_says_where():
    code, told = answer("formula", "parse", "SUM(1, ")
    assert code == 1
    assert told["problems"][0]["message"]
    assert answer("formula", "parse", "amuont + 1", "--form", FORM)[0] == 1
    assert run("formula", "print", "{").exit_code == 2
    assert run("formula", "print", '{"nonsense": 1}').exit_code == 1


def test_wrong_use_is_told_in_one_line():
    for args in (["form", "check"], ["form", "check", "--wrong"], ["form", "nothing"], ["nothing"], ["--nothing"]):
        result = run(*args)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1


def test_what_is_wrong_with_a_formula_is_said_with_its_character():
    code, told = answer("formula", "parse", "total +\nSUMM(items.price)")
    assert code == 1
    assert told["problems"] == [
        {
            "pointer": "",
            "message": "There is no function “SUMM”. Did you mean “SUM”?",
            "severity": "error",
            "offset": 8,
            "line": 2,
            "column": 1,
        }
    ]
    assert run("formula", "parse", "a + * b").stdout.startswith("error   line 1, column 5: ")


@pytest.mark.parametrize("text", ["-a", "-hours + 1", "--a"])
def test_a_formula_may_begin_with_a_minus_sign(text):
    code, tree = answer("formula", "parse", text)
    assert (code, list(tree)) == (0, ["-" if "+" not in text else "+"])


def test_a_number_that_json_cannot_hold_is_no_formula():
    assert answer("formula", "parse", "1 + 1e400")[0] == 1


@pytest.mark.parametrize(
    ("text", "code"), [("NaN", 2), ('{"a', 2), ("1e400", 1), ('{"var": 1, "var": 2}', 1), ("5", 0)]
)
def test_a_tree_to_be_printed_is_read_like_a_definition(text, code):
    assert run("formula", "print", text, "--json").exit_code == code
