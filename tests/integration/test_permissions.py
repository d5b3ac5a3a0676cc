"""Permissions: the predicate and the SQL filter say the same for everybody, and each door asks them."""

from typing import Any

import pytest
from builders import MEMBER, MEMBERS, PEOPLE, TEXT, World, form, table
from sqlalchemy import select

from formloom.form_engine.form import Form
from formloom.platform import permissions
from formloom.platform.definitions import published_in
from formloom.platform.errors import NotAllowed, NotFound
from formloom.platform.permissions import compile_rules
from formloom.platform.projections import tables
from formloom.platform.records.store import who_in
from formloom.platform.services import records
from formloom.platform.services.records import RecordRow

DEPARTMENT = {"type": "string", "x-field": {"type": "department"}}
THING = form(
    "thing",
    {"name": TEXT, "owner": MEMBER, "team": MEMBERS, "unit": DEPARTMENT, "rows": table({"who": MEMBER, "what": TEXT})},
)
MEMBER_IDS = [member["id"] for member in PEOPLE["members"]]
GRANTS: list[Any] = [
    "all",
    "own",
    "department",
    {"role": "finance"},
    {"role": "hr", "in": "north"},
    {"role": "finance", "in": "office"},
    {"member": "bob"},
    {"department": "sales"},
    {"department": "sales", "below": True},
    {"headOf": {"department": "sales"}},
    {"headOf": {"initiator": True}},
    {"headOf": {"field": "owner"}},
    {"headOf": {"field": "unit"}},
    {"managerOf": {"initiator": True}},
    {"managerOf": {"initiator": True}, "level": 2},
    {"managerOf": {"field": "owner"}, "upTo": 3},
    {"managerOf": {"field": "team"}},
    {"managerOf": {"field": "rows.who"}},
    {"field": "owner"},
    {"field": "team"},
    {"field": "unit"},
    {"field": "rows.who"},
    {"initiator": True},
]
RECORDS: list[tuple[str, dict[str, Any]]] = [
    ("amy", {}),
    ("amy", {"owner": "bob"}),
    ("bob", {"owner": "amy", "unit": "north"}),
    ("li", {"team": ["amy", "wang"]}),
    ("wang", {"unit": "sales", "rows": [{"who": "li"}, {"who": "amy"}]}),
    ("root", {"owner": "li", "rows": [{"what": "x"}]}),
    ("root", {"team": ["root"], "unit": "office"}),
]


@pytest.fixture
def things(world: World) -> World:
    world.app(forms=[THING], permissions={"thing": {"see": ["own"]}})
    for by, values in RECORDS:
        world.add("thing", by=by, **values)
    return world


def _loaded(world: World) -> tuple[Form, list[RecordRow]]:
    with world.admin.reading() as db:
        return published_in(db, world.admin, "thing").form, list(records.records(world.admin, "thing").rows)


def test_for_each_grant_and_everybody_the_predicate_and_the_filter_let_in_the_same(things: World) -> None:
    loaded, rows = _loaded(things)
    for grant in GRANTS:
        rules = compile_rules({"see": [], "edit": [grant]}, loaded, has_workflow=False)
        for member in MEMBER_IDS:
            caller = things.caller(member)
            with caller.reading() as db:
                who = who_in(db, caller)
                published = published_in(db, caller, "thing")
                layout = tables.ensure_in(db, things.runtime.database, published)
                table_ = layout.main
                query = select(table_.c.id).where(table_.c.workspace_id == db.workspace_id)
                by_filter = set(db.scalars(query.where(permissions.permitted(who, "edit", rules, layout))))
            by_predicate = {row.id for row in rows if permissions.may(who, "edit", rules, row.created_by, row.values)}
            assert (grant, member, by_filter) == (grant, member, by_predicate)


def test_each_grant_lets_somebody_in_and_keeps_somebody_out(things: World) -> None:
    """Without this, a filter and a predicate that both refuse everybody would agree, too."""
    loaded, rows = _loaded(things)
    for grant in GRANTS:
        rules = compile_rules({"edit": [grant]}, loaded, has_workflow=False)
        verdicts = set()
        for member in MEMBER_IDS[1:]:
            caller = things.caller(member)
            with caller.reading() as db:
                who = who_in(db, caller)
            verdicts |= {permissions.may(who, "edit", rules, row.created_by, row.values) for row in rows}
        everybody = ("all", {"department": "sales", "below": True})  # but for the admin, who is left out here
        nobody = {"role": "finance", "in": "office"}
        expected = {True} if grant in everybody else {False} if grant == nobody else {True, False}
        assert (grant, verdicts) == (grant, expected)


DOORS: dict[str, Any] = {
    "read": lambda caller, ident: records.record(caller, "thing", ident),
    "history": lambda caller, ident: records.history(caller, "thing", ident),
    "change": lambda caller, ident: records.update_record(caller, "thing", ident, {"name": "x"}, version=1),
    "delete": lambda caller, ident: records.delete_record(caller, "thing", ident),
}


def test_whoever_does_not_see_a_record_finds_it_behind_no_door(world: World) -> None:
    world.app(forms=[THING], permissions={"thing": {"see": [], "edit": ["all"], "delete": ["all"]}})
    ident = world.add("thing", by="li")
    for door in DOORS.values():
        with pytest.raises(NotFound):
            door(world.caller("bob"), ident)
    assert records.count(world.caller("bob"), "thing") == 0


def test_whoever_only_sees_a_record_changes_it_through_no_door(world: World) -> None:
    world.app(forms=[THING], permissions={"thing": {"see": ["all"], "edit": [], "delete": []}})
    ident = world.add("thing", by="li")
    for name in ("read", "history"):
        DOORS[name](world.caller("bob"), ident)
    for name in ("change", "delete"):
        with pytest.raises(NotAllowed):
            DOORS[name](world.caller("bob"), ident)
    detail = records.record(world.caller("bob"), "thing", ident)
    assert (detail.may_edit, detail.may_delete) == (False, False)


def test_whoever_may_not_add_is_told_so(world: World) -> None:
    world.app(forms=[THING], permissions={"thing": {"add": [{"role": "finance"}]}})
    world.add("thing", by="li")
    world.add("thing", by="root")
    for act in (lambda: world.add("thing", by="amy"), lambda: records.new_record(world.caller("amy"), "thing")):
        with pytest.raises(NotAllowed):
            act()


def test_a_record_in_the_bin_is_seen_by_whoever_may_delete_it(world: World) -> None:
    world.app(forms=[THING], permissions={"thing": {"see": ["all"], "delete": ["own"]}})
    ident = world.add("thing", by="li")
    records.delete_record(world.caller("li"), "thing", ident)
    assert records.record(world.caller("li"), "thing", ident).deleted_at is not None
    with pytest.raises(NotFound):
        records.record(world.caller("bob"), "thing", ident)
    assert records.count(world.caller("bob"), "thing", records.Query(bin=True)) == 0
    with pytest.raises(NotFound):
        records.restore_record(world.caller("bob"), "thing", ident)
