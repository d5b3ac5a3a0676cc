"""The second start: from the command to the first page."""

import statistics
from collections.abc import Iterator

from bench.installation import installation, server
from bench.rows import Row

PORT = 8933


def run() -> Iterator[Row]:
    command = ["formloom.platform.cli", "serve", "--port", str(PORT)]
    with installation("SQLite") as place:
        seconds = []
        for _ in range(4):
            with server(command, f"http://127.0.0.1:{PORT}/sign-in", place.environment) as took:
                seconds.append(took)
    yield Row("second start to the first page", f"{statistics.median(seconds[1:]):.1f} s", "–", "–", "< 3 s")
