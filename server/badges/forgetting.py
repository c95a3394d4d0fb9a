"""What badges forget of a learner who erases everything."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import when_forgotten
from server.badges.models import Award
from server.badges.services import erase


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Erase every badge: what is left of each says that it was erased, and fails when it is checked."""
    for award in session.scalars(select(Award).where(Award.learner_id == learner)).all():
        erase(award, at)
