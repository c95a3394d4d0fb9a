"""What `POST /api/sync` does: checks who signed, applies events once, answers with feeds and what is missing."""

import logging
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from server.accounts.devices import note_seen, registered
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.replicas import blobs, feeds, keys
from server.replicas.anchors import make_anchor
from server.replicas.effects import EFFECTS
from server.replicas.models import Event as EventRow
from server.replicas.models import ServerState
from server.replicas.store import SqlStore, Terms, milliseconds
from sync.engine import Engine, learner_feed
from sync.messages import MAX_ROWS, Batch, Event, Page, Reply, Result, Signed
from sync.signatures import Registered, announced, check_events, read_events

_log = logging.getLogger(__name__)
_TRANSIENT = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock not available
TRIES = 3
CALM_S, HURRY_S = 300, 30


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
    code = "wrong_learner"


class Checked:
    """A batch whose signatures were checked: events to apply, or what answers them already."""

    def __init__(self, events: Sequence[Event | Result], newcomers: int) -> None:
        self.events, self.newcomers = events, newcomers


def check_batch(session: Session, batch: Batch, raw: bytes, signature: str) -> Checked:
    """Check the request's signature and each event's. Opens no write transaction.

    Raises UnknownDevice, DeviceRevoked, WrongLearner or NotProven when the request itself may not be made.
    """
    events = read_events(batch.events)
    stored = registered(session, {batch.device} | {e.device for e in events if isinstance(e, Event)})
    new = {id: device for id, device in announced(events).items() if id not in stored}
    sender = stored.get(batch.device) or new.get(batch.device)
    _check_sender(sender, batch.learner)
    if sender is None or not keys.verify_text(sender.key, signature, raw):
        raise NotProven()
    return Checked(check_events(events, {**new, **stored}, keys.verify), len(new))


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


def apply_batch(
    session: Session, events: Sequence[Event | Result], terms: Terms, at: datetime
) -> list[Result]:
    """Apply checked events, each at most once. The caller opened the transaction and commits it."""
    if not read_epoch(session):
        begin_epoch(session)
    store = SqlStore(session, terms, at)
    ours = [event for event in events if isinstance(event, Event)]
    store.load(ours)
    results = _engine().apply(events, store, milliseconds(at))
    for device in {event.device for event in ours}:
        note_seen(session, device, at)
    return results


def wake_blob(session: Session, name: blobs.Name, terms: Terms, at: datetime) -> None:
    """Judge again what waited for a file that is here now."""
    store = SqlStore(session, terms, at)
    waiting = store.held([name.learner], "blob_missing")
    ready = [one for one in waiting if any(blob.sha256 == name.sha256 for blob in one.event.blobs)]
    _engine().wake(ready, store, milliseconds(at))


def _engine() -> Engine[SqlStore]:
    return Engine(EFFECTS, fatal=is_transient, on_fault=_note_fault)


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
    session: Session, batch: Batch, results: Sequence[Result], *, anchor_secret: bytes, at: datetime
) -> Reply:
    """Write the reply: results, what is new in the learner's feed, holes, files wanted, a new anchor."""
    now = milliseconds(at)
    epoch = read_epoch(session)
    wanted = blobs.wanted(session, batch.learner)
    return Reply(
        epoch=epoch,
        now=now,
        anchor=make_anchor(anchor_secret, batch.device, now),
        results=results,
        feeds=_read_feeds(session, batch, reset=batch.epoch not in (None, epoch)),
        missing=[(batch.device, hole) for hole in missing(session, batch.device)],
        want_blobs=wanted,
        next_s=HURRY_S if wanted else CALM_S,
    )


def _read_feeds(session: Session, batch: Batch, *, reset: bool) -> dict[str, Page]:
    """Read the only feed that a device's proof opens: its own learner's."""
    feed = learner_feed(batch.learner)
    if feed not in batch.cursors:
        return {}
    limit = min(batch.limit, MAX_ROWS)
    return {feed: feeds.read_page(session, feed, batch.cursors[feed], limit, reset=reset)}


def read_epoch(session: Session) -> str:
    """Return the name of this server's history; empty until the first write."""
    return session.scalar(select(ServerState.value).where(ServerState.key == "epoch")) or ""


def begin_epoch(session: Session) -> None:
    """Name this server's history, if it has no name yet."""
    row = {"key": "epoch", "value": f"e{secrets.token_hex(6)}"}
    session.execute(feeds.insert_into(session, ServerState).values(**row).on_conflict_do_nothing())


def missing(session: Session, device: str) -> list[tuple[int, int]]:
    """Return the holes in a device's chain, without those it declared lost."""
    count, last = session.execute(
        select(func.count(), func.max(EventRow.seq)).where(EventRow.device_id == device)
    ).one()
    if not count or count == last:
        return []
    seqs = session.scalars(select(EventRow.seq).where(EventRow.device_id == device).order_by(EventRow.seq))
    return _without(_holes(seqs), _declared_lost(session, device))


def _holes(seqs: Iterable[int]) -> list[tuple[int, int]]:
    holes, expected = [], 1
    for seq in seqs:
        if seq > expected:
            holes.append((expected, seq - 1))
        expected = seq + 1
    return holes


def _declared_lost(session: Session, device: str) -> list[tuple[int, int]]:
    query = select(EventRow.payload).where(
        EventRow.device_id == device, EventRow.type == "event.lost", EventRow.state == "ok"
    )
    bodies = (Event.read(Signed(payload, "")).body for payload in session.scalars(query))
    return [(body["seq"][0], body["seq"][1]) for body in bodies if body["device"] == device]


def _without(holes: list[tuple[int, int]], lost: list[tuple[int, int]]) -> list[tuple[int, int]]:
    for begin, end in lost:
        cut = [
            part
            for first, last in holes
            for part in ((first, min(last, begin - 1)), (max(first, end + 1), last))
        ]
        holes = [(first, last) for first, last in cut if first <= last]
    return holes
