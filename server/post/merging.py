"""Two learners are one person: their phones are told what either asked to hear."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.post.models import PushMessage, PushSubscription


@when_merged
def move_messages(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    move_rows(session, (PushSubscription, PushMessage), old, new)
    return []
