"""Due times: reminders, escalation, decisions at the deadline (formats.md section 2, `due`)."""

from typing import Any

import pytest
from processes import MONDAY, Process, approval, fill, member, results, run, workflow

from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e

LI, BOB = member("li"), member("bob")


def due(**more: Any) -> dict[str, Any]:
    return {"after": "P2D", **more}


def process(step: dict[str, Any], *rest: dict[str, Any]) -> Process:
    return Process(workflow(step, *rest)).start()


def test_a_task_carries_its_due_time() -> None:
    it = process(approval("a", LI, due=due()))
    assert it.now.open_tasks[0].due_at == "2026-01-07T09:00:00+00:00"
    assert it.now.timers == {}


def test_people_are_reminded_before_the_due_time() -> None:
    it = process(approval("a", LI, BOB, mode="all", due=due(remind=["P1D", "PT2H"])))
    assert {name: timer.due for name, timer in it.now.timers.items()} == {
        "1.remind.0": "2026-01-06T09:00:00+00:00",
        "1.remind.1": "2026-01-07T07:00:00+00:00",
    }
    it.decide("a", "approve", by="li")
    assert it.fire("1.remind.0")
    (reminded,) = it.happened(e.Reminded)
    assert reminded.members == ("bob",)


def test_a_reminder_that_would_lie_in_the_past_is_not_set() -> None:
    it = process(approval("a", LI, due=due(remind=["P3D"])))
    assert it.now.timers == {}


def test_reminders_are_reckoned_like_the_due_time() -> None:
    it = process(approval("a", LI, due={"after": "P5D", "calendar": "business", "remind": ["P1D"]}))
    assert it.now.visits[1].due == "2026-01-12T09:00:00+00:00"
    assert it.now.timers["1.remind.0"].due == "2026-01-09T09:00:00+00:00"


def test_when_a_step_is_over_its_timers_are_cancelled() -> None:
    it = process(approval("a", LI, due=due(remind=["P1D"], then={"decide": "reject"})))
    assert len(it.now.timers) == 2
    it.decide("a", "approve", by="li")
    assert it.now.timers == {}


def test_a_timer_fires_once_and_not_too_early() -> None:
    it = process(approval("a", LI, due=due(remind=["P1D"])))
    assert not it.do(c.TimerFired("1.remind.0"))
    it.later(days=1)
    assert it.do(c.TimerFired("1.remind.0"))
    assert not it.do(c.TimerFired("1.remind.0"))


@pytest.mark.parametrize(("decide", "outcome"), [("approve", "approved"), ("reject", "rejected")])
def test_the_deadline_decides(decide: str, outcome: str) -> None:
    it = process(approval("a", LI, BOB, mode="all", due=due(then={"decide": decide})))
    assert it.fire("1.due")
    assert it.outcome == outcome
    assert {event.by for event in it.happened(e.TaskDecided)} == {""}


def test_the_deadline_decides_for_everybody_in_a_sequence() -> None:
    it = process(approval("a", LI, BOB, mode="sequence", due=due(then={"decide": "approve"})))
    it.fire("1.due")
    assert [event.member for event in it.happened(e.TaskDecided)] == ["li", "bob"]
    assert it.outcome == "approved"


def test_the_deadline_ends_a_fill() -> None:
    it = process(fill("f", LI, due=due(then={"decide": "done"})))
    it.fire("1.due")
    assert it.outcome == "approved"


def test_the_deadline_decides_a_step_that_found_nobody() -> None:
    it = process(approval("a", {"role": "nobody"}, whenEmpty="block", due=due(then={"decide": "approve"})))
    assert it.blocked == {"a": "nobody"}
    it.fire("1.due")
    assert it.outcome == "approved"


def test_the_deadline_may_reject_a_step_that_found_nobody_back_to_the_initiator() -> None:
    step = approval(
        "a", {"role": "nobody"}, whenEmpty="block", onReject="initiator", due=due(then={"decide": "reject"})
    )
    it = process(step)
    it.fire("1.due")
    assert it.now.back is not None


def test_the_deadline_hands_the_task_to_the_manager() -> None:
    it = process(approval("a", BOB, due=due(then={"escalate": {}})))
    it.fire("1.due")
    assert it.open == {"a": ["li"]}
    (handed,) = it.happened(e.HandedOver)
    assert (handed.member, handed.to, handed.how, handed.by) == ("bob", "li", "escalate", "")


def test_it_may_go_up_several_levels() -> None:
    it = process(approval("a", BOB, due=due(then={"escalate": {"level": 2}})))
    it.fire("1.due")
    assert it.open == {"a": ["wang"]}


def test_a_holder_without_a_manager_keeps_the_task() -> None:
    it = process(approval("a", member("wang"), due=due(then={"escalate": {}})))
    assert it.fire("1.due")
    assert it.open == {"a": ["wang"]}


def test_nobody_gets_a_second_task_of_the_step_by_escalation() -> None:
    it = process(approval("a", BOB, LI, mode="all", due=due(then={"escalate": {}})))
    it.fire("1.due")
    assert it.open == {"a": ["bob", "wang"]}


def test_nobody_gets_their_own_request_by_escalation_where_they_may_not_decide_it() -> None:
    step = approval("a", BOB, due=due(then={"escalate": {}}))
    it = Process(workflow(step, settings={"ownRequest": "skip"})).start("li")
    it.fire("1.due")
    assert it.open == {"a": ["bob"]}


def test_a_dry_run_tells_when_each_step_is_due_and_keeps_it_when_it_is_over() -> None:
    step = approval("a", LI, due={"after": "P1D", "calendar": "business"})
    (entry,) = run(workflow(step)).entries
    assert (entry.result, entry.due) == ("approved", "2026-01-06T09:00:00+00:00")


def test_a_step_that_is_skipped_is_never_due() -> None:
    (entry,) = run(workflow(approval("a", {"role": "nobody"}, whenEmpty="skip", due=due()))).entries
    assert entry.due is None


def test_in_a_dry_run_time_moves_on_by_waits() -> None:
    ran = run(workflow({"id": "w", "type": "wait", "for": "P3D"}, approval("a", LI, due=due())))
    assert ran.entries[1].due == "2026-01-10T09:00:00+00:00"


def test_in_a_dry_run_a_due_time_decides_where_nobody_can() -> None:
    step = approval("a", {"role": "nobody"}, whenEmpty="block", due=due(then={"decide": "approve"}))
    ran = run(workflow(step, approval("b", LI, due=due())))
    assert results(ran) == [("a", "approved"), ("b", "approved")]
    assert ran.entries[1].due == "2026-01-09T09:00:00+00:00"


def test_in_a_dry_run_people_decide_before_the_due_time_does() -> None:
    ran = run(workflow(approval("a", LI, due=due(then={"decide": "reject"}))))
    assert ran.outcome == "approved"


def test_due_times_are_reckoned_from_when_the_step_is_reached() -> None:
    it = process(approval("a", LI), approval("b", BOB, due=due()))
    it.later(days=10)
    it.decide("a", "approve", by="li")
    assert it.now.open_tasks[0].due_at == (MONDAY.replace(day=17)).isoformat()
