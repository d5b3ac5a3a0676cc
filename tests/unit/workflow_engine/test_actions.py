"""Actions, waits and subprocesses: what a process asks for, and what it does with the answers."""

from typing import Any

import pytest
from processes import Process, approval, member, notify, results, run, workflow

from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e

LI, BOB = member("li"), member("bob")
ROWS = [{"_row": "r1", "what": "pen", "buyer": "bob"}, {"_row": "r2", "what": "ink", "buyer": "cat"}]


def action(do: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "act", "type": "action", "do": do, **more}


def wait(**more: Any) -> dict[str, Any]:
    return {"id": "w", "type": "wait", **more}


def sub(**more: Any) -> dict[str, Any]:
    return {"id": "s", "type": "subprocess", "form": "other", "set": {"what": {"var": "note"}}, **more}


def process(*steps: dict[str, Any], record: dict[str, Any] | None = None) -> Process:
    return Process(workflow(*steps), record).start()


CREATE = {
    "createRecord": {
        "form": "ledger",
        "set": {"sum": {"var": "amount"}, "who": {"var": "owner"}},
        "into": {"note": "id"},
    }
}
HOOK = {"webhook": {"url": "https://example.com/in", "body": {"n": {"+": [{"var": "amount"}, 1]}}}}


def test_making_a_record_asks_for_it_with_the_values_of_the_moment() -> None:
    it = process(action(CREATE), record={"amount": 5, "owner": "cat"})
    (asked,) = it.happened(e.RecordRequested)
    assert (asked.verb, asked.form, asked.values, asked.into) == (
        "create",
        "ledger",
        {"sum": 5, "who": "cat"},
        {"note": "id"},
    )
    assert it.now.requests == (asked.request,)


def test_a_blank_is_asked_for_as_null() -> None:
    (asked,) = process(action(CREATE)).happened(e.RecordRequested)
    assert asked.values == {"sum": None, "who": None}


def test_the_process_goes_on_with_the_answer_and_the_record_it_changed() -> None:
    it = process(action(CREATE), approval("a", {"field": "owner"}), record={"amount": 5})
    assert it.do(c.ActionAnswered(it.now.requests[0], values={"owner": "cat"}, record={"amount": 5, "owner": "cat"}))
    assert it.open == {"a": ["cat"]}
    (changed,) = it.happened(e.RecordChanged)
    assert (changed.by, changed.step, changed.changes) == ("", "act", {"owner": "cat"})


def test_an_answer_nobody_waits_for_is_refused() -> None:
    it = process(action(CREATE))
    request = it.now.requests[0]
    it.do(c.ActionAnswered(request))
    assert not it.do(c.ActionAnswered(request))


@pytest.mark.parametrize(
    ("do", "verb", "form", "where", "record"),
    [
        ({"updateRecord": {"set": {"note": "x"}}}, "update", "", None, None),
        (
            {"updateRecord": {"form": "f", "set": {"a": 1}, "where": {"k": {"var": "kind"}}}},
            "update",
            "f",
            {"k": "a"},
            None,
        ),
        ({"updateRecord": {"form": "f", "set": {"a": 1}, "link": "owner"}}, "update", "f", None, "cat"),
        ({"findRecords": {"form": "f", "where": {"k": 1}, "into": {"amount": "count"}}}, "find", "f", {"k": 1}, None),
    ],
)
def test_records_are_found_and_changed(do: Any, verb: str, form: str, where: Any, record: str | None) -> None:
    (asked,) = process(action(do), record={"owner": "cat", "kind": "a"}).happened(e.RecordRequested)
    assert (asked.verb, asked.form, asked.where, asked.record) == (verb, form, where, record)


def test_a_webhook_carries_what_it_says_or_the_whole_record() -> None:
    (sent,) = process(action(HOOK), record={"amount": 5}).happened(e.MessageRequested)
    assert sent.body == {"url": "https://example.com/in", "method": "POST", "headers": {}, "json": {"n": 6}}
    (sent,) = process(action({"webhook": {"url": "https://example.com"}}), record={"amount": 5}).happened(
        e.MessageRequested
    )
    assert sent.body["json"] == {"amount": 5}


def test_a_mail_goes_to_people_and_addresses() -> None:
    mail = {"mail": {"to": [LI, {"role": "hr"}], "addresses": ["x@example.com"], "subject": "Hi", "text": "{note}"}}
    (sent,) = process(action(mail)).happened(e.MessageRequested)
    assert sent.members == ("li", "amy", "bob")
    assert sent.body["addresses"] == ["x@example.com"]


def test_an_action_that_failed_blocks_and_says_why() -> None:
    it = process(action(HOOK))
    it.do(c.ActionAnswered(it.now.requests[0], ok=False, error="404 Not Found"))
    assert it.blocked == {"act": "failed"}
    block = it.now.visits[1].block
    assert block is not None
    assert block.detail == "404 Not Found"
    it.do(c.Retry("root", "act"))
    assert len(it.happened(e.MessageRequested)) == 2
    it.do(c.ActionAnswered(it.now.requests[0]))
    assert it.outcome == "approved"


def test_or_goes_on() -> None:
    it = process(action(HOOK, onError="continue"), approval("a", LI))
    it.do(c.ActionAnswered(it.now.requests[0], ok=False))
    assert it.open == {"a": ["li"]}


def test_or_takes_its_error_path_first() -> None:
    it = process(action(HOOK, onError={"steps": [approval("help", BOB)]}), approval("a", LI))
    it.do(c.ActionAnswered(it.now.requests[0], ok=False))
    assert it.open == {"help": ["bob"]}
    it.decide("help", "approve", by="bob")
    assert it.open == {"a": ["li"]}


def test_an_error_path_may_end_the_process() -> None:
    it = process(action(HOOK, onError={"steps": [{"id": "e", "type": "end", "outcome": "failed"}]}))
    it.do(c.ActionAnswered(it.now.requests[0], ok=False))
    assert it.outcome == "failed"


def test_a_failed_attempt_is_tried_again_so_often() -> None:
    it = process(action(HOOK, retry={"times": 2, "after": "PT5M"}))
    for _ in range(2):
        it.do(c.ActionAnswered(it.now.requests[0], ok=False, error="down"))
        assert it.fire("1.retry")
    it.do(c.ActionAnswered(it.now.requests[0], ok=False, error="down"))
    assert it.blocked == {"act": "failed"}
    assert len(it.happened(e.MessageRequested)) == 3


def test_an_answer_that_does_not_come_in_time_has_failed() -> None:
    it = process(action(HOOK, timeout="PT1H"))
    assert it.fire("1.timeout")
    assert it.blocked == {"act": "failed"}


def test_a_late_yes_still_counts() -> None:
    it = process(action(HOOK, timeout="PT1H"))
    request = it.now.requests[0]
    it.fire("1.timeout")
    assert it.do(c.ActionAnswered(request))
    assert it.outcome == "approved"


def test_the_answer_to_an_attempt_that_was_given_up_is_refused() -> None:
    it = process(action(HOOK, timeout="PT1H", retry={"times": 1, "after": "PT1M"}))
    request = it.now.requests[0]
    it.fire("1.timeout")
    it.fire("1.retry")
    assert not it.do(c.ActionAnswered(request))
    assert it.do(c.ActionAnswered(it.now.requests[0]))


def test_in_a_dry_run_actions_succeed_and_change_our_own_record() -> None:
    from processes import at_least, branch

    document = workflow(
        action({"updateRecord": {"set": {"amount": {"+": [{"var": "amount"}, 90]}}}}),
        branch("x", (at_least(100), [approval("big", LI)]), (None, [])),
    )
    ran = run(document, {"amount": 10})
    assert results(ran) == [("act", "done"), ("x", "done"), ("big", "approved")]
    assert ran.record["amount"] == 100


# waits


def test_a_wait_lasts_so_long() -> None:
    it = process(wait(**{"for": "PT1H"}), approval("a", LI))
    assert it.open == {}
    assert it.fire("1.wait")
    assert it.open == {"a": ["li"]}


@pytest.mark.parametrize(
    ("until", "due"),
    [
        ({"field": "begins"}, "2026-02-01T00:00:00+00:00"),
        ({"field": "begins", "before": "P1D"}, "2026-01-31T00:00:00+00:00"),
        ({"field": "begins", "after": "PT9H"}, "2026-02-01T09:00:00+00:00"),
        ({"field": "starts_at"}, "2026-02-01T02:00:00+00:00"),
    ],
)
def test_a_wait_until_a_date(until: dict[str, Any], due: str) -> None:
    it = process(wait(until=until), record={"begins": "2026-02-01", "starts_at": "2026-02-01T10:00:00+08:00"})
    assert it.now.timers["1.wait"].due == due


def test_a_date_that_has_passed_is_not_waited_for() -> None:
    assert process(wait(until={"field": "begins"}), record={"begins": "2025-12-01"}).outcome == "approved"


def test_a_blank_date_blocks_until_it_is_corrected() -> None:
    it = process(wait(until={"field": "begins"}))
    assert it.blocked == {"w": "noDate"}
    it.do(c.Correct("root", {"begins": "2026-02-01"}))
    assert it.do(c.Retry("root", "w"))
    assert it.now.timers["1.wait"].due == "2026-02-01T00:00:00+00:00"


def test_a_date_that_moves_is_followed() -> None:
    it = process(wait(until={"field": "begins"}), record={"begins": "2026-02-01"})
    it.do(c.Correct("root", {"begins": "2026-03-01"}))
    assert it.now.timers["1.wait"].due == "2026-03-01T00:00:00+00:00"
    it.do(c.Correct("root", {"begins": "2025-03-01"}))
    assert it.outcome == "approved"


def test_a_wait_until_a_condition_holds() -> None:
    it = process(wait(until={"when": {">": [{"var": "amount"}, 5]}}), record={"amount": 1})
    it.do(c.Correct("root", {"amount": 3}))
    assert it.outcome is None
    it.do(c.Correct("root", {"amount": 6}))
    assert it.outcome == "approved"


def test_a_condition_that_holds_already_is_not_waited_for() -> None:
    assert process(wait(until={"when": {">": [{"var": "amount"}, 5]}}), record={"amount": 9}).outcome == "approved"


def test_a_wait_until_a_field_changes() -> None:
    it = process(wait(until={"changed": ["note"]}), record={"amount": 1})
    it.do(c.Correct("root", {"amount": 2}))
    assert it.outcome is None
    it.do(c.Correct("root", {"amount": 2, "note": "x"}))
    assert it.outcome == "approved"


def test_what_is_filled_in_at_another_step_is_a_change_too() -> None:
    from processes import fill, parallel

    sides = parallel(
        "p", [wait(until={"changed": ["note"]})], [fill("f", LI, fields={"note": "edit"}), approval("a", BOB)]
    )
    it = process(sides)
    it.decide("f", "done", by="li", record={"note": "x"})
    assert [event.step for event in it.happened(e.StepLeft)] == ["w", "f"] or it.open == {"a": ["bob"]}
    assert it.now.visit_of("w") is None


def test_a_wait_does_not_last_for_ever() -> None:
    it = process(wait(until={"changed": ["note"]}, atMost="P30D"))
    assert it.fire("1.timeout")
    assert it.outcome == "approved"


@pytest.mark.parametrize("until", [{"when": {"var": "urgent"}}, {"changed": ["note"]}])
def test_in_a_dry_run_every_wait_passes_at_once(until: dict[str, Any]) -> None:
    assert results(run(workflow(wait(until=until), approval("a", LI)))) == [("w", "done"), ("a", "approved")]


def test_in_a_dry_run_the_earliest_wait_passes_first() -> None:
    from processes import parallel

    slow, fast = {"id": "slow", "type": "wait", "for": "P9D"}, {"id": "fast", "type": "wait", "for": "P1D"}
    ran = run(workflow(parallel("p", [slow], [fast, approval("a", LI, due={"after": "P1D"})])))
    assert next(entry.due for entry in ran.entries if entry.step == "a") == "2026-01-07T09:00:00+00:00"


# subprocesses


def test_a_subprocess_is_started_with_its_values_and_awaited() -> None:
    it = process(sub(into={"note": "id"}), approval("a", LI), record={"note": "x"})
    (asked,) = it.happened(e.ProcessRequested)
    assert (asked.form, asked.values, asked.awaited, asked.row) == ("other", {"what": "x"}, True, None)
    assert it.open == {}
    it.do(c.ActionAnswered(asked.request, outcome="rejected", record={"note": "77"}))
    assert it.open == {"a": ["li"]}


def test_one_that_is_not_awaited_goes_on_at_once() -> None:
    it = process(sub(**{"await": False}), approval("a", LI))
    assert it.open == {"a": ["li"]}
    assert not it.do(c.ActionAnswered(it.happened(e.ProcessRequested)[0].request))


def test_one_for_each_row_with_the_rows_values() -> None:
    step = sub(each="items", set={"what": {"row": "what"}, "who": {"row": "buyer"}, "note": {"var": "note"}})
    it = process(step, approval("a", LI), record={"items": ROWS, "note": "n"})
    asked = it.happened(e.ProcessRequested)
    assert [(event.row, event.values) for event in asked] == [
        ("r1", {"what": "pen", "who": "bob", "note": "n"}),
        ("r2", {"what": "ink", "who": "cat", "note": "n"}),
    ]
    it.do(c.ActionAnswered(asked[1].request, outcome="approved"))
    assert it.open == {}
    it.do(c.ActionAnswered(asked[0].request, outcome="approved"))
    assert it.open == {"a": ["li"]}


def test_no_rows_are_no_subprocesses() -> None:
    assert process(sub(each="items", set={}), record={}).outcome == "approved"


@pytest.mark.parametrize(("on_reject", "outcome"), [("continue", "approved"), ("end", "rejected"), ("initiator", None)])
def test_what_a_rejected_subprocess_does_is_stated(on_reject: str, outcome: str | None) -> None:
    it = process(sub(onReject=on_reject))
    it.do(c.ActionAnswered(it.now.requests[0], outcome="rejected"))
    assert it.outcome == outcome


def test_a_rejected_subprocess_may_lead_back_to_a_step() -> None:
    it = process(approval("a", LI), sub(onReject={"return": "a"}))
    it.decide("a", "approve", by="li")
    it.do(c.ActionAnswered(it.now.requests[0], outcome="withdrawn"))
    assert it.open == {"a": ["li"]}


def test_a_subprocess_that_cannot_be_started_blocks_and_is_asked_for_again() -> None:
    it = process(sub(each="items", set={}), record={"items": ROWS})
    first, second = it.now.requests
    it.do(c.ActionAnswered(second, outcome="approved"))
    it.do(c.ActionAnswered(first, ok=False, error="The form is gone"))
    assert it.blocked == {"s": "failed"}
    it.do(c.Retry("root", "s"))
    assert [event.request for event in it.happened(e.ProcessRequested)] == [first, second, first]
    it.do(c.ActionAnswered(first, outcome="approved"))
    assert it.outcome == "approved"


def test_in_a_dry_run_subprocesses_are_done() -> None:
    assert results(run(workflow(sub(), notify("n", LI)))) == [("s", "done"), ("n", "done")]
