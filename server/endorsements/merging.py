"""Two learners are one person: whom either asked for words may still write them."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.endorsements.models import EndorsementInvitation


@when_merged
def move_invitations(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    move_rows(session, (EndorsementInvitation,), old, new)
    return []
