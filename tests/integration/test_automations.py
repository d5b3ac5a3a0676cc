"""Automations on both databases: in the transaction that starts them, once however many workers, logged and tried again."""

import dataclasses
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from automated import BUTTON, FIELDS, TELL, WRITE, document, lines, log, office, work_off
from builders import World, form
from installation import Listener
from sqlalchemy import select

from formloom.platform import posting, webhooks
from formloom.platform.errors import CommandRefused, Conflict, DefinitionError, InputInvalid, NotAllowed, NotFound
from formloom.platform.models import AutomationClock, Notification, OutboxMessage
from formloom.platform.packages.check import check_files
from formloom.platform.packages.package import Package, to_files
from formloom.platform.services import apps, automations, processes, publishing, records
from formloom.platform.services import forms as form_service
from formloom.platform.services import outbox as deliveries
from formloom.platform.services.requests import request
from formloom.platform.work import MOST_ATTEMPTS, Hands


def test_a_new_record_makes_another_in_the_same_transaction(world: World) -> None:
    office(world, write=document({"created": True}, WRITE, when={">": [{"var": "amount"}, 100]}))
    world.add("deal", name="Big", amount=500)
    world.add("deal", name="Small", amount=5)
    assert lines(world) == [{"text": "Big", "amount": 500}]
    [run] = log(world)
    assert (run.status, run.kind, run.by, run.automation) == ("done", "created", "amy", "write")
    assert next(event["kind"] for event in run.events) == "ProcessStarted"


def test_only_a_change_of_its_fields_starts_one(world: World) -> None:
    office(world, write=document({"updated": ["amount"]}, WRITE))
    ident = world.add("deal", name="Deal", amount=1)
    records.update_record(world.caller("amy"), "deal", ident, {"note": "x"}, version=1)
    assert lines(world) == []
    records.update_record(world.caller("amy"), "deal", ident, {"amount": 2}, version=2)
    assert lines(world) == [{"text": "Deal", "amount": 2}]


def test_a_deleted_record_starts_one(world: World) -> None:
    office(world, write=document({"deleted": True}, WRITE))
    records.delete_record(world.admin, "deal", world.add("deal", name="Gone"))
    assert lines(world) == [{"text": "Gone"}]


def test_people_are_told_in_their_bell(world: World) -> None:
    office(world, tell=document({"created": True}, translations={"zh_Hans": {"do/0": "请看 {name}"}}))
    world.add("deal", name="Hengyue", owner="li")
    posting.post_some(world.runtime)
    with world.admin.reading() as db:
        [notice] = db.scalars(select(Notification))
        [mail] = db.scalars(select(OutboxMessage))
    assert (notice.member_id, notice.data["text"]) == ("li", "Look at Hengyue")
    assert "Look at Hengyue" in mail.body["text"]


def test_what_fails_is_undone_alone_and_can_be_tried_again(world: World) -> None:
    first, second = {"createRecord": {"form": "journal", "set": {"text": "first"}}}, {"updateRecord": {"form": "journal", "where": {"text": "wanted"}, "set": {"amount": 7}}}  # fmt: skip
    office(world, two=document({"created": True}, first, second))
    ident = world.add("deal", name="Kept")
    assert records.record(world.admin, "deal", ident).row.title == "Kept"
    [run] = log(world)
    assert run.status == "failed"
    assert "No record" in run.error
    [row] = automations.runs(world.admin, status="help").rows
    assert automations.retry(world.admin, row.id) == "failed"
    world.add("journal", by="root", text="wanted")
    assert automations.retry(world.admin, row.id) == "done"
    assert sorted(line["text"] for line in lines(world)) == ["first", "wanted"]
    assert automations.in_need(world.admin) == 0
    with pytest.raises(NotFound):
        automations.retry(world.admin, row.id)


def test_automations_that_start_each_other_stop_at_a_depth(world: World) -> None:
    more = {"updateRecord": {"set": {"amount": {"+": [{"var": "amount"}, 1]}}}}
    office(world, more=document({"updated": True, "created": True}, more))
    ident = world.add("deal", name="Loop", amount=0)
    assert [run.status for run in log(world)] == ["done"] * 5 + ["parked"]
    assert records.record(world.admin, "deal", ident).row.values["amount"] == 5


def test_too_many_runs_in_an_hour_are_held_back_and_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    office(world, write=document({"created": True}, WRITE))
    object.__setattr__(world.runtime.settings, "automation_runs", 2)
    try:
        for number in range(3):
            world.add("deal", name=f"No {number}")
        assert [run.status for run in log(world)] == ["done", "done", "parked"]
        world.clock.forward(hours=2)
        world.add("deal", name="Later")
        assert len(lines(world)) == 3
        [row] = automations.runs(world.admin, status="help").rows
        assert automations.retry(world.admin, row.id) == "done"
        assert len(lines(world)) == 4
    finally:
        object.__setattr__(world.runtime.settings, "automation_runs", 1000)


def test_nothing_follows_an_approval_before_it_is_one(world: World) -> None:
    steps = [{"id": "one", "type": "approval", "assignees": [{"member": "li"}]}, {"id": "two", "type": "approval", "assignees": [{"member": "wang"}]}]  # fmt: skip
    workflow = {"form": "deal", "steps": steps}
    touch = document({"created": True}, {"updateRecord": {"set": {"note": "touched"}}})
    office(world, workflow=workflow, write=document({"status": ["approved"]}, WRITE), touch=touch)
    ident = world.add("deal", name="Asked", amount=3)
    process = records.record(world.admin, "deal", ident).process_id
    for member in ("li", "wang"):
        assert lines(world) == []
        [mine] = request(world.caller(member), process).mine
        processes.decide(world.caller(member), mine.task.id, "approve")
    assert lines(world) == [{"text": "Asked", "amount": 3}]
    touched = next(run for run in log(world) if run.automation == "touch")
    assert touched.status == "failed"
    assert "locked" in touched.error
    assert "note" not in records.record(world.admin, "deal", ident).row.values


def test_a_day_before_a_date_the_owner_is_told_once(world: World) -> None:
    office(world, remind=document({"date": {"field": "due_on", "before": "P1D", "at": "09:00"}}, WRITE))
    world.add("deal", name="Past", due_on="2026-11-20")
    world.add("deal", name="Soon", due_on="2026-11-26")
    world.add("deal", name="Far", due_on="2027-11-26")
    world.clock.forward(hours=10)
    work_off(world)
    assert lines(world) == []
    world.clock.forward(hours=6)  # 2026-11-25 09:00 in Shanghai
    work_off(world)
    work_off(world)
    assert lines(world) == [{"text": "Soon"}]
    world.clock.forward(days=400)
    work_off(world)
    assert [line["text"] for line in lines(world)] == ["Far", "Soon"], "what fell due while nothing ran comes late"


def test_a_schedule_runs_for_each_record_that_its_condition_holds_for(world: World) -> None:
    on = {"schedule": {"every": "week", "at": "08:00", "weekdays": ["mon"], "for": "each"}}
    office(world, weekly=document(on, WRITE, when={">": [{"var": "amount"}, 10]}))
    world.add("deal", name="Big", amount=20)
    world.add("deal", name="Small", amount=1)
    world.clock.forward(days=30)
    work_off(world)
    assert lines(world) == [{"text": "Big", "amount": 20}]


def test_a_schedule_without_records_runs_once(world: World) -> None:
    on = {"schedule": {"every": "day", "at": "08:00", "for": "once"}}
    office(world, daily=document(on, {"createRecord": {"form": "journal", "set": {"text": "a day"}}}))
    world.clock.forward(days=1)
    work_off(world)
    work_off(world)
    assert lines(world) == [{"text": "a day"}]


def test_eight_workers_make_each_run_once(world: World) -> None:
    office(world, remind=document({"date": {"field": "due_on"}}, WRITE))
    for number in range(10):
        world.add("deal", name=f"No {number}", due_on="2026-11-26")
    world.clock.forward(days=3)
    threads = [threading.Thread(target=work_off, args=(world,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work_off(world)
    assert sorted(line["text"] for line in lines(world)) == sorted(f"No {number}" for number in range(10))
    assert {run.status for run in log(world)} == {"done"}


def test_a_button_runs_its_automation_for_who_sees_the_record(world: World) -> None:
    stamp = document(
        {"button": True}, {"updateRecord": {"set": {"note": "stamped"}}}, when={">": [{"var": "amount"}, 1]}
    )
    office(world, stamp=stamp)
    amy, ident = world.caller("amy"), world.add("deal", name="Deal", amount=5)
    assert [(each.automation, each.words) for each in automations.buttons(amy, "deal")] == [("stamp", "Stamp")]
    automations.press(amy, "deal", ident, "stamp")
    assert records.record(amy, "deal", ident).row.values["note"] == "stamped"
    with pytest.raises(NotFound):
        automations.press(world.caller("bob"), "deal", ident, "stamp")
    with pytest.raises(CommandRefused):
        automations.press(amy, "deal", world.add("deal", name="Small", amount=0), "stamp")


def test_a_webhook_goes_by_the_outbox_and_its_answer_comes_back(world: World) -> None:
    from formloom.platform import automation_runs

    hook = {"webhook": {"url": "https://example.com/", "into": {"note": "said"}}}
    office(world, ask=document({"created": True}, hook))
    ident = world.add("deal", name="Deal")
    [run] = log(world)
    assert run.status == "open"
    with world.admin.reading() as db:
        [message] = db.scalars(select(OutboxMessage))
    with world.admin.system().writing() as db:
        automation_runs.answer_in(db, world.admin.system(), message.body, answer={"said": "fine"}, error=None)
    assert [each.status for each in log(world)] == ["done"]
    assert records.record(world.admin, "deal", ident).row.values["note"] == "fine"


def hooked(world: World, url: str, **settings: Any) -> tuple[Hands, str]:
    """A worker, and a deal whose automation calls `url` and takes over what it says."""
    office(world, ask=document({"created": True}, {"webhook": {"url": url, "into": {"note": "said"}}}))
    settings = {"webhook_private": True, **settings}
    runtime = dataclasses.replace(world.runtime, settings=dataclasses.replace(world.runtime.settings, **settings))
    return Hands(runtime, at_once=2), world.add("deal", name="Deal")


def until_parked(world: World, hands: Hands) -> OutboxMessage:
    """The call, swept again and again until it is given up."""
    for _ in range(MOST_ATTEMPTS):
        hands.sweep("outbox")
        with world.admin.reading() as db:
            [message] = db.scalars(select(OutboxMessage).where(OutboxMessage.status != "done"))
        if message.status == "parked":
            return message
        assert [run.status for run in log(world)] == ["open"], "it is not given up before the last try"
        world.clock.forward(hours=1)
    raise AssertionError("it is never given up")


def nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/"


def silence(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An address at which somebody listens and never answers."""
    monkeypatch.setattr(webhooks, "SECONDS", 0.05)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(50)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/"


@pytest.mark.parametrize(("target", "why"), [(nobody, "can't be reached"), (silence, "timed out")])
def test_a_webhook_that_nobody_answers_is_tried_then_parked_and_its_run_says_why(
    world: World, monkeypatch: pytest.MonkeyPatch, target: Any, why: str
) -> None:
    for url in target(world, monkeypatch):
        hands, _ = hooked(world, url)
        message = until_parked(world, hands)
        assert message.attempts == MOST_ATTEMPTS
        [shown] = automations.runs(world.admin, status="help").rows
        assert why in str(shown.error)
        assert automations.in_need(world.admin) == deliveries.parked(world.admin) == 1
        assert automations.retry(world.admin, shown.id) == "open"


def test_a_webhook_into_the_private_network_is_refused_at_once(world: World) -> None:
    with Listener([(200, b"{}")]).listening() as listener:
        hands, _ = hooked(world, listener.url, webhook_private=False)
        assert until_parked(world, hands).attempts == 1
    assert listener.heard == []
    assert "inside a private network" in str(automations.runs(world.admin).rows[0].error)


@pytest.mark.parametrize("by", ["the run log", "the deliveries"])
def test_a_webhook_that_fails_is_tried_again_by_an_admin_and_its_run_goes_on(world: World, by: str) -> None:
    with Listener([(500, b"")]).listening() as listener:
        hands, ident = hooked(world, listener.url)
        message = until_parked(world, hands)
        assert {key for key, _ in listener.heard} == {message.id}, "each try carries the same idempotency key"
        [run] = automations.runs(world.admin).rows
        assert (run.status, run.error) == ("failed", "127.0.0.1 answered 500.")
        with pytest.raises(NotAllowed):
            automations.retry(world.caller("amy"), run.id)
        listener.answers[:] = [(200, b'{"said": "fine"}')]
        if by == "the run log":
            automations.retry(world.admin, run.id)
        else:
            deliveries.retry(world.admin, message.id)
        hands.sweep("outbox")
    assert deliveries.parked(world.admin) == 0
    [run] = automations.runs(world.admin).rows
    assert (run.status, run.error) == ("done", None)
    assert records.record(world.admin, "deal", ident).row.values["note"] == "fine"


def test_an_automation_with_errors_is_not_saved(world: World) -> None:
    office(world, write=document({"created": True}, WRITE))
    with pytest.raises(DefinitionError):
        automations.save_automation(world.admin, "office", "write", json.dumps(document({"created": True}, {"notify": {"to": [{"member": "nobody"}]}})))  # fmt: skip
    with pytest.raises(DefinitionError):
        automations.save_automation(world.admin, "office", "write", "{")
    assert automations.automation(world.admin, "office", "write")["do"] == [WRITE]
    with pytest.raises(NotAllowed):
        automations.save_automation(world.caller("amy"), "office", "write", "{}")
    with pytest.raises(InputInvalid):
        automations.create_automation(world.admin, "office", key="No!", title="", form_key="deal")


def test_a_form_that_an_automation_no_longer_fits_is_not_published(world: World) -> None:
    office(world, write=document({"updated": ["amount"]}, WRITE))
    draft = form_service.draft(world.admin, "deal").document
    fewer = {**draft, "properties": {key: it for key, it in draft["properties"].items() if key != "amount"}}
    fewer["x-form"] = {"title": "{name}"}
    form_service.save_draft(world.admin, "deal", "form", fewer)
    assert any("write" in problem.message for problem in publishing.publication_plan(world.admin, "deal").problems)
    with pytest.raises(DefinitionError):
        publishing.publish(world.admin, "deal")


def test_a_deleted_or_switched_off_automation_has_no_clock(world: World) -> None:
    on = {"schedule": {"every": "day", "at": "08:00", "for": "once"}}
    office(world, daily=document(on, TELL))

    def clocks() -> int:
        with world.admin.reading() as db:
            return len(db.scalars(select(AutomationClock)).all())

    assert clocks() == 1
    automations.save_automation(world.admin, "office", "daily", json.dumps(document(on, TELL, enabled=False)))
    assert clocks() == 0
    automations.delete_automation(world.admin, "office", "daily")
    assert automations.automations(world.admin, "office") == []


def test_an_automation_that_a_button_runs_is_not_deleted_before_the_button_is(world: World) -> None:
    office(world, stamp=document({"button": True}, {"updateRecord": {"set": {"note": "stamped"}}}))
    with pytest.raises(Conflict, match="A button of “Deal” runs"):
        automations.delete_automation(world.admin, "office", "stamp")
    draft = form_service.draft(world.admin, "deal").document
    form_service.save_draft(world.admin, "deal", "form", {**draft, "x-form": {"title": "{name}"}})
    publishing.publish(world.admin, "deal")
    automations.delete_automation(world.admin, "office", "stamp")
    assert automations.automations(world.admin, "office") == []


def test_a_package_brings_its_automations_and_is_checked_with_them(world: World) -> None:
    office(world, write=document({"created": True}, WRITE))
    exported = apps.export_app(world.admin, "office")
    assert b"automations/write.json" in exported
    app = {
        "$schema": "https://formloom.dev/schema/app/v1",
        "key": "own",
        "name": "Own",
        "category": "other",
        "version": "1",
    }
    wrong = document({"created": True}, {"createRecord": {"form": "nowhere", "set": {}}}, form="deal")
    package = Package(
        app,
        {"deal": form("deal", FIELDS, layout=[{"section": "All", "fields": [*FIELDS, BUTTON]}])},
        {},
        {"automations/write.json": wrong},
    )
    _, problems = check_files(to_files(package))
    found = {(each.file, each.pointer, each.severity) for each in problems}
    assert ("automations/write.json", "/do/0/createRecord/form", "error") in found
    assert ("forms/deal.json", "/x-form/layout/0/fields/5", "error") in found


def test_history_that_is_played_back_starts_nothing(world: World) -> None:
    from dataclasses import replace

    office(world, write=document({"created": True}, WRITE))
    records.create_record(replace(world.caller("amy"), quiet=True), "deal", {"name": "Old"})
    assert log(world) == []
