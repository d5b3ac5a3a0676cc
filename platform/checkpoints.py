"""Checkpoints of SQLite, beside the work: what was committed goes from the write-ahead log into the database file.

SQLite makes them in the commit that fills the log, so that somebody waits for the disk (13 ms each, measured) while all
who want to write wait for them. Here a thread makes them sooner; of one that comes too late SQLite itself makes up for.
"""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

EVERY = 100
"""Transactions: some 2,000 pages of the log, half of what SQLite itself waits for (see database.py)."""


class Checkpoints:
    """The checkpoints that one process makes."""

    def __init__(self, file: str) -> None:
        self._uri = f"{Path(file).absolute().as_uri()}?mode=rw"
        self._written = 0
        self._thread: threading.Thread | None = None

    def written(self) -> None:
        """A transaction has written; after every hundredth of them a thread makes a checkpoint, unless one does already."""
        self._written += 1
        if self._written < EVERY or (self._thread is not None and self._thread.is_alive()):
            return
        self._written = 0
        thread = threading.Thread(target=self._make, name="checkpoint", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no more threads: what was written is written all the same
            log.warning("no checkpoint", error=str(error))
        else:
            self._thread = thread

    def _make(self) -> None:
        """Neither readers nor writers wait for a passive one."""
        try:
            with closing(sqlite3.connect(self._uri, uri=True)) as connection:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            log.warning("no checkpoint", error=str(error))

    def close(self) -> None:
        """Wait for the one that is being made."""
        if self._thread is not None:
            self._thread.join()
