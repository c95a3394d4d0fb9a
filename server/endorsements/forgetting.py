"""What endorsements forget of a learner who erases everything; what was said of their badges goes with these."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.endorsements.models import EndorsementInvitation


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget whom they asked."""
    forget_rows(session, learner, EndorsementInvitation)
