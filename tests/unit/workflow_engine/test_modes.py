"""How many must say yes, and when it is certain that they won't (meaning.md section 4, `mode`)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import Process, approval, member, results, run, workflow

from formloom.workflow_engine.state import Seat
from formloom.workflow_engine.steps.modes import compile_mode

FINANCE = {"role": "finance"}  # li, bob, cat


def process(**step: Any) -> Process:
    return Process(workflow(approval("step", FINANCE, **step))).start()


@pytest.mark.parametrize(
    ("mode", "people", "needed"),
    [
        ("any", 5, 1),
        ("all", 5, 5),
        ("sequence", 5, 5),
        ({"count": 3}, 5, 3),
        ({"count": 2.0}, 5, 2),
        ({"ratio": 0.5}, 5, 3),
        ({"ratio": 0.5}, 4, 2),
        ({"ratio": 1}, 7, 7),
        ({"ratio": 0.1}, 30, 3),  # 0.1 · 30 is more than 3 in binary
        ({"ratio": 0.07}, 100, 7),
        ({"ratio": 0.001}, 1, 1),
    ],
)
def test_of_so_many_people_so_many_are_needed(mode: Any, people: int, needed: int) -> None:
    assert compile_mode({"mode": mode}).needed(people) == needed


def test_any_is_approved_by_one_and_the_other_tasks_are_closed() -> None:
    it = process()
    assert it.open == {"step": ["li", "bob", "cat"]}
    assert it.decide("step", "approve", by="bob")
    assert it.outcome == "approved"
    assert it.open == {}


def test_all_waits_for_everybody() -> None:
    it = process(mode="all")
    it.decide("step", "approve", by="bob")
    it.decide("step", "approve", by="li")
    assert it.open == {"step": ["cat"]}
    it.decide("step", "approve", by="cat")
    assert it.outcome == "approved"


def test_a_sequence_asks_one_after_the_other() -> None:
    it = process(mode="sequence")
    for name in ("li", "bob", "cat"):
        assert it.open == {"step": [name]}
        it.decide("step", "approve", by=name)
    assert it.outcome == "approved"


@pytest.mark.parametrize("mode", ["any", "all", "sequence"])
def test_one_no_rejects_by_default(mode: str) -> None:
    it = process(mode=mode)
    it.decide("step", "reject", by="li")
    assert it.outcome == "rejected"


def test_a_count_is_rejected_when_it_can_no_longer_be_reached() -> None:
    it = process(mode={"count": 2})
    it.decide("step", "reject", by="li")
    assert it.outcome is None
    it.decide("step", "reject", by="bob")
    assert it.outcome == "rejected"


def test_a_ratio_goes_on_after_a_no() -> None:
    it = process(mode={"ratio": 0.5})
    it.decide("step", "reject", by="li")
    it.decide("step", "approve", by="bob")
    it.decide("step", "approve", by="cat")
    assert it.outcome == "approved"


def test_a_veto_can_be_given_to_a_count() -> None:
    it = process(mode={"count": 1}, veto=True)
    it.decide("step", "reject", by="li")
    assert it.outcome == "rejected"


def test_a_veto_can_be_taken_from_any() -> None:
    it = process(mode="any", veto=False)
    it.decide("step", "reject", by="li")
    it.decide("step", "reject", by="bob")
    assert it.outcome is None
    it.decide("step", "approve", by="cat")
    assert it.outcome == "approved"


def test_all_without_a_veto_is_rejected_all_the_same_for_it_cannot_be_reached() -> None:
    it = process(mode="all", veto=False)
    it.decide("step", "reject", by="li")
    assert it.outcome == "rejected"


def test_a_count_above_the_people_is_rejected_at_once() -> None:
    assert results(run(workflow(approval("step", FINANCE, mode={"count": 4})))) == [("step", "rejected")]


def test_a_rejection_that_would_come_round_for_ever_is_blocked() -> None:
    steps = [
        approval("first", {"role": "nobody"}, whenEmpty="skip"),
        approval("step", member("li"), mode={"count": 2}, onReject={"return": "first"}),
    ]
    it = Process(workflow(*steps)).start()
    assert it.blocked == {"step": "circle"}


def test_a_dry_run_of_a_request_that_always_comes_back_ends() -> None:
    ran = run(workflow(approval("step", member("li"), mode={"count": 2}, onReject="initiator")))
    assert ran.outcome is None
    assert ran.open == ("step",)


@given(
    st.sampled_from(["any", "all", "sequence"])
    | st.builds(lambda n: {"count": n}, st.integers(1, 8))
    | st.builds(lambda r: {"ratio": r}, st.floats(0.01, 1)),
    st.booleans(),
    st.lists(st.sampled_from(["", "approved", "counted", "reject"]), min_size=1, max_size=8),
)
def test_a_verdict_is_never_taken_back_by_later_votes(mode: Any, veto: bool, verdicts: list[str]) -> None:
    compiled = compile_mode({"mode": mode, "veto": veto})
    seats = [Seat(("x",), 0, verdict) for verdict in verdicts]
    before = compiled.verdict(seats)
    for index, seat in enumerate(seats):
        if not seat.verdict:
            for vote in ("approved", "reject"):
                after = compiled.verdict([*seats[:index], Seat(("x",), 1, vote), *seats[index + 1 :]])
                assert before == "open" or after == before or (veto and vote == "reject")
    if "" not in verdicts:
        assert before != "open"
