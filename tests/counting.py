"""Counting up in a database, as a module of its own so that another process can import it."""

import sqlalchemy as sa

from formloom.platform.database import Database
from formloom.platform.models import Counter


def count_up(database: Database, workspace_id: int, times: int) -> None:
    """Raise the counter `test` by one, `times` times, each in its own transaction that reads and then writes."""
    for _ in range(times):
        with database.session(workspace_id, writes=True) as db:
            row = db.scalars(sa.select(Counter).where(Counter.name == "test").with_for_update()).one()
            row.value += 1
            db.commit()


def count_up_elsewhere(url: str, workspace_id: int, times: int) -> None:
    """The same on an engine of its own."""
    database = Database(url)
    count_up(database, workspace_id, times)
    database.close()
