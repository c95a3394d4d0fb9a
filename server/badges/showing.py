"""What the page of a badge says, in the reader's language."""

from datetime import datetime
from typing import Any

from server.badges import verification
from server.badges.assurance import Assurance, title, words
from server.badges.levels import level_names, level_words
from server.badges.models import Award
from server.badges.resolver import OwnRecords
from server.core.i18n import pick
from server.core.shell import absolute


def describe(award: Award, at: datetime) -> dict[str, Any]:
    """Check a badge and gather what `badges/credential.html` shows of it."""
    sure = Assurance.read(award.assurance)
    return {
        "award": award,
        "achievement": award.achievement,
        "organiser": award.achievement.organiser,
        "report": verification.verify(award.signed, OwnRecords(at), at),
        "assurance_words": words(sure),
        "level_name": title(sure),
        "rung": _rung(award.achievement.level),
        "reached": _reached(award),
        "ended": bool(award.valid_until and award.valid_until <= at),
        "url": absolute(f"/credentials/{award.credential_id}"),
    }


def _rung(level: str | None) -> dict[str, str] | None:
    """Name a badge's level, and say what it means."""
    return {"name": level_names()[level], "words": level_words()[level]} if level else None


def _reached(award: Award) -> list[dict[str, str]]:
    """Say what was reached in each row of the rubric; rows that nobody judged are left out, as in the signed badge."""
    found = []
    for row in award.achievement.results:
        step = next((one for one in row["levels"] if one["key"] == award.results.get(row["key"])), None)
        if step:
            words = pick(step.get("description") or {})
            found.append({"name": pick(row["name"]), "level": pick(step["name"]), "words": words})
    return found
