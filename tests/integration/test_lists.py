"""Lists of records: every filter and order gives the same on both databases, page by page, without a gap or a double."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import DATE, DATETIME, MEMBER, MEMBERS, MONEY, NUMBER, SWITCH, TEXT, World, form, select

from formloom.platform.errors import InputInvalid
from formloom.platform.services import records
from formloom.platform.services.records import Filter, Query, Sort, filter_from_text

THING = form(
    "thing",
    {
        "name": TEXT,
        "amount": MONEY,
        "count": {"type": "integer"},
        "weight": NUMBER,
        "on": DATE,
        "at": DATETIME,
        "done": SWITCH,
        "kind": select("gift", "money", "honour"),
        "tags": {"type": "array", "items": {"enum": ["red", "green", "a|b"]}},
        "owner": MEMBER,
        "team": MEMBERS,
    },
)
ROWS: list[dict[str, Any]] = [
    {"name": "王芳", "amount": 19.99, "count": 3, "on": "2026-11-01", "kind": "gift", "tags": ["red"], "owner": "wang"},
    {"name": "李雷", "amount": 4.35, "count": 1, "on": "2026-10-31", "kind": "money", "tags": ["green", "a|b"]},
    {"name": "Zoë", "amount": 0.07, "on": "2025-01-01", "done": True, "team": ["amy", "li"]},
    {"name": "zander", "amount": 100000.01, "count": -2, "at": "2026-11-24T09:00:00Z", "done": False},
    {"name": "ABC ＤＥＦ", "count": 3, "at": "2026-11-24T17:00:00+08:00", "weight": 1.5, "team": ["li"]},
    {"name": "100% sure_thing", "amount": 19.99, "weight": 0.1, "kind": "gift", "tags": ["red", "green"]},
    {"kind": "honour"},
]


@pytest.fixture
def things(world: World) -> World:
    world.app(forms=[THING])
    for row in ROWS:
        world.clock.forward(minutes=1)
        world.add("thing", **row)
    return world


def _names(world: World, query: Query) -> list[str]:
    return [str(row.values.get("name", "–")) for row in records.records(world.admin, "thing", query).rows]


def _pages(world: World, sort: list[Sort], limit: int) -> Iterator[records.RecordRow]:
    after: str | None = None
    while True:
        page = records.records(world.admin, "thing", Query(sort=sort, limit=limit, after=after))
        yield from page.rows
        after = page.after
        if after is None:
            return


FOUND: list[tuple[tuple[str, str, Any], list[str]]] = [
    (("name", "eq", "wang"), []),
    (("name", "eq", "zoë"), ["Zoë"]),
    (("name", "contains", "def"), ["ABC ＤＥＦ"]),
    (("name", "starts", "Z"), ["Zoë", "zander"]),
    (("name", "contains", "%"), ["100% sure_thing"]),
    (("name", "contains", "e_t"), ["100% sure_thing"]),
    (("name", "empty", None), ["–"]),
    (("name", "in", ["王芳", "ZANDER"]), ["王芳", "zander"]),
    (("amount", "eq", 19.99), ["王芳", "100% sure_thing"]),
    (("amount", "gt", 19.99), ["zander"]),
    (("amount", "between", [0.07, 4.35]), ["李雷", "Zoë"]),
    (("amount", "empty", None), ["ABC ＤＥＦ", "–"]),
    (("count", "le", 1), ["李雷", "zander"]),
    (("on", "ge", "2026-11-01"), ["王芳"]),
    (("on", "lt", "2026-11-01"), ["李雷", "Zoë"]),
    (("at", "eq", "2026-11-24T10:00:00+01:00"), ["zander", "ABC ＤＥＦ"]),
    (("done", "eq", False), ["zander"]),
    (("kind", "ne", "gift"), ["李雷", "Zoë", "zander", "ABC ＤＥＦ", "–"]),
    (("kind", "in", ["money", "honour"]), ["李雷", "–"]),
    (("tags", "contains", "a|b"), ["李雷"]),
    (("tags", "contains", "a"), []),
    (("tags", "contains", "green"), ["李雷", "100% sure_thing"]),
    (("team", "contains", "li"), ["Zoë", "ABC ＤＥＦ"]),
    (("owner", "eq", "wang"), ["王芳"]),
    (("created_by", "eq", "amy"), [str(row.get("name", "–")) for row in ROWS]),
    (("created_at", "gt", "2026-11-24T09:05:30Z"), ["100% sure_thing", "–"]),
    (("status", "notEmpty", None), []),
]


def test_a_filter_finds_what_it_says(things: World) -> None:
    for condition, found in FOUND:
        query = Query(filters=[Filter(*condition)])
        assert (condition, sorted(_names(things, query))) == (condition, sorted(found))
        assert (condition, records.count(things.admin, "thing", query)) == (condition, len(found))


SENSELESS: list[tuple[str, str, Any]] = [
    ("nothing", "eq", 1),
    ("amount", "contains", 1),
    ("amount", "eq", "much"),
    ("amount", "eq", None),
    ("amount", "eq", [1]),
    ("amount", "between", [1]),
    ("amount", "in", []),
    ("on", "eq", "yesterday"),
    ("on", "ge", 5),
    ("name", "drop table", "x"),
    ("created_at", "eq", "soon"),
    ("done", "lt", True),
    ("done", "eq", "x"),
    ("count", "eq", 10**30),
    ("count", "eq", True),
    ("kind", "eq", "a\0b"),
    ("owner", "in", ["\ud800"]),
    ("created_by", "eq", "\0"),
    ("tags", "contains", {"a": 1}),
]


def test_a_filter_that_makes_no_sense_is_refused_in_a_sentence(things: World) -> None:
    for condition in SENSELESS:
        with pytest.raises(InputInvalid) as refused:
            records.records(things.admin, "thing", Query(filters=[Filter(*condition)]))
        assert condition[0] in refused.value.errors


def test_chinese_is_sorted_by_its_pinyin_among_latin_letters(things: World) -> None:
    assert _names(things, Query(sort=[Sort("name")])) == [
        "100% sure_thing", "ABC ＤＥＦ", "李雷", "王芳", "zander", "Zoë", "–",
    ]  # fmt: skip


ORDERS: list[list[str]] = [
        [], ["name"], ["-name"], ["amount"], ["-amount"], ["on"], ["-at"], ["count", "-amount"], ["kind", "name"],
        ["-done", "kind", "-count"], ["created_at"], ["-updated_at"], ["created_by", "title"], ["status", "weight"],
]  # fmt: skip


def test_pages_of_any_size_have_every_record_once_and_in_order(things: World) -> None:
    for columns, limit in itertools.product(ORDERS, (1, 2, 3, 7, 50)):
        sort = [Sort(column.lstrip("-"), column.startswith("-")) for column in columns]
        paged = [row.id for row in _pages(things, sort, limit)]
        whole = [row.id for row in records.records(things.admin, "thing", Query(sort=sort, limit=100)).rows]
        assert (columns, limit, paged) == (columns, limit, whole)
        assert len(set(paged)) == len(ROWS)


def test_without_an_order_the_newest_come_first(things: World) -> None:
    assert _names(things, Query()) == [str(row.get("name", "–")) for row in reversed(ROWS)]


def test_a_page_does_not_shift_when_a_record_is_added_before_it(things: World) -> None:
    first = records.records(things.admin, "thing", Query(limit=3))
    things.clock.forward(minutes=1)
    things.add("thing", name="new")
    second = records.records(things.admin, "thing", Query(limit=3, after=first.after))
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}
    assert [row.values.get("name") for row in second.rows] == ["zander", "Zoë", "李雷"]


def test_a_page_mark_of_another_order_is_refused(things: World) -> None:
    mark = records.records(things.admin, "thing", Query(limit=2, sort=[Sort("amount")])).after
    for wrong in (mark, "nonsense", "", "e30"):
        with pytest.raises(InputInvalid):
            records.records(things.admin, "thing", Query(limit=2, sort=[Sort("kind"), Sort("name")], after=wrong))


def test_the_search_box_finds_words_in_any_text_of_a_record(things: World) -> None:
    assert _names(things, Query(text="王")) == ["王芳"]
    assert _names(things, Query(text="def abc")) == ["ABC ＤＥＦ"]
    assert _names(things, Query(text="100%")) == ["100% sure_thing"]
    assert _names(things, Query(text="zo nobody")) == []


def test_amounts_come_back_to_the_cent(things: World) -> None:
    rows = records.records(things.admin, "thing", Query(sort=[Sort("amount")])).rows
    amounts = [Decimal(repr(row.values["amount"])) for row in rows if "amount" in row.values]
    assert amounts == [Decimal(each) for each in ("0.07", "4.35", "19.99", "19.99", "100000.01")]


def test_a_filter_as_an_address_writes_it(things: World) -> None:
    found = things.admin
    with found.reading() as db:
        from formloom.platform.definitions import published_in

        definition = published_in(db, found, "thing").form
    written = [("amount", "ge", "19.99", 19.99), ("on", "in", "2026-11-01|2026-10-31", ["2026-11-01", "2026-10-31"]),
               ("name", "contains", "a", "a"), ("done", "eq", "yes", True), ("tags", "contains", "red", "red")]  # fmt: skip
    for path, operator, text, value in written:
        assert filter_from_text(definition, path, operator, text, "en", "UTC") == Filter(path, operator, value)
    with pytest.raises(InputInvalid):
        filter_from_text(definition, "amount", "ge", "much", "en", "UTC")


def test_rows_of_a_form_nobody_has_used_yet_are_an_empty_page(world: World) -> None:
    world.app(forms=[THING])
    assert records.records(world.admin, "thing").rows == ()
    assert records.count(world.admin, "thing") == 0


def test_a_form_of_very_many_fields_fits_and_can_be_asked_for_any_of_them(world: World) -> None:
    keys = [f"field_{number}" for number in range(300)]
    world.app(forms=[form("wide", dict.fromkeys(keys, TEXT))])
    world.add("wide", **{key: f"value {key} " + "x" * 60 for key in keys})
    other = world.add("wide", **{keys[-1]: "another"})
    for key in (keys[0], keys[150], keys[-1]):
        query = Query(filters=[Filter(key, "contains", "value")], sort=[Sort(keys[200]), Sort(keys[3])])
        assert len(records.records(world.admin, "wide", query).rows) == 1
    records.update_record(world.caller("amy"), "wide", other, {keys[-1]: "value"}, version=1)
    assert records.count(world.admin, "wide", Query(filters=[Filter(keys[-1], "contains", "value")])) == 2


def test_a_moment_and_its_day_are_kept_apart(things: World) -> None:
    """A date-time is compared as an instant, whatever offset it was written with."""
    start = things.clock.now - timedelta(days=1)
    moments = [row for row in records.records(things.admin, "thing").rows if "at" in row.values]
    assert len(moments) == 2
    assert all(row.created_at > start for row in moments)
    assert all(a == b for a, b in itertools.pairwise(sorted(row.values["at"][:19] for row in moments)))
