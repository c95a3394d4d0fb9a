"""A server in memory around the real engine: transactions with locks that can stay open, lose, crash and be restored.

`open` does all of a batch but the commit, `commit` ends it. What another open transaction has locked is `Busy`:
the request waits on the wire. Bugs replace single functions, so each function is one promise.
"""

import copy
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256, sha512
from typing import Any

from server.replicas.anchors import make_anchor, read_anchor
from sync.engine import CHAIN_BROKEN, Engine, Held, Known, Later, Place, Refused, Work
from sync.messages import Batch, Event, Row, Signed, Verdict, decode
from sync.signatures import Key, Registered, announced, check_events, read_events, read_key
from sync.times import Window, judge_time
from sync.upcast import upcast
from tests.faults.facts import Award, CheckIn, Facts, Stored
from tests.faults.phone import DAY, Flight
from tests.sync.memory import MemoryStore

SECRET = b"anchor secret"
MAX_OFFLINE = 3 * DAY
TABLES = (
    "events", "places", "rows", "heads", "check_ins", "evidence", "awards", "taken", "blobs", "wanted", "devices",
    "decisions", "invitations", "withdrawn", "parts", "ages", "floors",
)  # fmt: skip
HOLD_DAYS, REVIEW_DAYS, FEED_DAYS = 5, 30, 180


class Busy(Exception):
    """Another transaction holds a lock that this one needs."""


class Conflict(Exception):
    """A unique index says no at the commit."""


@dataclass(frozen=True)
class Code:
    """A place's code: with a capacity, a window, or an organiser who says who came."""

    name: str
    proof: str
    cap: int | None = None
    window: Window = field(default_factory=Window)
    confirm: bool = False


@cache
def read(p: str, s: str) -> Event:
    return Event.read(Signed(p, s))


def quick_verify(key: Key, signature: bytes, content: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(key.x.encode(), content, sha512), signature)


class ModelStore(MemoryStore):
    """The engine's store with the tables of a small city. Values are never changed in place."""

    def __init__(self, codes: Mapping[str, Code]) -> None:
        super().__init__()
        self.codes = codes
        self.rows: dict[tuple[str, str], tuple[int, Mapping[str, Any] | None]] = {}
        self.check_ins: dict[Any, CheckIn] = {}
        self.evidence: dict[str, tuple[str, str]] = {}  # learner → event, file
        self.awards: dict[Any, Award] = {}
        self.taken: dict[str, int] = {}
        self.blobs: dict[tuple[str, str], bytes] = {}
        self.wanted: dict[tuple[str, str], bool] = {}
        self.devices: dict[str, Registered] = {}
        self.decisions: dict[tuple[str, str], str] = {}
        self.invitations: dict[str, tuple[str, int, str]] = {}
        self.withdrawn: dict[tuple[str, str], bool] = {}
        self.parts: dict[tuple[str, str], bytes] = {}  # of files that are not whole
        self.ages: dict[tuple[str, str], int] = {}  # when a feed row was written
        self.floors: dict[str, int] = {}  # rows of a feed up to here may be forgotten
        self.now = 0
        self.locks: set[str] = set()
        self.theirs: set[str] = set()  # locks of other open transactions

    def clone(self) -> "ModelStore":
        other = copy.copy(self)
        for name in TABLES:
            setattr(other, name, dict(getattr(self, name)))
        other.locks, other.theirs = set(), set()
        return other

    def savepoint(self) -> Any:
        return _Savepoint(self)

    def lock(self, name: str) -> None:
        if name in self.theirs:
            raise Busy(name)
        self.locks.add(name)

    def known(self, learner: str, event_id: str) -> Known | None:
        return self.events.get(scope(learner, event_id))

    def add(self, event: Event, verdict: Verdict, received_at: int) -> None:
        self.events[scope(event.learner, event.id)] = Known(event.signed, verdict, received_at)
        if verdict.why != CHAIN_BROKEN:
            take_seat(self, event)
        if verdict.why == "blob_missing":
            for one in event.blobs:
                self.wanted[event.learner, one.sha256] = True

    def decide(self, event: Event, verdict: Verdict) -> None:
        key = scope(event.learner, event.id)
        self.events[key] = Known(event.signed, verdict, self.events[key].received_at)

    def place(self, event: Event) -> Place:
        if event.type != "device.hello" and event.device not in self.devices:
            raise Later("unknown_device", 60)
        return super().place(event)

    def held(self, learners: Iterable[str], why: str) -> Sequence[Known]:
        wanted = set(learners)
        found = [one for (learner, _), one in self.events.items() if learner in wanted and is_held(one, why)]
        return sorted(found, key=lambda one: (read_known(one).device, read_known(one).seq))

    def bump(self, rows: Mapping[str, Sequence[Row]]) -> None:
        for feed in sorted(rows):
            if rows[feed]:
                number_rows(self, feed, rows[feed])


class _Savepoint:
    def __init__(self, store: ModelStore) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._before = {name: dict(getattr(self._store, name)) for name in TABLES}

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            for name, content in self._before.items():
                setattr(self._store, name, content)


def read_known(known: Known) -> Event:
    return read(known.signed.p, known.signed.s)


def is_held(known: Known, why: str) -> bool:
    return known.verdict.state == "hold" and known.verdict.why == why


def scope(learner: str, event_id: str) -> tuple[str, str]:
    """An event's key: ids count per learner."""
    return learner, event_id


def take_seat(store: ModelStore, event: Event) -> None:
    """Take the event's place in its device's chain."""
    store.places[event.device, event.seq] = event


def number_rows(store: ModelStore, feed: str, rows: Sequence[Row]) -> None:
    """Take the feed's lock until the commit, then count on from its head."""
    store.lock(f"feed {feed}")
    for row in rows:
        store.heads[feed] = store.heads.get(feed, 0) + 1
        store.rows[feed, row.key] = (store.heads[feed], row.row)
        store.ages[feed, row.key] = store.now


# Effects: a city with a mill, a badge, and things that go wrong


def natural_key(work: Work[ModelStore], activity: str) -> Any:
    return work.event.learner, activity


def award_key(work: Work[ModelStore], achievement: str) -> Any:
    return work.event.learner, achievement


def take_place(store: ModelStore, code: Code) -> None:
    """One conditional update, which locks the row: nobody counts what others are about to take."""
    store.lock(f"code {code.name}")
    if store.taken.get(code.name, 0) >= (code.cap or 0):
        raise Refused("used_up")
    store.taken[code.name] = store.taken.get(code.name, 0) + 1


def give_back(store: ModelStore, activity: str) -> None:
    if store.codes[activity].cap is not None:
        store.lock(f"code {activity}")
        store.taken[activity] = store.taken.get(activity, 0) - 1


def anchor_of(event: Event) -> int | None:
    return read_anchor([SECRET], event.device, event.at.anchor)


def judge(work: Work[ModelStore], window: Window) -> Any:
    return judge_time(
        window, anchor_at=anchor_of(work.event), received_at=work.received_at, wall=work.event.at.wall,
        max_offline=MAX_OFFLINE,
    )  # fmt: skip


def hello(work: Work[ModelStore]) -> Mapping[str, Any]:
    event, store = work.event, work.store
    key = read_key(event)
    assert key is not None
    if event.device not in store.devices:
        if "invite" in event.body or any(one.learner == event.learner for one in store.devices.values()):
            _use_invitation(work)
        store.devices[event.device] = Registered(event.learner, key)
    return {}


def _use_invitation(work: Work[ModelStore]) -> None:
    secret = str(work.event.body.get("invite", ""))
    name = sha256(secret.encode()).hexdigest()
    learner, until, device = work.store.invitations.get(name, ("", 0, ""))
    if learner != work.event.learner or device not in ("", work.event.device):
        raise Later("learner_taken", 60)
    work.store.invitations[name] = (learner, until, work.event.device)


def invite(work: Work[ModelStore]) -> Mapping[str, Any]:
    name = str(work.event.body["invite"])
    if name not in work.store.invitations:
        work.store.invitations[name] = (work.event.learner, int(work.event.body["until"]), "")
    return {}


def scan(work: Work[ModelStore]) -> Mapping[str, Any]:
    event, store = work.event, work.store
    code = store.codes.get(str(event.body.get("point")))
    if code is None or event.body.get("proof") != code.proof:
        raise Refused("unknown_code")
    when = judge(work, code.window)
    if when.state == "rejected":
        raise Refused("window_closed")
    unconfirmed = code.confirm and not _confirmed(work)
    key = natural_key(work, code.name)
    if key in store.check_ins:
        return {"activity": code.name, "already": True}
    if code.cap is not None:
        take_place(store, code)
    store.check_ins[key] = CheckIn(event.learner, code.name, event.id, when.state, when.at)
    work.put(f"checkin:{code.name}", {"activity": code.name, "time": when.state, "event": event.id})
    settle(work)
    return {"activity": code.name, **({"unconfirmed": True} if unconfirmed else {})}


def _confirmed(work: Work[ModelStore]) -> bool:
    """Wait for the organiser's word; when it never comes the check-in counts at its honest level."""
    word = word_on(work.store, work.event)
    if word == "declined":
        raise Refused("not_confirmed")
    if word is None and not overdue(work):
        raise Held("organiser")
    return word is not None


def overdue(work: Work[ModelStore]) -> bool:
    return work.overdue


def submit(work: Work[ModelStore]) -> Mapping[str, Any]:
    body, store, learner = read_newest(work.event), work.store, work.event.learner
    if body["task"] == "text":
        return review(work)
    for name in body["files"]:
        if not is_here(store, learner, name):
            raise Held("blob_missing", blob=name)
    store.evidence[learner] = (work.event.id, work.event.blobs[0].sha256)
    work.put("task:photo", {"state": "received", "event": work.event.id})
    settle(work)
    return {"state": "received"}


def read_newest(event: Event) -> Mapping[str, Any]:
    """Read a body in its newest version, whatever version the phone speaks."""
    return upcast(event).body


def review(work: Work[ModelStore]) -> Mapping[str, Any]:
    """Let an organiser look at a text; it earns something once they accept it, or nobody looked for long."""
    event, store = work.event, work.store
    word = word_on(store, event)
    if word is None and not overdue(work):
        raise Held("review")
    work.put("task:text", {"state": word or "received", "event": event.id})
    key = award_key(work, "writer")
    if word in (None, "accepted") and key not in store.awards:
        store.awards[key] = Award(event.learner, "writer", (event.id,))
        work.put("award:writer", {"proofs": [event.id]})
    return {"state": word or "received"}


def word_on(store: ModelStore, event: Event) -> str | None:
    """Return what an organiser said of an event."""
    return store.decisions.get((event.learner, event.id))


def is_here(store: ModelStore, learner: str, name: str) -> bool:
    return (learner, name) in store.blobs


def settle(work: Work[ModelStore]) -> None:
    """Award the badge to who was at the mill and handed in a photo."""
    store, learner = work.store, work.event.learner
    been = next(
        (one for one in store.check_ins.values() if (one.learner, one.activity) == (learner, "mill")), None
    )
    handed = evidence_of(store, learner)
    key = award_key(work, "explorer")
    if been and handed and key not in store.awards:
        store.awards[key] = Award(learner, "explorer", (been.event, handed[0]))
        work.put("award:explorer", {"proofs": [been.event, handed[0]]})


def evidence_of(store: ModelStore, learner: str) -> tuple[str, str] | None:
    return store.evidence.get(learner)


def withdraw(work: Work[ModelStore]) -> Mapping[str, Any]:
    learner, target, store = work.event.learner, str(work.event.body["event"]), work.store
    known = store.known(learner, target)
    if known is None:
        raise Refused("unknown_event")
    if any(target in one.proofs for one in store.awards.values() if one.learner == learner):
        raise Refused("completed")
    if known.verdict.state == "hold":
        store.decide(read_known(known), Verdict("rejected", "withdrawn"))
        row = {"event": target, "state": "rejected", "why": "withdrawn", "effect": {}}
        work.put(f"verdict:{target}", row)
    for key, one in list(store.check_ins.items()):
        if (one.learner, one.event) == (learner, target):
            del store.check_ins[key]
            give_back(store, one.activity)
            work.drop(f"checkin:{one.activity}")
    if store.evidence.get(learner, ("", ""))[0] == target:
        del store.evidence[learner]
        work.drop("task:photo")
    store.withdrawn[learner, target] = True
    return {"event": target}


def lost(work: Work[ModelStore]) -> Mapping[str, Any]:
    return {}


def poison(work: Work[ModelStore]) -> Mapping[str, Any]:
    work.store.check_ins["poison"] = CheckIn(work.event.learner, "poison", work.event.id, "", 0)
    raise ZeroDivisionError


EFFECTS = {
    "device.hello": hello, "device.invite": invite, "checkin.scan": scan, "evidence.submit": submit,
    "event.withdraw": withdraw, "event.lost": lost, "poison.take": poison,
}  # fmt: skip


# The server itself


@dataclass
class Answer:
    """What goes back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass
class Open:
    """A transaction that is open: what it will have changed, and what was there before."""

    store: ModelStore
    before: ModelStore
    batch: Batch | None = None
    results: Sequence[Any] = ()


OURS = {"Sync-Proto": "1"}


class ModelServer:
    """One city's server. `now` is the true time."""

    def __init__(self, codes: Mapping[str, Code], hear: Callable[[str], None]) -> None:
        self.state = ModelStore(codes)
        self.epoch, self.epochs = "e1", 1
        self.open_ones: list[Open] = []
        self.hear = hear  # the server's log

    def begin(self, now: int = 0) -> Open:
        store = self.state.clone()
        store.now = now
        store.theirs = {name for one in self.open_ones for name in one.store.locks}
        return Open(store, self.state.clone())

    def open(self, flight: Flight, now: int) -> Open | Answer:
        """Do all of a batch but the commit. Raises Busy."""
        self.hear(f"POST {flight.url}")
        batch = Batch.from_bytes(flight.raw)
        tx = self.begin(now)
        checked = self.check(tx.store, batch, flight)
        if isinstance(checked, Answer):
            return checked
        for learner in sorted({one.learner for one in checked if isinstance(one, Event)}):
            tx.store.lock(f"learner {learner}")
        results = self.engine().apply(checked, tx.store, now)
        tx.batch, tx.results = batch, results
        self.open_ones.append(tx)
        return tx

    def check(self, store: ModelStore, batch: Batch, flight: Flight) -> list[Any] | Answer:
        events = read_events(batch.events)
        new = {id: one for id, one in announced(events).items() if id not in store.devices}
        devices = {**new, **store.devices}
        sender = devices.get(batch.device)
        if sender is None:
            return Answer(401, OURS, {"code": "unknown_device"})
        if sender.learner != batch.learner or not quick_verify(
            sender.key, decode(flight.headers["Sync-Signature"]), flight.raw
        ):
            return Answer(401, OURS, {"code": "bad_signature"})
        return self.checked(events, devices)

    def checked(self, events: Sequence[Any], devices: Mapping[str, Registered]) -> list[Any]:
        return check_events(events, devices, quick_verify)

    def engine(self) -> Engine[ModelStore]:
        return Engine(
            EFFECTS,
            fatal=lambda error: isinstance(error, Busy),
            on_fault=lambda event, error: self.hear(f"{event.id} was put off: {type(error).__name__}"),
        )

    def commit(self, tx: Open, now: int) -> Answer | None:
        """Commit and answer; None when the transaction lost against another one."""
        self.open_ones.remove(tx)
        try:
            self.state = merge(self.state, tx)
        except Conflict:
            return None
        return self.answer(tx, now) if tx.batch else None

    def roll_back(self, tx: Open) -> None:
        self.open_ones.remove(tx)

    def answer(self, tx: Open, now: int) -> Answer:
        batch, store = tx.batch, self.state
        assert batch is not None
        feed = f"learner:{batch.learner}"
        body = {
            "epoch": self.epoch, "now": now, "anchor": make_anchor(SECRET, batch.device, now),
            "results": [one.to_json() for one in tx.results],
            "feeds": {feed: self.page(feed, batch)} if batch.device in store.devices else {},
            "missing": [{"device": batch.device, "seq": list(hole)} for hole in missing(store, batch.device)],
            "want_blobs": [name for learner, name in store.wanted if learner == batch.learner],
            "next_s": 300,
        }  # fmt: skip
        return Answer(200, OURS, body)

    def page(self, feed: str, batch: Batch) -> dict[str, Any]:
        reset = batch.epoch not in (None, self.epoch) or self.is_too_old(feed, batch.cursors.get(feed, 0))
        cursor, floor = 0 if reset else batch.cursors.get(feed, 0), self.state.floors.get(feed, 0)
        rows = sorted((ver, key, row) for (one, key), (ver, row) in self.state.rows.items() if one == feed and ver > cursor)  # fmt: skip
        found = rows[: max(batch.limit, sum(ver <= floor for ver, _, _ in rows))]
        out = [
            {"ver": v, "key": k, "op": "del"} if r is None else {"ver": v, "key": k, "op": "put", "row": r}
            for v, k, r in found
        ]
        last = max(found[-1][0] if found else cursor, floor)
        page = {"rows": out, "next": last, "more": len(rows) > len(found)}
        return {**page, "reset": True} if reset else page

    def is_too_old(self, feed: str, cursor: int) -> bool:
        """Has a reader that stands there missed what was forgotten?"""
        return 0 < cursor < self.state.floors.get(feed, 0)

    def forget(self, now: int) -> None:
        """The clock's job: what a feed need not say any more is forgotten."""
        assert not self.open_ones
        store = self.state = self.state.clone()
        for (feed, key), (ver, row) in list(store.rows.items()):
            final = key.startswith("verdict:") and row is not None and row["state"] in ("ok", "rejected")
            if (row is None or final) and store.ages[feed, key] < now - FEED_DAYS * DAY:
                del store.rows[feed, key], store.ages[feed, key]
                store.floors[feed] = max(ver, store.floors.get(feed, 0))

    def wake(self, change: Callable[[ModelStore], None], learner: str, why: str, now: int) -> Open:
        """Open a transaction that changes something and judges again what waited for it. Takes no learner's lock."""
        tx = self.begin(now)
        change(tx.store)
        self.engine().wake(list(tx.store.held([learner], why)), tx.store, now)
        self.open_ones.append(tx)
        return tx

    def upload(self, learner: str, name: str, content: bytes, now: int) -> Open | None:
        """Take a file; None when its hash is wrong."""
        if not is_intact(name, content):
            return None

        def keep(store: ModelStore) -> None:
            store.blobs[learner, name] = content
            store.wanted.pop((learner, name), None)

        return self.wake(keep, learner, "blob_missing", now)

    def upload_piece(self, learner: str, name: str, content: bytes, most: int, now: int) -> Open | None:
        """Take the next bytes of a file, `most` of them; the last piece makes it whole."""
        here = self.state.parts.get((learner, name), b"")
        joined = here + content[len(here) : len(here) + most]
        if len(joined) == len(content):
            return self.upload(learner, name, joined, now)
        tx = self.begin(now)
        tx.store.parts[learner, name] = joined
        self.open_ones.append(tx)
        return tx

    def decide(self, learner: str, event: str, word: str, now: int) -> Open:
        def keep(store: ModelStore) -> None:
            store.decisions[learner, event] = word

        known = self.state.known(learner, event)
        return self.wake(keep, learner, known.verdict.why if known else "", now)

    def end_holds(self, now: int) -> None:
        """The clock's job: what has been on hold for too long is decided."""
        assert not self.open_ones
        tx = self.begin(now)
        old = [one for one in tx.store.events.values() if is_old(one, now)]
        self.engine().wake(old, tx.store, now, overdue=True)
        self.open_ones.append(tx)
        self.commit(tx, now)

    def facts(self) -> Facts:
        """Tell everything that is committed."""
        store = self.state
        events = {
            (event.learner, event.id): Stored(
                event, known.verdict.state, known.verdict.why, known.received_at
            )
            for known in store.events.values()
            for event in [read_known(known)]
        }
        feeds: dict[str, dict[str, tuple[int, Any]]] = {}
        for (feed, key), row in store.rows.items():
            feeds.setdefault(feed, {})[key] = row
        return Facts(
            events=events,
            feeds=feeds,
            heads=dict(store.heads),
            check_ins=list(store.check_ins.values()),
            awards=list(store.awards.values()),
            evidence={event for event, _ in store.evidence.values()},
            withdrawn=set(store.withdrawn),
            turned_down={key for key, word in store.decisions.items() if word != "accepted"},
            floors=dict(store.floors),
            files={key for key, content in store.blobs.items() if is_intact(key[1], content)},
            caps={code.name: code.cap for code in store.codes.values() if code.cap is not None},
            devices={id: (one.learner, one.key) for id, one in store.devices.items()},
            missing={id: missing(store, id) for id in store.devices},
            verify=quick_verify,
        )

    def restore(self, snapshot: ModelStore) -> None:
        self.open_ones.clear()
        self.state = snapshot.clone()
        self.epochs += 1
        self.epoch = f"e{self.epochs}"


def is_old(known: Known, now: int) -> bool:
    days = REVIEW_DAYS if known.verdict.why == "review" else HOLD_DAYS
    return known.verdict.state == "hold" and now - known.received_at >= days * DAY


def is_intact(name: str, content: bytes) -> bool:
    return sha256(content).hexdigest() == name


def merge(state: ModelStore, tx: Open) -> ModelStore:
    """Put a transaction's changes into what is committed. Raises Conflict where an index is unique."""
    after = state.clone()
    for name in TABLES:
        base, new, out = getattr(tx.before, name), getattr(tx.store, name), getattr(after, name)
        for key, value in new.items():
            if key in base and base[key] is value:
                continue
            if name in UNIQUE and key not in base and key in out:
                raise Conflict(name)
            out[key] = value
        for key in base.keys() - new.keys():
            out.pop(key, None)
    return after


UNIQUE = ("events", "places", "check_ins", "awards", "devices")


def missing(store: ModelStore, device: str) -> list[tuple[int, int]]:
    """Return the holes in a device's chain, without those declared lost."""
    seqs = {seq for one, seq in store.places if one == device}
    gone = declared_lost(store, device)
    holes: list[tuple[int, int]] = []
    for seq in range(1, max(seqs, default=0)):
        if seq in seqs or seq in gone:
            continue
        if holes and holes[-1][1] == seq - 1:
            holes[-1] = holes[-1][0], seq
        else:
            holes.append((seq, seq))
    return holes


def declared_lost(store: ModelStore, device: str) -> set[int]:
    found: set[int] = set()
    for known in store.events.values():
        event = read_known(known)
        if (event.device, event.type, known.verdict.state) == (device, "event.lost", "ok"):
            first, last = event.body["seq"]
            found |= set(range(first, last + 1))
    return found
