"""The proof has no false alarm and no miss on definitions whose answers are known (tests/vectors/proof/cases.json)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from formloom.form_engine import definition, record
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.proof import Proof, prove

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "proof" / "cases.json").read_text(encoding="utf-8"))
FORMS = {key: definition.load(document) for key, document in VECTORS["forms"].items()}
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PEOPLE = PeopleDirectory.from_json(VECTORS["people"])


def proof_of(case: dict[str, Any]) -> Proof:
    directory = PEOPLE if case["directory"] else None
    return prove(case["workflow"], forms={case["form"]: FORMS[case["form"]]}, directory=directory, now=NOW)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_it_says_what_is_wrong_and_nothing_else(case: dict[str, Any]) -> None:
    findings = proof_of(case).findings
    loud = sorted({(finding.step, finding.kind) for finding in findings if finding.severity != "note"}, key=str)
    quiet = {(finding.step, finding.kind) for finding in findings if finding.severity == "note"}
    assert loud == sorted((tuple(entry) for entry in case["expect"]), key=str), findings
    assert {tuple(entry) for entry in case["notes"]} <= quiet, findings


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_every_example_is_a_valid_record(case: dict[str, Any]) -> None:
    for finding in proof_of(case).findings:
        if finding.example and "record" in finding.example:
            context = record.Context(now=NOW)
            settled = record.settle(FORMS[case["form"]], finding.example["record"], context)
            assert settled.valid, settled.errors
            assert settled.record == finding.example["record"]


def test_there_are_enough_definitions_of_both_sorts() -> None:
    sound = [case for case in VECTORS["cases"] if not case["expect"] and not case["notes"]]
    broken = [case for case in VECTORS["cases"] if case["expect"]]
    assert len([case for case in VECTORS["cases"] if not case["expect"]]) >= 30
    assert len(sound) >= 20
    assert len(broken) >= 30
    assert len({kind for case in VECTORS["cases"] for _, kind in [*case["expect"], *case["notes"]]}) >= 15
