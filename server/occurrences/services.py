"""Sessions: made, changed, cancelled, copied, listed; and who takes a place at them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from server.activities.models import Activity
from server.cities.models import City
from server.codes.making import make_code, make_point
from server.codes.models import Code, Point
from server.codes.services import revoke
from server.core.db import Texts
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.wall_clock import moment_of
from server.occurrences.models import Occurrence
from server.organisers.models import Organiser
from server.organisers.offering import OFFERED

OPENS_BEFORE = timedelta(minutes=30)
CLOSES_AFTER = timedelta(minutes=30)
"""A session's codes count from so long before it starts until so long after it ends."""
PRINTED, ON_SCREEN = 2, 3
"""Levels of the two codes that each session has."""
LONGEST = timedelta(days=7)
MOST_PLACES = 100_000
MOST_COPIES = 26


class PlanRefused(DomainError):
    """A session cannot be like that; `where` names the field."""

    status, code = 422, "plan_refused"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session shall be: when, for how many (None: as many as come), and where, if not at the activity's place."""

    starts_at: datetime
    ends_at: datetime
    capacity: int | None = None
    place: Texts = field(default_factory=dict)


def make(session: Session, activity: Activity, plan: Plan, at: datetime) -> Occurrence:
    """Make a session with a point of its own, a code for print and one for the screen. Raises PlanRefused."""
    _check(plan)
    made = Occurrence(
        activity=activity,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        capacity=plan.capacity,
        taken=0,
        place=plan.place,
        created_at=at,
        cancelled_at=None,
    )
    session.add(made)
    session.flush()
    point = make_point(session, activity, plan.place or activity.place)
    point.occurrence_id = made.id
    opens, closes = door_hours(made)
    for level in (PRINTED, ON_SCREEN):
        make_code(session, point, level=level, at=at, opens_at=opens, closes_at=closes)
    return made


def _check(plan: Plan) -> None:
    if plan.ends_at <= plan.starts_at:
        raise PlanRefused(gettext("The end must come after the start."), where="end")
    if plan.ends_at - plan.starts_at > LONGEST:
        raise PlanRefused(
            gettext("A session lasts at most a week. Make several for a longer time."), where="end"
        )
    if plan.capacity is not None and not 1 <= plan.capacity <= MOST_PLACES:
        raise PlanRefused(
            gettext("Places must be a number from 1 on. Leave it empty for as many as come."),
            where="capacity",
        )


def door_hours(occurrence: Occurrence) -> tuple[datetime, datetime]:
    """Return from when until when one may check in."""
    return occurrence.starts_at - OPENS_BEFORE, occurrence.ends_at + CLOSES_AFTER


def change(session: Session, occurrence: Occurrence, plan: Plan, at: datetime) -> None:
    """Change a session, and the hours of its codes. What is printed already stays right.

    It may get fewer places than are taken: nobody loses one. Raises PlanRefused.
    """
    _check(plan)
    occurrence.starts_at, occurrence.ends_at = plan.starts_at, plan.ends_at
    occurrence.capacity, occurrence.place = plan.capacity, plan.place
    session.flush()
    point = point_of(session, occurrence)
    point.place = plan.place or occurrence.activity.place
    for code in point.codes:
        code.opens_at, code.closes_at = (one.replace(microsecond=0) for one in door_hours(occurrence))


def cancel(session: Session, occurrence: Occurrence, reason: str, at: datetime) -> None:
    """Call a session off, with a reason that everybody reads. Its codes count no more."""
    if occurrence.cancelled_at is None:
        occurrence.cancelled_at, occurrence.reason = at, reason
        for code in _codes(session, occurrence):
            revoke(code, at)


def restore(session: Session, occurrence: Occurrence, at: datetime) -> None:
    """Take a cancellation back, before the session would have started. Raises TooLate."""
    if occurrence.starts_at <= at:
        raise TooLate()
    for code in _codes(session, occurrence):
        if code.revoked_at == occurrence.cancelled_at:
            code.revoked_at = None
    occurrence.cancelled_at, occurrence.reason = None, ""


class TooLate(DomainError):
    status, code = 409, "too_late"

    def explain(self) -> str:
        return gettext("The session would have started by now. Make a new one instead.")


def copy(session: Session, occurrence: Occurrence, times: int, at: datetime) -> list[Occurrence]:
    """Make the same session again in each of the next weeks, at the same hours on the city's clocks."""
    zone = occurrence.activity.organiser.city.timezone
    return [
        make(
            session,
            occurrence.activity,
            Plan(
                _weeks_later(occurrence.starts_at, week, zone),
                _weeks_later(occurrence.ends_at, week, zone),
                occurrence.capacity,
                dict(occurrence.place),
            ),
            at,
        )
        for week in range(1, min(times, MOST_COPIES) + 1)
    ]


def _weeks_later(at: datetime, weeks: int, timezone: str) -> datetime:
    """Move by weeks on the wall clock: across a change of the clocks 14:00 stays 14:00."""
    wall = at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) + timedelta(weeks=weeks)
    return moment_of(wall, timezone).at


def find(session: Session, city: City, occurrence_id: str) -> Occurrence:
    """Find a session of a city. Raises NotFound."""
    found = session.get(Occurrence, occurrence_id)
    if found is None or found.activity.organiser.city_id != city.id:
        raise NotFound()
    return found


def point_of(session: Session, occurrence: Occurrence) -> Point:
    """Return the point at which a session's codes hang."""
    return session.scalars(select(Point).where(Point.occurrence_id == occurrence.id).order_by(Point.id)).one()


def code_of(session: Session, occurrence: Occurrence, level: int) -> Code:
    """Return a session's newest code for print (`PRINTED`) or for the screen (`ON_SCREEN`)."""
    found = [code for code in point_of(session, occurrence).codes if code.level == level]
    return max(found, key=lambda code: (code.revoked_at is None, code.created_at, code.id))


def _codes(session: Session, occurrence: Occurrence) -> Sequence[Code]:
    return point_of(session, occurrence).codes


def coming(session: Session, activity_ids: Iterable[str], since: datetime) -> list[Occurrence]:
    """List the sessions of activities that end after a moment, those that were cancelled too, soonest first."""
    query = select(Occurrence).where(
        Occurrence.activity_id.in_(list(activity_ids)), Occurrence.ends_at > since
    )
    return list(session.scalars(query.order_by(Occurrence.starts_at, Occurrence.id)))


def past(session: Session, activity_ids: Iterable[str], until: datetime, most: int) -> list[Occurrence]:
    """List the last sessions that were over by a moment, newest first."""
    query = select(Occurrence).where(
        Occurrence.activity_id.in_(list(activity_ids)), Occurrence.ends_at <= until
    )
    return list(session.scalars(query.order_by(Occurrence.starts_at.desc(), Occurrence.id).limit(most)))


def soon(session: Session, city: City, at: datetime, most: int) -> list[Occurrence]:
    """List a city's next sessions, one that runs included."""
    query = (
        select(Occurrence)
        .join(Occurrence.activity)
        .join(Activity.organiser)
        .where(Organiser.city_id == city.id, OFFERED)
        .where(Occurrence.ends_at > at, Occurrence.cancelled_at.is_(None))
        .options(joinedload(Occurrence.activity).joinedload(Activity.picture))
    )
    return list(session.scalars(query.order_by(Occurrence.starts_at, Occurrence.id).limit(most)))


def count_taken(session: Session, occurrence_id: str, *, more: int) -> bool:
    """Take a place (1) or give one back (-1); say whether there was one. A conditional update: counting first
    would let too many in."""
    room = (
        (Occurrence.taken > 0)
        if more < 0
        else Occurrence.capacity.is_(None) | (Occurrence.taken < Occurrence.capacity)
    )
    done = session.execute(
        update(Occurrence)
        .where(Occurrence.id == occurrence_id, room)
        .values(taken=Occurrence.taken + more)
        .returning(Occurrence.taken),
        execution_options={"synchronize_session": False},
    ).first()
    return done is not None
