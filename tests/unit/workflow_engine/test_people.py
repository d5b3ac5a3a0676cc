"""Whom the grammar for people finds (meaning.md section 4, People)."""

from typing import Any

import pytest
from processes import (
    DIRECTORY,
    PEOPLE,
    Process,
    approval,
    at_least,
    fill,
    member,
    notify,
    parallel,
    people_at,
    run,
    workflow,
)

from formloom.workflow_engine.directory import PeopleDirectory

RECORD = {
    "owner": "cat",
    "helpers": ["bob", "gone", "li"],
    "unit": "north",
    "amount": 10,
    "items": [
        {"_row": "r1", "what": "pen", "buyer": "bob"},
        {"_row": "r2", "what": "ink", "buyer": "cat"},
        {"_row": "r3", "what": "cap", "buyer": "bob"},
        {"_row": "r4", "what": "box"},
    ],
}


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"member": "li"}, ["li"]),
        ({"member": "gone"}, []),
        ({"role": "finance"}, ["li", "bob", "cat"]),
        ({"role": "finance", "in": "team"}, ["bob", "cat"]),
        ({"role": "finance", "in": "sales"}, []),
        ({"role": "finance", "in": "sales", "below": True}, ["li", "bob", "cat"]),
        ({"department": "north"}, ["li", "amy"]),
        ({"department": "north", "below": True}, ["li", "amy", "bob", "cat"]),
        ({"headOf": {"department": "sales"}}, ["wang"]),
        ({"headOf": {"department": "team"}}, []),
        ({"headOf": {"initiator": True}}, ["li"]),
        ({"headOf": {"field": "owner"}}, []),
        ({"headOf": {"field": "unit"}}, ["li"]),
        ({"managerOf": {"initiator": True}}, ["li"]),
        ({"managerOf": {"initiator": True}, "level": 2}, ["wang"]),
        ({"managerOf": {"initiator": True}, "level": 3}, []),
        ({"managerOf": {"initiator": True}, "upTo": 5}, ["li", "wang"]),
        ({"managerOf": {"field": "owner"}}, ["amy"]),
        ({"managerOf": {"field": "owner"}, "upTo": 3}, ["amy", "li", "wang"]),
        ({"managerOf": {"var": "owner"}, "level": 2}, ["li"]),
        ({"managerOf": {"member": "bob"}}, ["li"]),
        ({"managerOf": {"managerOf": {"member": "bob"}}}, ["wang"]),
        ({"managerOf": {"field": "helpers"}}, ["li", "wang"]),
        ({"field": "owner"}, ["cat"]),
        ({"var": "owner"}, ["cat"]),
        ({"field": "helpers"}, ["bob", "li"]),
        ({"field": "unit"}, ["li", "amy"]),
        ({"field": "items.buyer"}, ["bob", "cat"]),
        ({"initiator": True}, ["amy"]),
        ({"member": "li", "when": at_least(10)}, ["li"]),
        ({"member": "li", "when": at_least(11)}, []),
        ({"managerOf": {"member": "bob", "when": at_least(11)}}, []),
    ],
)
def test_each_entry_finds_its_people(entry: dict[str, Any], found: list[str]) -> None:
    assert people_at(run(workflow(notify("tell", entry)), RECORD), "tell") == found


def test_a_list_is_a_union_in_order_without_doubles() -> None:
    entries = [member("wang"), {"role": "finance"}, member("li"), {"initiator": True}]
    assert people_at(run(workflow(notify("tell", *entries))), "tell") == ["wang", "li", "bob", "cat", "amy"]


def test_nobody_is_the_manager_of_who_stands_at_the_top() -> None:
    assert DIRECTORY.manager("wang") is None
    assert DIRECTORY.manager("root") is None


def test_the_head_of_a_department_has_the_head_of_the_one_above_as_manager() -> None:
    assert DIRECTORY.manager("li") == "wang"


def test_a_department_without_a_head_is_passed_over_on_the_way_up() -> None:
    assert DIRECTORY.manager("bob") == "li"


def test_a_manager_or_a_head_who_is_not_active_does_not_count() -> None:
    people = {
        "departments": [
            {"id": "a", "name": "A", "head": "left"},
            {"id": "b", "name": "B", "parent": "a", "head": "gone"},
        ],
        "members": [
            {"id": "left", "name": "Left", "active": False},
            {"id": "gone", "name": "Gone", "active": False},
            {"id": "top", "name": "Top", "department": "a"},
            {"id": "new", "name": "New", "department": "b", "manager": "gone"},
        ],
    }
    directory = PeopleDirectory.from_json(people)
    assert directory.manager("new") is None
    people["departments"][0]["head"] = "top"
    assert PeopleDirectory.from_json(people).manager("new") == "top"


def test_departments_in_a_circle_end_the_search() -> None:
    directory = PeopleDirectory.from_json(
        {
            "departments": [{"id": "a", "name": "A", "parent": "b"}, {"id": "b", "name": "B", "parent": "a"}],
            "members": [{"id": "x", "name": "X", "department": "a"}],
        }
    )
    assert directory.manager("x") is None
    assert directory.in_department("a", below=True) == ("x",)


@pytest.mark.parametrize(
    "document",
    [
        {"members": "amy"},
        {"members": [{"name": "no id"}]},
        {"members": [{"id": 7}]},
        {"members": [{"id": "a", "roles": "x"}]},
        {"members": [{"id": "a", "manager": 7}]},
        {"departments": ["sales"]},
    ],
)
def test_a_people_document_that_is_none_is_refused_with_a_sentence(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="“"):
        PeopleDirectory.from_json(document)


def test_rows_give_one_task_a_person_who_sees_their_rows() -> None:
    process = Process(workflow(approval("buy", {"field": "items.buyer"}, mode="all")), RECORD).start()
    assert {task.member: task.rows for task in process.now.open_tasks} == {"bob": ("r1", "r3"), "cat": ("r2",)}


def test_who_is_found_otherwise_too_sees_all_rows() -> None:
    entries = [{"field": "items.buyer"}, member("bob")]
    process = Process(workflow(approval("buy", *entries, mode="all")), RECORD).start()
    assert {task.member: task.rows for task in process.now.open_tasks} == {"bob": None, "cat": ("r2",)}


def test_rows_without_an_id_are_named_by_their_number() -> None:
    record = {"items": [{"what": "pen", "buyer": "bob"}, {"what": "ink", "buyer": "cat"}]}
    process = Process(workflow(approval("buy", {"field": "items.buyer"}, mode="all")), record).start()
    assert {task.member: task.rows for task in process.now.open_tasks} == {"bob": (0,), "cat": (1,)}


def test_doers_are_all_who_approved_or_filled_in_the_last_visit() -> None:
    steps = [
        approval("first", {"role": "finance"}, mode={"count": 2}),
        approval("second", {"doer": "first"}, mode="all"),
        fill("third", {"doer": "second"}, mode="all"),
    ]
    process = Process(workflow(*steps)).start()
    process.decide("first", "approve", by="cat")
    process.decide("first", "approve", by="li")
    assert process.open == {"second": ["cat", "li"]}
    process.decide("second", "return", by="li", target="first")
    process.decide("first", "approve", by="bob")
    process.decide("first", "approve", by="li")
    assert process.open == {"second": ["bob", "li"]}


def test_doers_are_known_of_steps_inside_a_parallel_step_that_waited_for_all() -> None:
    steps = [
        parallel("both", [approval("left", member("li"))], [approval("right", member("bob"))]),
        notify("tell", {"doer": "left"}, {"doer": "right"}),
    ]
    assert people_at(run(workflow(*steps)), "tell") == ["li", "bob"]


def test_the_initiator_chooses_among_those_allowed() -> None:
    document = workflow(approval("pick", {"chosenBy": "initiator", "from": [{"role": "finance"}]}))
    assert Process(document).start("amy", pick=["cat"]).open == {"pick": ["cat"]}


@pytest.mark.parametrize("chosen", [{"pick": ("wang",)}, {"other": ("li",)}, {"plain": ("li",)}])
def test_a_choice_that_is_not_offered_is_refused(chosen: dict[str, tuple[str, ...]]) -> None:
    from formloom.workflow_engine.commands import Start

    document = workflow(
        approval("pick", {"chosenBy": "initiator", "from": [{"role": "finance"}]}), approval("plain", member("li"))
    )
    process = Process(document)
    assert not process.do(Start("amy", chosen))


def test_a_dry_run_chooses_the_first_who_may_be_chosen() -> None:
    document = workflow(approval("pick", {"chosenBy": "initiator", "from": [{"role": "hr"}, member("li")]}))
    assert people_at(run(document), "pick") == ["amy"]


def test_only_those_named_may_start() -> None:
    from formloom.workflow_engine.commands import Start

    process = Process(workflow(start={"who": [{"role": "hr"}]}))
    assert not process.do(Start("li"))
    assert process.refusal is not None
    assert process.refusal.reason == "You may not submit this request."
    assert process.do(Start("bob"))


def test_members_keep_the_order_of_the_directory() -> None:
    reverse = PeopleDirectory.from_json({**PEOPLE, "members": PEOPLE["members"][::-1]})
    assert reverse.in_role("finance") == ("cat", "bob", "li")
