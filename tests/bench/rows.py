"""One line of the result, and how a function is timed."""

import gc
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


AT_A_TIME = 20
"""Runs between two looks at the clock, which cost a microsecond themselves."""


def per_second(*runs: Callable[[], object], seconds: float = 2.0, stretches: int = 8) -> list[float]:
    """How often each of `runs`, which only compute, can be done in a second of this process's own time on a core.

    The best of short stretches, turn and turn about: a machine that is busy for a while slows down all of them alike.
    """
    best = [0.0] * len(runs)
    for run in runs:
        run()
    gc.collect()
    gc.freeze()  # as the product does once it has started; else what other benches left behind is looked through again
    for _ in range(stretches):
        for index, run in enumerate(runs):
            count, begun = 0, time.process_time()
            while (passed := time.process_time() - begun) < seconds / stretches:
                for _ in range(AT_A_TIME):
                    run()
                count += AT_A_TIME
            best[index] = max(best[index], count / passed)
    return best
