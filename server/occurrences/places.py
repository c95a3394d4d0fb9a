"""Places at a session: reserved beforehand, taken by coming, given back. One learner holds one at most.

A learner's row says how they hold it: `reserved`; `came`, with or without having reserved; `cancelled`. The
caller has locked the learner, so that nobody else works on their row.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.core.db import utc_now
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.occurrences.models import Occurrence, Reservation
from server.occurrences.services import count_taken

RESERVED, CAME, CANCELLED = "reserved", "came", "cancelled"


class UnknownSession(DomainError):
    status, code = 404, "unknown_session"


class SessionOver(DomainError):
    status, code = 410, "session_over"

    def explain(self) -> str:
        return gettext("This session is over.")


class SessionCancelled(DomainError):
    status, code = 410, "session_cancelled"

    def explain(self) -> str:
        return gettext("This session was cancelled.")


class Full(DomainError):
    status, code = 409, "full"

    def explain(self) -> str:
        return gettext("All places of this session are taken.")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a place, by which event, and what of themselves they agreed to show at the door."""

    learner: str
    event: str
    name: str = ""
    picture: str = ""


def take_place(
    session: Session, occurrence_id: str, learner_id: str | None = None, *, at: datetime | None = None
) -> bool:
    """Give a place to somebody who came; False when it is beyond the capacity, which keeps nobody out.

    Who reserved holds one already, and who came before too. A guest (None) always takes another one.
    """
    held = session.get(Reservation, (learner_id, occurrence_id)) if learner_id else None
    if held and held.state != CANCELLED:
        held.state = CAME
        return True
    if not count_taken(session, occurrence_id, more=1):
        return False
    if learner_id:
        _keep(session, held, occurrence_id, Wish(learner_id, ""), CAME, at or utc_now())
    return True


def is_cancelled(session: Session, occurrence_id: str) -> bool:
    """Say whether a session was called off; False also where there is none."""
    occurrence = session.get(Occurrence, occurrence_id) if occurrence_id else None
    return occurrence is not None and occurrence.cancelled_at is not None


def give_back(session: Session, occurrence_id: str, learner_id: str | None = None) -> None:
    """Take back that somebody came within the capacity. Who had reserved has reserved again."""
    held = session.get(Reservation, (learner_id, occurrence_id)) if learner_id else None
    if held and held.state == CAME and held.event_id:
        held.state = RESERVED
    elif (held and held.state == CAME) or learner_id is None:
        if held:
            held.state = CANCELLED
        count_taken(session, occurrence_id, more=-1)


def reserve(session: Session, occurrence_id: str, wish: Wish, at: datetime) -> Reservation:
    """Hold a place for a learner; once more only renews what is shown of them.

    Raises UnknownSession, SessionCancelled, SessionOver or Full.
    """
    occurrence = find_session(session, occurrence_id)
    if occurrence.cancelled_at:
        raise SessionCancelled()
    if occurrence.ends_at <= at:
        raise SessionOver()
    held = session.get(Reservation, (wish.learner, occurrence_id))
    holds = held is not None and held.state != CANCELLED
    if not holds and not count_taken(session, occurrence_id, more=1):
        raise Full()
    state = held.state if held and holds else RESERVED
    return _keep(session, held, occurrence_id, wish, state, at)


def cancel_reservation(session: Session, occurrence_id: str, learner_id: str) -> Reservation | None:
    """Give a reserved place back; return the learner's row, None when there is none. Who came stays in."""
    find_session(session, occurrence_id)
    held = session.get(Reservation, (learner_id, occurrence_id))
    if held and held.state == RESERVED:
        held.state = CANCELLED
        count_taken(session, occurrence_id, more=-1)
    return held


def find_session(session: Session, occurrence_id: str) -> Occurrence:
    """Find a session as it is now. Raises UnknownSession."""
    found = session.get(Occurrence, occurrence_id, populate_existing=True)
    if found is None:
        raise UnknownSession()
    return found


def _keep(
    session: Session, held: Reservation | None, occurrence_id: str, wish: Wish, state: str, at: datetime
) -> Reservation:
    row = held or Reservation(learner_id=wish.learner, occurrence_id=occurrence_id)
    row.event_id, row.name, row.picture = wish.event, wish.name, wish.picture
    row.state, row.at = state, at
    session.add(row)
    session.flush()
    return row
