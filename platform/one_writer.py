"""Turns of writing to SQLite, for the threads of a process and for the processes of a machine."""

import mmap
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple
from weakref import WeakSet

try:
    import fcntl
except ImportError:  # Windows: the threads of a process still wait for each other, processes as SQLite lets them
    fcntl = None  # type: ignore[assignment]

PAUSE_SECONDS = 0.0002
COUNT_BYTES = 8
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

    def __init__(self, file: Path, patience: float, after: Callable[[], None]) -> None:
        """`file` is made beside the database; the lock on it ends with the process that holds it, however that ends.

        `after` is called after each turn, when the next one may have begun.
        """
        self._file = file
        self._patience = patience
        self._after = after
        self._threads = threading.Lock()
        self._opened: _Opened | None = None

    def count(self) -> int:
        """The same as long as nobody has had a turn; `UNKNOWN` while somebody has."""
        count = 1 if fcntl is None else self._here().count[0]
        return UNKNOWN if count % 2 else count

    def begin(self) -> "Turn":
        """Wait until it is one's turn, and take it: until its `end`, which is to come however the turn goes."""
        among_threads = self._threads.acquire(timeout=self._patience)
        try:
            if fcntl is None or not among_threads or not self._lock():
                return Turn(among_threads, None)
            count = self._here().count
            before = count[0]
            count[0] = before + 1 + before % 2
            return Turn(among_threads, before)
        except BaseException:
            if among_threads:
                self._threads.release()
            raise

    def end(self, turn: "Turn") -> None:
        """Let the next one have its turn."""
        if fcntl is not None:
            here = self._here()
            if turn.before is None:  # somebody else's turn goes on
                here.count[0] += 2
            else:
                here.count[0] += 2 - here.count[0] % 2
                fcntl.flock(here.descriptor, fcntl.LOCK_UN)
        if turn.among_threads:
            self._threads.release()
        self._after()

    def _lock(self) -> bool:
        """Lock the file; False where another process had it for too long."""
        descriptor = self._here().descriptor
        until = None
        while not _locked(descriptor):
            now = time.monotonic()
            until = until or now + self._patience
            if now >= until:
                return False
            time.sleep(PAUSE_SECONDS)
        return True

    def _here(self) -> "_Opened":
        """The opened file, once a process: a child that shared its parent's would share its turn."""
        if self._opened is None:
            self._opened = _Opened(self._file)
            _OPENED.add(self)
        return self._opened

    def forget(self) -> None:
        """In a child: the file that the parent has opened is the parent's, and so is its turn."""
        self._opened, self._threads = None, threading.Lock()

    def close(self) -> None:
        """Close the file; the next turn opens it again."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None


class Turn(NamedTuple):
    """The turn of one transaction: whether other threads wait for its end, and the count just before it.

    `before` is None where nobody else waits for it, because it lost its patience (or on Windows).
    """

    among_threads: bool
    before: int | None


class _Opened:
    """The file, opened by one process. `count` is its one number, shared with all others that have opened it."""

    def __init__(self, file: Path) -> None:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        self._stream: IO[bytes] = os.fdopen(descriptor, "r+b", buffering=0)
        self.descriptor = descriptor
        if os.fstat(descriptor).st_size < COUNT_BYTES:
            os.ftruncate(descriptor, COUNT_BYTES)
        self._map = mmap.mmap(descriptor, COUNT_BYTES)
        self.count = memoryview(self._map).cast("Q")

    def close(self) -> None:
        self.count.release()
        self._map.close()
        self._stream.close()


def _forget_in_child() -> None:
    for writer in _OPENED:
        writer.forget()


_OPENED: WeakSet[OneWriter] = WeakSet()
if fcntl is not None:
    os.register_at_fork(after_in_child=_forget_in_child)


def _locked(descriptor: int) -> bool:
    """Whether the lock could be had just now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
