"""What mail and push forget of a learner who erases everything."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.post.models import PushMessage, PushSubscription


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget which browsers were to be told, and what."""
    forget_rows(session, learner, PushMessage, PushSubscription)
