"""Who may act for which organiser."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.accounts.models import User
from server.cities.models import City
from server.core.errors import NotFound
from server.core.i18n import gettext
from server.organisers.models import Member, Organiser

ROLES = ("helper", "reviewer", "editor", "owner")
"""From the one who may least to the one who may all."""


def memberships(session: Session, user: User) -> list[Member]:
    """List the organisers a user acts for, and as what."""
    query = select(Member).where(Member.user_id == user.id).options(joinedload(Member.organiser))
    return list(session.scalars(query.order_by(Member.id)))


def find_organiser(session: Session, city: City, slug: str) -> Organiser:
    """Find an organiser of a city by the name in its address. Raises NotFound."""
    query = select(Organiser).where(Organiser.city_id == city.id, Organiser.slug == slug)
    found = session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def may(session: Session, user: User, organiser: Organiser, role: str = "editor") -> Member:
    """Return the user's membership when it is at least `role`.

    Raises NotFound: to others, an organiser's desk does not exist.
    """
    query = select(Member).where(Member.user_id == user.id, Member.organiser_id == organiser.id)
    member = session.scalar(query)
    if member is None or ROLES.index(member.role) < ROLES.index(role):
        raise NotFound()
    return member


def role_name(role: str) -> str:
    names = {
        "owner": gettext("Owner"),
        "editor": gettext("Editor"),
        "reviewer": gettext("Reviewer"),
        "helper": gettext("Helper"),
    }
    return names.get(role, role)
