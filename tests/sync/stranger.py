"""A client of Sync 1, written from `sync/README.md`, its schema and vectors alone: it imports nothing of ours."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate
from secrets import randbits
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

Json = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]  # status, headers (names in lower case), body
Transport = Callable[[str, str, dict[str, str], bytes], Answer]  # a broken connection is a ConnectionError
Clock = Callable[[], float]  # seconds since 1970
MIB, MOST_EVENTS, MOST_BYTES, KEPT_S = 1 << 20, 50, 262_144 - 1_024, 30 * 86_400


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(text: str) -> str:
    return b64(sha256(text.encode()).digest())


def uuid7(now: float) -> str:
    return str(UUID(int=int(now * 1000) << 80 | 7 << 76 | randbits(12) << 64 | 2 << 62 | randbits(62)))


@dataclass(eq=False)
class Item:
    event: Json
    p: str
    s: str
    result: Json = field(default_factory=dict)
    acked: float | None = None  # when the server kept it
    retry_at: float = 0


class Client:
    def __init__(self, send: Transport, clock: Clock = time.time, learner: str = "", secret: str = ""):
        self.send, self.clock, self.key = send, clock, ec.generate_private_key(ec.SECP256R1())
        self.device, self.learner, self.boot = uuid7(clock()), learner or uuid7(clock()), uuid7(clock())
        self.items: dict[str, Item] = {}
        self.files: dict[str, tuple[str, bytes]] = {}  # kind and bytes by SHA-256
        self.view: dict[str, Json] = {}
        self.end, self.epoch, self.anchor, self.trouble = (0, ""), None, None, ""
        self.cursor, self.size, self.pause, self.heard = 0, MOST_EVENTS, 0.0, 0.0
        self.lost, self.renamed = set[int](), dict[str, str]()
        self.introduce(secret)

    def introduce(self, secret: str = "") -> None:
        """Say hello; once more, with a new secret, when an invitation has run out."""
        point = self.key.public_key().public_numbers()
        key = {"kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32))}
        body = {"key": key, "agent": "stranger", "languages": ["en"], "invite": secret or None}
        self.hello = self.record("device.hello", body)

    def sign(self, data: bytes) -> str:
        r, s = utils.decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        return b64(r.to_bytes(32) + s.to_bytes(32))

    def record(self, kind: str, body: Json, tv: int = 1, **more: Any) -> Item:
        """Sign an event into the chain; it waits to be sent. `more`: `blobs`, `needs`, an old `at`."""
        at = {"wall": int(self.clock() * 1000), "mono": time.monotonic() * 1000, "boot": self.boot, "tz": 0}
        who = {"learner": self.learner, "device": self.device, "seq": self.end[0] + 1, "prev": self.end[1]}
        what: Json = {"type": kind, "tv": tv, "body": body, "blobs": [], "needs": []}
        event = {"v": 1, "id": uuid7(self.clock()), **who, **what, "at": at | {"anchor": self.anchor}} | more
        data = json.dumps(event).encode()
        self.end = (event["seq"], digest(b64(data)))
        item = self.items[event["id"]] = Item(event, b64(data), self.sign(data))
        return item

    def again(self, item: Item) -> None:
        """Record the same thing anew, as of then; what needs the old event shall need the new one."""
        old = self.items.pop(item.event["id"]).event
        needs = [self.renamed.get(event, event) for event in old["needs"]]
        body = old["body"]
        if old["type"] == "event.withdraw":
            body = {"event": self.renamed.get(body["event"], body["event"])}
        new = self.record(old["type"], body, old["tv"], at=old["at"], blobs=old["blobs"], needs=needs)
        self.renamed[old["id"]] = new.event["id"]
        self.hello = new if item is self.hello else self.hello

    def cycle(self) -> None:
        try:
            while self.clock() >= self.pause and (self.exchange(self.batch()) or self.rebase()):
                pass
        except ConnectionError as error:
            self.trouble = str(error)

    def batch(self) -> list[Item]:
        """What is due, as much as fits. A hello that the server does not have goes first; all waits for it."""
        due = [i for i in self.items.values() if i.acked is None and i.retry_at <= self.clock()]
        if self.hello.acked is None:
            due = sorted(due, key=lambda i: i is not self.hello) if self.hello in due else []
        ends = accumulate(len(i.p) + len(i.s) + 20 for i in due)
        return [i for i, end in zip(due, ends, strict=True) if end <= MOST_BYTES or i is due[0]][: self.size]

    def ask(self, method: str, path: str, signed: bytes, headers: dict[str, str], body: bytes) -> Answer:
        headers |= {"Sync-Proto": "1", "Sync-Signature": self.sign(signed)}
        answer = self.send(method, path, headers, body)
        if "sync-proto" not in answer[1]:
            raise ConnectionError("not our server's answer")
        return answer

    def exchange(self, items: list[Item]) -> bool:
        """One round trip; whether another is due at once."""
        events = [{"p": i.p, "s": i.s} for i in items]
        asked: Json = {"device": self.device, "learner": self.learner, "epoch": self.epoch, "events": events}
        asked |= {"cursors": {f"learner:{self.learner}": self.cursor}, "limit": 500}
        body = json.dumps(asked).encode()
        kind = {"Content-Type": "application/json"}
        status, headers, answer = self.ask("POST", "/api/sync", body, kind, body)
        if status == 200:
            self.size, self.trouble = MOST_EVENTS, ""
            return self.apply(items, json.loads(answer))
        knew, self.trouble = self.hello.acked, json.loads(answer)["code"]
        if status in (429, 503):
            self.pause = self.clock() + int(headers["retry-after"])
        if status == 401:
            self.hello.acked = None  # it goes again, first
        if status == 413:
            self.size = len(items) // 2
        return bool(knew) if status == 401 else status == 413 and self.size > 0

    def apply(self, items: list[Item], reply: Json) -> bool:
        now = self.clock()
        if self.epoch not in (None, reply["epoch"]):  # restored from a backup: hand in again what it had
            self.cursor, self.view = 0, {}
            for item in self.items.values():
                item.acked = None if item.acked and self.heard - item.acked < KEPT_S else item.acked
        self.epoch, self.anchor, self.heard = reply["epoch"], reply["anchor"]["id"], now
        if "learner" in reply:  # two learners turned out to be one
            self.learner, self.cursor, self.view = reply["learner"], 0, {}
        for item, result in zip(items, reply["results"], strict=True):
            item.retry_at = now + result.get("retry_s", 0)
            if result["durable"]:
                self.settle(item, result | {"state": result.get("verdict", result["state"])})
        page = reply["feeds"].get(f"learner:{self.learner}", {"rows": [], "next": self.cursor, "more": False})
        self.cursor, self.view = page["next"], {} if page.get("reset") else self.view
        for row in page["rows"]:
            self.view.pop(row["key"], None)
            if row["op"] == "put":
                self.view[row["key"]] = row["row"]
                if told := self.items.get(row["key"].removeprefix("verdict:")):
                    self.settle(told, row["row"])
        self.fill([seq for hole in reply["missing"] for seq in range(hole["seq"][0], hole["seq"][1] + 1)])
        uploaded = [self.upload(sha) for sha in reply["want_blobs"] if sha in self.files]
        return page["more"] or "learner" in reply or any(uploaded) or bool(self.batch())

    def settle(self, item: Item, result: Json) -> None:
        item.acked = self.clock()
        if item.result.get("state") not in ("ok", "rejected"):  # these are final
            item.result = result
            if result.get("why") == "blob_late" and item.event["id"] in self.items:
                self.again(item)

    def fill(self, holes: list[int]) -> None:
        """Send the events of these places again; those that are not here are lost."""
        here = [i for i in self.items.values() if i.acked is None or i.result["state"] != "rejected"]
        kept = {i.event["seq"]: i for i in here}
        for seq in holes:
            if seq in kept:
                kept[seq].acked = None
            elif seq not in self.lost:
                self.lost.add(seq)
                self.record("event.lost", {"device": self.device, "seq": [seq, seq]})

    def rebase(self) -> bool:
        """When all is answered: put what did not fit behind the end of the chain as the server has it."""
        broken = [i for i in self.items.values() if i.result.get("why") == "chain_broken"]
        if not broken or self.batch():
            return False
        ours = [(i.event["seq"], digest(i.p)) for i in self.items.values() if i.acked and i not in broken]
        self.end = max(ours + [(i.result["effect"]["seq"], i.result["effect"]["prev"]) for i in broken])
        for item in broken:
            self.again(item)
        return True

    def upload(self, sha: str) -> bool:
        """Hand a file in, a large one in pieces from where the server has it; whether it is there."""
        size = len(self.files[sha][1])
        if size <= MIB:
            return self.piece("PUT", sha, 0)[0] == 204
        status, headers, answer = self.piece("HEAD", sha, 0)
        offset = int(headers.get("upload-offset", size if status == 200 else 0))
        while offset < size:
            status, headers, answer = self.piece("PATCH", sha, offset)
            if status not in (204, 409):
                return False
            offset = int(headers["upload-offset"] if status == 204 else json.loads(answer)["offset"])
        return True

    def piece(self, method: str, sha: str, offset: int) -> Answer:
        path, (mime, data) = f"/api/blobs/{sha}", self.files[sha]
        headers = {"Sync-Device": self.device, "Content-Type": mime, "Upload-Offset": str(offset)}
        body = b"" if method == "HEAD" else data[offset : offset + MIB]
        signed = f"{method} {path} {offset}".encode()
        return self.ask(method, path, signed, headers | {"Upload-Length": str(len(data))}, body)
