"""Who is in an organiser's team, and as what. There is always an owner."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from server.accounts.models import User
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.organisers.models import Member, Organiser
from server.organisers.services import ROLES


class LastOwner(DomainError):
    status, code = 409, "last_owner"

    def explain(self) -> str:
        return gettext("Somebody must own this team. Make another person an owner first.")


def team(session: Session, organiser: Organiser) -> Sequence[Member]:
    """List the people of an organiser, owners first, each with their user."""
    query = select(Member).join(User).where(Member.organiser_id == organiser.id)
    found = session.scalars(query.options(joinedload(Member.user)).order_by(User.name, Member.id)).all()
    return sorted(found, key=lambda one: -ROLES.index(one.role))


def find_member(session: Session, organiser: Organiser, id: str) -> Member:
    """Find a member of this organiser. Raises NotFound."""
    found = session.get(Member, id)
    if found is None or found.organiser_id != organiser.id:
        raise NotFound()
    return found


def change_role(session: Session, member: Member, role: str, at: datetime) -> None:
    """Make a member something else. Raises NotFound for no role, LastOwner."""
    if role not in ROLES:
        raise NotFound()
    if role != "owner":
        _check_another_owner(session, member)
    if role != member.role:
        member.role, member.since = role, at
    session.flush()


def remove(session: Session, member: Member) -> None:
    """Take somebody out of a team. What they did there stays. Raises LastOwner."""
    _check_another_owner(session, member)
    session.delete(member)
    session.flush()


def _check_another_owner(session: Session, member: Member) -> None:
    """Two owners who leave at once must not both find the other: each waits for the organiser's row."""
    session.get(Organiser, member.organiser_id, with_for_update=True)
    others = select(func.count(Member.id)).where(
        Member.organiser_id == member.organiser_id, Member.role == "owner", Member.id != member.id
    )
    if member.role == "owner" and not session.scalar(others):
        raise LastOwner()
