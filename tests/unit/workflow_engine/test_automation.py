"""Automations as documents: what is wrong with one, what starts it, and when its times come."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import form

from formloom.form_engine import logic
from formloom.workflow_engine import automation
from formloom.workflow_engine.calendar import Calendar
from formloom.workflow_engine.shape import meta_schema
from formloom.workflow_engine.triggers import Happened, Triggers, read_triggers

TELL: dict[str, Any] = {"notify": {"to": [{"field": "owner"}], "message": "See {note}"}}
SHANGHAI = Calendar(ZoneInfo("Asia/Shanghai"))
MOMENTS = st.integers(1_700_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"])
LENGTHS = st.sampled_from(["P0D", "P1D", "P2W", "P1M", "P1Y2M"])


def document(on: dict[str, Any] | None = None, *do: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"form": "request", "on": {"created": True} if on is None else on, "do": list(do or (TELL,)), **more}


def problems(found: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    return [(each.pointer, each.severity) for each in automation.check(found, forms={"request": form()}, **more)]


def loaded(found: dict[str, Any], key: str = "own") -> automation.Automation:
    return automation.load(key, found, form())


def triggers(on: dict[str, Any]) -> Triggers:
    return read_triggers(on)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("on", "to", "told"),
    [
        (
            {"schedule": {"every": "day", "at": "08:00", "for": "once"}},
            [{"initiator": True}, {"field": "owner"}],
            False,
        ),
        ({"schedule": {"every": "day", "at": "08:00", "for": "once"}}, [{"initiator": True}, {"role": "hr"}], True),
        ({"schedule": {"every": "day", "at": "08:00", "for": "each"}}, [{"initiator": True}], True),
        ({"schedule": {"every": "day", "at": "08:00", "for": "once"}, "created": True}, [{"initiator": True}], True),
    ],
)
def test_a_notice_that_reaches_nobody_for_want_of_a_record_is_warned_of(on: Any, to: Any, told: bool) -> None:
    expected = [] if told else [("/do/0/notify/to", "warning")]
    assert problems(document(on, {"notify": {"to": to, "message": "Look"}})) == expected


def test_a_sound_automation_has_no_problem() -> None:
    assert problems(document({"updated": ["amount"]}, when={">": [{"var": "amount"}, 5]})) == []


@pytest.mark.parametrize(
    ("found", "pointer"),
    [
        (document({}), "/on"),
        (document(do_=1), "/do_"),
        (document({"update": True}), "/on/update"),
        (document(form="other"), "/form"),
        (document({"updated": ["amuont"]}), "/on/updated/0"),
        (document({"date": {"field": "amount"}}), "/on/date/field"),
        (document({"date": {"field": "begins", "before": "PT2H"}}), "/on/date/before"),
        (document({"date": {"field": "begins", "before": "P1D", "after": "P1D"}}), "/on/date/after"),
        (document({"date": {"field": "begins", "at": "25:00"}}), "/on/date/at"),
        (document({"schedule": {"every": "day", "at": "09:00"}}), "/on/schedule"),
        (document({"status": ["running"]}), "/on/status/0"),
        (document(when={">": [{"var": "amuont"}, 5]}), "/when/>/0/var"),
        (document(None, {"notify": {"to": [{"field": "nobody"}]}}), "/do/0/notify/to/0/field"),
        (document(None, TELL, {"updateRecord": {"set": {"nte": "x"}}}), "/do/1/updateRecord/set/nte"),
        (document({"deleted": True}, {"updateRecord": {"set": {"note": "x"}}}), "/do/0"),
        (document(translations={"zh_Hans": {"do/1": "x"}}), "/translations/zh_Hans/do~11"),
        ([], ""),
        (None, ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_place(found: Any, pointer: str) -> None:
    assert (pointer, "error") in problems(found)


def test_what_starts_itself_is_a_warning() -> None:
    own = {"updateRecord": {"set": {"note": "x"}}}
    assert problems(document({"updated": True}, own)) == [("/do/0", "warning")]
    assert problems(document({"updated": ["amount"]}, own)) == []


def test_a_button_that_nobody_draws_is_a_warning() -> None:
    assert problems(document({"button": True}), key="stamp") == [("/on/button", "warning")]


def test_every_keyword_is_described() -> None:
    def walk(schema: Any) -> None:
        for key, inner in schema.get("properties", {}).items():
            assert inner.get("description"), key
            walk(inner)
        for inner in schema.get("$defs", {}).values():
            assert inner.get("description")
            walk(inner)

    walk(meta_schema("automation"))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["form", "on", "do", "when", "date", "created", "notify", "to"]), inner, max_size=4)))  # fmt: skip
def test_any_json_is_answered(found: Any) -> None:
    automation.check(found, forms={"request": form()})


def test_only_a_change_of_its_fields_starts_it() -> None:
    some = loaded(document({"updated": ["amount"]}))
    assert some.takes(Happened("updated", frozenset({"amount", "note"})))
    assert not some.takes(Happened("updated", frozenset({"note"})))
    assert not some.takes(Happened("created"))
    assert not loaded(document({"updated": True}, enabled=False)).takes(Happened("updated", frozenset({"note"})))


def test_only_the_end_of_a_request_that_it_names_starts_it() -> None:
    some = loaded(document({"status": ["approved"]}))
    assert some.takes(Happened("status", status="approved"))
    assert not some.takes(Happened("status", status="rejected"))


def test_its_condition_is_asked_of_the_record() -> None:
    some = loaded(document(when={">": [{"var": "amount"}, 5]}))
    facts = logic.Moment(datetime(2026, 1, 5, tzinfo=UTC))
    assert some.holds({"amount": 6}, facts)
    assert not some.holds({}, facts)


def test_titles_are_translated() -> None:
    some = loaded(document(title="Remind", translations={"zh_Hans": {"": "提醒", "do/0": "请看"}}))
    assert (some.title("zh_Hans"), some.title("en"), loaded(document()).title("en")) == ("提醒", "Remind", "own")
    assert some.workflow.text("do0:message", "", "zh_Hans") == "请看"


def test_automations_that_may_start_each_other_are_told() -> None:
    changes = loaded(document({"updated": ["amount"]}, {"updateRecord": {"set": {"note": "x"}}}))
    back = loaded(document({"updated": ["note"]}, {"updateRecord": {"set": {"amount": 1}}}))
    still = loaded(document({"created": True}))
    assert list(automation.loops({"a": changes, "b": back, "c": still})) == [("a", "b")]
    assert list(automation.loops({"a": changes, "c": still})) == []


@pytest.mark.parametrize(
    ("on", "value", "due"),
    [
        ({"field": "begins", "before": "P1D", "at": "09:00"}, "2026-12-01", "2026-11-30T09:00:00+08:00"),
        ({"field": "begins"}, "2026-12-01", "2026-12-01T00:00:00+08:00"),
        ({"field": "begins", "after": "P1M"}, "2026-01-31", "2026-02-28T00:00:00+08:00"),
        ({"field": "starts_at", "before": "PT2H"}, "2026-12-01T01:00:00+00:00", "2026-12-01T07:00:00+08:00"),
        ({"field": "starts_at", "before": "P1D", "at": "18:00"}, "2026-12-01T20:00:00+00:00", "2026-12-01T18:00:00+08:00"),
    ],
)  # fmt: skip
def test_a_date_is_due_in_the_workspaces_zone(on: dict[str, Any], value: str, due: str) -> None:
    dated = triggers({"date": on}).date
    assert dated is not None
    assert dated.due(value, SHANGHAI) == at(due)
    assert dated.due(None, SHANGHAI) is None


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=40)), st.dates(date(2023, 1, 1), date(2031, 1, 1)), ZONES, LENGTHS, st.sampled_from(["before", "after"]))  # fmt: skip
def test_everything_due_in_a_span_lies_in_its_reach(
    since: datetime, span: timedelta, value: date, zone: str, length: str, way: str
) -> None:
    calendar, dated = Calendar(ZoneInfo(zone)), triggers({"date": {"field": "x", way: length, "at": "09:30"}}).date
    assert dated is not None
    due = dated.due(value.isoformat(), calendar)
    assert due is not None
    low, high = dated.reach(since, since + span, calendar)
    if since < due <= since + span:
        assert low.date() <= value <= high.date()


@pytest.mark.parametrize(
    ("on", "after", "expected"),
    [
        ({"every": "day", "at": "09:00"}, "2026-11-24T09:00:00+08:00", "2026-11-25T09:00:00+08:00"),
        ({"every": "week", "at": "09:00"}, "2026-11-24T09:00:00+08:00", "2026-11-30T09:00:00+08:00"),
        ({"every": "week", "at": "09:00", "weekdays": ["wed", "fri"]}, "2026-11-25T10:00:00+08:00", "2026-11-27T09:00:00+08:00"),
        ({"every": "month", "at": "08:00", "day": 31}, "2026-02-01T00:00:00+08:00", "2026-02-28T08:00:00+08:00"),
        ({"every": "month", "at": "08:00"}, "2026-11-24T00:00:00+08:00", "2026-12-01T08:00:00+08:00"),
    ],
)  # fmt: skip
def test_a_schedule_comes_next(on: dict[str, Any], after: str, expected: str) -> None:
    assert triggers({"schedule": {**on, "for": "once"}}).next_look(at(after), SHANGHAI) == at(expected)


def test_what_was_missed_is_made_up_for_once() -> None:
    schedule = triggers({"schedule": {"every": "day", "at": "09:00", "for": "once"}}).schedule
    assert schedule is not None
    since, until = at("2026-11-20T10:00:00+08:00"), at("2026-11-24T08:00:00+08:00")
    assert schedule.latest(since, until, SHANGHAI) == at("2026-11-23T09:00:00+08:00")
    assert schedule.latest(at("2026-11-23T09:00:00+08:00"), until, SHANGHAI) is None


@given(MOMENTS, ZONES, st.sampled_from(["day", "week", "month"]))
def test_a_schedule_always_comes_later_and_is_found_again(after: datetime, zone: str, every: str) -> None:
    calendar = Calendar(ZoneInfo(zone))
    schedule = triggers({"schedule": {"every": every, "at": "02:30", "for": "once"}}).schedule
    assert schedule is not None
    following = schedule.next_look(after, calendar)
    assert following > after
    assert schedule.latest(after, following, calendar) == following
