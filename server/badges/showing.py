"""What the page of a badge says, in the reader's language."""

from datetime import datetime
from typing import Any

from server.badges import verification
from server.badges.assurance import Assurance, title, words
from server.badges.models import Award
from server.badges.resolver import OwnRecords
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
        "url": absolute(f"/credentials/{award.credential_id}"),
    }
