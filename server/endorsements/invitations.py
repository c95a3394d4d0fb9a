"""Invitations: a link by which one person, with no account, endorses once; the same link takes it back."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges import signing
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.text import clean
from server.endorsements import services
from server.endorsements.models import Endorsement, EndorsementInvitation
from server.endorsements.services import Words
from server.endorsements.targets import Target, find_target
from server.organisers.models import Organiser
from server.replicas.feeds import bump
from sync.engine import learner_feed
from sync.messages import Row, encode

LASTS = timedelta(days=30)
MOST_LABEL = 80
MOST_OPEN = 20
"""So many invitations of one learner, or of one organiser, may be open at once."""
DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")


class InvitationOver(DomainError):
    status, code = 410, "invitation_over"

    def explain(self) -> str:
        return gettext("This invitation has ended. Ask whoever sent it for a new one.")


class TooManyInvitations(DomainError):
    status, code = 422, "too_many_invitations"

    def explain(self) -> str:
        return gettext("You have many open invitations. Withdraw some, or wait until they are used.")


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    return encode(hashlib.sha256(secret.encode()).digest())


def invite(
    session: Session,
    digest: str,
    target: Target,
    label: str,
    at: datetime,
    *,
    learner_id: str | None = None,
    user_id: str | None = None,
) -> EndorsementInvitation:
    """Keep an invitation by the hash of its secret; said again by the same, it is the same one.

    Raises NotFound when it is another's, TooManyInvitations.
    """
    kept = session.get(EndorsementInvitation, digest)
    if kept is not None:
        if (kept.learner_id, kept.user_id, kept.target_id) != (learner_id, user_id, target.id):
            raise NotFound()
        return kept
    if len(invitations(session, target.organiser.id, learner_id, at)) >= MOST_OPEN:
        raise TooManyInvitations()
    kept = EndorsementInvitation(
        digest=digest,
        organiser_id=target.organiser.id,
        learner_id=learner_id,
        user_id=user_id,
        target_kind=target.kind,
        target_id=target.id,
        label=clean(label)[:MOST_LABEL].strip(),
        created_at=at,
        expires_at=at + LASTS,
    )
    session.add(kept)
    session.flush()
    return kept


def invitations(
    session: Session, organiser_id: str, learner_id: str | None, at: datetime
) -> Sequence[EndorsementInvitation]:
    """Find the open invitations of a learner, or else those that an organiser's people made, the newest first."""
    whose = (
        EndorsementInvitation.learner_id == learner_id
        if learner_id
        else EndorsementInvitation.learner_id.is_(None) & (EndorsementInvitation.organiser_id == organiser_id)
    )
    query = select(EndorsementInvitation).where(
        whose, EndorsementInvitation.used_at.is_(None), EndorsementInvitation.expires_at > at
    )
    return session.scalars(query.order_by(EndorsementInvitation.created_at.desc())).all()


def find(session: Session, secret: str, *, lock: bool = False) -> EndorsementInvitation:
    """Find an invitation by its secret. Raises NotFound."""
    found = session.get(EndorsementInvitation, digest_of(secret), with_for_update=lock)
    if found is None:
        raise NotFound()
    return found


def check_open(kept: EndorsementInvitation, at: datetime) -> None:
    """Raise InvitationOver when nobody can answer it any more."""
    if kept.used_at is None and kept.expires_at <= at:
        raise InvitationOver()


def answer(session: Session, secret: str, words: Words, at: datetime) -> Endorsement:
    """Use an invitation, once; said twice, the first one counts. Raises NotFound, InvitationOver, EnoughSaid."""
    kept = find(session, secret, lock=True)
    check_open(kept, at)
    if kept.endorsement_id:
        return session.get_one(Endorsement, kept.endorsement_id)
    target = find_target(session, kept.target_kind, kept.target_id)
    issuer = session.get_one(Organiser, kept.organiser_id)
    said = services.keep(session, issuer, target, words, at)
    kept.used_at, kept.endorsement_id = at, said.id
    session.flush()
    if kept.learner_id:
        feed = learner_feed(kept.learner_id)
        bump(session, {feed: [Row(feed, *row(kept))]}, at)
    return said


def row(kept: EndorsementInvitation) -> tuple[str, dict[str, object]]:
    """Write a learner's invitation as their phone keeps it: its key and its row."""
    return f"endorsement-invitation:{kept.digest}", {
        "digest": kept.digest,
        "award": kept.target_id,
        "label": kept.label,
        "until": signing.timestamp(kept.expires_at),
        "used": kept.used_at is not None,
    }


def withdraw(session: Session, digest: str, at: datetime) -> None:
    """End an invitation that nobody used."""
    kept = session.get(EndorsementInvitation, digest)
    if kept is None:
        raise NotFound()
    if kept.used_at is None:
        kept.expires_at = min(kept.expires_at, at)
        session.flush()
