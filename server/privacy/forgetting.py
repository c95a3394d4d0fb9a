"""The copies that a learner asked for go with the rest."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.core.storage import files
from server.privacy.exports import file_of
from server.privacy.models import Export


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget exports, with their files."""
    for one in session.scalars(select(Export).where(Export.learner_id == learner)).all():
        files().delete(file_of(one))
    forget_rows(session, learner, Export)
