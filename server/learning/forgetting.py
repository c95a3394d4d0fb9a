"""What learning forgets of a learner who erases everything."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.badges.models import Award
from server.learning.models import Answer, CheckIn, Completion, Decision, Evidence, Flag


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget what was done. How many places of a code or a session are taken stays a number."""
    mine = select(Completion.id).where(Completion.learner_id == learner)
    session.execute(
        update(Award).where(Award.completion_id.in_(mine)).values(completion_id=None),
        execution_options={"synchronize_session": False},
    )
    forget_rows(session, learner, CheckIn, Answer, Evidence, Completion, Decision, Flag)
