"""A new milestone, or a badge that needs others, comes at once to those who have all that it asks for."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from server.awarding.models import CatchUp
from server.badges import services as badges
from server.badges.models import Achievement, Award
from server.learning.following import Following, Thing, all_following
from server.learning.further import catch_up, progress
from server.learning.models import Completion
from server.learning.rows import award_row
from server.replicas import feeds
from server.replicas.locks import lock_learners
from sync.engine import learner_feed
from sync.messages import Row

A_PIECE = 100


def open_catch_ups(session: Session) -> list[str]:
    """List the badges that have not come to all who qualify yet."""
    finished = select(CatchUp.achievement_id).where(CatchUp.finished_at.is_not(None))
    ended = set(session.scalars(finished))
    return [one.id for one in all_following(session) if one.id not in ended]


def run_piece(session: Session, achievement_id: str, at: datetime, most: int = A_PIECE) -> bool:
    """Give a badge to the next learners who qualify; return whether there are more. Safe to do twice."""
    following = all_following(session)
    one = next((one for one in following if one.id == achievement_id), None)
    if one is None:
        return False
    run = _find_run(session, one, at)
    if run.finished_at:
        return False
    learners = _next(session, one, run.last, most)
    lock_learners(session.connection(), learners)
    run.given += _give(session, one, following, learners, at)
    run.done += len(learners)
    run.last = learners[-1] if learners else run.last
    run.finished_at = at if len(learners) < most else None
    session.flush()
    return run.finished_at is None


def _find_run(session: Session, one: Following, at: datetime) -> CatchUp:
    run = session.get(CatchUp, one.id, with_for_update=True, populate_existing=True)
    if run is None:
        total = session.scalar(select(func.count()).select_from(_candidates(one).subquery())) or 0
        run = CatchUp(achievement_id=one.id, total=total, done=0, given=0, last="", started_at=at)
        session.add(run)
    return run


def _next(session: Session, one: Following, after: str, most: int) -> Sequence[str]:
    some = _candidates(one).subquery()
    query = select(some.c.learner_id).where(some.c.learner_id > after)
    return session.scalars(query.order_by(some.c.learner_id).limit(most)).all()


def _candidates(one: Following) -> Select[tuple[str]]:
    """Pick the learners who have at least one of the things that a badge follows from."""
    things: set[Thing] = {*one.of, *(("series", series) for series in one.needs)}
    ids = {kind: [id for of, id in things if of == kind] for kind in ("activity", "playlist", "series")}
    done = select(Completion.learner_id).where(
        Completion.activity_id.in_(ids["activity"]) | Completion.playlist_id.in_(ids["playlist"])
    )
    held = select(Award.learner_id).join(Award.achievement).where(Achievement.series.in_(ids["series"]))
    some = union(done, held).subquery()
    return select(some.c.learner_id)


def _give(
    session: Session, one: Following, following: Sequence[Following], learners: Sequence[str], at: datetime
) -> int:
    told: dict[str, list[Row]] = defaultdict(list)
    number = 0
    for learner in learners:
        feed = learner_feed(learner)
        given = catch_up(session, one, following, learner, at)
        told[feed] += [Row(feed, *award_row(badges.feed_row(award))) for award in given]
        told[feed] += [Row(feed, *row) for row in progress(session, [one], learner, one.of, at)]
        number += len(given)
    session.flush()
    feeds.bump(session, told, at)
    return number
