"""A new organiser: a name, and a part of addresses made from it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.cities.models import City
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.text import fold
from server.organisers.models import Organiser

LONGEST = 80
TAKEN = {"activities", "achievements", "city", "codes", "door-links", "flags", "health", "join", "playlists", "sessions", "waiting"}  # fmt: skip
"""Rooms of the desk: `/desk/{slug}/…` would be theirs."""


class NameNeeded(DomainError):
    status, code = 422, "name_needed"

    def explain(self) -> str:
        return gettext("Write the name of the organiser.")


def make_organiser(session: Session, city: City, name: str, lang: str) -> Organiser:
    """Add an organiser under the name that it has in one language. Raises NameNeeded."""
    name = " ".join(name.split())[:LONGEST]
    if not name:
        raise NameNeeded()
    made = Organiser(city_id=city.id, slug=_free_slug(session, city, name), name={lang: name}, about={})
    session.add(made)
    session.flush()
    return made


def _free_slug(session: Session, city: City, name: str) -> str:
    slug = "-".join(fold(name).encode("ascii", "ignore").decode().split())[:60].strip("-") or "organiser"
    taken = TAKEN | set(session.scalars(select(Organiser.slug).where(Organiser.city_id == city.id)))
    return next(one for one in (slug, *(f"{slug}-{n}" for n in range(2, 10_000))) if one not in taken)
