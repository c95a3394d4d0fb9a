"""Mail addresses by which learners get back in: added, confirmed, asked for, taken away.

A link works once, within a day. That is long on purpose: only so many mails go to an address in a day, so whoever asks
again and again for somebody else leaves that person with links that all still work.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from server.accounts.models import Learner, LearnerMail, MailToken
from server.cities.models import City
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.shell import absolute
from server.post.askings import when_asked
from server.post.models import MailAsking
from server.post.services import send
from server.replicas.locks import lock_learners
from server.ways.rows import mail_row, tell
from server.ways.services import TooManyWays, UnknownWay
from sync.messages import encode

LASTS = timedelta(hours=24)
APART = timedelta(minutes=10)
"""No second mail by which to enter goes to an address sooner, while the one before is unused."""
UNCONFIRMED = timedelta(days=7)
MOST_MAILS = 5
CONFIRM, ENTER = "confirm", "enter"


class LinkOver(DomainError):
    """A mail's link that was used, ran out, or never was: which one is nobody's business."""

    status, code = 410, "link_over"

    def explain(self) -> str:
        return gettext("This link does not work any more. Each works once, within a day. Ask for a new one.")


def add(session: Session, learner: str, device: str, address: str, lang: str, *, at: datetime) -> LearnerMail:
    """Keep an address of a learner, added on this device, unconfirmed, or find the one there is. Raises TooManyWays."""
    lock_learners(session.connection(), [learner])  # said twice at once, it is one address
    mine = mails_of(session, learner)
    known = next((one for one in mine if one.address == address), None)
    if known is not None:
        known.device_id = device
        return known
    if len(mine) >= MOST_MAILS:
        raise TooManyWays()
    mail = LearnerMail(learner_id=learner, device_id=device, address=address, lang=lang, created_at=at)
    session.add(mail)
    session.flush()
    return mail


def ask_to_confirm(session: Session, mail: LearnerMail, *, at: datetime) -> None:
    """Send the link by which somebody says that an address is theirs."""
    token = _make_token(session, mail, CONFIRM, at)
    _write(session, mail, "confirm", at, url=_address(mail.lang, f"confirm.{token}"))


def confirm(session: Session, token: str, at: datetime) -> LearnerMail:
    """Note that an address belongs to its learner. Raises LinkOver. Other addresses of theirs hear of it."""
    mail = session.get_one(LearnerMail, _use(session, token, CONFIRM, at))
    if mail.confirmed_at is None:
        tell_new_way(session, mail.learner_id, "mail", at)
        mail.confirmed_at = at
    session.flush()
    tell(session, mail.learner_id, [mail_row(mail)], at)
    return mail


def find_to_enter(session: Session, city: City, address: str, at: datetime) -> LearnerMail | None:
    """Find where a link to enter may go now: nowhere while the last one to that address is new and unused."""
    found = session.scalars(confirmed(city.id, address)).all()
    recent = select(MailToken.digest).where(
        MailToken.mail_id.in_([one.id for one in found]),
        MailToken.purpose == ENTER,
        MailToken.used_at.is_(None),
        MailToken.expires_at > at + LASTS - APART,
    )
    return None if not found or session.scalar(recent.limit(1)) else found[0]


@when_asked(ENTER)
def send_to_enter(session: Session, city: City, asked: MailAsking, at: datetime) -> None:
    """Send a link to enter, if somebody confirmed the address and the last link is not new and unused."""
    mail = find_to_enter(session, city, asked.address, at)
    if mail:
        token = _make_token(session, mail, ENTER, at)
        _write(session, mail, "enter", at, lang=asked.lang, url=_address(asked.lang, f"mail.{token}"))


def confirmed(city: str, address: str) -> Select[LearnerMail]:
    """Select the learners' confirmed rows of an address in a city, the oldest first."""
    query = select(LearnerMail).join(Learner, Learner.id == LearnerMail.learner_id)
    query = query.where(
        Learner.city_id == city, LearnerMail.address == address, LearnerMail.confirmed_at.is_not(None)
    )
    return query.order_by(LearnerMail.confirmed_at, LearnerMail.id)


def look_at_link(session: Session, token: str, at: datetime) -> LearnerMail:
    """Say whose address a link to enter went to, without using it. Raises LinkOver."""
    found = session.get(MailToken, digest_of(token))
    if found is None or found.purpose != ENTER or found.used_at or found.expires_at <= at:
        raise LinkOver()
    return session.get_one(LearnerMail, found.mail_id)


def use_link(session: Session, token: str, at: datetime) -> None:
    """Use up a link to enter. Raises LinkOver when somebody was faster."""
    _use(session, token, ENTER, at)


def remove(session: Session, learner: str, id: str, at: datetime) -> None:
    """Forget an address of a learner's own, with its links. Raises UnknownWay."""
    mail = session.get(LearnerMail, id)
    if mail is None or mail.learner_id != learner:
        raise UnknownWay()
    _forget(session, mail)
    tell(session, learner, [], at, gone=f"mail:{id}")


def mails_of(session: Session, learner: str) -> Sequence[LearnerMail]:
    query = select(LearnerMail).where(LearnerMail.learner_id == learner)
    return session.scalars(query.order_by(LearnerMail.created_at, LearnerMail.id)).all()


def choose(session: Session, learner: str, id: str, kinds: Sequence[str], at: datetime) -> LearnerMail:
    """Keep what a learner wants to be told at an address of theirs. Raises UnknownWay."""
    mail = session.get(LearnerMail, id)
    if mail is None or mail.learner_id != learner:
        raise UnknownWay()
    mail.tells = {kind: mail.tells.get(kind, 0) for kind in kinds}
    mail.leave = mail.leave or secrets.token_urlsafe(24)
    session.flush()
    tell(session, learner, [mail_row(mail)], at)
    return mail


def unsubscribe(session: Session, leave: str, at: datetime) -> None:
    """End the mails that a learner chose at an address; of a link that never was, nothing is said."""
    for mail in session.scalars(select(LearnerMail).where(LearnerMail.leave == leave)).all():
        mail.tells = {}
        session.flush()
        tell(session, mail.learner_id, [mail_row(mail)], at)


def tell_new_way(session: Session, learner: str, what: str, at: datetime) -> None:
    """Tell a learner's confirmed addresses that there is a new way in, so that nobody adds one behind their back."""
    for mail in mails_of(session, learner):
        if mail.confirmed_at is not None:
            _write(session, mail, "new-way", at, what=what, url=absolute(f"/{mail.lang}/account"))


def forget_old(session: Session, at: datetime) -> None:
    """Forget links that are over, and addresses that nobody confirmed within a week."""
    session.execute(delete(MailToken).where(MailToken.expires_at <= at))
    old = LearnerMail.created_at <= at - UNCONFIRMED
    for mail in session.scalars(select(LearnerMail).where(old, LearnerMail.confirmed_at.is_(None))).all():
        _forget(session, mail)
        tell(session, mail.learner_id, [], at, gone=f"mail:{mail.id}")


def _forget(session: Session, mail: LearnerMail) -> None:
    session.execute(delete(MailToken).where(MailToken.mail_id == mail.id))
    session.delete(mail)
    session.flush()


def _make_token(session: Session, mail: LearnerMail, purpose: str, at: datetime) -> str:
    token = secrets.token_urlsafe(24)
    session.add(MailToken(digest=digest_of(token), mail_id=mail.id, purpose=purpose, expires_at=at + LASTS))
    session.flush()
    return token


def _use(session: Session, token: str, purpose: str, at: datetime) -> str:
    held = MailToken.digest == digest_of(token), MailToken.purpose == purpose, MailToken.expires_at > at
    statement = update(MailToken).where(*held, MailToken.used_at.is_(None)).values(used_at=at)
    used: str | None = session.execute(statement.returning(MailToken.mail_id)).scalar_one_or_none()
    if used is None:
        raise LinkOver()
    return used


def _write(
    session: Session, mail: LearnerMail, template: str, at: datetime, *, lang: str = "", **facts: object
) -> None:
    city = session.get_one(City, session.get_one(Learner, mail.learner_id).city_id)
    send(session, city, mail.address, template, lang or mail.lang, at=at, address=mail.address, **facts)


def _address(lang: str, fragment: str) -> str:
    return absolute(f"/{lang}/enter#{fragment}")


def digest_of(secret: str) -> str:
    """Hash a secret as it is kept: base64url of SHA-256."""
    return encode(sha256(secret.encode()).digest())
