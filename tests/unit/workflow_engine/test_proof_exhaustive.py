"""Small random definitions over forms of few values: every state that the real engine can get into, beside the proof.

Everything that people may fill in, decide, send back or let fall due is tried from every state, so that what is met here is
all that can happen. The proof must have said every gap, and nothing that it excludes may be met.
"""

import itertools
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from formloom.form_engine import definition as forms
from formloom.form_engine import logic
from formloom.form_engine import record as records
from formloom.form_engine.access import only
from formloom.form_engine.definition import Form
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import definition, engine
from formloom.workflow_engine import events as e
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.proof import prove
from formloom.workflow_engine.state import Call, Fork, Seats, State
from formloom.workflow_engine.tree import Workflow

NOW, LATER = datetime(2026, 11, 24, 9, 0, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
PEOPLE = PeopleDirectory.from_json(
    {
        "departments": [{"id": "top", "name": "Top", "parent": None, "head": "root"}],
        "roles": [{"id": "pair", "name": "Pair"}, {"id": "none", "name": "Nobody"}],
        "members": [
            {"id": "root", "name": "Root", "department": "top", "admin": True, "roles": ["pair"]},
            {"id": "li", "name": "Li", "department": "top", "roles": ["pair"]},
        ],
    }
)
IS_A = {"==": [{"var": "k"}, "a"]}
FIELDS: dict[str, Any] = {
    "n": {"type": "integer", "minimum": 0, "maximum": 2},
    "u": {"type": "boolean"},
    "k": {"type": "string", "oneOf": [{"const": "a"}, {"const": "b"}], "x-field": {"type": "select"}},
}
VALUES: dict[str, list[Any]] = {"n": [0, 1, 2], "k": ["a", "b"], "u": [True, False]}
FILLABLE = ("edit", "required")
DEFINITIONS, MOST_STATES = 150, 3000
CIRCLING = (2507, 8328)
"""Seeds of which the proof once said too much, or about which it went round in a circle."""
Document = dict[str, Any]


def form(rng: Random) -> Document:
    keys = rng.sample(sorted(VALUES), rng.choice([1, 2, 2, 3]))
    fields = {key: dict(FIELDS[key]) for key in keys}
    for key in keys:
        if key != "k" and "k" in keys and rng.random() < 0.4:
            fields[key]["x-field"] = rng.choice([{"visibleWhen": IS_A}, {"requiredWhen": IS_A}])
        if rng.random() < 0.15:
            fields[key]["default"] = rng.choice(VALUES[key])
        if rng.random() < 0.08:
            fields[key]["readOnly"] = True
    if "n" in keys and rng.random() < 0.4:
        fields["t"] = {"type": "integer", "readOnly": True, "x-field": {"compute": {"+": [{"var": "n"}, 1]}}}
    required = [key for key in keys if rng.random() < 0.35 and "visibleWhen" not in fields[key].get("x-field", {})]
    return {"$id": "f", "type": "object", "properties": fields, "required": required}


def condition(rng: Random, keys: list[str], depth: int = 0) -> Any:
    if depth < 2 and rng.random() < 0.2:
        parts = [condition(rng, keys, depth + 1) for _ in "ab"]
        return rng.choice([{"and": parts}, {"or": parts}, {"!": parts[:1]}])
    key = rng.choice(keys)
    value = {"var": key}
    match key:
        case "n" | "t":
            test = {rng.choice(["<", "<=", ">", ">=", "==", "!="]): [value, rng.randint(0, 3)]}
        case "k":
            test = {rng.choice(["==", "!="]): [value, rng.choice("ab")]}
        case _:
            test = rng.choice([value, {"!": [value]}])
    return {"isEmpty": [value]} if rng.random() < 0.15 else test


@dataclass
class Drawing:
    """Draws the steps of one workflow over `keys`; conditions also read what is computed."""

    rng: Random
    keys: list[str]
    read: list[str]
    most: int = 7
    number: int = 0

    def asked(self, done: list[str], before: list[str]) -> Document:
        rng = self.rng
        who: list[Document] = [{"member": "li"}] * 4 + [{"role": "none"}, {"role": "pair"}, {"initiator": True}]
        who += [{"doer": rng.choice(done)}] if done else []
        step: Document = {"assignees": [rng.choice(who)], "mode": rng.choice(["any", "any", "all", {"count": 2}])}
        step["fields"] = {k: rng.choice([*FILLABLE, "read", "hidden"]) for k in self.keys if rng.random() < 0.35}
        step["whenEmpty"] = rng.choice(["admin", "skip", "skip", "block"])
        kind, yes = rng.choice([("approval", "approve"), ("approval", "approve"), ("fill", "done")])
        if rng.random() < 0.1:
            step["due"] = {"after": "P1D", "then": {"decide": yes}}
        if kind == "approval":
            step["actions"] = rng.choice([["approve", "reject"], ["approve", "reject", "return"], ["approve"]])
            step["onReject"] = rng.choice(["end", "initiator", *({"return": name} for name in before[-3:])])
        return {"type": kind, **step}

    def automatic(self, done: list[str], before: list[str], depth: int) -> Document:
        rng, key = self.rng, self.rng.choice(self.keys)
        path = {"steps": self.steps(done, before, depth + 1)} if depth < 2 else "continue"
        value = self.reckoned(key) if rng.random() < 0.5 else rng.choice([None, *VALUES[key]])
        action = {"type": "action", "do": {"updateRecord": {"set": {key: value}}}}
        action["onError"] = rng.choice(["continue", "block", path])
        return rng.choice([{"type": "end"}, {"type": "wait", "for": "P1D"}, action, action])

    def reckoned(self, key: str) -> Any:
        """A value of the field that depends on the record."""
        number = {"if": [condition(self.rng, self.read), 1, 2]}
        readings = {"u": condition(self.rng, self.read), "k": {"if": [condition(self.rng, self.read), "a", "b"]}}
        return readings.get(key, self.rng.choice([number, {"-": [2, {"var": key}]}]))

    def steps(self, done: list[str], before: list[str], depth: int = 0) -> list[Document]:
        rng, made = self.rng, list[Document]()
        for _ in range(rng.randint(1, 3) if depth == 0 else rng.choice([0, 1, 1, 2])):
            if self.number >= self.most and depth:
                break
            self.number += 1
            name, kind = f"s{self.number}", rng.random()
            if kind < 0.4 or depth == 2:
                step = self.asked(done, before)
                done = [*done, name]
            elif kind < 0.75:
                arms: list[Document] = [{"when": condition(rng, self.read)} for _ in range(rng.choice([1, 2, 2]))]
                arms += [{"otherwise": True}] if rng.random() < 0.35 else []
                arms = [{**arm, "steps": self.steps(done, before, depth + 1)} for arm in arms]
                step = {"type": "branch", "mode": rng.choice(["exclusive", "inclusive"]), "branches": arms}
            elif kind < 0.9:
                arms = [{"steps": self.steps(done, before, depth + 1)} for _ in "ab"]
                step = {"type": "parallel", "join": rng.choice(["all", "any"]), "branches": arms}
            else:
                step = self.automatic(done, before, depth)
            made.append({"id": name, **step})
            before = [*before, name]
        return made


def drawn(seed: int) -> tuple[Document, Form]:
    rng = Random(seed)
    fields = form(rng)
    read = list(fields["properties"])
    keys = [key for key in read if key != "t"]
    document: Document = {"steps": Drawing(rng, keys, read).steps([], [])}
    document["settings"] = {
        "resubmit": rng.choice(["fromStart", "fromReturningStep"]),
        "ownRequest": rng.choice(["decide", "decide", "skip", "goToManager"]),
        "repeatApprover": rng.choice(["each", "each", "skipAny", "skipConsecutive"]),
    }
    if rng.random() < 0.5:
        access = {key: rng.choice([*FILLABLE, "read", "hidden"]) for key in [*keys, "*"] if rng.random() < 0.4}
        document["start"] = {"fields": access}
    return document, forms.load(fields)


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def fingerprint(state: State) -> Any:
    """What two states have in common that go on in the same ways, whatever the numbers of their visits."""
    names = {number: visit.step for number, visit in state.visits.items()}
    visits = []
    for number, visit in state.visits.items():
        work: Any = state.work.get(number)
        match work:
            case Seats(seats, tasks, _, doers, hands):
                work = (seats, tuple((task.member, task.seat) for task in tasks), doers, hands)
            case Call(requests, attempts):
                work = (len(requests), attempts)
            case Fork():
                work = tuple(work)
        block = visit.block.why if visit.block is not None else None
        visits.append((visit.step, names.get(visit.parent), visit.branch, block, work))
    back = (state.back.step, state.back.places) if state.back is not None else None
    timers = tuple(sorted((names[timer.visit], timer.purpose) for timer in state.timers.values()))
    doers = tuple(sorted(state.doers.items()))
    return (state.initiator, back, tuple(visits), timers, doers, state.approved_last, state.approved)


@dataclass
class Everything:
    """All that can happen to the requests of one workflow: the steps reached, the branches taken, the records that each branch
    step was asked with, and what it stopped at."""

    workflow: Workflow
    reached: set[str] = field(default_factory=set)
    took: set[tuple[str, int]] = field(default_factory=set)
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    gaps: set[str] = field(default_factory=set)
    seen: set[Any] = field(default_factory=set)
    todo: deque[Any] = field(default_factory=deque)
    fillings: dict[Any, list[Any]] = field(default_factory=dict)

    def explore(self) -> None:
        for record in self._first():
            for member in PEOPLE.members():
                self._do(None, c.Start(member), record, {})
        while self.todo and len(self.seen) < MOST_STATES:
            state, record, sets = self.todo.popleft()
            for command in self._commands(state, record, sets):
                self._do(state, command, record, sets)

    def held(self) -> Iterator[tuple[str, int]]:
        """The branches whose conditions held at some time."""
        moment = logic.Moment(NOW, "UTC")
        for name, asked in self.asked.items():
            for branch in self.workflow.steps[name].branches:
                when = branch.when
                if when is not None and any(
                    logic.truth(logic.evaluate(when.rule, record, moment)) for record in asked.values()
                ):
                    yield name, branch.index

    def _first(self) -> list[Any]:
        """Every record that may be submitted. What a later step may fill in may be there already, and need not be."""
        workflow = self.workflow
        start, ever = workflow.fields_at(None), set[str]()
        for step in workflow.in_order():
            access = workflow.fields_at(step.id)
            by_people = {key for key in VALUES if access.get(key, access["*"]) in FILLABLE}
            ever |= by_people if step.type.decided_by_people else step.type.changes(step)
        own = {key: start.get(key, start.get("*", "edit")) for key in VALUES}
        access = {key: "edit" if own[key] == "read" and key in ever else own[key] for key in VALUES}
        access |= {key: "edit" for key in ever if own[key] == "hidden"}
        later = {key for key in ever if own[key] not in FILLABLE}
        found: dict[str, Any] = {}
        for typed in self._typed([key for key in VALUES if access[key] in FILLABLE]):
            given = {key: value for key, value in typed.items() if value is not None}
            not_yet = dict.fromkeys(later - set(given), "hidden")
            settled = records.settle(
                workflow.form, given, records.Context(now=NOW, system=True), access={**access, **not_yet}
            )
            if settled.record is not None:
                found[text(dict(settled.record))] = dict(settled.record)
        return list(found.values())

    def _typed(self, keys: list[str]) -> Iterator[Document]:
        fields = self.workflow.form.fields
        keys = [key for key in keys if key in fields and not fields[key].read_only]
        for values in itertools.product(*([None, *VALUES[key]] for key in keys)):
            yield dict(zip(keys, values, strict=True))

    def _filled(self, step: str | None, stored: Any) -> list[Any]:
        """Every record that may come of what somebody fills in at a step (None: the initiator, once more)."""
        place = (step, text(stored))
        if place not in self.fillings:
            access = self.workflow.fields_at(step)
            default = "edit" if step is None else "read"
            found: dict[str, Any] = {}
            for typed in self._typed([key for key in VALUES if access.get(key, access.get("*", default)) in FILLABLE]):
                context = records.Context(now=NOW, member="li")
                settled = records.settle(self.workflow.form, typed, context, stored=stored, access=access)
                if settled.record is not None:
                    found[text(dict(settled.record))] = dict(settled.record)
            self.fillings[place] = list(found.values())
        return self.fillings[place]

    def _commands(self, state: State, record: Any, sets: Any) -> Iterator[c.Command]:
        if state.back is not None:
            yield from (c.Resubmit(state.initiator, again) for again in self._filled(None, record))
            return
        for task in state.open_tasks:
            step = self.workflow.steps[task.step]
            for action in step.spec.actions if step.type.decides else ["done"]:
                if action == "return":
                    targets = ["initiator", *self.workflow.surely_before(step.id)]
                    yield from (c.Decide(task.member, task.id, "return", target) for target in targets)
                elif action == "reject":
                    yield c.Decide(task.member, task.id, "reject")
                else:
                    after = self._filled(step.id, record)
                    yield from (c.Decide(task.member, task.id, action, record=one) for one in after)
        yield from map(c.TimerFired, state.timers)
        for request in state.requests:
            values, context = sets.get(request, {}), records.Context(now=NOW, system=True)
            settled = records.settle(self.workflow.form, values, context, stored=record, access=only(values))
            if settled.record is not None:
                yield c.ActionAnswered(request, record=dict(settled.record))
            yield c.ActionAnswered(request, ok=False, error="no")

    def _do(self, state: State | None, command: c.Command, record: Any, sets: Any) -> None:
        now = LATER if isinstance(command, c.TimerFired) else NOW
        done = engine.apply(self.workflow, state, command, engine.Context(now, PEOPLE, record))
        if isinstance(done, engine.Refused):
            return
        after = getattr(command, "record", None)
        record = after if after is not None else record
        for event in done.events:
            self._take(event, record)
        sets = sets | {one.request: one.values for one in done.events if isinstance(one, e.RecordRequested)}
        place = (fingerprint(done.state), text(record))
        if done.state.outcome is None and place not in self.seen:
            self.seen.add(place)
            self.todo.append((done.state, record, {one: sets[one] for one in done.state.requests if one in sets}))

    def _take(self, event: e.Event, record: Any) -> None:
        match event:
            case e.StepEntered(step=step):
                self.reached.add(step)
            case e.BranchTaken(step=step, took=took, held=held):
                self.took |= {(step, branch) for branch in took}
                if held:
                    self.asked.setdefault(step, {})[text(record)] = record
            case e.StepBlocked(step=step, why="noBranch"):
                self.gaps.add(step)
                self.asked.setdefault(step, {})[text(record)] = record


@pytest.mark.parametrize("seed", [*range(DEFINITIONS), *CIRCLING])
def test_the_proof_knows_what_can_happen(seed: int) -> None:
    document, own = drawn(seed)
    everything = Everything(definition.load(document, own))
    everything.explore()
    findings = prove(document, forms={"f": own}, directory=PEOPLE, now=NOW).findings
    told = {(finding.step, finding.kind) for finding in findings}
    in_doubt = {step for step, kind in told if kind == "undecided"}
    assert {step for step in everything.gaps - in_doubt if (step, "gap") not in told} == set()
    assert not everything.reached & {step for step, kind in told if kind == "unreachable"}
    held = set(everything.held())
    for finding in findings:
        if finding.kind in ("neverHolds", "shadowed"):
            branch = (finding.step, int(str(finding.pointer).split("/")[-2]))
            assert branch not in (held if finding.kind == "neverHolds" else everything.took), finding
