"""A 20-field record posted over HTTP that starts a workflow, beside a bare endpoint that inserts one JSON row.

Both on gunicorn with 2 processes of 4 threads and the same database, 8 clients, turn and turn about.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

from bench.installation import KINDS, Installation, free_port, installation, server
from bench.load import Measured, measure
from bench.rows import Row
from bench.validate import sample, small_form

from formloom.form_engine import definition

ROUNDS = 3


def run() -> Iterator[Row]:
    values = sample(definition.load(small_form()))
    for kind in KINDS:
        with installation(kind) as place:
            ours, bare = measured(place, values)
        rate, yardstick = (statistics.median(one.rate for one in some) for some in (ours, bare))
        yield Row(
            f"POST a 20-field record that starts a workflow, {kind}",
            f"{rate:,.0f}/s, p50 {statistics.median(one.p50 for one in ours):.0f} ms, p95 {statistics.median(one.p95 for one in ours):.0f} ms",
            f"bare insert {yardstick:,.0f}/s",
            f"{rate / yardstick:.2f}",
            "≥ 0.25",
        )


def measured(place: Installation, values: dict[str, object]) -> tuple[list[Measured], list[Measured]]:
    own_port, bare_port = free_port(), free_port()
    bare_environment = {**place.environment, "BARE_DATABASE": place.database.replace("bench.db", "bare.db")}
    web = ["formloom.platform.cli", "web", "--port", str(own_port), "--processes", "2", "--threads", "4"]
    gunicorn = [
        "gunicorn",
        "--preload",
        "--workers",
        "2",
        "--threads",
        "4",
        "--bind",
        f"127.0.0.1:{bare_port}",
        "bare:app",
    ]
    headers = {"Authorization": f"Bearer {place.token}"}
    url = f"http://127.0.0.1:{own_port}/api/v1/forms/bench_request/records"
    ours: list[Measured] = []
    bare: list[Measured] = []
    with (
        server(web, f"http://127.0.0.1:{own_port}/healthz", place.environment),
        server(gunicorn, f"http://127.0.0.1:{bare_port}/rows", bare_environment, Path(__file__).parent),
    ):
        measure(url, lambda number: {"values": values}, headers, seconds=1)
        for _ in range(ROUNDS):
            ours.append(measure(url, lambda number: {"values": values}, headers, seconds=4))
            bare.append(measure(f"http://127.0.0.1:{bare_port}/rows", lambda number: dict(values), {}, seconds=4))
    for one in ours + bare:
        if one.failed:
            raise RuntimeError(f"{one.failed} answers were no 201: {one.first_failure}")
    return ours, bare
