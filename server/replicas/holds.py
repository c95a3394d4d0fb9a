"""What waits for something, and when it is judged again: a file came, a device said hello, its time is over."""

from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.core.db import table
from server.replicas import blobs
from server.replicas.effects import TURN, UNMET, others
from server.replicas.judging import engine, is_transient, wake
from server.replicas.models import HOLD
from server.replicas.models import Event as EventRow
from server.replicas.moments import milliseconds
from server.replicas.store import SqlStore
from server.replicas.terms import Terms
from sync.engine import Known

_events = table(EventRow).c
AT_ONCE = 200
HOLD_ENDS, REVIEW_ENDS = timedelta(days=5), timedelta(days=30)
"""How long after its first arrival an event is decided without what it waits for; a review may take longer."""
_OVERDUE = (
    select(_events.learner_id, _events.id)
    .where(
        _events.state == HOLD,
        _events.received_at <= bindparam("age"),
        (_events.why != "review") | (_events.received_at <= bindparam("review_age")),
    )
    .order_by(_events.received_at, _events.learner_id, _events.id)
    .limit(AT_ONCE)
    .offset(bindparam("skip"))
)


def wake_blob(session: Session, name: blobs.Name, terms: Terms, at: datetime) -> None:
    """Judge again what waited for a file that is here now."""
    store = SqlStore(session, terms, at, careful=True)
    store.lock({name.learner})
    waiting = store.held([name.learner], "blob_missing")
    ready = [one for one in waiting if any(blob.sha256 == name.sha256 for blob in one.event.blobs)]
    wake(store, ready)


def end_holds(session: Session, terms: Terms, at: datetime, skip: int = 0) -> tuple[int, int]:
    """Decide events that were on hold for as long as they may be, oldest first, without what they waited for.

    Returns how many there were, at most AT_ONCE, and how many of these wait on: they build on one that is
    itself on hold. The next call skips those. A phone's batch and this take turns by the learners' locks.
    """
    ages = {"age": at - HOLD_ENDS, "review_age": at - REVIEW_ENDS, "skip": skip}
    keys = [(row.learner_id, row.id) for row in session.execute(_OVERDUE, ages)]
    store = SqlStore(session, terms, at, careful=True)
    engine(is_transient).wake(_still_held(session, store, keys), store, milliseconds(at), overdue=True)
    return len(keys), len(store.still_held(keys))


def _still_held(session: Session, store: SqlStore, keys: Sequence[tuple[str, str]]) -> Sequence[Known]:
    """Lock the learners of events, and whom these are about; return the events that are on hold."""
    store.lock({learner for learner, _ in keys} | others(session, store.read_events(keys)))
    return store.still_held(keys)


def are_awaited(session: Session, devices: Set[str] | None = None) -> bool:
    """Say whether something on hold has waited for these devices, or for any that is known by now, or its turn."""
    return devices != set() and session.execute(_met(devices).limit(1)).first() is not None


def wake_met(session: Session, terms: Terms, at: datetime, devices: Set[str] | None = None) -> int:
    """Judge again what waited for these devices, or for any that is known by now; return how many, AT_ONCE at most.

    In a transaction of its own, because it works for others than those who sent a batch.
    """
    keys = [(row.learner_id, row.id) for row in session.execute(_met(devices).limit(AT_ONCE))]
    store = SqlStore(session, terms, at, careful=True)
    wake(store, _still_held(session, store, keys))
    return len(keys)


def _met(devices: Set[str] | None) -> Select[Any]:
    """Find what waited for devices that are known now, and what waited for its turn."""
    device = _events.effect["device"].as_string()
    known = select(table(Device).c.id)
    if devices is not None:
        known = known.where(table(Device).c.id.in_(devices))
    met = (_events.why == UNMET) & device.in_(known)
    return (
        select(_events.learner_id, _events.id)
        .where(_events.state == HOLD, met if devices is not None else met | (_events.why == TURN))
        .order_by(_events.received_at, _events.learner_id, _events.id)
    )
