"""The sync engine's store on the database: events, verdicts, places in chains, feeds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from server.accounts.devices import registered
from server.replicas import blobs, feeds
from server.replicas.anchors import read_anchor
from server.replicas.models import Event as EventRow
from sync.engine import Known, Later, Place
from sync.messages import Event, Row, Signed, Verdict
from sync.signatures import HELLO

_COLUMNS = (
    EventRow.learner_id, EventRow.id, EventRow.payload, EventRow.signature,
    EventRow.state, EventRow.why, EventRow.effect, EventRow.received_at,
)  # fmt: skip


def moment(at: int) -> datetime:
    """Turn a phone's milliseconds into a time."""
    return datetime.fromtimestamp(at / 1000, UTC)


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the server allows, from its settings, and the host that was asked."""

    host: str
    max_offline_ms: int
    max_blob_bytes: int
    anchor_secret: bytes


class SqlStore:
    """Keeps one batch's events. Reads everything it needs of the past in two queries, writes them in one."""

    def __init__(self, session: Session, terms: Terms, at: datetime) -> None:
        self.session, self.terms, self.at = session, terms, at
        self._known: dict[tuple[str, str], Known] = {}
        self._places: dict[tuple[str, int], str] = {}
        self._devices: set[str] = set()
        self._new: list[dict[str, Any]] = []

    def load(self, events: Sequence[Event]) -> None:
        """Lock the learners, then read what is stored around these events."""
        self._lock({event.learner for event in events})
        self._devices |= set(registered(self.session, {event.device for event in events}))
        self._load_known({(e.learner, id) for e in events for id in (e.id, *e.needs)})
        self._load_places({(e.device, e.seq + n) for e in events for n in (-1, 0, 1)})

    def _lock(self, learners: set[str]) -> None:
        """Let one transaction at a time work for a learner. SQLite has only one writer anyway."""
        if self.session.get_bind().dialect.name != "postgresql":
            return
        for number in sorted(int(learner.replace("-", ""), 16) % 2**63 for learner in learners):
            self.session.execute(select(func.pg_advisory_xact_lock(number)))

    def _load_known(self, keys: set[tuple[str, str]]) -> None:
        for learner in {learner for learner, _ in keys}:
            ids = sorted(id for one, id in keys if one == learner)
            query = select(*_COLUMNS).where(EventRow.learner_id == learner, EventRow.id.in_(ids))
            for row in self.session.execute(query):
                self._known[learner, row.id] = _read_known(row)

    def _load_places(self, places: set[tuple[str, int]]) -> None:
        if not places:
            return
        query = select(EventRow.device_id, EventRow.seq, EventRow.payload).where(
            tuple_(EventRow.device_id, EventRow.seq).in_(sorted(places))
        )
        self._places.update({(row.device_id, row.seq): row.payload for row in self.session.execute(query)})

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Open a savepoint; what we remember is undone with it."""
        before = self._known.copy(), self._places.copy(), self._devices.copy(), self._new.copy()
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            self._known, self._places, self._devices, self._new = before
            raise

    def known(self, learner: str, event_id: str) -> Known | None:
        return self._known.get((learner, event_id))

    def place(self, event: Event) -> Place:
        """Return what is around an event. Raises Later when its device has not been registered."""
        if event.type != HELLO and event.device not in self._devices:
            raise Later("unknown_device", 60)
        after = self._places.get((event.device, event.seq + 1))
        return Place(
            before=self._places.get((event.device, event.seq - 1)),
            here=(event.device, event.seq) in self._places,
            after_prev=Event.read(Signed(after, "")).prev if after else None,
        )

    def add(self, event: Event, verdict: Verdict, received_at: int) -> None:
        if event.type == HELLO and verdict.state == "ok":
            self._devices.add(event.device)
        if verdict.why == "blob_missing":
            blobs.expect(self.session, event, self.at)
        self._new.append(_write_row(event, verdict, received_at))
        self._known[event.learner, event.id] = Known(event, verdict, received_at)
        self._places[event.device, event.seq] = event.signed.p

    def decide(self, event: Event, verdict: Verdict) -> None:
        self.write_new()
        if verdict.why == "blob_missing":
            blobs.expect(self.session, event, self.at)
        self.session.execute(
            update(EventRow)
            .where(EventRow.learner_id == event.learner, EventRow.id == event.id)
            .values(state=verdict.state, why=verdict.why, effect=dict(verdict.effect)),
            execution_options={"synchronize_session": False},
        )
        received_at = self._known[event.learner, event.id].received_at
        self._known[event.learner, event.id] = Known(event, verdict, received_at)

    def held(self, learners: Iterable[str], why: str) -> Sequence[Known]:
        self.write_new()
        query = (
            select(*_COLUMNS)
            .where(EventRow.learner_id.in_(list(learners)), EventRow.state == "hold", EventRow.why == why)
            .order_by(EventRow.device_id, EventRow.seq)
        )
        found = [_read_known(row) for row in self.session.execute(query)]
        self._known.update({(one.event.learner, one.event.id): one for one in found})
        self._load_known(
            {(one.event.learner, id) for one in found for id in one.event.needs} - set(self._known)
        )
        return found

    def bump(self, rows: Mapping[str, Sequence[Row]]) -> None:
        self.session.flush()
        self.write_new()
        feeds.bump(self.session, rows, self.at)

    def write_new(self) -> None:
        """Insert the new events all at once; reading tells them from `known` until then."""
        if self._new:
            self.session.execute(insert(EventRow.__table__), self._new)  # type: ignore[arg-type]
            self._new = []

    def find_known(self, learner: str, event_id: str) -> Known | None:
        """Like `known`, for an event that nobody announced."""
        if (learner, event_id) not in self._known:
            self._load_known({(learner, event_id)})
        return self._known.get((learner, event_id))

    def anchor_at(self, event: Event) -> int | None:
        """Return the last moment of our clock that the phone knew before the event."""
        return read_anchor(self.terms.anchor_secret, event.device, event.at.anchor)


def _read_known(row: Any) -> Known:
    event = Event.read(Signed(row.payload, row.signature))
    return Known(event, Verdict(row.state, row.why, row.effect), milliseconds(row.received_at))


def _write_row(event: Event, verdict: Verdict, received_at: int) -> dict[str, Any]:
    return {
        "learner_id": event.learner,
        "id": event.id,
        "device_id": event.device,
        "seq": event.seq,
        "type": event.type,
        "payload": event.signed.p,
        "signature": event.signed.s,
        "state": verdict.state,
        "why": verdict.why,
        "effect": dict(verdict.effect),
        "happened_at": moment(event.at.wall),
        "received_at": moment(received_at),
    }
