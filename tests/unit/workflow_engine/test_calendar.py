"""Calendar and business time (meaning.md section 2)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formloom.workflow_engine.calendar import Calendar, Duration, duration
from formloom.workflow_engine.run import utc

PLAIN = Calendar()
CHINA = Calendar(zone=ZoneInfo("Asia/Shanghai"), country="CN")
FRIDAY = datetime(2026, 1, 2, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("P1D", Duration(days=1)),
        ("PT8H", Duration(seconds=28_800)),
        ("P1Y2M3W4DT5H6M7S", Duration(14, 3, 4, 18_367)),
        ("P2W", Duration(weeks=2)),
    ],
)
def test_a_duration_is_read(text: str, meant: Duration) -> None:
    assert duration(text) == meant


@pytest.mark.parametrize("text", ["", "P", "PT", "1D", "P1H", "P-1D", "P1.5D", "p1d", "P1DT"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration(text)


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2026-01-02T15:00", "P1D", "2026-01-05T15:00"),  # Friday to Monday
        ("2026-01-02T15:00", "P2D", "2026-01-06T15:00"),
        ("2026-01-02T15:00", "P1W", "2026-01-09T15:00"),
        ("2026-01-03T10:00", "P1D", "2026-01-05T10:00"),  # from a Saturday, the next working day
        ("2026-01-02T15:00", "PT8H", "2026-01-05T15:00"),  # three hours on Friday, five on Monday
        ("2026-01-02T15:00", "PT2H", "2026-01-02T17:00"),
        ("2026-01-02T11:00", "PT2H", "2026-01-02T14:00"),  # over lunch
        ("2026-01-02T20:00", "PT1H", "2026-01-05T10:00"),
        ("2026-01-03T20:00", "PT1H", "2026-01-05T10:00"),
        ("2026-01-02T15:00", "P1DT4H", "2026-01-06T10:00"),
        ("2026-01-02T15:00", "PT0S", "2026-01-02T15:00"),
    ],
)
def test_business_time_counts_working_days_and_hours(start: str, length: str, due: str) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert PLAIN.after(moment, duration(length), "business") == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "length", "before"),
    [
        ("2026-01-05T15:00", "P1D", "2026-01-02T15:00"),
        ("2026-01-05T10:00", "PT2H", "2026-01-02T17:00"),
        ("2026-01-04T10:00", "PT2H", "2026-01-02T16:00"),
    ],
)
def test_business_time_counts_back_as_well(start: str, length: str, before: str) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert PLAIN.before(moment, duration(length), "business") == datetime.fromisoformat(before).replace(tzinfo=UTC)


def test_a_day_in_calendar_time_is_one_local_day_over_a_change_of_the_clock() -> None:
    berlin = Calendar(zone=ZoneInfo("Europe/Berlin"))
    evening = datetime(2026, 3, 28, 18, 0, tzinfo=berlin.zone)
    assert berlin.after(evening, duration("P1D")) == datetime(2026, 3, 29, 18, 0, tzinfo=berlin.zone)
    assert berlin.after(evening, duration("PT24H")).isoformat() == "2026-03-29T19:00:00+02:00"


@given(st.integers(0, 72 * 60), st.integers(0, 100_000))
def test_hours_are_hours_also_when_the_clock_is_put_back(minutes: int, seconds: int) -> None:
    calendar = Calendar(zone=ZoneInfo("Europe/Berlin"))
    begun = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(minutes=minutes)
    later = calendar.after(begun.astimezone(calendar.zone), Duration(seconds=seconds))
    assert later.astimezone(UTC) - begun == timedelta(seconds=seconds)
    assert calendar.before(later, Duration(seconds=seconds)).astimezone(UTC) == begun


def test_a_month_is_a_calendar_month() -> None:
    assert PLAIN.after(datetime(2026, 1, 31, 9, tzinfo=UTC), duration("P1M")).date() == date(2026, 2, 28)


def test_business_time_goes_by_the_zone_of_the_workspace() -> None:
    late_on_friday = datetime(2026, 1, 2, 17, 0, tzinfo=UTC)  # already Saturday in Shanghai
    due = Calendar(zone=ZoneInfo("Asia/Shanghai")).after(late_on_friday, duration("PT1H"), "business")
    assert due.isoformat() == "2026-01-05T10:00:00+08:00"


def test_chinese_holidays_and_make_up_days_are_known() -> None:
    assert not CHINA.working(date(2026, 10, 1))  # National Day, a Thursday
    assert CHINA.working(date(2026, 10, 10))  # a Saturday that is made up for
    assert not CHINA.working(date(2026, 10, 11))
    assert CHINA.knows(2026)


def test_a_working_day_over_the_national_holiday() -> None:
    eve = datetime(2026, 9, 30, 15, 0, tzinfo=CHINA.zone)
    assert CHINA.after(eve, duration("P1D"), "business") == datetime(2026, 10, 8, 15, 0, tzinfo=CHINA.zone)


def test_a_year_whose_holidays_are_not_known_counts_as_plain_weekdays() -> None:
    assert not CHINA.knows(2090)
    assert CHINA.working(date(2090, 10, 2)) is (date(2090, 10, 2).weekday() < 5)
    assert not CHINA.working(date(2090, 10, 1)) or date(2090, 10, 1).weekday() < 5


def test_other_countries_have_their_holidays() -> None:
    assert not Calendar(country="DE").working(date(2026, 12, 25))
    assert not Calendar(country="XX").knows(2026)


def test_working_hours_are_the_workspaces_own() -> None:
    night = Calendar(hours=((time(20), time(23)),))
    assert night.after(FRIDAY, duration("PT4H"), "business") == datetime(2026, 1, 5, 21, 0, tzinfo=UTC)


def test_a_calendar_without_any_working_day_ends_the_search() -> None:
    never = Calendar(weekdays=frozenset())
    assert never.after(FRIDAY, duration("P1D"), "business") == FRIDAY
    assert never.after(FRIDAY, duration("PT1H"), "business") == FRIDAY
    assert Calendar(hours=()).after(FRIDAY, duration("PT1H"), "business") == FRIDAY


MOMENTS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
LENGTHS = st.builds(Duration, st.integers(0, 30), st.integers(0, 60), st.integers(0, 400), st.integers(0, 10**6))


@given(MOMENTS, LENGTHS, st.sampled_from(["calendar", "business"]), st.sampled_from([PLAIN, CHINA]))
def test_time_only_moves_on(moment: datetime, length: Duration, reckoning: str, calendar: Calendar) -> None:
    assert calendar.after(moment, length, reckoning) >= moment  # type: ignore[arg-type]
    assert calendar.before(moment, length, reckoning) <= moment  # type: ignore[arg-type]


@given(MOMENTS, st.integers(1, 2_000_000))
def test_working_hours_end_in_working_hours(moment: datetime, seconds: int) -> None:
    due = CHINA.after(moment, Duration(seconds=seconds), "business")
    assert CHINA.working(due.date())
    assert any(begin <= due.time() <= end for begin, end in CHINA.hours)


@given(
    st.builds(Duration, st.integers(0, 120_000), st.integers(0, 9_999), st.integers(0, 99_999), st.integers(0, 10**9))
)
def test_no_length_is_too_long(length: Duration) -> None:
    assert PLAIN.after(FRIDAY, length).year <= 9999


def test_two_moments_that_the_clock_shows_alike_are_written_apart() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert [utc(first), utc(first.replace(fold=1))] == ["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"]
