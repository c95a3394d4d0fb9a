"""What feeds say about guardians, children and consent.

A row's key names the guardianship and no learner: keys stay for a while after their rows are gone, also for who erased
everything.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import Told
from server.families.models import Consent, Guardianship
from server.families.services import consent_of, consents_of, free_from, is_withdrawn
from server.learning.rows import write_time


def child_row(session: Session, held: Guardianship) -> Told:
    """Tell a guardian how a child stands. Of one who has taken over, only that."""
    if held.ended_at:
        return f"child:{held.id}", {"child": held.child_id, "freed_at": write_time(held.ended_at)}
    given = consent_of(session, held.child_id)
    row: dict[str, Any] = {
        "child": held.child_id,
        "born": held.born,
        "country": held.country,
        "since": write_time(held.since),
        "alone_from": free_from(session, held),
        "consent": write_time(given.given_at) if given else None,
        "withdrawn": is_withdrawn(session, held.child_id),
        "name": held.name,
        "picture": held.picture,
    }
    return f"child:{held.id}", row


def guardian_row(session: Session, held: Guardianship) -> Told:
    """Tell a child who looks after them. `own`: a phone was let in that may take over."""
    if held.ended_at:
        return f"guardian:{held.id}", None
    row = {
        "guardian": held.guardian_id,
        "since": write_time(held.since),
        "alone_from": free_from(session, held),
        "own": held.invite is not None,
    }
    return f"guardian:{held.id}", row


def consent_row(given: Consent) -> Told:
    """Tell a learner what was agreed to for them. The words are with us; see the export."""
    return f"consent:{given.id}", {
        "what": given.what,
        "by": given.by_id,
        "given_at": write_time(given.given_at),
        "ended_at": write_time(given.ended_at) if given.ended_at else None,
    }


def rows_for_child(session: Session, child: str) -> list[Told]:
    """Tell a child all about their guardians and what these agreed to."""
    every = session.scalars(select(Guardianship).where(Guardianship.child_id == child)).all()
    return [guardian_row(session, one) for one in every] + [
        consent_row(one) for one in consents_of(session, child)
    ]
