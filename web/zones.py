"""The time zones a person may choose from, by city, in their language."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from babel.dates import get_timezone_location

REGIONS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


def zones(lang: str, chosen: str, now: datetime) -> list[tuple[str, str]]:
    """(zone, "UTC+08:00 Shanghai"), from west to east, a city once; `chosen` is among them, whatever its name."""
    known = available_timezones()  # reads a folder: once
    keys = {zone for zone in known if zone.startswith(REGIONS)} | {"UTC", chosen}
    older = get_global("zone_aliases")  # names that a city had before: Asia/Calcutta
    found: dict[tuple[int, str], str] = {}
    for key in sorted(keys & known, key=lambda key: (key != chosen, key in older, key)):
        found.setdefault((_offset(key, now), _city(key, lang)), key)
    return [(key, f"{_written(offset)} {city}") for (offset, city), key in sorted(found.items())]


def _offset(zone: str, now: datetime) -> int:
    """Minutes east of UTC at this moment."""
    offset = now.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def _written(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


@cache
def _city(zone: str, lang: str) -> str:
    if zone == "UTC":
        return "UTC"
    try:
        return str(get_timezone_location(ZoneInfo(zone), locale=lang, return_city=True))
    except (LookupError, ValueError):
        return zone.rpartition("/")[2].replace("_", " ")
