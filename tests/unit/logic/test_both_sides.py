"""The server's evaluator and the browser's give one answer: to our vectors, and to 20,000 random trees."""

import json
import random
from functools import cache
from typing import Any

import pytest
from logic_both import VECTORS, Sides, alike, browser
from logic_trees import FIELDS, LOOKUPS, Trees, record

from formloom.form_engine.logic.rounding import rounded

TREES = 20_000
KINDS = ["number", "text", "switch", "switch", "date", "datetime", "duration"]


@cache
def vectors(name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The cases of one file of vectors, with the server's and the browser's answers."""
    data = json.loads((VECTORS / "logic" / f"{name}.json").read_text(encoding="utf-8"))
    sides, cases = Sides(data["fields"]), [(one["tree"], one["record"]) for one in data["cases"]]
    return data["cases"], sides.server(cases), sides.browser(cases)


ALL = [(name, i) for name in ("blanks", "operators") for i in range(len(vectors(name)[0]))]


@pytest.mark.parametrize(("name", "i"), ALL, ids=[vectors(name)[0][i]["title"] for name, i in ALL])
def test_a_vector_has_its_value_on_both_sides(name: str, i: int) -> None:
    cases, server, browser_side = vectors(name)
    assert alike(server[i].get("value", "no value"), cases[i]["value"])
    assert alike(browser_side[i].get("value", "no value"), cases[i]["value"])


def test_numbers_are_rounded_alike_on_both_sides() -> None:
    cases = json.loads((VECTORS / "logic" / "rounding.json").read_text(encoding="utf-8"))
    theirs = browser(rounded=[[one["x"], one["digits"]] for one in cases])["rounded"]
    for one, other in zip(cases, theirs, strict=True):
        assert rounded(one["x"], one["digits"]) == one["rounded"], one
        assert other == one["rounded"], one


def test_random_numbers_are_rounded_alike_on_both_sides() -> None:
    rng = random.Random(5)
    cases = [
        [rng.choice([rng.uniform(-1e6, 1e6), rng.randint(-99999, 99999) / 2000]), rng.randint(-3, 6)]
        for _ in range(5000)
    ]
    theirs = browser(rounded=cases)["rounded"]
    assert [rounded(x, digits) for x, digits in cases] == theirs


def test_random_trees_have_the_same_problems_reads_and_values_on_both_sides() -> None:
    rng = random.Random(20_261_124)
    trees, sides = Trees(rng), Sides(FIELDS, LOOKUPS)
    cases = [(trees.make(rng.choice(KINDS), rng.choice([1, 2, 3, 4]), []), record(rng)) for _ in range(TREES)]
    valued = 0
    for asked, ours, theirs in zip(cases, sides.server(cases), sides.browser(cases), strict=True):
        assert ours.get("problems") == theirs.get("problems"), asked
        valued += "problems" not in ours
        for key in ours:
            assert alike(ours[key], theirs.get(key)), (key, asked, ours[key], theirs.get(key))
    assert valued > TREES / 2, "most trees must be well typed, or little is compared"
