"""What sessions forget of a learner who erases everything."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.occurrences.models import Occurrence, Reservation
from server.occurrences.places import RESERVED
from server.occurrences.services import count_taken


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget reservations; places of sessions to come are free again."""
    to_come = (
        select(Reservation.occurrence_id)
        .join(Occurrence, Occurrence.id == Reservation.occurrence_id)
        .where(Reservation.learner_id == learner, Reservation.state == RESERVED, Occurrence.ends_at > at)
    )
    for occurrence in session.scalars(to_come).all():
        count_taken(session, occurrence, more=-1)
    forget_rows(session, learner, Reservation)
