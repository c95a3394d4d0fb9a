"""Receipts: a door's phone shows one to the phone that it let in, which so holds the door's word itself."""

from collections.abc import Mapping
from typing import Any

from server.codes.passes import RECEIPT_KIND
from server.codes.rotating import STEP_S
from server.door import entries, services
from server.door.entries import Confirm
from server.door.passes import WrongReceipt, check_receipt
from server.door.services import Door, DoorClosed
from server.door.standing import judge, signed_for, tell_learner
from server.learning.events import scans
from server.learning.ledger import ledger_of
from server.learning.models import CheckIn
from server.occurrences.models import Occurrence
from server.replicas.effects import Work, read_text
from server.replicas.moments import moment
from sync.engine import Refused
from sync.times import Moment

MOST_RECEIPT = 300


@scans(RECEIPT_KIND)
def scan_receipt(work: Work) -> Mapping[str, Any]:
    """Check in by the receipt that a door's phone showed to this learner's, before the door's own word is here."""
    point = read_text(work, "point", 20).upper()
    found = ledger_of(work).points.get(point)
    if found is None or not found.occurrence_id:
        raise WrongReceipt()
    session = work.store.session
    occurrence = session.get_one(Occurrence, found.occurrence_id)
    door = _receipts_door(work, occurrence, point)
    when = judge(work, door.window)
    return _take_receipt(work, occurrence, when)


def _receipts_door(work: Work, occurrence: Occurrence, point: str) -> Door:
    """Return the door whose device gave the receipt, at a time when it was open. Raises WrongReceipt or DoorClosed."""
    about = signed_for(work, occurrence), point, work.event.device
    receipt = check_receipt(work.store.session, read_text(work, "proof", MOST_RECEIPT), about)
    door = services.find_door(work.store.session, occurrence.id, receipt.device)
    if door is None:
        raise WrongReceipt()
    if not door.window.holds(receipt.step * STEP_S * 1000):
        raise DoorClosed()
    return door


def _take_receipt(work: Work, occurrence: Occurrence, when: Moment) -> Mapping[str, Any]:
    ledger, learner = ledger_of(work), work.event.learner
    entry = entries.find_entry(work.store.session, occurrence.id, learner)
    if entry and entry.undone_at:
        raise Refused("undone")
    before = ledger.check_in(learner, entries.spot_of(occurrence))
    if before and before.level == entries.CONFIRMED:
        return _effect(before, already=True)
    said = Confirm(learner, work.event.id, work.event.device, moment(when.at), when.state)
    made = entries.check_in(ledger, occurrence, learner, said, moment(work.now))
    tell_learner(work, learner, made)
    return _effect(made, already=False)


def _effect(check_in: CheckIn, *, already: bool) -> Mapping[str, Any]:
    effect = {"activity": check_in.activity_id, "occurrence": check_in.occurrence}
    marks = {"already": already, "over": check_in.over}
    return {
        **effect, "level": check_in.level, "time": check_in.time, **{name: mark for name, mark in marks.items() if mark},
    }  # fmt: skip
