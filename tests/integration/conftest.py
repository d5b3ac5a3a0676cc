"""Real databases for the integration tests: each test runs on SQLite and on PostgreSQL.

One database a worker is made when it is first needed and dropped at the end; between tests its tables are emptied, and
the projections that a test made are dropped. FORMLOOM_TEST_POSTGRES names another server than the local one.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import Clock, World, new_world

from formloom.platform import migrations
from formloom.platform.models import Base
from formloom.platform.runtime import Runtime, create_runtime
from formloom.platform.settings import read_settings

SERVER = os.environ.get("FORMLOOM_TEST_POSTGRES", "postgresql+psycopg://root@127.0.0.1:5432")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database of this worker, dropped at the end."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'formloom.db'}"
        return
    name = f"formloom_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    server = sa.create_engine(f"{SERVER}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield f"{SERVER}/{name}"
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(scope="session")
def migrated(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A runtime on that database with all tables made; only `runtime` uses it, because nothing is emptied here."""
    folder = tmp_path_factory.mktemp("data")
    runtime = create_runtime(
        read_settings({"FORMLOOM_DATABASE_URL": database_url, "FORMLOOM_DATA_FOLDER": str(folder)})
    )
    migrations.upgrade(runtime.database)
    yield runtime
    runtime.close()


@pytest.fixture
def runtime(migrated: Runtime) -> Iterator[Runtime]:
    """A runtime on an empty database; its clock stands at 2026-11-24 09:00 UTC until a test moves it."""
    migrated.clock = Clock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    yield migrated
    _empty(migrated)
    migrated.database.kept.clear()  # SQLite gives the numbers of deleted rows again


@pytest.fixture
def world(runtime: Runtime) -> World:
    """The sample company of builders.py in a workspace of its own."""
    return new_world(runtime)


@pytest.fixture
def data_folder(migrated: Runtime) -> Path:
    """The folder that the runtime writes to."""
    return migrated.settings.data_folder


def _empty(runtime: Runtime) -> None:
    """Remove files, drop projections and empty every table, so that the next test begins with nothing."""
    for path in list(runtime.files.all()):
        workspace, _, ident = path.split("/")
        runtime.files.delete(int(workspace), ident)
    with runtime.database.defining() as connection:
        made = [name for name in sa.inspect(connection).get_table_names() if name.startswith("p_")]
        for name in made:
            connection.exec_driver_sql(f"DROP TABLE {name}")
        if runtime.database.sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        else:  # without looking at foreign keys, which takes longer than the tests
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
