"""What tests of the workflow engine are built from: a form, a small company, and a process that is moved by commands.

process = Process({"steps": [approval("manager", {"member": "li"})]})
process.start("amy")
process.decide("manager", "approve", by="li")
assert process.outcome == "approved"

After every command the process checks that replaying its events gives its state, and that the state survives JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from formloom.form_engine import definition as form_definition
from formloom.form_engine.definition import Form
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import definition, engine, simulate
from formloom.workflow_engine import events as e
from formloom.workflow_engine import state as states
from formloom.workflow_engine.calendar import Calendar
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.state import State

FORM: dict[str, Any] = {
    "$id": "request",
    "title": "Request",
    "type": "object",
    "properties": {
        "amount": {"type": "number", "title": "Amount"},
        "kind": {"type": "string", "title": "Kind", "oneOf": [{"const": "a"}, {"const": "b"}, {"const": "c"}]},
        "urgent": {"type": "boolean", "title": "Urgent"},
        "note": {"type": "string", "title": "Note"},
        "begins": {"type": "string", "format": "date", "title": "Begins"},
        "starts_at": {"type": "string", "format": "date-time", "title": "Starts at"},
        "owner": {"type": "string", "title": "Owner", "x-field": {"type": "member"}},
        "helpers": {
            "type": "array",
            "title": "Helpers",
            "items": {"type": "string"},
            "x-field": {"type": "member", "multiple": True},
        },
        "unit": {"type": "string", "title": "Unit", "x-field": {"type": "department"}},
        "items": {
            "type": "array",
            "title": "Items",
            "x-field": {"type": "table"},
            "items": {
                "type": "object",
                "properties": {
                    "what": {"type": "string", "title": "What"},
                    "price": {"type": "number", "title": "Price"},
                    "buyer": {"type": "string", "title": "Buyer", "x-field": {"type": "member"}},
                },
            },
        },
    },
}

PEOPLE: dict[str, Any] = {
    "departments": [
        {"id": "sales", "name": "Sales", "parent": None, "head": "wang"},
        {"id": "north", "name": "North", "parent": "sales", "head": "li"},
        {"id": "team", "name": "Team", "parent": "north"},
        {"id": "office", "name": "Office", "parent": None, "head": "root"},
    ],
    "roles": [{"id": "finance", "name": "Finance"}, {"id": "hr", "name": "HR"}, {"id": "nobody", "name": "Nobody"}],
    "members": [
        {"id": "root", "name": "Root", "department": "office", "admin": True},
        {"id": "wang", "name": "Wang", "department": "sales"},
        {"id": "li", "name": "Li", "department": "north", "roles": ["finance"]},
        {"id": "amy", "name": "Amy", "department": "north", "roles": ["hr"]},
        {"id": "bob", "name": "Bob", "department": "team", "roles": ["finance", "hr"]},
        {"id": "cat", "name": "Cat", "department": "team", "manager": "amy", "roles": ["finance"]},
        {"id": "gone", "name": "Gone", "department": "north", "roles": ["finance"], "active": False},
    ],
}

DIRECTORY = PeopleDirectory.from_json(PEOPLE)
MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
Document = dict[str, Any]


def form(document: Mapping[str, Any] = FORM) -> Form:
    """The form of these tests, loaded."""
    return form_definition.load(document)


def approval(id: str, *assignees: Mapping[str, Any], **more: Any) -> Document:
    """An approval step."""
    return {"id": id, "type": "approval", "assignees": list(assignees), **more}


def fill(id: str, *assignees: Mapping[str, Any], **more: Any) -> Document:
    """A fill step."""
    return {"id": id, "type": "fill", "assignees": list(assignees), **more}


def notify(id: str, *to: Mapping[str, Any]) -> Document:
    """A notify step."""
    return {"id": id, "type": "notify", "to": list(to)}


def branch(id: str, *branches: tuple[Any, list[Document]], mode: str = "exclusive") -> Document:
    """A branch step; each branch is its condition (None: otherwise) and its steps."""
    made = [
        {"title": f"Branch {index}", "steps": steps, **({"otherwise": True} if when is None else {"when": when})}
        for index, (when, steps) in enumerate(branches)
    ]
    return {"id": id, "type": "branch", "mode": mode, "branches": made}


def parallel(id: str, *branches: list[Document], join: Any = "all") -> Document:
    """A parallel step; each branch is its steps."""
    return {"id": id, "type": "parallel", "join": join, "branches": [{"steps": steps} for steps in branches]}


def member(id: str) -> Document:
    """One member, as an assignee."""
    return {"member": id}


def at_least(amount: float) -> Document:
    """The condition that the amount is at least so much."""
    return {">=": [{"var": "amount"}, amount]}


def workflow(*steps: Document, **more: Any) -> Document:
    """A workflow document."""
    return {"steps": list(steps), **more}


class Process:
    """One process, from its submission on."""

    def __init__(
        self,
        document: Mapping[str, Any],
        record: Mapping[str, Any] | None = None,
        *,
        now: datetime = MONDAY,
        calendar: Calendar | None = None,
        people: PeopleDirectory = DIRECTORY,
        lang: str = "en",
        delegates: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self.workflow = definition.load(document, form())
        self.state: State | None = None
        self.events: list[e.Event] = []
        self.refusal: engine.Refused | None = None
        self.context = engine.Context(
            now=now,
            directory=people,
            record=dict(record or {}),
            calendar=calendar or Calendar(),
            lang=lang,
            delegates=delegates or {},
        )

    def do(self, command: c.Command) -> bool:
        """Give a command; False where it was refused (`refusal` says why)."""
        before = json.dumps(self.state.to_json()) if self.state is not None else None
        done = engine.apply(self.workflow, self.state, command, self.context)
        assert done == engine.apply(self.workflow, self.state, command, self.context), "apply is deterministic"
        assert before == (json.dumps(self.state.to_json()) if self.state is not None else None), "apply changes nothing"
        if isinstance(done, engine.Refused):
            assert done.reason
            self.refusal = done
            return False
        self.refusal = None
        self.events += done.events
        if getattr(command, "record", None) is not None:
            self.context = replace(self.context, record=command.record)  # type: ignore[union-attr]
        plain = json.loads(json.dumps(done.state.to_json()))
        assert plain == done.state.to_json(), "a state is plain JSON"
        self.state = states.from_json(plain)
        assert self.state == done.state
        told = [e.from_json(json.loads(json.dumps(event.to_json()))) for event in self.events]
        assert engine.replay(self.workflow, told) == self.state
        return True

    def start(self, by: str = "amy", **chosen: Sequence[str]) -> "Process":
        """Submit; must not be refused."""
        assert self.do(c.Start(by, {step: tuple(members) for step, members in chosen.items()})), self.refusal
        return self

    def task(self, step: str, holder: str | None = None) -> str:
        """The open task of a step (of a holder)."""
        return next(t.id for t in self.now.open_tasks if t.step == step and holder in (None, t.member))

    def decide(self, step: str, action: str, by: str, target: str | None = None, **more: Any) -> bool:
        """Decide the own task at a step."""
        return self.do(c.Decide(by, self.task(step, more.pop("holder", by)), action, target, **more))  # type: ignore[arg-type]

    def fire(self, timer: str) -> bool:
        """Let time pass until a timer is due, and fire it."""
        due = datetime.fromisoformat(self.now.timers[timer].due)
        self.context = replace(self.context, now=max(due, self.context.now))
        return self.do(c.TimerFired(timer))

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.context = replace(self.context, now=self.context.now + timedelta(**span))

    @property
    def now(self) -> State:
        """The state; the process must have been started."""
        assert self.state is not None
        return self.state

    @property
    def outcome(self) -> str | None:
        """How it ended."""
        return self.now.outcome

    @property
    def open(self) -> dict[str, list[str]]:
        """By step: who has a task."""
        found: dict[str, list[str]] = {}
        for task in self.now.open_tasks:
            found.setdefault(task.step, []).append(task.member)
        return found

    @property
    def blocked(self) -> dict[str, str]:
        """By step: why it is blocked."""
        return {visit.step: visit.block.why for visit in self.now.visits.values() if visit.block is not None}

    def happened(self, kind: type[e.Event]) -> list[Any]:
        """All events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]


def given(text: str) -> simulate.Given:
    """A decision as the command line writes it: `manager=return:initiator@li`."""
    step, _, rest = text.partition("=")
    rest, _, by = rest.partition("@")
    action, _, target = rest.partition(":")
    return simulate.Given(step, action, target or None, by or None)


def run(
    document: Mapping[str, Any],
    record: Mapping[str, Any] | None = None,
    *decisions: str,
    by: str = "amy",
    now: datetime = MONDAY,
    calendar: Calendar | None = None,
    people: PeopleDirectory = DIRECTORY,
) -> simulate.Ran:
    """A dry run."""
    loaded = definition.load(document, form())
    context = engine.Context(now=now, directory=people, record=dict(record or {}), calendar=calendar or Calendar())
    return simulate.dry_run(loaded, context, by, [given(text) for text in decisions])


def results(ran: simulate.Ran) -> list[tuple[str, str]]:
    """Each visit of a dry run: step and result."""
    return [(entry.step, entry.result) for entry in ran.entries]


def people_at(ran: simulate.Ran, step: str) -> list[str]:
    """Who was found for the first visit of a step, and who joined."""
    return next(entry.assignees for entry in ran.entries if entry.step == step)
