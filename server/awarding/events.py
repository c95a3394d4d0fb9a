"""The effect of taking: a recipient's badges move to the learner of the phone that has the link."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.awarding.models import Recipient
from server.awarding.recipients import WrongLink, find_by_link, read_link, take
from server.badges import services as badges
from server.learning.following import all_following
from server.learning.further import follow, progress
from server.learning.rows import award_row
from server.replicas.effects import Work, about, check_locked, on, read_text
from server.replicas.models import Event as EventRow
from server.replicas.moments import moment
from sync.engine import Later
from sync.messages import Event

TAKE = "award.take"
WRONG_AN_HOUR = 20


@about(TAKE)
def recipients(session: Session, events: Sequence[Event]) -> Iterable[str]:
    """Name the learners without a phone whose badges these events take."""
    ids = []
    for event in events:
        with suppress(WrongLink):
            ids.append(read_link(str(event.body.get("link")))[0])
    return session.scalars(select(Recipient.learner_id).where(Recipient.id.in_(ids))) if ids else ()


@on(TAKE)
def take_badges(work: Work) -> Mapping[str, Any]:
    """Take what an organiser gave by list or by hand to this learner's phone, by the link."""
    learner, session, at = work.event.learner, work.store.session, moment(work.now)
    if _count_wrong(work) >= WRONG_AN_HOUR:
        raise Later("too_many_tries", 900)
    recipient = find_by_link(session, read_text(work, "link", 200))
    if recipient.taken_at is None:
        check_locked(work, recipient.learner_id)
    before = recipient.learner_id
    moved = take(session, recipient, learner, at)
    following = all_following(session) if moved else ()
    further = follow(session, following, learner, [("series", one.achievement.series) for one in moved], at)
    for award in [*moved, *further]:
        work.put(*award_row(badges.feed_row(award)))
    got = [("series", one.achievement.series) for one in (*moved, *further)]
    for row in progress(session, following, learner, got, at):
        work.put(*row)
    for award in moved:
        work.drop_for(before, f"award:{award.id}")
    return {"awards": [one.id for one in moved]}


def _count_wrong(work: Work) -> int:
    work.store.write_new()
    query = select(func.count()).where(
        EventRow.learner_id == work.event.learner,
        EventRow.type == TAKE,
        EventRow.why == WrongLink.code,
        EventRow.received_at > moment(work.now) - timedelta(hours=1),
    )
    return work.store.session.scalar(query) or 0
