"""The copies that a learner asked for go with the rest."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.core.storage import files
from server.privacy.models import Export


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget exports, with their files."""
    forget_rows(session, learner, Export)
    files().delete_below(f"exports/{learner}")
