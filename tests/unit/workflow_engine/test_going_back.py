"""Return, reject and end, also from inside branches (meaning.md section 4)."""

from dataclasses import replace
from typing import Any

import pytest
from processes import PEOPLE, Process, approval, branch, fill, member, notify, parallel, results, run, workflow

from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.offers import return_targets

LI, BOB, CAT = member("li"), member("bob"), member("cat")
AMOUNT = {"var": "amount"}
LI_TOO = PeopleDirectory.from_json(
    {
        **PEOPLE,
        "members": [{**entry, "roles": ["nobody"]} if entry["id"] == "li" else entry for entry in PEOPLE["members"]],
    }
)


def test_a_return_without_a_target_goes_to_the_initiator() -> None:
    it = Process(workflow(approval("a", LI))).start()
    assert it.decide("a", "return", by="li", comment="Name the project")
    assert it.open == {}
    assert it.outcome is None
    assert it.now.back is not None


def test_a_return_goes_to_a_step_that_was_surely_done_before() -> None:
    ran = run(workflow(approval("a", LI), approval("b", BOB), approval("d", CAT)), None, "d=return:a@cat")
    assert results(ran) == [
        ("a", "approved"),
        ("b", "approved"),
        ("d", "returned"),
        ("a", "approved"),
        ("b", "approved"),
        ("d", "approved"),
    ]


@pytest.mark.parametrize("target", ["d", "later", "inside", "nowhere"])
def test_a_return_to_any_other_step_is_refused(target: str) -> None:
    it = Process(
        workflow(branch("x", (None, [approval("inside", LI)])), approval("d", CAT), approval("later", BOB))
    ).start()
    it.decide("inside", "approve", by="li")
    assert not it.decide("d", "return", by="cat", target=target)


def test_a_step_in_a_branch_may_return_to_what_stands_before_the_branch() -> None:
    document = workflow(approval("a", LI), branch("x", (None, [approval("i", BOB), approval("j", CAT)])))
    assert results(run(document, None, "j=return:a@cat"))[:6] == [
        ("a", "approved"),
        ("x", "cancelled"),
        ("i", "approved"),
        ("j", "returned"),
        ("a", "approved"),
        ("x", "done"),
    ]


def test_a_step_in_a_branch_may_return_to_its_own_list_and_stays_in_the_branch() -> None:
    document = workflow(branch("x", (None, [approval("i", BOB), approval("j", CAT)])))
    assert results(run(document, None, "j=return:i@cat")) == [
        ("x", "done"),
        ("i", "approved"),
        ("j", "returned"),
        ("i", "approved"),
        ("j", "approved"),
    ]


def test_it_may_not_return_into_a_sibling_branch() -> None:
    it = Process(workflow(parallel("p", [approval("i", BOB)], [approval("j", CAT)]))).start()
    assert not it.decide("j", "return", by="cat", target="i")


def test_leaving_a_parallel_step_cancels_its_other_branches() -> None:
    document = workflow(approval("a", LI), parallel("p", [approval("i", BOB)], [approval("j", CAT)]))
    it = Process(document).start()
    it.decide("a", "approve", by="li")
    it.decide("j", "return", by="cat", target="a")
    assert it.open == {"a": ["li"]}
    assert ("i", "cancelled") in [(event.step, event.result) for event in it.happened(e.StepLeft)]


def test_a_return_inside_one_branch_leaves_the_others_alone() -> None:
    it = Process(workflow(parallel("p", [approval("i", BOB), approval("k", LI)], [approval("j", CAT)]))).start()
    it.decide("i", "approve", by="bob")
    task = it.task("j")
    it.decide("k", "return", by="li", target="i")
    assert it.open == {"i": ["bob"], "j": ["cat"]}
    assert it.task("j") == task


def test_a_branch_is_decided_again_after_a_return() -> None:
    document = workflow(
        fill("f", LI, fields={"amount": "edit"}),
        branch("x", ({">": [AMOUNT, 5]}, [approval("big", BOB)]), (None, [approval("small", CAT)])),
    )
    it = Process(document, {"amount": 9}).start()
    it.decide("f", "done", by="li")
    assert it.open == {"big": ["bob"]}
    it.decide("big", "return", by="bob", target="f")
    it.decide("f", "done", by="li", record={"amount": 3})
    assert it.open == {"small": ["cat"]}


def test_a_branch_is_not_decided_again_when_the_record_changes_inside_it() -> None:
    document = workflow(
        branch("x", ({">": [AMOUNT, 5]}, [fill("f", LI, fields={"amount": "edit"}), approval("big", BOB)]), (None, []))
    )
    it = Process(document, {"amount": 9}).start()
    it.decide("f", "done", by="li", record={"amount": 3})
    assert it.open == {"big": ["bob"]}


def test_after_a_return_to_the_initiator_it_begins_from_the_start() -> None:
    ran = run(workflow(approval("a", LI), approval("b", BOB)), None, "b=return:initiator@bob")
    assert [step for step, _ in results(ran)] == ["a", "b", "a", "b"]


def test_or_straight_from_the_step_that_returned_it() -> None:
    document = workflow(approval("a", LI), approval("b", BOB), settings={"resubmit": "fromReturningStep"})
    assert results(run(document, None, "b=return@bob")) == [("a", "approved"), ("b", "returned"), ("b", "approved")]


def test_straight_back_into_a_branch_opens_again_what_was_open_and_not_what_was_done() -> None:
    document = workflow(
        approval("a", LI),
        parallel("p", [approval("i", BOB)], [approval("j", CAT)], [approval("k", LI), approval("l", LI)]),
        approval("z", BOB),
        settings={"resubmit": "fromReturningStep"},
    )
    it = Process(document).start()
    it.decide("a", "approve", by="li")
    it.decide("i", "approve", by="bob")
    it.decide("j", "return", by="cat")
    assert it.open == {}
    assert it.do(c.Resubmit("amy"))
    assert it.open == {"j": ["cat"], "k": ["li"]}
    it.decide("j", "approve", by="cat")
    it.decide("k", "approve", by="li")
    it.decide("l", "approve", by="li")
    assert it.open == {"z": ["bob"]}


def test_straight_back_into_a_branch_that_no_longer_fits_is_not_decided_again() -> None:
    document = workflow(
        branch("x", ({">": [AMOUNT, 5]}, [approval("big", BOB)]), (None, [])),
        settings={"resubmit": "fromReturningStep"},
    )
    it = Process(document, {"amount": 9}).start()
    it.decide("big", "return", by="bob")
    it.do(c.Resubmit("amy", {"amount": 1}))
    assert it.open == {"big": ["bob"]}


def test_straight_back_begins_the_branches_that_were_not_even_entered_then() -> None:
    impossible = approval("i", {"role": "nobody"}, BOB, mode={"count": 2}, onReject="initiator")
    document = workflow(parallel("p", [impossible], [approval("j", CAT)]), settings={"resubmit": "fromReturningStep"})
    it = Process(document, {"owner": "bob"}).start()
    assert it.open == {}
    it.context = replace(it.context, directory=LI_TOO)
    it.do(c.Resubmit("amy"))
    assert it.open == {"i": ["li", "bob"], "j": ["cat"]}


def test_straight_back_keeps_a_join_that_can_never_be_met_blocked() -> None:
    never = parallel("q", [approval("k", LI)], join=2)
    document = workflow(parallel("p", [never], [approval("j", CAT)]), settings={"resubmit": "fromReturningStep"})
    it = Process(document).start()
    it.decide("k", "approve", by="li")
    it.decide("j", "return", by="cat")
    it.do(c.Resubmit("amy"))
    assert (it.blocked, it.open) == ({"q": "join"}, {"j": ["cat"]})


def test_a_rejection_ends_the_process_by_default() -> None:
    ran = run(workflow(approval("a", LI), approval("b", BOB)), None, "a=reject")
    assert (results(ran), ran.outcome, ran.open) == ([("a", "rejected")], "rejected", ())


def test_a_rejection_may_give_it_back_to_the_initiator() -> None:
    ran = run(workflow(approval("a", LI), approval("b", BOB, onReject="initiator")), None, "b=reject")
    assert results(ran) == [("a", "approved"), ("b", "rejected"), ("a", "approved"), ("b", "approved")]


def test_a_rejection_may_lead_back_to_a_step() -> None:
    document = workflow(approval("a", LI), approval("b", BOB), approval("d", CAT, onReject={"return": "b"}))
    assert results(run(document, None, "d=reject"))[2:] == [("d", "rejected"), ("b", "approved"), ("d", "approved")]


def test_a_rejection_inside_a_branch_ends_the_whole_process() -> None:
    document = workflow(parallel("p", [approval("i", BOB)], [approval("j", CAT)]), approval("z", LI))
    ran = run(document, None, "j=reject@cat")
    assert results(ran) == [("p", "cancelled"), ("i", "cancelled"), ("j", "rejected")]
    assert ran.outcome == "rejected"


def test_an_end_inside_a_branch_ends_the_whole_process_with_its_own_outcome() -> None:
    end = {"id": "e", "type": "end", "outcome": "postponed"}
    ran = run(
        workflow(parallel("p", [approval("i", BOB), end], [approval("j", CAT)]), approval("z", LI)), None, "i=approve"
    )
    assert results(ran) == [("p", "cancelled"), ("i", "approved"), ("j", "cancelled"), ("e", "done")]
    assert (ran.outcome, ran.open) == ("postponed", ())


def test_an_end_is_approved_unless_it_says_otherwise() -> None:
    assert run(workflow({"id": "e", "type": "end"}, approval("a", LI))).outcome == "approved"


def test_the_end_of_the_list_is_approved() -> None:
    assert run(workflow()).outcome == "approved"
    assert run(workflow(notify("n", LI))).outcome == "approved"


def test_the_targets_of_a_return_are_offered_nearest_first() -> None:
    document = workflow(approval("a", LI), notify("n", LI), fill("f", BOB), branch("x", (None, [approval("i", CAT)])))
    it = Process(document).start()
    it.decide("a", "approve", by="li")
    it.decide("f", "done", by="bob")
    assert [target for target, _ in return_targets(it.workflow, it.now, it.task("i"))] == ["f", "a", "initiator"]


def test_a_step_without_return_offers_no_target() -> None:
    it = Process(workflow(approval("a", LI, actions=["approve"]))).start()
    assert return_targets(it.workflow, it.now, it.task("a")) == []


def test_a_return_closes_the_tasks_of_the_others_at_the_step() -> None:
    it = Process(workflow(approval("a", LI, BOB, mode="all"))).start()
    it.decide("a", "return", by="li")
    assert it.open == {}
    (closed,) = it.happened(e.TaskClosed)
    assert (closed.member, closed.reason) == ("bob", "cancelled")


def everything() -> list[dict[str, Any]]:
    return [notify(f"n{index}", LI) for index in range(1000)]


def test_a_thousand_steps_in_a_row_need_no_recursion() -> None:
    assert len(run(workflow(*everything())).entries) == 1000
