"""How long what is kept, as the settings show it: the periods that a city may set, in words, and what they would remove."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from server.cities.models import City
from server.cities.settings import Period
from server.core.i18n import gettext


def periods() -> Mapping[str, Period]:
    return {
        "guests": Period(default=730, least=90),
        "files": Period(default=30, least=7),
        "networks": Period(default=90, least=7),
        "mails": Period(default=30, least=1),
    }


def period_words() -> dict[str, str]:
    return {
        "guests": gettext("Guests who never came back and have no way back in"),
        "files": gettext("Files that arrived and belong to nothing"),
        "networks": gettext("From where staff signed in"),
        "mails": gettext("Mails that could not be sent"),
    }


def plan(session: Session, city: City) -> Mapping[str, int]:
    """Count what the periods would remove now, by their names; nothing is counted yet."""
    return {}
