"""Sends those whom a list gave a badge the link by which they take it: when somebody says so, to each address once."""

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.awarding.models import AwardBatch, AwardRow, Recipient
from server.awarding.recipients import link_of
from server.badges.models import Achievement, Award
from server.cities.models import City
from server.core.i18n import pick
from server.post import services as post
from server.post.addresses import AddressInvalid
from server.post.asking import may_write

A_PIECE = 50
"""Mails written in one transaction: phones wait for it."""


def count(session: Session, batch: AwardBatch) -> int:
    """Count who would get their link by mail: they have an address, and have neither taken the badge nor been written to."""
    return session.scalar(select(func.count()).select_from(_rows(batch).subquery())) or 0


def count_mailed(session: Session, batch: AwardBatch) -> int:
    query = select(func.count()).where(AwardRow.batch_id == batch.id, AwardRow.mailed_at.is_not(None))
    return session.scalar(query) or 0


def _rows(batch: AwardBatch) -> Select[AwardRow, Recipient]:
    return (
        select(AwardRow, Recipient)
        .join(Award, Award.id == AwardRow.award_id)
        .join(Recipient, Recipient.learner_id == Award.learner_id)
        .where(AwardRow.batch_id == batch.id, Recipient.organiser_id == batch.organiser_id)
        .where(Recipient.taken_at.is_(None), Award.revoked_at.is_(None))
        .where(AwardRow.mailed_at.is_(None), Recipient.address.contains("@"))
        .order_by(AwardRow.number)
    )


def begin(batch: AwardBatch, at: datetime) -> None:
    """Say that the links shall be sent; the clock does it."""
    batch.mail_at = batch.mail_at or at


def open_mailings(session: Session) -> list[str]:
    """List the lists whose links are being sent."""
    return list(session.scalars(select(AwardBatch.id).where(AwardBatch.mail_at.is_not(None))))


def run_piece(session: Session, batch_id: str, at: datetime) -> bool:
    """Write the next mails of a list; say whether there may be more."""
    batch = session.get_one(AwardBatch, batch_id)
    rows = session.execute(_rows(batch).limit(A_PIECE)).all()
    badge = session.get_one(Achievement, batch.achievement_id)
    city = session.get_one(City, badge.organiser.city_id)
    for row, recipient in rows:
        row.mailed_at = at
        if may_write(recipient.address):
            _write(session, city, recipient, badge, at)
    if not rows:
        batch.mail_at = None
    session.flush()
    return bool(rows)


def _write(session: Session, city: City, recipient: Recipient, badge: Achievement, at: datetime) -> None:
    lang = post.language_of(city)
    facts = {
        "organiser": pick(badge.organiser.name, lang),
        "badge": pick(badge.name, lang),
        "url": link_of(recipient, lang),
    }
    try:
        post.send(session, city, recipient.address, "badge-given", lang, at=at, **facts)
    except AddressInvalid:
        return  # it passed for a number of theirs; the table has its link
