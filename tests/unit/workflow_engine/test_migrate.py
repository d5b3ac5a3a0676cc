"""Moving a running process to another version: what is in the way, how it stands afterwards, taking it back."""

from typing import Any

from processes import Process, approval, at_least, branch, form, member, parallel, workflow

from formloom.workflow_engine import definition, engine, migrate
from formloom.workflow_engine import events as e
from formloom.workflow_engine.path import path

ONE, TWO, THREE = (approval(id, member(who)) for id, who in (("one", "li"), ("two", "wang"), ("three", "root")))


def reasons(process: Process, *steps: dict[str, Any]) -> list[str]:
    new = definition.load(workflow(*steps), form())
    return [each.step for each in migrate.check(process.workflow, new, process.now)]


def move(process: Process, *steps: dict[str, Any], **more: Any) -> None:
    """Move, check that a replay gives the state, and go on under the new version."""
    new = definition.load(workflow(*steps, **more), form())
    under = engine.replay(new, process.events)
    assert migrate.check(process.workflow, new, under) == []
    done = migrate.migrated(process.workflow, new, under, process.events, by="root", now=process.context.now, version=2)
    process.events += done.events
    told = [e.from_json(event.to_json()) for event in process.events]
    assert engine.replay(new, told) == done.state
    process.workflow, process.state = new, done.state


def test_open_work_must_have_its_step() -> None:
    process = Process(workflow(ONE, TWO)).start()
    assert reasons(process, TWO) == ["one"]
    assert reasons(process, ONE) == []
    assert reasons(process, {**ONE, "type": "fill"}, TWO) == ["one"]
    assert reasons(process, parallel("both", [ONE], [TWO])) == ["one"]


def test_what_is_over_may_be_gone() -> None:
    process = Process(workflow(ONE, TWO)).start()
    process.decide("one", "approve", "li")
    move(process, TWO, THREE)
    steps = path(process.workflow, process.now, process.events, process.context)
    assert [(step.step, step.result) for step in steps] == [("one", "approved"), ("two", "open"), ("three", "ahead")]
    process.decide("two", "approve", "wang")
    assert process.open == {"three": ["root"]}


def test_branches_that_changed_places_are_followed() -> None:
    process = Process(workflow(parallel("both", [ONE], [TWO]), THREE)).start()
    process.decide("one", "approve", "li")
    move(process, parallel("both", [TWO], [ONE]), THREE)
    process.decide("two", "approve", "wang")
    assert process.open == {"three": ["root"]}


def test_a_parallel_step_that_got_a_branch_is_in_the_way() -> None:
    process = Process(workflow(parallel("both", [ONE], [TWO]))).start()
    assert reasons(process, parallel("both", [ONE], [TWO], [THREE])) == ["both"]
    assert reasons(process, parallel("both", [ONE, TWO])) == ["both", "two"] or reasons(
        process, parallel("both", [ONE, TWO])
    ) == ["both"]


def test_who_did_an_earlier_step_is_known_to_a_version_that_asks_for_it() -> None:
    process = Process(workflow(ONE, TWO)).start()
    process.decide("one", "approve", "li")
    move(process, ONE, TWO, approval("again", {"doer": "one"}))
    process.decide("two", "approve", "wang")
    assert process.open == {"again": ["li"]}


def test_a_request_that_came_back_is_opened_again_under_the_new_version() -> None:
    settings = {"resubmit": "fromReturningStep"}
    process = Process(workflow(branch("size", (at_least(5), [ONE]), (None, [TWO])), settings=settings), {"amount": 9})
    process.start()
    process.decide("one", "return", "li", "initiator")
    move(process, branch("size", (None, [ONE]),), settings=settings)  # fmt: skip
    from formloom.workflow_engine import commands as c

    assert process.do(c.Resubmit("amy", None))
    assert process.open == {"one": ["li"]}


def test_a_move_can_be_taken_back() -> None:
    process = Process(workflow(parallel("both", [ONE], [TWO]), THREE)).start()
    process.decide("one", "approve", "li")
    before, old = process.now, process.workflow
    move(process, parallel("both", [TWO], [ONE]))
    done = migrate.undone(old, process.events, by="root", now=process.context.now, version=1)
    assert done.state == before
    assert engine.replay(old, [*process.events, *done.events]) == before


def test_what_has_ended_has_nothing_in_the_way() -> None:
    process = Process(workflow(ONE)).start()
    process.decide("one", "approve", "li")
    assert reasons(process, TWO) == []
