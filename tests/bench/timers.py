"""A worker's look at the timers while very many processes are open, beside the same look at a hundred of them.

The open processes are copies of one real request with its record, task and timer. What is timed is what a worker does on
each sweep: look, take with a lease, write that down; first with nothing due, then when every timer fell due at one moment.
"""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.installation import KINDS, installation
from bench.process import FORM
from bench.rows import Row
from builders import Clock, World, new_world
from sqlalchemy import ColumnElement, String, cast, insert, literal, select, text

from formloom.platform import leases
from formloom.platform.models import Process, Record, Task, Timer, table_of
from formloom.platform.services import records

FEW, MANY = 100, 100_000
TIMES = 20
DUE = {"after": "P2D", "then": {"decide": "approve"}}
STEP = {"id": "first", "type": "approval", "assignees": [{"member": "li"}], "due": DUE}
COPIED = {Record: ("id",), Process: ("id", "record_id"), Task: ("id", "process_id", "record_id")}
COPIED |= {Timer: ("id", "process_id")}


def run() -> Iterator[Row]:
    for kind in KINDS:
        with installation(kind) as place:
            place.runtime.clock = clock = Clock(datetime.now(UTC))
            world = one_request(new_world(place.runtime))
            copy(world, 1, FEW)
            idle, busy = looks(world, clock)
            copy(world, FEW, MANY)
            many_idle, many_busy = looks(world, clock)
        for what, ours, few in (("nothing due", many_idle, idle), ("all due at one moment", many_busy, busy)):
            yield Row(
                f"a sweep's look at the timers of {MANY:,} open processes, {what}, {kind}",
                f"{ours:.1f} ms",
                f"of {FEW} open {few:.1f} ms",
                f"{ours / few:.1f}",
                "< 100 ms",
            )


def one_request(world: World) -> World:
    form = {"$schema": "https://formloom.dev/schema/form/v1"} | FORM
    workflow = {"$schema": "https://formloom.dev/schema/workflow/v1", "form": "request", "steps": [STEP]}
    world.app(forms=[form], workflows={"request": workflow})
    records.create_record(world.caller("amy"), "request", {"amount": 6000, "note": "n"})
    return world


def copy(world: World, first: int, last: int) -> None:
    """Add copies of the first request numbered from `first` up to `last`, by the database itself."""
    numbers = select(literal(first).label("number")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number + 1 < last))

    def renamed(column: ColumnElement[str]) -> ColumnElement[str]:
        return "c" + cast(numbers.c.number, String)

    with world.runtime.database.engine.begin() as connection:
        for model, keys in COPIED.items():
            source = table_of(model)
            original = connection.execute(select(source.c.id).order_by(source.c.id.desc()).limit(1)).scalar_one()
            columns = [renamed(column) if column.name in keys else column for column in source.columns]
            rows = select(*columns).select_from(source.join(numbers, text("1 = 1"))).where(source.c.id == original)
            connection.execute(insert(source).from_select(list(source.columns), rows))
    with world.runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def looks(world: World, clock: Clock) -> tuple[float, float]:
    """Milliseconds of a look with nothing due, and of one that takes a timer while all are due."""
    idle = [look(world, False) for _ in range(TIMES)]
    clock.forward(days=3)
    busy = [look(world, True) for _ in range(TIMES)]
    clock.now -= timedelta(days=3)
    return statistics.median(idle), statistics.median(busy)


def look(world: World, finds: bool) -> float:
    begun = time.perf_counter()
    found = leases.take(world.runtime, Timer, "bench")
    took = (time.perf_counter() - begun) * 1000
    if (found is not None) is not finds:
        raise AssertionError("the look found what it should not, or nothing")
    return took
