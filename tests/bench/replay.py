"""A thousand real requests of six steps, run again under a draft: twice each, and compared. The yardstick: one run each."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bench.process import FORM, NOW, PEOPLE
from bench.rows import Row

from formloom.form_engine import definition
from formloom.workflow_engine import definition as workflows
from formloom.workflow_engine import simulate
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.engine import Context

REQUESTS = 1_000


def steps(limit: int) -> list[dict[str, Any]]:
    """Six steps, of which the choice depends on the amount."""
    people = [{"member": "li"}], [{"member": "wang"}]
    large = {"id": "large", "type": "approval", "assignees": people[1], "fields": {"note": "edit"}}
    return [
        {"id": "first", "type": "approval", "assignees": people[0]},
        {"id": "size", "type": "branch", "branches": [
            {"when": {">": [{"var": "amount"}, limit]}, "steps": [large]}, {"otherwise": True, "steps": []}]},
        {"id": "second", "type": "approval", "assignees": people[1]},
        {"id": "pay", "type": "fill", "assignees": people[0], "fields": {"note": "edit"}},
        {"id": "tell", "type": "notify", "to": [{"initiator": True}]},
        {"id": "last", "type": "approval", "assignees": people[1]},
    ]  # fmt: skip


def requests() -> list[simulate.Request]:
    """What a thousand people submitted on different days, each decided by hand."""
    decisions = [simulate.Given("first", "approve", None, "li"), simulate.Given("large", "approve", None, "wang")]
    decisions += [simulate.Given("second", "approve", None, "wang"), simulate.Given("pay", "done", None, "li")]
    decisions += [simulate.Given("last", "approve", None, "wang")]
    return [
        simulate.Request(str(n), "amy", {"amount": n * 10, "note": "n"}, NOW + timedelta(hours=n), tuple(decisions))
        for n in range(REQUESTS)
    ]


def run() -> Iterator[Row]:
    form = definition.load(FORM)
    old, new = (workflows.load({"form": "request", "steps": steps(limit)}, form) for limit in (5_000, 5_500))
    context = Context(now=NOW, directory=PeopleDirectory.from_json(PEOPLE), record={})
    asked = requests()
    begun = time.perf_counter()
    for request in asked:
        at = replace(context, now=request.at, record=request.record)
        simulate.dry_run(old, at, request.initiator, request.decisions)
    once = time.perf_counter() - begun
    begun = time.perf_counter()
    differences = simulate.replay(old, new, asked, context)
    took = time.perf_counter() - begun
    if len(differences) != 50:
        raise AssertionError(f"{len(differences)} requests would differ, not 50")
    yield Row(
        f"replay of {REQUESTS:,} requests of six steps", f"{took:.2f} s", f"one dry run of each {once:.2f} s",
        f"{took / once:.1f}", "< 2 s",
    )  # fmt: skip
