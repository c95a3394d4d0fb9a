"""Who came to a session, and how one knows."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import StringIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges.assurance import level_name
from server.core.i18n import gettext
from server.door.models import DoorEntry
from server.learning.models import CheckIn
from server.occurrences.models import Reservation

SCAN, RECEIPT = "scan", "receipt"
CONFIRMED = 4
"""The level that only somebody at the door gives."""


@dataclass(frozen=True, slots=True)
class Came:
    """One person who came. `name` is empty unless they agreed to show it; `way` is scan, receipt, pass,
    tick or guest.

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
    own_way = RECEIPT if check_in.level == CONFIRMED else SCAN
    name, way = (entry.name or reserved_as, entry.way) if entry else (reserved_as, own_way)
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


def way_name(way: str) -> str:
    """Say how somebody came in."""
    return {
        "scan": gettext("Scanned the code"),
        "pass": gettext("Pass scanned at the door"),
        "tick": gettext("Ticked at the door"),
        "receipt": gettext("Scanned the door's receipt"),
        "guest": gettext("Guest without a phone"),
    }.get(way, way)


def write_csv(came: Sequence[Came], zone: tzinfo) -> str:
    """Write who came for a spreadsheet, with times on the city's clocks."""
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(
        [gettext("Name"), gettext("How"), gettext("Proof"), gettext("Time"), gettext("Beyond the places")]
    )
    for one in came:
        proof = "" if one.level is None else level_name(one.level)
        over = gettext("yes") if one.over else ""
        cells = [one.name, way_name(one.way), proof, f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", over]
        rows.writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """Keep spreadsheets from taking for a formula what somebody gave as their name."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else cell
