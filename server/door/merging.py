"""Two learners are one person: they were let in once, and a phone of theirs still stands at its doors."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.core.db import table
from server.door.models import DoorDevice, DoorEntry
from server.learning.models import CheckIn


@when_merged
def move_entries(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move doors and entries. Who was let in twice is in by the entry on which their check-in rests."""
    theirs = {one.occurrence_id: one for one in session.scalars(select(DoorEntry).filter_by(who_id=old))}
    for one in session.scalars(select(DoorEntry).where(DoorEntry.who_id == new)).all():
        if other := theirs.get(one.occurrence_id):
            _drop(_less(session, one, other), at)
    session.flush()
    moved = table(DoorEntry).update().where(table(DoorEntry).c.who_id == old)
    session.execute(moved.values(who_id=new))
    move_rows(session, (DoorDevice, DoorEntry), old, new)
    return []


def _less(session: Session, one: DoorEntry, other: DoorEntry) -> DoorEntry:
    """Choose which of two entries of a person goes."""
    there = select(CheckIn.event_id).where(
        CheckIn.occurrence == one.occurrence_id, CheckIn.learner_id.in_((one.who_id, other.who_id))
    )
    resting = set(session.scalars(there))
    return min(one, other, key=lambda entry: (entry.event_id in resting, entry.undone_at is None, entry.at))


def _drop(entry: DoorEntry, at: datetime) -> None:
    """Let an entry be nobody's, and out: the list keeps that somebody was let in."""
    entry.who_id, entry.undone_at = None, entry.undone_at or at
