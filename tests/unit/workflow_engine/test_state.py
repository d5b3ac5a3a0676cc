"""The state of a process: small, plain JSON that keeps to its schema, and that older programs' states become."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from processes import Process, approval, branch, form, member, parallel, workflow

from formloom.workflow_engine import commands as c
from formloom.workflow_engine import definition
from formloom.workflow_engine import events as e
from formloom.workflow_engine import state as states
from formloom.workflow_engine.offers import misfits

LI, BOB = member("li"), member("bob")


def test_a_state_of_two_steps_is_small() -> None:
    it = Process(workflow(approval("manager", LI), branch("size", (None, [approval("board", BOB)])))).start()
    it.decide("manager", "approve", by="li")
    assert len(json.dumps(it.now.to_json())) < 400


def test_a_state_does_not_grow_with_the_steps_that_were_done() -> None:
    sizes = []
    for count in (10, 1000):
        it = Process(
            workflow(*({"id": f"n{i}", "type": "notify", "to": []} for i in range(count)), approval("a", LI))
        ).start()
        sizes.append(len(json.dumps(it.now.to_json())))
    assert sizes[1] - sizes[0] < 20


def test_a_format_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="format 99"):
        states.from_json({"format": 99, "initiator": "amy", "number": 0})


def test_an_older_state_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(states.UPGRADES, -1, lambda old: {"format": 0, "by": old["who"]})
    monkeypatch.setitem(states.UPGRADES, 0, lambda old: {"format": 1, "initiator": old["by"], "number": 0})
    assert states.from_json({"format": -1, "who": "amy"}).initiator == "amy"


def test_states_keep_to_their_schema() -> None:
    validator = Draft202012Validator(states.schema())
    document = workflow(
        approval("a", LI, BOB, mode="all", due={"after": "P1D", "remind": ["PT1H"], "then": {"escalate": {}}}),
        parallel(
            "p",
            [approval("i", {"doer": "a"}, member("cat"), mode="all", notDoers=["initiator"])],
            [{"id": "w", "type": "wait", "for": "P1D"}],
        ),
        {"id": "x", "type": "action", "do": {"webhook": {"url": "https://example.com"}}},
        settings={"resubmit": "fromReturningStep", "repeatApprover": "skipAny"},
    )
    it = Process(document).start()
    seen = [it.now.to_json()]
    for step, by, action in (("a", "li", "approve"), ("a", "bob", "approve"), ("i", "cat", "return")):
        it.decide(step, action, by=by)
        seen.append(it.now.to_json())
    it.do(c.Resubmit("amy"))
    for name in ("li", "bob", "cat"):
        it.decide("i", "approve", by=name)
    it.fire(next(iter(it.now.timers)))
    it.do(c.ActionAnswered(it.now.requests[0], ok=False, error="x"))
    seen += [it.now.to_json(), it.state.to_json()]
    for plain in seen:
        assert list(validator.iter_errors(json.loads(json.dumps(plain)))) == []


ANOTHER = [
    ("the same steps", workflow(approval("a", BOB), parallel("p", [approval("i", BOB)], [])), ()),
    ("more steps", workflow(approval("a", LI), parallel("p", [approval("i", LI), approval("j", LI)], []), approval("z", LI)), ()),
    ("the step is gone", workflow(approval("a", LI), parallel("p", [approval("k", LI)], [])), ("i",)),
    ("it stands elsewhere", workflow(approval("i", LI), parallel("p", [], [])), ("i",)),
    ("it stands in another branch", workflow(parallel("p", [], [approval("i", LI)])), ("i",)),
    ("it is of another kind", workflow(parallel("p", [{"id": "i", "type": "notify", "to": []}], [])), ("i",)),
    ("branches are gone", workflow(parallel("p", [approval("i", LI)])), ("p",)),
    ("everything is gone", workflow(), ("p", "i")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "document", "expected"), ANOTHER, ids=[name for name, _, _ in ANOTHER])
def test_a_version_that_lacks_a_step_with_open_work_is_told(
    name: str, document: Any, expected: tuple[str, ...]
) -> None:
    it = Process(workflow(approval("a", LI), parallel("p", [approval("i", LI)], []))).start()
    it.decide("a", "approve", by="li")
    assert misfits(definition.load(document, form()), it.now) == expected


def test_a_command_under_a_version_that_does_not_fit_is_refused() -> None:
    it = Process(workflow(approval("a", LI))).start()
    it.workflow = definition.load(workflow(approval("b", LI)), form())
    assert not it.do(c.Decide("li", it.task("a"), "approve"))
    assert it.refusal is not None
    assert it.refusal.reason == "The request runs under another version of its workflow."


def test_a_task_id_that_is_none_is_found_nowhere() -> None:
    it = Process(workflow(approval("a", LI))).start()
    for wrong in ("", "x", "1", "1.", ".1", "1.2", "²", "99999999999.1", "-1.1", "１.1"):
        assert it.now.find_task(wrong) is None
        assert not it.do(c.Decide("li", wrong, "approve"))


def test_events_say_their_kind_and_leave_out_what_is_not_there() -> None:
    it = Process(workflow(approval("a", LI))).start()
    opened = it.happened(e.TaskOpened)[0]
    assert opened.kind == "TaskOpened"
    assert opened.to_json() == {
        "kind": "TaskOpened",
        "at": "2026-01-05T09:00:00+00:00",
        "task": "1.1",
        "visit": 1,
        "step": "a",
        "member": "li",
        "seat": 0,
        "form": "approval",
    }
