"""What a learner's own scans at a session are worth, once a door takes its word back."""

from contextlib import suppress
from typing import Any

from sqlalchemy import bindparam, select

from server.codes.finding import by_proof, find_by_typed
from server.codes.services import CodeRefused, Use
from server.core.db import table
from server.door.entries import spot_of
from server.learning import services
from server.learning.flag_rows import voided
from server.learning.ledger import ledger_of
from server.learning.models import CheckIn
from server.learning.services import Deed
from server.occurrences.models import Occurrence
from server.replicas.effects import Work
from server.replicas.models import Event as EventRow
from server.replicas.moments import milliseconds, moment
from sync.messages import Event, Signed

_events = table(EventRow).c
_OWN = (
    select(_events.id, _events.payload, _events.signature, _events.type, _events.effect, _events.received_at)
    .where(
        _events.learner_id == bindparam("learner"),
        _events.type.in_(("checkin.scan", "event.withdraw")),
        _events.state == "ok",
    )
    .order_by(_events.received_at, _events.id)
)


def scan_again(work: Work, occurrence: Occurrence, learner: str) -> CheckIn | None:
    """Check a learner in by what they scanned at a session themselves; None when that is nothing.

    A receipt is the door's word and goes with it; so does what nobody confirmed in time, what was voided, and what
    the door's word spared the organiser's.
    """
    rows = work.store.session.execute(_OWN, {"learner": learner}).all()
    withdrawn = {row.effect.get("event") for row in rows if row.type == "event.withdraw"}
    withdrawn |= voided(work.store.session, learner)
    activity = ledger_of(work).activities.get(occurrence.activity_id)
    leans = ("unconfirmed", "already") if activity and activity.confirm else ("unconfirmed",)
    for row in rows:
        here = row.effect.get("occurrence") == occurrence.id and not any(map(row.effect.get, leans))
        if here and row.id not in withdrawn:
            _scan(work, learner, row)
    return ledger_of(work).check_in(learner, spot_of(occurrence))


def _scan(work: Work, learner: str, row: Any) -> None:
    event = Event.read(Signed(row.payload, row.signature))
    shown = str(event.body.get("typed") or event.body.get("proof") or "")
    use = Use(
        wall=event.at.wall,
        anchor_at=work.store.anchor_at(event),
        received_at=milliseconds(row.received_at),
        max_offline=work.store.terms.max_offline_ms,
        shown=shown,
    )
    ledger = ledger_of(work)
    with suppress(CodeRefused):  # of a receipt it says that this is no code
        if event.body.get("typed"):
            code = find_by_typed(work.store.session, shown, use.at)
        else:
            code = by_proof(ledger.points.get(str(event.body.get("point")).upper()), shown)
        services.check_in(ledger, Deed(learner, event.id, moment(use.at), work.store.at), code, use)
