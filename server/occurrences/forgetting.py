"""What sessions forget of a learner who erases everything."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.occurrences.models import Reservation
from server.occurrences.places import CANCELLED
from server.occurrences.services import count_taken


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget reservations, and free their places. Who was let in at a door stays there as a nameless guest."""
    held = select(Reservation.occurrence_id).where(
        Reservation.learner_id == learner, Reservation.state != CANCELLED
    )
    for occurrence in session.scalars(held).all():
        count_taken(session, occurrence, more=-1)
    forget_rows(session, learner, Reservation)
