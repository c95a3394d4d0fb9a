"""What `POST /api/sync` does: checks who signed, applies events once, answers with feeds and what is missing."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from server.accounts.devices import note_seen, registered
from server.accounts.erasures import Erased, erased
from server.accounts.learners import find_merged
from server.accounts.models import Device
from server.core.db import table
from server.core.errors import DomainError
from server.core.failpoints import reach
from server.core.i18n import gettext
from server.replicas import blobs, feeds, keys
from server.replicas.anchors import make_anchor
from server.replicas.chains import broken_chains
from server.replicas.effects import EFFECTS, TURN, UNMET, others
from server.replicas.models import HOLD, IN_CHAIN, Blob, FeedHead, ServerState
from server.replicas.models import Event as EventRow
from server.replicas.store import SqlStore, Terms, milliseconds
from sync.engine import Engine, Known, answer_again, learner_feed
from sync.messages import MAX_ROWS, Batch, Event, Page, Reply, Result, Signed, Verdict
from sync.signatures import (
    HELLO,
    MERGE,
    Registered,
    announced,
    check_events,
    count_for,
    named_strangers,
    read_events,
)

_log = logging.getLogger(__name__)
_TRANSIENT = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock not available
TRIES = 3
CALM_S, HURRY_S = 300, 30
FINAL = ("ok", "rejected")

_events, _blobs, _heads, _state = (table(one).c for one in (EventRow, Blob, FeedHead, ServerState))
_EPOCH = select(_state.value).where(_state.key == "epoch")
_FINAL = select(_events.id, _events.payload, _events.signature, _events.state, _events.why, _events.effect).where(
    _events.learner_id == bindparam("learner"),
    _events.id.in_(bindparam("ids", expanding=True)),
    _events.state.in_(FINAL),
)  # fmt: skip
_OF_DEVICE = (_events.device_id == bindparam("device"), IN_CHAIN)
_STANDING = select(
    _EPOCH.scalar_subquery().label("epoch"),
    select(_heads.ver).where(_heads.feed == bindparam("feed")).scalar_subquery().label("ver"),
    select(func.count()).where(*_OF_DEVICE).scalar_subquery().label("count"),
    select(func.max(_events.seq)).where(*_OF_DEVICE).scalar_subquery().label("last"),
    select(_blobs.sha256)
    .where(_blobs.learner_id == bindparam("learner"), _blobs.complete_at.is_(None))
    .exists()
    .label("wants_blobs"),
)  # fmt: skip


AT_ONCE = 200
HOLD_ENDS, REVIEW_ENDS = timedelta(days=5), timedelta(days=30)
"""How long after its first arrival an event is decided without what it waits for; a review may take longer."""
FEEDS_KEEP = timedelta(days=180)
"""How long a feed tells what is gone, and how an event was decided; a phone that was away longer begins anew."""
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


class NotProven(DomainError):
    """A request is not signed by a device that may send it."""

    status, code = 401, "bad_signature"

    def explain(self) -> str:
        return gettext("This request is not signed by a device that we know.")


class UnknownDevice(NotProven):
    code = "unknown_device"


class DeviceRevoked(NotProven):
    code = "device_revoked"

    def explain(self) -> str:
        return gettext("This device may not send work any more.")


class WrongLearner(NotProven):
    """The device is another learner's: most likely this server was restored to before two learners became one."""

    code = "wrong_learner"

    def explain(self) -> str:
        return gettext(
            "This server has gone back to before two of your phones were brought together. All is kept on this phone, and you "
            "can look at it. Do not remove anything, and tell the people who run this city: they can put it right."
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """A batch whose signatures were checked: events to apply, or what answers them already."""

    events: Sequence[Event | Result]
    devices: Set[str]  # those that are registered
    newcomers: int
    sender: Registered

    @property
    def new(self) -> list[Event]:
        """The events that are not answered yet."""
        return [one for one in self.events if isinstance(one, Event)]

    @property
    def results(self) -> list[Result]:
        """The answers there are without applying anything."""
        return [one for one in self.events if isinstance(one, Result)]


def check_batch(session: Session, batch: Batch, raw: bytes, signature: str) -> Checked:
    """Check the request's signature and each new event's. Opens no write transaction.

    Raises UnknownDevice, DeviceRevoked, WrongLearner or NotProven when the request itself may not be made, and Erased
    when its learner erased everything.
    """
    events = read_events(batch.events)
    stored = registered(session, {batch.device} | {e.device for e in events if isinstance(e, Event)})
    formerly = _find_former(session, batch, events, stored)
    events = count_for(events, formerly)
    events = _refuse_erased(session, batch, events, stored)
    new = {id: device for id, device in announced(events).items() if id not in stored}
    sender = stored.get(batch.device) or new.get(batch.device)
    _check_sender(sender, formerly.get(batch.learner, batch.learner))
    if sender is None or not keys.verify_text(sender.key, signature, raw):
        raise NotProven()
    events = _answer_known(session, events)
    return Checked(check_events(events, {**new, **stored}, keys.verify), stored.keys(), len(new), sender)


def _find_former(
    session: Session, batch: Batch, events: Sequence[Event | Result], stored: Mapping[str, Registered]
) -> Mapping[str, str]:
    """Find who learners are by now whom a device names that is not theirs. Most batches name none, and cost nothing."""
    named = named_strangers(events, stored)
    if batch.device not in stored or stored[batch.device].learner != batch.learner:
        named.add(batch.learner)
    return find_merged(session.connection(), named)


def _refuse_erased(
    session: Session, batch: Batch, events: Sequence[Event | Result], stored: Mapping[str, Registered]
) -> list[Event | Result]:
    """Refuse the events of those who erased everything: their devices are not known any more. Raises Erased."""
    strangers = {one.learner for one in events if isinstance(one, Event) and one.device not in stored}
    gone = erased(session, strangers | (set() if batch.device in stored else {batch.learner}))
    if batch.learner in gone:
        raise Erased()
    return [
        Result(one.id, "rejected", Erased.code) if isinstance(one, Event) and one.learner in gone else one
        for one in events
    ]


def accepted(checked: Checked, results: Sequence[Result], type: str) -> set[str]:
    """Name the learners of whom an event of this type stands accepted now, be it for the first time or not."""
    return {
        event.learner
        for event, one in zip(checked.events, results, strict=True)
        if isinstance(event, Event) and event.type == type and "ok" in (one.state, one.verdict)
    }


def is_registered(batch: Batch, checked: Checked, results: Sequence[Result]) -> bool:
    """Say whether the sending device stands for its learner, now that its own hello was decided.

    One that is not yet has signed its request, but anyone may claim a learner's id: it is told nothing of theirs.
    """
    return batch.device in checked.devices or _was_done(batch, checked, results, HELLO)


def _was_done(batch: Batch, checked: Checked, results: Sequence[Result], type: str) -> bool:
    """Say whether the sending device did this in its batch."""
    return any(
        isinstance(event, Event)
        and event.type == type
        and event.device == batch.device
        and "ok" in (one.state, one.verdict)
        for event, one in zip(checked.events, results, strict=True)
    )


def owner_now(
    session: Session, batch: Batch, checked: Checked, results: Sequence[Result]
) -> Registered | None:
    """Return the sending device as it is registered now; None when it is not."""
    if not is_registered(batch, checked, results):
        return None
    if not _was_done(batch, checked, results, MERGE):
        return checked.sender
    return registered(session, [batch.device]).get(batch.device)


def _answer_known(session: Session, events: Sequence[Event | Result]) -> list[Event | Result]:
    """Answer what was here before, to the byte, and has a final verdict.

    It never changes, so no lock is needed; and the signature was checked when it came.
    """
    known: dict[tuple[str, str], tuple[Signed, Verdict]] = {}
    for learner in {one.learner for one in events if isinstance(one, Event)}:
        ids = sorted(one.id for one in events if isinstance(one, Event) and one.learner == learner)
        for row in session.execute(_FINAL, {"learner": learner, "ids": ids}):
            verdict = Verdict(row.state, row.why, row.effect)
            known[learner, row.id] = Signed(row.payload, row.signature), verdict
    return [one if isinstance(one, Result) else _answered(one, known) for one in events]


def _answered(event: Event, known: Mapping[tuple[str, str], tuple[Signed, Verdict]]) -> Event | Result:
    signed, verdict = known.get((event.learner, event.id), (None, None))
    return answer_again(event.id, verdict) if verdict and signed == event.signed else event


def _check_sender(sender: Registered | None, learner: str) -> None:
    if sender is None:
        raise UnknownDevice()
    if sender.revoked:
        raise DeviceRevoked()
    if sender.learner != learner:
        raise WrongLearner()


def check_blob_call(session: Session, device: str, signature: str, content: str) -> str:
    """Check that a registered device signed a call about a file; return its learner."""
    sender = registered(session, [device]).get(device)
    _check_sender(sender, sender.learner if sender else "")
    if sender is None or not keys.verify_text(sender.key, signature, content.encode()):
        raise NotProven()
    return sender.learner


def apply_batch(session: Session, checked: Checked, store: SqlStore) -> list[Result]:
    """Apply checked events, each at most once. The caller opened the transaction and commits it.

    What they change is written together at the end. When the database refuses any of it, the caller rolls
    back and tries again with a `careful` store, where only the event that it refuses is put off.
    """
    reach("after_begin")
    store.load(checked.new, checked.devices, others(session, checked.new))
    note_seen(session, {event.device for event in checked.new}, store.at)
    fatal = is_transient if store.careful else is_database_fault
    return _engine(fatal).apply(store.owned(checked.events), store, milliseconds(store.at))


def wake_blob(session: Session, name: blobs.Name, terms: Terms, at: datetime) -> None:
    """Judge again what waited for a file that is here now."""
    store = SqlStore(session, terms, at, careful=True)
    store.lock({name.learner})
    waiting = store.held([name.learner], "blob_missing")
    ready = [one for one in waiting if any(blob.sha256 == name.sha256 for blob in one.event.blobs)]
    _engine(is_transient).wake(ready, store, milliseconds(at))


def end_holds(session: Session, terms: Terms, at: datetime, skip: int = 0) -> tuple[int, int]:
    """Decide events that were on hold for as long as they may be, oldest first, without what they waited for.

    Returns how many there were, at most AT_ONCE, and how many of these wait on: they build on one that is
    itself on hold. The next call skips those. A phone's batch and this take turns by the learners' locks.
    """
    ages = {"age": at - HOLD_ENDS, "review_age": at - REVIEW_ENDS, "skip": skip}
    keys = [(row.learner_id, row.id) for row in session.execute(_OVERDUE, ages)]
    store = SqlStore(session, terms, at, careful=True)
    _engine(is_transient).wake(_still_held(session, store, keys), store, milliseconds(at), overdue=True)
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
    _engine(is_transient).wake(_still_held(session, store, keys), store, milliseconds(at))
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


def forget_old(session: Session, at: datetime) -> int:
    """Forget what feeds need not say any more, of AT_ONCE feeds; say of how many, so that one may go on."""
    return feeds.forget(session, at - FEEDS_KEEP, AT_ONCE)


def _engine(fatal: Callable[[Exception], bool]) -> Engine[SqlStore]:
    return Engine(EFFECTS, fatal=fatal, on_fault=_note_fault)


def wake(store: SqlStore, waiting: Sequence[Known]) -> None:
    """Judge events on hold again; the learners' feeds tell what became of them."""
    _engine(is_transient).wake(waiting, store, milliseconds(store.at))


def is_database_fault(error: Exception) -> bool:
    return isinstance(error, DBAPIError)


def is_transient(error: Exception) -> bool:
    """Say whether the whole transaction failed and may succeed when it is tried again."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    locked = isinstance(error, OperationalError) and "locked" in str(error.orig)
    return state in _TRANSIENT or locked


def _note_fault(event: Event, error: Exception) -> None:
    _log.error("Event %s of type %s was put off", event.id, event.type, exc_info=error)


def answer(
    session: Session,
    batch: Batch,
    results: Sequence[Result],
    *,
    numbered: Mapping[str, int],
    owner: Registered | None,
    anchor_secret: bytes,
    at: datetime,
) -> Reply:
    """Write the reply: results, what is new in the learner's feed, holes, files wanted, a new anchor.

    A device without an `owner`, which is not registered, is told nothing of the learner whose id it names. One whose
    learner turned out to be another is told who, and asks for that feed next. `numbered` says how many rows each feed
    got by this batch.
    """
    learner = owner.learner if owner else batch.learner
    now, feed = milliseconds(at), learner_feed(learner)
    standing = session.execute(_STANDING, {"feed": feed, "device": batch.device, "learner": learner}).one()
    epoch = standing.epoch or ""
    wanted = blobs.wanted(session, learner) if owner and standing.wants_blobs else []
    before = (standing.ver or 0) - numbered.get(feed, 0)
    stranger = batch.epoch not in (None, epoch) or batch.cursors.get(feed, 0) > before
    holes = missing(session, batch.device) if standing.count != (standing.last or 0) else []
    return Reply(
        epoch=epoch,
        now=now,
        anchor=make_anchor(anchor_secret, batch.device, now, owner),
        results=results,
        feeds=_read_feeds(session, batch, feed, standing.ver or 0, reset=stranger) if owner else {},
        missing=[(batch.device, hole) for hole in holes],
        want_blobs=wanted,
        next_s=HURRY_S if wanted else CALM_S,
        learner=learner if learner != batch.learner else "",
    )


def _read_feeds(session: Session, batch: Batch, feed: str, newest: int, *, reset: bool) -> dict[str, Page]:
    """Read the only feed that a device's proof opens: its own learner's.

    It begins anew, with `reset`, for a phone that knows another history than ours: of another epoch, or further on
    than this feed ever was, because the database was put back without a word.
    """
    if feed not in batch.cursors:
        return {}
    cursor, limit = batch.cursors[feed], min(batch.limit, MAX_ROWS)
    if cursor >= newest and not reset:
        return {feed: Page([], cursor, more=False)}
    return {feed: feeds.read_page(session, feed, cursor, limit, reset=reset)}


def begin_epoch(session: Session, *, anew: bool = False) -> None:
    """Name this server's history, if it has no name yet; `anew` when it was restored: phones then send again
    what a later history had acknowledged."""
    statement = feeds.insert_into(session, ServerState).values(key="epoch", value=f"e{secrets.token_hex(6)}")
    if anew:
        new = {"value": statement.excluded.value}
        session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=new))
    else:
        session.execute(statement.on_conflict_do_nothing())


def missing(session: Session, device: str) -> list[tuple[int, int]]:
    """Return the holes in a device's chain, without those it declared lost."""
    chain = broken_chains(session, select(literal(device))).get(device)
    return chain.holes if chain else []
