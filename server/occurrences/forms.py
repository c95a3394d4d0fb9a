"""What an organiser types about a session: kept as it was typed, read, and answered field by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.activities.models import Activity
from server.core.i18n import gettext, language, pick
from server.core.text import clean
from server.occurrences.models import Occurrence
from server.occurrences.services import Plan, PlanRefused
from server.occurrences.times import next_half_hour, understand

FIELDS = ("day", "start", "end", "capacity", "place")
MOST_PLACE = 200
_HOUR = re.compile(r"([01]?\d|2[0-3])[:.h ]?([0-5]\d)")


@dataclass
class Form:
    """The fields as typed, what is wrong with each, and what we understood otherwise than one might think."""

    typed: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def fresh(activity: Activity, at: datetime) -> Form:
    """Begin with the next half hour, for as long as the activity takes."""
    start = next_half_hour(at, activity.organiser.city.timezone)
    end = start + timedelta(minutes=activity.minutes)
    return Form({"day": f"{start:%Y-%m-%d}", "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"})


def written(occurrence: Occurrence) -> Form:
    """Show a session as it is."""
    zone = ZoneInfo(occurrence.activity.organiser.city.timezone)
    start, end = occurrence.starts_at.astimezone(zone), occurrence.ends_at.astimezone(zone)
    return Form(
        {
            "day": f"{start:%Y-%m-%d}",
            "start": f"{start:%H:%M}",
            "end": f"{end:%H:%M}",
            "capacity": str(occurrence.capacity or ""),
            "place": pick(occurrence.place),
        }
    )


def read(
    form: Mapping[str, str], timezone: str, place: Mapping[str, str] | None = None
) -> tuple[Form, Plan | None]:
    """Read a form; the plan is None when something is wrong. An end that is not after the start is on the next day.

    `place` is the one there was: typing another one replaces it, in all languages.
    """
    found = Form({name: clean(form.get(name, "")).strip() for name in FIELDS})
    day, start, end = _day(found), _hour(found, "start"), _hour(found, "end")
    capacity = _capacity(found)
    if found.wrong or day is None or start is None or end is None:
        return found, None
    begins = understand(day, start, timezone)
    ends = understand(day if end > start else day + timedelta(days=1), end, timezone)
    found.said = [one for one in (begins.said, ends.said) if one]
    if end <= start:
        found.said.append(gettext("The end is on the next day."))
    return found, Plan(begins.at, ends.at, capacity, _place(found, place or {}))


def refuse(form: Form, error: PlanRefused) -> Form:
    """Put what a service refused beside its field."""
    form.wrong[str(error.details.get("where", "day"))] = str(error)
    return form


def _day(form: Form) -> date | None:
    try:
        day = date.fromisoformat(form.typed["day"])
        if 2000 <= day.year <= 2100:
            return day
    except ValueError:
        pass
    form.wrong["day"] = gettext("Choose the day, or write it like 2026-12-31.")
    return None


def _hour(form: Form, name: str) -> time | None:
    found = _HOUR.fullmatch(form.typed[name])
    if found:
        return time(int(found[1]), int(found[2]))
    form.wrong[name] = gettext("Write the time like 14:30.")
    return None


def _capacity(form: Form) -> int | None:
    typed = form.typed["capacity"]
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 6 and int(typed)):
        form.wrong["capacity"] = gettext(
            "Places must be a number from 1 on. Leave it empty for as many as come."
        )
        return None
    return int(typed)


def _place(form: Form, before: Mapping[str, str]) -> dict[str, str]:
    typed = form.typed["place"][:MOST_PLACE]
    if typed == pick(before):
        return dict(before)
    return {language(): typed} if typed else {}
