"""A user's own mail address, changed by a link in a mail to the new one. Until that is opened nothing is kept of it here."""

import json
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.accounts.models import SignInLink, User
from server.accounts.services import LinkSpent
from server.accounts.staff.factors import sealing
from server.accounts.staff.mails import language_of, tell_change
from server.cities.models import City
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.shell import absolute
from server.post.services import send

LASTS = timedelta(hours=1)


class AddressTaken(DomainError):
    status, code = 409, "address_taken"

    def explain(self) -> str:
        return gettext("Somebody here has this address already.")


def ask_to_confirm(session: Session, city: City, user: User, address: str, at: datetime) -> None:
    """Mail a link to the new address; nothing where somebody has it, and whoever asks is not told so."""
    if is_taken(session, address):
        return
    sealed = sealing().encrypt(json.dumps([user.id, user.email, address]).encode()).decode()
    url = absolute(f"/desk/me/address#{sealed}")
    send(session, city, address, "staff-address", language_of(user), at=at, url=url, name=user.name)


def change(session: Session, city: City, user: User, sealed: str, at: datetime) -> None:
    """Give a user the address that a link was mailed to; the former one is told, and opens nothing any more.

    Raises LinkSpent (also for somebody else's link, and for one that is older than the address of now), AddressTaken.
    """
    address = _open(user, sealed)
    if is_taken(session, address):
        raise AddressTaken()
    tell_change(session, city, user, "address", at)
    session.execute(delete(SignInLink).where(SignInLink.user_id == user.id))
    user.email = address
    session.flush()


def is_taken(session: Session, address: str) -> bool:
    return session.scalar(select(User.id).where(User.email == address)) is not None


def _open(user: User, sealed: str) -> str:
    try:
        id, before, address = json.loads(sealing().decrypt(sealed.encode(), ttl=int(LASTS.total_seconds())))
    except (InvalidToken, ValueError) as error:
        raise LinkSpent() from error
    if (id, before) != (user.id, user.email):
        raise LinkSpent()
    return str(address)
