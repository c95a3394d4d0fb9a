"""Reading the form for new codes: what was typed becomes facts, or what is wrong with it in words, by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from server.codes.making import Facts
from server.core.i18n import gettext
from server.core.text import clean
from server.core.wall_clock import moment_of

MOST_ONCE = 5_000
"""Codes made at once that each give one badge."""
MOST = 50
"""Any others: a phone that saves a playlist keeps a line for each code of its stops."""
MOST_CAP, MOST_RADIUS, LEAST_RADIUS = 1_000_000, 50_000, 10
N = TypeVar("N", int, float)


class Form(Protocol):
    """A form as it was sent."""

    def get(self, name: str, default: str) -> str: ...
    def getlist(self, name: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form is about: levels that make sense, the city's time zone, the place of the activity."""

    levels: Sequence[int]
    timezone: str
    languages: Sequence[str]
    place: tuple[float, float] | None = None
    for_badge: bool = False


@dataclass(slots=True)
class Reading:
    """What was read so far, and what is wrong, by field."""

    form: Form
    wrong: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return clean(self.form.get(name, "")).strip()

    def number(self, name: str, kind: type[N], least: N, most: N) -> N | None:
        """Read a number; None when there is none, or when it is wrong."""
        written = self.text(name).replace(",", ".")
        if not written:
            return None
        try:
            value = kind(written)
        except ValueError:
            value = most + 1
        if not least <= value <= most:
            self.wrong[name] = gettext(
                "Please write a number from %(least)s to %(most)s.", least=least, most=most
            )
            return None
        return value


def read_facts(form: Form, asked: Asked) -> tuple[Facts, int, Mapping[str, str]]:
    """Read the facts of new codes and how many to make; with them what is wrong, by field: nothing, or use neither."""
    reading = Reading(form)
    level = reading.number("level", int, 0, 4)
    if level not in asked.levels:
        reading.wrong["level"] = gettext("Please choose one of these.")
    opens_at, closes_at = (_read_time(reading, name, asked.timezone) for name in ("opens", "closes"))
    _check_window(reading, level, opens_at, closes_at)
    latitude, longitude, radius_m = _read_place(reading, asked)
    facts = Facts(
        level=level or 0,
        opens_at=opens_at,
        closes_at=closes_at,
        cap_total=reading.number("cap_total", int, 1, MOST_CAP),
        cap_person=reading.number("cap_person", int, 1, 100) or 1,
        latitude=latitude,
        longitude=longitude,
        radius_m=radius_m,
        languages=_read_languages(reading, asked),
        batch=reading.text("batch")[:60],
    )
    return facts, _read_count(reading, facts, asked), reading.wrong


def _read_time(reading: Reading, name: str, timezone: str) -> datetime | None:
    """Read a moment on the city's clocks (`2026-11-26T14:30`).

    Unlike a session's, a code's hours are sealed in its commitment and cannot be put right afterwards, so one
    that the clocks skip is asked for again.
    """
    written = reading.text(name)
    if not written:
        return None
    try:
        moment = moment_of(datetime.fromisoformat(written).replace(second=0, microsecond=0), timezone)
    except (ValueError, OverflowError):
        reading.wrong[name] = gettext("Please choose a day and an hour.")
        return None
    if moment.skipped:
        reading.wrong[name] = gettext("The clocks go forward that night: this hour does not exist.")
        return None
    return moment.at


def _check_window(
    reading: Reading, level: int | None, opens: datetime | None, closes: datetime | None
) -> None:
    if "opens" in reading.wrong or "closes" in reading.wrong:
        return
    if level == 2 and closes is None:
        reading.wrong["closes"] = gettext("A code that counts in certain hours needs an end.")
    elif opens and closes and closes <= opens:
        reading.wrong["closes"] = gettext("The end must come after the beginning.")


def _read_place(reading: Reading, asked: Asked) -> tuple[float | None, float | None, int | None]:
    """Read where a code counts: the activity's place, another one, or anywhere. Degrees and metres."""
    where = reading.text("where")
    if where not in ("here", "there"):
        return None, None, None
    radius = reading.number("radius", int, LEAST_RADIUS, MOST_RADIUS) or 100
    if where == "there":
        return _read_degrees(reading, "latitude", 90.0), _read_degrees(reading, "longitude", 180.0), radius
    if asked.place is None:
        reading.wrong["where"] = gettext("The activity has no place on the map.")
        return None, None, None
    return *asked.place, radius


def _read_degrees(reading: Reading, name: str, most: float) -> float | None:
    value = reading.number(name, float, -most, most)
    if value is None:
        reading.wrong.setdefault(name, gettext("Please write it in degrees, such as 52.37."))
    return value


def _read_languages(reading: Reading, asked: Asked) -> Sequence[str]:
    chosen = [one for one in dict.fromkeys(reading.form.getlist("in")) if one in asked.languages]
    if len(chosen) > 3:
        reading.wrong["in"] = gettext("Please choose up to three languages: more do not fit on a card.")
    return tuple(chosen)


def _read_count(reading: Reading, facts: Facts, asked: Asked) -> int:
    once = asked.for_badge and facts.cap_total == 1
    count = reading.number("count", int, 1, MOST_ONCE if once else MOST)
    if "count" in reading.wrong and asked.for_badge and not once:
        reading.wrong["count"] = gettext(
            "At once you can make up to %(few)s codes, or up to %(many)s that each count once in total.",
            few=MOST,
            many=MOST_ONCE,
        )
    if (count or 1) > 1 and not facts.batch:
        reading.wrong["batch"] = gettext("Please name the batch, so that you find it again.")
    return count or 1
