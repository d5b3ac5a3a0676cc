"""Lists that took long get an index, once, and what people see does not change."""

import pytest
import sqlalchemy as sa
from builders import MEMBERS, MONEY, TEXT, World, form

from formloom.platform import work
from formloom.platform.models import Job
from formloom.platform.services import indexing, records
from formloom.platform.services.records import Filter, Query, Sort


@pytest.fixture
def slow(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Every list counts as slow here, because no test should wait for a big one."""
    monkeypatch.setattr(indexing, "SLOW_SECONDS", 0.0)
    world.app(forms=[form("thing", {"name": TEXT, "amount": MONEY, "team": MEMBERS})])
    for number in range(5):
        world.add("thing", name=f"n{number}", amount=5 - number)
    return world


def _jobs(world: World) -> list[dict[str, str]]:
    with world.admin.reading() as db:
        return [job.arguments for job in db.scalars(sa.select(Job).order_by(Job.id))]


def _indexes(world: World) -> set[str]:
    with world.runtime.database.engine.connect() as connection:
        inspector = sa.inspect(connection)
        [name] = [name for name in inspector.get_table_names() if name.startswith("p_")]
        return {str(index["name"]).removeprefix(f"ix_{name}_") for index in inspector.get_indexes(name)}


def test_a_slow_list_asks_for_an_index_of_each_field_once(slow: World) -> None:
    query = Query(sort=[Sort("amount")], filters=[Filter("name", "starts", "n"), Filter("team", "empty")])
    for _ in range(3):
        records.records(slow.caller("amy"), "thing", query)
    assert sorted(job["field"] for job in _jobs(slow)) == ["amount", "name"]


def test_the_job_builds_the_index_and_the_list_stays_the_same(slow: World) -> None:
    query = Query(sort=[Sort("amount"), Sort("name")])
    before = [row.id for row in records.records(slow.admin, "thing", query).rows]
    hands = work.Hands(slow.runtime, at_once=2)
    hands.sweep("job")
    hands.sweep("job")
    assert {"f2_id"} <= _indexes(slow)
    assert [row.id for row in records.records(slow.admin, "thing", query).rows] == before
    slow.add("thing", name="new", amount=0)


def test_a_list_in_no_order_asks_for_nothing(slow: World) -> None:
    records.records(slow.admin, "thing", Query(sort=[Sort("created_at"), Sort("status")]))
    assert _jobs(slow) == []


def test_a_form_has_a_bounded_number_of_indexes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SLOW_SECONDS", 0.0)
    keys = [f"k{number}" for number in range(indexing.MOST_INDEXES + 5)]
    world.app(forms=[form("thing", dict.fromkeys(keys, TEXT))])
    world.add("thing", k0="x")
    for key in keys:
        records.records(world.admin, "thing", Query(sort=[Sort(key)]))
    assert len(_jobs(world)) == indexing.MOST_INDEXES
