"""Running requests moved to a newer version of their workflow: checked, as a job, and taken back."""

from typing import Any

import pytest
from builders import TEXT, World, form

from formloom.platform.errors import NotAllowed
from formloom.platform.models import Process, Record
from formloom.platform.services import forms as form_service
from formloom.platform.services import jobs, migrating, processes, publishing, records, replaying
from formloom.platform.services.requests import request
from formloom.platform.work import Hands


def step(id: str, who: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "type": "approval", "assignees": [{"member": who}], **more}


def office(world: World) -> list[str]:
    """Two requests: one waits at `one`, one at `two`."""
    world.app(forms=[form("asking", {"what": TEXT}, title="{what}")], workflows={"asking": workflow("one", "two")})
    first, second = (world.add("asking", what=what) for what in ("First", "Second"))
    processes_of = [str(records.record(world.admin, "asking", ident).process_id) for ident in (first, second)]
    decide(world, processes_of[1], "li")
    return processes_of


def workflow(*ids: str) -> dict[str, Any]:
    who = {"one": "li", "two": "wang", "three": "root"}
    return {"form": "asking", "steps": [step(id, who[id]) for id in ids]}


def decide(world: World, process: str, member: str) -> None:
    [mine] = request(world.caller(member), process).mine
    processes.decide(world.caller(member), mine.task.id, "approve")


def publish(world: World, *ids: str) -> None:
    form_service.save_draft(world.admin, "asking", "workflow", workflow(*ids))
    publishing.publish(world.admin, "asking")


def move(world: World) -> dict[str, Any]:
    return _done(world, migrating.move(world.admin, "asking"))


def take_back(world: World) -> int:
    return int(_done(world, migrating.begin_undo(world.admin, "asking"))["back"])


def _done(world: World, ident: str) -> dict[str, Any]:
    Hands(world.runtime, at_once=2).sweep("job")
    done = jobs.job(world.admin, ident)
    assert (done.status, done.done) == ("done", done.total)
    return dict(done.result or {})


def test_what_can_go_goes_and_what_stays_says_why(world: World) -> None:
    first, second = office(world)
    publish(world, "two", "three")
    plan = migrating.plan(world.admin, "asking")
    assert (plan.version, plan.older, plan.movable, plan.undoable) == (2, 2, 1, 0)
    [stays] = plan.stay
    assert (stays.process_id, [reason.step for reason in stays.reasons]) == (first, ["one"])
    found = move(world)
    assert (found["moved"], [each["process"] for each in found["stayed"]]) == (1, [first])
    decide(world, second, "wang")
    decide(world, second, "root")
    assert request(world.admin, second).status == "approved"
    decide(world, first, "li")
    assert [task.step_id for task in request(world.admin, first).open_tasks] == ["two"], "it stays on its version"


def test_a_move_is_taken_back_until_the_next_thing_happens(world: World) -> None:
    _, second = office(world)
    publish(world, "one", "two", "three")
    assert move(world)["moved"] == 2
    assert migrating.plan(world.admin, "asking").undoable == 2
    assert [step.step for step in request(world.admin, second).path] == ["one", "two", "three"]
    decide(world, second, "wang")
    assert migrating.plan(world.admin, "asking").undoable == 1
    assert take_back(world) == 1
    assert take_back(world) == 0
    plan = migrating.plan(world.admin, "asking")
    assert (plan.older, plan.movable) == (1, 1)
    assert [task.step_id for task in request(world.admin, second).open_tasks] == ["three"]


def test_a_move_back_and_forth_leaves_the_same_request(world: World) -> None:
    first, second = office(world)
    before = [request(world.admin, ident).open_tasks for ident in (first, second)]
    publish(world, "one", "two", "three")
    move(world)
    assert take_back(world) == 2
    assert [request(world.admin, ident).open_tasks for ident in (first, second)] == before
    decide(world, first, "li")
    decide(world, first, "wang")
    assert request(world.admin, first).status == "approved"


def test_a_request_in_the_bin_keeps_no_other_from_going_back(world: World) -> None:
    first, _ = office(world)
    publish(world, "one", "two", "three")
    move(world)
    with world.admin.writing() as db:
        gone = db.get_one(Process, (world.workspace_id, first))
        db.get_one(Record, (world.workspace_id, gone.record_id)).deleted_at = world.clock.now
    assert migrating.plan(world.admin, "asking").undoable == 1
    assert take_back(world) == 1
    assert migrating.plan(world.admin, "asking").older == 1


def test_only_admins_move_requests(world: World) -> None:
    office(world)
    for act in (migrating.plan, migrating.move, migrating.begin_undo):
        with pytest.raises(NotAllowed):
            act(world.caller("amy"), "asking")


def test_the_last_requests_are_replayed_under_the_draft(world: World) -> None:
    first, _ = office(world)
    assert replaying.replay(world.admin, "asking") == replaying.Replayed(2, ())
    dear = {"id": "dear", "type": "branch", "branches": [{"when": {"==": [{"var": "what"}, "Second"]}, "steps": [step("three", "root")]}, {"otherwise": True, "steps": []}]}  # fmt: skip
    changed = workflow("one", "two")
    changed["steps"][1:1] = [dear]
    form_service.save_draft(world.admin, "asking", "workflow", changed)
    plain = workflow("two")
    assert replaying.replay(world.admin, "asking").looked_at == 2
    form_service.save_draft(world.admin, "asking", "workflow", plain)
    found = replaying.replay(world.admin, "asking")
    assert sorted(each.title for each in found.others) == ["First", "Second"]
    assert all("one" in each.message for each in found.others)
    assert request(world.admin, first).status == "running", "nothing is changed by it"


def test_a_request_is_replayed_as_it_was_submitted(world: World) -> None:
    office(world)
    ident = world.add("asking", what="Third")
    process = str(records.record(world.admin, "asking", ident).process_id)
    processes.correct(world.admin, process, {"what": "Changed later"})
    by_what = {"id": "by", "type": "branch", "branches": [{"when": {"==": [{"var": "what"}, "Third"]}, "steps": [step("three", "root")]}, {"otherwise": True, "steps": [step("one", "li"), step("two", "wang")]}]}  # fmt: skip
    form_service.save_draft(world.admin, "asking", "workflow", {"form": "asking", "steps": [by_what]})
    old = replaying.replay(world.admin, "asking", limit=1)
    assert [each.title for each in old.others] == ["Changed later"]
