"""The path of a request, done and ahead, and the replay of real requests under another version."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from processes import (
    DIRECTORY,
    MONDAY,
    Process,
    approval,
    at_least,
    branch,
    fill,
    form,
    given,
    member,
    notify,
    parallel,
    workflow,
)

from formloom.workflow_engine import commands as c
from formloom.workflow_engine import definition, engine, simulate
from formloom.workflow_engine.path import PathStep, path
from formloom.workflow_engine.trail import Narrator

LI, BOB, CAT = member("li"), member("bob"), member("cat")
FORM = form()


def shown(process: Process) -> list[PathStep]:
    return path(process.workflow, process.now, process.events, process.context)


def test_a_path_shows_what_is_done_what_is_open_and_what_lies_ahead() -> None:
    document = workflow(
        approval("a", LI, title="Manager"),
        approval("b", BOB, due={"after": "P1D"}),
        branch("x", (at_least(10), [approval("big", CAT)]), (None, [])),
        notify("n", LI),
    )
    process = Process(document, {"amount": 12}).start()
    process.decide("a", "approve", by="li", comment="Good")
    first, second, *ahead = shown(process)
    assert (first.title, first.kind, first.result, first.people, first.comment) == (
        "Manager",
        "approval",
        "approved",
        ("li",),
        "Good",
    )
    assert [(d.member, d.by, d.action) for d in first.decisions] == [("li", "li", "approve")]
    assert (second.result, second.because, second.due) == ("open", "Waits for Bob.", "2026-01-06T09:00:00+00:00")
    assert [(step.step, step.result, step.people, step.depth) for step in ahead] == [
        ("x", "ahead", (), 0),
        ("big", "ahead", ("cat",), 1),
        ("n", "ahead", ("li",), 0),
    ]
    assert ahead[0].because == "“Branch 0”, because Amount 12 ≥ 10."
    assert all(step.at is None for step in ahead)


def test_nothing_lies_ahead_of_what_has_ended() -> None:
    process = Process(workflow(approval("a", LI), approval("b", BOB))).start()
    process.decide("a", "reject", by="li")
    assert [step.result for step in shown(process)] == ["rejected"]


def test_the_way_ahead_of_a_request_that_came_back_begins_anew() -> None:
    process = Process(workflow(approval("a", LI), approval("b", BOB))).start()
    process.decide("a", "return", by="li")
    assert [(step.step, step.result) for step in shown(process)] == [("a", "returned"), ("a", "ahead"), ("b", "ahead")]


def test_who_decided_for_somebody_else_stands_in_the_path() -> None:
    process = Process(workflow(approval("a", LI)), delegates={"li": frozenset({"bob"})}).start()
    process.decide("a", "approve", by="bob", holder="li")
    assert shown(process)[0].because == "Bob (for Li) approved."


def test_a_path_is_told_in_chinese() -> None:
    process = Process(workflow(approval("a", LI), translations={"zh_Hans": {"a": "经理审批"}}), lang="zh_Hans").start()
    (step,) = shown(process)
    assert (step.title, step.because) == ("经理审批", "等待Li处理。")


def test_what_a_deadline_did_is_told() -> None:
    process = Process(workflow(approval("a", LI, due={"after": "P1D", "then": {"decide": "reject"}}))).start()
    process.fire("1.due")
    assert shown(process)[0].because == "The due time passed for Li: it counts as rejected."


# replay


def context(**more: Any) -> engine.Context:
    return engine.Context(now=MONDAY, directory=DIRECTORY, record={}, **more)


def request(id: str = "r1", record: dict[str, Any] | None = None, *decisions: str) -> simulate.Request:
    return simulate.Request(id, "amy", record or {}, MONDAY, tuple(given(text) for text in decisions))


def differ(old: dict[str, Any], new: dict[str, Any], *requests: simulate.Request) -> list[tuple[Any, ...]]:
    loaded = [definition.load(document, FORM) for document in (old, new)]
    found = simulate.replay(loaded[0], loaded[1], requests or (request(),), context())
    return [(it.request, it.what, it.step, it.before, it.after) for it in found]


def test_waits_pass_at_once_also_for_a_date_that_is_blank() -> None:
    waits = [{"id": "w", "type": "wait", "until": {"field": "begins"}}, {"id": "v", "type": "wait", "for": "P1D"}]
    loaded = definition.load(workflow(parallel("p", [waits[0]], [waits[1]]), approval("a", LI)), FORM)
    ran = simulate.dry_run(loaded, context(), "amy")
    assert [(entry.step, entry.result) for entry in ran.entries] == [
        ("p", "done"),
        ("w", "done"),
        ("v", "done"),
        ("a", "approved"),
    ]
    assert (ran.outcome, ran.open) == ("approved", ())


def test_a_wait_for_a_date_lasts_no_longer_than_it_may() -> None:
    begins = {"id": "w", "type": "wait", "until": {"field": "begins"}, "atMost": "P1D"}
    loaded = definition.load(workflow(begins, approval("a", LI, due={"after": "PT1H"})), FORM)
    given = {"begins": "2026-03-01"}
    ran = simulate.dry_run(loaded, engine.Context(now=MONDAY, directory=DIRECTORY, record=given), "amy")
    assert ran.entries[-1].due == "2026-01-06T10:00:00+00:00"


def test_the_same_workflow_gives_no_difference() -> None:
    document = workflow(approval("a", LI), parallel("p", [fill("f", BOB)], [notify("n", CAT)]))
    assert differ(document, document, request("r1", None, "a=reject"), request("r2", None, "a=return@li")) == []


def test_a_new_step_is_a_difference_of_the_path() -> None:
    old, new = workflow(approval("a", LI)), workflow(approval("a", LI), approval("b", BOB))
    assert differ(old, new) == [("r1", "path", "b", None, "b")]
    assert differ(new, old) == [("r1", "path", "b", "b", None)]


def test_only_requests_that_go_another_way_are_listed() -> None:
    old = workflow(branch("x", (at_least(10), [approval("big", LI)]), (None, [])))
    new = workflow(branch("x", (at_least(20), [approval("big", LI)]), (None, [])))
    requests = [request("small", {"amount": 5}), request("middle", {"amount": 15}), request("large", {"amount": 25})]
    assert differ(old, new, *requests) == [("middle", "path", "x", "done", "done")]


def test_other_approvers_are_a_difference() -> None:
    old, new = workflow(approval("a", LI)), workflow(approval("a", BOB))
    assert differ(old, new) == [("r1", "approvers", "a", ("li",), ("bob",))]


def test_another_outcome_is_a_difference() -> None:
    old = workflow(approval("a", LI), {"id": "e", "type": "end", "outcome": "closed"})
    new = workflow(approval("a", LI), {"id": "e", "type": "end", "outcome": "filed"})
    assert differ(old, new) == [("r1", "outcome", None, "closed", "filed")]


def test_who_may_no_longer_submit_is_a_difference() -> None:
    assert differ(workflow(), workflow(start={"who": [LI]})) == [("r1", "start", None, True, False)]
    assert differ(workflow(start={"who": [LI]}), workflow(start={"who": [LI]})) == []


def test_the_difference_is_said_in_a_sentence() -> None:
    old, new = (definition.load(workflow(approval("a", who)), FORM) for who in (LI, BOB))
    (difference,) = simulate.replay(old, new, [request()], context(lang="zh_Hans"))
    assert difference.message == "“a”将由Bob处理，而不是Li。"


def test_a_request_is_taken_from_its_events() -> None:
    document = workflow(
        approval("a", LI, actions=["approve", "return", "transfer"]),
        fill("f", BOB, fields={"note": "edit"}),
        branch("x", ({"==": [{"var": "note"}, "big"]}, [approval("b", CAT)]), (None, [])),
    )
    process = Process(document, {"amount": 1}).start()
    process.later(hours=1)
    process.decide("a", "return", by="li")
    process.do(c.Resubmit("amy", {"amount": 2}))
    process.do(c.Transfer("li", process.task("a"), "wang"))
    process.decide("a", "approve", by="wang")
    process.decide("f", "done", by="bob", record={"amount": 2, "note": "big"})
    process.decide("b", "reject", by="cat")
    taken = simulate.request_of("r9", {"amount": 1}, process.events)
    assert (taken.initiator, taken.at) == ("amy", MONDAY)
    ran = simulate.dry_run(
        process.workflow, replace(process.context, now=taken.at, record=taken.record), "amy", taken.decisions
    )
    assert [(entry.step, entry.result) for entry in ran.entries] == [
        (entry.step, entry.result) for entry in shown(process)
    ]
    assert (ran.outcome, ran.unmade, ran.record) == ("rejected", (), {"amount": 2, "note": "big"})


def test_a_withdrawn_request_is_withdrawn_at_the_same_place() -> None:
    process = Process(workflow(approval("a", LI), approval("b", BOB), settings={"withdraw": "anyTime"})).start()
    process.decide("a", "approve", by="li")
    process.do(c.Withdraw("amy"))
    taken = simulate.request_of("r", {}, process.events)
    ran = simulate.dry_run(process.workflow, process.context, "amy", taken.decisions)
    assert ([(entry.step, entry.result) for entry in ran.entries], ran.outcome) == (
        [("a", "approved"), ("b", "cancelled")],
        "withdrawn",
    )


def test_a_request_that_an_admin_ended_ends_at_the_same_place() -> None:
    process = Process(workflow(approval("a", LI), approval("b", BOB))).start()
    process.decide("a", "approve", by="li")
    process.do(c.Terminate("root"))
    taken = simulate.request_of("r", {}, process.events)
    ran = simulate.dry_run(process.workflow, process.context, "amy", taken.decisions)
    assert ([entry.result for entry in ran.entries], ran.outcome) == (["approved", "cancelled"], "terminated")


@pytest.mark.parametrize("place", ["before", "after", "beside"])
def test_who_was_asked_to_sign_too_decides_as_they_did(place: Any) -> None:
    document = workflow(approval("a", LI, actions=["approve", "reject", "addSigner"], mode="all"), approval("b", BOB))
    process = Process(document).start()
    process.do(c.AddSigner("li", process.task("a"), "cat", place))
    for by in ["cat"] if place == "before" else ["li", "cat"]:
        process.decide("a", "reject" if by == "cat" else "approve", by=by)
    taken = simulate.request_of("r", {}, process.events)
    ran = simulate.dry_run(process.workflow, process.context, "amy", taken.decisions)
    assert ([entry.result for entry in ran.entries], ran.outcome, ran.unmade) == (["rejected"], "rejected", ())


def test_whom_the_initiator_chose_is_kept_as_far_as_the_version_lets_them_choose() -> None:
    def choosing(*members: str) -> Any:
        return approval("a", {"chosenBy": "initiator", "from": [member(each) for each in members]})

    chosen = simulate.Request("r1", "amy", {}, MONDAY, (), {"a": ("bob",)})
    old = workflow(choosing("li", "bob"), approval("b", CAT))
    assert differ(old, workflow(choosing("cat", "bob"), approval("b", CAT)), chosen) == []
    assert differ(old, workflow(approval("b", CAT)), chosen) == [("r1", "path", "b", "a", "b")]
    only_li = workflow(choosing("li"), approval("b", CAT))
    assert differ(old, only_li, chosen) == [("r1", "approvers", "a", ("bob",), ("li",))]


def test_due_times_in_a_replay_are_reckoned_from_the_day_of_the_request() -> None:
    loaded = definition.load(workflow(approval("a", LI, due={"after": "P1D"})), FORM)
    late = replace(context(), now=MONDAY + timedelta(days=100))
    assert simulate.replay(loaded, loaded, [request()], late) == []


TOTAL = {"sum": [{"map": [{"var": "items"}, {"var": "price"}]}]}
SOON = {"<": [{"var": "begins"}, {"today": []}]}
DEAR = {"some": [{"var": "items"}, {">": [{"var": "price"}, 400]}]}


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({">": [TOTAL, 500]}, "“Branch 0”, because SUM(Items.Price) = 600 > 500."),
        ({"and": [{">": [TOTAL, 500]}, {"var": "urgent"}]}, "SUM(Items.Price) = 600 > 500 and Urgent yes."),
        ({"<": [TOTAL, 500]}, "Not “Branch 0”: SUM(Items.Price) = 600 ≥ 500."),
        (SOON, "“Branch 0”, because Begins 4 Jan 2026 < 5 Jan 2026."),
        (DEAR, "Not “Branch 0”: SOME(Items, Items.Price > 400) = no."),
    ],
)
def test_a_reason_gives_the_values_of_sums_and_clocks(when: Any, reason: str) -> None:
    loaded = definition.load(workflow(branch("x", (when, []), (None, []))), FORM)
    rows = [{"price": 200}, {"price": 400}]
    record = {"items": rows, "urgent": True, "begins": "2026-01-04"}
    ran = simulate.dry_run(loaded, engine.Context(now=MONDAY, directory=DIRECTORY, record=record), "amy")
    assert reason in Narrator(loaded, DIRECTORY, "en").because(ran.entries[0])


@pytest.mark.parametrize("level", [{"lookup": [{"var": "customer"}, "level"]}, {"var": "customer.level"}])
def test_a_reason_gives_the_values_of_linked_records(level: Any) -> None:
    fields = {"customer": {"type": "string", "title": "Customer", "x-field": {"type": "link", "form": "customer"}}}
    customers = form({"$id": "f", "type": "object", "properties": fields})
    loaded = definition.load(workflow(branch("x", ({"==": [level, "gold"]}, []), (None, []))), customers)
    for stored, reason in (("gold", "because Customer.level = gold."), ("tin", "Customer.level tin ≠ gold.")):
        told = replace(context(), record={"customer": "c1"}, lookup=lambda *_, stored=stored: stored)
        ran = simulate.dry_run(loaded, told, "amy")
        assert reason in Narrator(loaded, DIRECTORY, "en").because(ran.entries[0])


PRICED: dict[str, Any] = {
    "$id": "request",
    "type": "object",
    "properties": {
        "amount": {"type": "number", "maximum": 900, "x-field": {"type": "money"}},
        "double": {"type": "number", "readOnly": True, "x-field": {"type": "money", "compute": {"*": [{"var": "amount"}, 2]}}},
        "later": {"type": "string"},
    },
    "required": ["amount", "later"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "record", "open_"),
    [
        ({"*": [{"var": "amount"}, 2]}, {"amount": 200, "double": 400}, ()),
        ({"/": [{"var": "amount"}, 3]}, {"amount": 33.33, "double": 66.66}, ()),
        ({"*": [{"var": "amount"}, 20]}, {"amount": 100, "double": 200}, ("set",)),
    ],
)
def test_what_an_action_sets_in_a_dry_run_is_saved_as_in_earnest(amount: Any, record: Any, open_: Any) -> None:
    """Computed, rounded and checked; `later` is not asked for, because a later step fills it in."""
    steps = [
        {"id": "set", "type": "action", "do": {"updateRecord": {"set": {"amount": amount}}}},
        branch("x", ({">": [{"var": "double"}, 300]}, []), (None, [])),
        fill("z", LI, fields={"later": "edit"}),
    ]
    document = workflow(*steps, start={"fields": {"later": "hidden"}})
    context = engine.Context(now=MONDAY, directory=DIRECTORY, record={"amount": 100, "double": 200})
    ran = simulate.dry_run(definition.load(document, form(PRICED)), context, "amy")
    assert (ran.record, ran.open) == (record, open_)
    assert [entry.took for entry in ran.entries if entry.step == "x"] == (
        [] if open_ else [(int(record["double"] < 300),)]
    )


def test_an_action_that_fails_is_tried_again_at_once_and_then_blocked() -> None:
    do = {"updateRecord": {"set": {"amount": 1000}}}
    steps = [{"id": "set", "type": "action", "do": do, "retry": {"times": 2, "after": "P1D"}}, approval("a", LI)]
    context = engine.Context(now=MONDAY, directory=DIRECTORY, record={"amount": 100, "double": 200})
    ran = simulate.dry_run(definition.load(workflow(*steps), form(PRICED)), context, "amy")
    assert [(entry.step, entry.result) for entry in ran.entries] == [("set", "blocked")]
    assert "900" in ran.entries[0].detail
