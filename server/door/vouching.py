"""Which check-ins rest on a door's word, for those who look at how plausible they are."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.door.models import DoorEntry
from server.learning.seen import Key, confirms


@confirms
def whose_word(session: Session, keys: Sequence[Key]) -> Mapping[Key, str]:
    """Return whose event let these learners in, by (learner, event)."""
    learners = sorted({learner for learner, _ in keys})
    found: dict[Key, str] = {}
    for first in range(0, len(learners), 500):
        query = select(DoorEntry).where(DoorEntry.who_id.in_(learners[first : first + 500]))
        found |= {(str(one.who_id), one.event_id): one.learner_id for one in session.scalars(query)}
    return found
