"""Automations when things have changed since: their start, their app, their record, the forms that they write to."""

import json
from typing import Any

import pytest
from automated import WRITE, document, lines, log, office, work_off
from builders import World
from sqlalchemy import select

from formloom.platform import actions, automation_runs
from formloom.platform.errors import DefinitionError
from formloom.platform.models import OutboxMessage
from formloom.platform.services import apps, automations, publishing, records, workspaces
from formloom.platform.services import forms as form_service
from formloom.platform.work import Hands

DAILY = {"schedule": {"every": "day", "at": "08:00", "for": "once"}}
MONTHLY = {"schedule": {"every": "month", "at": "08:00", "day": 1, "for": "once"}}
A_DAY = {"createRecord": {"form": "journal", "set": {"text": "a day"}}}


def save(world: World, key: str, found: dict[str, Any]) -> None:
    automations.save_automation(world.admin, "office", key, json.dumps(found))


def statuses(world: World) -> list[str]:
    return [run.status for run in log(world)]


def test_one_that_is_started_by_something_else_now_counts_from_then(world: World) -> None:
    office(world, remind=document(MONTHLY, WRITE))
    world.add("deal", name="Passed", due_on="2026-11-26")
    world.add("deal", name="Comes", due_on="2026-12-02")
    world.clock.forward(days=6)
    save(world, "remind", document({"date": {"field": "due_on"}}, WRITE))
    world.clock.forward(days=3)
    work_off(world)
    assert lines(world) == [{"text": "Comes"}]


def test_what_is_due_already_is_made_up_for_though_the_app_is_changed_before(world: World) -> None:
    office(world, daily=document(DAILY, A_DAY), other=document({"created": True}, WRITE))
    world.clock.forward(days=1)
    save(world, "other", document({"updated": True}, WRITE))
    work_off(world)
    assert lines(world) == [{"text": "a day"}]


def test_schedules_keep_the_time_of_day_when_the_workspace_moves_to_another_zone(world: World) -> None:
    office(world, daily=document(DAILY, A_DAY))
    workspaces.save_workspace(world.admin, name="Hesheng", language="en", zone="America/New_York")
    world.clock.forward(hours=3, minutes=59)  # 07:59 in New York
    work_off(world)
    assert lines(world) == []
    world.clock.forward(minutes=1)
    work_off(world)
    assert lines(world) == [{"text": "a day"}]


def test_a_run_whose_answer_came_while_its_app_was_deleted_asks_again(world: World) -> None:
    hook = {"webhook": {"url": "https://example.com/", "into": {"note": "said"}}}
    office(world, ask=document({"created": True}, hook))
    ident = world.add("deal", name="Deal")

    def answer() -> None:
        with world.admin.system().writing() as db:
            message = db.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
            assert message is not None
            automation_runs.answer_in(db, world.admin.system(), message.body, answer={"said": "fine"}, error=None)

    apps.delete_app(world.admin, "office", name_typed="Office")
    answer()
    assert statuses(world) == ["failed"]
    apps.restore_app(world.admin, "office")
    assert automations.retry(world.admin, log(world)[0].id) == "open"
    answer()
    assert statuses(world) == ["done"]
    assert records.record(world.admin, "deal", ident).row.values["note"] == "fine"


def test_a_record_that_is_in_the_bin_by_then_is_left_alone(world: World) -> None:
    office(world, touch=document({"date": {"field": "due_on"}}, {"updateRecord": {"set": {"note": "late"}}}))
    ident = world.add("deal", name="Deal", due_on="2026-11-26")
    world.clock.forward(days=3)
    hands = Hands(world.runtime, at_once=2)
    hands.sweep("clock")
    records.delete_record(world.admin, "deal", ident)
    hands.sweep("automation")
    [run] = log(world)
    assert (run.status, run.error) == ("failed", "Its record is gone.")
    records.restore_record(world.admin, "deal", ident)
    assert automations.retry(world.admin, run.id) == "done"


def test_a_form_that_automations_of_others_write_to_keeps_the_fields_that_they_set(world: World) -> None:
    office(world, write=document({"created": True}, WRITE))
    draft = form_service.draft(world.admin, "journal").document
    fewer = {key: found for key, found in draft["properties"].items() if key != "text"}
    form_service.save_draft(world.admin, "journal", "form", {**draft, "properties": fewer})
    with pytest.raises(DefinitionError, match="Automation “write”: The form “journal” has no field “text”"):
        publishing.publish(world.admin, "journal")


def test_more_records_than_an_action_may_change_are_not_changed_in_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_FOUND", 2)
    change = {"updateRecord": {"form": "journal", "where": {"text": "open"}, "set": {"amount": 1}}}
    office(world, close=document({"created": True}, change))
    for _ in range(2):
        world.add("journal", by="root", text="open")
    world.add("deal", name="First")
    assert [line["amount"] for line in lines(world)] == [1, 1]
    world.add("journal", by="root", text="open")
    world.add("deal", name="Second")
    assert (statuses(world), log(world)[1].error) == (
        ["done", "failed"],
        "More than 2 records of “Journal” were found.",
    )
