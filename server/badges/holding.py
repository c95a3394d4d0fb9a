"""Who holds a badge, until when, and from when it can be renewed."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.badges.models import Achievement, Award

RENEW_BEFORE = timedelta(days=60)
HELD = ~Award.period.startswith("voided ")
"""Awards that take the place of their badge at a learner's: the first one and its renewals."""
DOUBLE = "double "
"""Begins the period of an award whose holder got the same one as two learners that turned out to be one."""


def find_held(session: Session, learner_id: str, series: str) -> Award | None:
    """Find the newest award of any version of a badge that a learner has; a voided one leaves room."""
    query = (
        select(Award)
        .join(Award.achievement)
        .where(Award.learner_id == learner_id, Achievement.series == series, HELD)
        .order_by(Award.awarded_at.desc(), Award.id.desc())
    )
    return session.scalars(query).first()


def holds(session: Session, learner_id: str, series: Sequence[str], at: datetime) -> set[str]:
    """Say which of these badges (series) a learner holds, in any version, withdrawn by nobody and not run out."""
    if not series:
        return set()
    query = (
        select(Achievement.series)
        .join(Award, Award.achievement_id == Achievement.id)
        .where(Award.learner_id == learner_id, Achievement.series.in_(series), HELD, in_force(at))
    )
    return set(session.scalars(query))


def in_force(at: datetime) -> ColumnElement[bool]:
    """Pick awards that nobody withdrew and that have not run out."""
    return Award.revoked_at.is_(None) & (Award.valid_until.is_(None) | (Award.valid_until > at))


def renewable_from(given: Award) -> datetime | None:
    """Say from when a badge can be renewed: two months before it runs out, or half-way when it is shorter; None: never."""
    if given.valid_until is None or given.revoked_at:
        return None
    return given.valid_until - min(RENEW_BEFORE, (given.valid_until - given.awarded_at) / 2)


def valid_until(achievement: Achievement, at: datetime, before: Award | None) -> datetime | None:
    """Say when a badge runs out, as the beginning of a day in UTC, as it is signed; None: it holds for ever.

    Who renews early loses nothing: the new period begins where the old one ends.
    """
    if not achievement.valid_months:
        return None
    start = max(at, before.valid_until) if before and before.valid_until else at
    day = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return add_months(day, achievement.valid_months)


def add_months(at: datetime, months: int) -> datetime:
    """Go on by months; the 31st becomes the last day of a shorter month."""
    years, month = divmod(at.month - 1 + months, 12)
    day = min(at.day, monthrange(at.year + years, month + 1)[1])
    return at.replace(year=at.year + years, month=month + 1, day=day)
