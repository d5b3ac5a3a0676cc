"""What the proof knows behind branches that run side by side, and of requests that change while they wait."""

from datetime import UTC, datetime
from typing import Any

import pytest
from processes import PEOPLE, approval, fill, member, parallel, workflow

from formloom.form_engine import definition
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.proof import prove

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DIRECTORY = PeopleDirectory.from_json(PEOPLE)
LI, WANG = member("li"), member("wang")
END = {"id": "e", "type": "end"}
FORMS = {
    "f": {"n": {"type": "number"}, "k": {"enum": ["a", "b"]}, "d": {"type": "string", "format": "date"}},
    "other": {"n": {"type": "number"}},
}
NAMED = {"!": [{"isEmpty": [{"var": "k"}]}]}
DATED = {"!": [{"isEmpty": [{"var": "d"}]}]}


def branch(
    id: str, *branches: tuple[Any, list[Any]], otherwise: list[Any] | None = None, mode: str = "exclusive"
) -> Any:
    arms = [{"when": when, "steps": steps} for when, steps in branches]
    arms += [] if otherwise is None else [{"otherwise": True, "steps": otherwise}]
    return {"id": id, "type": "branch", "mode": mode, "branches": arms}


def asks(id: str, *keys: str, **more: Any) -> Any:
    return fill(id, LI, fields=dict.fromkeys(keys, "required"), **more)


def either(id: str, *branches: tuple[Any, list[Any]], otherwise: list[Any] | None = None) -> Any:
    return branch(id, *branches, otherwise=otherwise, mode="inclusive")


def gap(id: str = "y") -> Any:
    return branch(id, (GT, []))


GT, LE = {">": [{"var": "n"}, 5]}, {"<=": [{"var": "n"}, 5]}
Y_NAMED = branch("y", (NAMED, []))
BACK = {"id": "s", "type": "subprocess", "form": "other", "set": {"n": 1}}

CASES: dict[str, tuple[list[Any], dict[str, Any], set[tuple[str, str]]]] = {
    "each of two arms asks for it": ([either("x", (GT, [asks("q", "k")]), otherwise=[asks("r", "k")]), Y_NAMED], {}, set()),
    "one arm asks for it, the other ends": ([either("x", (GT, [asks("q", "k")]), otherwise=[END]), Y_NAMED], {}, set()),
    "no arm need be taken": ([either("x", (GT, [asks("q", "k")])), Y_NAMED], {}, {("y", "gap")}),
    "what no arm leaves out": (
        [either("x", (GT, [asks("q", "k")])), branch("y", ({"or": [LE, {"isEmpty": [{"var": "n"}]}, NAMED]}, []))], {}, set(),
    ),
    "whichever arm is through first": ([parallel("p", [asks("q", "k")], [asks("r", "k")], join="any"), Y_NAMED], {}, set()),
    "two of three ask for it": (
        [parallel("p", [asks("q", "k")], [asks("r", "k")], [approval("a", LI)], join=2), Y_NAMED], {}, set(),
    ),
    "one of three asks for it": (
        [parallel("p", [asks("q", "k")], [approval("b", LI)], [approval("a", LI)], join=2), Y_NAMED], {}, {("y", "gap")},
    ),
    "one or the other": (
        [parallel("p", [asks("q", "k")], [asks("r", "d")], join="any"), branch("y", ({"or": [NAMED, DATED]}, []))], {}, set(),
    ),
    "all of them ask for it": ([parallel("p", [asks("q", "k")], [asks("r", "k")]), Y_NAMED], {}, set()),
    "one that asks for it and may reject": (
        [parallel("p", [asks("q", "k")], [approval("r", LI, fields={"k": "required"}, onReject="initiator")]), Y_NAMED],
        {}, set(),
    ),
    "one beside it may clear it": ([parallel("p", [asks("q", "k")], [fill("r", LI, fields={"k": "edit"})]), Y_NAMED], {}, {("y", "gap")}),
    "an action sets it beside": (
        [parallel("p", [asks("q", "k")], [{"id": "u", "type": "action", "do": {"updateRecord": {"set": {"k": "b"}}}}]), Y_NAMED],
        {}, set(),
    ),
    "all arms end": ([either("x", (GT, [END]), otherwise=[{"id": "e2", "type": "end"}]), approval("z", LI)], {}, {("z", "unreachable")}),
    "an arm ends at once": ([parallel("p", [approval("a", LI)], [END], [approval("b", LI)], join=2), approval("z", LI)], {}, {("z", "unreachable"), ("b", "unreachable")}),
    "an arm that ends behind one that may be through": (
        [parallel("p", [either("x", (GT, []), (LE, []))], [END], join="any"), approval("z", LI)], {}, set(),
    ),
    "an arm of empty branches is through at once": (
        [parallel("p", [branch("x", (GT, []), otherwise=[])], [approval("b", LI)], join="any")], {}, {("b", "unreachable")},
    ),
    "one part of a condition outlives a change of the other": (
        [branch("x", ({"or": [{"!=": [{"var": "k"}, "a"]}, LE, {"isEmpty": [{"var": "n"}]}]}, []),
                otherwise=[asks("q", "k"), branch("y", (GT, []))])], {}, set(),
    ),
    "an open request that is not locked": (
        [branch("x", (GT, [approval("a", LI), gap()]), otherwise=[])], {"settings": {"lock": False}}, {("y", "gap")},
    ),
    "a locked one": ([branch("x", (GT, [approval("a", LI), gap()]), otherwise=[])], {}, set()),
    "a subprocess that sends back to the initiator": (
        [branch("x", (GT, [BACK | {"onReject": "initiator"}, gap()]), otherwise=[])],
        {"settings": {"resubmit": "fromReturningStep"}}, {("y", "gap")},
    ),
    "a subprocess that sends back to a step": (
        [branch("x", (GT, [approval("a", LI), gap(), fill("q", LI, fields={"n": "edit"}), BACK | {"onReject": {"return": "a"}}]), otherwise=[])],
        {}, {("y", "gap")},
    ),
    "a field that is shown by another one and filled in by nobody": (
        [asks("q", "k"), branch("y", ({"isEmpty": [{"var": "h"}]}, []))], {"start": {"fields": {"h": "read"}}}, set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_known_side_by_side(name: str) -> None:
    steps, more, expected = CASES[name]
    shown = {"type": "number", "x-field": {"visibleWhen": {"==": [{"var": "k"}, "a"]}}}
    fields = FORMS["f"] | ({"h": shown} if "start" in more else {})
    forms = {key: definition.load({"$id": key, "type": "object", "properties": own}) for key, own in (FORMS | {"f": fields}).items()}  # fmt: skip
    proof = prove(workflow(*steps, **more), forms=forms, directory=DIRECTORY, now=NOW, own="f")
    told = {
        (one.step, one.kind) for one in proof.findings if one.kind not in ("overlap", "decidesOwn", "nothingToFill")
    }
    assert told == expected


@pytest.mark.parametrize("join", [-1, 0, 3])
def test_a_join_that_can_not_be_met_is_told_as_such(join: int) -> None:
    form = definition.load({"$id": "f", "type": "object", "properties": FORMS["f"]})
    arms = ([approval("a", LI)], [approval("b", WANG)])
    found = prove(workflow(parallel("p", *arms, join=join), approval("z", LI)), forms={"f": form}, now=NOW).findings
    assert [(one.step, one.kind) for one in found] == [("p", "join")]


def test_a_count_is_no_less_than_nothing() -> None:
    counts = {
        "id": "c",
        "type": "action",
        "do": {"findRecords": {"form": "other", "where": {"n": 1}, "into": {"n": "count"}}},
    }
    some, none = {">=": [{"var": "n"}, 1]}, {"==": [{"var": "n"}, 0]}
    forms = {
        key: definition.load({"$id": key, "type": "object", "properties": {"n": {"type": "integer"}}})
        for key in ("f", "other")
    }
    proof = prove(workflow(counts, branch("y", (some, []), (none, []))), forms=forms, now=NOW, own="f")
    assert [(one.step, one.kind) for one in proof.findings] == []


def test_the_example_of_an_overlap_is_one_where_the_named_branch_wins() -> None:
    arms = [({"<": [{"var": "n"}, limit]}, list[Any]()) for limit in (5, 7, 9)]
    form = definition.load({"$id": "f", "type": "object", "properties": {"n": {"type": "integer"}}})
    proof = prove(workflow(branch("x", *arms, otherwise=[])), forms={"f": form}, now=NOW)
    won = [one.example["record"].get("n", 0) for one in proof.findings if one.kind == "overlap" and one.example]
    assert len(won) == 3
    assert [number for number in won if number >= 5] == [won[-1]]
