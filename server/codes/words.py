"""Codes in words: what a level means, how a code stands, when, where and how often it counts, what was done to it."""

from datetime import datetime

from babel.dates import format_datetime, get_timezone

from server.codes.models import Code
from server.core.i18n import gettext, language, ngettext


def level_choice(level: int) -> str:
    """Say what somebody chooses with a level."""
    return [
        gettext("Open: a link that anyone may use; proves nothing"),
        gettext("Poster or card: proves that the code was seen"),
        gettext("Window: proves that it was seen in its hours"),
        gettext("Live: changes every half minute on your screen"),
    ][level]


def state_words(state: str) -> str:
    return {
        "holds": gettext("Holds"),
        "not_yet": gettext("Not yet"),
        "over": gettext("Over"),
        "used_up": gettext("Used up"),
        "withdrawn": gettext("Withdrawn"),
    }[state]


STATE_TONES = {
    "holds": "ok",
    "not_yet": "waiting",
    "over": "unknown",
    "used_up": "unknown",
    "withdrawn": "bad",
}


def moment_words(at: datetime, timezone: str) -> str:
    """Write a moment on the city's clocks, with its day: Thu 26 Nov 2026, 14:30."""
    return format_datetime(at, "EEE d MMM yyyy, HH:mm", tzinfo=get_timezone(timezone), locale=language())


def window_in_words(code: Code, timezone: str) -> str:
    opens, closes = (moment_words(at, timezone) if at else "" for at in (code.opens_at, code.closes_at))
    if opens and closes:
        return gettext("%(opens)s to %(closes)s", opens=opens, closes=closes)
    if opens:
        return gettext("From %(opens)s", opens=opens)
    return gettext("Until %(closes)s", closes=closes) if closes else gettext("Always")


def cap_words(code: Code) -> str:
    """Say how often a code counts, in total and for one person."""
    total = (
        gettext("As often as you like")
        if code.cap_total is None
        else ngettext("Once in total", "%(num)s times in total", code.cap_total)
    )
    person = ngettext("once a person", "%(num)s times a person", code.cap_person)
    return f"{total}, {person}"


def place_words(code: Code) -> str:
    if code.latitude is None or code.longitude is None:
        return gettext("Anywhere")
    return gettext(
        "Within %(radius)s m of %(latitude)s, %(longitude)s",
        radius=code.radius_m or 0,
        latitude=f"{code.latitude:.5f}",
        longitude=f"{code.longitude:.5f}",
    )


def what_words(what: str, count: int) -> str:
    """Say what was done to codes."""
    return {
        "made": ngettext("Made", "%(num)s made", count),
        "printed": ngettext("Printed", "%(num)s printed", count),
        "handed_out": ngettext("One handed out", "%(num)s handed out", count),
        "revoked": ngettext("One withdrawn", "%(num)s withdrawn", count),
        "reissued": ngettext("Made in place of an old one", "%(num)s made in place of old ones", count),
    }[what]


def count_words(count: int) -> str:
    return ngettext("%(num)s code", "%(num)s codes", count)
