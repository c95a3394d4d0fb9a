"""What giving by name forgets of a learner who erases everything."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.awarding import catching_up
from server.awarding.models import AwardBatch, AwardRow, Recipient


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget as whom organisers know them, and the lines of lists that name them."""
    for known in session.scalars(select(Recipient).where(Recipient.learner_id == learner)).all():
        lists = select(AwardBatch.id).where(AwardBatch.organiser_id == known.organiser_id)
        session.execute(
            delete(AwardRow).where(AwardRow.batch_id.in_(lists), AwardRow.address == known.address),
            execution_options={"synchronize_session": False},
        )
    forget_rows(session, learner, AwardRow, Recipient)
    catching_up.forget(session, learner)
