"""A city's wall clock: what people type in it becomes UTC, and what is UTC is said in it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time

from server.core.i18n import gettext, language
from server.core.wall_clock import moment_of


@dataclass(frozen=True, slots=True)
class Understood:
    """A moment that somebody typed, and what there is to say when the clocks change around it."""

    at: datetime
    said: str = ""


def understand(day: date, hour: time, timezone: str) -> Understood:
    """Read a day and an hour on the city's clocks, and say it when they are changed just then."""
    wall = datetime.combine(day, hour)
    moment = moment_of(wall, timezone)
    if moment.skipped:
        said = gettext(
            "The clocks go forward that night: there is no %(hour)s. We took %(other)s.",
            hour=hour_words(wall),
            other=hour_words(moment.at.astimezone(ZoneInfo(timezone))),
        )
        return Understood(moment.at, said)
    if moment.twice:
        said = gettext(
            "The clocks go back that night: %(hour)s comes twice. We took the first.", hour=hour_words(wall)
        )
        return Understood(moment.at, said)
    return Understood(moment.at)


def start_of_day(at: datetime, timezone: str) -> datetime:
    """Return when the city's day of a moment began."""
    day = at.astimezone(ZoneInfo(timezone)).date()
    return moment_of(datetime.combine(day, time()), timezone).at


def hour_words(at: datetime) -> str:
    """Say the hour of a local time: 14:30."""
    return format_time(at.time(), "HH:mm", locale=language())


def day_words(at: datetime, timezone: str, *, short: bool = False) -> str:
    """Say the city's day of a moment: Saturday, 5 December 2026; Sat 5 Dec."""
    local = at.astimezone(ZoneInfo(timezone))
    return format_date(local.date(), "EEE d MMM" if short else "full", locale=language())


def hours_words(starts_at: datetime, ends_at: datetime, timezone: str) -> str:
    """Say from when to when on the city's clocks; with the day of the end when that is another one."""
    zone = ZoneInfo(timezone)
    starts, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if ends.date() == starts.date():
        return f"{hour_words(starts)} – {hour_words(ends)}"
    last = format_datetime(ends.replace(tzinfo=None), "EEE d MMM", locale=language())
    return f"{hour_words(starts)} – {last}, {hour_words(ends)}"


def next_half_hour(at: datetime, timezone: str) -> datetime:
    """Return the next full or half hour in the city, for a form to begin with."""
    local = at.astimezone(ZoneInfo(timezone)).replace(second=0, microsecond=0)
    return local + timedelta(minutes=30 - local.minute % 30)
