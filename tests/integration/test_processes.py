"""Requests under way: what each command leaves in the database, and what two people at once can't do."""

import copy
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from builders import World, happened
from office import APPROVALS, LEDGER, PURCHASE, install, purchases

from formloom.form_engine.record import content_hash
from formloom.platform import posting, running
from formloom.platform.errors import CommandForbidden, CommandRefused, Conflict, NotAllowed, NotFound, RecordInvalid
from formloom.platform.models import Events, Notification, OutboxMessage, Process, Record, Task, Timer
from formloom.platform.services import (
    comments,
    delegations,
    forms,
    inbox,
    notifications,
    processes,
    publishing,
    records,
)
from formloom.workflow_engine import events
from formloom.workflow_engine.engine import replay


def submit(world: World, by: str = "amy", **values: Any) -> records.Saved:
    return records.create_record(world.caller(by), "purchase", {"subject": "Laptops", "amount": 8000} | values)


def task_of(world: World, member: str) -> str:
    (row,) = inbox.todo(world.caller(member)).rows
    assert row.task_id is not None
    return row.task_id


def status(world: World, record_id: str) -> str | None:
    with world.admin.reading() as db:
        return db.get_one(Record, (world.workspace_id, record_id)).status


def document(world: World, record_id: str) -> dict[str, Any]:
    with world.admin.reading() as db:
        return db.get_one(Record, (world.workspace_id, record_id)).document


def rows(world: World, model: Any, **where: Any) -> list[Any]:
    with world.admin.reading() as db:
        return list(db.query(model).filter_by(**where).order_by(*model.__table__.primary_key))


def decide(world: World, by: str, action: Any = "approve", **more: Any) -> None:
    processes.decide(world.caller(by), task_of(world, by), action, **more)


def workflow(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(APPROVALS) | changes


def steps(*entries: Any, **more: Any) -> dict[str, Any]:
    return {"form": "purchase", "steps": list(entries), **more}


APPROVE_BY_LI = {"id": "one", "type": "approval", "title": "One", "assignees": [{"member": "li"}]}


def test_a_request_goes_its_way_to_the_end(world: World) -> None:
    purchases(world)
    saved = submit(world)
    assert status(world, saved.id) == "running"
    decide(world, "li", comment="Good price.")
    decide(world, "li", values={"amount": 7500})
    decide(world, "li", "done", values={"paid_on": "2026-11-24"})
    assert status(world, saved.id) == "approved"
    assert document(world, saved.id)["amount"] == 7500
    assert inbox.counts(world.caller("li")).todo == 0
    (copy_,) = inbox.copied(world.caller("amy")).rows
    assert copy_.record_id == saved.id


def test_the_stored_events_replayed_give_the_stored_state(world: World) -> None:
    purchases(world)
    saved = submit(world)
    decide(world, "li", "return", target="initiator", comment="Why?")
    processes.resubmit(world.caller("amy"), saved.process_id or "", {"subject": "Laptops for North"})
    decide(world, "li")
    (process,) = rows(world, Process)
    numbers = [number for row in rows(world, Events) for number in range(row.number, row.number + len(row.data))]
    assert numbers == list(range(1, process.events + 1))
    with world.admin.reading() as db:
        told = [events.from_json(event) for _, event in happened(db)]
        pinned = running.pinned_in(db, world.admin, process).workflow
    assert pinned is not None
    assert replay(pinned, told).to_json() == process.state


def test_each_decision_is_told_to_whom_it_concerns_once_and_in_their_language(world: World) -> None:
    purchases(world)
    saved = submit(world)
    (task,) = notifications.notifications(world.caller("li")).rows
    assert (task.kind, task.data["title"], task.data["step"]) == ("task", "Laptops", "Manager approves")
    decide(world, "li", "reject", comment="Too dear.")
    (outcome,) = notifications.notifications(world.caller("amy")).rows
    assert (outcome.kind, outcome.data["outcome"], outcome.data["text"]) == ("outcome", "rejected", "Too dear.")
    assert notifications.unread(world.caller("amy")) == 1
    notifications.mark_read(world.caller("amy"), outcome.id)
    assert notifications.unread(world.caller("amy")) == 0
    assert rows(world, OutboxMessage) == []
    while posting.post_some(world.runtime):
        pass
    mails = [row.body for row in rows(world, OutboxMessage)]
    assert [mail["to"][0].partition("@")[0] for mail in mails] == ["li", "amy"]
    assert mails[1]["text"].endswith(f"/notifications/{outcome.id}")
    assert outcome.link == f"/apps/office/purchase/{saved.id}"
    assert len(rows(world, Notification)) == 2


def test_a_returned_request_waits_for_its_initiator_and_shows_what_changed(world: World) -> None:
    purchases(world)
    saved = submit(world)
    decide(world, "li", "return", target="initiator", comment="Fewer, please.")
    (card,) = inbox.todo(world.caller("amy")).rows
    assert (card.kind, card.status, card.task_id) == ("returned", "returned", None)
    assert inbox.counts(world.caller("amy")).todo == 1
    processes.resubmit(world.caller("amy"), saved.process_id or "", {"amount": 4000})
    assert inbox.counts(world.caller("amy")).todo == 0
    (again,) = inbox.todo(world.caller("li")).rows
    assert again.changes == 1
    assert "4,000.00" in " ".join(fact.text for fact in again.facts)


def test_only_the_initiator_resubmits(world: World) -> None:
    purchases(world)
    saved = submit(world)
    with pytest.raises(CommandRefused):
        processes.resubmit(world.caller("amy"), saved.process_id or "", {"amount": 1})
    decide(world, "li", "return", target="initiator")
    with pytest.raises(CommandForbidden):
        processes.resubmit(world.caller("li"), saved.process_id or "", {"amount": 1})
    with pytest.raises(NotFound):
        processes.resubmit(world.caller("bob"), saved.process_id or "", {"amount": 1})
    assert document(world, saved.id)["amount"] == 8000


def test_a_refused_decision_leaves_nothing_behind(world: World) -> None:
    purchases(world)
    saved = submit(world)
    decide(world, "li")
    before = [rows(world, model) for model in (Process, Task, Events, OutboxMessage)]
    task = task_of(world, "li")
    with pytest.raises(NotFound):
        processes.decide(world.caller("bob"), task, "approve", values={"amount": 1})
    with pytest.raises(RecordInvalid):
        processes.decide(world.caller("li"), task, "approve", values={"amount": -1})
    with pytest.raises(RecordInvalid):
        processes.decide(world.caller("li"), task, "approve", values={"subject": "Not mine to change"})
    with pytest.raises(CommandRefused):
        processes.decide(world.caller("li"), task, "return", target="moon")
    after = [rows(world, model) for model in (Process, Task, Events, OutboxMessage)]
    assert [len(found) for found in before] == [len(found) for found in after]
    assert [row.state for row in before[0]] == [row.state for row in after[0]]
    assert [row.status for row in before[1]] == [row.status for row in after[1]]
    assert document(world, saved.id) == {"subject": "Laptops", "amount": 8000}


def test_a_step_that_requires_a_field_is_not_done_without_it(world: World) -> None:
    purchases(world)
    submit(world, amount=100)
    decide(world, "li")
    with pytest.raises(RecordInvalid) as missing:
        decide(world, "li", "done")
    assert [problem.pointer for problem in missing.value.errors] == ["/paid_on"]


def test_who_comes_second_is_told_who_was_faster(world: World) -> None:
    purchases(world, steps({**APPROVE_BY_LI, "assignees": [{"member": "li"}, {"member": "bob"}], "mode": "any"}))
    submit(world)
    li, bob = task_of(world, "li"), task_of(world, "bob")
    processes.decide(world.caller("li"), li, "approve")
    for task in (bob, li):
        with pytest.raises(CommandRefused) as second:
            processes.decide(world.caller("bob" if task == bob else "li"), task, "approve")
        assert str(second.value) == "Already decided by 李雷: approved."


@pytest.mark.parametrize("last", [True, False], ids=["the last step", "a step before others"])
def test_fifty_people_at_once_make_one_decision(world: World, last: bool) -> None:
    write = {"id": "write", "type": "action", "do": {"createRecord": {"form": "ledger", "set": {"what": "paid"}}}}
    more = [] if last else [{**APPROVE_BY_LI, "id": "two", "assignees": [{"member": "bob"}]}]
    purchases(world, steps(APPROVE_BY_LI, write, *more))
    submit(world)
    task, caller, said = task_of(world, "li"), world.caller("li"), []
    start = threading.Barrier(50)

    def run() -> None:
        start.wait()
        try:
            processes.decide(caller, task, "approve")
            said.append("approved")
        except CommandRefused as refused:
            said.append(str(refused))

    threads = [threading.Thread(target=run) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(said) == {"approved": 1, "Already decided by 李雷: approved.": 49}
    with world.admin.reading() as db:
        assert len(happened(db, "TaskDecided")) == 1
    assert len(rows(world, Record, form_key="ledger")) == 1
    assert len(rows(world, Task, step_id="two")) == len(more)


def test_who_decides_at_the_same_time_as_others_of_the_step_is_not_sent_away(world: World) -> None:
    people = ["li", "bob", "wang", "root"]
    purchases(world, steps({**APPROVE_BY_LI, "assignees": [{"member": one} for one in people], "mode": "all"}))
    saved = submit(world)
    tasks = {one: (world.caller(one), task_of(world, one)) for one in people}
    start = threading.Barrier(len(people))

    def run(one: str) -> None:
        start.wait()
        processes.decide(*tasks[one], "approve")

    with ThreadPoolExecutor(len(people)) as threads:
        list(threads.map(run, people))  # raises what any of them raised
    with world.admin.reading() as db:
        assert db.get_one(Process, (world.workspace_id, saved.process_id)).outcome == "approved"


def test_a_decision_over_something_else_than_was_shown_is_refused_with_the_difference(world: World) -> None:
    purchases(world)
    saved = submit(world)
    shown = content_hash(document(world, saved.id))
    task = task_of(world, "li")
    processes.correct(world.admin, saved.process_id or "", {"amount": 9000}, comment="Typing error.")
    with pytest.raises(CommandRefused) as refused:
        processes.decide(world.caller("li"), task, "approve", content_hash=shown)
    assert [(change.field, change.before, change.after) for change in refused.value.difference] == [
        ("amount", 8000, 9000)
    ]
    processes.decide(world.caller("li"), task, "approve", content_hash=content_hash(document(world, saved.id)))


def test_the_initiator_withdraws_until_the_first_decision(world: World) -> None:
    purchases(world)
    first, second = submit(world), submit(world)
    with pytest.raises(NotFound):
        processes.withdraw(world.caller("bob"), first.process_id or "")
    with pytest.raises(CommandForbidden):
        processes.withdraw(world.caller("li"), first.process_id or "")
    processes.withdraw(world.caller("amy"), first.process_id or "", comment="Not needed.")
    assert status(world, first.id) == "withdrawn"
    decide(world, "li")
    with pytest.raises(CommandRefused):
        processes.withdraw(world.caller("amy"), second.process_id or "")


def test_urging_marks_the_tasks_and_tells_who_has_them(world: World) -> None:
    purchases(world)
    saved = submit(world)
    processes.urge(world.caller("amy"), saved.process_id or "", comment="The offer ends today.")
    (card,) = inbox.todo(world.caller("li"), only="urged").rows
    assert card.urged
    assert [row.kind for row in notifications.notifications(world.caller("li")).rows] == ["urged", "task"]


def test_a_task_is_transferred_and_another_signer_added(world: World) -> None:
    purchases(world)
    saved = submit(world)
    processes.add_signer(world.caller("li"), task_of(world, "li"), "wang", place="beside")
    processes.transfer(world.caller("li"), task_of(world, "li"), "bob", comment="Yours.")
    assert inbox.counts(world.caller("li")).todo == 0
    decide(world, "bob")
    assert status(world, saved.id) == "running"
    with pytest.raises(CommandRefused):
        processes.transfer(world.caller("wang"), rows(world, Task)[0].id, "amy")


def test_admins_help_and_nobody_else(world: World) -> None:
    purchases(world)
    saved = submit(world)
    task, process = task_of(world, "li"), saved.process_id or ""
    for attempt in (
        lambda who: processes.reassign(who, task, "bob"),
        lambda who: processes.jump(who, process, "pay"),
        lambda who: processes.correct(who, process, {"amount": 1}),
        lambda who: processes.retry(who, process, "manager"),
        lambda who: processes.terminate(who, process),
    ):
        with pytest.raises(NotAllowed):
            attempt(world.caller("li"))
    processes.reassign(world.admin, task, "bob")
    assert inbox.counts(world.caller("bob")).todo == 1
    processes.jump(world.admin, process, "pay")
    assert task_of(world, "li").startswith(process)
    processes.terminate(world.admin, process, comment="Cancelled project.")
    assert status(world, saved.id) == "terminated"
    assert [row.status for row in rows(world, Task)].count("open") == 0


def test_a_blocked_process_is_told_to_admins_and_goes_on_after_their_help(world: World) -> None:
    purchases(world, steps({**APPROVE_BY_LI, "assignees": [{"field": "buyer"}], "whenEmpty": "block"}))
    saved = submit(world)
    assert [row.kind for row in notifications.notifications(world.admin).rows] == ["blocked"]
    processes.correct(world.admin, saved.process_id or "", {"buyer": "bob"})
    processes.retry(world.admin, saved.process_id or "", "one")
    decide(world, "bob")
    assert status(world, saved.id) == "approved"


def test_a_record_under_way_is_locked_for_every_other_door(world: World) -> None:
    purchases(world)
    saved = submit(world)
    with pytest.raises(Conflict) as locked:
        records.update_record(world.admin, "purchase", saved.id, {"amount": 1}, version=saved.version)
    assert "Laptops" in str(locked.value)
    with pytest.raises(Conflict):
        records.delete_record(world.admin, "purchase", saved.id)


def test_without_the_lock_other_doors_change_the_record_and_the_history_says_so(world: World) -> None:
    purchases(world, steps(APPROVE_BY_LI, settings={"lock": False}))
    saved = submit(world)
    records.update_record(world.admin, "purchase", saved.id, {"amount": 1}, version=document_version(world, saved.id))
    with world.admin.reading() as db:
        ((_, changed),) = happened(db, "RecordChanged")
    assert changed["changes"] == {"amount": 1}
    decide(world, "li")


def document_version(world: World, record_id: str) -> int:
    with world.admin.reading() as db:
        return db.get_one(Record, (world.workspace_id, record_id)).version


def test_somebody_else_decides_while_one_is_away_and_the_history_says_for_whom(world: World) -> None:
    purchases(world, steps(APPROVE_BY_LI))
    submit(world)
    now = world.clock()
    delegations.delegate(world.caller("li"), "bob", starts_at=now, ends_at=now.replace(day=30))
    (card,) = inbox.todo(world.caller("bob")).rows
    assert card.on_behalf == "李雷"
    processes.decide(world.caller("bob"), card.task_id or "", "approve")
    with world.admin.reading() as db:
        ((_, decided),) = happened(db, "TaskDecided")
    assert (decided["member"], decided["by"]) == ("li", "bob")


def test_a_delegation_ends(world: World) -> None:
    purchases(world, steps(APPROVE_BY_LI))
    submit(world)
    now = world.clock()
    delegations.delegate(world.caller("li"), "bob", starts_at=now, ends_at=now.replace(day=25))
    world.clock.forward(days=1)
    assert inbox.counts(world.caller("bob")).todo == 0
    with pytest.raises(NotFound):
        processes.decide(world.caller("bob"), task_of(world, "li"), "approve")


def test_running_processes_stay_on_the_version_they_began_on(world: World) -> None:
    purchases(world)
    old = submit(world)
    forms.save_draft(world.admin, "purchase", "workflow", steps(APPROVE_BY_LI))
    publishing.publish(world.admin, "purchase")
    decide(world, "li")
    assert status(world, old.id) == "running"
    assert [row.step_id for row in rows(world, Task, status="open")] == ["finance"]


# what processes do by themselves


def test_an_action_writes_a_record_in_the_same_transaction(world: World) -> None:
    write = {"id": "write", "type": "action", "do": {"createRecord": {
        "form": "ledger", "set": {"what": {"var": "subject"}, "amount": {"var": "amount"}}}}}  # fmt: skip
    purchases(world, steps(APPROVE_BY_LI, write))
    saved = submit(world)
    decide(world, "li")
    (entry,) = rows(world, Record, form_key="ledger")
    assert entry.document == {"what": "Laptops", "amount": 8000}
    assert status(world, saved.id) == "approved"


THIRD = {"amount": {"/": [{"var": "amount"}, 3]}}


def test_what_an_action_reckons_is_rounded_as_what_is_computed(world: World) -> None:
    own = {"id": "own", "type": "action", "do": {"updateRecord": {"set": THIRD}}}
    entry = {"createRecord": {"form": "ledger", "set": {"what": {"var": "subject"}, **THIRD}}}
    purchases(world, steps(own, {"id": "write", "type": "action", "do": entry}))
    saved = submit(world, amount=1000)
    assert (status(world, saved.id), document(world, saved.id)["amount"]) == ("approved", 333.33)
    assert [row.document["amount"] for row in rows(world, Record, form_key="ledger")] == [111.11]


def test_an_action_asks_for_nothing_that_a_later_step_fills_in(world: World) -> None:
    form = copy.deepcopy(PURCHASE) | {"required": ["subject", "amount", "answer"]}
    own = {"id": "own", "type": "action", "do": {"updateRecord": {"set": {"amount": 5}}}}
    later = {"id": "later", "type": "fill", "assignees": [{"member": "li"}], "fields": {"answer": "edit"}}
    start = {"fields": {"answer": "hidden"}}
    install(world, {"ledger": (LEDGER, None), "purchase": (form, steps(own, later, start=start))})
    saved = submit(world)
    decide(world, "li", "done", values={"answer": "Yes"})
    assert status(world, saved.id) == "approved"
    assert document(world, saved.id) == {"subject": "Laptops", "amount": 5, "answer": "Yes"}


def test_a_failed_action_is_undone_alone_and_takes_the_error_path(world: World) -> None:
    write = {"id": "write", "type": "action", "onError": {"steps": [{**APPROVE_BY_LI, "id": "help"}]},
             "do": {"createRecord": {"form": "ledger", "set": {"amount": {"var": "amount"}}}}}  # fmt: skip
    purchases(world, steps(APPROVE_BY_LI, write))
    saved = submit(world)
    decide(world, "li")
    assert rows(world, Record, form_key="ledger") == []
    assert [row.step_id for row in rows(world, Task, status="open")] == ["help"]
    assert status(world, saved.id) == "running"


def test_an_action_finds_records_and_takes_over_what_it_found(world: World) -> None:
    find = {"id": "find", "type": "action", "do": {"findRecords": {
        "form": "ledger", "where": {"what": {"var": "subject"}}, "into": {"answer": "state"}}}}  # fmt: skip
    purchases(world, steps(find, APPROVE_BY_LI))
    records.create_record(world.admin, "ledger", {"what": "Laptops", "state": "open"})
    saved = submit(world)
    assert document(world, saved.id)["answer"] == "open"


def test_actions_that_lead_to_themselves_end_at_a_depth(world: World) -> None:
    again = {"id": "again", "type": "action", "onError": "continue", "do": {"createRecord": {
        "form": "purchase", "set": {"subject": {"var": "subject"}, "amount": {"var": "amount"}}}}}  # fmt: skip
    purchases(world, steps(again))
    submit(world)
    assert len(rows(world, Record, form_key="purchase")) == 6


def test_a_subprocess_answers_when_it_ends(world: World) -> None:
    sub = {"id": "sub", "type": "subprocess", "form": "child", "set": {"what": {"var": "subject"}},
           "into": {"answer": "outcome"}}  # fmt: skip
    child = {"form": "child", "steps": [APPROVE_BY_LI]}
    purchases(world, steps(sub, {**APPROVE_BY_LI, "id": "two"}), child=({**LEDGER, "$id": "child"}, child))
    saved = submit(world)
    assert status(world, saved.id) == "running"
    decide(world, "li", "reject")
    assert document(world, saved.id)["answer"] == "rejected"
    assert [row.step_id for row in rows(world, Task, status="open")] == ["two"]


def test_due_times_are_rows_and_go_with_the_task(world: World) -> None:
    due = {"after": "P2D", "remind": ["P1D"], "then": {"decide": "approve"}}
    purchases(world, steps({**APPROVE_BY_LI, "due": due}))
    submit(world)
    assert len(rows(world, Timer)) == 2
    decide(world, "li")
    assert rows(world, Timer) == []


def test_comments_are_told_to_those_who_take_part_and_to_those_mentioned(world: World) -> None:
    purchases(world)
    saved = submit(world)
    comments.comment(world.caller("amy"), saved.id, "Please look.", mentions=["li"])
    assert [row.kind for row in notifications.notifications(world.caller("li")).rows] == ["mention", "task"]
    comments.comment(world.caller("li"), saved.id, "Looking.")
    assert [row.kind for row in notifications.notifications(world.caller("amy")).rows] == ["comment"]
    assert [row.text for row in comments.comments(world.caller("amy"), saved.id)] == ["Please look.", "Looking."]
    with pytest.raises(NotFound):
        comments.comment(world.caller("bob"), saved.id, "I see nothing.")


def test_boxes_are_paged_by_key_and_filtered(world: World) -> None:
    purchases(world)
    for number in range(5):
        submit(world, subject=f"No {number}", amount=number)
        world.clock.forward(minutes=1)
    seen, after = [], None
    while True:
        page = inbox.todo(world.caller("li"), after=after, limit=2)
        seen += [row.title for row in page.rows]
        after = page.after
        if after is None:
            break
    assert seen == ["No 4", "No 3", "No 2", "No 1", "No 0"]
    assert [row.title for row in inbox.todo(world.caller("li"), text="no 3").rows] == ["No 3"]
    assert inbox.todo(world.caller("li"), after="nonsense").rows == ()
    assert [row.title for row in inbox.started(world.caller("amy"), only="running", limit=1).rows] == ["No 4"]
    assert inbox.done(world.caller("li")).rows == ()


def test_a_correction_asks_for_nothing_that_a_later_step_fills_in(world: World) -> None:
    form = copy.deepcopy(PURCHASE) | {"required": ["subject", "amount", "answer"]}
    small = {"id": "size", "type": "branch", "branches": [{"when": {"<": [{"var": "amount"}, 100]}, "steps": []}]}
    later = {"id": "later", "type": "fill", "assignees": [{"member": "li"}], "fields": {"answer": "edit"}}
    start = {"fields": {"answer": "hidden"}}
    install(world, {"ledger": (LEDGER, None), "purchase": (form, steps(small, later, start=start))})
    saved = submit(world, amount=8000)
    processes.correct(world.admin, saved.process_id or "", {"amount": 80, "answer": ""})
    processes.retry(world.admin, saved.process_id or "", "size")
    assert [row.step_id for row in rows(world, Task, status="open")] == ["later"]
    with pytest.raises(RecordInvalid):
        processes.correct(world.admin, saved.process_id or "", {"amount": None})
