"""Turns of writing to SQLite, for the threads of a process and for the processes of a machine."""

import os
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
UNKNOWN = -1
"""No count: somebody writes just now, or (on Windows) it is not known who wrote."""


class OneWriter:
    """Lets one thread on this machine write to a SQLite file at a time.

    SQLite has one writer anyway and lets the others ask again and again, with pauses that grow to a tenth of a second;
    whoever waits here goes on as soon as it is its turn. Who waits for `patience` seconds goes on, too, and hears from
    SQLite why.

    The file holds a count that grows as a turn begins and as it ends (odd: it goes on, or ended with its process), so that
    whoever read something before its turn knows whether anybody has written since.
    """

    def __init__(self, file: Path, patience: float) -> None:
        """`file` is made beside the database; the lock on it ends with the process that holds it, however that ends."""
        self._file = file
        self._patience = patience
        self._threads = threading.Lock()
        self._opened: tuple[int, IO[bytes]] | None = None

    @contextmanager
    def __call__(self) -> Iterator[int]:
        """The turn of one transaction; gives what `count` gave just before it."""
        taken = self._threads.acquire(timeout=self._patience)
        try:
            with self._among_processes() as before:
                yield before
        finally:
            if taken:
                self._threads.release()

    def count(self) -> int:
        """The same as long as nobody has had a turn; `UNKNOWN` while somebody has."""
        count = 1 if fcntl is None else self._read()
        return UNKNOWN if count % 2 else count

    def _read(self) -> int:
        return int.from_bytes(os.pread(self._descriptor(), 8, 0), "big")

    def _write(self, count: int) -> None:
        os.pwrite(self._descriptor(), count.to_bytes(8, "big"), 0)

    @contextmanager
    def _among_processes(self) -> Iterator[int]:
        if fcntl is None:
            yield 0
            return
        held = self._descriptor()
        until = time.monotonic() + self._patience
        while not _locked(held) and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        try:
            before = self._read()
            self._write(before + 1 + before % 2)
            yield before
        finally:
            self._write(before + 2 + before % 2)
            fcntl.flock(held, fcntl.LOCK_UN)

    def _descriptor(self) -> int:
        """The opened file, once a process: a child that shared its parent's would share its turn."""
        if self._opened is None or self._opened[0] != os.getpid():
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            self._opened = (os.getpid(), os.fdopen(descriptor, "r+b", buffering=0))
        return self._opened[1].fileno()

    def close(self) -> None:
        """Close the file; the next turn opens it again."""
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None


def _locked(descriptor: int) -> bool:
    """Whether the lock could be had just now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
