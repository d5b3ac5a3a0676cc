"""Sound definitions, broken at random: the proof objects, or running every record that could matter shows nothing wrong.

"Every record that could matter" is exhaustive over the forms of these cases: each number that a condition names, and its
neighbours, times each option, times each state of a switch.
"""

import copy
import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from formloom.form_engine import definition as forms
from formloom.form_engine import record as records
from formloom.workflow_engine import definition
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.proof import prove
from formloom.workflow_engine.run import Context
from formloom.workflow_engine.simulate import CannotStart, dry_run

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "proof" / "cases.json").read_text(encoding="utf-8"))
FORMS = {key: forms.load(document) for key, document in VECTORS["forms"].items()}
PEOPLE = PeopleDirectory.from_json(VECTORS["people"])
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SOUND = [
    case
    for case in VECTORS["cases"]
    if not case["expect"] and case["form"] in {"spend", "leave"} and '"branch"' in json.dumps(case["workflow"])
]
OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
MUTANTS_EACH = 8


def nodes(tree: Any) -> Iterator[Any]:
    yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes(part)


def flip_operator(document: Any, choose: random.Random) -> None:
    places = [
        node for node in nodes(document) if isinstance(node, dict) and len(node) == 1 and next(iter(node)) in OPERATORS
    ]
    if places:
        place = choose.choice(places)
        ((operator, args),) = place.items()
        place.clear()
        place[choose.choice([other for other in OPERATORS if other != operator])] = args


def move_number(document: Any, choose: random.Random) -> None:
    places = [
        node
        for node in nodes(document)
        if isinstance(node, list) and any(isinstance(item, int) and not isinstance(item, bool) for item in node)
    ]
    if places:
        place = choose.choice(places)
        index = next(
            number for number, item in enumerate(place) if isinstance(item, int) and not isinstance(item, bool)
        )
        place[index] += choose.choice([-1, 1, 1000])


def lose_a_branch(document: Any, choose: random.Random) -> None:
    places = [
        node["branches"]
        for node in nodes(document)
        if isinstance(node, dict) and node.get("type") == "branch" and len(node["branches"]) > 1
    ]
    if places:
        branches = choose.choice(places)
        del branches[choose.randrange(len(branches))]


def misspell(document: Any, choose: random.Random) -> None:
    places = [node for node in nodes(document) if isinstance(node, dict) and isinstance(node.get("var"), str)]
    if places:
        choose.choice(places)["var"] += "x"


MUTATIONS = (flip_operator, move_number, lose_a_branch, misspell)


def mutants() -> Iterator[Any]:
    for case in SOUND:
        for seed in range(MUTANTS_EACH):
            choose = random.Random(f"{case['name']} {seed}")
            mutant = copy.deepcopy(case["workflow"])
            mutation = choose.choice(MUTATIONS)
            mutation(mutant, choose)
            if mutant != case["workflow"]:
                yield pytest.param(case["form"], mutant, id=f"{case['name']}-{seed}-{mutation.__name__}")


def everything_that_matters(workflow: Any, form: str) -> Iterator[dict[str, Any]]:
    named = {
        item
        for node in nodes(workflow)
        if isinstance(node, list)
        for item in node
        if isinstance(item, int | float) and not isinstance(item, bool)
    }
    step = 0.01 if form == "spend" else 1
    numbers = sorted({round(number + shift, 2) for number in named | {0, 1} for shift in (-step, 0, step)})
    if form == "leave":
        numbers = list(range(1, 31))
    key = "amount" if form == "spend" else "days"
    kinds = ("goods", "travel", "other") if form == "spend" else ("annual", "sick")
    for number, kind, flag in itertools.product(numbers, kinds, (None, True, False)):
        record: dict[str, Any] = {key: number, "kind": kind}
        if form == "spend" and flag is not None:
            record["urgent"] = flag
        if form == "leave" and flag:
            record["proof"] = "x"
        settled = records.settle(FORMS[form], record, records.Context(now=NOW))
        if settled.valid:
            yield dict(settled.record or {})


def branches_of(steps: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    for step in steps:
        for index, branch in enumerate(step.get("branches", [])):
            if step["type"] == "branch":
                yield step["id"], index
            yield from branches_of(branch["steps"])


@pytest.mark.parametrize(("form", "mutant"), list(mutants()))
def test_a_mutant_is_objected_to_or_runs_as_well_as_any(form: str, mutant: Any) -> None:
    proof = prove(mutant, forms={form: FORMS[form]}, directory=PEOPLE, now=NOW)
    loud = {finding.kind for finding in proof.findings if finding.severity != "note"}
    undecided = [finding for finding in proof.findings if finding.kind == "undecided"]
    if loud:
        return
    assert undecided == []
    workflow = definition.load(mutant, FORMS[form])
    taken: set[tuple[str, int]] = set()
    for record in everything_that_matters(mutant, form):
        try:
            ran = dry_run(workflow, Context(now=NOW, directory=PEOPLE, record=record), "amy")
        except CannotStart:
            continue
        assert ran.outcome is not None, record
        taken |= {(entry.step, index) for entry in ran.entries for index in entry.took}
    reachable = set(branches_of(mutant["steps"]))
    empty_otherwise = {place for place in reachable - taken if _is_otherwise(mutant["steps"], place)}
    assert reachable - taken - empty_otherwise == set()


def _is_otherwise(steps: list[dict[str, Any]], place: tuple[str, int]) -> bool:
    """An `otherwise` without steps that nothing reaches is nobody's mistake (meaning.md section 5)."""
    for step in steps:
        for index, branch in enumerate(step.get("branches", [])):
            if (step["id"], index) == place:
                return bool(branch.get("otherwise")) and not branch["steps"]
            if _is_otherwise(branch["steps"], place):
                return True
    return False
