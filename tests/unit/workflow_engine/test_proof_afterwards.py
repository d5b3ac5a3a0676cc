"""What the proof still knows afterwards: behind an action that set a field, behind a wait, of who has approved before."""

from datetime import UTC, datetime
from typing import Any

import pytest
from processes import PEOPLE, approval, fill, member, parallel, workflow

from formloom.form_engine import definition
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.proof import prove

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
DIRECTORY = PeopleDirectory.from_json(PEOPLE)
LI, BOB, ROOT, FINANCE = member("li"), member("bob"), member("root"), {"role": "finance"}
TODAY: Any = {"today": []}
A = approval("a", LI)
WAIT = {"id": "w", "type": "wait", "for": "P3D"}
FORM: Any = {
    "$id": "f",
    "type": "object",
    "properties": {
        "n": {"type": "number", "x-field": {"type": "money", "currency": "CNY"}},
        "m": {"type": "number"},
        "k": {"type": "string", "oneOf": [{"const": "a"}, {"const": "b"}], "x-field": {"type": "select"}},
        "x": {"type": "number", "x-field": {"visibleWhen": {"==": [{"var": "k"}, "a"]}}},
        "d": {"type": "string", "format": "date"},
        "signed": {"type": "string", "format": "date"},
        "left": {"type": "integer", "readOnly": True, "x-field": {"compute": {"days": [{"var": "d"}, TODAY]}}},
    },
    "required": ["d"],
    "x-form": {"rules": [{"when": {"<": [{"var": "d"}, TODAY]}, "field": "d", "message": "Too late"}]},
}


def sets(on_error: Any = "block", **values: Any) -> Any:
    return {"id": "u", "type": "action", "do": {"updateRecord": {"set": values}}, "onError": on_error}


def split(id: str, *arms: tuple[Any, list[Any]]) -> Any:
    branches = [{"steps": steps, **({"otherwise": True} if when is None else {"when": when})} for when, steps in arms]
    return {"id": id, "type": "branch", "branches": branches}


def is_(name: str, key: str, value: Any) -> Any:
    return {name: [{"var": key}, value]}


def asks(*conditions: Any) -> Any:
    """A branch step with a condition for each branch; None: otherwise, with an approval of its own."""
    return split("y", *((when, [] if when is not None else [approval("o", LI)]) for when in conditions))


TWICE: Any = {"*": [2, {"var": "m"}]}
IS_5 = is_("==", "n", 5)
LATE, IN_TIME = is_("<", "d", TODAY), is_(">=", "d", TODAY)
UNDECIDED = ("y", "undecided")
GAP = ("y", "gap")
NEVER = ("y", "neverHolds")

AFTERWARDS: dict[str, tuple[list[Any], list[tuple[str, str]]]] = {
    "what was set rules the gap out": ([sets(n=5), asks(IS_5)], []),
    "what was set is the gap": ([sets(n=6), asks(IS_5)], [NEVER, GAP]),
    "a blank was set": ([sets(k=None), asks(is_("==", "k", "a"), None)], [NEVER]),
    "0 was set": ([sets(n=0), asks({"isEmpty": [{"var": "n"}]}, None)], [NEVER]),
    "what is set is reckoned, and rounded": (
        [sets(n={"/": [{"var": "m"}, 3]}), asks(is_("==", "n", {"round": [{"/": [{"var": "m"}, 3]}, 2]}))],
        [],
    ),
    "today was set": ([sets(signed=TODAY), asks(is_("==", "signed", TODAY))], []),
    "today was set some days ago": ([sets(signed=TODAY), WAIT, asks({"isEmpty": [{"var": "signed"}]}, None)], [NEVER]),
    "what was set may not be shown": ([sets(x=5), asks(is_("==", "x", 5), {"isEmpty": [{"var": "x"}]})], []),
    "somebody edits what was set": ([sets(n=5), fill("q", LI, fields={"n": "edit"}), asks(IS_5)], [GAP]),
    "somebody edits it meanwhile": (
        [parallel("p", [sets(n=5)], [fill("q", LI, fields={"n": "edit"})]), asks(IS_5)],
        [GAP],
    ),
    "somebody edits what it was reckoned from": (
        [sets(n=TWICE), fill("q", LI, fields={"m": "edit"}), asks(is_("==", "n", TWICE))],
        [UNDECIDED, UNDECIDED],
    ),
    "it is reckoned from itself": (
        [split("x", (is_(">", "n", 10), [sets(n={"*": [{"var": "n"}, 2]}), asks(is_(">", "n", 20))]), (None, []))],
        [UNDECIDED, UNDECIDED],
    ),
    "the action may fail": ([sets("continue", n=5), asks(IS_5)], [UNDECIDED, UNDECIDED]),
    "in one of two branches": ([split("x", (is_(">", "n", 5), [sets(n=5)]), (None, [])), asks(is_("<=", "n", 5))], []),
    "what comes from outside may be anything": (
        [{"id": "u", "type": "action", "do": {"webhook": {"url": "https://x.example/", "into": {"n": "n"}}}}, asks(IS_5)],
        [GAP],
    ),
    "a rule that reads the clock is kept to on the day": ([asks(IN_TIME)], []),
    "it is kept to whenever somebody decides": ([WAIT, A, asks(IN_TIME)], []),
    "not after a wait": ([WAIT, asks(IN_TIME)], [UNDECIDED]),
    "nor where the due time decided": (
        [approval("q", LI, due={"after": "P1D", "then": {"decide": "approve"}}), asks(IN_TIME)],
        [UNDECIDED],
    ),
    "what was computed from the clock stays": ([WAIT, asks(is_("<", "left", 0), None)], [UNDECIDED]),
    "a condition that reads the clock holds on the day": (
        [split("x", (is_("<", "d", "2026-12-01"), [asks(LATE, None)]), (None, []))],
        [NEVER],
    ),
    "it may not hold some days later": (
        [split("x", (is_("==", "signed", TODAY), [A, asks(is_("<", "signed", TODAY), None)]), (None, []))],
        [],
    ),
    "a step that is wrong leaves a record that the form takes": (
        [{"id": "w", "type": "wait", "for": {"after": "P3D"}}, asks({"!": [{"isEmpty": [{"var": "d"}]}]})],
        [("w", "definition")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AFTERWARDS)
def test_what_is_known_afterwards(name: str) -> None:
    steps, expected = AFTERWARDS[name]
    findings = prove(workflow(*steps), forms={"f": definition.load(FORM)}, now=NOW).findings
    assert [(one.step, one.kind) for one in findings] == expected, findings


ONCE, EVER = {"repeatApprover": "skipConsecutive"}, {"repeatApprover": "skipAny"}
FOR_GOOD = {"actions": ["approve", "reject"]}
BOTH = approval("z", LI, BOB, mode="all", **FOR_GOOD)
ONE = approval("z", LI, **FOR_GOOD)
EITHER = approval("a", LI, BOB, **FOR_GOOD)
BACK = approval("c", ROOT, actions=["approve", "return"])


def separated(*people: Any) -> Any:
    return fill("b", *people, notDoers=["a"], whenEmpty="block", fields={"n": "edit"})


PEOPLE_KNOWN: dict[str, tuple[list[Any], bool]] = {
    "either of two did it, both may": ([approval("m", {"managerOf": {"initiator": True}}), EITHER, separated(LI, BOB)], True),
    "one of them counts, the other may": ([ONE, EITHER, separated(LI, BOB)], True),
    "one of them counts, and nobody else may": ([ONE, EITHER, separated(LI)], False),
    "the other one of them": ([ONE, EITHER, separated(BOB)], True),
    "both count": ([BOTH, EITHER, separated(LI, BOB)], False),
    "the other one, but it may come back, and then nobody counts": ([ONE, EITHER, separated(BOB), BACK], False),
    "it comes back to before": (
        [ONE, EITHER, separated(BOB), {**BACK, "actions": ["approve", "reject"], "onReject": {"return": "z"}}],
        True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("settings", [ONCE, EVER])
@pytest.mark.parametrize("name", PEOPLE_KNOWN)
def test_who_may_have_done_a_step_where_some_count_as_approving(name: str, settings: Any) -> None:
    steps, somebody = PEOPLE_KNOWN[name]
    forms = {"f": definition.load(FORM)}
    findings = prove(workflow(*steps, settings=settings), forms=forms, directory=DIRECTORY, now=NOW).findings
    told = [one.kind for one in findings if one.step == "b" and one.kind in ("nobody", "undecided")]
    assert told == ([] if somebody else ["nobody"]), findings


@pytest.mark.parametrize(("needed", "short"), [(1, []), (2, ["tooFew"])])
def test_those_who_stand_in_for_nobody_may_be_too_few(needed: int, short: list[str]) -> None:
    """Root is the only admin."""
    step = approval("a", {"role": "nobody"}, mode={"count": needed})
    findings = prove(workflow(step), forms={"f": definition.load(FORM)}, directory=DIRECTORY, now=NOW).findings
    assert [one.kind for one in findings] == ["nobody", *short]


@pytest.mark.parametrize(("starts", "told"), [(["bob"], []), (["bob", "cat"], ["nobody"])])
def test_who_counts_depends_on_who_started_the_request(starts: list[str], told: list[str]) -> None:
    """Li is Bob's manager, so that `a` is done by Li; Cat's is Amy, so that Bob may have done it."""
    manager = approval("m", {"managerOf": {"initiator": True}}, **FOR_GOOD)
    document = workflow(manager, EITHER, separated(BOB), settings=ONCE, start={"who": [member(one) for one in starts]})
    findings = prove(document, forms={"f": definition.load(FORM)}, directory=DIRECTORY, now=NOW).findings
    assert [one.kind for one in findings if one.step == "b" and one.kind != "decidesOwn"] == told
