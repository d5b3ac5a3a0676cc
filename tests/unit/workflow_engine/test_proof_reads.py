"""What the proof reads off definitions: reminders that never come, columns that nobody fills in, automations that start each other."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from processes import approval, fill, member, notify, workflow

from formloom.form_engine import definition
from formloom.workflow_engine import automation
from formloom.workflow_engine.calendar import Calendar
from formloom.workflow_engine.proof import prove
from formloom.workflow_engine.proof.reminders import comes_too_early
from formloom.workflow_engine.steps.people import Due, compile_due

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NUMBER = {"type": "number"}
PERSON = {"type": "string", "x-field": {"type": "member"}}
LI = member("li")


def found(document: Any, form: Any, **more: Any) -> list[tuple[str | None, str, str]]:
    forms = {"f": definition.load(form), "other": _form("other")}
    findings = prove({"form": "f", **document}, forms=forms, now=NOW, **more).findings
    return [(one.step, one.kind, one.message) for one in findings]


XY = {"$id": "f", "type": "object", "properties": {"x": NUMBER, "y": NUMBER}}


def _due(after: str, *remind: str, business: bool = False) -> dict[str, Any]:
    return {"after": after, "remind": list(remind), "calendar": "business" if business else "calendar"}


WORKING, ANY = True, False
REMINDERS: list[tuple[str, str, bool, bool]] = [
    ("P1D", "PT48H", ANY, True),
    ("P1D", "PT24H", ANY, True),
    ("P1D", "PT23H", ANY, False),
    ("P1D", "P1D", ANY, True),
    ("P1W", "P7D", ANY, True),
    ("P8D", "P1W", ANY, False),
    ("P1M", "P45D", ANY, True),
    ("P1M", "P31D", ANY, True),
    ("P1M", "P30D", ANY, False),
    ("P30D", "P1M", ANY, False),
    ("P28D", "P1M", ANY, True),
    ("P1M", "P1M", ANY, True),
    ("P1M10D", "P1M10D", ANY, False),
    ("P1Y", "P366D", ANY, True),
    ("P1Y", "P365D", ANY, False),
    ("P9999Y", "P2000Y", ANY, False),
    ("P10D", "P9999Y", ANY, True),
    ("P1D", "PT20H", WORKING, True),
    ("P1D", "PT9H", WORKING, True),
    ("P1D", "PT8H", WORKING, False),
    ("P1D", "P1D", WORKING, True),
    ("P1W", "P5D", WORKING, True),
    ("P6D", "P1W", WORKING, False),
    ("PT8H", "PT8H", WORKING, False),
    ("PT8H", "PT9H", WORKING, True),
    ("PT9H", "P1D", WORKING, False),
    ("P1M", "P30D", WORKING, True),
    ("P1M", "P22D", WORKING, False),
    ("P1M", "P1M", WORKING, True),
    ("P10D", "P1M", WORKING, True),
    ("P20D", "P1M", WORKING, False),
]


@pytest.mark.parametrize(("after", "reminder", "business", "told"), REMINDERS)
def test_a_reminder_that_never_comes(after: str, reminder: str, business: bool, told: bool) -> None:
    steps = workflow(approval("a", LI, due=_due(after, reminder, business=business)))
    kinds = [kind for _, kind, _ in found(steps, XY)]
    assert kinds == (["dueNoEffect"] if told else [])


def test_one_reminder_that_may_come_is_enough() -> None:
    assert found(workflow(approval("a", LI, due=_due("P1D", "PT48H", "PT1H"))), XY) == []


@pytest.mark.parametrize(("zone", "told"), [("Asia/Shanghai", True), ("America/New_York", False)])
def test_a_day_has_25_hours_where_clocks_are_put_back(zone: str, told: bool) -> None:
    steps = workflow(approval("a", LI, due=_due("P1D", "PT24H")))
    assert bool(found(steps, XY, zone=zone)) is told
    assert found(workflow(approval("a", LI, due=_due("P1D", "PT48H"))), XY, zone=zone)


COUNTS = st.integers(0, 3)
CALENDARS = st.sampled_from(
    [
        Calendar(),
        Calendar(ZoneInfo("Asia/Shanghai"), country="CN"),
        Calendar(ZoneInfo("America/New_York"), country="US"),
        Calendar(ZoneInfo("Australia/Lord_Howe"), hours=((time(0), time(12)), (time(12), time(23, 30)))),
    ]
)


@st.composite
def lengths(draw: st.DrawFn) -> str:
    months, weeks, days = (draw(COUNTS) for _ in range(3))
    hours = draw(st.integers(0, 60))
    return f"P{months}M{weeks}W{days}DT{hours}H"


@given(lengths(), lengths(), st.booleans(), CALENDARS, st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.sampled_from(["06:00", "09:00", "10:30", "12:30", "18:00", "20:00"]))  # fmt: skip
@example("P1M0W0DT0H", "P0M0W30DT0H", False, Calendar(), date(2025, 1, 31), "09:00")
def test_what_is_told_comes_at_no_moment(
    after: str, reminder: str, business: bool, calendar: Calendar, day: date, at: str
) -> None:
    due: Due | None = compile_due(_due(after, reminder, business=business))
    assert due is not None
    opened = datetime.combine(day, time.fromisoformat(at), calendar.zone)
    moment = calendar.after(opened, due.after, due.reckoning)
    comes = calendar.before(moment, due.remind[0], due.reckoning) > opened
    assert not (comes and comes_too_early(due.remind[0], due, calendar, 2026))


OWNER, TEAM_LEAD = {"field": "items.owner"}, {"field": "team.lead"}
COLUMNS = {
    "owner": {**PERSON, "title": "Buyer"},
    "a": {**NUMBER, "title": "Price"},
    "b": NUMBER,
    "twice": {"type": "number", "readOnly": True, "x-field": {"compute": {"*": [{"var": "b"}, 2]}}},
    "usual": {**NUMBER, "default": 1},
}


def _make(value: Any, id: str = "c") -> dict[str, Any]:
    return {"id": id, "type": "action", "do": {"createRecord": {"form": "other", "set": {"x": value}}}}


def _mail(*to: Any) -> dict[str, Any]:
    return {"id": "m", "type": "action", "do": {"mail": {"to": list(to), "subject": "s", "text": "t"}}}


def _sums(key: str) -> Any:
    return {"sum": [{"map": [{"var": "items"}, {"var": key}]}]}


NEVER: dict[str, tuple[dict[str, Any], list[Any], list[tuple[str, str]]]] = {
    "a mail to whom nobody names": ({"o": "hidden"}, [_mail({"field": "o"})], [("m", "o")]),
    "a mail to whose manager nobody names": ({"o": "read"}, [_mail({"managerOf": {"field": "o"}})], [("m", "o")]),
    "a mail to whom the start names": ({}, [_mail({"field": "o"})], []),
    "a mail to whom a step names": ({"o": "hidden"}, [fill("q", LI, fields={"o": "edit"}), _mail({"field": "o"})], []),
    "an assignee from a hidden column": ({"items.owner": "hidden"}, [approval("q", OWNER)], [("q", "Buyer")]),
    "an assignee from a column that is only read": ({"items.owner": "read"}, [approval("q", OWNER)], [("q", "Buyer")]),
    "the column filled in before": (
        {"items.owner": "hidden"},
        [fill("p", LI, fields={"items.owner": "edit"}), approval("q", OWNER)],
        [],
    ),
    "the column filled in later": (
        {"items.owner": "hidden"},
        [approval("q", OWNER), fill("p", LI, fields={"items.owner": "edit"})],
        [("q", "Buyer")],
    ),
    "another column filled in before": (
        {"items.owner": "hidden"},
        [fill("p", LI, fields={"items.a": "edit"}), approval("q", OWNER)],
        [("q", "Buyer")],
    ),
    "the table filled in before": (
        {"items.owner": "hidden"},
        [fill("p", LI, fields={"items": "required"}), approval("q", OWNER)],
        [],
    ),
    "all fields filled in before": (
        {"items.owner": "hidden"},
        [fill("p", LI, fields={"*": "edit"}), approval("q", OWNER)],
        [],
    ),
    "all but the column": (
        {"items.owner": "hidden"},
        [fill("p", LI, fields={"*": "edit", "items.owner": "read"}), approval("q", OWNER)],
        [("q", "Buyer")],
    ),
    "one column of a table that is only read": ({"items": "read", "items.owner": "edit"}, [approval("q", OWNER)], []),
    "the table hidden": ({"items": "hidden"}, [approval("q", OWNER)], [("q", "items")]),
    "everything hidden": ({"*": "hidden"}, [approval("q", OWNER)], [("q", "items")]),
    "a sum of a hidden column": ({"items.a": "hidden"}, [_make(_sums("a"))], [("c", "Price")]),
    "a sum of another column": ({"items.a": "hidden"}, [_make(_sums("b"))], []),
    "how many rows there are": ({"items.a": "hidden"}, [_make({"count": [{"var": "items"}]})], []),
    "a column that is computed": ({"items.twice": "hidden"}, [_make(_sums("twice"))], []),
    "a column with a default": ({"items.usual": "hidden"}, [_make(_sums("usual"))], []),
    "a column called as a hidden field is": ({"b": "hidden"}, [_make(_sums("b"))], []),
    "a table that an action sets": (
        {"items.a": "hidden"},
        [
            {"id": "w", "type": "action", "do": {"webhook": {"url": "https://example.org", "into": {"items": "rows"}}}},
            _make(_sums("a")),
        ],
        [],
    ),
    "the link to what is changed": (
        {"o": "hidden"},
        [{"id": "u", "type": "action", "do": {"updateRecord": {"form": "other", "link": "o", "set": {"x": 1}}}}],
        [("u", "o")],
    ),
    "a hidden field of a group": ({"team.lead": "hidden"}, [notify("n", TEAM_LEAD)], [("n", "lead")]),
    "a field of a group": ({"team.size": "hidden"}, [notify("n", TEAM_LEAD)], []),
}


@pytest.mark.parametrize(("access", "steps", "told"), NEVER.values(), ids=NEVER.keys())
def test_what_is_read_and_filled_in_by_nobody(access: Any, steps: list[Any], told: list[tuple[str, str]]) -> None:
    team = {"type": "object", "properties": {"lead": PERSON, "size": NUMBER}}
    table = {"type": "array", "items": {"type": "object", "properties": COLUMNS}}
    fields = _fields(o=PERSON, b=NUMBER, items=table, team=team)
    findings = found(workflow(*steps, start={"fields": access}), fields)
    sentence = "“{}” is read here, but neither the start nor an earlier step can fill it in."
    assert findings == [(step, "neverFilled", sentence.format(name)) for step, name in told]


def _on(form: str, key: str, on: dict[str, Any], *do: dict[str, Any], **more: Any) -> automation.Automation:
    return automation.load(key, {"form": form, "on": on, "do": list(do), **more}, _form(form))


def _form(key: str) -> Any:
    return definition.load(_fields(key, x=NUMBER, y=NUMBER))


def _fields(key: str = "f", **fields: Any) -> dict[str, Any]:
    return {"$id": key, "type": "object", "properties": fields}


def _create(form: str) -> dict[str, Any]:
    return {"createRecord": {"form": form, "set": {"x": 1}}}


def _update(form: str, field: str) -> dict[str, Any]:
    return {"updateRecord": {"form": form, "where": {"x": 1}, "set": {field: 1}}}


def _own(field: str) -> dict[str, Any]:
    return {"updateRecord": {"set": {field: 1}}}


def _started_by(*pairs: Any) -> Iterator[tuple[str, Any]]:
    for number, (form, on, do, *more) in enumerate(pairs):
        key = f"{form}{number}"
        yield key, _on(form, key, on, *do, **(more[0] if more else {}))


OFF = {"enabled": False}
LOOPS: dict[str, tuple[list[Any], list[tuple[str, ...]]]] = {
    "by the second update": (
        [
            ("a", {"updated": ["y"]}, [_update("b", "x"), _update("b", "y")]),
            ("b", {"updated": ["y"]}, [_update("a", "y")]),
        ],
        [("a0", "b1")],
    ),
    "by a record that is made after an update": (
        [("a", {"created": True}, [_update("b", "x"), _create("b")]), ("b", {"created": True}, [_create("a")])],
        [("a0", "b1")],
    ),
    "by an update of its own record after one of another": (
        [("a", {"updated": ["x"]}, [_update("b", "x"), _own("y")]), ("a", {"updated": ["y"]}, [_own("x")])],
        [("a0", "a1")],
    ),
    "other fields": (
        [("a", {"updated": ["y"]}, [_update("b", "x")]), ("b", {"updated": ["y"]}, [_update("a", "y")])],
        [],
    ),
    "what is made is not changed": (
        [("a", {"updated": True}, [_create("b")]), ("b", {"updated": True}, [_create("a")])],
        [],
    ),
    "an own update is one of the own form": (
        [("a", {"updated": True}, [_own("x")]), ("b", {"updated": True}, [_update("a", "x")])],
        [],
    ),
    "one that is off": (
        [("a", {"created": True}, [_create("b")]), ("b", {"created": True}, [_create("a")], OFF)],
        [],
    ),
    "one that starts itself is told by its check": ([("a", {"created": True}, [_create("a")])], []),
}


@pytest.mark.parametrize(("pairs", "expected"), LOOPS.values(), ids=LOOPS.keys())
def test_automations_that_start_each_other(pairs: list[Any], expected: list[tuple[str, ...]]) -> None:
    assert list(automation.loops(dict(_started_by(*pairs)))) == expected


@pytest.mark.parametrize(
    ("on", "do", "more", "told"),
    [
        ({"created": True}, _create("a"), {}, True),
        ({"created": True}, _create("b"), {}, False),
        ({"updated": True}, _create("a"), {}, False),
        ({"created": True}, _create("a"), OFF, False),
        ({"updated": ["x"]}, _update("a", "x"), {}, True),
        ({"updated": ["y"]}, _update("a", "x"), {}, False),
        ({"updated": ["x"]}, _update("b", "x"), {}, False),
        ({"updated": True}, _own("x"), {}, True),
        ({"updated": True}, _own("x"), OFF, False),
    ],
)
def test_an_automation_that_starts_itself(on: dict[str, Any], do: dict[str, Any], more: Any, told: bool) -> None:
    document = {"form": "a", "on": on, "do": [do], **more}
    found = automation.check(document, forms={"a": _form("a"), "b": _form("b")})
    assert [(one.pointer, one.severity) for one in found] == ([("/do/0", "warning")] if told else [])
