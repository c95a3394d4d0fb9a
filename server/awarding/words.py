"""What the desk says of a list's rows: what becomes of each, which cell is wrong, and what to do."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding.columns import as_day
from server.awarding.models import AwardRow
from server.badges.models import Achievement
from server.core.i18n import gettext, language, pick

STATE_TONES = {"ready": "ready", "awarded": "ok", "duplicate": "unknown", "unmet": "bad", "failed": "bad"}


def state_words(state: str) -> str:
    return {
        "ready": gettext("Ready"),
        "awarded": gettext("Given"),
        "duplicate": gettext("Skipped"),
        "unmet": gettext("Other badges first"),
        "failed": gettext("To be mended"),
    }[state]


def why_words(row: AwardRow, names: Mapping[str, str]) -> str:
    """Say why a row is not simply ready, and what to do; `names` of badges by series. Empty when there is nothing to say."""
    if row.state == "unmet":
        missing = ", ".join(names.get(one, gettext("another badge")) for one in row.why.split(","))
        return gettext("Needs first: %(badges)s. Give that, then run the list again.", badges=missing)
    if row.why.startswith("line:"):
        return gettext("The same person as in row %(number)s.", number=row.why.partition(":")[2])
    return _words(row.why)


def _words(why: str) -> str:
    return {
        "held": gettext("Has this badge already."),
        "renewal": gettext("Has this badge; it is renewed for another period."),
        "address:missing": gettext("No mail address and no number: write one of them, so that nobody gets it twice."),
        "address:mail": gettext("This is not a whole mail address. Look for a missing dot or a space."),
        "address:long": gettext("This address is too long to be one."),
        "awarded_on:unclear": gettext("This is not a day. Write it as 2026-05-30."),
        "awarded_on:future": gettext("This day has not come yet."),
        "awarded_on:past": gettext("This day is too long ago."),
        "note:long": gettext("The note is too long: 1,000 characters at most."),
        "run:failed": gettext("Something went wrong on our side. Run it again."),
    }.get(why, gettext("This level is not one of this badge. Choose one of them.") if why else "")  # fmt: skip


def wrong_cell(row: AwardRow) -> str:
    """Name the cell that is wrong: `address`, `awarded_on`, `note`, `result:{key}`; empty when none is."""
    if row.state != "failed" or row.why.startswith("run:"):
        return ""
    return row.why.rpartition(":")[0]


def day_words(at: date) -> str:
    return format_date(at, "medium", locale=language())


def written_day_words(written: str) -> str:
    """Say the day that a list's row has; what is no day stays as it was typed."""
    day = as_day(written)
    return day_words(day) if day else written


def names_of(session: Session, series: set[str]) -> dict[str, str]:
    """Name badges by their series, in the words of their newest version."""
    query = select(Achievement).where(Achievement.series.in_(series)).order_by(Achievement.version)
    return {one.series: pick(one.name) for one in session.scalars(query)} if series else {}


def result_name(achievement: Achievement, key: str) -> str:
    """Name what a level is of."""
    return next((pick(one["name"]) for one in achievement.results or [] if one["key"] == key), key)


def join_levels(result: Mapping[str, Any]) -> str:
    """List the levels of a result as the reader calls them."""
    return ", ".join(pick(level["name"]) for level in result["levels"])


def levels_given(form: Mapping[str, str]) -> dict[str, str]:
    """Read the levels that a form holds, by result."""
    return {name.partition(":")[2]: level for name, level in form.items() if name.startswith("result:")}


def level_name(achievement: Achievement, key: str, level: str) -> str:
    """Name a level as the reader calls it; what is none is said as it was written."""
    found: list[dict[str, Any]] = [one for one in achievement.results or [] if one["key"] == key]
    for at in found[0]["levels"] if found else ():
        if at["key"] == level:
            return pick(at["name"])
    return level
