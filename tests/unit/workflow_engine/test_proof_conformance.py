"""What the proof finds, sentence by sentence of meaning.md section 5: the kinds and steps of all findings, notes too.

Each case is a form, a workflow and what is found of it; every example is replayed by the form's own validation.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from processes import PEOPLE, approval, fill, member, notify, parallel, workflow

from formloom.form_engine import definition, record
from formloom.workflow_engine.definition import load
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.findings import Finding
from formloom.workflow_engine.proof import prove
from formloom.workflow_engine.proof.finding_people import Cases
from formloom.workflow_engine.proof.records import Budget

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DIRECTORY = PeopleDirectory.from_json(PEOPLE)
PEOPLE_IDS = set(DIRECTORY.members())
LI, WANG, ROOT = member("li"), member("wang"), member("root")
INITIATOR = {"initiator": True}
NUMBER = {"type": "number"}
DATE = {"type": "string", "format": "date"}
PERSON = {"type": "string", "x-field": {"type": "member"}}
CODE = {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{2}$"}
ROWS = {
    "type": "array",
    "items": {"type": "object", "properties": {"price": {"type": "number", "minimum": 0}, "owner": PERSON}},
}
END = {"id": "e", "type": "end"}
SKIP_TO_STEP = {"settings": {"resubmit": "fromReturningStep"}}


def money(**more: Any) -> Any:
    return {"type": "number", "x-field": {"type": "money", "currency": "CNY"}, **more}


def computed(tree: Any) -> Any:
    return {"type": "number", "readOnly": True, "x-field": {"type": "money", "currency": "CNY", "compute": tree}}


def options(*values: str, **settings: Any) -> Any:
    return {"type": "string", "oneOf": [{"const": one} for one in values], "x-field": {"type": "select", **settings}}


def form(required: str = "", **fields: Any) -> Any:
    return {"$id": "f", "type": "object", "properties": fields, "required": required.split()}


def var(key: str) -> Any:
    return {"var": key}


def gt(key: Any, value: Any) -> Any:
    return {">": [var(key) if isinstance(key, str) else key, value]}


def le(key: Any, value: Any) -> Any:
    return {"<=": [var(key) if isinstance(key, str) else key, value]}


def ge(key: Any, value: Any) -> Any:
    return {">=": [var(key) if isinstance(key, str) else key, value]}


def lt(key: Any, value: Any) -> Any:
    return {"<": [var(key) if isinstance(key, str) else key, value]}


def is_(key: str, value: Any) -> Any:
    return {"==": [var(key), value]}


def split(id: str, *arms: tuple[Any, list[Any]], **more: Any) -> Any:
    branches = [{"steps": steps, **({"otherwise": True} if when is None else {"when": when})} for when, steps in arms]
    return {"id": id, "type": "branch", "branches": branches, **more}


def found(document: Any, fields: Any, people: bool = False) -> list[Finding]:
    forms = {"f": definition.load(fields)}
    return list(prove(document, forms=forms, directory=DIRECTORY if people else None, now=NOW).findings)


N = form(n=NUMBER)
A = approval("a", LI)
GAP_BELOW = split("y", (gt("n", 5), []))
SUM = computed({"sum": [{"map": [var("items"), var("price")]}]})

CONDITIONS: dict[str, tuple[Any, Any, list[tuple[str | None, str]]]] = {
    "a blank number is 0": (N, [split("x", (gt("n", 0), []), (lt("n", 0), []))], [("x", "gap")]),
    "a computed switch is on or off, never blank": (
        form(s={"type": "boolean"}, c={"type": "boolean", "x-field": {"compute": {"and": [var("s"), True]}}}),
        [split("x", ({"isEmpty": [var("c")]}, []), (None, []))],
        [("x", "neverHolds")],
    ),
    "a rule holds also where its field is irrelevant": (
        form(n=NUMBER, m={"type": "number", "x-field": {"visibleWhen": gt("n", 5)}})
        | {"x-form": {"rules": [{"when": lt("m", 3), "field": "m", "message": "No"}]}},
        [split("x", (le("n", 5), []), (None, []))],
        [("x", "neverHolds")],
    ),
    "0 is a number like any": (N, [split("x", (gt("n", 0), []), (lt("n", 0), []), (is_("n", 0), []))], []),
    "a blank date is in no order": (
        form(d=DATE),
        [split("x", (lt("d", "2026-01-01"), []), (ge("d", "2026-01-01"), []))],
        [("x", "gap")],
    ),
    "a date that is required": (
        form("d", d=DATE),
        [split("x", (le("d", "2026-01-01"), []), (ge("d", "2026-01-02"), []))],
        [],
    ),
    "two cents apart": (form(n=money()), [split("x", (le("n", 5), []), (ge("n", 5.02), []))], [("x", "gap")]),
    "one cent apart": (form(n=money()), [split("x", (le("n", 5), []), (ge("n", 5.01), []))], []),
    "a computed quotient": (
        form(n=NUMBER, t=computed({"/": [var("n"), 3]})),
        [split("x", (le("t", 0.03), []), (ge("t", 0.04), []))],
        [],
    ),
    "a division by a field that may be blank": (
        form(n=money(), m=money(), t=computed({"/": [10, var("m")]})),
        [split("x", (gt("t", 0), []), (lt("t", 0), []))],
        [("x", "gap")],
    ),
    "days between dates": (
        form("d e", d=DATE, e=DATE, t=computed({"days": [var("d"), var("e")]})),
        [split("x", (le("t", 3), []), (ge("t", 4), []))],
        [],
    ),
    "a date and some days": (
        form("d", d=DATE),
        [split("x", (gt({"dateAdd": [var("d"), 7, "days"]}, "2026-01-08"), []), (le("d", "2026-01-01"), []))],
        [],
    ),
    "weeks are whole": (
        form("d e", d=DATE, e=DATE),
        [
            split(
                "x",
                (le({"dateDiff": [var("d"), var("e"), "weeks"]}, 0), []),
                (gt({"days": [var("e"), var("d")]}, 5), []),
            )
        ],
        [("x", "overlap")],
    ),
    "an average over rows": (
        form(items=ROWS, t=computed({"average": [{"map": [var("items"), var("price")]}]})),
        [split("x", (gt("t", 60), []), (gt("t", 10), []), (le("t", 10), []))],
        [("x", "overlap")],
    ),
    "a gap in a sum of rows": (
        form(items=ROWS, t=SUM),
        [split("x", (lt("t", 9), []), (gt("t", 9), []))],
        [("x", "gap")],
    ),
    "a gap at five rows": (
        form(items=ROWS),
        [split("x", (lt({"count": [var("items")]}, 5), []), (gt({"count": [var("items")]}, 5), []))],
        [("x", "gap")],
    ),
    "another field's pattern is kept to": (form("c", n=NUMBER, c=CODE), [GAP_BELOW], [("y", "gap")]),
    "other fields' lengths are kept to": (
        form("c d", n=NUMBER, c={"type": "string", "minLength": 20}, d={"type": "string", "maxLength": 2}),
        [GAP_BELOW],
        [("y", "gap")],
    ),
    "a text that the pattern takes": (form("c", c=CODE), [split("x", (is_("c", "AB-12"), []))], [("x", "gap")]),
    "a text that the pattern refuses": (
        form("c", c=CODE),
        [split("x", (is_("c", "nope"), [A]), (None, []))],
        [("x", "neverHolds")],
    ),
    "a default is there from the start": (
        form(k={**options("a", "b"), "default": "a"}),
        [split("x", (is_("k", "a"), []), (is_("k", "b"), []))],
        [],
    ),
    "a number with a default may be 0": (
        form(n={**NUMBER, "default": 5}),
        [split("x", (gt("n", 0), []), (lt("n", 0), []))],
        [("x", "gap")],
    ),
    "a number with a computed default may be 0": (
        form(n={**NUMBER, "x-field": {"default": {"+": [var("q"), 1]}}}, q=NUMBER),
        [split("x", (gt("n", 0), []), (lt("n", 0), []))],
        [("x", "gap")],
    ),
    "options that are numbers": (
        form("n", n={"type": "integer", "enum": [1, 2]}),
        [split("x", (is_("n", 1), []), (is_("n", 2), []))],
        [],
    ),
    "options that are numbers, or blank": (
        form(n={"type": "integer", "enum": [1, 2]}),
        [split("x", (is_("n", 1), []), (is_("n", 2), []))],
        [("x", "gap")],
    ),
    "how far from 0": (N, [split("x", (ge({"abs": [var("n")]}, 3), []), (lt({"abs": [var("n")]}, 3), []))], []),
    "every number of rows that there may be": (
        form(items={**ROWS, "maxItems": 2}),
        [split("x", (ge({"sum": [{"map": [var("items"), var("price")]}]}, 0), []))],
        [],
    ),
    "an otherwise that inclusive branches leave nothing to": (
        N,
        [split("x", (gt("n", 1), []), (le("n", 1), []), (None, [A]), mode="inclusive")],
        [("a", "unreachable")],
    ),
    "an inclusive step needs no cover": (N, [split("x", (gt("n", 10), []), (gt("n", 5), []), mode="inclusive")], []),
    "an inclusive otherwise": (N, [split("x", (gt("n", 1), []), (None, [A]), mode="inclusive")], []),
}

FACTS: dict[str, tuple[Any, Any, list[tuple[str | None, str]]]] = {
    "an edit takes the outer fact away": (
        N,
        [split("x", (gt("n", 5), [fill("q", LI, fields={"n": "edit"}), GAP_BELOW]), (None, []))],
        [("y", "gap")],
    ),
    "so does an edit of what it is computed from": (
        form(n=NUMBER, t=computed({"*": [var("n"), 2]})),
        [split("x", (gt("t", 5), [fill("q", LI, fields={"n": "edit"}), split("y", (gt("t", 5), []))]), (None, []))],
        [("y", "gap")],
    ),
    "so does an edit of a column": (
        form(items=ROWS, t=SUM),
        [
            split(
                "x",
                (gt("t", 5), [fill("q", LI, fields={"items.price": "edit"}), split("y", (gt("t", 5), []))]),
                (None, []),
            )
        ],
        [("y", "gap")],
    ),
    "so does an action": (
        N,
        [
            split(
                "x",
                (gt("n", 5), [{"id": "u", "type": "action", "do": {"updateRecord": {"set": {"n": 1}}}}, GAP_BELOW]),
                (None, []),
            )
        ],
        [("y", "neverHolds"), ("y", "gap")],
    ),
    "so does an edit in a branch beside it": (
        N,
        [split("x", (gt("n", 5), [parallel("p", [fill("q", LI, fields={"n": "edit"})], [A, GAP_BELOW])]), (None, []))],
        [("y", "gap")],
    ),
    "what all arms that go on have in common": (
        N,
        [
            split("x", (gt("n", 10), []), (lt("n", 5), []), (None, [END])),
            split("y", (gt("n", 10), []), (lt("n", 5), [])),
        ],
        [],
    ),
    "a field that a step required": (
        N,
        [fill("q", LI, fields={"n": "required"}), split("y", ({"!": [{"isEmpty": [var("n")]}]}, []))],
        [],
    ),
    "every field that a step required": (
        form(n=NUMBER, t=computed({"*": [var("n"), 2]})),
        [fill("q", LI, fields={"*": "required"}), split("y", ({"!": [{"isEmpty": [var("n")]}]}, []))],
        [],
    ),
    "an irrelevant field is not there although a step required it": (
        form("k", k=options("a", "b"), n={**NUMBER, "x-field": {"visibleWhen": is_("k", "a")}}),
        [fill("q", LI, fields={"n": "required"}), split("y", (is_("k", "a"), []))],
        [("y", "gap")],
    ),
}

STRUCTURE: dict[str, tuple[Any, Any, list[tuple[str | None, str]]]] = {
    "a due time that approves is a way on": (
        N,
        [
            approval("a", LI, actions=["transfer"], due={"after": "P1D", "then": {"decide": "approve"}}),
            approval("b", LI),
        ],
        [],
    ),
    "a due time that rejects is a way to end": (
        N,
        [approval("a", LI, actions=["transfer"], due={"after": "P1D", "then": {"decide": "reject"}})],
        [],
    ),
    "each place where a process stops": (
        N,
        [
            split(
                "x",
                (gt("n", 5), [approval("a", LI, actions=["return"])]),
                (None, [approval("b", LI, actions=["return"])]),
            )
        ],
        [("a", "noEnd"), ("b", "noEnd")],
    ),
    "it stops at the branch that stops": (
        N,
        [parallel("p", [approval("a", LI, actions=["approve"])], [approval("b", LI, actions=["return"])])],
        [("b", "noEnd")],
    ),
    "a join of no branch": (N, [parallel("p", [A], [], join=0)], [("p", "join")]),
    "nothing behind a join that is never met": (
        N,
        [parallel("p", [A], [], join=3), approval("b", LI)],
        [("p", "join")],
    ),
    "beside an id twice": (N, [A, approval("a", LI), GAP_BELOW], [("a", "definition"), ("y", "gap")]),
    "beside a step without an id": (
        N,
        [{"type": "notify", "to": [LI]}, GAP_BELOW],
        [(None, "definition"), ("y", "gap")],
    ),
    "beside an unknown type": (N, [{"id": "a", "type": "aproval"}, GAP_BELOW], [("a", "definition"), ("y", "gap")]),
    "nothing is learnt from a condition that is wrong": (
        N,
        [split("x", (gt("zz", 5), []), (gt("n", 3), [split("y", (gt("n", 5), [A]), (None, []))]), (None, []))],
        [("x", "definition")],
    ),
    "a step that is wrong may change anything": (
        N,
        [split("x", (gt("n", 5), [{"id": "q", "type": "fil", "fields": {"n": "edit"}}, GAP_BELOW]), (None, []))],
        [("q", "definition"), ("y", "gap")],
    ),
}


@pytest.mark.parametrize("name", [*CONDITIONS, *FACTS, *STRUCTURE])
def test_this_is_found_and_nothing_else(name: str) -> None:
    fields, steps, expected = {**CONDITIONS, **FACTS, **STRUCTURE}[name]
    findings = found(workflow(*steps), fields)
    assert [(finding.step, finding.kind) for finding in findings] == expected, findings


@pytest.mark.parametrize("name", [*CONDITIONS, *FACTS])
def test_every_example_is_a_valid_record(name: str) -> None:
    fields, steps, _ = {**CONDITIONS, **FACTS}[name]
    for finding in found(workflow(*steps), fields):
        if finding.example is not None:
            settled = record.settle(definition.load(fields), finding.example["record"], record.Context(now=NOW))
            assert settled.record == finding.example["record"], settled.errors


def test_what_the_initiator_changed_before_coming_straight_back_is_not_known_beside() -> None:
    """A fact learnt in one branch of a parallel step does not outlive a return to the initiator from another."""
    sides = parallel("p", [approval("r", LI)], [approval("b", LI, actions=["approve"]), GAP_BELOW])
    steps = [split("x", (gt("n", 5), [sides]), (None, []))]
    assert [(one.step, one.kind) for one in found(workflow(*steps), N)] == []
    assert [(one.step, one.kind) for one in found(workflow(*steps, **SKIP_TO_STEP), N)] == [("y", "gap")]


def test_whoever_edits_a_required_field_beside_must_fill_it() -> None:
    fields = form("k", k=options("a", "b"), n=NUMBER)
    sides = parallel(
        "p", [approval("r", LI)], [approval("b", LI), split("y", (is_("k", "a"), []), (is_("k", "b"), []))]
    )
    assert found(workflow(sides, **SKIP_TO_STEP), fields) == []
    joined = [parallel("p", [fill("r", LI, fields={"k": "edit"})], [approval("b", LI)], join="any")]
    assert found(workflow(*joined, split("y", (is_("k", "a"), []), (is_("k", "b"), []))), fields) == []


def test_what_begins_at_once_knows_what_was_known_before_it() -> None:
    """Time passes beside a branch only where the branch waits itself."""
    sides = parallel("p", [fill("q", LI, fields={"n": "edit"})], [notify("t", LI), GAP_BELOW])
    assert found(workflow(split("x", (gt("n", 5), [sides]), (None, []))), N) == []


def test_a_return_from_what_is_never_reached_changes_nothing() -> None:
    """`r` could send the request back to `y` after an edit, but only if `y` could be left without the condition."""
    never = split("z", (le("n", 5), [fill("q", LI, fields={"n": "edit"}), approval("r", LI)]), (None, []))
    steps = [split("x", (gt("n", 5), [GAP_BELOW, never]), (None, []))]
    assert [(one.step, one.kind) for one in found(workflow(*steps), N)] == [("z", "neverHolds")]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"assignees": [{"managerOf": INITIATOR}], "whenEmpty": "skip"}, ["nobody", "gap"]),
        ({"assignees": [LI], "whenEmpty": "skip"}, []),
        ({"assignees": [LI], "due": {"after": "P1D", "then": {"decide": "done"}}}, ["gap"]),
    ],
)
def test_a_step_that_may_be_passed_by_nobody_asks_nobody(step: Any, expected: list[str]) -> None:
    steps = [{"id": "q", "type": "fill", "fields": {"n": "required"}, **step}]
    steps.append(split("y", ({"!": [{"isEmpty": [var("n")]}]}, [])))
    assert [one.kind for one in found(workflow(*steps), N, people=True)] == expected


def test_a_required_field_may_be_blank_until_a_step_may_edit_it() -> None:
    fields = form("n k", n={"type": "number", "minimum": 1}, k=options("a", "b"))
    steps = [split("y", (ge("n", 1), [])), fill("q", LI, fields={"n": "edit"}), split("z", (ge("n", 1), []))]
    gap, *others = found(workflow(*steps, start={"fields": {"n": "hidden"}}), fields)
    assert (gap.step, gap.kind, others) == ("y", "gap", [])
    assert gap.example is not None
    assert set(gap.example["record"]) == {"k"}


def test_an_example_has_what_the_form_requires_wherever_it_can() -> None:
    """Also where no step has asked for it so far: what is blank counts as 0, and so does 0."""
    fields = form("n k", n=NUMBER, k=options("a", "b"))
    steps = [split("y", (gt("n", 0), []), (lt("n", 0), [])), fill("q", LI, fields={"n": "edit"})]
    (gap,) = found(workflow(*steps, start={"fields": {"n": "hidden"}}), fields)
    assert gap.example is not None
    assert gap.example["record"]["n"] == 0
    assert record.settle(definition.load(fields), gap.example["record"], record.Context(now=NOW)).valid


NEVER: dict[str, tuple[Any, Any, list[tuple[str | None, str]]]] = {
    "hidden at the start and read at every step": (
        {"n": NUMBER},
        {},
        [("y", "neverHolds"), ("y", "gap")],
    ),
    "read-only in the form": (
        {"n": NUMBER | {"readOnly": True}},
        {"start": {}},
        [("y", "neverHolds"), ("y", "gap")],
    ),
    "filled by its default": ({"n": NUMBER | {"default": 7}}, {}, []),
    "filled by a default that is computed": (
        {"m": NUMBER | {"default": 7}, "n": {**NUMBER, "x-field": {"default": {"+": [var("m"), 1]}}}},
        {"start": {"fields": {"*": "hidden"}}},
        [],
    ),
    "filled by a later step": (
        {"n": NUMBER},
        {"steps": [A, GAP_BELOW, fill("q", LI, fields={"n": "edit"})]},
        [("y", "gap")],
    ),
    "set by an action": (
        {"n": NUMBER},
        {"steps": [A, GAP_BELOW, {"id": "u", "type": "action", "do": {"updateRecord": {"set": {"n": 1}}}}]},
        [("y", "gap")],
    ),
    "changed by other doors": ({"n": NUMBER}, {"settings": {"lock": False}}, [("y", "gap")]),
}


@pytest.mark.parametrize("name", NEVER)
def test_what_nobody_can_ever_fill_in_is_blank(name: str) -> None:
    fields, more, expected = NEVER[name]
    document = {"steps": [A, GAP_BELOW], "start": {"fields": {"n": "hidden"}}} | more
    assert [(one.step, one.kind) for one in found(document, form(**fields))] == expected


def test_a_branch_that_has_not_begun_when_another_sends_the_request_back_begins_with_what_it_is_then() -> None:
    """`a` asks for two people and finds one, so that the request is back with its initiator before `y` is reached."""
    short = approval("a", LI, mode={"count": 2}, onReject="initiator")
    steps = [split("x", (gt("n", 5), [parallel("p", [short], [GAP_BELOW])]), (None, []))]
    findings = found(workflow(*steps, **SKIP_TO_STEP), N, people=True)
    assert ("y", "gap") in [(one.step, one.kind) for one in findings]
    assert ("y", "gap") not in [(one.step, one.kind) for one in found(workflow(*steps), N, people=True)]


@pytest.mark.parametrize(("mode", "expected"), [("any", []), ("all", ["gap"])])
def test_what_was_changed_by_those_who_approved_before_another_sends_it_back(mode: str, expected: list[str]) -> None:
    """`y` may be returned to; with one approver nothing was saved by then."""
    edits = approval("q", LI, WANG, fields={"n": "edit"}, mode=mode)
    steps = [split("y", ({"!": [{"isEmpty": [var("n")]}]}, [])), edits]
    document = workflow(*steps, start={"fields": {"n": "required"}})
    assert [one.kind for one in found(document, form(n=NUMBER, k=options("a", "b")))] == expected


def test_a_branch_behind_a_join_that_is_met_at_once_is_never_begun() -> None:
    steps = [parallel("p", [notify("t", LI)], [GAP_BELOW], join="any")]
    assert [(one.step, one.kind) for one in found(workflow(*steps), N)] == [("y", "unreachable")]
    assert [(one.step, one.kind) for one in found(workflow(parallel("p", [A], [GAP_BELOW], join="any")), N)] == [
        ("y", "gap")
    ]


def test_a_step_that_finds_nobody_goes_on_where_its_due_time_decides() -> None:
    due = {"after": "P1D", "then": {"decide": "approve"}}
    steps = [approval("a", {"role": "nobody"}, whenEmpty="block", due=due), approval("b", LI)]
    kinds = [(one.step, one.kind) for one in found(workflow(*steps), N, people=True)]
    assert kinds == [("a", "nobody"), ("b", "decidesOwn")]


def test_who_did_a_step_was_found_by_the_record_as_it_was_then() -> None:
    """`c` may change the owner in between, so that Li, who heads the owner's department, has done `a` and may not do `b`."""
    steps = [
        approval("a", {"headOf": {"field": "owner"}}, whenEmpty="block", actions=["approve"]),
        fill("c", ROOT, fields={"owner": "edit"}),
        split("x", ({"isEmpty": [var("owner")]}, [fill("b", LI, notDoers=["a"])]), (None, [])),
    ]
    findings = found(workflow(*steps), form(owner=PERSON), people=True)
    assert ("b", "nobody") in [(one.step, one.kind) for one in findings]


def test_the_commands_to_where_it_stops() -> None:
    steps = [approval("a", LI, actions=["approve"]), approval("b", LI, actions=["return"])]
    (finding,) = found(workflow(*steps), N)
    assert (finding.step, finding.kind, finding.example) == ("b", "noEnd", {"commands": ["start", "a=approve"]})
    assert finding.message.endswith(": the request is submitted, “a” is approved.")


def test_commands_of_branches_that_come_apart_are_told_one_by_one() -> None:
    sides = parallel("p", [approval("a", LI, actions=["approve"])], [fill("c", LI, fields={"n": "edit"})])
    (finding,) = found(workflow(sides, approval("b", LI, actions=["return"], title="Office")), N)
    assert finding.example == {"commands": ["start", "a=approve", "c=done"]}


def test_what_was_not_decided_names_the_part() -> None:
    fields = form(items=ROWS, c={"type": "string"}, t=SUM)
    prefix = {"startsWith": [var("c"), "x"]}
    findings = found(workflow(split("x", ({"contains": [var("c"), "x"]}, []), (prefix, []), (None, []))), fields)
    assert [one.kind for one in findings] == ["undecided", "overlap"]
    assert findings[0].message.endswith("nothing can be told beforehand about CONTAINS, STARTSWITH.")
    dearest = {"max": [{"map": [var("items"), var("price")]}]}
    all_together = {"sum": [{"map": [var("items"), var("price")]}]}
    (rows,) = found(workflow(split("x", ({">": [dearest, all_together]}, []), (None, []))), fields)
    assert "the rows of “items”" in rows.message


def test_a_parallel_step_waits_for_something() -> None:
    (none, *_) = found(workflow(parallel("p", [A], join=0)), N)
    assert none.message == "The step must wait for at least one branch."


@pytest.mark.parametrize("read", [{"var": "n"}, {"var": ["n"]}, {"val": "n"}, {"val": ["n"]}, {"+": [{"var": "n"}, 1]}])
def test_an_action_reads_what_nobody_can_fill_in(read: Any) -> None:
    step = {"id": "u", "type": "action", "do": {"createRecord": {"form": "other", "set": {"m": read}}}}
    findings = found(workflow(step, start={"fields": {"n": "hidden"}}), N)
    assert [(one.step, one.kind) for one in findings] == [("u", "neverFilled")]


def test_it_belongs_to_the_only_form_or_says_which() -> None:
    only = definition.load({"type": "object", "properties": {"n": NUMBER}})
    proof = prove(workflow(GAP_BELOW, form="whatever"), forms={"": only}, now=NOW)
    assert [(one.step, one.kind) for one in proof.findings] == [("y", "gap")]
    two = {key: definition.load({**N, "$id": key}) for key in ("one", "two")}
    findings = prove(workflow(GAP_BELOW), forms=two, now=NOW).findings
    assert [(one.step, one.kind, one.pointer) for one in findings] == [(None, "definition", "")]


PEOPLE_CASES: dict[str, tuple[Any, Any, list[tuple[str | None, str]]]] = {
    "the manager of who did it": ([approval("a", LI), fill("b", {"managerOf": {"doer": "a"}})], {}, []),
    "the top of the chain did it": (
        [approval("a", ROOT), fill("b", {"managerOf": {"doer": "a"}})],
        {},
        [("b", "nobody")],
    ),
    "one of two who may do it has nobody above": (
        [approval("a", LI, ROOT), fill("b", {"managerOf": {"doer": "a"}})],
        {},
        [("b", "nobody")],
    ),
    "both did it, and one has somebody above": (
        [approval("a", LI, ROOT, mode="all"), fill("b", {"managerOf": {"doer": "a"}})],
        {},
        [],
    ),
    "who did a step that was skipped": (
        [approval("a", {"managerOf": INITIATOR}, whenEmpty="skip"), fill("b", {"doer": "a"})],
        {},
        [("a", "nobody"), ("b", "nobody")],
    ),
    "nothing is said of what lies behind a step that never finds anybody": (
        [approval("a", {"role": "nobody"}, whenEmpty="block"), fill("b", {"managerOf": INITIATOR})],
        {},
        [("a", "nobody")],
    ),
    "who did a step that waited": (
        [approval("a", {"managerOf": INITIATOR}, whenEmpty="block"), fill("b", {"doer": "a"})],
        {},
        [("a", "nobody")],
    ),
    "who did a notice": ([notify("a", LI), fill("b", {"doer": "a"})], {}, [("b", "nobody")]),
    "a condition inside": ([fill("b", {"managerOf": {"member": "li", "when": gt("n", 5)}})], {}, [("b", "nobody")]),
    "several people in a field": ([fill("b", {"managerOf": {"field": "many"}})], {}, [("b", "nobody")]),
    "rows that name nobody": ([fill("b", {"field": "items.owner"})], {}, [("b", "nobody")]),
    "rows that name one person": (
        [fill("b", {"field": "items.owner"}, mode={"count": 2}, whenEmpty="skip")],
        {},
        [("b", "nobody"), ("b", "tooFew")],
    ),
    "separated from whom a row names": (
        [approval("a", {"field": "items.owner"}, whenEmpty="block"), fill("b", LI, notDoers=["a"])],
        {},
        [("a", "nobody"), ("b", "nobody")],
    ),
    "whoever a field names may start": (
        [fill("b", {"managerOf": INITIATOR})],
        {"start": {"who": [{"field": "owner"}]}},
        [("b", "nobody")],
    ),
    "nobody without a manager may start": (
        [fill("b", {"managerOf": INITIATOR})],
        {"start": {"who": [{"department": "north"}]}},
        [],
    ),
    "separated from who did it": ([approval("a", LI), fill("b", LI, notDoers=["a"])], {}, [("b", "nobody")]),
    "separated from one of two": ([approval("a", LI, WANG), fill("b", LI, WANG, notDoers=["a"])], {}, []),
    "separated from both": (
        [approval("a", LI, WANG, mode="all"), fill("b", LI, WANG, notDoers=["a"])],
        {},
        [("b", "nobody")],
    ),
    "whoever did it is one person, not two": (
        [approval("a", LI, WANG), fill("b", {"doer": "a"}, LI, WANG, notDoers=["a"])],
        {},
        [],
    ),
    "too few are left": (
        [approval("a", LI, WANG), fill("b", LI, WANG, mode={"count": 2}, notDoers=["a"])],
        {},
        [("b", "tooFew")],
    ),
    "separated from several whom rows name": (
        [approval("a", {"field": "items.owner"}, whenEmpty="block"), fill("b", WANG, ROOT, notDoers=["a"])],
        {},
        [("a", "nobody"), ("b", "undecided")],
    ),
    "separated from the initiator": (
        [fill("b", INITIATOR, whenEmpty="block", notDoers=["initiator"])],
        {},
        [("b", "nobody")],
    ),
}


@pytest.mark.parametrize("name", PEOPLE_CASES)
def test_whom_a_step_does_not_find(name: str) -> None:
    steps, more, expected = PEOPLE_CASES[name]
    many = {"type": "array", "items": {"type": "string"}, "x-field": {"type": "member", "multiple": True}}
    fields = form(n=NUMBER, owner=PERSON, many=many, items=ROWS)
    findings = found(workflow(*steps, **more), fields, people=True)
    told = [(one.step, one.kind) for one in findings if one.kind not in ("decidesOwn", "nothingToFill")]
    assert told == expected, findings


def test_people_and_departments_are_called_by_their_names_in_sentences() -> None:
    fields = form("owner unit", owner=PERSON, unit={"type": "string", "x-field": {"type": "department"}})
    steps = [
        split("x", (is_("owner", "li"), [fill("b", {"managerOf": {"field": "owner"}})]), (is_("unit", "team"), [])),
        fill("c", {"managerOf": {"field": "owner"}}, whenEmpty="skip"),
    ]
    gap, nobody = (one for one in found(workflow(*steps), fields, people=True) if one.kind in ("gap", "nobody"))
    assert gap.example is not None
    named = gap.example["record"]
    assert DIRECTORY.name(named["owner"]) in gap.message
    assert DIRECTORY.department_name(named["unit"]) in gap.message
    assert named["owner"] in PEOPLE_IDS
    assert nobody.example is not None
    assert DIRECTORY.name(nobody.example["record"]["owner"]) in nobody.message


def test_findings_name_steps_of_the_definition_only() -> None:
    """The second `a` is called something else while the rest is looked at."""
    steps = [approval("a", LI), parallel("p", [approval("a", LI)]), approval("b", LI)]
    findings = found(workflow(*steps), N, people=True)
    assert [(one.step, one.kind) for one in findings] == [("a", "definition"), ("b", "decidesOwn")]


def test_a_text_that_no_condition_reads_is_a_sample() -> None:
    fields = form("c k", c={"type": "string"}, k=options("gift", "money"), n=NUMBER)
    (gap,) = (
        one
        for one in found(workflow(split("y", (gt("n", 5), []), (is_("k", "gift"), []))), fields)
        if one.kind == "gap"
    )
    assert gap.example is not None
    assert gap.example["record"]["c"] == "Sample text"


def test_many_people_and_long_chains_of_separated_duties_stay_few_cases() -> None:
    departments = [{"id": f"d{n}", "name": "D", "parent": None, "head": f"m{n}"} for n in range(10)]
    members = [{"id": f"m{n}", "name": "M", "department": f"d{n % 10}"} for n in range(60)]
    directory = PeopleDirectory.from_json({"departments": departments, "members": members})
    chain = [
        approval(f"a{n}", {"managerOf": {"field": "owner"}}, notDoers=[f"a{n - 1}"] if n else ["initiator"])
        for n in range(8)
    ]
    loaded = load(workflow(*chain), definition.load(form(owner=PERSON)))
    cases = Cases(loaded, directory, Budget())
    assert max(len(cases.of_step(step, "m1")) for step in loaded.in_order()) == 11
    late = Cases(loaded, directory, Budget(seconds=0))
    assert [case.known for case in late.of_step(loaded.steps["a0"], "m1")] == [False]


@pytest.mark.parametrize("join", ["all", "any", 5])
def test_many_branches_that_come_to_their_ends_are_few_states(join: Any) -> None:
    arms = [[approval(f"a{arm}{step}", LI) for step in range(3)] for arm in range(8)]
    loaded = {"f": definition.load(N)}
    proof = prove(workflow(parallel("p", *arms, join=join), approval("z", LI)), forms=loaded, now=NOW)
    assert (proof.findings, proof.explored.complete) == ((), True)
    assert proof.explored.states < 100


def test_a_branch_that_never_comes_to_its_end_is_found_among_others_that_do() -> None:
    stuck = [approval("s", LI, actions=["approve"]), approval("t", LI, actions=["return"])]
    arms = [[approval(f"a{arm}", LI, actions=["approve"])] for arm in range(3)]
    back = {"settings": {"resubmit": "fromReturningStep"}}
    findings = found(workflow(parallel("p", *arms, stuck), approval("z", LI), **back), N)
    assert [(one.step, one.kind) for one in findings] == [("t", "noEnd")]
    assert found(workflow(parallel("p", *arms, stuck, join="any"), approval("z", LI), **back), N) == []
