"""Two human steps and a choice in the engine, the state as JSON between them, beside SpiffWorkflow in the same process."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.process import our_process, spiff_process
from bench.rows import Row, per_second


def run() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = our_process(), spiff_process(Path(folder))
        mine, spiff = per_second(ours, theirs)
        yield Row(
            "two human steps and a choice, in the engine",
            f"{mine:,.0f}/s",
            f"SpiffWorkflow {spiff:,.0f}/s",
            f"{mine / spiff:.1f} ×",
            "≥ 10 ×",
        )
        yield Row(
            "state between the human steps",
            f"{ours():,} bytes",
            f"SpiffWorkflow {theirs():,} bytes",
            f"{ours() / theirs():.2f}",
            "–",
        )
