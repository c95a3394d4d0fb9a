"""Invitations: one of a learner's devices vouches for the next one, by a secret that only the two have seen."""

import hashlib
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.accounts.models import Invitation
from sync.messages import encode

LASTS = timedelta(hours=24)


def invite(session: Session, digest: str, learner: str, *, until: datetime, at: datetime) -> datetime:
    """Keep an invitation and return until when it holds: as asked, but at most LASTS from now.

    Said again, it can only end sooner: a learner takes an invitation back, nobody lengthens or takes over another's.
    """
    kept = session.get(Invitation, digest)
    if kept is None:
        kept = Invitation(digest=digest, learner_id=learner, expires_at=min(until, at + LASTS))
        session.add(kept)
    elif kept.learner_id == learner:
        kept.expires_at = min(kept.expires_at, until)
    session.flush()
    return kept.expires_at


def end_all(session: Session, learner: str, at: datetime) -> None:
    """End all of a learner's invitations that nobody has used: who made them is not known, and may be locked out now."""
    unused = update(Invitation).where(Invitation.learner_id == learner, Invitation.used_at.is_(None))
    session.execute(unused.where(Invitation.expires_at > at).values(expires_at=at))


def accept(session: Session, secret: str, learner: str, device: str, *, at: datetime) -> bool:
    """Use an invitation to that learner for a device, once; say whether it held.

    The learner's lock is held by whoever applies a batch, so no other device uses it in between.
    """
    digest = encode(hashlib.sha256(secret.encode()).digest())
    kept = session.get(Invitation, digest, populate_existing=True)
    if kept is None or kept.used_at is not None or kept.expires_at <= at:
        return False
    if not (compare_digest(kept.digest, digest) and kept.learner_id == learner):
        return False
    kept.used_at, kept.device_id = at, device
    session.flush()
    return True
