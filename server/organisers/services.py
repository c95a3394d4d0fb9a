"""Who may act for which organiser."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.accounts.models import User
from server.cities.models import City
from server.core import roles
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, pick
from server.organisers.models import Member, Organiser

ROLES = roles.OF_ORGANISER
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


def may(session: Session, user: User, organiser: Organiser, role: str = "") -> Member:
    """Return the user's membership when it is at least what this address declares, or `role` where a view asks for more.

    Raises NotFound: to others, an organiser's desk does not exist. Raises Suspended when its people want to change
    something while it is suspended.
    """
    query = select(Member).where(Member.user_id == user.id, Member.organiser_id == organiser.id)
    member = session.scalar(query)
    if member is None or not is_at_least(member, role or roles.needed_now()):
        raise NotFound()
    check_may_act(organiser)
    return member


def acting(session: Session, user: User, role: str = "") -> list[Member]:
    """List where a user may do what this address declares (or `role`). Raises NotFound when that is nowhere."""
    found = memberships(session, user)
    found = [one for one in found if is_at_least(one, role or roles.needed_now())]
    if not found:
        raise NotFound()
    open_now = [one for one in found if roles.is_looking() or not one.organiser.suspended_at]
    if not open_now:
        raise Suspended(found[0].organiser)
    return open_now


def is_at_least(member: Member, role: str) -> bool:
    return roles.reaches(member.role, role, ROLES)


def check_may_act(organiser: Organiser) -> None:
    """Raise Suspended when this request would change something of an organiser that is suspended."""
    if organiser.suspended_at and not roles.is_looking():
        raise Suspended(organiser)


class Suspended(DomainError):
    status, code = 403, "suspended"

    def __init__(self, organiser: Organiser) -> None:
        super().__init__(
            gettext(
                "%(city)s has suspended %(name)s. You can look at everything, and change it again once it is brought back.",
                city=organiser.city.name,
                name=pick(organiser.name),
            )
        )


def role_name(role: str) -> str:
    names = {
        "owner": gettext("Owner"),
        "editor": gettext("Editor"),
        "reviewer": gettext("Reviewer"),
        "helper": gettext("Helper"),
    }
    return names.get(role, role)
