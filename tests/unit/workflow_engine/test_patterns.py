"""The workflow patterns that matter for human approval (van der Aalst et al.), each run; docs/admins/patterns.md lists them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from formloom.form_engine import definition as forms
from formloom.form_engine import record as records
from formloom.workflow_engine import definition
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.run import Context
from formloom.workflow_engine.simulate import Given, dry_run

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "patterns.json").read_text(encoding="utf-8"))
FORMS = {form["$id"]: forms.load(form) for form in VECTORS["forms"]}
PEOPLE = PeopleDirectory.from_json(VECTORS["people"])
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DECISION = re.compile(r"(\w+)=(\w+)(?::(\w+))?(?:@(\w+))?")


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["code"])
def test_the_pattern_runs(case: dict[str, Any]) -> None:
    assert definition.check(case["workflow"], forms=FORMS, directory=PEOPLE) == []
    settled = records.settle(FORMS["req"], case["record"], records.Context(now=NOW, system=True))
    context = Context(now=NOW, directory=PEOPLE, record=settled.record or {})
    decisions = [Given(*found.groups()) for text in case["decide"] if (found := DECISION.fullmatch(text))]
    ran = dry_run(definition.load(case["workflow"], FORMS["req"]), context, "amy", decisions)
    assert [f"{entry.step}:{entry.result}" for entry in ran.entries] == case["path"]
    assert (ran.outcome, list(ran.open)) == (case["outcome"], case["open"])
    assert ran.unmade == ()
    found = {entry.step: entry.assignees for entry in ran.entries}
    assert {step: found[step] for step in case["assignees"]} == case["assignees"]


def test_the_documentation_lists_every_pattern_that_is_run() -> None:
    table = (ROOT / "docs" / "admins" / "patterns.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (W[CR]P-\d+) \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert rows == [(case["code"], case["name"], case["how"]) for case in VECTORS["cases"]]
    assert len(rows) >= 30
