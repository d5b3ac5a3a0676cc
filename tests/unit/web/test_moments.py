from datetime import UTC, date, datetime

import pytest

from formloom.web.language import day, moment, whole_moment

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "english", "chinese"),
    [
        (datetime(2026, 11, 24, 1, 12, tzinfo=UTC), "today 09:12", "今天 09:12"),
        (datetime(2026, 11, 23, 8, 40, tzinfo=UTC), "yesterday 16:40", "昨天 16:40"),
        (datetime(2026, 11, 26, 10, 0, tzinfo=UTC), "Thu 26 Nov, 18:00", "11月26日 18:00"),
        (datetime(2026, 8, 1, 2, 5, tzinfo=UTC), "1 Aug, 10:05", "8月1日 10:05"),
        (datetime(2025, 11, 26, 10, 0, tzinfo=UTC), "26 Nov 2025, 18:00", "2025年11月26日 18:00"),
    ],
)
def test_a_moment_is_said_as_people_say_it(at: datetime, english: str, chinese: str) -> None:
    assert moment(at, now=NOW, zone="Asia/Shanghai", lang="en") == english
    assert moment(at, now=NOW, zone="Asia/Shanghai", lang="zh_Hans") == chinese


def test_on_paper_a_moment_has_its_day_and_year() -> None:
    late = datetime(2026, 11, 24, 20, 5, tzinfo=UTC)
    assert whole_moment(late, zone="Asia/Shanghai", lang="en") == "25 Nov 2026, 04:05"
    assert whole_moment(late, zone="Asia/Shanghai", lang="zh_Hans") == "2026年11月25日 04:05"


def test_today_is_the_readers_today() -> None:
    late = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    assert moment(late, now=late, zone="UTC", lang="en") == "today 20:00"
    assert moment(late, now=NOW, zone="Asia/Shanghai", lang="en") == "Wed 25 Nov, 04:00"


def test_a_day_has_its_weekday_only_when_it_is_near() -> None:
    today = date(2026, 11, 24)
    assert day(date(2026, 11, 30), today=today, lang="en") == "Mon 30 Nov"
    assert day(date(2026, 12, 24), today=today, lang="en") == "24 Dec"
