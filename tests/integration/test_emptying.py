"""The bin: for 30 days everything can be brought back, then it is gone with all that hung on it."""

import sqlalchemy as sa
from builders import TEXT, World, form, table

from formloom.platform.models import App, AuditEntry, Form, FormVersion, Process, Record, StoredFile, Task
from formloom.platform.records.bin import delete_in
from formloom.platform.services import apps, emptying, files, records

FILE = {"type": "string", "x-field": {"type": "file"}}
THING = form("thing", {"name": TEXT, "paper": FILE, "rows": table({"what": TEXT})})
WORKFLOW = {"form": "thing", "steps": [{"id": "look", "type": "approval", "assignees": [{"role": "finance"}]}]}


def _rows(world: World, model: type) -> int:
    with world.admin.reading() as db:
        return db.scalars(sa.select(sa.func.count()).select_from(model)).one()


def _projection_rows(world: World) -> list[int]:
    with world.runtime.database.engine.connect() as connection:
        names = [name for name in sa.inspect(connection).get_table_names() if name.startswith("p_")]
        return [connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() for name in sorted(names)]


def test_a_record_in_the_bin_goes_after_thirty_days_with_all_that_hung_on_it(world: World) -> None:
    world.app(forms=[THING], workflows={"thing": WORKFLOW})
    paper = files.upload(world.caller("amy"), "thing", "paper", "a.pdf", b"%PDF")
    gone = world.add("thing", name="gone", paper=paper.id, rows=[{"what": "x"}])
    kept = world.add("thing", name="kept", rows=[{"what": "y"}])
    with world.admin.writing() as db:
        delete_in(db, world.admin, db.get_one(Record, (world.workspace_id, gone)))
    world.clock.forward(days=29)
    assert emptying.empty(world.runtime) == 0
    assert _projection_rows(world) == [2, 2]
    world.clock.forward(days=2)
    assert emptying.empty(world.runtime) == 1
    assert _projection_rows(world) == [1, 1]
    assert [_rows(world, model) for model in (Record, Process, Task, StoredFile)] == [1, 1, 1, 0]
    assert list(world.runtime.files.all()) == []
    assert records.record(world.caller("amy"), "thing", kept).row.values["name"] == "kept"
    with world.admin.reading() as db:
        verbs = list(db.scalars(sa.select(AuditEntry.verb).where(AuditEntry.subject == f"record:{gone}")))
    assert sorted(verbs) == ["record.created", "record.deleted", "record.removed"]


def test_a_deleted_app_goes_after_thirty_days_with_its_tables(world: World) -> None:
    world.app(forms=[THING])
    world.app("other", forms=[form("stays", {"name": TEXT})])
    for _ in range(3):
        world.add("thing", name="x")
    world.add("stays", name="x")
    apps.delete_app(world.admin, "office", name_typed="Office")
    world.clock.forward(days=31)
    emptying.empty(world.runtime)
    emptying.empty(world.runtime)
    assert [_rows(world, model) for model in (App, Form, FormVersion, Record)] == [1, 1, 1, 1]
    assert _projection_rows(world) == [1]
    world.app(forms=[THING])
    world.add("thing", name="again")
    assert records.count(world.admin, "thing") == 1


def test_nothing_in_use_is_ever_emptied(world: World) -> None:
    world.app(forms=[THING])
    world.add("thing", name="x")
    world.clock.forward(days=400)
    assert emptying.empty(world.runtime) == 0
    assert _rows(world, Record) == 1
