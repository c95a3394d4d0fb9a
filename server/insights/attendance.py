"""Who came to a session, and how one knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.door.models import DoorEntry
from server.learning.models import CheckIn
from server.occurrences.models import Reservation

SCAN, GUEST = "scan", "guest"


@dataclass(frozen=True, slots=True)
class Came:
    """One person who came. `name` is empty unless they agreed to show it; `way` is scan, pass, tick or guest.

    `level` is None for a guest, who has no phone to prove anything.
    """

    name: str
    way: str
    level: int | None
    time: str
    at: datetime
    over: bool


def who_came(session: Session, occurrence_id: str) -> list[Came]:
    """List who came, first come first: learners by their check-ins, guests as the door wrote them down."""
    entries = session.scalars(
        select(DoorEntry).where(DoorEntry.occurrence_id == occurrence_id, DoorEntry.undone_at.is_(None))
    ).all()
    by_learner = {one.who_id: one for one in entries if one.who_id}
    names = _names(session, occurrence_id)
    found = [
        _learner(one, by_learner.get(one.learner_id), names.get(one.learner_id, ""))
        for one in session.scalars(select(CheckIn).where(CheckIn.occurrence == occurrence_id))
    ]
    found += [Came(one.name, one.way, None, "", one.at, one.over) for one in entries if one.who_id is None]
    return sorted(found, key=lambda one: one.at)


def _learner(check_in: CheckIn, entry: DoorEntry | None, reserved_as: str) -> Came:
    name, way = (entry.name or reserved_as, entry.way) if entry else (reserved_as, SCAN)
    return Came(name, way, check_in.level, check_in.time, check_in.at, check_in.over)


def _names(session: Session, occurrence_id: str) -> dict[str, str]:
    query = select(Reservation.learner_id, Reservation.name).where(Reservation.occurrence_id == occurrence_id)
    return {row.learner_id: row.name for row in session.execute(query)}


def who_is_expected(session: Session, occurrence_id: str) -> Sequence[Reservation]:
    """List who reserved and has not come."""
    query = select(Reservation).where(
        Reservation.occurrence_id == occurrence_id, Reservation.state == "reserved"
    )
    return session.scalars(query.order_by(Reservation.name, Reservation.at)).all()
