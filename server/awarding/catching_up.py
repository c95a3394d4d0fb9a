"""A badge that is published comes to those who have all that it asks for already, some people in each transaction.

Milestones, and badges that need others, do so by themselves; the badge of an activity or a playlist does if its
organiser said so when publishing it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, select, union, update
from sqlalchemy.orm import Session

from server.awarding.models import CatchUp
from server.badges import holding, series
from server.badges import services as badges
from server.badges.models import Achievement, Award
from server.learning.following import Following, Thing, all_following, read_one
from server.learning.further import catch_up, progress
from server.learning.models import Completion
from server.learning.rows import award_row
from server.replicas import feeds
from server.replicas.locks import lock_learners
from sync.engine import learner_feed
from sync.messages import Row

A_PIECE = 30
"""People in one transaction: a quarter of a second when all of them get it, for which phones wait."""


def count_waiting(session: Session, badge: Achievement, at: datetime) -> int:
    """Count who finished the activity or playlist of a badge before and would get it if they were asked after."""
    thing = read_one(badge).gives
    if thing is None or badge.milestone:
        return 0
    held = exists().where(
        Award.learner_id == Completion.learner_id, Award.achievement_id.in_(series.ids_of(badge.series)), holding.HELD
    )  # fmt: skip
    query = select(func.count(func.distinct(Completion.learner_id))).where(_done([thing]), ~held)
    for need in badge.needs or []:
        query = query.where(
            exists().where(
                Award.learner_id == Completion.learner_id,
                Award.achievement_id.in_(series.ids_of(need)),
                holding.HELD,
                holding.in_force(at),
            )
        )
    return session.scalar(query) or 0


def ask_after(session: Session, badge: Achievement, wanted: bool, at: datetime) -> None:
    """Keep whether a badge that is published now shall come to those who finished its activity or playlist before."""
    run = _find_run(session, read_one(badge), at)
    run.finished_at = None if wanted else at
    session.flush()


def find_run(session: Session, badge: Achievement) -> CatchUp | None:
    """Find how far a version has come to those who qualified before it; None when nobody asked for it."""
    return session.get(CatchUp, badge.id)


def open_catch_ups(session: Session) -> list[str]:
    """List the badges that have not come to all who qualify yet."""
    ended = dict(session.execute(select(CatchUp.achievement_id, CatchUp.finished_at)).tuples().all())
    following = [one.id for one in all_following(session) if one.id not in ended]
    return following + [id for id, finished in ended.items() if finished is None]


def run_piece(session: Session, achievement_id: str, at: datetime, most: int = A_PIECE) -> bool:
    """Give a badge to the next learners who qualify; return whether there are more. Safe to do twice."""
    badge = session.get_one(Achievement, achievement_id)
    one = read_one(series.current(session, badge.series) or badge)
    run = _find_run(session, read_one(badge), at)
    if run.finished_at:
        return False
    learners = _next(session, one, run.last, most)
    lock_learners(session.connection(), learners)
    run.given += _give(session, one, learners, at)
    run.done += len(learners)
    run.finished_at = at if len(learners) < most else None
    run.last = "" if run.finished_at else learners[-1]
    session.flush()
    return run.finished_at is None


def forget(session: Session, learner: str) -> None:
    """Name nobody who erases everything: a run that had just come to them begins again, which does no harm."""
    at_them = update(CatchUp).where(CatchUp.last == learner)
    session.execute(at_them.values(last="", done=0), execution_options={"synchronize_session": False})


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
    """Pick the learners who have at least one of the things that a badge is given for."""
    things = one.of or ({one.gives} if one.gives else set())
    done = select(Completion.learner_id).where(_done(things))
    counted = [id for kind, id in things if kind == "series"]
    held = select(Award.learner_id).join(Award.achievement)
    some = union(done, held.where(Achievement.series.in_(counted), Award.learner_id.is_not(None))).subquery()
    return select(some.c.learner_id)


def _done(things: Sequence[Thing] | set[Thing] | frozenset[Thing]) -> ColumnElement[bool]:
    ids = {kind: [id for of, id in things if of == kind] for kind in ("activity", "playlist")}
    return Completion.activity_id.in_(ids["activity"]) | Completion.playlist_id.in_(ids["playlist"])


def _give(session: Session, one: Following, learners: Sequence[str], at: datetime) -> int:
    following = all_following(session)
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
