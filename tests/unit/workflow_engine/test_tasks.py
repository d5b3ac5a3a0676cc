"""What whoever has a task, the initiator, and an admin may do (formats.md section 2, Actions)."""

from typing import Any

import pytest
from processes import (
    DIRECTORY,
    PEOPLE,
    Process,
    approval,
    at_least,
    branch,
    fill,
    member,
    parallel,
    people_at,
    results,
    run,
    workflow,
)

from formloom.form_engine.record import content_hash
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e
from formloom.workflow_engine.blocking import waiting
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.offers import actions_at, may_resubmit, may_withdraw, return_targets

LI, BOB, CAT = member("li"), member("bob"), member("cat")
EVERYTHING = ["approve", "reject", "return", "transfer", "addSigner"]


def process(*steps: dict[str, Any], **more: Any) -> Process:
    return Process(workflow(*(steps or (approval("a", LI, actions=EVERYTHING),)), **more)).start()


def reason(it: Process) -> str:
    assert it.refusal is not None
    return it.refusal.reason


def test_the_task_of_somebody_else_is_refused() -> None:
    it = process()
    assert not it.decide("a", "approve", by="bob", holder="li")
    assert reason(it) == "This is the task of Li."


def test_a_task_is_decided_once() -> None:
    it = process(approval("a", LI), approval("b", BOB))
    task = it.task("a")
    assert it.do(c.Decide("li", task, "approve"))
    assert not it.do(c.Decide("li", task, "approve"))
    assert reason(it) == "This task is no longer open."


def test_what_the_step_does_not_offer_is_refused() -> None:
    it = process(approval("a", LI, actions=["approve"]))
    assert not it.decide("a", "reject", by="li")
    assert reason(it) == "“a” does not offer that."
    assert not it.do(c.Transfer("li", it.task("a"), "bob"))


@pytest.mark.parametrize("action", ["transfer", "addSigner", "comment", ""])
def test_what_else_a_step_offers_decides_nothing(action: Any) -> None:
    it = process(approval("a", LI, actions=["transfer", "addSigner"]))
    assert not it.do(c.Decide("li", it.task("a"), action))
    assert reason(it) == "“a” does not offer that."


def test_by_default_an_approval_offers_approve_reject_and_return() -> None:
    it = process(approval("a", LI))
    assert actions_at(it.workflow, it.now, it.task("a")) == ("approve", "reject", "return")


def test_a_fill_offers_done_and_nothing_else() -> None:
    it = process(fill("f", LI))
    assert actions_at(it.workflow, it.now, it.task("f")) == ("done",)
    for action in ("approve", "reject", "return"):
        assert not it.decide("f", action, by="li")
    assert it.decide("f", "done", by="li")


def test_a_fill_offers_done_whatever_else_it_offers() -> None:
    it = process(fill("f", LI, actions=["return"]))
    assert actions_at(it.workflow, it.now, it.task("f")) == ("done", "return")


def test_nothing_is_offered_at_a_task_that_is_gone() -> None:
    it = process()
    assert actions_at(it.workflow, it.now, "9.9") == ()
    assert return_targets(it.workflow, it.now, "9.9") == []


def test_a_comment_is_always_possible_also_after_the_end() -> None:
    it = process()
    assert it.do(c.Comment("bob", "Looks fine"))
    it.decide("a", "approve", by="li")
    assert it.do(c.Comment("amy", "Thanks"))
    assert not it.do(c.Comment("amy", "  "))
    assert [event.text for event in it.happened(e.Commented)] == ["Looks fine", "Thanks"]


# passing on


def test_a_transferred_task_is_somebody_elses() -> None:
    it = process()
    task = it.task("a")
    assert it.do(c.Transfer("li", task, "bob", "You know this"))
    assert it.open == {"a": ["bob"]}
    assert not it.do(c.Decide("li", task, "approve"))
    assert it.decide("a", "approve", by="bob")
    assert it.outcome == "approved"


@pytest.mark.parametrize("to", ["gone", "unknown", "li"])
def test_a_task_goes_only_to_active_members_who_do_not_have_it(to: str) -> None:
    it = process()
    assert not it.do(c.Transfer("li", it.task("a"), to))


def test_a_task_does_not_go_to_who_takes_part_already() -> None:
    it = process(approval("a", LI, BOB, actions=EVERYTHING, mode="all"))
    assert not it.do(c.Transfer("li", it.task("a", "li"), "bob"))
    assert reason(it) == "Bob already takes part in “a”."


def test_a_transfer_does_not_change_how_many_are_needed() -> None:
    it = process(approval("a", LI, BOB, actions=EVERYTHING, mode="all"))
    it.do(c.Transfer("li", it.task("a", "li"), "cat"))
    it.decide("a", "approve", by="cat")
    assert it.open == {"a": ["bob"]}


def test_a_signer_beside_is_one_more_of_all() -> None:
    it = process(approval("a", LI, actions=EVERYTHING, mode="all"))
    assert it.do(c.AddSigner("li", it.task("a"), "bob"))
    assert it.open == {"a": ["li", "bob"]}
    it.decide("a", "approve", by="li")
    assert it.outcome is None
    it.decide("a", "approve", by="bob")
    assert it.outcome == "approved"


def test_a_signer_beside_raises_what_a_ratio_needs() -> None:
    it = process(approval("a", LI, BOB, actions=EVERYTHING, mode={"ratio": 0.5}))
    it.do(c.AddSigner("li", it.task("a", "li"), "cat"))
    it.decide("a", "approve", by="cat")
    assert it.outcome is None
    it.decide("a", "approve", by="bob")
    assert it.outcome == "approved"


def test_a_signer_before_signs_first() -> None:
    it = process()
    assert it.do(c.AddSigner("li", it.task("a"), "bob", "before"))
    assert it.open == {"a": ["bob"]}
    it.decide("a", "approve", by="bob")
    assert it.open == {"a": ["li"]}
    it.decide("a", "approve", by="li")
    assert it.outcome == "approved"


def test_a_signer_after_signs_next() -> None:
    it = process()
    assert it.do(c.AddSigner("li", it.task("a"), "bob", "after"))
    assert it.open == {"a": ["li"]}
    it.decide("a", "approve", by="li")
    assert it.open == {"a": ["bob"]}
    it.decide("a", "approve", by="bob")
    assert it.outcome == "approved"


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_signer_in_the_same_seat_can_reject_it(place: Any) -> None:
    it = process()
    it.do(c.AddSigner("li", it.task("a"), "bob", place))
    if place == "after":
        it.decide("a", "approve", by="li")
    it.decide("a", "reject", by="bob")
    assert it.outcome == "rejected"


def test_a_signer_is_added_before_after_or_beside() -> None:
    it = process()
    assert not it.do(c.AddSigner("li", it.task("a"), "bob", "above"))  # type: ignore[arg-type]


def test_those_who_joined_stand_among_the_people_of_a_dry_run() -> None:
    step = approval("a", LI, actions=EVERYTHING, mode="all")
    ran = run(workflow(step), None, "a=addSigner:bob@li", "a=transfer:cat@bob", "a=reassign:wang")
    assert people_at(ran, "a") == ["li", "bob", "cat", "wang"]
    assert ran.outcome == "approved"


def test_a_delegate_decides_for_somebody_and_the_history_says_so() -> None:
    it = Process(workflow(approval("a", LI)), delegates={"li": frozenset({"bob"})}).start()
    assert it.decide("a", "approve", by="bob", holder="li")
    (decided,) = it.happened(e.TaskDecided)
    assert (decided.member, decided.by) == ("li", "bob")


def test_a_delegation_that_is_over_gives_nothing() -> None:
    it = process()
    assert not it.decide("a", "approve", by="bob", holder="li")


# what was seen


def test_a_decision_over_what_was_seen_is_taken() -> None:
    it = Process(workflow(approval("a", LI)), {"amount": 5}).start()
    assert it.decide("a", "approve", by="li", content=content_hash({"amount": 5}))


def test_a_decision_over_what_has_changed_is_refused_with_the_difference() -> None:
    from dataclasses import replace

    it = Process(workflow(approval("a", LI)), {"amount": 7, "kind": "a"}).start()
    it.context = replace(it.context, shown={"amount": 5, "kind": "a"})
    assert not it.decide("a", "approve", by="li", content=content_hash({"amount": 5, "kind": "a"}))
    assert it.refusal is not None
    assert [(change.field, change.label, change.before, change.after) for change in it.refusal.difference] == [
        ("amount", "Amount", 5, 7)
    ]


def test_what_is_filled_in_with_a_decision_is_in_the_history() -> None:
    it = Process(workflow(fill("f", LI, fields={"note": "required"})), {"amount": 5, "kind": "a"}).start()
    it.decide("f", "done", by="li", record={"amount": 5, "note": "paid"})
    (changed,) = it.happened(e.RecordChanged)
    assert (changed.by, changed.step, changed.changes) == ("li", "f", {"kind": None, "note": "paid"})


# the initiator


def test_until_the_first_decision_the_initiator_may_withdraw() -> None:
    it = process()
    assert may_withdraw(it.workflow, it.now, "amy")
    assert not may_withdraw(it.workflow, it.now, "li")
    assert it.do(c.Withdraw("amy", "Changed my mind"))
    assert (it.outcome, it.open) == ("withdrawn", {})


def test_after_the_first_decision_it_is_refused() -> None:
    it = process(approval("a", LI), approval("b", BOB))
    it.decide("a", "approve", by="li")
    assert not may_withdraw(it.workflow, it.now, "amy")
    assert not it.do(c.Withdraw("amy"))
    assert reason(it) == "The request can no longer be withdrawn: somebody has already decided."


def test_what_was_filled_in_is_no_decision() -> None:
    it = process(fill("f", LI), approval("b", BOB))
    it.decide("f", "done", by="li")
    assert it.do(c.Withdraw("amy"))


def test_what_came_back_may_be_withdrawn_for_a_new_round_has_no_decision_yet() -> None:
    it = process()
    it.decide("a", "return", by="li")
    assert it.do(c.Withdraw("amy"))


@pytest.mark.parametrize(("withdraw", "allowed"), [("never", False), ("anyTime", True)])
def test_withdrawing_never_or_any_time(withdraw: str, allowed: bool) -> None:
    it = process(approval("a", LI), approval("b", BOB), settings={"withdraw": withdraw})
    it.decide("a", "approve", by="li")
    assert it.do(c.Withdraw("amy")) is allowed


def test_only_the_initiator_withdraws_resubmits_and_urges() -> None:
    it = process()
    assert not it.do(c.Withdraw("li"))
    assert not it.do(c.Urge("li"))
    it.decide("a", "return", by="li")
    assert not it.do(c.Resubmit("li"))


def test_urging_reaches_all_who_have_a_task() -> None:
    it = process(approval("a", LI, BOB, mode="all"))
    assert it.do(c.Urge("amy", "Please"))
    (urged,) = it.happened(e.Urged)
    assert urged.members == ("li", "bob")


def test_there_is_nobody_to_urge_when_nobody_has_a_task() -> None:
    it = process(approval("a", {"role": "nobody"}, whenEmpty="block"))
    assert not it.do(c.Urge("amy"))


def test_a_request_is_resubmitted_only_when_it_came_back() -> None:
    it = process()
    assert not it.do(c.Resubmit("amy"))
    it.decide("a", "return", by="li")
    assert may_resubmit(it.now, "amy")
    assert not may_resubmit(it.now, "li")
    assert it.do(c.Resubmit("amy"))
    assert it.open == {"a": ["li"]}


def test_a_resubmission_may_change_the_record() -> None:
    it = Process(
        workflow(approval("a", LI), branch("b", ({">": [{"var": "amount"}, 9]}, [approval("big", BOB)]), (None, [])))
    )
    it.start().decide("a", "return", by="li")
    it.do(c.Resubmit("amy", {"amount": 10}))
    it.decide("a", "approve", by="li")
    assert it.open == {"big": ["bob"]}


# an admin


def test_only_an_admin_reassigns_jumps_terminates_retries_and_corrects() -> None:
    it = process()
    commands: list[c.Command] = [
        c.Reassign("li", it.task("a"), "bob"),
        c.Jump("li", "a"),
        c.Terminate("li"),
        c.Retry("li", "a"),
        c.Correct("li", {"amount": 1}),
    ]
    for command in commands:
        assert not it.do(command)
        assert reason(it) == "Only an administrator may do this."


def test_an_admin_reassigns_anybodys_task() -> None:
    it = process()
    assert it.do(c.Reassign("root", it.task("a"), "cat"))
    assert it.open == {"a": ["cat"]}


def test_an_admin_terminates() -> None:
    it = process(parallel("p", [approval("a", LI)], [approval("b", BOB)]))
    assert it.do(c.Terminate("root", "Duplicate"))
    assert (it.outcome, it.open) == ("terminated", {})


def test_an_admin_retries_a_blocked_step_after_a_correction() -> None:
    it = Process(workflow(approval("a", {"field": "owner"}, whenEmpty="block"))).start()
    assert it.blocked == {"a": "nobody"}
    assert not it.do(c.Retry("root", "b"))
    assert it.do(c.Correct("root", {"owner": "cat"}, "The owner was missing"))
    assert it.do(c.Retry("root", "a"))
    assert (it.blocked, it.open) == ({}, {"a": ["cat"]})


def test_what_is_not_blocked_is_not_retried() -> None:
    it = process()
    assert not it.do(c.Retry("root", "a"))
    assert reason(it) == "“a” is not blocked."


def test_without_a_lock_anybody_may_change_the_record() -> None:
    it = process(settings={"lock": False})
    assert it.do(c.Correct("amy", {"amount": 3}))


def test_an_admin_jumps_to_any_step() -> None:
    it = process(approval("a", LI), approval("b", BOB), approval("d", CAT))
    assert it.do(c.Jump("root", "d"))
    assert it.open == {"d": ["cat"]}
    assert it.do(c.Jump("root", "a"))
    assert it.open == {"a": ["li"]}
    assert not it.do(c.Jump("root", "nowhere"))


def test_a_jump_into_a_branch_takes_that_branch() -> None:
    it = process(
        branch("b", (None, [])), branch("x", ({"var": "urgent"}, [approval("u", LI)]), (None, [approval("v", BOB)]))
    )
    assert it.outcome == "approved" or it.open == {"v": ["bob"]}
    assert it.do(c.Jump("root", "u"))
    assert it.open == {"u": ["li"]}
    it.decide("u", "approve", by="li")
    assert it.outcome == "approved"


def test_a_jump_into_a_parallel_step_begins_the_other_branches_too() -> None:
    it = process(approval("a", LI), parallel("p", [approval("x", BOB), approval("y", BOB)], [approval("z", CAT)]))
    assert it.do(c.Jump("root", "y"))
    assert it.open == {"y": ["bob"], "z": ["cat"]}
    it.decide("y", "approve", by="bob")
    it.decide("z", "approve", by="cat")
    assert it.outcome == "approved"


def test_a_jump_inside_a_branch_leaves_the_others_alone() -> None:
    it = process(parallel("p", [approval("x", BOB), approval("y", BOB)], [approval("z", CAT)]))
    task = it.task("z")
    assert it.do(c.Jump("root", "y"))
    assert it.open == {"y": ["bob"], "z": ["cat"]}
    assert it.task("z") == task


def test_a_jump_out_of_a_parallel_step_cancels_it() -> None:
    it = process(parallel("p", [approval("x", BOB)], [approval("z", CAT)]), approval("end", LI))
    assert it.do(c.Jump("root", "end"))
    assert it.open == {"end": ["li"]}


def test_a_jump_moves_a_request_that_came_back() -> None:
    it = process(approval("a", LI), approval("b", BOB))
    it.decide("a", "return", by="li")
    assert it.do(c.Jump("root", "b"))
    assert it.now.back is None
    assert it.open == {"b": ["bob"]}


# what a page says


def test_a_process_says_what_it_waits_for_and_who_can_move_it() -> None:
    it = process(approval("a", LI, BOB, mode="all"))
    (wait,) = waiting(it.workflow, it.now, DIRECTORY)
    assert (wait.step, wait.why, wait.who, wait.blocked) == ("a", "Waits for Li, Bob.", ("li", "bob"), False)
    it.decide("a", "return", by="li")
    (wait,) = waiting(it.workflow, it.now, DIRECTORY)
    assert (wait.step, wait.who) == (None, ("amy",))
    it.do(c.Withdraw("amy"))
    assert waiting(it.workflow, it.now, DIRECTORY) == ()


def test_who_has_left_can_move_nothing() -> None:
    members = [{**each, "active": each["id"] not in ("li", "amy")} for each in PEOPLE["members"]]
    later = PeopleDirectory.from_json({**PEOPLE, "members": members})
    it = process(approval("a", LI, BOB, mode="all"))
    assert [wait.who for wait in waiting(it.workflow, it.now, later)] == [("bob",)]
    it = process(approval("a", LI))
    (wait,) = waiting(it.workflow, it.now, later)
    assert (wait.who, wait.blocked, "Li, who left" in wait.why) == (("root",), True, True)
    it.decide("a", "return", by="li")
    (wait,) = waiting(it.workflow, it.now, later)
    assert (wait.who, "Amy, who has left" in wait.why) == (("root",), True)


def test_a_blocked_process_says_that_an_admin_can_move_it() -> None:
    it = process(approval("a", {"role": "nobody"}, whenEmpty="block"))
    (wait,) = waiting(it.workflow, it.now, DIRECTORY, "zh_Hans")
    assert (wait.who, wait.blocked) == (("root",), True)
    assert "管理员" in wait.why


CALL = {"id": "s", "type": "action", "do": {"webhook": {"url": "https://example.com/hook"}}}


@pytest.mark.parametrize(
    ("step", "why", "until"),
    [
        ({"id": "s", "type": "wait", "for": "P1D"}, "Waits for a time to pass.", "2026-01-06T09:00:00+00:00"),
        ({"id": "s", "type": "wait", "until": {"field": "begins"}}, "Waits for the date in “Begins”.", "2026-01-09T00:00:00+00:00"),
        ({"id": "s", "type": "wait", "until": {"changed": ["note", "amount"]}}, "Waits for a change of Amount, Note.", None),
        ({"id": "s", "type": "wait", "until": {"when": at_least(100)}, "atMost": "P2D"}, "Waits for Amount to be as this step asks.", "2026-01-07T09:00:00+00:00"),
        ({"id": "s", "type": "subprocess", "form": "request", "set": {}}, "Waits for requests that this one has started.", None),
        (CALL, "Waits for the answer of example.com.", None),
    ],
)  # fmt: skip
def test_what_only_time_or_an_answer_moves_says_so_and_until_when(
    step: dict[str, Any], why: str, until: str | None
) -> None:
    it = Process(workflow(step), {"amount": 5, "begins": "2026-01-09"}).start()
    (wait,) = waiting(it.workflow, it.now, DIRECTORY)
    assert (wait.step, wait.why, wait.until, wait.who, wait.blocked) == ("s", why, until, (), False)
    assert wait.since == "2026-01-05T09:00:00+00:00"


def test_an_action_that_failed_says_when_it_is_tried_again() -> None:
    it = process({**CALL, "retry": {"times": 2, "after": "PT1H"}})
    it.do(c.ActionAnswered("1.1", ok=False, error="away"))
    (wait,) = waiting(it.workflow, it.now, DIRECTORY)
    assert (wait.why, wait.until) == ("It failed and will be tried again.", "2026-01-05T10:00:00+00:00")


def test_after_the_end_every_command_is_refused() -> None:
    it = process()
    task = it.task("a")
    it.decide("a", "reject", by="li")
    for command in (c.Decide("li", task, "approve"), c.Withdraw("amy"), c.Jump("root", "a"), c.Start("amy")):
        assert not it.do(command)


def test_before_the_start_every_command_is_refused() -> None:
    it = Process(workflow(approval("a", LI)))
    assert not it.do(c.Withdraw("amy"))
    assert reason(it) == "The request has not been submitted yet."


def test_a_refusal_is_said_in_the_readers_language() -> None:
    it = Process(workflow(approval("a", LI)), lang="zh_Hans").start()
    assert not it.decide("a", "approve", by="bob", holder="li")
    assert reason(it) == "这是Li的任务。"


def test_withdrawing_in_a_dry_run() -> None:
    ran = run(workflow(approval("a", LI), approval("b", BOB)), None, "a=withdraw")
    assert (results(ran), ran.outcome, ran.open) == ([("a", "cancelled")], "withdrawn", ())
