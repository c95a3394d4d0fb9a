"""Gives the rows of a list that are ready, some in each transaction, so that nobody waits for a long one."""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding.judging import AWARDED, FAILED, READY, day_of, judge, learners_of
from server.awarding.models import AwardBatch, AwardRow
from server.awarding.recipients import find_recipients, make_recipients
from server.badges import giving, holding
from server.badges import services as badges
from server.badges.giving import Gift
from server.badges.models import Achievement, Award
from server.learning.following import Following, Thing, all_following
from server.learning.further import follow, progress
from server.learning.rows import award_row
from server.replicas import feeds
from server.replicas.locks import lock_learners
from sync.engine import learner_feed
from sync.messages import Row

_log = logging.getLogger(__name__)
A_PIECE = 50
"""Rows in one transaction at most."""
A_PIECE_S, A_FEW = 0.25, 10
"""After so many seconds a transaction ends, for phones wait for it; so few badges are always given."""


def give_rows(session: Session, batch: AwardBatch, at: datetime, most: int) -> None:
    """Give the next rows that are ready, and tell the phones of those who have one."""
    query = select(AwardRow).where(AwardRow.batch_id == batch.id, AwardRow.state == READY)
    rows = session.scalars(query.order_by(AwardRow.number).limit(most)).all()
    achievement = session.get_one(Achievement, batch.achievement_id)
    before = learners_of(session, batch.organiser_id, rows)
    lock_learners(session.connection(), set(before.values()))
    session.expire_all()  # somebody may have taken their badges, or got this one, while we waited
    known = learners_of(session, batch.organiser_id, rows)
    here = [row for row in rows if known.get(row.number) == before.get(row.number)]  # others are not locked
    judge(session, achievement, here, at)
    ready = [row for row in here if row.state == READY]
    learners = _learners(session, achievement, ready, at)
    given = _give_each(session, batch, [(row, learners[row.number]) for row in ready], achievement, at)
    for row, awards in given:
        row.state, row.why, row.award_id = (
            (AWARDED, "", awards[0].id) if awards else (FAILED, "run:failed", None)
        )
    session.flush()
    _tell(session, [award for _, awards in given for award in awards], at)


def _give_each(
    session: Session,
    batch: AwardBatch,
    rows: Sequence[tuple[AwardRow, str]],
    achievement: Achievement,
    at: datetime,
) -> list[tuple[AwardRow, list[Award]]]:
    """Give rows to their learners until the time is up: on a busy machine fewer come in one transaction."""
    following, until = all_following(session), time.monotonic() + A_PIECE_S
    given = []
    for row, learner in rows:
        given.append((row, _give(session, batch, row, learner, (achievement, following), at)))
        if len(given) >= A_FEW and time.monotonic() > until:
            break
    return given


def _tell(session: Session, awards: Sequence[Award], at: datetime) -> None:
    """Tell phones of their badges, and how far they are with milestones that count them."""
    following = all_following(session)
    told: dict[str, list[Row]] = defaultdict(list)
    got: dict[str, list[Thing]] = defaultdict(list)
    for award in awards:
        feed = learner_feed(award.learner_id)
        told[feed].append(Row(feed, *award_row(badges.feed_row(award))))
        got[award.learner_id].append(("series", award.achievement.series))
    for learner, things in got.items():
        feed = learner_feed(learner)
        told[feed] += [Row(feed, *row) for row in progress(session, following, learner, things, at)]
    session.flush()
    feeds.bump(session, told, at)


def _learners(
    session: Session, achievement: Achievement, rows: Sequence[AwardRow], at: datetime
) -> dict[int, str]:
    """Find the learner of each row; whom the organiser names for the first time becomes a recipient."""
    named = [row for row in rows if not row.learner_id]
    known = find_recipients(session, achievement.organiser_id, [row.address for row in named])
    new = {row.address: row.name for row in named if row.address not in known}
    known |= make_recipients(session, achievement.organiser, new, at)
    return {row.number: row.learner_id or known[row.address].learner_id for row in rows}


def _give(
    session: Session,
    batch: AwardBatch,
    row: AwardRow,
    learner: str,
    what: tuple[Achievement, Sequence[Following]],
    at: datetime,
) -> list[Award]:
    """Give one row, and what follows from it; nothing when it could not be given, and the others go on."""
    achievement, following = what
    gift = Gift(day_of(row, at), batch.user_id, row.results or {}, row.note)
    things = [("series", achievement.series)]
    try:
        with session.begin_nested():
            before = holding.find_held(session, learner, achievement.series) if row.why == "renewal" else None
            given = giving.award_given(session, learner, achievement, gift, before=before)
            if any(one.depends_on(things) for one in following):
                further = follow(session, following, learner, things, at)
            else:
                further = []
    except Exception:
        _log.exception("A row of a list could not be given.")
        return []
    return [given, *further]
