"""Effects of events about classes: a learner takes a place by its card, and gives it back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from server.families import classes
from server.families.classes import WrongCard
from server.replicas.effects import Work, on, read_id, read_text
from server.replicas.models import Event
from server.replicas.moments import moment
from sync.engine import Later

JOIN = "class.join"
WRONG_AN_HOUR = 20


@on(JOIN)
def join(work: Work) -> Mapping[str, Any]:
    """Take the place in a class that a card stands for."""
    session, at = work.store.session, moment(work.now)
    if _count_wrong(work) >= WRONG_AN_HOUR:
        raise Later("too_many_tries", 900)
    member = classes.find_by_card(session, read_text(work, "card", 200), at)
    classes.take_place(session, member, work.event.learner, at)
    work.put(*classes.class_row(session, member))
    return {"member": member.id}


def _count_wrong(work: Work) -> int:
    work.store.write_new()
    query = select(func.count()).where(
        Event.learner_id == work.event.learner,
        Event.type == JOIN,
        Event.why == WrongCard.code,
        Event.received_at > moment(work.now) - timedelta(hours=1),
    )
    return work.store.session.scalar(query) or 0


@on("class.leave")
def leave(work: Work) -> Mapping[str, Any]:
    """Give the place back: the organiser sees no more of this learner."""
    member = read_id(work, "member")
    classes.leave(work.store.session, member, work.event.learner)
    work.drop(f"class:{member}")
    return {"member": member}
