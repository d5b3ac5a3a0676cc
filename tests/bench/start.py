"""The second start: from the command to the first page."""

import statistics
from collections.abc import Iterator

from bench.installation import free_port, installation, server
from bench.rows import Row


def run() -> Iterator[Row]:
    port = free_port()
    command = ["formloom.platform.cli", "serve", "--port", str(port)]
    with installation("SQLite") as place:
        seconds = []
        for _ in range(4):
            with server(command, f"http://127.0.0.1:{port}/sign-in", place.environment) as took:
                seconds.append(took)
    yield Row("second start to the first page", f"{statistics.median(seconds[1:]):.1f} s", "–", "–", "< 3 s")
