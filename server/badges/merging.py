"""Two learners are one person: both keep all their badges, whose addresses others may have. Of the same badge one is the main one."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.accounts.learners import Told, move_rows, when_merged
from server.badges.holding import DOUBLE
from server.badges.models import Award


@when_merged
def move_awards(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move awards; of two of the same badge the weaker one, of equals the newer, takes a place beside the other."""
    theirs = {_thing(one): one for one in _awards_of(session, old)}
    for one in _awards_of(session, new):
        if other := theirs.get(_thing(one)):
            double = min((other, one), key=_strength)
            double.period = f"{DOUBLE}{double.id}"
    move_rows(session, (Award,), old, new)
    return []


def _awards_of(session: Session, learner: str) -> list[Award]:
    query = select(Award).where(Award.learner_id == learner).order_by(Award.id)
    return list(session.scalars(query.options(joinedload(Award.achievement))))


def _thing(one: Award) -> tuple[str, str]:
    return one.achievement.series, one.period


def _strength(one: Award) -> tuple[Any, ...]:
    level = one.assurance.get("level")
    return one.revoked_at is None, -1 if level is None else level, -one.awarded_at.timestamp()
