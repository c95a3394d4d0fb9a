"""What a learner's phone is told of the sessions where they reserved a place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.occurrences.models import Occurrence, Reservation
from server.occurrences.places import CANCELLED
from server.replicas import feeds
from server.replicas.locks import lock_learners
from server.replicas.moments import milliseconds
from sync.engine import learner_feed
from sync.messages import Row

Keyed = tuple[str, dict[str, Any]]


def reservation_row(occurrence: Occurrence, held: Reservation) -> Keyed:
    """Write a reservation as the feed has it, with all that a phone shows when it has saved nothing of the activity.

    `state` is reserved, cancelled (by the learner), or called_off (by the organiser, with `reason`).
    """
    state = "reserved" if held.state != CANCELLED else "cancelled"
    row = {
        "occurrence": occurrence.id,
        "activity": occurrence.activity_id,
        "state": "called_off" if occurrence.cancelled_at and state == "reserved" else state,
        "starts": milliseconds(occurrence.starts_at),
        "ends": milliseconds(occurrence.ends_at),
        "title": occurrence.activity.title,
        "place": occurrence.place or occurrence.activity.place,
        "slug": occurrence.activity.slug,
        "at": held.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "event": held.event_id,
    }
    reason = {"reason": occurrence.reason} if occurrence.cancelled_at and occurrence.reason else {}
    return f"session:{occurrence.id}", {**row, **reason}


def lock_reserved(session: Session, occurrence_id: str) -> None:
    """Lock those who reserved, before the session is changed that they will be told of."""
    lock_learners(session.connection(), {one.learner_id for one in _reserved(session, occurrence_id)})


def tell_reserved(session: Session, occurrence: Occurrence, at: datetime) -> int:
    """Tell those who reserved how their session stands now; return how many. The last statements of a change."""
    held = _reserved(session, occurrence.id)
    rows = {
        learner_feed(one.learner_id): [Row(learner_feed(one.learner_id), *reservation_row(occurrence, one))]
        for one in held
    }
    session.flush()
    feeds.bump(session, rows, at)
    return len(held)


def _reserved(session: Session, occurrence_id: str) -> Sequence[Reservation]:
    """List those who reserved, whether or not they came; who came without is told nothing."""
    query = select(Reservation).where(
        Reservation.occurrence_id == occurrence_id, Reservation.state != CANCELLED, Reservation.event_id != ""
    )
    return session.scalars(query).all()
