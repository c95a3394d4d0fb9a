"""What families and classes forget of a learner who erases everything."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from server.accounts.learners import when_forgotten
from server.families.models import ClassMember, Consent, Guardianship
from server.replicas import feeds
from sync.engine import learner_feed
from sync.messages import Row


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget whom somebody looked after, who looked after them, what was agreed to, and their place in a class.

    The others read that they are gone. Their feeds are locked from here to the end of the transaction, see `feeds.bump`.
    """
    about = or_(Guardianship.guardian_id == learner, Guardianship.child_id == learner)
    held = session.scalars(select(Guardianship).where(about)).all()
    others = [(one.guardian_id, f"child:{one.id}") for one in held if one.child_id == learner]
    others += [(one.child_id, f"guardian:{one.id}") for one in held if one.guardian_id == learner]
    said = select(Consent).where(Consent.by_id == learner, Consent.learner_id != learner)
    others += [(one.learner_id, f"consent:{one.id}") for one in session.scalars(said)]
    session.execute(delete(Guardianship).where(about))
    session.execute(delete(Consent).where(or_(Consent.learner_id == learner, Consent.by_id == learner)))
    place = update(ClassMember).where(ClassMember.learner_id == learner)
    session.execute(place.values(learner_id=None, joined_at=None))
    rows: dict[str, list[Row]] = {}
    for other, key in others:
        rows.setdefault(learner_feed(other), []).append(Row(learner_feed(other), key, None))
    feeds.bump(session, rows, at)
