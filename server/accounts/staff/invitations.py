"""Invitations by which somebody joins an organiser or the city's team: a link in a mail, which works once.

The token shows that whoever has it reads that mailbox. So it goes into a mail, or to the operator, and is never shown
to who invites: they could become somebody else with it.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.accounts.models import StaffInvitation, User
from server.cities.models import City, CityMember
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.shell import absolute
from server.core.text import clean
from server.organisers.models import Member, Organiser
from server.organisers.services import ROLES
from server.post.addresses import read_address
from server.post.services import send

LASTS = timedelta(days=7)
CITY_ROLES = ("editor", "owner")
"""In the city's team, from the one who may less."""
LONGEST_NAME = 80


class NoRole(DomainError):
    status, code = 422, "no_role"

    def explain(self) -> str:
        return gettext("Choose what they may do.")


class NoName(DomainError):
    status, code = 422, "no_name"

    def explain(self) -> str:
        return gettext("Write the name by which your team knows you.")


class InvitationSpent(DomainError):
    """Used, withdrawn, run out, or never made by us: which one is nobody's business."""

    status, code = 410, "invitation_spent"

    def explain(self) -> str:
        return gettext("This invitation no longer works. Ask for a new one.")


def invite(
    session: Session,
    *,
    email: str,
    role: str,
    organiser: Organiser | None = None,
    city: City | None = None,
    by: User | None,
    at: datetime,
) -> tuple[StaffInvitation, str]:
    """Invite a mail address into an organiser or a city's team; return the invitation and its token, told only now.

    An earlier invitation of the same address to the same team ends. Raises AddressInvalid, NoRole.
    """
    if (organiser is None) == (city is None):
        raise ValueError("An invitation leads to an organiser or to a city.")
    address = read_address(email)
    if role not in (ROLES if organiser else CITY_ROLES):
        raise NoRole()
    team = {
        "organiser_id": organiser.id if organiser else None,
        "city_id": city.id if city else None,
    }
    session.execute(delete(StaffInvitation).filter_by(**team, email=address, used_at=None))
    token = secrets.token_urlsafe(24)
    made = StaffInvitation(
        digest=_hash(token),
        role=role,
        email=address,
        invited_by=by.id if by else None,
        created_at=at,
        expires_at=at + LASTS,
        **team,
    )
    session.add(made)
    session.flush()
    return made, token


def read_name(written: str) -> str:
    """Return a person's name on one line. Raises NoName."""
    name = " ".join(clean(written).split())[:LONGEST_NAME]
    if not name:
        raise NoName()
    return name


def link_of(token: str) -> str:
    """Return the address that shows an invitation. The token is in the fragment, so it reaches no log."""
    return absolute(f"/desk/join#{token}")


def mail(session: Session, city: City, made: StaffInvitation, token: str, lang: str, at: datetime) -> None:
    """Send an invitation to its address, in the language of who invites."""
    by = session.get(User, made.invited_by) if made.invited_by else None
    send(
        session,
        city,
        made.email,
        "staff-invitation",
        lang,
        at=at,
        team=team_name(session, made, lang),
        by=by.name if by else "",
        url=link_of(token),
    )


def find(session: Session, token: str, at: datetime) -> StaffInvitation:
    """Find the invitation of a token. Raises InvitationSpent."""
    query = select(StaffInvitation).where(
        StaffInvitation.digest == _hash(token),
        StaffInvitation.used_at.is_(None),
        StaffInvitation.expires_at > at,
    )
    found = session.scalar(query)
    if found is None:
        raise InvitationSpent()
    return found


def known(session: Session, invitation: StaffInvitation) -> User | None:
    """Return who has the invited address already; they join as who they are, and sign in as they always do."""
    return session.scalar(select(User).where(User.email == invitation.email))


def accept(session: Session, token: str, name: str, at: datetime) -> User:
    """Use an invitation up, and return whom it made a member. `name` is for who is not known here yet.

    Nobody loses a role by it: who is an owner and is invited as a helper stays an owner.
    Raises InvitationSpent, NoName.
    """
    found = find(session, token, at)
    used = update(StaffInvitation).where(StaffInvitation.id == found.id, StaffInvitation.used_at.is_(None))
    if session.execute(used.values(used_at=at).returning(StaffInvitation.id)).first() is None:
        raise InvitationSpent()
    user = known(session, found) or _add_user(session, found, name, at)
    _join(session, user, found, at)
    session.flush()
    return user


def _add_user(session: Session, invitation: StaffInvitation, name: str, at: datetime) -> User:
    """Add who was invited; or return whom another invitation of theirs, accepted in the same moment, added."""
    user = User(name=read_name(name), email=invitation.email, created_at=at)
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        return session.scalars(select(User).where(User.email == invitation.email)).one()
    return user


def _join(session: Session, user: User, invitation: StaffInvitation, at: datetime) -> None:
    if invitation.organiser_id:
        team = {"organiser_id": invitation.organiser_id, "user_id": user.id}
        member = session.scalar(select(Member).filter_by(**team))
        if member is None:
            session.add(Member(role=invitation.role, since=at, **team))
        elif ROLES.index(invitation.role) > ROLES.index(member.role):
            member.role, member.since = invitation.role, at
        return
    team = {"city_id": invitation.city_id or "", "user_id": user.id}
    of_city = session.scalar(select(CityMember).filter_by(**team))
    if of_city is None:
        session.add(CityMember(role=invitation.role, created_at=at, **team))
    else:
        of_city.role = max(of_city.role, invitation.role, key=CITY_ROLES.index)


def waiting(
    session: Session, *, organiser: Organiser | None = None, city: City | None = None, at: datetime
) -> Sequence[StaffInvitation]:
    """List a team's invitations that can still be used, the newest first."""
    query = select(StaffInvitation).where(StaffInvitation.used_at.is_(None), StaffInvitation.expires_at > at)
    query = query.filter_by(
        organiser_id=organiser.id if organiser else None, city_id=city.id if city else None
    )
    return session.scalars(query.order_by(StaffInvitation.created_at.desc(), StaffInvitation.id)).all()


def withdraw(
    session: Session, id: str, *, organiser: Organiser | None = None, city: City | None = None
) -> StaffInvitation:
    """Take an invitation of this team back, and return what it was. Raises NotFound."""
    query = select(StaffInvitation).where(StaffInvitation.id == id, StaffInvitation.used_at.is_(None))
    found = session.scalar(
        query.filter_by(organiser_id=organiser.id if organiser else None, city_id=city.id if city else None)
    )
    if found is None:
        raise NotFound()
    session.delete(found)
    session.flush()
    return found


def city_of(session: Session, invitation: StaffInvitation) -> City:
    """Return the city of the team that an invitation leads to. Raises InvitationSpent when it is gone."""
    organiser = session.get(Organiser, invitation.organiser_id) if invitation.organiser_id else None
    city = organiser.city if organiser else session.get(City, invitation.city_id or "")
    if city is None:
        raise InvitationSpent()
    return city


def team_name(session: Session, invitation: StaffInvitation, lang: str) -> str:
    """Name the organiser or the city that an invitation leads to."""
    organiser = session.get(Organiser, invitation.organiser_id) if invitation.organiser_id else None
    if organiser:
        return organiser.name.get(lang) or organiser.name.get("en") or organiser.slug
    return city_of(session, invitation).name


def city_role_name(role: str) -> str:
    """Name a role in the city's team."""
    return gettext("Owner of the city") if role == "owner" else gettext("Editor of the city")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
