"""The community's 1,138 cases of JSON Logic: what the two evaluators make of them as they come, and what our profile does.

`tests/vectors/logic/conformance.json` lists, with a reason, each case that an evaluator answers otherwise, and each that
our profile admits and answers otherwise. All others are answered as the suite says, by both sides or by neither.
"""

import json
from functools import cache
from typing import Any

import datalogic_py
from logic_both import VECTORS, Sides, alike, browser

SUITES = VECTORS / "jsonlogic"


@cache
def cases() -> dict[str, dict[str, Any]]:
    """Every case by its file and number."""
    found = {}
    for file in sorted(SUITES.rglob("*.json")):
        for number, case in enumerate(json.loads(file.read_text(encoding="utf-8"))):
            if isinstance(case, dict):
                found[f"{file.relative_to(SUITES)}#{number}"] = case
    return found


@cache
def listed(part: str) -> dict[str, str]:
    """The listed cases of one part (`server`, `browser`, `profile`), each with its reason."""
    reasons = json.loads((VECTORS / "logic" / "conformance.json").read_text(encoding="utf-8"))[part]
    return {case: reason for reason, names in reasons.items() for case in names}


def as_the_suite_says(case: dict[str, Any], answer: dict[str, Any]) -> bool:
    if "error" in case:
        return "error" in answer
    return "value" in answer and alike(answer["value"], case["result"])


def server_as_it_comes(case: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": datalogic_py.Engine().eval(case["rule"], case.get("data"))}
    except datalogic_py.DataLogicError as error:
        return {"error": str(error)}


def field_of(value: Any) -> dict[str, Any]:
    """The field that would hold such a value."""
    match value:
        case bool():
            return {"kind": "switch"}
        case int() | float():
            return {"kind": "number"}
        case str():
            return {"kind": "text"}
        case [*rows] if rows and all(isinstance(row, dict) for row in rows):
            columns: dict[str, Any] = {}
            for row in rows:
                for key, cell in row.items():
                    columns[key] = (
                        field_of(cell) if columns.get(key, field_of(cell)) == field_of(cell) else {"kind": "other"}
                    )
            return {"kind": "table", "columns": columns}
        case [*items] if items and all(isinstance(item, str) for item in items):
            return {"kind": "options"}
        case dict():
            return {"kind": "group", "columns": {key: field_of(inner) for key, inner in value.items()}}
        case _:
            return {"kind": "other"}


def without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_blanks(one) for key, one in value.items() if one not in (None, "", [], {})}
    return [without_blanks(one) for one in value] if isinstance(value, list) else value


@cache
def answers_of_the_profile() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """(server, browser) for each case, over the fields that its data would be."""
    ours, asked = [], []
    for case in cases().values():
        data = case.get("data") if isinstance(case.get("data"), dict) else {}
        fields = {key: field_of(value) for key, value in data.items()}
        record = without_blanks(data)
        ours += Sides(fields).server([(case["rule"], record)])
        asked.append({"tree": case["rule"], "record": record, "fields": fields})
    theirs = browser(rules=asked, beside={})["rules"]
    return dict(zip(cases(), zip(ours, theirs, strict=True), strict=True))


def test_there_are_1138_cases() -> None:
    assert len(cases()) == 1138


def test_the_servers_evaluator_answers_1108_and_the_rest_is_listed() -> None:
    wrong = {name for name, case in cases().items() if not as_the_suite_says(case, server_as_it_comes(case))}
    assert wrong == set(listed("server"))
    assert len(cases()) - len(wrong) >= 1108


def test_the_browsers_evaluator_answers_1119_and_the_rest_is_listed() -> None:
    answers = browser(raw=[{"rule": case["rule"], "data": case.get("data")} for case in cases().values()])["raw"]
    right = {
        name: as_the_suite_says(case, answer) for (name, case), answer in zip(cases().items(), answers, strict=True)
    }
    wrong = {name for name, is_right in right.items() if not is_right}
    assert wrong == set(listed("browser"))
    assert len(cases()) - len(wrong) >= 1119


def test_both_sides_agree_on_every_case_that_the_profile_admits() -> None:
    admitted = 0
    for name, (ours, theirs) in answers_of_the_profile().items():
        assert ours.get("problems") == theirs.get("problems"), name
        admitted += "problems" not in ours
        for key in ours:
            assert alike(ours[key], theirs.get(key)), (name, key)
    assert admitted > 600


def test_the_profile_answers_what_it_admits_as_the_suite_says_but_for_what_is_listed() -> None:
    other = {
        name
        for name, (ours, _) in answers_of_the_profile().items()
        if "problems" not in ours and not as_the_suite_says(cases()[name], ours)
    }
    assert other == set(listed("profile"))


def test_what_an_evaluator_answers_otherwise_is_refused_by_the_profile_or_the_same_on_both_sides() -> None:
    for name in {**listed("server"), **listed("browser")}:
        ours, theirs = answers_of_the_profile()[name]
        assert "problems" in ours or alike(ours["value"], theirs["value"]), name
