"""Each function of formulas is documented, and its example is true on both sides."""

import json
from pathlib import Path

import pytest
from logic_both import Sides, alike
from logic_trees import typed

from formloom.form_engine.logic import formula
from formloom.form_engine.logic.calls import table
from formloom.form_engine.logic.formula.reference import reference
from formloom.form_engine.logic.real import REAL
from formloom.form_engine.logic.rules import operators

SAMPLE = formula.sample()
FIELDS = {key: {**field, "option_values": field.get("options")} for key, field in SAMPLE["fields"].items()}
TYPES = {key: typed(field) for key, field in FIELDS.items()}
FUNCTIONS = list(formula.functions().values())


@pytest.fixture(scope="module")
def answers() -> list[tuple[object, object]]:
    """(server, browser) for each example."""
    sides = Sides(FIELDS, SAMPLE["lookups"], SAMPLE["me"])
    cases = [(formula.parse(one.example, TYPES), SAMPLE["record"]) for one in FUNCTIONS]
    both = zip(sides.server(cases), sides.browser(cases), strict=True)
    return [(ours.get("value", ours), theirs.get("value", theirs)) for ours, theirs in both]


def test_there_are_at_least_80_functions() -> None:
    assert len(FUNCTIONS) >= 80


@pytest.mark.parametrize("i", range(len(FUNCTIONS)), ids=[one.name for one in FUNCTIONS])
def test_the_example_of_a_function_is_true_on_both_sides(i: int, answers: list[tuple[object, object]]) -> None:
    ours, theirs = answers[i]
    value = FUNCTIONS[i].value
    assert alike(ours, value)
    assert alike(theirs, value)


@pytest.mark.parametrize("function", FUNCTIONS, ids=[one.name for one in FUNCTIONS])
def test_the_example_shows_its_own_function(function: formula.Function) -> None:
    assert f"{function.name}(" in function.example


def test_every_operator_has_a_function_and_every_function_an_operator() -> None:
    assert {one.operator for one in FUNCTIONS} == set(operators())


def test_names_of_functions_are_capitals_and_stand_once() -> None:
    names = [one.name for one in FUNCTIONS]
    assert all(name.isupper() and name.isalpha() for name in names)
    assert len(set(names)) == len(names)


def test_every_operator_of_the_table_without_a_tree_of_its_own_is_a_real_one() -> None:
    assert {name for name, entry in table().items() if entry.tree is None} <= set(REAL)


def test_the_page_of_documentation_is_that_of_the_functions() -> None:
    page = Path(__file__).parents[3] / "docs" / "admins" / "formulas.md"
    assert page.read_text(encoding="utf-8") == reference()


def test_the_sample_record_is_plain_json() -> None:
    assert json.loads(json.dumps(SAMPLE["record"])) == SAMPLE["record"]
