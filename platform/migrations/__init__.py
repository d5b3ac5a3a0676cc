"""Bringing a database to this program's tables (Alembic, run from here: there is no ini file and no env script).

Migrations expand first and contract a release later, so that the release before still runs on the newer tables.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from formloom.platform.database import Database
from formloom.platform.errors import FormloomError
from formloom.platform.models import Base

FOLDER = Path(__file__).parent
ADVISORY_LOCK = 0x666F726D  # 'form': one upgrade at a time on PostgreSQL

State = Literal["empty", "behind", "current", "newer"]


class DatabaseUnfit(FormloomError):
    """The database is not at this program's version; the sentence says what to do."""


def state(database: Database) -> State:
    """How the database stands to this program: without tables, behind it, at its version, or made by a newer one."""
    script = _scripts()
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return "empty"
    if revision not in {known.revision for known in script.walk_revisions()}:
        return "newer"
    return "current" if revision == script.get_current_head() else "behind"


def head() -> str:
    """The revision of this program's tables."""
    return str(_scripts().get_current_head())


def upgrade(database: Database) -> list[str]:
    """Make the tables, or bring them up to date, in one transaction; gives the revisions that were applied.

    Raises:
        DatabaseUnfit: the database was made by a newer Formloom.
    """
    if state(database) == "newer":
        raise DatabaseUnfit(NEWER)
    applied: list[str] = []
    script = _scripts()
    with database.defining() as connection:
        _one_at_a_time(database, connection)
        with EnvironmentContext(Config(), script, fn=_steps(script, applied)) as environment:
            environment.configure(connection=connection, target_metadata=Base.metadata)
            environment.run_migrations()
    return applied


def require_current(database: Database) -> None:
    """Refuse to run on tables that are not this program's.

    Raises:
        DatabaseUnfit: `formloom db upgrade` is needed, or a newer Formloom.
    """
    found = state(database)
    if found == "newer":
        raise DatabaseUnfit(NEWER)
    if found != "current":
        raise DatabaseUnfit("The database is not up to date. Run `formloom db upgrade` first.")


NEWER = "The database was made by a newer Formloom. Install that version, or restore a backup made by this one."


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER), version_locations=[str(FOLDER / "versions")])


def _steps(script: ScriptDirectory, applied: list[str]) -> Callable[[Any, MigrationContext], list[Any]]:
    def _todo(revision: Any, context: MigrationContext) -> list[Any]:
        found = script._upgrade_revs("head", revision)
        applied.extend(step.revision.revision for step in found)
        return found

    return _todo


def _one_at_a_time(database: Database, connection: Connection) -> None:
    if (
        not database.sqlite
    ):  # whoever comes second waits as long as the first needs, and only then counts to two seconds
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        database.limit_lock_wait(connection)
