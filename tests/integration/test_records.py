"""Records: submitted once, never lost, never overwritten unseen, and kept fast by what points at them."""

import threading
from typing import Any

import pytest
from builders import DATE, MEMBER, MONEY, NUMBER, TEXT, World, form, link, select, table
from sqlalchemy import func
from sqlalchemy import select as sql

from formloom.form_engine.errors import RecordInvalid
from formloom.platform.errors import Conflict, NotAllowed, NotFound, StaleRecord, Unconfirmed
from formloom.platform.models import Record
from formloom.platform.services import records

TAXED = {"type": "number", "readOnly": True, "x-field": {"compute": {"*": [{"var": "price"}, 1.13]}}}
VISIT = form(
    "visit",
    {
        "number": {"type": "string", "x-field": {"type": "serial", "pattern": "V-{yyyy}-{000}"}},
        "subject": TEXT,
        "on": DATE,
        "cost": MONEY,
        "code": {"type": "string", "x-field": {"unique": True}},
        "items": table({"what": TEXT, "price": MONEY, "with_tax": TAXED}),
        "total": {
            "type": "number",
            "readOnly": True,
            "x-field": {
                "type": "money",
                "currency": "CNY",
                "compute": {"sum": [{"map": [{"var": "items"}, {"var": "price"}]}]},
            },
        },
    },
    required=["subject"],
    title="{number} {subject}",
    rules=[{"when": {">": [{"var": "cost"}, 1000]}, "severity": "warning", "field": "cost", "message": "Really?"}],
)


@pytest.fixture
def office(world: World) -> World:
    world.app(forms=[VISIT])
    return world


def _row(world: World, ident: str, by: str = "amy", form_key: str = "visit") -> records.RecordRow:
    return records.record(world.caller(by), form_key, ident).row


def test_a_submitted_form_is_a_record_with_computed_values_a_title_and_a_number(office: World) -> None:
    ident = office.add(
        "visit", subject="Hengyue", items=[{"what": "Taxi", "price": 12.5}, {"what": "Lunch", "price": 30}]
    )
    row = _row(office, ident)
    assert row.values["total"] == 42.5
    assert row.values["number"] == "V-2026-001"
    assert row.title == "V-2026-001 Hengyue"
    assert [len(each["_row"]) > 0 for each in row.values["items"]] == [True, True]


def test_serial_numbers_count_on(office: World) -> None:
    idents = [office.add("visit", subject=str(number)) for number in range(3)]
    assert [_row(office, ident).values["number"] for ident in idents] == ["V-2026-001", "V-2026-002", "V-2026-003"]


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(office: World) -> None:
    with pytest.raises(RecordInvalid) as refused:
        records.create_record(office.caller("amy"), "visit", {"cost": 1.234, "code": "A"})
    assert {problem.pointer for problem in refused.value.errors} == {"/subject", "/cost"}
    assert records.count(office.admin, "visit") == 0
    office.add("visit", subject="x", code="A")


def test_the_same_submission_twice_is_one_record(office: World) -> None:
    caller = office.caller("amy")
    first = records.create_record(caller, "visit", {"subject": "x", "code": "A"}, submission_key="k1")
    again = records.create_record(caller, "visit", {"subject": "x", "code": "A"}, submission_key="k1")
    assert first.id == again.id
    assert records.count(caller, "visit") == 1


def test_the_submission_key_of_somebody_else_gives_nothing_away(office: World) -> None:
    records.create_record(office.caller("amy"), "visit", {"subject": "x"}, submission_key="k1")
    with pytest.raises(Exception) as refused:
        records.create_record(office.caller("bob"), "visit", {"subject": "y"}, submission_key="k1")
    assert not isinstance(refused.value, NotFound)
    assert records.count(office.caller("bob"), "visit") == 0


def test_eight_submissions_of_one_page_at_once_are_one_record(office: World) -> None:
    office.add("visit", subject="first")  # makes the tables
    found: list[str] = []

    def submit() -> None:
        caller = office.caller("amy")
        found.append(records.create_record(caller, "visit", {"subject": "x"}, submission_key="k").id)

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_warning_asks_to_be_confirmed_and_the_confirmation_is_kept(office: World) -> None:
    caller = office.caller("amy")
    with pytest.raises(Unconfirmed) as asked:
        records.create_record(caller, "visit", {"subject": "x", "cost": 2000})
    assert [(warning.pointer, warning.message) for warning in asked.value.warnings] == [("/cost", "Really?")]
    saved = records.create_record(caller, "visit", {"subject": "x", "cost": 2000}, confirmed=True)
    assert "record.confirmed" in [line.verb for line in records.history(caller, "visit", saved.id)]


def test_a_unique_value_is_refused_in_any_case_and_width(office: World) -> None:
    office.add("visit", subject="x", code="Ab １")
    with pytest.raises(RecordInvalid) as refused:
        office.add("visit", subject="y", code="aB 1")
    assert [problem.pointer for problem in refused.value.errors] == ["/code"]


def test_of_eight_records_with_one_unique_value_at_once_one_is_made(office: World) -> None:
    office.add("visit", subject="first")
    outcomes: list[bool] = []

    def submit(number: int) -> None:
        try:
            office.add("visit", subject=str(number), code="same")
            outcomes.append(True)
        except RecordInvalid:
            outcomes.append(False)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]


def test_the_bin_gives_unique_values_back_and_restoring_takes_them_again(office: World) -> None:
    caller = office.caller("amy")
    first = office.add("visit", subject="x", code="A")
    records.delete_record(caller, "visit", first)
    second = office.add("visit", subject="y", code="A")
    with pytest.raises(Conflict):
        records.restore_record(caller, "visit", first)
    records.delete_record(caller, "visit", second)
    records.restore_record(caller, "visit", first)
    assert [row.id for row in records.records(caller, "visit").rows] == [first]
    assert [row.id for row in records.records(caller, "visit", records.Query(bin=True)).rows] == [second]


def test_changing_a_field_leaves_the_others_and_tells_the_history(office: World) -> None:
    caller = office.caller("amy")
    ident = office.add("visit", subject="x", cost=5, on="2026-11-20")
    saved = records.update_record(caller, "visit", ident, {"subject": "y", "on": None}, version=1)
    values = _row(office, ident).values
    assert (saved.version, values["subject"], values["cost"], "on" in values) == (2, "y", 5, False)
    [change, created] = records.history(caller, "visit", ident)
    assert (change.before, change.after) == ({"subject": "x", "on": "2026-11-20"}, {"subject": "y"})
    assert created.verb == "record.created"


def test_a_stale_save_is_refused_with_both_versions_field_by_field(office: World) -> None:
    ident = office.add("visit", subject="x", cost=5, items=[{"what": "Taxi", "price": 100}])
    caller = office.caller("amy")
    [row] = _row(office, ident).values["items"]
    assert row["with_tax"] == 113
    typed = [{"_row": row["_row"], "what": "Taxi", "price": 100, "with_tax": None}]
    records.update_record(caller, "visit", ident, {"subject": "theirs"}, version=1)
    with pytest.raises(StaleRecord) as stale:
        records.update_record(caller, "visit", ident, {"subject": "mine", "cost": 5, "items": typed}, version=1)
    assert [(each.field, each.theirs, each.ours) for each in stale.value.fields] == [("subject", "theirs", "mine")]
    assert stale.value.version == 2
    assert _row(office, ident).values["subject"] == "theirs"


def test_of_eight_saves_over_one_version_one_is_made(office: World) -> None:
    ident = office.add("visit", subject="x")
    outcomes: list[bool] = []

    def save(number: int) -> None:
        try:
            records.update_record(office.caller("amy"), "visit", ident, {"subject": str(number)}, version=1)
            outcomes.append(True)
        except Conflict:
            outcomes.append(False)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]
    assert _row(office, ident).version == 2


def test_a_member_sees_what_is_theirs_and_what_names_them(world: World) -> None:
    world.app(forms=[form("thing", {"name": TEXT, "owner": MEMBER})])
    own = world.add("thing", by="amy", name="own")
    named = world.add("thing", by="li", name="named", owner="amy")
    other = world.add("thing", by="li", name="other")
    amy = world.caller("amy")
    assert {row.id for row in records.records(amy, "thing").rows} == {own, named}
    assert records.count(amy, "thing") == 2
    assert records.count(world.admin, "thing") == 3
    with pytest.raises(NotFound):
        records.record(amy, "thing", other)
    with pytest.raises(NotAllowed):
        records.update_record(amy, "thing", named, {"name": "x"}, version=1)


def test_a_record_of_another_workspace_is_not_there(runtime: Any, office: World) -> None:
    from builders import new_world

    ident = office.add("visit", subject="x")
    elsewhere = new_world(runtime)
    elsewhere.app(forms=[VISIT])
    for act in (
        lambda: records.record(elsewhere.admin, "visit", ident),
        lambda: records.update_record(elsewhere.admin, "visit", ident, {"subject": "y"}, version=1),
        lambda: records.delete_record(elsewhere.admin, "visit", ident),
        lambda: records.history(elsewhere.admin, "visit", ident),
    ):
        with pytest.raises(NotFound):
            act()
    assert records.count(elsewhere.admin, "visit") == 0


CUSTOMER = form("customer", {"name": TEXT, "owner": MEMBER})


def _orders(on_delete: str) -> dict[str, Any]:
    return form("order", {"customer": link("customer", onDelete=on_delete), "amount": MONEY})


def test_a_linked_record_can_not_be_deleted_while_others_point_at_it(world: World) -> None:
    world.app(forms=[CUSTOMER, _orders("restrict")])
    customer = world.add("customer", name="Hengyue")
    order = world.add("order", customer=customer)
    with pytest.raises(Conflict, match="1 of “Order” point at it"):
        records.delete_record(world.caller("amy"), "customer", customer)
    records.delete_record(world.caller("amy"), "order", order)
    records.delete_record(world.caller("amy"), "customer", customer)


def test_deleting_a_record_clears_links_to_it_that_say_so(world: World) -> None:
    world.app(forms=[CUSTOMER, _orders("clear")])
    customer = world.add("customer", name="Hengyue")
    order = world.add("order", customer=customer, amount=3)
    records.delete_record(world.admin, "customer", customer)
    assert dict(_row(world, order, form_key="order").values) == {"amount": 3}


def test_deleting_a_record_takes_what_it_owns_with_it(world: World) -> None:
    world.app(forms=[CUSTOMER, _orders("delete")])
    customer = world.add("customer", name="Hengyue")
    world.add("order", customer=customer)
    records.delete_record(world.caller("amy"), "customer", customer)
    assert records.count(world.admin, "order") == 0
    assert records.count(world.admin, "order", records.Query(bin=True)) == 1


def test_a_link_to_nothing_or_to_what_one_may_not_see_is_refused(world: World) -> None:
    world.app(forms=[CUSTOMER, _orders("restrict")])
    theirs = world.add("customer", by="li", name="Hengyue")
    for target in ("no-such-id", theirs):
        with pytest.raises(RecordInvalid) as refused:
            world.add("order", by="amy", customer=target)
        assert [problem.pointer for problem in refused.value.errors] == ["/customer"]


def test_a_person_who_is_not_there_is_refused(world: World) -> None:
    world.app(forms=[CUSTOMER])
    with pytest.raises(RecordInvalid):
        world.add("customer", name="x", owner="nobody")


def test_looked_up_and_rolled_up_values_are_as_they_are_now(world: World) -> None:
    customer = form(
        "customer",
        {
            "name": TEXT,
            "orders": {
                "type": "integer",
                "x-field": {"type": "rollup", "form": "order", "link": "customer", "aggregate": "count"},
            },
            "sold": {
                "type": "number",
                "x-field": {
                    "type": "rollup",
                    "form": "order",
                    "link": "customer",
                    "aggregate": "sum",
                    "field": "amount",
                },
            },
        },
    )
    called = {"type": "string", "x-field": {"type": "lookup", "link": "customer", "field": "name"}}
    order = form("order", {"customer": link("customer"), "amount": MONEY, "called": called})
    world.app(forms=[customer, order])
    ident = world.add("customer", name="Hengyue")
    orders = [world.add("order", customer=ident, amount=amount) for amount in (10.25, 20.5)]
    assert {key: _row(world, ident, form_key="customer").values[key] for key in ("orders", "sold")} == {
        "orders": 2,
        "sold": 30.75,
    }
    records.update_record(world.caller("amy"), "customer", ident, {"name": "Hengyue Ltd"}, version=1)
    assert _row(world, orders[0], form_key="order").values["called"] == "Hengyue Ltd"


COURSE = form("course", {"name": TEXT, "seats": NUMBER})
SIGNUP = form(
    "signup",
    {"course": link("course")},
    capacity=[{"link": "course", "max": "seats", "message": "{title} is full: all {max} seats are taken."}],
)
OPEN = {"course": {"see": ["all"]}}


def test_the_last_seat_is_taken_once(world: World) -> None:
    world.app(forms=[COURSE, SIGNUP], permissions=OPEN)
    course = world.add("course", by="root", name="Metrology", seats=3)
    outcomes: list[str] = []

    def sign_up(by: str) -> None:
        try:
            outcomes.append(world.add("signup", by=by, course=course) and "in")
        except RecordInvalid as refused:
            outcomes.append(refused.errors[0].message)

    world.add("signup", by="amy", course=course)
    threads = [threading.Thread(target=sign_up, args=(by,)) for by in ("amy", "bob", "li", "wang", "root")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Metrology is full: all 3 seats are taken."] * 3 + ["in", "in"]


def test_a_seat_that_is_given_up_can_be_taken(world: World) -> None:
    world.app(forms=[COURSE, SIGNUP], permissions=OPEN)
    course = world.add("course", by="root", name="Metrology", seats=1)
    first = world.add("signup", by="amy", course=course)
    records.delete_record(world.caller("amy"), "signup", first)
    world.add("signup", by="bob", course=course)
    with pytest.raises(Conflict, match="Metrology is full"):
        records.restore_record(world.caller("amy"), "signup", first)


def test_fields_that_are_hidden_from_a_person_are_never_sent_filtered_or_sorted_by(world: World) -> None:
    world.app(
        forms=[form("thing", {"name": TEXT, "cost": MONEY})],
        permissions={"thing": {"see": ["all"], "edit": ["all"], "fields": {"cost": {"see": [{"role": "finance"}]}}}},
    )
    ident = world.add("thing", by="li", name="x", cost=5)
    amy, li = world.caller("amy"), world.caller("li")
    assert dict(records.record(amy, "thing", ident).row.values) == {"name": "x"}
    assert dict(records.record(li, "thing", ident).row.values) == {"name": "x", "cost": 5}
    hidden: list[Any] = [
        records.Query(filters=[records.Filter("cost", "gt", 1)]),
        records.Query(sort=[records.Sort("cost")]),
    ]
    for query in hidden:
        with pytest.raises(Exception, match="cost"):
            records.records(amy, "thing", query)
        assert len(records.records(li, "thing", query).rows) == 1
    with pytest.raises(RecordInvalid):
        records.update_record(amy, "thing", ident, {"cost": 7}, version=1)
    records.update_record(amy, "thing", ident, {"name": "y"}, version=1)
    assert records.record(li, "thing", ident).row.values["cost"] == 5
    assert all("cost" not in line.after for line in records.history(amy, "thing", ident))


def test_nothing_half_written_stays_behind(office: World) -> None:
    """A failure after the record's row is written takes the row with it."""
    office.add("visit", subject="x", code="A")
    with pytest.raises(RecordInvalid):
        office.add("visit", subject="y", code="A")
    with office.admin.reading() as db:
        assert db.scalars(sql(func.count()).select_from(Record)).one() == 1


def test_a_choice_of_the_form_is_kept_by_its_key(world: World) -> None:
    world.app(forms=[form("thing", {"kind": select("gift", "money")})])
    ident = world.add("thing", kind="gift")
    assert _row(world, ident, form_key="thing").values["kind"] == "gift"
