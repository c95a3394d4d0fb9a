"""What families and classes forget of a learner who erases everything."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.families.models import ClassMember, Consent, Guardianship
from server.replicas import feeds
from sync.engine import learner_feed
from sync.messages import Row


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """End guardianships and take back consents; the place in a class is free, its pseudonym is the teacher's."""
    _tell_family(session, learner, at)
    forget_rows(session, learner, Guardianship, by="guardian_id")
    forget_rows(session, learner, Guardianship, by="child_id")
    forget_rows(session, learner, Consent)
    forget_rows(session, learner, Consent, by="by_id")
    session.execute(
        update(ClassMember).where(ClassMember.learner_id == learner).values(learner_id=None, joined_at=None),
        execution_options={"synchronize_session": False},
    )


def _tell_family(session: Session, learner: str, at: datetime) -> None:
    """Tell the others' phones that one of the family is gone."""
    query = select(Guardianship).where(
        or_(Guardianship.guardian_id == learner, Guardianship.child_id == learner)
    )
    told: dict[str, list[Row]] = {}
    for one in session.scalars(query).all():
        other, kind = (one.child_id, "guardian") if one.guardian_id == learner else (one.guardian_id, "child")
        told.setdefault(learner_feed(other), []).append(Row(learner_feed(other), f"{kind}:{one.id}", None))
    feeds.bump(session, told, at)
