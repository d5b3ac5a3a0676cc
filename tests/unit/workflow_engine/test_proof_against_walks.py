"""Random workflows over random forms, proven and then walked at random by the real engine.

Whatever a walk meets the proof must have said: a request that no branch takes, a step that finds nobody or too few. And
what the proof says never happens no walk may do. Between the steps, people fill in at random what they may, and must.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from formloom.form_engine import definition as forms
from formloom.form_engine import record as records
from formloom.form_engine.definition import Form
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import definition, engine
from formloom.workflow_engine import events as e
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.proof import prove
from formloom.workflow_engine.tree import Workflow

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PEOPLE = PeopleDirectory.from_json(
    {
        "departments": [
            {"id": "top", "name": "Top", "parent": None, "head": "root"},
            {"id": "team", "name": "Team", "parent": "top", "head": "li"},
        ],
        "roles": [{"id": "pair", "name": "Pair"}, {"id": "none", "name": "Nobody"}],
        "members": [
            {"id": "root", "name": "Root", "department": "top", "admin": True},
            {"id": "li", "name": "Li", "department": "team", "roles": ["pair"]},
            {"id": "amy", "name": "Amy", "department": "team", "roles": ["pair"]},
            {"id": "gone", "name": "Gone", "department": "team", "active": False},
        ],
    }
)
MEMBER = {"type": "string", "x-field": {"type": "member"}}
ROW = {"type": "object", "properties": {"q": {"type": "integer", "minimum": 0, "maximum": 2}, "who": MEMBER}}
SUM = {"sum": [{"map": [{"var": "rows"}, {"var": "q"}]}]}
FIELDS: dict[str, Any] = {
    "n": {"type": "integer", "minimum": 0, "maximum": 3},
    "k": {"type": "string", "oneOf": [{"const": "a"}, {"const": "b"}], "x-field": {"type": "select"}},
    "u": {"type": "boolean"},
    "o": MEMBER,
    "d": {"type": "string", "format": "date"},
    "rows": {"type": "array", "maxItems": 2, "items": ROW},
    "t": {"type": "integer", "readOnly": True, "x-field": {"compute": {"+": [SUM, {"var": "n"}]}}},
}
VALUES: dict[str, list[Any]] = {
    "n": [0, 1, 2, 3],
    "k": ["a", "b"],
    "u": [True, False],
    "o": ["root", "li", "amy"],
    "d": ["2026-11-23", "2026-11-24", "2026-11-25"],
    "rows": [[{"q": 0}], [{"q": 2, "who": "li"}], [{"who": "amy"}, {"q": 1, "who": "root"}]],
}
WALKS, LONGEST_WALK = 40, 30
SEEDS = (*range(60), 579, 1561, 1632, 1727, 1848, 2603, 3456, 5182, 5748, 5909, 6171, 7374, 7503)
"""Some, and those of the first seven thousand in which the proof was once wrong."""
Document = dict[str, Any]


def form(rng: Random) -> Document:
    keys = rng.sample(sorted(VALUES), rng.randint(2, 4))
    fields = {key: dict(FIELDS[key]) for key in keys}
    shown = {"==": [{"var": "k"}, "a"]}
    for key in keys:
        if key in "nud" and "k" in keys and rng.random() < 0.3:
            fields[key]["x-field"] = {"visibleWhen": shown, **({"requiredWhen": shown} if rng.random() < 0.5 else {})}
    if {"n", "rows"} <= set(keys):
        fields["t"] = FIELDS["t"]
    required = [key for key in keys if rng.random() < 0.3 and "visibleWhen" not in fields[key].get("x-field", {})]
    return {"$id": "f", "type": "object", "properties": fields, "required": required}


def condition(rng: Random, keys: list[str], depth: int = 0) -> Any:
    if depth < 2 and rng.random() < 0.25:
        parts = [condition(rng, keys, depth + 1) for _ in range(2)]
        return rng.choice([{"and": parts}, {"or": parts}, {"!": parts[:1]}])
    key = rng.choice(keys)
    value, compared = {"var": key}, rng.choice(["<", "<=", ">", ">=", "==", "!="])
    match key:
        case "n" | "t":
            return {compared: [value, rng.randint(0, 4)]}
        case "k":
            return rng.choice([{"==": [value, "a"]}, {"!=": [value, "b"]}, {"in": [value, ["a", "b"]]}])
        case "u":
            return rng.choice([value, {"!": [value]}])
        case "d":
            days = {">": [{"days": [value, "2026-11-24"]}, 0]}
            return rng.choice([{compared: [value, "2026-11-24"]}, {"<": [value, {"today": []}]}, days])
        case "rows":
            return rng.choice(
                [{">": [SUM, 1]}, {"<": [{"count": [value]}, 2]}, {"some": [value, {">": [{"var": "q"}, 1]}]}]
            )
    return {"isEmpty": [value]}


@dataclass
class Drawing:
    """Draws the steps of one workflow."""

    rng: Random
    keys: list[str]
    number: int = 0

    def people(self, done: list[str]) -> list[Document]:
        initiator = {"initiator": True}
        found: list[Document] = [{"member": "li"}, {"member": "root"}, {"role": "pair"}, {"role": "none"}, initiator]
        found += [{"managerOf": initiator}, {"headOf": initiator}]
        found += [{"field": "o"}, {"managerOf": {"field": "o"}}] if "o" in self.keys else []
        found += [{"field": "rows.who"}] if "rows" in self.keys else []
        found += [{"doer": self.rng.choice(done)}, {"managerOf": {"doer": self.rng.choice(done)}}] if done else []
        return [self.rng.choice(found) for _ in range(self.rng.choice([1, 1, 2]))]

    def asked(self, done: list[str], before: list[str]) -> Document:
        rng = self.rng
        modes = ["any", "all", "sequence", {"count": 2}, {"ratio": 0.5}]
        access = {key: rng.choice(["edit", "required", "read", "hidden"]) for key in self.keys if rng.random() < 0.4}
        step: Document = {"assignees": self.people(done), "mode": rng.choice(modes), "fields": access}
        step["whenEmpty"] = rng.choice(["admin", "skip", "block"])
        if done and rng.random() < 0.2:
            step["notDoers"] = [rng.choice([*done, "initiator"])]
        if rng.random() < 0.4:
            return {"type": "fill", **step}
        step["actions"] = rng.choice([["approve", "reject"], ["approve", "reject", "return"], ["approve"]])
        step["onReject"] = rng.choice(["end", "initiator", *({"return": one} for one in before)])
        return {"type": "approval", **step}

    def steps(self, done: list[str], before: list[str], depth: int = 0) -> list[Document]:
        made: list[Document] = []
        for _ in range(self.rng.randint(1, 3) if depth == 0 else self.rng.choice([0, 1, 2])):
            self.number += 1
            name, kind = f"s{self.number}", self.rng.random()
            if kind < 0.5 or depth == 2:
                made.append({"id": name, **self.asked(done, before)})
                done = [*done, name]
            elif kind < 0.85:
                arms = [
                    {"when": condition(self.rng, self.keys), "steps": self.steps(done, before, depth + 1)} for _ in "ab"
                ]
                rest = [{"otherwise": True, "steps": self.steps(done, before, depth + 1)}]
                arms += rest if self.rng.random() < 0.4 else []
                mode = self.rng.choice(["exclusive", "exclusive", "inclusive"])
                made.append({"id": name, "type": "branch", "mode": mode, "branches": arms})
            else:
                arms = [{"steps": self.steps(done, before, depth + 1)} for _ in "ab"]
                made.append({"id": name, "type": "parallel", "join": self.rng.choice(["all", "any"]), "branches": arms})
            before = [*before, name]
        return made


def drawn(seed: int) -> tuple[Document, Form]:
    rng = Random(seed)
    fields = form(rng)
    keys = [key for key in fields["properties"] if key != "t"]
    document: Document = {"steps": Drawing(rng, keys).steps([], [])}
    document["settings"] = {
        "ownRequest": rng.choice(["decide", "goToManager", "skip"]),
        "repeatApprover": rng.choice(["each", "each", "skipAny"]),
        "resubmit": rng.choice(["fromStart", "fromReturningStep"]),
    }
    return document, forms.load(fields)


@dataclass
class Met:
    """What the walks through one workflow met: (step, …) each."""

    visited: set[str] = field(default_factory=set)
    held: set[tuple[str, int]] = field(default_factory=set)
    took: set[tuple[str, int]] = field(default_factory=set)
    said: set[tuple[str, str]] = field(default_factory=set)

    def take(self, workflow: Workflow, event: e.Event) -> None:
        match event:
            case e.StepEntered(step=step):
                self.visited.add(step)
            case e.BranchTaken(step=step, took=took, held=held):
                self.took |= {(step, branch) for branch in took}
                self.held |= {(step, branch) for branch, held in enumerate(held) if held}
            case e.StepBlocked(step=step, why="noBranch"):
                self.said.add((step, "gap"))
            case e.AssigneesFound(step=step, members=members, why=why):
                mode = workflow.steps[step].spec.mode
                if not members or why == "admin":
                    self.said.add((step, "nobody"))
                elif mode.kind == "count" and len(members) < mode.number:
                    self.said.add((step, "tooFew"))
            case e.StepBlocked(step=step, why="nobody"):
                self.said.add((step, "nobody"))


def filled_in(form: Form, rng: Random, access: Any, stored: Any) -> dict[str, Any] | None:
    """A record after somebody filled in at random what they may; None where no try was valid."""
    for _ in range(10):
        may = [key for key in VALUES if key in form.fields and access.get(key, access["*"]) in ("edit", "required")]
        typed = {key: rng.choice(VALUES[key]) if rng.random() < 0.75 else None for key in may}
        settled = records.settle(form, typed, records.Context(now=NOW, member="li"), stored=stored, access=access)
        if settled.record is not None:
            return dict(settled.record)
    return None


def walk(workflow: Workflow, rng: Random, met: Met) -> None:
    record = filled_in(workflow.form, rng, workflow.fields_at(None), None)
    context = engine.Context(now=NOW, directory=PEOPLE, record=record or {})
    command: c.Command | None = c.Start(rng.choice(PEOPLE.members())) if record is not None else None
    state = None
    for _ in range(LONGEST_WALK):
        if command is None:
            return
        done = engine.apply(workflow, state, command, context)
        if not isinstance(done, engine.Refused):
            state = done.state
            after = getattr(command, "record", None)
            context = replace(context, record=after) if after is not None else context
            for event in done.events:
                met.take(workflow, event)
        if state is None or state.outcome is not None:
            return
        command = next_command(workflow, state, context.record, rng)


def next_command(workflow: Workflow, state: Any, record: Any, rng: Random) -> c.Command | None:
    if state.back is not None:
        again = filled_in(workflow.form, rng, workflow.fields_at(None), record)
        return c.Resubmit(state.initiator, again) if again is not None else None
    if not state.open_tasks:
        return None
    task = rng.choice(state.open_tasks)
    step = workflow.steps[task.step]
    yes = "done" if step.type.name == "fill" else "approve"
    action = rng.choice([yes, yes, yes, *step.spec.actions])
    if action == "return":
        return c.Decide(task.member, task.id, "return", rng.choice(["initiator", *workflow.surely_before(step.id)]))
    after = filled_in(workflow.form, rng, workflow.fields_at(step.id), record) if action == yes else None
    return None if action == yes and after is None else c.Decide(task.member, task.id, action, record=after)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_proof_said_what_walks_meet_and_they_do_not_do_what_it_excluded(seed: int) -> None:
    document, own = drawn(seed)
    workflow, met = definition.load(document, own), Met()
    for number in range(WALKS):
        walk(workflow, Random(f"{seed} {number}"), met)
    findings = prove(document, forms={"f": own}, directory=PEOPLE, now=NOW).findings
    told = {(finding.step, finding.kind) for finding in findings}
    open_ = {step for step, kind in told if kind in ("undecided", "tooFew")}
    assert {(step, kind) for step, kind in met.said - told if step not in open_} == set()
    assert not met.visited & {finding.step for finding in findings if finding.kind == "unreachable"}
    for finding in findings:
        if finding.kind in ("neverHolds", "shadowed"):
            branch = (finding.step, int(str(finding.pointer).split("/")[-2]))
            assert branch not in (met.held if finding.kind == "neverHolds" else met.took), finding
