"""Mails to staff: a link to sign in with, a code that proves who one is, and word of a way in that came or went."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User, UserSession
from server.accounts.services import make_sign_in_link
from server.accounts.staff.proofs import make_mailed_code
from server.cities.models import City
from server.core.i18n import language
from server.core.shell import absolute
from server.post.askings import when_asked
from server.post.models import MailAsking
from server.post.services import send

LINK_LASTS = timedelta(hours=1)
SIGN_IN = "staff-sign-in"


@when_asked(SIGN_IN)
def send_link(session: Session, city: City, asked: MailAsking, at: datetime) -> None:
    """Send a link to sign in with, if the address is somebody's of staff."""
    user = session.scalar(select(User).where(User.email == asked.address))
    if user:
        link = make_sign_in_link(session, user, at=at, lasts=LINK_LASTS, next=asked.next, by_mail=True)
        send(session, city, user.email, "staff-sign-in", user.lang or asked.lang, at=at, url=link)


def send_code(session: Session, city: City, user: User, opened: UserSession, at: datetime) -> None:
    code = make_mailed_code(session, user, opened, at)
    send(session, city, user.email, "staff-code", language_of(user), at=at, code=code)


def tell_change(session: Session, city: City, user: User, what: str, at: datetime) -> None:
    """Tell a user that a way in was changed, in case that was not them: passkey_added, passkey_removed, app_set_up, app_removed, address."""
    where = absolute("/desk/me")
    send(session, city, user.email, "staff-way", language_of(user), at=at, what=what, url=where)


def language_of(user: User) -> str:
    """Return the language of mails to a user: their own, else that of the page they are on."""
    return user.lang or language()
