"""Requests while their app, or that of a request they wait for, is in the bin: nothing is lost, all goes on when it is back."""

from typing import Any

from builders import TEXT, World, form
from office import install
from sqlalchemy import select

from formloom.platform.models import OutboxMessage, Process
from formloom.platform.services import apps, outbox, processes, records
from formloom.platform.services.requests import request
from formloom.platform.work import Hands

FORM = form("asking", {"what": TEXT, "result": TEXT}, title="{what}")
INNER = form("inner", {"what": TEXT}, title="Inner {what}")
LOOK = {"id": "look", "type": "approval", "assignees": [{"member": "li"}]}
AFTER = {"id": "after", "type": "approval", "assignees": [{"member": "wang"}]}
SUB = {
    "id": "sub",
    "type": "subprocess",
    "form": "inner",
    "set": {"what": {"var": "what"}},
    "into": {"result": "outcome"},
}


def asked(world: World, first: dict[str, Any]) -> str:
    """A request that is at `first`, in an app of its own; gives its process's id."""
    install(world, {"inner": (INNER, {"form": "inner", "steps": [LOOK]})}, app="other")
    install(world, {"asking": (FORM, {"form": "asking", "steps": [first, AFTER]})}, app="office")
    return str(records.record(world.admin, "asking", world.add("asking", what="it")).process_id)


def inner(world: World) -> str:
    with world.admin.reading() as db:
        return db.scalars(select(Process.id).where(Process.form_key == "inner")).one()


def later(world: World, kind: str) -> None:
    """Two hours later, what is due is done."""
    world.clock.forward(hours=2)
    Hands(world.runtime, at_once=2).sweep(kind)


def approve(world: World, process: str) -> None:
    [mine] = request(world.caller("li"), process).mine
    processes.decide(world.caller("li"), mine.task.id, "approve")


def open_steps(world: World, process: str) -> list[str]:
    return [task.step_id for task in request(world.admin, process).open_tasks]


def bin_app(world: World, key: str) -> None:
    apps.delete_app(world.admin, key, name_typed="Office")


def test_what_falls_due_meanwhile_comes_late(world: World) -> None:
    process = asked(world, {"id": "pause", "type": "wait", "for": "PT1H"})
    bin_app(world, "office")
    for _ in range(3):
        later(world, "timer")
    apps.restore_app(world.admin, "office")
    later(world, "timer")
    assert open_steps(world, process) == ["after"]


def test_a_call_is_made_when_its_app_is_back(world: World) -> None:
    asked(world, {"id": "call", "type": "action", "do": {"webhook": {"url": "https://nowhere.invalid/"}}})
    bin_app(world, "office")
    for _ in range(3):
        later(world, "outbox")
    [message] = outbox.messages(world.admin, status="waiting").rows
    assert (message.attempts, message.error) == (0, None)
    apps.restore_app(world.admin, "office")
    later(world, "outbox")
    [message] = outbox.messages(world.admin).rows
    assert message.attempts == 1


def test_the_page_is_there_though_the_request_that_it_waits_for_is_not(world: World) -> None:
    process = asked(world, SUB)
    bin_app(world, "other")
    view = request(world.admin, process)
    assert ([wait.step for wait in view.waiting], view.started) == (["sub"], ())
    processes.jump(world.admin, process, "after")
    assert open_steps(world, process) == ["after"]


def test_what_ended_meanwhile_is_told_to_who_waits_for_it_when_that_is_back(world: World) -> None:
    process = asked(world, SUB)
    bin_app(world, "office")
    approve(world, inner(world))
    assert request(world.admin, inner(world)).status == "approved"
    later(world, "outbox")
    [message] = outbox.messages(world.admin, status="waiting").rows
    assert (message.kind, message.to, message.about) == ("answer", "it", "Inner it")
    apps.restore_app(world.admin, "office")
    later(world, "outbox")
    view = request(world.admin, process)
    assert open_steps(world, process) == ["after"]
    assert records.record(world.admin, "asking", view.record_id).row.values["result"] == "approved"
    with world.admin.reading() as db:
        assert "record" not in db.scalars(select(OutboxMessage)).one().body, "what was told is not kept twice"
