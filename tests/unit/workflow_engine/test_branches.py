"""Branch and parallel steps (meaning.md section 4, Branches)."""

from typing import Any

import pytest
from processes import Process, approval, at_least, branch, member, notify, parallel, results, run, workflow

from formloom.workflow_engine import commands as c
from formloom.workflow_engine.trail import Narrator

LI, BOB, CAT = member("li"), member("bob"), member("cat")
HIGH, MIDDLE = at_least(100), at_least(10)


def took(document: dict[str, Any], record: dict[str, Any]) -> tuple[int, ...]:
    return next(entry for entry in run(document, record).entries if entry.step == "x").took


@pytest.mark.parametrize(("amount", "index"), [(500, 0), (100, 0), (50, 1), (5, 2)])
def test_an_exclusive_step_takes_the_first_branch_that_holds(amount: int, index: int) -> None:
    document = workflow(branch("x", (HIGH, []), (MIDDLE, []), (None, [])))
    assert took(document, {"amount": amount}) == (index,)


@pytest.mark.parametrize(("amount", "indexes"), [(500, (0, 1)), (50, (1,)), (5, (2,))])
def test_an_inclusive_step_takes_all_that_hold_and_otherwise_only_if_none_does(
    amount: int, indexes: tuple[int, ...]
) -> None:
    document = workflow(branch("x", (HIGH, []), (MIDDLE, []), (None, []), mode="inclusive"))
    assert took(document, {"amount": amount}) == indexes


def test_an_exclusive_step_where_nothing_holds_is_blocked() -> None:
    ran = run(workflow(branch("x", (HIGH, [approval("a", LI)])), approval("b", BOB)), {"amount": 1})
    assert (results(ran), ran.outcome, ran.open) == ([("x", "blocked")], None, ("x",))


def test_an_admin_corrects_the_record_and_retries_a_blocked_branch() -> None:
    it = Process(workflow(branch("x", (HIGH, [approval("a", LI)]))), {"amount": 1}).start()
    assert it.blocked == {"x": "noBranch"}
    it.do(c.Correct("root", {"amount": 100}))
    assert it.do(c.Retry("root", "x"))
    assert it.open == {"a": ["li"]}


def test_an_admin_jumps_past_a_blocked_branch() -> None:
    it = Process(workflow(branch("x", (HIGH, [])), approval("b", BOB)), {"amount": 1}).start()
    assert it.do(c.Jump("root", "b"))
    assert (it.blocked, it.open) == ({}, {"b": ["bob"]})


def test_an_inclusive_step_where_nothing_holds_goes_on() -> None:
    ran = run(workflow(branch("x", (HIGH, [approval("a", LI)]), mode="inclusive"), approval("b", BOB)), {"amount": 1})
    assert results(ran) == [("x", "done"), ("b", "approved")]
    assert ran.entries[0].took == ()


def test_the_branches_of_an_inclusive_step_run_side_by_side_and_all_are_waited_for() -> None:
    document = workflow(
        branch("x", (HIGH, [approval("a", LI)]), (MIDDLE, [approval("b", BOB)]), mode="inclusive"), approval("z", CAT)
    )
    it = Process(document, {"amount": 100}).start()
    assert it.open == {"a": ["li"], "b": ["bob"]}
    it.decide("b", "approve", by="bob")
    assert it.open == {"a": ["li"]}
    it.decide("a", "approve", by="li")
    assert it.open == {"z": ["cat"]}


def test_an_empty_branch_goes_on_at_once() -> None:
    assert results(run(workflow(branch("x", (None, [])), approval("a", LI)))) == [("x", "done"), ("a", "approved")]


def test_a_parallel_step_waits_for_all_by_default() -> None:
    it = Process(workflow(parallel("p", [approval("a", LI)], [approval("b", BOB)]), approval("z", CAT))).start()
    it.decide("a", "approve", by="li")
    assert it.open == {"b": ["bob"]}
    it.decide("b", "approve", by="bob")
    assert it.open == {"z": ["cat"]}


@pytest.mark.parametrize(("join", "needed"), [("any", 1), (1, 1), (2, 2), (3, 3), ("all", 3)])
def test_a_join_waits_for_exactly_so_many_branches_and_cancels_the_rest(join: Any, needed: int) -> None:
    sides = parallel("p", [approval("a", LI)], [approval("b", BOB)], [approval("d", CAT)], join=join)
    it = Process(workflow(sides, approval("z", LI))).start()
    for index, (step, who) in enumerate((("a", "li"), ("b", "bob"), ("d", "cat"))):
        assert ("z" in it.open) is (index >= needed)
        if "z" not in it.open:
            it.decide(step, "approve", by=who)
    assert it.open == {"z": ["li"]}


def test_what_is_still_open_when_the_join_is_met_is_cancelled() -> None:
    ran = run(workflow(parallel("p", [approval("a", LI)], [approval("b", BOB)], join="any")), None, "b=approve")
    assert results(ran) == [("p", "done"), ("a", "cancelled"), ("b", "approved")]


def test_a_join_above_its_branches_blocks_and_says_so() -> None:
    ran = run(workflow(parallel("p", [approval("a", LI)], join=2)))
    assert (results(ran), ran.open) == ([("p", "blocked"), ("a", "approved")], ("p",))


def test_branches_are_reached_in_document_order() -> None:
    sides = parallel("p", [notify("a", LI), approval("b", LI)], [], [notify("d", LI), notify("f", LI)])
    assert [step for step, _ in results(run(workflow(sides)))] == ["p", "a", "b", "d", "f"]


def test_steps_nest() -> None:
    inner = branch("x", (HIGH, [parallel("q", [approval("a", LI)], [approval("b", BOB)], join=1)]), (None, []))
    ran = run(workflow(parallel("p", [inner], [approval("d", CAT)]), approval("z", LI)), {"amount": 100})
    assert results(ran) == [
        ("p", "done"),
        ("x", "done"),
        ("q", "done"),
        ("a", "approved"),
        ("b", "cancelled"),
        ("d", "approved"),
        ("z", "approved"),
    ]


def test_the_open_steps_are_told_without_the_steps_around_them() -> None:
    blocked = {"role": "nobody"}
    sides = parallel("p", [approval("a", blocked, whenEmpty="block")], [branch("x", (HIGH, []))])
    ran = run(workflow(sides), {"amount": 1})
    assert ran.open == ("a", "x")


def test_a_branch_says_which_condition_held_over_which_values() -> None:
    document = workflow(branch("x", (HIGH, []), (MIDDLE, []), (None, [])))
    it = Process(document, {"amount": 50})
    ran = run(document, {"amount": 50})
    said = Narrator(it.workflow, it.context.directory, "en").because(ran.entries[0])
    assert said == "Not “Branch 0”: Amount 50 < 100. “Branch 1”, because Amount 50 ≥ 10."
    ran = run(document, {})
    assert (
        Narrator(it.workflow, it.context.directory, "en")
        .because(ran.entries[0])
        .endswith("“Branch 2”: nothing else holds.")
    )


def test_a_condition_that_cannot_be_computed_blocks_the_step() -> None:
    rows = [{"_row": str(index), "price": 1} for index in range(1000)]
    prices = {"sum": [{"map": [{"val": [[2], "items"]}, {"var": "price"}]}]}
    squares = {"sum": [{"map": [{"var": "items"}, prices]}]}
    it = Process(workflow(branch("x", ({">": [squares, 0]}, []), (None, []))), {"items": rows}).start()
    assert it.blocked == {"x": "unreadable"}
