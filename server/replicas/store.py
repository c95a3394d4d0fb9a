"""The sync engine's store on the database: events, verdicts, places in chains, feeds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from server.accounts.devices import registered
from server.accounts.learners import find_merged
from server.core.db import table
from server.core.failpoints import reach
from server.replicas import blobs, feeds
from server.replicas.anchors import is_owned, read_anchor
from server.replicas.locks import lock_learners
from server.replicas.models import HOLD, IN_CHAIN
from server.replicas.models import Event as EventRow
from server.replicas.moments import milliseconds, moment
from server.replicas.terms import Terms
from sync.engine import CHAIN_BROKEN, Known, Later, Place
from sync.messages import Event, Result, Row, Signed, Verdict, digest
from sync.signatures import HELLO, Registered

_events = table(EventRow).c
_KNOWN = select(
    _events.learner_id, _events.id, _events.payload, _events.signature,
    _events.state, _events.why, _events.effect, _events.received_at,
).where(_events.learner_id == bindparam("learner"))  # fmt: skip
_BY_ID = _KNOWN.where(_events.id.in_(bindparam("ids", expanding=True)))
_HELD = _KNOWN.where(_events.state == HOLD, _events.why == bindparam("why")).order_by(
    _events.device_id, _events.seq
)
_PLACES = select(_events.seq, _events.payload).where(
    _events.device_id == bindparam("device"),
    _events.seq.in_(bindparam("seqs", expanding=True)),
    IN_CHAIN,
)
_CHAIN_END = (
    select(_events.seq, _events.payload)
    .where(_events.device_id == bindparam("device"), IN_CHAIN)
    .order_by(_events.seq.desc())
    .limit(1)
)
_STRAYS = select(_events.payload).where(
    _events.learner_id == bindparam("learner"),  # strays have no place, so the index of places finds none
    _events.device_id == bindparam("device"),
    _events.seq == bindparam("seq"),
    _events.why == CHAIN_BROKEN,
)
_ADD = insert(table(EventRow))


class Part(Protocol):
    """What a domain remembers through a batch: read for all events at once, written for all at once."""

    def __init__(self, store: "SqlStore") -> None:
        """Begin a batch."""

    def expect(self, events: Sequence[Event]) -> None:
        """Learn what comes, so that one query can read for all."""

    def begin(self) -> None:
        """Begin the changes of one event: what is changed from now on can be undone."""

    def undo(self) -> None:
        """Forget the changes of this event."""

    def write(self) -> None:
        """Write what is not written yet."""

    def settle(self) -> None:
        """Write the changes of earlier events only; those of this event stay unwritten."""


P = TypeVar("P", bound=Part)


class SqlStore:
    """Keeps one batch's events: reads what it needs of the past at once, and writes at the end.

    An effect that only uses its domain's part changes nothing in the database until the whole batch is
    written, so undoing it costs nothing. One that asks for `session` gets a savepoint first. With `careful`
    every event has its own savepoint and is written at once: slow, but it finds the one that cannot be.
    """

    def __init__(self, session: Session, terms: Terms, at: datetime, *, careful: bool = False) -> None:
        self.terms, self.at, self.careful = terms, at, careful
        self._session, self._reader = session, session.connection()
        self._inside = False  # an event is in hand, with its savepoint once it needs one
        self._savepoint: SessionTransaction | None = None
        self._parts: dict[type[Part], Part] = {}
        self._expected: Sequence[Event] = ()
        self._known: dict[tuple[str, str], Known] = {}
        self._places: dict[tuple[str, int], str] = {}
        self._strays: set[str] = set()  # digests of this batch's events that do not fit their chain
        self._devices: set[str] = set()
        self._anchors: dict[tuple[str, str | None], int | None] = {}  # most events of a batch share one
        self._new: list[dict[str, Any]] = []
        self._merged: dict[str, str] = {}  # former ids of learners, and who they are by now
        self.numbered: Counter[str] = Counter()
        """How many rows this batch gave each feed."""
        self.locked: set[str] = set()
        """The learners for whom nobody else works until the transaction ends."""

    def load(self, events: Sequence[Event], devices: Set[str], others: Set[str] = frozenset()) -> None:
        """Lock the learners, and the others whom these events are about; then read what is stored around them.

        These devices are known to be.
        """
        self.lock({event.learner for event in events} | others)
        self._find_merged()
        self._expected = events = [one for one in self.owned(events) if isinstance(one, Event)]
        unsure = {event.device for event in events} - devices
        self._devices |= devices | set(registered(self._session, unsure) if unsure else ())
        self._load_known({(e.learner, id) for e in events for id in (e.id, *e.needs)})
        self._load_places({(e.device, e.seq + n) for e in events for n in (-1, 0, 1)})

    def lock(self, learners: Set[str]) -> None:
        """Let one transaction at a time work for a learner. SQLite has only one writer anyway."""
        lock_learners(self.reader, learners)
        self.locked |= learners

    def _find_merged(self) -> None:
        """Find who learners are by now, since their signatures were checked; while we wait for a lock that may change too."""
        self._merged = find_merged(self.reader, self.locked)
        while waited_for := set(self._merged.values()) - self.locked:
            self.lock(waited_for)
            self._merged = find_merged(self.reader, self.locked)

    def owned(self, events: Iterable[Event | Result]) -> Iterator[Event | Result]:
        """Give each event to whom it counts for by the time it is asked for: two learners may become one meanwhile."""
        for one in events:
            yield one.count_for(self._merged.get(one.learner, "")) if isinstance(one, Event) else one

    def merge(self, old: str, new: str) -> None:
        """Let what is one learner's be another's from here on; the caller has moved what is stored."""
        self._merged[old] = new
        self._known = {
            (new if learner == old else learner, id): replace(one, learner=new) if learner == old else one
            for (learner, id), one in self._known.items()
        }
        self._parts.clear()

    def is_first(self, event: Event) -> bool:
        """Say whether nothing new stands before an event in its batch."""
        return bool(self._expected) and self._expected[0].id == event.id

    def _load_known(self, keys: set[tuple[str, str]]) -> None:
        for learner in {learner for learner, _ in keys}:
            ids = sorted(id for one, id in keys if one == learner)
            for row in self.reader.execute(_BY_ID, {"learner": learner, "ids": ids}):
                self._known[learner, row.id] = _read_known(row)

    def _load_places(self, places: set[tuple[str, int]]) -> None:
        for device in {device for device, _ in places}:
            seqs = sorted(seq for one, seq in places if one == device)
            for row in self.reader.execute(_PLACES, {"device": device, "seqs": seqs}):
                self._places[device, row.seq] = row.payload

    @property
    def reader(self) -> Connection:
        """The session's connection, for reading tables. What parts have not written yet cannot be seen in it."""
        return self._reader

    @property
    def session(self) -> Session:
        """The session, for effects that write to it: their event gets a savepoint first."""
        if self._inside:
            if self._savepoint is None:
                self._open_savepoint()
            for part in self._parts.values():
                part.write()
        return self._session

    def _open_savepoint(self) -> None:
        for part in self._parts.values():
            part.settle()
        self._savepoint = self._session.begin_nested()
        self._session.connection()  # begins it now; without this the session waits for its own next statement

    def part(self, kind: type[P]) -> P:
        """Return a domain's part of this batch."""
        if kind not in self._parts:
            self._parts[kind] = kind(self)
            self._parts[kind].expect(self._expected)
        found: Any = self._parts[kind]
        return found  # type: ignore[no-any-return]

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Begin an event, whose changes an exception undoes; what we remember is undone with them."""
        before = self._copy()
        self._inside, self._savepoint = True, None
        for part in self._parts.values():
            part.begin()
        if self.careful:
            self._open_savepoint()
        try:
            yield
            if self.careful:
                self.write_all()
            if self._savepoint:
                self._savepoint.commit()
        except BaseException:
            if self._savepoint:
                self._savepoint.rollback()
            for part in self._parts.values():
                part.undo()
            self._known, self._places, self._strays, self._devices, self._new, self._merged = before
            raise
        finally:
            self._inside, self._savepoint = False, None

    def _copy(self) -> tuple[Any, ...]:
        remembered = (self._known, self._places, self._strays, self._devices, self._new, self._merged)
        return tuple(one.copy() for one in remembered)

    def known(self, learner: str, event_id: str) -> Known | None:
        return self._known.get((learner, event_id))

    def place(self, event: Event) -> Place:
        """Return what is around an event. Raises Later when its device has not been registered."""
        if event.type != HELLO and event.device not in self._devices:
            raise Later("unknown_device", 60)
        before = self._places.get((event.device, event.seq - 1))
        after = self._places.get((event.device, event.seq + 1))
        return Place(
            before=before,
            here=(event.device, event.seq) in self._places,
            after_prev=Event.read(Signed(after, "")).prev if after else None,
            strays=before is None and event.seq > 1 and self._follows_a_stray(event),
        )

    def _follows_a_stray(self, event: Event) -> bool:
        """Say whether the event before it is one that did not fit. Asks only when there is a hole before it."""
        if event.prev in self._strays:
            return True
        place = {"learner": event.learner, "device": event.device, "seq": event.seq - 1}
        return any(digest(one) == event.prev for one in self.reader.execute(_STRAYS, place).scalars())

    def chain_end(self, device: str) -> tuple[int, str]:
        stored = self.reader.execute(_CHAIN_END, {"device": device}).one_or_none()
        here = [(seq, payload) for (one, seq), payload in self._places.items() if one == device]
        return max([*here, (stored.seq, stored.payload) if stored else (0, "")])

    def add(self, event: Event, verdict: Verdict, received_at: int) -> None:
        """Store a new event. Raises Later when its device is not registered: it would belong to nobody."""
        if event.type == HELLO and verdict.state == "ok":
            self._devices.add(event.device)
        if event.device not in self._devices:
            raise Later("unknown_device", 60)
        if verdict.why == "blob_missing":
            blobs.expect(self.session, event, self.at)
        self._new.append(_write_row(event, verdict, received_at))
        self._known[event.learner, event.id] = Known(event.signed, verdict, received_at, event.learner)
        if verdict.why == CHAIN_BROKEN:
            self._strays.add(digest(event.signed.p))
        else:
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
        before = self._known[event.learner, event.id]
        self._known[event.learner, event.id] = replace(before, verdict=verdict)

    def held(self, learners: Iterable[str], why: str) -> Sequence[Known]:
        self.write_new()
        found: dict[tuple[str, str], Known] = {}
        for learner in learners:
            for row in self.reader.execute(_HELD, {"learner": learner, "why": why}):
                found[learner, row.id] = _read_known(row)
        self._known.update(found)
        self._load_needed(found)
        return list(found.values())

    def read_events(self, keys: Iterable[tuple[str, str]]) -> list[Event]:
        """Read events (learner, id), which never change, without locking anybody."""
        ids: dict[str, set[str]] = {}
        for learner, id in keys:
            ids.setdefault(learner, set()).add(id)
        queries = ({"learner": learner, "ids": sorted(ids[learner])} for learner in ids)
        return [_read_known(row).event for one in queries for row in self.reader.execute(_BY_ID, one)]

    def still_held(self, keys: Sequence[tuple[str, str]]) -> Sequence[Known]:
        """Lock the learners of these events (learner, id), then return those that are on hold, in this order."""
        self.lock({learner for learner, _ in keys})
        self._load_known(set(keys))
        known = {key: self._known[key] for key in keys if key in self._known}
        held = {key: one for key, one in known.items() if one.verdict.state == "hold"}
        self._load_needed(held)
        return list(held.values())

    def _load_needed(self, held: Mapping[tuple[str, str], Known]) -> None:
        needed = {(learner, id) for (learner, _), one in held.items() for id in one.event.needs}
        self._load_known(needed - set(self._known))

    def bump(self, rows: Mapping[str, Sequence[Row]]) -> None:
        self.write_all()
        reach("before_bump")
        feeds.bump(self._session, rows, self.at)
        self.numbered.update({feed: len(rows[feed]) for feed in rows})

    def write_all(self) -> None:
        """Write what the session, the parts and we hold back."""
        self._session.flush()
        for part in self._parts.values():
            part.write()
        self.write_new()

    def write_new(self) -> None:
        """Insert the new events all at once; reading tells them from `known` until then."""
        if self._new:
            self.session.connection().execute(_ADD, self._new)
            self._new = []
            reach("after_event_insert")

    def find_known(self, learner: str, event_id: str) -> Known | None:
        """Like `known`, for an event that nobody announced."""
        if (learner, event_id) not in self._known:
            self._load_known({(learner, event_id)})
        return self._known.get((learner, event_id))

    def anchor_at(self, event: Event) -> int | None:
        """Return the last moment of our clock that the phone knew before the event."""
        key = event.device, event.at.anchor
        if key not in self._anchors:
            self._anchors[key] = read_anchor(self.terms.anchor_secrets, *key)
        return self._anchors[key]

    def was_registered(self, device: str, owner: Registered) -> bool:
        """Say whether events of this batch prove that we had registered a device, though we do not remember it."""
        return any(
            is_owned(self.terms.anchor_secrets, device, one.at.anchor, owner)
            for one in self._expected
            if one.device == device
        )


def _read_known(row: Any) -> Known:
    signed = Signed(row.payload, row.signature)
    verdict = Verdict(row.state, row.why, row.effect)
    return Known(signed, verdict, milliseconds(row.received_at), row.learner_id)


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
