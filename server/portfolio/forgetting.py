"""What the portfolio forgets of a learner who erases everything."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.portfolio.models import AwardChoice, Collection, ImportedBadge, Portfolio, ShareLink


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget choices, collections, links, the portfolio, and badges from elsewhere."""
    forget_rows(session, learner, AwardChoice, Collection, ShareLink, Portfolio, ImportedBadge)
