"""A worker's sweep as a process of its own, so that several can race for the same rows: a module that a process can import."""

from datetime import datetime
from multiprocessing.synchronize import Barrier

from builders import Clock

from formloom.platform import work
from formloom.platform.runtime import create_runtime
from formloom.platform.settings import read_settings


def sweep_elsewhere(url: str, folder: str, now: datetime, kind: str, start: Barrier) -> None:
    """Once all are ready, do what of `kind` is due at `now`."""
    runtime = create_runtime(read_settings({"FORMLOOM_DATABASE_URL": url, "FORMLOOM_DATA_FOLDER": folder}))
    runtime.clock = Clock(now)
    hands = work.Hands(runtime, at_once=2)
    with runtime.reading() as db:
        db.connection()
    start.wait(60)
    hands.sweep(kind)
    runtime.close()
