"""Turns of writing to SQLite, for the threads of a process and for the processes of a machine."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: the threads of a process still wait for each other, processes as SQLite lets them
    fcntl = None  # type: ignore[assignment]

PAUSE_SECONDS = 0.0002


class OneWriter:
    """Lets one thread on this machine write to a SQLite file at a time.

    SQLite has one writer anyway and lets the others ask again and again, with pauses that grow to a tenth of a second;
    whoever waits here goes on as soon as it is its turn. Who waits for `patience` seconds goes on, too, and hears from
    SQLite why.
    """

    def __init__(self, file: Path, patience: float) -> None:
        """`file` is made beside the database; the lock on it ends with the process that holds it, however that ends."""
        self._file = file
        self._patience = patience
        self._threads = threading.Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """The turn of one transaction."""
        taken = self._threads.acquire(timeout=self._patience)
        try:
            with self._among_processes():
                yield
        finally:
            if taken:
                self._threads.release()

    @contextmanager
    def _among_processes(self) -> Iterator[None]:
        if fcntl is None:
            yield
            return
        with self._file.open("ab") as held:
            until = time.monotonic() + self._patience
            while not _locked(held) and time.monotonic() < until:
                time.sleep(PAUSE_SECONDS)
            try:
                yield
            finally:
                fcntl.flock(held, fcntl.LOCK_UN)  # at once, also where a child process has inherited the file


def _locked(file: IO[bytes]) -> bool:
    """Whether the lock on `file` could be had just now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
