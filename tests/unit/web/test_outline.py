"""A workflow document as a tree of steps in words: of any document, also one that is being typed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from formloom.web.outline import Labels, flat, outline

LABELS = Labels(
    roles={"finance": "Finance", "hr": "Human resources"},
    departments={"sales": "Sales"},
    members={"li": "李雷"},
    fields={"nominee": "Nominee", "total": "Total", "kind": "Kind of reward"},
)
REWARD = {
    "steps": [
        {"id": "manager", "type": "approval", "title": "Manager approves", "assignees": [{"managerOf": {"field": "nominee"}}],
         "mode": "all", "due": {"after": "P2D"}},
        {"id": "size", "type": "branch", "title": "By amount", "branches": [
            {"title": "Up to 5,000", "when": {"<=": [{"var": "total"}, 5000]}, "steps": []},
            {"title": "Above", "when": {">": [{"var": "total"}, 5000]}, "steps": [
                {"id": "board", "type": "parallel", "branches": [
                    {"steps": [{"id": "f", "type": "approval", "assignees": [{"role": "finance"}]}]},
                    {"steps": [{"id": "h", "type": "approval", "assignees": [{"role": "hr"}], "mode": {"ratio": 0.5}}]}]}]},
            {"otherwise": True, "steps": [{"id": "no", "type": "end", "outcome": "rejected"}]}]},
        {"id": "tell", "type": "notify", "to": [{"initiator": True}, {"field": "nominee"}, {"member": "li"}]},
    ]
}  # fmt: skip


@pytest.fixture(autouse=True)
def speaking():
    app = Flask("test")
    Babel(app)
    with app.test_request_context():
        yield


def test_a_step_says_who_does_it_how_and_by_when():
    manager = outline(REWARD, LABELS)[0]
    assert (manager.kind, manager.title, manager.who) == ("Approval", "Manager approves", "Manager of: Nominee")
    assert manager.notes == ("all of them", "due within 2 days")


def test_branches_say_their_condition_with_the_labels_of_the_fields():
    branch = outline(REWARD, LABELS)[1]
    assert [arm.title for arm in branch.branches] == ["Up to 5,000", "Above", "Otherwise"]
    assert branch.branches[0].condition == "Total <= 5000"
    assert branch.branches[0].steps == ()
    assert branch.branches[2].steps[0].title == "Rejected"


def test_a_text_that_looks_like_a_field_stays_a_text():
    document = {"steps": [{"type": "branch", "branches": [{"when": {"==": [{"var": "kind"}, "total"]}, "steps": []}]}]}
    assert outline(document, LABELS)[0].branches[0].condition == 'Kind of reward = "total"'


def test_every_step_knows_where_it_stands_in_the_document():
    pointers = {step.id: step.pointer for step in flat(outline(REWARD, LABELS))}
    assert pointers["h"] == "/steps/1/branches/1/steps/0/branches/1/steps/0"


def test_people_are_joined_in_their_order():
    assert outline(REWARD, LABELS)[2].who == "who started it, Nominee, 李雷"


def test_a_step_and_its_branches_are_called_by_their_translation():
    document = REWARD | {"translations": {"zh_Hans": {"manager": "上级审批", "size/0": "5,000 元以内"}}}
    steps = outline(document, replace(LABELS, lang="zh_Hans"))
    assert (steps[0].title, steps[1].title) == ("上级审批", "By amount")
    assert [arm.title for arm in steps[1].branches] == ["5,000 元以内", "Above", "Otherwise"]


def test_an_unknown_id_stands_for_itself():
    document = {"steps": [{"type": "approval", "id": "a", "assignees": [{"role": "ghosts"}]}]}
    assert outline(document, LABELS)[0].who == "ghosts"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["steps", "branches", "type", "when", "assignees", "to", "mode", "due", "join", "do", "role", "title"])
        | st.text(max_size=3), inner, max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip
step_types = st.sampled_from(["approval", "fill", "notify", "branch", "parallel", "action", "wait", "end", "nonsense"])
broken_steps = st.lists(
    st.builds(lambda kind, rest: rest | {"type": kind}, step_types, st.dictionaries(
        st.sampled_from(["id", "title", "branches", "assignees", "to", "mode", "due", "join", "do", "outcome"]), json_values)),
    max_size=4,
)  # fmt: skip


@given(json_values | st.builds(lambda steps: {"steps": steps}, broken_steps))
def test_any_document_is_answered(document):
    json.dumps([step.title for step in flat(outline(document, LABELS))])


def test_every_workflow_of_the_library_has_a_readable_outline():
    files = sorted((Path(__file__).parents[3] / "templates_library").glob("*/workflows/*.json"))
    assert files
    for file in files:
        steps = flat(outline(json.loads(file.read_text("utf-8")), LABELS))
        assert steps, file.name
        for step in steps:
            assert step.title, (file.name, step)
            assert step.who or step.type not in ("approval", "fill", "notify"), (file.name, step)
