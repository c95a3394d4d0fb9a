"""Whom an organiser can name by what they did: who came to a session, or did an activity. Names only as agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.door.models import DoorEntry
from server.learning.models import CheckIn, Completion
from server.occurrences.models import Occurrence, Reservation

LATEST, MOST = 12, 500


@dataclass(frozen=True, slots=True)
class Sources:
    """Where one can look for people."""

    sessions: Sequence[Occurrence]
    activities: Sequence[Activity]


@dataclass(frozen=True, slots=True)
class Person:
    """A learner as they showed themselves; `name` is empty when they did not. `at`: when they came or finished."""

    learner: str
    name: str
    picture: str
    at: datetime


def sources(session: Session, organiser_id: str, at: datetime) -> Sources:
    """List an organiser's latest sessions that have begun, and the activities."""
    sessions = (
        select(Occurrence)
        .join(Occurrence.activity)
        .where(Activity.organiser_id == organiser_id, Occurrence.starts_at < at)
        .order_by(Occurrence.starts_at.desc())
        .limit(LATEST)
    )
    activities = select(Activity).where(Activity.organiser_id == organiser_id).order_by(Activity.id)
    return Sources(session.scalars(sessions).all(), session.scalars(activities).all())


def came_to(session: Session, occurrence: Occurrence) -> list[Person]:
    """List the learners who came to a session, first come first."""
    shown: dict[str, tuple[str, str]] = {}
    reserved = select(Reservation).where(Reservation.occurrence_id == occurrence.id)
    for one in session.scalars(reserved):
        shown[one.learner_id] = (one.name, "")
    entries = select(DoorEntry).where(
        DoorEntry.occurrence_id == occurrence.id, DoorEntry.undone_at.is_(None), DoorEntry.who_id.is_not(None)
    )
    for entry in session.scalars(entries):
        if entry.name:
            shown[str(entry.who_id)] = (entry.name, entry.picture)
    query = select(CheckIn).where(CheckIn.occurrence == occurrence.id).order_by(CheckIn.at).limit(MOST)
    return [
        Person(one.learner_id, *shown.get(one.learner_id, ("", "")), one.at) for one in session.scalars(query)
    ]


def did(session: Session, activity: Activity) -> list[Person]:
    """List the learners who did an activity, the latest first."""
    query = select(Completion).where(Completion.activity_id == activity.id)
    query = query.order_by(Completion.at.desc()).limit(MOST)
    return [Person(one.learner_id, "", "", one.at) for one in session.scalars(query)]
