"""The people of a city's team: who may what, and how that changes. A city always has an owner."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.cities.models import City, CityMember
from server.core import roles
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext

ROLES = ("editor", "owner")
"""From the one who may less to the one who may all."""


class LastOwner(DomainError):
    status, code = 409, "last_owner"

    def explain(self) -> str:
        return gettext("A city needs an owner. Make somebody else one first.")


def member_of(session: Session, user_id: str, city: City) -> CityMember | None:
    return session.scalar(select(CityMember).filter_by(user_id=user_id, city_id=city.id))


def may(session: Session, user_id: str, city: City) -> CityMember:
    """Return the user's place in the team when it is at least what this address declares. Raises NotFound."""
    member = member_of(session, user_id, city)
    if member is None or not roles.reaches(f"city {member.role}", roles.needed_now(), roles.OF_CITY):
        raise NotFound()
    return member


def find_member(session: Session, city: City, id: str) -> CityMember:
    found = session.get(CityMember, id)
    if found is None or found.city_id != city.id:
        raise NotFound()
    return found


def change_role(session: Session, member: CityMember, role: str) -> None:
    """Give somebody another role. Raises LastOwner, and NotFound for a role that there is not."""
    if role not in ROLES:
        raise NotFound()
    if role != "owner":
        _check_other_owner(session, member)
    member.role = role


def remove(session: Session, member: CityMember) -> None:
    """Take somebody out of the team; who acts for an organiser too still does. Raises LastOwner."""
    _check_other_owner(session, member)
    session.delete(member)


def _check_other_owner(session: Session, member: CityMember) -> None:
    """Two owners who leave at once must not both find the other: each waits for the city's row."""
    session.get(City, member.city_id, with_for_update=True)
    owners = select(func.count()).select_from(CityMember).filter_by(city_id=member.city_id, role="owner")
    if member.role == "owner" and not session.scalar(owners.where(CityMember.id != member.id)):
        raise LastOwner()


def team_role_name(role: str) -> str:
    return {"owner": gettext("Owner"), "editor": gettext("Editor")}.get(role, role)
