"""Ways back in that a learner leaves behind when they take over: those that were made on other phones than this one.

Whoever looked after a child may have made some on a phone that both used, and would still get in by them.
"""

from collections.abc import Iterator

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.accounts.models import LearnerMail, MailToken, Passkey, RecoveryKit

Way = Passkey | RecoveryKit | LearnerMail
KINDS = {Passkey: "passkey", RecoveryKit: "kit", LearnerMail: "mail"}
"""As which a row of the feed names each: `kit:{id}`."""


def has_way(session: Session, learner: str, device: str) -> bool:
    """Say whether a learner has a way back in that was made on this device; an address also has to be confirmed."""
    mine = (one for one in _ways_of(session, learner) if one.device_id == device)
    return any(not isinstance(one, LearnerMail) or one.confirmed_at for one in mine)


def end_others(session: Session, learner: str, device: str) -> list[str]:
    """End all ways back in that were not made on this device; return their keys in the learner's feed."""
    others = [one for one in _ways_of(session, learner) if one.device_id != device]
    keys = [f"{KINDS[type(one)]}:{one.id}" for one in others]
    mails = [one.id for one in others if isinstance(one, LearnerMail)]
    session.execute(delete(MailToken).where(MailToken.mail_id.in_(mails)))
    for one in others:
        session.delete(one)
    session.flush()
    return keys


def _ways_of(session: Session, learner: str) -> Iterator[Way]:
    yield from session.scalars(select(Passkey).where(Passkey.learner_id == learner)).all()
    yield from session.scalars(select(RecoveryKit).where(RecoveryKit.learner_id == learner)).all()
    yield from session.scalars(select(LearnerMail).where(LearnerMail.learner_id == learner)).all()
