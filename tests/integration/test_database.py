"""Transactions on both databases: nothing is lost, nothing crosses a workspace, a reader can't write."""

import multiprocessing
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from builders import World, new_world
from counting import count_up, count_up_elsewhere
from sqlalchemy.exc import IntegrityError, OperationalError

from formloom.platform.checkpoints import EVERY, Checkpoints
from formloom.platform.connections import IDLE_SECONDS
from formloom.platform.database import Database
from formloom.platform.guard import WorkspaceMissing, WriteInReading
from formloom.platform.models import Base, Counter, Member, Workspace, new_id, table_of
from formloom.platform.one_writer import UNKNOWN, OneWriter
from formloom.platform.prepared import PreparedSelect
from formloom.platform.runtime import Runtime
from formloom.platform.transactions import WorkspaceSession

THREADS, EACH = 8, 40


def _make_a_table_and_fail(runtime: Runtime) -> None:
    with runtime.database.defining() as connection:
        connection.exec_driver_sql("CREATE TABLE p_999 (id INTEGER)")
        raise ZeroDivisionError


def _nudge_and_fail(world: World) -> None:
    with world.admin.writing() as db:
        db.nudge("outbox", "2")
        raise ZeroDivisionError


def _counter(world: World) -> int:
    with world.admin.reading() as db:
        return db.scalars(sa.select(Counter.value).where(Counter.name == "test")).one()


def test_eight_threads_lose_no_update(world: World) -> None:
    with world.admin.writing() as db:
        db.add(Counter(workspace_id=world.workspace_id, name="test", value=0))
    database = world.runtime.database
    threads = [threading.Thread(target=count_up, args=(database, world.workspace_id, EACH)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _counter(world) == THREADS * EACH


def test_two_processes_lose_no_update(world: World, database_url: str) -> None:
    with world.admin.writing() as db:
        db.add(Counter(workspace_id=world.workspace_id, name="test", value=0))
    spawn = multiprocessing.get_context("spawn")
    arguments = (database_url, world.workspace_id, EACH)
    processes = [spawn.Process(target=count_up_elsewhere, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert _counter(world) == 2 * EACH


def test_tables_made_in_a_failed_transaction_are_not_there(runtime: Runtime) -> None:
    with pytest.raises(ZeroDivisionError):
        _make_a_table_and_fail(runtime)
    with runtime.database.engine.connect() as connection:
        assert "p_999" not in sa.inspect(connection).get_table_names()


def test_a_query_on_models_stays_in_its_workspace(runtime: Runtime) -> None:
    here, there = new_world(runtime), new_world(runtime)
    with here.admin.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Member)) == len(here.people["members"])
        assert db.get(Member, (there.workspace_id, "amy")) is None


def test_an_update_on_models_stays_in_its_workspace(runtime: Runtime) -> None:
    here, there = new_world(runtime), new_world(runtime)
    with here.admin.writing() as db:
        db.execute(sa.update(Member).values(name="x"))
    with there.admin.reading() as db:
        assert "x" not in db.scalars(sa.select(Member.name)).all()


@pytest.mark.parametrize(
    "statement",
    [
        sa.select(Member.__table__.c.id),
        sa.text("SELECT 1"),
        sa.select(Member.__table__.c.id).where(Member.__table__.c.id == "amy"),
    ],
)
def test_a_query_on_tables_without_its_workspace_is_refused(world: World, statement: sa.Executable) -> None:
    with world.admin.reading() as db, pytest.raises(WorkspaceMissing):
        db.execute(statement)


def test_a_row_of_another_workspace_can_not_be_added(runtime: Runtime) -> None:
    here, there = new_world(runtime), new_world(runtime)
    with pytest.raises(WorkspaceMissing), here.admin.writing() as db:
        db.add(Counter(workspace_id=there.workspace_id, name="x", value=1))


def test_a_reading_session_refuses_to_write(world: World) -> None:
    with world.admin.reading() as db, pytest.raises(WriteInReading):
        db.execute(sa.update(Member).values(name="x"))
    with world.runtime.reading() as db:
        db.add(Workspace(name="x", created_at=world.clock()))
        with pytest.raises(WriteInReading):
            db.flush()


def test_workers_are_nudged_after_the_commit_and_not_after_a_rollback(world: World) -> None:
    told: list[tuple[str, str]] = []
    world.runtime.nudge = lambda kind, ident: told.append((kind, ident))
    with world.admin.writing() as db:
        db.nudge("outbox", "1")
        assert told == []
    with pytest.raises(ZeroDivisionError):
        _nudge_and_fail(world)
    assert told == [("outbox", "1")]


def _row(world: World, name: str) -> dict[str, object]:
    return {"workspace_id": world.workspace_id, "name": name, "value": 1}


def _counters(world: World) -> set[str]:
    with world.admin.reading() as db:
        return set(db.scalars(sa.select(Counter.name)))


def _insert_and_fail(db: WorkspaceSession, *rows: dict[str, object]) -> None:
    with db.begin_nested():
        db.insert(table_of(Counter), *rows)
        raise ZeroDivisionError


def _write_and_fail(db: WorkspaceSession, *rows: dict[str, object]) -> None:
    with db.begin_nested():
        db.insert(table_of(Counter), *rows)
        db.write_out()
        raise ZeroDivisionError


def test_a_query_sees_the_rows_that_were_inserted_before_it(world: World) -> None:
    with world.admin.writing() as db:
        db.insert(table_of(Counter), _row(world, "a"), _row(world, "b"))
        assert set(db.scalars(sa.select(Counter.name))) == {"a", "b"}
        db.execute(sa.update(Counter).where(Counter.name == "a").values(value=5))
        db.insert(table_of(Counter), _row(world, "c"))
    assert _counters(world) == {"a", "b", "c"}


def test_a_savepoint_that_is_rolled_back_takes_only_its_own_rows(world: World) -> None:
    with world.admin.writing() as db:
        db.insert(table_of(Counter), _row(world, "before"))
        with pytest.raises(ZeroDivisionError):
            _insert_and_fail(db, _row(world, "inside"))
        with pytest.raises(ZeroDivisionError):
            _write_and_fail(db, _row(world, "written"))
        with db.begin_nested():
            db.insert(table_of(Counter), _row(world, "kept"))
        db.insert(table_of(Counter), _row(world, "after"))
    assert _counters(world) == {"before", "kept", "after"}


def _insert_twice(world: World) -> None:
    with world.admin.writing() as db:
        db.insert(table_of(Counter), _row(world, "one"), _row(world, "twice"))
        db.insert(table_of(Counter), _row(world, "twice"))


def test_a_row_that_is_there_twice_is_an_integrity_error_and_nothing_stays(world: World) -> None:
    with pytest.raises(IntegrityError):
        _insert_twice(world)
    assert _counters(world) == set()


def test_a_reader_inserts_nothing(world: World) -> None:
    with world.admin.reading() as db, pytest.raises(WriteInReading):
        db.insert(table_of(Counter), _row(world, "x"))


def _empty_tables(connection: sa.Connection) -> None:
    """Tables of which the database knows nothing yet."""
    if connection.dialect.name == "postgresql":
        schema = f"plans_{new_id().replace('-', '')}"
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        connection.exec_driver_sql(f"SET search_path TO {schema}")
        connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
        Base.metadata.create_all(connection)


def _plan(connection: sa.Connection, table: sa.Table) -> str:
    """How the database finds a row of `table` by its primary key."""
    columns = list(table.primary_key.columns)
    if connection.dialect.name == "sqlite":
        where = " AND ".join(f'"{column.name}" = ?' for column in columns)
        query = f'EXPLAIN QUERY PLAN SELECT 1 FROM "{table.name}" WHERE {where}'
        return "\n".join(row[3] for row in connection.exec_driver_sql(query, ("",) * len(columns)))
    where = " AND ".join(f'"{column.name}" = ${number}' for number, column in enumerate(columns, 1))
    connection.exec_driver_sql(f'PREPARE look AS SELECT 1 FROM "{table.name}" WHERE {where}')
    nulls = ", ".join("NULL" for _ in columns)
    plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN EXECUTE look({nulls})"))
    connection.exec_driver_sql("DEALLOCATE look")
    return plan


def test_a_row_is_found_by_its_key_before_there_are_any_statistics(runtime: Runtime) -> None:
    """Otherwise each foreign key is checked by reading all rows of a workspace, until the first ANALYZE."""
    with runtime.database.engine.connect() as connection:
        _empty_tables(connection)
        tables = [table for table in Base.metadata.sorted_tables if "workspace_id" in table.primary_key.columns]
        plans = {table.name: _plan(connection, table) for table in tables}
        connection.rollback()
    key = {"sqlite": "sqlite_autoindex_{}_1", "postgresql": "pk_{} on"}[connection.dialect.name]
    assert len(plans) > 20
    assert {name: plan for name, plan in plans.items() if key.format(name) not in plan} == {}


def test_a_count_tells_whether_anybody_has_written_since(tmp_path: Path) -> None:
    mine, other = (OneWriter(tmp_path / "turn", 1, lambda: None) for _ in range(2))
    count = mine.count()
    turn = mine.begin()
    assert (turn.before, other.count()) == (count, UNKNOWN)
    mine.end(turn)
    later = mine.count()
    assert later == other.count() != count
    turn = other.begin()
    assert turn.before == later
    other.close()  # as a process that was killed in its turn leaves it
    assert mine.count() == UNKNOWN
    turn = mine.begin()
    assert turn.before not in (count, later)
    mine.end(turn)
    assert mine.count() not in (UNKNOWN, later)
    mine.close()


def test_who_loses_patience_takes_nobodys_turn_away(tmp_path: Path) -> None:
    mine, other = (OneWriter(tmp_path / "turn", 0.01, lambda: None) for _ in range(2))
    turn = mine.begin()
    for writer in (mine, other):  # another thread, another process
        impatient = writer.begin()
        assert impatient.before is None
        writer.end(impatient)
        assert other.count() == UNKNOWN
    assert other.begin().before is None
    mine.end(turn)
    assert mine.count() > (turn.before or 0) + 2
    mine.close()


def test_checkpoints_of_sqlite_are_made_beside_the_work(tmp_path: Path) -> None:
    file = tmp_path / "a # b.db"
    made = Checkpoints(str(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE t (n INTEGER)")
        for number in range(EVERY):
            assert not _in_the_file(file)
            writer.execute("INSERT INTO t VALUES (?)", (number,))
            made.written()
        made.close()
        assert _in_the_file(file)


def _in_the_file(file: Path) -> bool:
    """Whether the table is in the database's file itself, not in its log alone."""
    with closing(sqlite3.connect(f"{file.as_uri()}?immutable=1", uri=True)) as alone:
        return bool(alone.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


def test_a_database_that_is_away_is_said_to_be_so() -> None:
    away = Database("postgresql+psycopg://root@127.0.0.1:1/away")
    with pytest.raises(OperationalError), away.unbound(writes=True) as db:
        db.rows(PreparedSelect(sa.select(sa.literal(1).label("one"))), {})


def test_a_connection_that_died_while_it_lay_ready_costs_no_error(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url)
    who = sa.literal(0) if database.sqlite else sa.func.pg_backend_pid()
    asked = PreparedSelect(sa.select(who.label("who")))
    mine = database.ask(asked, {})
    assert database.ask(asked, {}) == mine is not None
    if not database.sqlite:
        server = sa.create_engine(database_url)
        with server.connect() as connection:
            connection.execute(sa.select(sa.func.pg_terminate_backend(mine.who)))
        server.dispose()
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 2 * IDLE_SECONDS)
    for module in ("connections", "database"):
        monkeypatch.setattr(f"formloom.platform.{module}.time", later)
    found = database.ask(asked, {})
    assert found is not None
    assert (found == mine) is database.sqlite
    database.close()


def test_a_prepared_statement_names_its_workspace_or_is_refused(world: World) -> None:
    loose = PreparedSelect(sa.select(table_of(Counter).c.value).where(table_of(Counter).c.name == "a"))
    with world.admin.writing() as db:
        with pytest.raises(WorkspaceMissing):
            db.rows(loose, {})
        bound = PreparedSelect(loose.query.where(table_of(Counter).c.workspace_id == sa.bindparam("own")))
        db.insert(table_of(Counter), _row(world, "a"))
        assert db.rows(bound, {"own": world.workspace_id}) == [(1,)]
