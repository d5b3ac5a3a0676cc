"""`make bench`: every figure beside its yardstick, in the same run. `make bench ARGS="engine validate"` measures only those.

Ratios hold when the machine is slow or busy; absolute numbers do not. `--write` puts the table into docs/benchmarks.md.
"""

import argparse
import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[0] = str(ROOT / "tests")

from bench.rows import Row  # noqa: E402

BENCHES = (
    "start", "create", "engine", "replay", "steps", "validate", "services", "timers", "render", "recompute",
)  # fmt: skip
"""The pure ones before those that leave connections, caches and a larger heap behind in this process."""


def machine() -> str:
    """What was measured on."""
    model = next(
        (line.split(":")[1].strip() for line in cpu_lines() if line.startswith("model name")), platform.machine()
    )
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}, {platform.system()} {platform.release()}"


def cpu_lines() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | ours | yardstick | ratio | target |", "|---|---|---|---|---|"]
    lines += [f"| {row.what} | {row.ours} | {row.yardstick} | {row.ratio} | {row.target} |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="formloom bench", description=__doc__)
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"Some of: {', '.join(BENCHES)}. Default: all.")
    parser.add_argument("--write", action="store_true", help="Write docs/benchmarks.md.")
    chosen = parser.parse_args()
    unknown = set(chosen.benches) - set(BENCHES)
    if unknown:
        parser.error(f"there is no bench “{sorted(unknown)[0]}”; there are {', '.join(BENCHES)}")
    rows: list[Row] = []
    for name in chosen.benches or BENCHES:
        for row in importlib.import_module(f"bench.{name}").run():
            rows.append(row)
            print(f"{row.what}: {row.ours}; {row.yardstick}; {row.ratio} (target {row.target})", flush=True)  # noqa: T201
    if chosen.write:
        text = (
            f"# Benchmarks\n\nMeasured {datetime.now(UTC):%Y-%m-%d} by `make bench` on {machine()}.\n\n{table(rows)}\n"
        )
        notes = ROOT / "docs" / "benchmarks-notes.md"
        (ROOT / "docs" / "benchmarks.md").write_text(
            text + ("\n" + notes.read_text() if notes.exists() else ""), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
