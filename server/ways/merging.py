"""Two learners are one person: whatever let either in lets them in."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.learners import Told, when_merged
from server.accounts.models import LearnerMail, MailToken, Passkey, RecoveryKit
from server.ways.rows import row_of


@when_merged
def follow(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Give all ways of one learner to another. Of an address that both have, the confirmed one stays."""
    passkeys = session.scalars(select(Passkey).where(Passkey.learner_id == old)).all()
    kits = session.scalars(select(RecoveryKit).where(RecoveryKit.learner_id == old)).all()
    for passkey in passkeys:
        passkey.learner_id = new
    for kit in kits:
        kit.learner_id = new
    moved = [*map(row_of, passkeys), *map(row_of, kits), *_bring_mails(session, old, new)]
    session.flush()
    return moved


def _bring_mails(session: Session, old: str, new: str) -> Iterator[Told]:
    mine = {
        one.address: one for one in session.scalars(select(LearnerMail).where(LearnerMail.learner_id == new))
    }
    for mail in session.scalars(select(LearnerMail).where(LearnerMail.learner_id == old)).all():
        twin = mine.get(mail.address)
        if twin is None:
            mail.learner_id = new
            yield row_of(mail)
            continue
        twin.confirmed_at = twin.confirmed_at or mail.confirmed_at
        session.execute(update(MailToken).where(MailToken.mail_id == mail.id).values(mail_id=twin.id))
        session.delete(mail)
        yield f"mail:{mail.id}", None
        yield row_of(twin)
