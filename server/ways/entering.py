"""Getting back in: whoever shows a passkey, a recovery kit or a mail's link gets an invitation for their new phone.

From then on everything goes as with a second phone that the first one invited: see `accounts/invitations.py`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts import invitations
from server.accounts.models import Device, Learner, LearnerMail, RecoveryKit
from server.accounts.passkeys import PasskeyRefused, Site, check_shown
from server.badges.models import Award
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.families.services import is_withdrawn
from server.learning.rows import write_time
from server.replicas.moments import milliseconds
from server.ways import mails
from server.ways.rows import row_of, tell

PURPOSE = "enter"
"""Of a challenge that a passkey answers."""


class NotLetIn(DomainError):
    """Words that open nothing here: mistyped, ended, or never made."""

    status, code = 403, "not_let_in"

    def explain(self) -> str:
        return gettext("These words do not open anything here. Check them, or try another way.")


@dataclass(frozen=True, slots=True)
class LetIn:
    """An invitation of the server's own: the secret, for which learner, and until when (ms since 1970)."""

    learner: str
    secret: str
    until: int


def let_in(session: Session, learner: str, at: datetime) -> LetIn:
    """Invite one more phone to a learner, once, for a day. Raises NotLetIn for a child whose consent was withdrawn."""
    if is_withdrawn(session, learner):
        raise NotLetIn()
    secret = secrets.token_urlsafe(32)
    until = invitations.invite(session, mails.digest_of(secret), learner, until=at + invitations.LASTS, at=at)
    return LetIn(learner, secret, milliseconds(until))


def by_passkey(
    session: Session, credential: Mapping[str, Any], challenge: bytes, site: Site, *, at: datetime
) -> LetIn:
    """Let in who shows a learner's passkey. Raises PasskeyRefused, also for one of staff."""
    passkey = check_shown(session, credential, challenge, site, at=at)
    if passkey.learner_id is None:
        raise PasskeyRefused()
    found = let_in(session, passkey.learner_id, at)
    tell(session, passkey.learner_id, [row_of(passkey)], at)
    return found


def by_kit(session: Session, secret: str, *, at: datetime) -> LetIn:
    """Let in who has the words of a recovery kit, and tell the learner's addresses. Raises NotLetIn."""
    query = select(RecoveryKit).where(RecoveryKit.digest == mails.digest_of(secret))
    kit = session.scalar(query)
    if kit is None:
        raise NotLetIn()
    kit.used_at = at
    mails.tell_new_way(session, kit.learner_id, "used", at)
    found = let_in(session, kit.learner_id, at)
    tell(session, kit.learner_id, [row_of(kit)], at)
    return found


def choices_of(session: Session, token: str, at: datetime) -> list[LearnerMail]:
    """List the learners whose address a link went to: one, or several who share it. Raises LinkOver."""
    mail = mails.look_at_link(session, token, at)
    city = session.get_one(Learner, mail.learner_id).city_id
    return list(session.scalars(mails.confirmed(city, mail.address)))


def by_mail(session: Session, token: str, mail: LearnerMail, *, at: datetime) -> LetIn:
    """Let in who has a mail's link, for one of the learners it is for. Raises LinkOver."""
    mails.use_link(session, token, at)
    mail.used_at = at
    found = let_in(session, mail.learner_id, at)
    tell(session, mail.learner_id, [row_of(mail)], at)
    return found


def describe(session: Session, learner: str) -> dict[str, Any]:
    """Say of a learner what they recognise themselves by: we know no name."""
    holds = Award.learner_id == learner, Award.revoked_at.is_(None), Award.erased.is_(False)
    seen = session.scalar(select(func.max(Device.seen_at)).where(Device.learner_id == learner))
    return {
        "learner": learner,
        "badges": session.scalar(select(func.count(Award.id)).where(*holds)) or 0,
        "since": write_time(session.get_one(Learner, learner).created_at),
        "seen": write_time(seen) if seen else None,
    }
