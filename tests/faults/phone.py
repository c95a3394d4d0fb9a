"""A small phone: the reference client of `sync/README.md`, made to be broken step by step.

It speaks to nobody. `Seat.request` writes a request, `Tablet.receive` takes in an answer; whoever drives it
decides what happens between. Bugs replace single methods, so each method is one promise.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

DAY = 24 * 3_600_000
REPLAY = 30 * DAY
ASIDE = 6 * 3_600_000
PLACELESS = ("bad_signature", "device_revoked", "wrong_learner", "id_reuse", "malformed")


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def digest(payload: str) -> str:
    return b64(hashlib.sha256(payload.encode()).digest())


class Signer(Protocol):
    """Signs as one device."""

    def jwk(self) -> dict[str, str]: ...

    def sign(self, content: bytes) -> str: ...


class QuickSigner:
    """Signs in a microsecond, for worlds that check with `quick_verify`: the protocol, without the curve."""

    def __init__(self, name: str) -> None:
        self._x = b64(hashlib.sha256(f"x{name}".encode()).digest())

    def jwk(self) -> dict[str, str]:
        return {"kty": "EC", "crv": "P-256", "x": self._x, "y": self._x}

    def sign(self, content: bytes) -> str:
        return b64(hmac.digest(self._x.encode(), content, hashlib.sha512))


@dataclass(frozen=True, slots=True)
class Item:
    """An event on the phone. `acked_at` is None until the server keeps it: such items are the outbox."""

    id: str
    seq: int
    p: str
    s: str
    type: str
    body: Mapping[str, Any]
    recorded_at: int  # the phone's clock
    blobs: tuple[str, ...] = ()
    tv: int = 1
    needs: tuple[str, ...] = ()
    state: str = "saved"  # saved, hold, ok, rejected, replaced
    why: str = ""
    acked_at: int | None = None
    retry_at: int = 0
    laters: int = 0
    chokes: int = 0  # how often a batch with it made the server fail

    @property
    def waits(self) -> bool:
        return self.acked_at is None


@dataclass
class Flight:
    """A request on its way, as the phone remembers it."""

    learner: str
    device: str
    url: str
    raw: bytes
    headers: dict[str, str]
    ids: tuple[str, ...]


class Aborted(Exception):
    """The phone's own transaction was aborted: nothing of it is kept."""


@dataclass
class Seat:
    """One learner's place on a phone: its device row, outbox, journal, feed and cursor."""

    learner: str
    device: str
    signer: Signer
    seq: int = 0
    prev: str = ""
    items: dict[str, Item] = field(default_factory=dict)
    view: dict[str, Any] = field(default_factory=dict)
    cursor: int = 0
    epoch: str | None = None
    anchor: str | None = None
    contact_at: int = 0
    wants: tuple[str, ...] = ()
    more: bool = False
    batch: int = 50
    most: int = 50  # of a batch, while the server chokes on one event
    flight: Flight | None = None

    def copy(self) -> "Seat":
        return replace(self, items=dict(self.items), view=dict(self.view))

    # Recording

    def seal(self, fields: Mapping[str, Any]) -> tuple[str, str]:
        content = json.dumps(fields, separators=(",", ":")).encode()
        return b64(content), self.signer.sign(content)

    def envelope(self, id: str, type: str, body: Mapping[str, Any], wall: int, **more: Any) -> dict[str, Any]:
        at = {"wall": wall, "mono": 1.0, "boot": "b", "tz": 0, "anchor": self.anchor}
        return {
            "v": 1, "id": id, "learner": self.learner, "device": self.device, "seq": self.seq + 1, "prev": self.prev,
            "type": type, "tv": 1, "at": at, "body": dict(body), "blobs": [], "needs": [], **more,
        }  # fmt: skip

    def record(self, id: str, type: str, body: Mapping[str, Any], wall: int, **more: Any) -> Item:
        """Sign an event at the end of the chain and put it into the outbox."""
        fields = self.envelope(id, type, body, wall, **more)
        p, s = self.seal(fields)
        files = tuple(one["sha256"] for one in fields["blobs"])
        item = Item(id, self.seq + 1, p, s, type, body, wall, files, fields["tv"], tuple(fields["needs"]))
        self.items[id] = item
        self.seq, self.prev = item.seq, digest(p)
        return item

    # Sending

    def outbox(self) -> list[Item]:
        return sorted((one for one in self.items.values() if one.waits), key=lambda one: one.seq)

    def due(self, now: int) -> list[Item]:
        """What may be sent now; what the server put off does not hold up the rest."""
        return [one for one in self.outbox() if one.retry_at <= now]

    def request(self, now: int, limit: int) -> Flight:
        """Write and sign a request. Nothing leaves the outbox by that."""
        sent = self.due(now)[: min(self.batch, self.most)]
        batch = {
            "device": self.device, "learner": self.learner, "epoch": self.epoch,
            "events": [{"p": one.p, "s": one.s} for one in sent],
            "cursors": {f"learner:{self.learner}": self.cursor}, "limit": limit,
        }  # fmt: skip
        raw = json.dumps(batch).encode()
        headers = {"Sync-Proto": "1", "Sync-Signature": self.signer.sign(raw)}
        self.flight = Flight(
            self.learner, self.device, self.url(sent), raw, headers, tuple(one.id for one in sent)
        )
        return self.flight

    def url(self, sent: Sequence[Item]) -> str:
        return "/api/sync"

    # Taking in

    def refused(self, flight: Flight, status: int, code: str, now: int) -> None:
        """An answer about the whole batch: introduce ourselves again, or find the event that the server chokes on."""
        if status in (413, 500):
            self.halve(flight, status, now)
        if status == 401 and code == "unknown_device":
            for one in self.items.values():
                if one.type == "device.hello" and one.seq == 1:
                    self.items[one.id] = replace(one, acked_at=None, retry_at=0)

    def halve(self, flight: Flight, status: int, now: int) -> None:
        """Send half as much after the third time, until the one it chokes on stands alone and is set aside."""
        sent = [self.items[id] for id in flight.ids if id in self.items]
        tries = 1 + max((one.chokes for one in sent), default=0)
        found = len(sent) == 1 and tries >= 3
        for one in sent:
            aside = now + ASIDE if found else one.retry_at
            self.items[one.id] = replace(one, chokes=one.chokes + 1, retry_at=aside)
        if tries >= 3:
            self.most = max(1, len(sent) // 2)

    def take_in(
        self, flight: Flight, reply: Mapping[str, Any], now: int, new_id: Any, stop_at: int = 99
    ) -> None:
        """Take in a reply. With `stop_at` the transaction is aborted before that step."""
        steps = (
            lambda: self.notice_epoch(reply, now),
            lambda: self.take_results(flight, reply["results"], now, new_id),
            lambda: self.take_feed(reply["feeds"].get(f"learner:{self.learner}")),
            lambda: self.fill_holes(reply["missing"], now, new_id),
            lambda: self.note(reply, now),
        )
        before = self.copy()
        for number, step in enumerate(steps):
            if number == stop_at:
                self.roll_back(before)
                raise Aborted
            step()

    def roll_back(self, before: "Seat") -> None:
        for name in (
            "seq",
            "prev",
            "items",
            "view",
            "cursor",
            "epoch",
            "anchor",
            "contact_at",
            "wants",
            "more",
            "most",
        ):
            setattr(self, name, getattr(before, name))

    def notice_epoch(self, reply: Mapping[str, Any], now: int) -> None:
        """After a restore send again what was acknowledged in the 30 days before we last heard."""
        if self.epoch not in (None, reply["epoch"]):
            for one in self.items.values():
                if one.acked_at is not None and one.acked_at >= self.contact_at - REPLAY:
                    self.items[one.id] = replace(one, acked_at=None, retry_at=0)
            self.forget_feed()
        self.epoch = reply["epoch"]

    def forget_feed(self) -> None:
        """Another epoch numbers its feed anew: an old cursor would pass rows, also when no feed came this time."""
        self.view.clear()
        self.cursor = 0

    def take_results(
        self, flight: Flight, results: Sequence[Mapping[str, Any]], now: int, new_id: Any
    ) -> None:
        broken: list[tuple[Item, Mapping[str, Any]]] = []
        for id, result in zip(flight.ids, results, strict=True):
            item = self.items.get(id)
            if item is None:
                continue
            if not self.is_durable(result):
                self.put_off(item, result, now)
                continue
            self.acknowledge(item, result, now)
            if result.get("why") == "chain_broken" and item.state != "replaced":
                broken.append((self.items[id], result.get("effect") or {}))
        if broken:
            self.rebase(broken, now, new_id)

    def is_durable(self, result: Mapping[str, Any]) -> bool:
        return bool(result["durable"])

    def put_off(self, item: Item, result: Mapping[str, Any], now: int) -> None:
        """Wait as the server says; after three times set the event aside for six hours."""
        wait = ASIDE if item.laters >= 2 else result.get("retry_s", 60) * 1000
        self.items[item.id] = replace(item, laters=item.laters + 1, retry_at=now + wait, why=result["why"])

    def acknowledge(self, item: Item, result: Mapping[str, Any], now: int) -> None:
        state = result["verdict"] if result["state"] == "dup" else result["state"]
        if item.state == "replaced":
            state = "replaced"
        self.items[item.id] = replace(
            item, state=state, why=result.get("why", ""), acked_at=now, retry_at=0, laters=0
        )

    def rebase(self, broken: Sequence[tuple[Item, Mapping[str, Any]]], now: int, new_id: Any) -> None:
        """This phone was rolled back: go on from where the server has the chain, and say the same again."""
        ends = [(effect["seq"], effect["prev"]) for _, effect in broken if "seq" in effect]
        lost = {item.id for item, _ in broken}
        ends += [
            (one.seq, digest(one.p))
            for one in self.items.values()
            if one.id not in lost and one.why != "chain_broken" and one.state != "replaced"
        ]
        if ends:
            self.seq, self.prev = max(ends, key=lambda end: end[0])
        for item, _ in broken:
            self.items[item.id] = replace(item, acked_at=now, state="replaced", why="chain_broken")
            files = [{"sha256": one, "size": 9, "mime": "image/jpeg"} for one in item.blobs]
            more = {"tv": item.tv, "needs": list(item.needs), "blobs": files}
            self.record(new_id(self, item), item.type, item.body, item.recorded_at, **more)

    def take_feed(self, page: Mapping[str, Any] | None) -> None:
        if page is None:
            return
        if page.get("reset"):
            self.view.clear()
            self.ask_about_holds()
        self.apply_rows(page["rows"])
        self.cursor, self.more = page["next"], page["more"]

    def ask_about_holds(self) -> None:
        """How a hold ended may be among what the feed has forgotten; who sends it again is told."""
        for one in self.items.values():
            if one.state == "hold":
                self.items[one.id] = replace(one, acked_at=None, retry_at=0)

    def apply_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            if row["op"] == "del":
                self.view.pop(row["key"], None)
                continue
            self.view[row["key"]] = row["row"]
            if row["key"].startswith("verdict:"):
                self.take_verdict(row["row"])

    def take_verdict(self, row: Mapping[str, Any]) -> None:
        """A verdict in the feed heals a lost reply and ends a hold."""
        item = self.items.get(row["event"])
        if item is not None and item.state != "replaced":
            self.items[item.id] = replace(
                item, state=row["state"], why=row["why"], acked_at=item.acked_at or self.contact_at
            )

    def fill_holes(self, missing: Sequence[Mapping[str, Any]], now: int, new_id: Any) -> None:
        """Send again what the server misses, and declare what is not here any more."""
        here = {one.seq: one for one in self.items.values() if one.state != "replaced"}
        for hole in missing:
            lost: list[int] = []
            for seq in range(hole["seq"][0], hole["seq"][1] + 1):
                item = here.get(seq)
                if item is None or item.why in PLACELESS:
                    lost.append(seq)
                elif item.acked_at is not None:
                    self.items[item.id] = replace(item, acked_at=None, retry_at=0)
            self.declare(lost, now, new_id)

    def declare(self, lost: Sequence[int], now: int, new_id: Any) -> None:
        declared = [one.body["seq"] for one in self.items.values() if one.type == "event.lost" and one.waits]
        new = [seq for seq in lost if not any(first <= seq <= last for first, last in declared)]
        if new:
            body = {"device": self.device, "seq": [min(new), max(new)]}
            self.record(new_id(self, None), "event.lost", body, now)

    def note(self, reply: Mapping[str, Any], now: int) -> None:
        self.anchor, self.contact_at, self.most = reply["anchor"]["id"], now, 50
        self.wants = tuple(reply["want_blobs"])


@dataclass
class Tablet:
    """One browser with its learners. `files` are those handed in here, by their hash."""

    name: str
    seats: dict[str, Seat] = field(default_factory=dict)
    at_work: str = ""
    skew: int = 0
    files: dict[str, bytes] = field(default_factory=dict)

    def switch(self, learner: str) -> None:
        self.at_work = learner

    def seat_of(self, flight: Flight) -> Seat:
        return self.seats[flight.learner]

    def is_ours(self, status: int, headers: Mapping[str, str]) -> bool:
        """Only what carries the protocol's header is an answer of the server's."""
        return headers.get("Sync-Proto") == "1"

    def receive(
        self, flight: Flight, status: int, headers: Mapping[str, str], reply: Any, now: int, new_id: Any,
        stop_at: int = 99,
    ) -> None:  # fmt: skip
        seat = self.seat_of(flight)
        if seat.flight is not flight and self.seats[flight.learner].flight is not flight:
            return  # given up: nobody reads this answer any more
        self.seats[flight.learner].flight = None
        if not self.is_ours(status, headers):
            return
        if status != 200:
            seat.refused(flight, status, (reply or {}).get("code", ""), now)
            return
        with suppress(Aborted):
            seat.take_in(flight, reply, now, new_id, stop_at)
