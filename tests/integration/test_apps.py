"""Apps: installed whole or not at all, exported as they came, deleted so that they can be brought back."""

import json
from datetime import UTC, datetime

import pytest
from builders import TEXT, Clock, World, form
from sqlalchemy import func, select

from formloom.form_engine.errors import DefinitionError
from formloom.platform.errors import Conflict, InputInvalid, NotFound
from formloom.platform.models import App, Member, Notification, Process, Role, Task
from formloom.platform.packages import library
from formloom.platform.packages.files import read_folder, read_zip, write_zip
from formloom.platform.packages.package import write_json
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import accounts, apps, forms, records, roles

TEMPLATES = library.keys()


@pytest.fixture
def admin(runtime: Runtime) -> Caller:
    """The only person of a new workspace."""
    made = accounts.create_workspace(
        runtime, workspace="Hesheng", name="Ann", email="ann@example.com", password="correct horse battery",
        language="en", zone="Asia/Shanghai",
    )  # fmt: skip
    return caller_for(runtime, made.workspace_id, made.member_id)


@pytest.mark.parametrize("key", TEMPLATES)
def test_what_is_exported_is_what_was_installed_byte_for_byte(admin: Caller, key: str) -> None:
    apps.install(admin, key)
    exported = read_zip(apps.export_app(admin, key))
    files = {path: content for path, content in read_folder(library.FOLDER / key).items() if path.endswith(".json")}

    assert {path: json.loads(content) for path, content in exported.items()} == {
        path: json.loads(content) for path, content in files.items()
    }
    assert [list(json.loads(exported[path])) for path in files] == [list(json.loads(files[path])) for path in files]
    elsewhere = accounts.create_workspace(
        admin.runtime, workspace="Other", name="Bo", email="bo@example.com", password="correct horse battery",
        language="en", zone="UTC", another=True,
    )  # fmt: skip
    other = caller_for(admin.runtime, elsewhere.workspace_id, elsewhere.member_id)
    apps.import_app(other, apps.export_app(admin, key))
    assert apps.export_app(other, key) == apps.export_app(admin, key)


def test_a_role_of_an_app_is_told_apart_from_the_own_one_called_the_same(admin: Caller) -> None:
    own = roles.save_role(admin, None, name="finance", translations={"zh_Hans": "财务"})
    apps.install(admin, "rewards")
    called = {row.id: (row.name, row.translations.get("zh_Hans")) for row in roles.roles(admin)}
    assert called[own] == ("finance", "财务")
    assert called["finance"] == ("Finance (Reward approval)", "财务（奖励审批）")
    assert called["hr"] == ("Human resources", "人事")


def test_the_sample_of_every_template_is_played_through_the_real_engine(admin: Caller) -> None:
    for key in TEMPLATES:
        apps.install(admin, key, sample_data=True)
    with admin.reading() as db:
        outcomes = dict(db.execute(select(Process.outcome, func.count()).group_by(Process.outcome)).all())
        open_tasks = db.scalar(select(func.count()).select_from(Task).where(Task.status == "open"))
        mails = db.scalar(select(func.count()).select_from(Notification).where(Notification.mail_due_at.is_not(None)))
        unread = db.scalar(select(func.count()).select_from(Notification).where(Notification.read_at.is_(None)))
        latest = db.scalar(select(func.max(Process.started_at)))
    assert outcomes["approved"] > 20
    assert {"rejected", "withdrawn"} & set(outcomes)
    assert outcomes[None] > 3
    assert open_tasks > 3
    assert (mails, unread) == (0, 0)
    assert latest <= admin.now()
    for key in TEMPLATES:
        for form_key, samples in library.package(key).records.items():
            made = records.count(admin, form_key) + records.count(admin, form_key, records.Query(bin=True))
            assert made >= len(samples)


def test_sample_data_are_of_this_week_whenever_they_are_installed(runtime: Runtime, admin: Caller) -> None:
    assert isinstance(runtime.clock, Clock)
    runtime.clock.now = datetime(2028, 2, 29, 9, tzinfo=UTC)
    apps.install(admin, "training", sample_data=True)
    rows = records.records(admin, "course", records.Query(sort=[records.Sort("created_at", True)])).rows
    assert (runtime.clock.now - rows[0].created_at).days < 40
    assert rows[0].created_at.weekday() == _original_weekday(rows[0].title)


def _original_weekday(title: str) -> int:
    samples = library.package("training").records["course"]
    [at] = [
        sample["at"] for sample in samples if sample["values"].get("name", "") and sample["values"]["name"] in title
    ]
    return datetime.fromisoformat(at).astimezone(UTC).weekday()


def test_an_app_is_installed_once(admin: Caller) -> None:
    apps.install(admin, "rewards")
    with pytest.raises(Conflict, match="installed already"):
        apps.install(admin, "rewards")
    with pytest.raises(NotFound):
        apps.install(admin, "nothing")


def test_nothing_is_installed_over_a_form_of_another_app(world: World) -> None:
    world.app("mine", forms=[form("reward_ledger", {"name": TEXT})])
    with pytest.raises(Conflict, match="reward_ledger"):
        apps.install(world.admin, "rewards")
    with world.admin.reading() as db:
        assert list(db.scalars(select(App.key))) == ["mine"]


def test_a_role_that_is_there_already_stays(world: World) -> None:
    apps.install(world.admin, "rewards")
    with world.admin.reading() as db:
        names = dict(db.execute(select(Role.id, Role.name)).all())
    assert names["finance"] == "Finance"
    assert "managing_director" in names


def test_a_package_with_errors_is_refused_with_each_of_them(admin: Caller) -> None:
    files = read_folder(library.FOLDER / "rewards") | {"forms/reward_ledger.json": write_json({"$id": "x"})}
    with pytest.raises(DefinitionError) as refused:
        apps.import_app(admin, write_zip(files))
    assert any(problem.pointer.startswith("/forms/reward_ledger.json") for problem in refused.value.problems)
    with pytest.raises(InputInvalid):
        apps.import_app(admin, b"no zip")
    with admin.reading() as db:
        assert db.scalar(select(func.count()).select_from(App)) == 0


def test_a_deleted_app_is_out_of_sight_and_can_be_brought_back(world: World) -> None:
    world.app(forms=[form("thing", {"name": TEXT})])
    ident = world.add("thing", name="x")
    with pytest.raises(InputInvalid):
        apps.delete_app(world.admin, "office", name_typed="offic")
    apps.delete_app(world.admin, "office", name_typed="Office")
    assert apps.apps(world.admin) == []
    for act in (
        lambda: records.record(world.admin, "thing", ident),
        lambda: forms.draft(world.admin, "thing"),
        lambda: apps.app(world.admin, "office"),
        lambda: world.add("thing", name="y"),
    ):
        with pytest.raises(NotFound):
            act()
    assert [row.key for row in apps.deleted_apps(world.admin)] == ["office"]
    with pytest.raises(Conflict, match="bin"):
        world.app(forms=[form("other", {"name": TEXT})])
    apps.restore_app(world.admin, "office")
    assert records.record(world.admin, "thing", ident).row.values == {"name": "x"}


def test_the_menu_shows_everybody_what_is_theirs(world: World) -> None:
    world.app(
        forms=[form("open", {"name": TEXT}), form("closed", {"name": TEXT})],
        permissions={"closed": {"add": [{"role": "finance"}], "see": [{"role": "finance"}]}},
        translations={"zh_Hans": {"name": "办公室"}},
    )
    assert [entry.form for entry in apps.app(world.caller("amy"), "office").navigation] == ["open"]
    assert [entry.form for entry in apps.app(world.caller("li"), "office").navigation] == ["open", "closed"]
    [row] = apps.apps(world.caller("amy"))
    assert [(form.key, form.may_add) for form in row.forms] == [("open", True)]


def test_an_app_nobody_but_admins_can_use_is_not_there_for_others(world: World) -> None:
    world.app(forms=[form("closed", {"name": TEXT})], permissions={"closed": {"add": [], "see": []}})
    assert apps.apps(world.caller("amy")) == []
    with pytest.raises(NotFound):
        apps.app(world.caller("amy"), "office")
    assert [row.key for row in apps.apps(world.admin)] == ["office"]


def test_views_have_their_columns_filters_and_order(admin: Caller) -> None:
    apps.install(admin, "crm")
    found = apps.view(admin, "crm", "customers_key")
    assert (found.form, found.title, found.columns[0]) == ("customer", "Key accounts", "name")
    with pytest.raises(NotFound):
        apps.view(admin, "crm", "nothing")


def test_sample_people_can_be_told_from_nobody(admin: Caller) -> None:
    apps.install(admin, "rewards", sample_data=True)
    apps.install(admin, "crm", sample_data=True)
    with admin.reading() as db:
        emails = list(db.scalars(select(Member.email)))
    assert len(emails) == len(set(emails))


def test_a_blank_app_gets_a_key_from_its_name(admin: Caller) -> None:
    keys = [apps.create_app(admin, name=name) for name in ("Visitors", "visitors", "访客登记", "42 things", "!!!")]
    assert keys[:2] == ["visitors", "visitors_2"]
    assert keys[2] == "fang_ke_deng_ji"
    assert all(forms.KEY.fullmatch(key) for key in keys)
    for wrong in ({"name": ""}, {"name": "x", "accent": "pink"}, {"name": "x", "icon": "<svg>"}):
        with pytest.raises(InputInvalid):
            apps.create_app(admin, **wrong)
