"""What sync forgets of a learner who erases everything: what they signed, what they were told, and their files."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.core.storage import files
from server.replicas.blobs import places_of
from server.replicas.models import Blob, Event, FeedHead, FeedRow
from sync.engine import learner_feed


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget events, feed and files, also those that are still on their way."""
    forget_rows(session, learner, Event, Blob)
    for model, column in ((FeedRow, FeedRow.feed), (FeedHead, FeedHead.feed)):
        session.execute(
            delete(model).where(column == learner_feed(learner)),
            execution_options={"synchronize_session": False},
        )
    for place in places_of(learner):
        files().delete_below(place)
