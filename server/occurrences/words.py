"""A session in the words of pages, and as islands know it."""

from typing import Any

from server.core.db import utc_now
from server.occurrences.models import Occurrence
from server.occurrences.times import day_words, hours_words


def timezone_of(occurrence: Occurrence) -> str:
    return occurrence.activity.organiser.city.timezone


def session_day(occurrence: Occurrence, short: bool = False) -> str:
    """Say on which day of the city a session begins."""
    return day_words(occurrence.starts_at, timezone_of(occurrence), short=short)


def session_hours(occurrence: Occurrence) -> str:
    """Say from when to when on the city's clocks."""
    return hours_words(occurrence.starts_at, occurrence.ends_at, timezone_of(occurrence))


def session_runs(occurrence: Occurrence) -> bool:
    """Say whether a session is on, for the desk: what a cache may keep must not know the hour."""
    return occurrence.starts_at <= utc_now() < occurrence.ends_at


def session_props(occurrence: Occurrence) -> dict[str, Any]:
    """Name a session as islands do; times in milliseconds."""
    starts, ends = (round(at.timestamp() * 1000) for at in (occurrence.starts_at, occurrence.ends_at))
    return {"occurrence": occurrence.id, "activity": occurrence.activity_id, "starts": starts, "ends": ends}
