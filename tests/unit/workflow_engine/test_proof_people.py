"""What the proof says of people: who stands in is barred, too; who may not start is not asked; who cannot have approved
before lets no step be skipped; and a company of thousands is no harder than one of ten."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from time import monotonic
from typing import Any

import pytest
from processes import PEOPLE, Process, approval, branch, fill, form, member, parallel, run, workflow

from formloom.form_engine import definition
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e
from formloom.workflow_engine.definition import load
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.findings import Finding
from formloom.workflow_engine.proof import prove
from formloom.workflow_engine.proof.finding_people import Cases
from formloom.workflow_engine.proof.people import Skipping
from formloom.workflow_engine.proof.records import Budget

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DIRECTORY = PeopleDirectory.from_json(PEOPLE)
ADMINS = PeopleDirectory.from_json(
    {**PEOPLE, "members": [{**one, "admin": one["id"] in ("root", "wang")} for one in PEOPLE["members"]]}
)
LI, WANG, HR, NOBODY, INITIATOR = member("li"), member("wang"), {"role": "hr"}, {"role": "nobody"}, {"initiator": True}
MANAGER, OWNER, CHOSEN = {"managerOf": INITIATOR}, {"field": "owner"}, {"chosenBy": "initiator"}
TWO = {"mode": {"count": 2}}
NOTE = {"fields": {"*": "read", "note": "required"}}
GAP = branch("y", ({"!": [{"isEmpty": [{"var": "note"}]}]}, []))
SMALL = {"==": [{"var": "amount"}, 1]}


def found(document: Any, people: PeopleDirectory = DIRECTORY) -> list[Finding]:
    document = {"form": "request", **document}
    return list(prove(document, forms={"request": form()}, directory=people, now=NOW).findings)


def kinds(findings: list[Finding], *wanted: str) -> list[tuple[str | None, str]]:
    return [(one.step, one.kind) for one in findings if one.kind in wanted]


# those who stand in for nobody

TOO_FEW: dict[str, tuple[Any, PeopleDirectory, list[tuple[str, str]]]] = {
    "of two who stand in, one has started": (
        workflow(approval("a", NOBODY, whenEmpty=HR, notDoers=["initiator"], **TWO)),
        DIRECTORY,
        [("a", "tooFew")],
    ),
    "of two admins, one has started": (
        workflow(approval("a", NOBODY, whenEmpty="admin", notDoers=["initiator"], **TWO)),
        ADMINS,
        [("a", "tooFew")],
    ),
    "of two who stand in, one has approved before": (
        workflow(approval("a", HR), approval("b", NOBODY, whenEmpty=HR, notDoers=["a"], **TWO)),
        DIRECTORY,
        [("b", "tooFew")],
    ),
    "whoever approved before is not among those who stand in": (
        workflow(approval("a", LI), approval("b", NOBODY, whenEmpty=HR, notDoers=["a"], **TWO)),
        DIRECTORY,
        [],
    ),
    "the only one who stands in has started: that is nobody, not too few": (
        workflow(approval("a", NOBODY, whenEmpty=LI, notDoers=["initiator"], **TWO), start={"who": [LI]}),
        DIRECTORY,
        [],
    ),
}


@pytest.mark.parametrize("name", TOO_FEW)
def test_separated_duties_bar_those_who_stand_in(name: str) -> None:
    document, people, expected = TOO_FEW[name]
    findings = [one for one in found(document, people) if one.kind == "tooFew"]
    assert kinds(findings, "tooFew") == expected
    for one in findings:
        example = one.example or {}
        ran = run(document, example["record"], by=example["member"], people=people)
        assert (ran.entries[-1].step, ran.entries[-1].result) == (one.step, "rejected")


# what a step asks for, where it may be skipped


def gap(*steps: Any, **settings: Any) -> bool:
    """Whether it may be that nobody was asked for the note."""
    start = {"start": settings.pop("start")} if "start" in settings else {}
    document = workflow(*steps, GAP, settings=settings, **start)
    return kinds(found(document), "gap") != []


def test_only_who_may_start_decides_whether_a_step_is_skipped() -> None:
    ask = fill("q", MANAGER, whenEmpty="skip", **NOTE)
    assert not gap(ask, start={"who": [{"department": "north", "below": True}]})
    assert gap(ask)
    assert not gap(approval("q", LI, **NOTE), ownRequest="skip", start={"who": [{"department": "office"}]})
    assert gap(approval("q", LI, **NOTE), ownRequest="skip", start={"who": [{"department": "north"}]})
    assert gap(approval("q", CHOSEN, **NOTE), ownRequest="skip")


def test_what_a_step_that_waits_for_ever_leaves_unreached_is_for_those_who_may_start() -> None:
    steps = [approval("a", MANAGER, whenEmpty="block"), approval("b", NOBODY, whenEmpty="block")]
    blocked = found(workflow(*steps, start={"who": [member("root")]}))
    assert kinds(blocked, "nobody", "unreachable") == [("a", "nobody")]
    assert kinds(found(workflow(*steps)), "nobody", "unreachable") == [("a", "nobody"), ("b", "nobody")]
    nobody_starts = found(workflow(approval("a", LI, whenEmpty="block"), start={"who": [NOBODY]}))
    assert kinds(nobody_starts, "nobody", "unreachable") == []


ASK = approval("q", WANG, **NOTE)
ALL_HR = approval("q", HR, mode="all", **NOTE)
REPEATED: dict[str, tuple[list[Any], tuple[bool, bool]]] = {
    "somebody else": ([approval("a", LI), ASK], (False, False)),
    "the same": ([approval("a", WANG), ASK], (True, True)),
    "somebody else, and before that the same": ([approval("a", WANG), approval("b", LI), ASK], (False, True)),
    "a fill approves nothing": ([fill("a", WANG, fields={"*": "edit"}), ASK], (False, False)),
    "whom the record names": ([approval("a", OWNER), ASK], (True, True)),
    "whom the initiator chooses": ([approval("a", CHOSEN), ASK], (True, True)),
    "the initiator chooses whom to ask": ([approval("a", LI), approval("q", CHOSEN, **NOTE)], (True, True)),
    "nobody before": ([approval("q", CHOSEN, **NOTE)], (False, False)),
    "who stands in": ([approval("a", NOBODY, whenEmpty=WANG), ASK], (True, True)),
    "passed on": ([approval("a", LI, actions=["approve", "transfer"]), ASK], (True, True)),
    "signed by others": ([approval("a", LI, actions=["approve", "addSigner"]), ASK], (True, True)),
    "escalated": ([approval("a", LI, due={"after": "P1D", "then": {"escalate": {"level": 1}}}), ASK], (True, True)),
    "in a branch": ([branch("x", (SMALL, [approval("a", WANG)]), (None, [])), ASK], (True, True)),
    "perhaps somebody else between": (
        [approval("a", WANG), branch("x", (SMALL, [approval("b", LI)]), (None, [])), ASK],
        (True, True),
    ),
    "in another branch": ([branch("x", (SMALL, [approval("a", WANG, **NOTE)]), (None, [ASK]))], (False, False)),
    "side by side": ([parallel("p", [ASK], [approval("a", WANG)])], (True, True)),
    "side by side, somebody else": ([parallel("p", [ASK], [approval("a", LI)])], (False, False)),
    "afterwards": ([ASK, approval("z", WANG)], (False, False)),
    "all, and one approved": ([approval("a", HR), ALL_HR], (False, False)),
    "all, and all approved": ([approval("a", HR, mode="all"), ALL_HR], (True, True)),
    "all, and one approved twice": ([approval("a", HR), approval("b", HR), ALL_HR], (False, True)),
    "all, and all approved, one again": ([approval("a", HR, mode="all"), approval("b", HR), ALL_HR], (True, True)),
}


@pytest.mark.parametrize("name", REPEATED)
def test_a_step_is_skipped_for_those_only_who_may_have_approved_before(name: str) -> None:
    steps, (consecutive, ever) = REPEATED[name]
    assert gap(*steps, repeatApprover="skipConsecutive") is consecutive
    assert gap(*steps, repeatApprover="skipAny") is ever


def test_one_who_approved_and_the_initiator_are_two() -> None:
    assert gap(approval("a", HR), ALL_HR, repeatApprover="skipConsecutive", ownRequest="skip")


# the same, of processes at random


class Random:
    """Workflows at random in which steps may be skipped, and processes of them."""

    def __init__(self, seed: int) -> None:
        self.any = random.Random(seed)
        self.names = (f"s{number}" for number in count())

    def document(self) -> Any:
        settings = {
            "repeatApprover": self.any.choice(["skipConsecutive", "skipAny"]),
            "ownRequest": self.any.choice(["decide", "decide", "skip", "goToManager"]),
            "resubmit": self.any.choice(["fromStart", "fromReturningStep"]),
        }
        start = {"start": {"who": [self.any.choice([HR, {"role": "finance"}, {"department": "team"}])]}}
        return workflow(*self.steps(0), settings=settings, **(start if self.any.random() < 0.3 else {}))

    def steps(self, depth: int) -> list[Any]:
        return [self.step(depth) for _ in range(self.any.choice([1, 2] if depth else [2, 3]))]

    def step(self, depth: int) -> Any:
        kind = self.any.choice(["approval"] * 5 + ["fill", "parallel", "branch"])
        name = next(self.names)
        if depth > 1 or kind in ("approval", "fill"):
            return self.by_people(name, kind == "fill")
        arms = [self.steps(depth + 1) for _ in range(2)]
        if kind == "parallel":
            return parallel(name, *arms, join=self.any.choice(["all", "all", "any"]))
        return branch(name, (SMALL, arms[0]), (None, arms[1]), mode=self.any.choice(["exclusive", "inclusive"]))

    def by_people(self, name: str, filled: bool) -> Any:
        who = self.any.sample([LI, WANG, HR, member("amy"), OWNER, MANAGER, INITIATOR], self.any.choice([1, 1, 2]))
        more: dict[str, Any] = {"whenEmpty": self.any.choice(["admin", "skip", LI, HR])}
        if self.any.random() < 0.3:
            more["notDoers"] = ["initiator"]
        if filled:
            return fill(name, *who, **more)
        actions = self.any.choice([["return"], ["return"], [], ["transfer"], ["addSigner"]])
        more["mode"] = self.any.choice(["any", "any", "all", "sequence", {"count": 2}])
        return approval(name, *who, actions=["approve", *actions], **more)

    def walk(self, document: Any) -> Iterator[str]:
        """The steps that were skipped."""
        names = [None, *DIRECTORY.members()]
        record = {"amount": self.any.choice([1, 2]), "owner": self.any.choice(names)}
        process = Process(document, {key: value for key, value in record.items() if value is not None})
        if process.do(c.Start(self.any.choice(DIRECTORY.members()), {})):
            for _ in range(14):
                if process.outcome is None:
                    self.move(process)
        yield from (one.step for one in process.happened(e.StepLeft) if one.result == "skipped")

    def move(self, process: Process) -> None:
        if process.now.back is not None:
            process.do(c.Resubmit(process.now.initiator, None))
        tasks = list(process.now.open_tasks)
        if not tasks:
            return
        task, somebody = self.any.choice(tasks), self.any.choice(DIRECTORY.members())
        step = process.workflow.steps[task.step]
        match self.any.choice([*step.spec.actions, "approve"]):
            case "return":
                target = self.any.choice(["initiator", *process.workflow.surely_before(step.id)])
                process.do(c.Decide(task.member, task.id, "return", target))
            case "transfer":
                process.do(c.Transfer(task.member, task.id, somebody))
            case "addSigner":
                process.do(c.AddSigner(task.member, task.id, somebody, self.any.choice(["before", "after", "beside"])))
            case _:
                process.do(c.Decide(task.member, task.id, step.type.yes))  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(60))
def test_every_step_that_a_process_skips_may_be_skipped(seed: int) -> None:
    chance = Random(seed)
    document = chance.document()
    loaded = load(document, form())
    skipping = Skipping(Cases(loaded, DIRECTORY, Budget()))
    people = [step for step in loaded.in_order() if step.type.decided_by_people]
    may = {step.id for step in people if skipping.may_be_skipped(step)}
    for _ in range(8):
        assert {*chance.walk(document)} <= may


# very many people


def company(size: int, *hr: int) -> PeopleDirectory:
    return PeopleDirectory.from_json(
        {
            "departments": [{"id": "all", "name": "All", "parent": None, "head": "m0"}],
            "roles": [{"id": "hr", "name": "HR"}],
            "members": [
                {"id": f"m{n}", "name": f"M {n}", "department": "all", "roles": ["hr"] if n in hr else []}
                for n in range(size)
            ],
        }
    )


@pytest.mark.parametrize("size", [300, 3000])
def test_of_very_many_members_those_are_asked_about_for_whom_it_matters(size: int) -> None:
    steps = [approval("b", OWNER), approval("d", HR, notDoers=["b", "initiator"])]
    document = {"form": "request", **workflow(*steps)}
    proof = prove(document, forms={"request": form()}, directory=company(size, 0, 1), now=NOW, clock=monotonic)
    assert kinds(list(proof.findings), "nobody", "undecided") == [("b", "nobody"), ("d", "nobody")]
    assert proof.explored.complete


def test_whom_the_workflow_finds_in_another_way_too_is_tried_however_late_they_stand() -> None:
    steps = [approval("b", OWNER), approval("d", HR, notDoers=["b", "initiator"])]
    findings = found(workflow(*steps, start={"who": [HR]}), company(1000, 998, 999))
    assert kinds(findings, "nobody") == [("b", "nobody"), ("d", "nobody")]
    alone = found(workflow(approval("b", OWNER, notDoers=["initiator"]), start={"who": [HR]}), company(1000, 999))
    examples = [one.example or {} for one in alone if one.kind == "nobody"]
    assert [example["member"] for example in examples] == ["m999"]


def test_where_many_more_are_found_than_are_barred_nobody_is_counted_one_by_one() -> None:
    steps = [approval("b", OWNER), approval("d", HR, notDoers=["b", "initiator"], mode={"count": 3})]
    document = {"form": "request", **workflow(*steps)}
    people = company(3000, *range(0, 3000, 7))
    proof = prove(document, forms={"request": form()}, directory=people, now=NOW, clock=monotonic)
    assert kinds(list(proof.findings), "nobody", "tooFew", "undecided") == [("b", "nobody")]
    assert kinds(found(document, company(300, 0, 1, 2, 3)), "tooFew") == [("d", "tooFew")]


def test_the_example_of_a_skipped_step_names_those_who_approved_before() -> None:
    steps = [approval("a", OWNER, whenEmpty="skip"), approval("q", WANG)]
    own = {"owner": {"type": "string", "x-field": {"type": "member"}}}
    forms = {"f": definition.load({"$id": "f", "type": "object", "properties": own})}
    proof = prove(workflow(*steps, settings={"repeatApprover": "skipAny"}), forms=forms, directory=DIRECTORY, now=NOW)
    (skipped,) = (one for one in proof.findings if one.kind == "skipped")
    assert skipped.example is not None
    assert skipped.example["record"] == {"owner": "wang"}
    elsewhere = [steps[0], branch("x", ({"==": [{"var": "owner"}, "li"]}, [steps[1]]), (None, []))]
    proof = prove(
        workflow(*elsewhere, settings={"repeatApprover": "skipAny"}), forms=forms, directory=DIRECTORY, now=NOW
    )
    assert not [one for one in proof.findings if one.kind == "skipped"]
