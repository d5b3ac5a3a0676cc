"""Who need not be asked: own requests, people who approved before, steps that find nobody (meaning.md section 4)."""

from typing import Any

import pytest
from processes import Process, approval, fill, member, people_at, results, run, workflow

LI, AMY, BOB = member("li"), member("amy"), member("bob")
NOBODY = {"role": "nobody"}


def settings(**given: str) -> dict[str, Any]:
    return {"settings": given}


def test_the_initiator_decides_their_own_request_by_default() -> None:
    assert run(workflow(approval("a", AMY))).entries[0].result == "approved"


def test_with_go_to_manager_the_manager_stands_in_for_the_initiator() -> None:
    ran = run(workflow(approval("a", BOB, AMY), **settings(ownRequest="goToManager")))
    assert people_at(ran, "a") == ["bob", "li"]


def test_an_initiator_without_a_manager_is_simply_left_out() -> None:
    document = workflow(approval("a", {"initiator": True}), **settings(ownRequest="goToManager"))
    ran = run(document, by="wang")
    assert people_at(ran, "a") == ["root"]
    assert ran.entries[0].stand_in == "admin"


def test_with_skip_the_initiator_counts_as_approving() -> None:
    document = workflow(
        approval("a", {"initiator": True}), approval("b", BOB, AMY, mode="all"), **settings(ownRequest="skip")
    )
    ran = run(document)
    assert results(ran) == [("a", "skipped"), ("b", "approved")]
    assert people_at(ran, "a") == ["amy"]
    assert [decision.by for decision in ran.entries[1].decisions] == ["bob"]


def test_own_requests_do_not_touch_what_people_fill_in() -> None:
    for own in ("goToManager", "skip"):
        ran = run(workflow(fill("f", {"initiator": True}), **settings(ownRequest=own)))
        assert results(ran) == [("f", "done")]
        assert people_at(ran, "f") == ["amy"]


@pytest.mark.parametrize("own", ["goToManager", "skip"])
def test_nobody_gets_at_their_own_request_by_the_back_door(own: str) -> None:
    from formloom.workflow_engine.commands import AddSigner, Decide, Reassign, Transfer

    step = approval("a", LI, actions=["approve", "transfer", "addSigner"])
    it = Process(workflow(step, **settings(ownRequest=own)), delegates={"li": frozenset({"amy"})}).start()
    task = it.task("a")
    for command in (
        Decide("amy", task, "approve"),
        Transfer("li", task, "amy"),
        AddSigner("li", task, "amy"),
        Reassign("root", task, "amy"),
    ):
        assert not it.do(command)
        assert it.refusal is not None
        assert it.refusal.reason == "Whoever submitted the request may not decide it at “a”."


def test_each_asks_everybody_every_time() -> None:
    assert results(run(workflow(approval("a", LI), approval("b", LI)))) == [("a", "approved"), ("b", "approved")]


def test_skip_consecutive_looks_at_the_last_approval_step_passed() -> None:
    document = workflow(
        approval("a", LI),
        approval("b", LI),
        approval("c", BOB),
        approval("d", LI),
        **settings(repeatApprover="skipConsecutive"),
    )
    assert results(run(document)) == [("a", "approved"), ("b", "skipped"), ("c", "approved"), ("d", "approved")]


def test_who_was_counted_counts_again_at_the_next_step() -> None:
    document = workflow(
        approval("a", LI), approval("b", LI), approval("c", LI), **settings(repeatApprover="skipConsecutive")
    )
    assert results(run(document)) == [("a", "approved"), ("b", "skipped"), ("c", "skipped")]


def test_steps_between_that_are_no_approvals_do_not_break_the_row() -> None:
    document = workflow(
        approval("a", LI), fill("f", BOB), approval("b", LI), **settings(repeatApprover="skipConsecutive")
    )
    assert results(run(document))[-1] == ("b", "skipped")


def test_skip_any_looks_at_all_steps_of_the_round() -> None:
    document = workflow(approval("a", LI), approval("b", BOB), approval("c", LI), **settings(repeatApprover="skipAny"))
    assert results(run(document))[-1] == ("c", "skipped")


def test_counting_is_for_the_person_and_not_for_the_step() -> None:
    document = workflow(approval("a", LI), approval("b", LI, BOB, mode="all"), **settings(repeatApprover="skipAny"))
    process = Process(document).start()
    process.decide("a", "approve", by="li")
    assert process.open == {"b": ["bob"]}


def test_a_counted_place_in_a_sequence_is_passed_over() -> None:
    document = workflow(
        approval("a", BOB), approval("b", LI, BOB, AMY, mode="sequence"), **settings(repeatApprover="skipAny")
    )
    process = Process(document).start("wang")
    process.decide("a", "approve", by="bob")
    process.decide("b", "approve", by="li")
    assert process.open == {"b": ["amy"]}


@pytest.mark.parametrize("target", ["initiator", "a"])
def test_a_return_begins_a_new_round(target: str) -> None:
    document = workflow(approval("a", LI), approval("b", BOB), approval("c", LI), **settings(repeatApprover="skipAny"))
    ran = run(document, None, f"b=return:{target}@bob")
    assert results(ran)[2:] == [("a", "approved"), ("b", "approved"), ("c", "skipped")]


def test_a_rejection_that_goes_back_begins_a_new_round_too() -> None:
    document = workflow(
        approval("a", LI), approval("b", BOB, onReject={"return": "a"}), **settings(repeatApprover="skipConsecutive")
    )
    assert results(run(document, None, "b=reject")) == [
        ("a", "approved"),
        ("b", "rejected"),
        ("a", "approved"),
        ("b", "approved"),
    ]


def test_nobody_found_goes_to_the_admins_unless_stated() -> None:
    assert people_at(run(workflow(approval("a", NOBODY))), "a") == ["root"]


def test_nobody_found_can_be_skipped_as_if_approved() -> None:
    ran = run(workflow(approval("a", NOBODY, whenEmpty="skip"), fill("f", NOBODY, whenEmpty="skip")))
    assert results(ran) == [("a", "skipped"), ("f", "skipped")]
    assert people_at(ran, "a") == []
    assert ran.outcome == "approved"


def test_nobody_found_can_block() -> None:
    ran = run(workflow(approval("a", NOBODY, whenEmpty="block"), approval("b", LI)))
    assert results(ran) == [("a", "blocked")]
    assert (ran.outcome, ran.open) == (None, ("a",))


def test_nobody_found_can_go_to_a_person() -> None:
    assert people_at(run(workflow(approval("a", NOBODY, whenEmpty={"managerOf": {"initiator": True}}))), "a") == ["li"]


def test_nobody_who_stands_in_for_nobody_blocks() -> None:
    assert results(run(workflow(approval("a", NOBODY, whenEmpty={"role": "nobody"})))) == [("a", "blocked")]


def test_with_no_admin_it_blocks() -> None:
    from formloom.workflow_engine.directory import PeopleDirectory

    people = PeopleDirectory.from_json({"members": [{"id": "amy", "name": "Amy"}]})
    assert results(run(workflow(approval("a", NOBODY)), people=people)) == [("a", "blocked")]


def test_a_notice_for_nobody_is_done() -> None:
    ran = run(workflow({"id": "n", "type": "notify", "to": [NOBODY]}))
    assert results(ran) == [("n", "done")]


def test_who_did_one_step_may_not_do_the_other() -> None:
    steps = [approval("a", {"role": "finance"}), approval("b", {"role": "finance"}, notDoers=["a"])]
    process = Process(workflow(*steps)).start()
    process.decide("a", "approve", by="bob")
    assert process.open == {"b": ["li", "cat"]}
    from formloom.workflow_engine.commands import Reassign, Transfer

    assert not process.do(Reassign("root", process.task("b", "li"), "bob"))
    assert "Bob" not in process.open["b"]
    assert process.refusal is not None
    assert process.refusal.reason == "Whoever took part in “a” may not do “b”."
    assert not process.do(Transfer("li", process.task("b", "li"), "bob"))


def test_separation_of_duties_holds_between_steps_that_run_side_by_side() -> None:
    from processes import parallel

    sides = parallel("p", [approval("a", LI, BOB, mode="all")], [approval("b", LI, notDoers=["a"])])
    process = Process(workflow(sides)).start()
    process.decide("a", "approve", by="li")
    assert not process.decide("b", "approve", by="li")


def test_the_initiator_can_be_barred() -> None:
    document = workflow(approval("a", AMY, BOB, notDoers=["initiator"]))
    assert people_at(run(document), "a") == ["bob"]


def test_when_separation_leaves_nobody_the_rule_for_nobody_holds() -> None:
    document = workflow(approval("a", LI), approval("b", LI, notDoers=["a"], whenEmpty="block"))
    assert results(run(document)) == [("a", "approved"), ("b", "blocked")]


def test_a_delegate_who_decided_is_barred_too() -> None:
    document = workflow(approval("a", LI), approval("b", {"role": "finance"}, notDoers=["a"]))
    process = Process(document, delegates={"li": frozenset({"cat"})}).start()
    assert process.decide("a", "approve", by="cat", holder="li")
    assert process.open == {"b": ["bob"]}
