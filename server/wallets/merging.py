"""Two learners are one person: what they allowed wallets stays allowed."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.wallets.models import WalletCode, WalletGrant


@when_merged
def move_grants(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    move_rows(session, (WalletCode, WalletGrant), old, new)
    return []
