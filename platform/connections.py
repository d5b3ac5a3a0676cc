"""Connections that lie ready for the next session.

Taking a connection out of SQLAlchemy's pool and giving it back costs a tenth of a small transaction (measured). So some
stay with whoever worked last, for whoever works next; all others of the program find theirs in the pool.
"""

import time
from collections import deque
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Dialect, Engine, PoolProxiedConnection, QueuePool

from formloom.platform.prepared import as_told

IDLE_SECONDS = 30
"""One that lay longer goes through the pool, which looks whether it still lives (see database.py)."""
IN_THE_POOL = 2
"""So many are left to whoever goes to the pool itself: a table that is made, a backup."""
USED = "used"
"""When a connection was used last, among what the pool knows of it."""


class Connections:
    """The connections of one engine. At most `ready` of them lie ready."""

    def __init__(self, engine: Engine, ready: int) -> None:
        self.engine = engine
        self.dialect: Dialect = engine.dialect
        self._most = ready
        assert isinstance(engine.pool, QueuePool)
        self._pool = engine.pool
        self._ready: deque[tuple[PoolProxiedConnection, float]] = deque()
        self._sqlite = engine.dialect.name == "sqlite"

    def take(self) -> PoolProxiedConnection:
        """The one that was used last, or one out of the pool.

        Raises:
            sqlalchemy.exc.OperationalError: the database is not to be reached.
        """
        while self._ready:
            try:
                pooled, since = self._ready.pop()
            except IndexError:  # another thread was faster
                break
            if time.monotonic() - since < IDLE_SECONDS:
                return pooled
            info = pooled.info
            pooled.close()
            info[USED] = since
        try:
            return self.engine.raw_connection()
        except self.dialect.loaded_dbapi.Error as error:
            raise as_told(error, self.dialect) from error

    def give(self, pooled: PoolProxiedConnection) -> None:
        """Give one back; what was not committed is undone. One with which something is wrong goes through the pool."""
        kept = False
        try:
            kept = self._room() and self._usable(pooled.driver_connection)
        finally:
            if kept:
                self._ready.append((pooled, time.monotonic()))
            else:
                pooled.close()

    def _room(self) -> bool:
        """Whether one more may lie ready: what goes to the pool itself is to find some there."""
        pool = self._pool
        return len(self._ready) < self._most and pool.checkedout() + IN_THE_POOL <= pool.size()

    def _usable(self, driver: Any) -> bool:
        """Whether a connection is as the next session needs it, or was made so."""
        if self._sqlite:
            if driver.in_transaction:
                driver.rollback()
            return True
        if driver.pgconn.transaction_status != TransactionStatus.IDLE:
            return False
        if not driver.autocommit:
            driver.autocommit = True
        return True

    def close(self) -> None:
        """Give all that lie ready back to the pool, and keep none from now on."""
        self._most = 0
        while self._ready:
            self._ready.pop()[0].close()
