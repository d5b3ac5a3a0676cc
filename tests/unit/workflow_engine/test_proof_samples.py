"""A gap is shown by a whole valid record: also where the form requires what the condition has nothing to do with."""

from datetime import UTC, datetime
from typing import Any

import pytest
from processes import workflow

from formloom.form_engine import definition, record
from formloom.form_engine.context import Context
from formloom.form_engine.logic import formula
from formloom.workflow_engine.proof import prove

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
REQUIRED: dict[str, dict[str, Any]] = {
    "a box that has to be ticked": {"type": "boolean", "const": True},
    "one that is listed": {"type": "boolean", "enum": [True]},
    "one that must not be": {"type": "boolean", "const": False},
    "a text that has to be typed": {"type": "string", "const": "I agree"},
    "two members": {"type": "array", "minItems": 2, "x-field": {"type": "member"}},
    "three files": {"type": "array", "minItems": 3, "x-field": {"type": "file"}},
}


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_required_beside_hides_no_gap(name: str) -> None:
    fields = {"n": {"type": "number"}, "other": REQUIRED[name]}
    form = definition.load({"$id": "f", "type": "object", "properties": fields, "required": ["other"]})
    arms = [{"when": {operator: [{"var": "n"}, 5]}, "steps": list[Any]()} for operator in (">", "<")]
    step = {"id": "y", "type": "branch", "mode": "exclusive", "branches": arms}
    (gap,) = prove(workflow(step), forms={"f": form}, now=NOW).findings
    assert (gap.kind, gap.example is not None) == ("gap", True)
    example = (gap.example or {})["record"]
    assert record.settle(form, example, Context(now=NOW, system=True)).record == example


@pytest.mark.parametrize("rule", ["DAYS(d, TODAY()) < 3", 'd < DATEADD(TODAY(), 60, "days")'])
def test_a_rule_that_reads_the_clock_hides_no_gap_behind_a_wait(rule: str) -> None:
    refused = [{"when": formula.parse(rule), "message": "Later."}]
    fields = {"n": {"type": "number"}, "d": {"type": "string", "format": "date"}}
    form = definition.load({"$id": "f", "type": "object", "properties": fields, "required": ["d"], "x-form": {"rules": refused}})  # fmt: skip
    arms = [{"when": {operator: [{"var": "n"}, 5]}, "steps": list[Any]()} for operator in (">", "<")]
    step = {"id": "y", "type": "branch", "mode": "exclusive", "branches": arms}
    found = prove(workflow({"id": "w", "type": "wait", "for": "P3D"}, step), forms={"f": form}, now=NOW).findings
    assert [(one.step, one.kind) for one in found] == [("y", "gap")]
