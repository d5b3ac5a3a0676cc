"""What people open every day does not grow with the company: found by an index, in as many statements for many rows as for few."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from builders import DATE, MEMBER, MONEY, TEXT, World, form, link
from integration.test_admin_pages import signed_in
from sqlalchemy import event

from formloom.platform.held import Held
from formloom.platform.models import Job, Task
from formloom.platform.records.titled import titled_in
from formloom.platform.services import forms as drafting
from formloom.platform.services import (
    inbox,
    indexing,
    migrating,
    notifications,
    processes,
    publishing,
    records,
    replaying,
)
from formloom.platform.services.records import Filter, Query, Sort

Statement = tuple[str, Any]
CUSTOMER = form("customer", {"name": TEXT, "notes": TEXT}, title="{name}")
REQUEST = form(
    "request", {"amount": MONEY, "owner": MEMBER, "on": DATE, "customer": link("customer")}, title="{amount}"
)
STEPS: dict[str, Any] = {
    "$schema": "https://formloom.dev/schema/workflow/v1",
    "form": "request",
    "steps": [
        {"id": "told", "type": "notify", "to": [{"member": "li"}]},
        {"id": "first", "type": "approval", "assignees": [{"member": "li"}]},
    ],
}


@pytest.fixture
def busy(world: World) -> World:
    """A few requests that wait for Li Lei, and one that he has decided."""
    world.app(forms=[CUSTOMER, REQUEST], workflows={"request": STEPS})
    _file(world, 2)
    li = world.caller("li")
    task = inbox.todo(li).rows[-1].task_id
    assert task is not None
    processes.decide(li, task, "approve")
    return world


def _file(world: World, times: int) -> None:
    for number in range(times):
        customer = world.add("customer", name=f"客户 {number}")
        world.add("request", amount=number, owner="amy", on="2026-11-01", customer=customer)


@contextmanager
def noted(world: World) -> Iterator[list[Statement]]:
    """The statements that are executed meanwhile, with their parameters."""
    engine, execute, found = world.runtime.database.engine, Held.execute, list[Statement]()

    def by_sqlalchemy(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        found.append((statement, values))

    def by_driver(held: Held, statement: str, values: Any) -> Any:
        found.append((statement, values))
        return execute(held, statement, values)

    event.listen(engine, "before_cursor_execute", by_sqlalchemy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Held, "execute", by_driver)
        yield found
    event.remove(engine, "before_cursor_execute", by_sqlalchemy)


def plans(world: World, work: Callable[[], object]) -> str:
    """How SQLite finds the rows of every query of `work`."""
    with noted(world) as found:
        work()
    asked = [(statement, values) for statement, values in found if statement.startswith("SELECT")]
    lines: list[str] = []
    with world.runtime.database.engine.connect() as connection:
        for statement, values in asked:
            lines += [str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        connection.rollback()
    return "\n".join(lines)


def _any_way_will_do(world: World) -> bool:
    """PostgreSQL sees that a table has three rows, and that another index of it is no longer a way to them."""
    return not world.runtime.database.sqlite


def test_the_boxes_of_the_inbox_and_the_bell_have_an_index_each(busy: World) -> None:
    li = busy.caller("li")
    assert _any_way_will_do(busy) or "ix_task_closed_by" in plans(busy, lambda: inbox.done(li))
    assert _any_way_will_do(busy) or "ix_notification_notice" in plans(busy, lambda: inbox.copied(li))
    assert _any_way_will_do(busy) or "ix_notification_unread" in plans(busy, lambda: notifications.unread(li))
    assert [len(box(li).rows) for box in (inbox.done, inbox.copied, inbox.todo)] == [1, 2, 1]


def test_whether_one_has_a_task_with_a_record_is_looked_up_for_each_record_alone(busy: World) -> None:
    """And not by gathering all the tasks that somebody ever had."""
    li = busy.caller("li")
    with busy.admin.reading() as db:
        ident = db.scalars(sa.select(Task.record_id)).first()
    assert _any_way_will_do(busy) or "ix_task_record_id_workspace_id_member_id" in plans(
        busy, lambda: records.record(li, "request", ident)
    )


def test_a_record_is_found_by_its_title_through_an_index(busy: World) -> None:
    with busy.admin.reading() as db:
        assert [each.title for each in titled_in(db, busy.admin, "customer", " 客户 １ ")] == ["客户 1"]
        assert titled_in(db, busy.admin, "customer", "客户") == []
        assert titled_in(db, busy.admin, "customer", "客户 汪") == []

    def look() -> None:
        with busy.admin.reading() as db:
            titled_in(db, busy.admin, "customer", "客户 1")

    assert _any_way_will_do(busy) or "_title_s" in plans(busy, look)


def test_who_sounds_alike_is_not_taken_for_another(world: World) -> None:
    world.app(forms=[CUSTOMER])
    ids = {name: world.add("customer", name=name) for name in ("王", "汪")}
    with world.admin.reading() as db:
        assert [each.id for each in titled_in(db, world.admin, "customer", "汪")] == [ids["汪"]]


def test_no_index_of_a_form_begins_with_the_workspace(busy: World) -> None:
    with busy.runtime.database.engine.connect() as connection:
        inspector = sa.inspect(connection)
        tables = [name for name in inspector.get_table_names() if name.startswith("p_")]
        first = {
            str(index["name"]): index["column_names"][0] for name in tables for index in inspector.get_indexes(name)
        }
    assert len(first) >= 4
    assert "workspace_id" not in first.values()


def test_a_text_of_any_length_is_saved_under_an_index(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL refuses long entries in an ordered index."""
    monkeypatch.setattr(indexing, "SLOW_SECONDS", 0.0)
    long = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(6000))
    query = Query(filters=[Filter("notes", "eq", long)], sort=[Sort("notes")])
    records.records(busy.admin, "customer", query)
    with busy.admin.reading() as db:
        [job] = db.scalars(sa.select(Job)).all()
    assert indexing.build(busy.admin, lambda *told: None, **job.arguments)["columns"] != []
    ident = busy.add("customer", name="A", notes=long)
    assert [row.id for row in records.records(busy.admin, "customer", query).rows] == [ident]
    assert records.count(busy.admin, "customer", Query(filters=[Filter("notes", "eq", long[:-1])])) == 0


def test_postgresql_compiles_no_queries(world: World) -> None:
    if not world.runtime.database.sqlite:
        with world.runtime.database.engine.connect() as connection:
            assert connection.scalar(sa.text("SHOW jit")) == "off"


PAGES = [
    ("li", "/"), ("li", "/inbox?box=todo"), ("li", "/inbox?box=copied"), ("amy", "/inbox?box=started"),
    ("li", "/notifications"), ("li", "/search?q=客户"), ("amy", "/apps/office/request"), ("root", "/apps/office/request?sort=-amount"),
    ("amy", "/pick/records/customer?q=客"), ("root", "/admin/members"),
]  # fmt: skip


def test_a_page_asks_as_often_for_many_rows_as_for_few(busy: World) -> None:
    clients = {member: signed_in(busy, member) for member in ("li", "amy", "root")}

    def asked(member: str, address: str) -> int:
        clients[member].get(address)  # what is kept in memory is there now
        with noted(busy) as found:
            assert clients[member].get(address).status_code == 200
        return len(found)

    few = {page: asked(*page) for page in PAGES}
    _file(busy, 12)
    many = {page: asked(*page) for page in PAGES}
    assert {page: (few[page], many[page]) for page in PAGES if many[page] > few[page]} == {}


def test_what_is_said_of_requests_under_another_version_is_asked_for_all_of_them_at_once(busy: World) -> None:
    def asked(work: Callable[[World], object]) -> int:
        with noted(busy) as found:
            work(busy)
        return len(found)

    looks = (
        lambda world: replaying.replay(world.admin, "request"),
        lambda world: migrating.plan(world.admin, "request"),
    )
    other = {**STEPS, "steps": [{**STEPS["steps"][1], "title": "Another"}]}
    drafting.save_draft(busy.admin, "request", "workflow", other)
    _file(busy, 1)
    publishing.publish(busy.admin, "request")
    few = [asked(look) for look in (*looks, *looks)][2:]
    drafting.save_draft(busy.admin, "request", "workflow", STEPS)
    _file(busy, 8)
    publishing.publish(busy.admin, "request")
    many = [asked(look) for look in (*looks, *looks)][2:]
    assert migrating.plan(busy.admin, "request").older == 10
    assert (
        max(after - before for before, after in zip(few, many, strict=True)) <= 2
    )  # the definitions of one version more
