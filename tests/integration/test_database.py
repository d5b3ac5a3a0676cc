"""Transactions on both databases: nothing is lost, nothing crosses a workspace, a reader can't write."""

import multiprocessing
import threading

import pytest
import sqlalchemy as sa
from builders import World, new_world
from counting import count_up, count_up_elsewhere

from formloom.platform.database import WorkspaceMissing, WriteInReading
from formloom.platform.models import Counter, Member, Workspace
from formloom.platform.runtime import Runtime

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
