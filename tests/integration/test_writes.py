"""Rows that a transaction gathers, on both databases: SQLite takes them one by one, PostgreSQL as one statement."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from builders import World

from formloom.platform.app import create_app
from formloom.platform.errors import Conflict
from formloom.platform.faults import fault_of
from formloom.platform.models import AuditEntry, Counter, Record, new_id, table_of
from formloom.platform.services import records

AT = datetime(2026, 11, 28, 9, 30, 15, 123456, tzinfo=UTC)
ODD = {
    "large": 2**70 + 1,
    "exact": 0.1,
    "text": "é 汉字 😀 \\ \" ' \n %s $1 :name \\u0000 \\\\u0000",
    "deep": [None, True, {"": []}],
}


def _line(world: World, verb: str, after: Any) -> dict[str, Any]:
    return {
        "workspace_id": world.workspace_id,
        "id": new_id(),
        "at": AT,
        "member_id": "amy",
        "as_member_id": None,
        "verb": verb,
        "subject": "test",
        "before": None,
        "after": after,
        "request_id": None,
        "address": None,
    }


def _counter(world: World, name: str, value: int) -> dict[str, Any]:
    return {"workspace_id": world.workspace_id, "name": name, "value": value}


def _record(world: World) -> Record:
    world.app(forms=[{"$id": "f", "title": "F", "type": "object", "properties": {"a": {"type": "string"}}}])
    made = records.create_record(world.admin, "f", {"a": "as it was"})
    with world.admin.reading() as db:
        return db.get_one(Record, (world.workspace_id, made.id))


def _change(world: World, seen: Record, title: str) -> None:
    with world.admin.writing() as db:
        db.insert(table_of(Counter), _counter(world, title, 1))
        db.change(seen, {"title": title, "version": seen.version + 1}, Conflict("Somebody was faster."))
        db.insert(table_of(AuditEntry), _line(world, title, {}))


@pytest.mark.parametrize("count", [1, 2, 3])  # few and many are written in two ways on PostgreSQL
def test_rows_come_back_as_they_were_written(world: World, count: int) -> None:
    lines = [_line(world, "odd", ODD), _line(world, "none", None), _line(world, "汉😀", {})][:count]
    with world.admin.writing() as db:
        db.insert(table_of(AuditEntry), *lines)
    with world.admin.reading() as db:
        found = db.scalars(sa.select(AuditEntry).where(AuditEntry.subject == "test").order_by(AuditEntry.id)).all()
        read = [{name: getattr(row, name) for name in lines[0]} for row in found]
    assert read == sorted(lines, key=lambda line: line["id"])


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(("verb", "after"), [("half \ud800", {}), ("a", {"b": "half \ud800"}), ("a", {"b": "\\\0"})])
def test_what_can_not_be_stored_is_told_as_such_and_not_as_a_fault_of_ours(
    world: World, verb: str, after: dict[str, str], count: int
) -> None:
    with pytest.raises(Exception) as raised, world.admin.writing() as db:
        db.insert(table_of(AuditEntry), *(_line(world, verb, after) for _ in range(count)))
    app = create_app(world.runtime.settings, world.runtime)
    with app.test_request_context():
        assert fault_of(raised.value, "en").status == 422


def test_rows_of_one_table_are_written_in_their_order(world: World) -> None:
    table = table_of(Counter)
    with world.admin.writing() as db:
        db.insert(table, _counter(world, "a", 1), _counter(world, "b", 1))
        db.update(table, {"workspace_id": world.workspace_id, "name": "a"}, {"value": 2})
        db.insert(table, _counter(world, "b", 3), _counter(world, "c", 3), there=("value",))
        db.insert(table_of(AuditEntry), _line(world, "counted", {}))
        db.update(table, {"workspace_id": world.workspace_id, "name": "c"}, {"value": 4})
    with world.admin.reading() as db:
        assert dict(db.execute(sa.select(Counter.name, Counter.value)).all()) == {"a": 2, "b": 3, "c": 4}
        assert db.scalars(sa.select(AuditEntry.verb).where(AuditEntry.subject == "test")).all() == ["counted"]


def test_a_row_that_somebody_else_has_changed_is_not_changed_and_nothing_stays(world: World) -> None:
    seen = _record(world)
    with world.admin.reading() as db:
        seen_too = db.get_one(Record, (world.workspace_id, seen.id))
    _change(world, seen, "first")
    with pytest.raises(Conflict, match="Somebody was faster"):
        _change(world, seen_too, "second")
    with world.admin.reading() as db:
        assert db.scalars(sa.select(Record.title)).all() == ["first"]
        assert db.scalars(sa.select(Counter.name)).all() == ["first"]
        assert db.scalars(sa.select(AuditEntry.verb).where(AuditEntry.subject == "test")).all() == ["first"]
