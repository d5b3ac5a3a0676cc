"""One line of the result, and how a function is timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, our figure, the yardstick's, their ratio and what it should be."""

    what: str
    ours: str
    yardstick: str
    ratio: str
    target: str


def per_second(run: Callable[[], object], *, seconds: float = 2.0) -> float:
    """How often `run` can be done in a second: the best of three stretches."""
    run()
    best = 0.0
    for _ in range(3):
        count, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < seconds / 3:
            run()
            count += 1
        best = max(best, count / (time.perf_counter() - begun))
    return best
