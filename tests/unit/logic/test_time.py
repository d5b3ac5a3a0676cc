"""Dates never shift, moments are read in the workspace's zone, and both sides agree, in many zones."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logic_both import Sides, alike
from logic_trees import FIELDS

from formloom.form_engine.logic import temporal
from formloom.form_engine.logic.real import REAL

ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/St_Johns",
]
MOMENTS = st.integers(-(10**11), 4 * 10**12)
DATES = st.dates()


@pytest.mark.parametrize("zone", ZONES)
def test_both_sides_read_and_make_moments_alike(zone: str) -> None:
    rng = random.Random(zone)
    at, day, clock = {"var": "at"}, {"var": "day"}, {"var": "clock"}
    trees = [{"dateOf": [at]}, {"timeOf": [at]}, {"hour": [at]}, {"moment": [{"dateOf": [at]}, {"timeOf": [at]}]}]
    trees += [{"moment": [day, clock]}, {"year": [at]}, {"today": []}, {"var": "day"}, {"isWeekend": [at]}]
    cases = []
    for _ in range(150):
        moment = rng.randrange(200_000_000, 2_100_000_000)
        edge = rng.choice(
            ["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2011-12-30"]
        )
        record = {
            "at": temporal.moment_text(moment * 1000),
            "day": rng.choice([edge, temporal.day_text(moment // 86_400)]),
            "clock": f"{rng.randrange(24):02}:{rng.randrange(60):02}",
        }
        cases += [(tree, record) for tree in trees]
    sides = Sides(FIELDS, zone=zone)
    for asked, ours, theirs in zip(cases, sides.server(cases), sides.browser(cases), strict=True):
        assert alike(ours["value"], theirs["value"]), asked


@given(DATES, st.sampled_from(ZONES))
def test_a_date_is_the_same_day_in_every_zone(day: date, zone: str) -> None:
    number = temporal.day_number(day.isoformat())
    assert number is not None
    assert temporal.day_text(number) == day.isoformat()


@given(MOMENTS)
def test_a_moment_reads_back_as_written(milliseconds: int) -> None:
    text = temporal.moment_text(milliseconds)
    assert text is not None
    assert temporal.moment_number(text) == milliseconds


@given(DATES, st.integers(-2000, 2000))
def test_working_days_are_counted_as_they_are_added(day: date, count: int) -> None:
    later = REAL["workdayAdd"](day.isoformat(), count)
    if later is None or day.isoweekday() > 5 or count == 0:
        return
    counted = REAL["workdays"](day.isoformat(), later)
    assert counted == count + (1 if count > 0 else -1)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 1200))
def test_months_between_are_the_months_that_were_added(day: date, months: int) -> None:
    later = REAL["dateAdd"](day.isoformat(), months, "months")
    assert REAL["dateDiff"](day.isoformat(), later, "months") == months


@given(DATES)
def test_parts_of_a_date_are_those_of_the_calendar(day: date) -> None:
    part = REAL["datePart"]
    text = day.isoformat()
    assert (part(text, "year"), part(text, "month"), part(text, "day")) == (day.year, day.month, day.day)
    assert (part(text, "week"), part(text, "weekday")) == day.isocalendar()[1:]
    assert date(day.year, 1, 1) + timedelta(days=part(text, "yearDay") - 1) == day


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-02-30", "date"),
        ("2026-2-3", "date"),
        ("0000-01-01", "date"),
        ("２０２６-01-01", "date"),
        ("24:00", "time"),
        ("9:30", "time"),
        ("10:00+25:00", "time"),
        ("2026-01-31", "datetime"),
        ("2026-01-31T25:00", "datetime"),
        ("P", "duration"),
        ("PT", "duration"),
        ("1D", "duration"),
        ("P1H", "duration"),
        (5, "date"),
        (None, "time"),
    ],
)
def test_what_is_no_iso_text_is_blank(text: object, kind: str) -> None:
    assert temporal.NUMBERS[kind](text) is None
