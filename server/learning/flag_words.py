"""Flags in words: what each kind means, and what was seen, with its numbers."""

from collections.abc import Mapping
from typing import Any

from server.core.i18n import gettext, ngettext
from server.learning.models import Flag


def kind_title(kind: str) -> str:
    """Name a kind of flag, as the head of a group."""
    titles = {
        "many_on_one_phone": gettext("Many people on one phone"),
        "far_away": gettext("Far from the place"),
        "outside_hours": gettext("At an unusual time"),
        "over_capacity": gettext("More than the room holds"),
        "impossible_travel": gettext("Too far for the time"),
        "burst": gettext("Many at the same moment"),
        "stale_pass": gettext("The pass was not fresh"),
        "leaked_code": gettext("By a code that leaked"),
    }
    return titles.get(kind, kind)


def kind_meaning(kind: str) -> str:
    """Say what may be behind it, the harmless first."""
    meanings = {
        "many_on_one_phone": gettext("It may be a large class that shares a tablet. It may also be one person who checks in friends who are not there."),
        "far_away": gettext("Their phones knew well where they were, and say that it was not at the code's place. Perhaps the place of the code is set wrong; perhaps somebody passed on a photo of it."),
        "outside_hours": gettext("Nobody was expected then. Perhaps the session ran late; perhaps a code was used that had been kept."),
        "over_capacity": gettext("They came when all places were taken. Nobody was sent away; you decide whether it counts."),
        "impossible_travel": gettext("The same person checked in at two places, with less time between than the way takes. Perhaps a phone was lent; perhaps one of the codes came from a photo."),
        "burst": gettext("Perhaps a class scanned a big screen together; perhaps a photo of the screen was passed on."),
        "stale_pass": gettext("A pass is made new every 30 seconds. Perhaps the phone's clock is wrong; perhaps a picture of somebody's pass was shown."),
        "leaked_code": gettext("You withdrew this code because too many used it. Keep those of whom you know that they were there."),
    }  # fmt: skip
    return meanings.get(kind, "")


def facts_words(flag: Flag) -> str:
    """Say what was seen, in one sentence with its numbers; empty where the title says it all."""
    facts: Mapping[str, Any] = flag.facts
    learners = facts.get("learners", 0)
    if flag.kind == "many_on_one_phone":
        return ngettext(
            "%(num)s person in one run of the app", "%(num)s people in one run of the app", learners
        )
    if flag.kind == "impossible_travel":
        return gettext(
            "%(km)s km in at most %(minutes)s min, which is %(kmh)s km/h",
            km=facts.get("km"), minutes=facts.get("minutes"), kmh=facts.get("kmh"),
        )  # fmt: skip
    if flag.kind == "burst" and facts.get("capacity"):
        return gettext(
            "%(learners)s people within 10 minutes, where %(capacity)s have room",
            learners=learners, capacity=facts["capacity"],
        )  # fmt: skip
    if flag.kind == "burst":
        return ngettext(
            "%(num)s person by the code that the screen showed for 30 seconds",
            "%(num)s people by the code that the screen showed for 30 seconds", learners,
        )  # fmt: skip
    if flag.kind == "stale_pass":
        return _staleness(facts.get("seconds", 0))
    if flag.kind == "over_capacity" and facts.get("capacity"):
        return ngettext("The room has %(num)s place", "The room has %(num)s places", facts["capacity"])
    if flag.kind == "outside_hours" and facts.get("before"):
        return ngettext(
            "%(num)s check-in of earlier days, and none within two hours of this time of day",
            "%(num)s check-ins of earlier days, and none within two hours of this time of day", facts["before"],
        )  # fmt: skip
    return ""


def _staleness(seconds: int) -> str:
    minutes = max(1, round(abs(seconds) / 60))
    if seconds < 0:
        return ngettext("Made %(num)s minute ahead of time", "Made %(num)s minutes ahead of time", minutes)
    return ngettext("%(num)s minute old", "%(num)s minutes old", minutes)


def alarm_words(alarm: Flag) -> str:
    """Say how often a code was used within an hour, and from how far."""
    used, far = alarm.facts.get("used", 0), alarm.facts.get("far", 0)
    if far:
        return ngettext(
            "This code was used %(num)s time within an hour, %(far)s of them from far away.",
            "This code was used %(num)s times within an hour, %(far)s of them from far away.", used, far=far,
        )  # fmt: skip
    return ngettext(
        "This code was used %(num)s time within an hour.", "This code was used %(num)s times within an hour.", used
    )  # fmt: skip


def alarm_reason(alarm: Flag) -> str:
    """Say what that is compared with."""
    reasons = {
        "far": gettext("Phones that know where they are say that they were not at its place. A photo of it may be going round."),
        "room": gettext("That is many more than the room holds. A photo of it may be going round."),
        "usual": gettext("That is many times more than in its busiest hour so far. A photo of it may be going round."),
    }  # fmt: skip
    return reasons.get(alarm.facts.get("why", ""), "")


def reasons() -> list[str]:
    """Suggest reasons for a void, as the learner will read them."""
    return [
        gettext("We did not see you there."),
        gettext("The code was passed on as a photo."),
        gettext("This check-in was made for somebody else."),
        gettext("The place was full."),
    ]
