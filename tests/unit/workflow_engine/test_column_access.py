"""A step may name a column of a sub-table: what is wrong with such a name is said at it, and what it lets one do is known."""

from typing import Any

import pytest

from formloom.form_engine import definition as forms
from formloom.workflow_engine import definition
from formloom.workflow_engine.proof.facts import FactsOf

FORM = forms.load(
    {
        "$id": "order",
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "price": {"type": "number"},
                        "sum": {
                            "type": "number",
                            "readOnly": True,
                            "x-field": {"compute": {"+": [{"var": "price"}, 1]}},
                        },
                    },
                },
            },
        },
    }
)


def workflow(**fields: str) -> dict[str, Any]:
    named = {key.replace("__", "."): access for key, access in fields.items()}
    step = {"id": "fill", "type": "fill", "assignees": [{"initiator": True}], "fields": named}
    return {"form": "order", "steps": [step]}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"items__price": "required"}, ""),
        ({"items__price": "hidden"}, ""),
        ({"items": "hidden", "items__price": "hidden"}, ""),
        ({"items__pricee": "edit"}, "items.pricee"),
        ({"items": "hidden", "items__price": "edit"}, "items.price"),
        ({"items__sum": "required"}, "items.sum"),
    ],
)
def test_a_column_must_be_one_and_be_shown_and_one_that_can_be_typed_into(fields: dict[str, str], wrong: str) -> None:
    found = definition.check(workflow(**fields), forms={"order": FORM}, own="order")
    errors = [finding.pointer for finding in found if finding.severity == "error"]
    assert errors == ([f"/steps/0/fields/{wrong}"] if wrong else [])


def test_a_table_whose_cells_are_filled_in_may_change_at_the_step() -> None:
    loaded = definition.load(workflow(items__price="edit"), FORM)
    assert FactsOf.learn(loaded).editable("fill") == {"items"}
