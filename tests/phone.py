"""A phone for the tests: makes its key, signs events into its chain, and syncs with the server.

Written from `sync/README.md` alone, with nothing of ours but the test client: what a stranger would write.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from flask import Flask
from uuid_utils import uuid7
from werkzeug.test import TestResponse


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@dataclass
class Phone:
    """One device of one learner. `at` is both its own clock and the server's, moved by `wait`."""

    app: Flask
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    learner: str = field(default_factory=lambda: str(uuid7()))
    device: str = field(default_factory=lambda: str(uuid7()))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    skew: timedelta = timedelta()  # how wrong the phone's clock is
    seq: int = 0
    prev: str = ""
    anchor: str | None = None
    epoch: str | None = None
    cursor: int = 0
    outbox: list[dict[str, str]] = field(default_factory=list)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    view: dict[str, Any] = field(default_factory=dict)
    """The learner's feed as this phone knows it: key → row."""

    def wait(self, **time: float) -> None:
        self.at += timedelta(**time)

    def sign(self, content: bytes) -> str:
        r, s = decode_dss_signature(self.key.sign(content, ec.ECDSA(hashes.SHA256())))
        return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def jwk(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        return {
            "kty": "EC", "crv": "P-256",
            "x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big")),
        }  # fmt: skip

    def event(self, type: str, body: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Build the next event of the chain, unsigned. `more` replaces fields of the envelope."""
        at = {
            "wall": milliseconds(self.at + self.skew),
            "mono": 1.5,
            "boot": "b",
            "tz": 60,
            "anchor": self.anchor,
        }
        return {
            "v": 1, "id": str(uuid7()), "learner": self.learner, "device": self.device, "seq": self.seq + 1,
            "prev": self.prev, "type": type, "tv": 1, "at": at, "body": dict(body), "blobs": [], "needs": [], **more,
        }  # fmt: skip

    def seal(self, event: Mapping[str, Any]) -> dict[str, str]:
        """Sign an event and move the chain on."""
        content = json.dumps(event, separators=(",", ":")).encode()
        signed = {"p": b64(content), "s": self.sign(content)}
        self.seq, self.prev = event["seq"], b64(hashlib.sha256(signed["p"].encode()).digest())
        return signed

    def record(self, type: str, body: Mapping[str, Any], **more: Any) -> str:
        """Put an event into the outbox and return its id. The first one introduces the device."""
        if self.seq == 0 and type != "device.hello":
            self.hello()
        event = self.event(type, body, **more)
        self.outbox.append(self.seal(event))
        event_id: str = event["id"]
        return event_id

    def hello(self) -> str:
        return self.record("device.hello", {"key": self.jwk(), "agent": "test", "languages": ["en"]})

    def scan(self, code: Any, **more: Any) -> str:
        """Scan a code's QR. `code` is a `server.codes.models.Code`."""
        proof = f"{code.level}{code.secret}" if code.level else None
        body = {"point": code.point_id, "proof": proof, "typed": None, "activity": None}
        return self.record("checkin.scan", body, **more)

    def type_in(self, typed: str) -> str:
        return self.record("checkin.scan", {"point": None, "proof": None, "typed": typed, "activity": None})

    def answer(self, task: Any, **answer: Any) -> str:
        """`answer(task, choices=["a"])`, `answer(task, number="12.5")` or `answer(task, text="…")`."""
        return self.record("task.answer", {"task": task.id, "activity": task.activity_id, "answer": answer})

    def write(self, task: Any, text: str) -> str:
        return self.record(
            "evidence.submit", {"task": task.id, "activity": task.activity_id, "text": text, "blob": None}
        )

    def photograph(self, task: Any, content: bytes, mime: str = "image/jpeg") -> str:
        """Hand in a picture in the first version of the event; `upload` sends the file itself."""
        sha256 = hashlib.sha256(content).hexdigest()
        body = {"task": task.id, "activity": task.activity_id, "text": None, "blob": sha256}
        return self.record(
            "evidence.submit", body, blobs=[{"sha256": sha256, "size": len(content), "mime": mime}]
        )

    def hand_in(self, task: Any, *files: bytes, mime: str = "image/jpeg") -> str:
        """Hand in several files; `upload` or `send_pieces` sends each."""
        refs = [{"sha256": hashlib.sha256(f).hexdigest(), "size": len(f), "mime": mime} for f in files]
        body = {
            "task": task.id, "activity": task.activity_id, "text": None,
            "files": [ref["sha256"] for ref in refs],
        }  # fmt: skip
        return self.record("evidence.submit", body, tv=2, blobs=refs)

    def send_piece(self, content: bytes, offset: int, end: int, sha256: str = "") -> TestResponse:
        """Send the bytes of a file from `offset` up to `end`."""
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(len(content))}
        return self.blob(
            "PATCH", content[offset:end], sha256=sha256 or hashlib.sha256(content).hexdigest(),
            offset=offset, **headers,
        )  # fmt: skip

    def send_pieces(self, content: bytes, piece: int = 1 << 20) -> TestResponse:
        """Send a file in pieces, from where the server says that it stopped; return the last answer."""
        while True:
            offset = int(self.blob("HEAD", content).headers.get("Upload-Offset", "0"))
            answer = self.send_piece(content, offset, min(offset + piece, len(content)))
            if answer.status_code not in (204, 409) or answer.headers.get("Upload-Offset") == str(
                len(content)
            ):
                return answer

    def pack(self, events: list[dict[str, str]], **more: Any) -> tuple[bytes, dict[str, str]]:
        """Write and sign a batch: the request's body and headers."""
        batch = {
            "device": self.device, "learner": self.learner, "epoch": self.epoch, "events": events,
            "cursors": {f"learner:{self.learner}": self.cursor}, "limit": 500, **more,
        }  # fmt: skip
        raw = json.dumps(batch).encode()
        return raw, {"Sync-Proto": "1", "Sync-Signature": self.sign(raw)}

    def post(self, events: list[dict[str, str]], **more: Any) -> TestResponse:
        """Send a batch as it is and return the raw answer; nothing is remembered."""
        raw, headers = self.pack(events, **more)
        self.app.extensions["streetwise_clock"] = lambda: self.at
        return self.app.test_client().post(
            "/api/sync", data=raw, content_type="application/json", headers=headers
        )

    def sync(self) -> dict[str, Any]:
        """Send what waits, 50 at a time, and take in the reply; return the last one."""
        while True:
            answer = self.post(self.outbox[:50])
            assert answer.status_code == 200, answer.get_data(as_text=True)
            assert answer.headers["Sync-Proto"] == "1"
            reply: dict[str, Any] = answer.get_json()
            self._take_in(reply)
            waits = [r for r in reply["results"] if r["state"] == "later"]
            goes_on = self.outbox or "learner" in reply or any(one["more"] for one in reply["feeds"].values())
            if waits or not goes_on:
                return reply

    def _take_in(self, reply: dict[str, Any]) -> None:
        sent, self.outbox = self.outbox[:50], self.outbox[50:]
        for signed, result in zip(sent, reply["results"], strict=True):
            self.results[result["id"]] = result
            if not result["durable"]:
                self.outbox.append(signed)
        self.anchor, self.epoch = reply["anchor"]["id"], reply["epoch"]
        for feed in reply["feeds"].values():  # none, as long as this device is not registered
            self._read(feed)
        if "learner" in reply:  # whom this phone's turned out to be
            self.learner, self.cursor, self.view = reply["learner"], 0, {}

    def _read(self, feed: Mapping[str, Any]) -> None:
        if feed.get("reset"):
            self.view = {}
        for row in feed["rows"]:
            if row["op"] == "put":
                self.view[row["key"]] = row["row"]
            else:
                self.view.pop(row["key"], None)
        self.cursor = feed["next"]

    def blob(
        self, method: str, content: bytes, *, sha256: str = "", offset: int = 0, **headers: str
    ) -> TestResponse:
        """Call `/api/blobs/…` with the device's proof. `upload` is the short way."""
        path = f"/api/blobs/{sha256 or hashlib.sha256(content).hexdigest()}"
        proof = {
            "Sync-Device": self.device,
            "Sync-Signature": self.sign(f"{method} {path} {offset}".encode()),
        }
        data = content if method != "HEAD" else None
        self.app.extensions["streetwise_clock"] = lambda: self.at
        return self.app.test_client().open(
            path,
            method=method,
            data=data,
            headers={**proof, **headers},
            content_type="application/octet-stream",
        )

    def upload(self, content: bytes) -> TestResponse:
        return self.blob("PUT", content)

    def state(self, event_id: str) -> str:
        """How an event stands as far as this phone knows."""
        row = self.view.get(f"verdict:{event_id}")
        return row["state"] if row else self.results.get(event_id, {}).get("state", "saved")

    def badges(self) -> list[dict[str, Any]]:
        return [row for key, row in self.view.items() if key.startswith("award:")]
