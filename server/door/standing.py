"""Where the device of an event stands, when that was, and what the learner is told whom the event is about."""

from typing import Any

from server.cities.models import City
from server.door import services
from server.door.services import Door, DoorClosed
from server.learning import completions
from server.learning.decisions import PRESENCE
from server.learning.ledger import ledger_of
from server.learning.rows import check_in_row
from server.learning.services import Deed
from server.occurrences.models import Occurrence
from server.replicas.effects import Work
from server.replicas.moments import moment
from sync.engine import Refused
from sync.times import Moment, Window, judge_time


def door_of(work: Work, occurrence_id: str) -> Door:
    """Return the door at which the event's device stands. Raises DoorClosed."""
    door = services.find_door(work.store.session, occurrence_id, work.event.device)
    if door is None or door.device.learner_id != work.event.learner:
        raise DoorClosed()
    return door


def judge(work: Work, window: Window) -> Moment:
    """Say when the event happened, proven or claimed. Raises Refused when it was not in the window."""
    found = judge_time(
        window,
        anchor_at=work.store.anchor_at(work.event),
        received_at=work.received_at,
        wall=work.event.at.wall,
        max_offline=work.store.terms.max_offline_ms,
    )
    if found.state == "rejected":
        early = window.opens is not None and found.at < window.opens
        raise Refused("window_closed" if early else DoorClosed.code)
    return found


def host_of(work: Work) -> str:
    """Return the host that the door's phone asked first: what waited is judged by that too."""
    known = work.store.known(work.event.learner, work.event.id)
    asked = known.verdict.effect.get("host") if known else None
    return str(asked or work.store.terms.host)


def signed_for(work: Work, occurrence: Occurrence) -> str:
    """Return the host for which passes and receipts are made: the city's own, else the one that was asked."""
    city: City = occurrence.activity.organiser.city
    return city.host or host_of(work)


def tell_learner(work: Work, learner: str, check_in: Any) -> None:
    """Put a confirmed check-in, and what it completes, into that learner's feed.

    What they scanned there themselves need not wait for an organiser's word any more.
    """
    ledger = ledger_of(work)
    deed = Deed(learner, work.event.id, check_in.at, moment(work.now))
    rows = [check_in_row(check_in, None), *completions.settle(ledger, deed, check_in.activity_id)]
    for key, row in rows:
        work.put_for(learner, key, row)
    waiting = work.store.held([learner], PRESENCE)
    work.judge_again([one for one in waiting if one.verdict.effect.get("activity") == check_in.activity_id])
