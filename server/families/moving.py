"""What becomes of families and classes when two learners turn out to be one, or one erases everything."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from server.accounts.learners import Told, when_forgotten, when_merged
from server.families.models import ClassMember, Consent, Guardianship
from server.families.rows import child_row, guardian_row
from server.families.services import find_any
from server.replicas import feeds
from sync.engine import learner_feed
from sync.messages import Row


@when_merged
def move(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Who looked after whom goes on under the other id; nobody becomes their own guardian."""
    told: list[Told] = []
    for held in session.scalars(
        select(Guardianship).where(or_(Guardianship.guardian_id == old, Guardianship.child_id == old))
    ).all():
        guardian = new if held.guardian_id == old else held.guardian_id
        child = new if held.child_id == old else held.child_id
        if guardian == child or find_any(session, guardian, child):
            session.delete(held)
        else:
            held.guardian_id, held.child_id = guardian, child
            told.append(child_row(session, held) if guardian == new else guardian_row(session, held))
        session.flush()
    session.execute(update(Consent).where(Consent.learner_id == old).values(learner_id=new))
    session.execute(update(Consent).where(Consent.by_id == old).values(by_id=new))
    session.execute(update(ClassMember).where(ClassMember.learner_id == old).values(learner_id=new))
    return told


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget whom somebody looked after, who looked after them, what was agreed to, and their place in a class.

    The others read that they are gone. Their feeds are locked from here to the end of the transaction, see `feeds.bump`.
    """
    about = or_(Guardianship.guardian_id == learner, Guardianship.child_id == learner)
    held = session.scalars(select(Guardianship).where(about)).all()
    others = {one.guardian_id: f"child:{learner}" for one in held if one.child_id == learner}
    others |= {one.child_id: f"guardian:{learner}" for one in held if one.guardian_id == learner}
    session.execute(delete(Guardianship).where(about))
    session.execute(delete(Consent).where(or_(Consent.learner_id == learner, Consent.by_id == learner)))
    place = update(ClassMember).where(ClassMember.learner_id == learner)
    session.execute(place.values(learner_id=None, joined_at=None))
    feeds.bump(
        session,
        {learner_feed(one): [Row(learner_feed(one), key, None)] for one, key in others.items()},
        at,
    )
