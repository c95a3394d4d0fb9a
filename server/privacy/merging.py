"""Two learners are one person: copies that either asked for are theirs."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.privacy.models import Export


@when_merged
def move_exports(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    move_rows(session, (Export,), old, new)
    return []
