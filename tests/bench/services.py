"""Two human steps and an exclusive choice persisted through the services, beside Viewflow, each on the same two databases.

Both sides do the same: submit, first decision, second decision, each its own transaction; looking up the open tasks is not
measured. Ours writes more in them: the validated record and its table's row, events, notices, mails, the audit.
A statement is one execution by the driver (of one or many rows); BEGIN and COMMIT are not counted.
"""

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.installation import KINDS, Installation, database, installation
from bench.process import FORM, WORKFLOW
from bench.rows import Row
from builders import World, new_world
from sqlalchemy import event, select

from formloom.platform.held import Held
from formloom.platform.models import Process, Task
from formloom.platform.services import processes, records

OURS, THEIRS = 400, 100
"""Instances in a round, so that both sides run about equally long."""
ROUNDS = 9
TESTS = Path(__file__).parents[1]


def run() -> Iterator[Row]:
    for kind in KINDS:
        with installation(kind) as place:
            world = small_world(place)
            instances(world, 10)
            rounds = [(instances(world, OURS), viewflow(kind)) for _ in range(ROUNDS)]
        rate, theirs = (statistics.median(side[0] for side in sides) for sides in zip(*rounds, strict=True))
        ratio = statistics.median(ours[0] / other[0] for ours, other in rounds)  # the machine's speed drifts over them
        count, their_count = (side[1] for side in rounds[-1])
        yield Row(
            f"two human steps and a choice, persisted, {kind}",
            f"{rate:,.0f}/s",
            f"Viewflow {theirs:,.0f}/s",
            f"{ratio:.1f} ×",
            "≥ 5 ×",
        )
        yield Row(
            f"SQL statements an instance, {kind}",
            f"{count:.0f}",
            f"Viewflow {their_count:.0f}",
            f"{count / their_count:.2f}",
            "≤ 20",
        )


def small_world(place: Installation) -> World:
    """A company with the engine bench's form and workflow, in a program that has started (see web_server.py)."""
    world = new_world(place.runtime)
    form = {"$schema": "https://formloom.dev/schema/form/v1"} | FORM
    workflow = {"$schema": "https://formloom.dev/schema/workflow/v1"} | WORKFLOW
    world.app(forms=[form], workflows={"request": workflow})
    gc.collect()
    gc.freeze()
    return world


def instances(world: World, times: int) -> tuple[float, float]:
    """So many instances from their submission to their end: how many a second, and the SQL statements of each."""
    amy, li, wang = (world.caller(name) for name in ("amy", "li", "wang"))
    seconds, statements = 0.0, 0

    def measure(work: Callable[[], Any]) -> None:
        nonlocal seconds, statements
        with counted(world) as count:
            begun = time.perf_counter()
            work()
            seconds += time.perf_counter() - begun
        statements += len(count)

    def submit() -> None:
        for _ in range(times):
            records.create_record(amy, "request", {"amount": 6000, "note": "n"})

    measure(submit)
    for member in (li, wang):
        tasks = open_tasks(world)
        measure(lambda member=member, tasks=tasks: [processes.decide(member, task, "approve") for task in tasks])
    with world.admin.reading() as db:
        if db.scalars(select(Process.id).where(Process.outcome.is_(None))).first() is not None:
            raise AssertionError("a process did not end")
    return times / seconds, statements / times


def open_tasks(world: World) -> list[str]:
    with world.admin.reading() as db:
        return list(db.scalars(select(Task.id).where(Task.status == "open")))


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements that are executed meanwhile: by SQLAlchemy, and prepared ones on the driver's cursor."""
    engine, execute, statements = world.runtime.database.engine, Held.execute, []

    def note(statement: str) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            statements.append(statement)

    def by_sqlalchemy(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        note(statement)

    def by_driver(held: Held, statement: str, values: Any) -> Any:
        note(statement)
        return execute(held, statement, values)

    event.listen(engine, "before_cursor_execute", by_sqlalchemy)
    try:
        with patch.object(Held, "execute", by_driver):
            yield statements
    finally:
        event.remove(engine, "before_cursor_execute", by_sqlalchemy)


def viewflow(kind: str) -> tuple[float, float]:
    """The same of Viewflow, in a process and a database of its own."""
    with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder), "viewflow") as url:
        command = [sys.executable, "-m", "bench.viewflow_process", url, str(THEIRS)]
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    measured = json.loads(done.stdout)
    return measured["rate"], measured["statements"]
