"""Share links: made on the phone, opened by whoever has them, until they end or are withdrawn."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.badges import services as badges
from server.learning.changes import NO_TERMS
from server.learning.rows import award_row, write_time
from server.portfolio import choices
from server.portfolio.collections import find_collection
from server.portfolio.errors import LinkOver, UnknownLink
from server.portfolio.models import ShareLink
from server.replicas.store import SqlStore
from sync.engine import learner_feed
from sync.messages import Row

KINDS = ("award", "collection", "portfolio", "cv")
_TOKEN = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{20,100})")


def make(session: Session, made: ShareLink) -> ShareLink:
    """Keep a link that a phone made. Raises what is wrong with its subject, UnknownLink when its id is taken."""
    known = session.get(ShareLink, made.id)
    if known is not None:
        if (known.learner_id, known.digest) != (made.learner_id, made.digest):
            raise UnknownLink()
        return known
    if made.kind == "award":
        award = choices.find_own(session, made.learner_id, made.subject)
        choices.share_evidence(session, award, made.evidence)
    if made.kind == "collection":
        find_collection(session, made.learner_id, made.subject)
    session.add(made)
    session.flush()
    return made


def withdraw(session: Session, learner: str, link_id: str, at: datetime) -> ShareLink:
    """End a link at once; raises UnknownLink when it is not the learner's."""
    found = session.get(ShareLink, link_id)
    if found is None or found.learner_id != learner:
        raise UnknownLink()
    found.withdrawn_at = found.withdrawn_at or at
    session.flush()
    return found


def open_link(session: Session, token: str, at: datetime) -> ShareLink:
    """Find the link behind `{id}.{secret}`; raises UnknownLink, LinkOver for one that has ended, or NotShown."""
    parts = _TOKEN.fullmatch(token)
    found = session.get(ShareLink, parts[1]) if parts else None
    if parts is None or found is None or not hmac.compare_digest(found.digest, digest(parts[2])):
        raise UnknownLink()
    if found.withdrawn_at or (found.expires_at and found.expires_at <= at):
        raise LinkOver()
    choices.check_may_show(session, found.learner_id)
    return found


def digest(secret: str) -> str:
    """Return what is kept of a secret: base64url SHA-256 of its characters."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).rstrip(b"=").decode()


def count_view(session: Session, link: ShareLink, at: datetime) -> None:
    """Count one opening, and tell the learner's phones. Nothing of who opened it is kept.

    In the writer's transaction; the learner's lock comes first, as for all that writes to a feed.
    """
    store = SqlStore(session, NO_TERMS, at)
    store.lock({link.learner_id})
    counted = update(ShareLink).where(ShareLink.id == link.id)
    session.execute(counted.values(views=ShareLink.views + 1, viewed_at=at))
    session.refresh(link)
    feed = learner_feed(link.learner_id)
    store.bump({feed: [Row(feed, *link_row(link))]})


def links_of(session: Session, learner: str) -> Sequence[ShareLink]:
    return session.scalars(select(ShareLink).where(ShareLink.learner_id == learner)).all()


def link_row(link: ShareLink) -> tuple[str, dict[str, Any]]:
    """Write a link as the phone keeps it: all but the secret, which only the phone that made it knows."""
    row = {
        "id": link.id,
        "kind": link.kind,
        "subject": link.subject,
        "label": link.label,
        "evidence": link.evidence,
        "created_at": write_time(link.created_at),
        "expires_at": _time(link.expires_at),
        "withdrawn_at": _time(link.withdrawn_at),
        "views": link.views,
        "viewed_at": _time(link.viewed_at),
    }
    return f"link:{link.id}", row


def _time(at: datetime | None) -> str | None:
    return write_time(at) if at else None


def subject_row(session: Session, link: ShareLink) -> list[tuple[str, dict[str, Any]]]:
    """Return the badge's row that a link to it changed: its evidence is shown by link now."""
    if link.kind != "award":
        return []
    return [award_row(badges.feed_row(choices.find_own(session, link.learner_id, link.subject)))]
