"""Migrations: they make exactly the tables of the models, run once, and a newer database refuses an older program."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from formloom.platform import migrations
from formloom.platform.database import Database
from formloom.platform.migrations import DatabaseUnfit
from formloom.platform.models import Base

REVISIONS = sorted(file.name.partition("_")[0] for file in (migrations.FOLDER / "versions").glob("[0-9]*_*.py"))


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if database_url.startswith("sqlite"):
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
        return
    server = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
    name = f"{sa.engine.make_url(database_url).database}_empty"
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    database = Database(database_url.rpartition("/")[0] + f"/{name}")
    yield database
    database.close()
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def test_migrations_make_the_tables_of_the_models_and_nothing_else(empty: Database) -> None:
    migrations.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
        names = {table.name: _described(sa.inspect(connection), table.name) for table in Base.metadata.sorted_tables}
    assert differences == []
    assert names == {table.name: _wanted(table, sqlite=empty.sqlite) for table in Base.metadata.sorted_tables}


def _described(inspector: sa.Inspector, table: str) -> tuple[list[str], set[tuple[str, ...]], set[str]]:
    """Primary key in its order, foreign keys with what they do on a deletion, and indexes."""
    foreign = {
        (*key["constrained_columns"], key["referred_table"], str(key["options"].get("ondelete")))
        for key in inspector.get_foreign_keys(table)
    }
    indexes = {str(index["name"]) for index in inspector.get_indexes(table) if not index.get("duplicates_constraint")}
    return inspector.get_pk_constraint(table)["constrained_columns"], foreign, indexes


def _wanted(table: sa.Table, *, sqlite: bool) -> tuple[list[str], set[tuple[str, ...]], set[str]]:
    foreign = {
        (*(column.name for column in key.columns), key.referred_table.name, str(key.ondelete))
        for key in table.foreign_key_constraints
    }
    return [column.name for column in table.primary_key], foreign, {str(index.name) for index in table.indexes}


def test_the_workspace_leads_every_key_of_a_row_that_belongs_to_one() -> None:
    for table in Base.metadata.sorted_tables:
        if "workspace_id" in table.primary_key.columns:
            assert next(iter(table.primary_key)).name == "workspace_id", table.name
        for key in table.foreign_key_constraints:
            if "workspace_id" in table.primary_key.columns and key.referred_table.name not in ("workspace", "person"):
                assert next(iter(key.columns)).name == "workspace_id", (table.name, key.name)


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    assert migrations.state(empty) == "empty"
    assert migrations.upgrade(empty) == REVISIONS
    assert migrations.upgrade(empty) == []
    assert migrations.state(empty) == "current"
    migrations.require_current(empty)


def test_two_upgrades_at_once_are_one(empty: Database) -> None:
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(migrations.upgrade(empty))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [[], [], [], REVISIONS]


def test_a_database_without_tables_is_refused_with_what_to_do(empty: Database) -> None:
    with pytest.raises(DatabaseUnfit, match="formloom db upgrade"):
        migrations.require_current(empty)


def test_a_newer_database_is_refused(empty: Database) -> None:
    migrations.upgrade(empty)
    with empty.defining() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrations.state(empty) == "newer"
    for refused in (migrations.require_current, migrations.upgrade):
        with pytest.raises(DatabaseUnfit, match="newer Formloom"):
            refused(empty)
