"""Dry runs and replays of whole requests.

A dry run submits a record as somebody and tells the path it takes. A replay runs real requests again under another
version of the workflow and tells which of them would go differently, and where first: with the people of today under
both, so that what differs comes from the definitions alone, and everybody deciding as they really did, as far as the
other version still asks them.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any, Literal

from formloom.form_engine.messages import listed, say

from . import commands as c
from . import engine
from . import events as e
from .run import Context
from .state import State
from .trail import Entry
from .tree import Workflow
from .world import GIVEN_ACTIONS, CannotStart, Given, Ran, World

__all__ = [
    "GIVEN_ACTIONS",
    "CannotStart",
    "Difference",
    "Given",
    "Ran",
    "Request",
    "dry_run",
    "go_on",
    "replay",
    "request_of",
]


def dry_run(
    workflow: Workflow,
    context: Context,
    initiator: str,
    decisions: Sequence[Given] = (),
    chosen: Mapping[str, tuple[str, ...]] | None = None,
) -> Ran:
    """Submit `context.record` at `context.now` as `initiator` and let it run. Where the initiator is to choose and
    `chosen` does not say whom, it is the first who may be. Raises CannotStart."""
    world = World(workflow, context, list(decisions))
    offered = engine.choices(workflow, initiator, context)
    first = {step: members[:1] for step, members in offered.items() if members}
    refused = world.do(c.Start(initiator, {**first, **(chosen or {})}))
    if refused is not None:
        raise CannotStart(refused.reason)
    world.run()
    return world.ran()


def go_on(workflow: Workflow, state: State, context: Context) -> Ran:
    """What lies ahead of a running process, if everybody says yes: the visits from here on, those open now first."""
    world = World(workflow, context, [], state)
    world.run()
    return world.ran()


@dataclass(frozen=True, slots=True)
class Request:
    """A real request: the record as it was submitted, by whom, when, and what people then did."""

    id: str
    initiator: str
    record: Mapping[str, Any]
    at: datetime
    decisions: tuple[Given, ...] = ()
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that would differ for a request. `before` and `after` are what stands there in each version:
    a step, people's ids, or an outcome; `message` says it to a person."""

    request: str
    what: Literal["path", "approvers", "outcome", "start"]
    step: str | None
    before: Any
    after: Any
    message: str


def request_of(id: str, record: Mapping[str, Any], happened: Iterable[e.Event]) -> Request:
    """A request as its events tell it; `record` is the record as it was submitted first."""
    initiator, at, chosen = "", "", {}
    decisions: list[Given] = []
    changes: Mapping[str, Any] = {}
    holders: dict[str, str] = {}
    for event in happened:
        match event:
            case e.TaskOpened():
                holders[event.task] = event.member
            case e.SignerAdded():
                holder = holders.get(event.task)
                decisions.append(Given(event.step, "addSigner", event.member, holder, place=event.place))
            case e.ProcessStarted():
                initiator, at = event.by, event.at
                chosen = {step: tuple(members) for step, members in event.chosen.items()}
            case e.RecordChanged():
                changes = event.changes
            case e.TaskDecided() if event.by:
                decisions.append(Given(event.step, event.action, event.target, event.member, changes))
                changes = {}
            case e.HandedOver(how="transfer"):
                decisions.append(Given(event.step, "transfer", event.to, event.member))
            case e.HandedOver(how="reassign"):
                decisions.append(Given(event.step, "reassign", event.to))
            case e.Resubmitted():
                decisions.append(Given("", "resubmit", changes=changes))
                changes = {}
            case e.ProcessEnded(outcome="withdrawn"):
                decisions.append(Given("", "withdraw"))
            case e.ProcessEnded(outcome="terminated"):
                decisions.append(Given("", "terminate"))
    return Request(id, initiator, record, datetime.fromisoformat(at), tuple(decisions), chosen)


def replay(old: Workflow, new: Workflow, requests: Sequence[Request], context: Context) -> list[Difference]:
    """For each request that would go differently under `new`, the first difference. `context` gives the people, the
    calendar and the language."""
    found = (_difference(request, old, new, context) for request in requests)
    return [difference for difference in found if difference is not None]


def _difference(request: Request, old: Workflow, new: Workflow, context: Context) -> Difference | None:
    before, after = _run(request, old, context), _run(request, new, context)
    lang = context.lang
    if before is None or after is None:
        if before is after:
            return None
        message = say(lang, "It could not be submitted.") if after is None else say(lang, "It could be submitted now.")
        return Difference(request.id, "start", None, before is not None, after is not None, message)
    for left, right in zip_longest(before.entries, after.entries):
        difference = _at(request, left, right, new, old, context)
        if difference is not None:
            return difference
    if before.outcome != after.outcome:
        message = say(
            lang, "It would end {after}, not {before}.", before=_outcome(before, lang), after=_outcome(after, lang)
        )
        return Difference(request.id, "outcome", None, before.outcome, after.outcome, message)
    return None


def _at(
    request: Request, left: Entry | None, right: Entry | None, new: Workflow, old: Workflow, context: Context
) -> Difference | None:
    lang = context.lang
    steps = (left.step if left is not None else None, right.step if right is not None else None)
    if left is None or right is None or steps[0] != steps[1]:
        titles = [
            "–" if step is None else workflow.title(step, lang)
            for step, workflow in zip(steps, (old, new), strict=True)
        ]
        message = say(lang, "It would go to “{after}”, not to “{before}”.", before=titles[0], after=titles[1])
        return Difference(request.id, "path", steps[1] or steps[0], *steps, message)
    title, name = new.title(right.step, lang), context.directory.name
    if left.assignees != right.assignees:
        people = [listed(lang, map(name, entry.assignees)) or "–" for entry in (left, right)]
        message = say(
            lang, "“{step}” would go to {after}, not to {before}.", step=title, before=people[0], after=people[1]
        )
        return Difference(request.id, "approvers", right.step, tuple(left.assignees), tuple(right.assignees), message)
    if (left.result, left.took) != (right.result, right.took):
        message = say(
            lang,
            "“{step}” would be {after}, not {before}.",
            step=title,
            before=say(lang, left.result),
            after=say(lang, right.result),
        )
        return Difference(request.id, "path", right.step, left.result, right.result, message)
    return None


def _run(request: Request, workflow: Workflow, context: Context) -> Ran | None:
    """One dry run; None where it could not even be submitted. Whom the initiator chose is asked for as far as the workflow
    lets them choose so."""
    then = dataclasses.replace(context, now=request.at, record=request.record)
    offered = engine.choices(workflow, request.initiator, then)
    kept = {step: tuple(m for m in chosen if m in offered.get(step, ())) for step, chosen in request.chosen.items()}
    try:
        return dry_run(
            workflow,
            then,
            request.initiator,
            request.decisions,
            {step: chosen for step, chosen in kept.items() if chosen},
        )
    except CannotStart:
        return None


def _outcome(ran: Ran, lang: str) -> str:
    return say(lang, ran.outcome or "open")
