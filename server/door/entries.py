"""Who was let in at a session, and who was taken out again. Each learner is in once, by however many doors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import find_merged
from server.core.db import table
from server.core.errors import DomainError
from server.door.models import DoorDevice, DoorEntry
from server.learning.ledger import Ledger, Spot
from server.learning.models import CheckIn
from server.learning.services import Deed, keep_check_in
from server.occurrences import places
from server.occurrences.models import Occurrence, Reservation
from server.replicas.models import Event as EventRow
from server.replicas.moments import moment

CONFIRMED = 4
"""The level of a check-in that a person at the door confirmed."""
PASS, TICK, GUEST = "pass", "tick", "guest"
_events = table(EventRow).c


class UnknownEntry(DomainError):
    status, code = 404, "unknown_entry"


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody at the door: a learner (id), or a guest; the name and picture that they agreed to show; and how."""

    way: str
    learner: str | None = None
    name: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """A door's word: whose event it is, from which device, when as well as we know, and how surely."""

    learner: str
    event: str
    device: str
    at: datetime
    time: str


@dataclass(frozen=True, slots=True)
class LetIn:
    """What became of a confirm: the entry, whether they were in before, and the check-in that it made of a learner."""

    entry: DoorEntry
    already: bool
    check_in: CheckIn | None


def spot_of(occurrence: Occurrence) -> Spot:
    return Spot(occurrence.activity_id, occurrence.id)


def let_in(ledger: Ledger, occurrence: Occurrence, who: Who, confirm: Confirm, now: datetime) -> LetIn:
    """Let somebody in, beyond the capacity too. Who came by their own scan keeps their place and is confirmed by it."""
    session = ledger.session
    entry = find_entry(session, occurrence.id, who.learner) if who.learner else None
    if entry and entry.undone_at is None:
        return LetIn(entry, True, None)
    made = check_in(ledger, occurrence, who.learner, confirm, now) if who.learner else None
    over = made.over if made else not places.take_place(session, occurrence.id, at=now)
    entry = entry or DoorEntry(occurrence_id=occurrence.id, who_id=who.learner)
    entry.name, entry.picture, entry.way, entry.over = who.name, who.picture, who.way, over
    entry.at, entry.undone_at = confirm.at, None
    _rest_on(session, entry, confirm)
    return LetIn(entry, False, made)


def _rest_on(session: Session, entry: DoorEntry, confirm: Confirm) -> None:
    """Let an entry rest on a confirm."""
    entry.learner_id, entry.event_id, entry.device_id = confirm.learner, confirm.event, confirm.device
    session.add(entry)
    session.flush()


def check_in(
    ledger: Ledger, occurrence: Occurrence, learner: str, confirm: Confirm, now: datetime
) -> CheckIn:
    """Check a learner in by a door's word, or make the check-in there is rest on it.

    It takes one place at most; who was beyond the capacity has the place that is free by now. What a door's word proved of the time before stays proven.
    """
    before = ledger.check_in(learner, spot_of(occurrence))
    over = not places.take_place(ledger.session, occurrence.id, learner, at=now)
    proven = before is not None and (before.level, before.time) == (CONFIRMED, "proven")
    return keep_check_in(
        ledger,
        Deed(learner, confirm.event, confirm.at, now),
        spot_of(occurrence),
        CONFIRMED,
        "proven" if proven else confirm.time,
        place=before.place if before else "",
        over=over,
    )


def take_out(
    ledger: Ledger, occurrence: Occurrence, entry: DoorEntry, others: Sequence[Confirm], now: datetime
) -> CheckIn | None:
    """Take the confirm back on which an entry rests; return the check-in that stays.

    It then rests on what other doors confirmed, the first that came. Without any the person is out: the check-in is
    gone and its place is free. What was completed with it is for the caller to take back.
    """
    before = ledger.check_in(entry.who_id, spot_of(occurrence)) if entry.who_id else None
    if others:
        _rest_on(ledger.session, entry, others[0])
        return check_in(ledger, occurrence, before.learner_id, others[0], now) if before else None
    if before:
        _forget(ledger, before)
    entry.undone_at = now
    if not entry.over:
        places.give_back(ledger.session, occurrence.id, entry.who_id)
    ledger.session.flush()
    return None


def _forget(ledger: Ledger, check_in: CheckIn) -> None:
    ledger.session.delete(ledger.session.get_one(CheckIn, check_in.id))
    ledger.session.flush()
    ledger.forget()


def find_entry(session: Session, occurrence_id: str, learner: str) -> DoorEntry | None:
    """Return a learner's entry at a session, also one that was undone."""
    query = select(DoorEntry).where(DoorEntry.occurrence_id == occurrence_id, DoorEntry.who_id == learner)
    return session.scalars(query).first()


def confirms_of(session: Session, entry: DoorEntry) -> list[Confirm]:
    """List the confirms of an entry that nobody took back, in the order in which they came."""
    doors = select(DoorDevice.learner_id).where(DoorDevice.occurrence_id == entry.occurrence_id)
    said = (
        select(_events.learner_id, _events.id, _events.device_id, _events.type, _events.effect)
        .where(
            _events.learner_id.in_(doors),
            _events.type.in_(("checkin.confirm", "checkin.undo")),
            _events.state == "ok",
            _events.effect["entry"].as_string() == entry.id,
        )
        .order_by(_events.received_at, _events.id)
    )
    rows = session.execute(said).all()
    undone = [one for row in rows if row.type == "checkin.undo" for one in row.effect["undone"]]
    by_now = find_merged(session.connection(), {learner for learner, _ in undone})
    gone = {(by_now.get(learner, learner), event) for learner, event in undone}
    return [
        _read_confirm(row)
        for row in rows
        if row.type == "checkin.confirm" and (row.learner_id, row.id) not in gone
    ]


def _read_confirm(row: Any) -> Confirm:
    return Confirm(row.learner_id, row.id, row.device_id, moment(row.effect["at"]), row.effect["time"])


def reservation(session: Session, occurrence_id: str, learner: str) -> Reservation | None:
    return session.get(Reservation, (learner, occurrence_id))


def knows(ledger: Ledger, occurrence: Occurrence, learner: str) -> bool:
    """Say whether a learner stands on the door's list: they reserved, or came, or were here before."""
    return (
        reservation(ledger.session, occurrence.id, learner) is not None
        or ledger.check_in(learner, spot_of(occurrence)) is not None
        or find_entry(ledger.session, occurrence.id, learner) is not None
    )
