"""Two learners are one person: at a session they hold one place, and the other one is free."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.occurrences.models import Occurrence, Reservation
from server.occurrences.places import CAME, CANCELLED, RESERVED
from server.occurrences.rows import reservation_row
from server.occurrences.services import count_taken

_STATES = (CANCELLED, RESERVED, CAME)


@when_merged
def move_places(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move reservations. Where both have one, whoever came counts before who reserved."""
    theirs = {
        one.occurrence_id: one for one in session.scalars(select(Reservation).filter_by(learner_id=old))
    }
    told: list[Told] = []
    for one in session.scalars(select(Reservation).where(Reservation.learner_id == new)).all():
        if other := theirs.get(one.occurrence_id):
            _join(session, one, other)
            if one.event_id:
                told.append(reservation_row(session.get_one(Occurrence, one.occurrence_id), one))
    session.flush()
    move_rows(session, (Reservation,), old, new)
    return told


def _join(session: Session, one: Reservation, other: Reservation) -> None:
    """Let a reservation hold what it and another one hold together, and forget the other."""
    if CANCELLED not in (one.state, other.state):
        count_taken(session, one.occurrence_id, more=-1)
    if not one.event_id or (one.state == CANCELLED and other.event_id):
        one.event_id, one.name, one.picture, one.at = other.event_id, other.name, other.picture, other.at
    one.state = max(one.state, other.state, key=_STATES.index)
    session.delete(other)
