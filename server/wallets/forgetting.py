"""What wallets may no longer read of a learner who erases everything."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.wallets.models import WalletCode, WalletGrant


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """End what wallets were allowed. What they have copied is theirs; it fails when it is checked."""
    forget_rows(session, learner, WalletCode, WalletGrant)
