"""What a city does when it suspends an organiser, and what stays.

Hidden: its activities, playlists, sessions and milestones, on all public pages. Its people sign in and look at everything,
and change nothing. What stays is the learners': badges hold and verify, its public page and keys are there, saved playlists
go on, and what was done at its stops still counts, because it was done in good faith.
"""

from datetime import datetime

from server.core.errors import NotFound
from server.core.i18n import gettext
from server.organisers.models import Organiser

OFFERED = Organiser.suspended_at.is_(None)
"""For queries that join `Organiser`."""
MOST_WHY = 300


class NotOffered(NotFound):
    code = "not_offered"

    def explain(self) -> str:
        return gettext("This is not offered at the moment. What you did here still counts.")


def check_offered(organiser: Organiser) -> None:
    """Raise NotOffered when the city has suspended an organiser."""
    if organiser.suspended_at:
        raise NotOffered()


def suspend(organiser: Organiser, why: str, at: datetime) -> None:
    """Suspend an organiser; `why` is shown to its people."""
    if organiser.suspended_at is None:
        organiser.suspended_at, organiser.suspended_why = at, why[:MOST_WHY]


def bring_back(organiser: Organiser) -> None:
    organiser.suspended_at, organiser.suspended_why = None, ""
