"""Badges that their holders erased: nothing that was done before brings them back by itself."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges import services as badges
from server.badges.models import Achievement, Award
from server.badges.services import Told
from server.learning.models import Flag
from server.replicas.models import Event

ERASE = "award.erase"


def has_erased(session: Session, learner: str, series: str) -> bool:
    """Say whether a learner erased a badge. The award itself does not know any more; the learner's own event does."""
    query = select(Event.effect).where(Event.learner_id == learner, Event.type == ERASE, Event.state == "ok")
    ids = [effect["award"] for effect in session.scalars(query)]
    if not ids:
        return False
    named = select(Award.id).join(Award.achievement).where(Award.id.in_(ids), Achievement.series == series)
    return session.scalars(named.limit(1)).first() is not None


@badges.when_erased
def forget(session: Session, award: Award, at: datetime) -> list[Told]:
    """Forget that a void took this badge: to keep what was voided gives no other one."""
    flags = select(Flag).where(Flag.learner_id == award.learner_id, Flag.event_id == award.event_id)
    for flag in session.scalars(flags) if award.event_id else ():
        if (flag.facts.get("was") or {}).get("award") == award.id:
            flag.facts = {**flag.facts, "was": {}}
    return []
