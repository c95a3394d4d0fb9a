"""Writes `sync/vectors/events.json`, `chains.json`, `times.json`, `exchange.json` and `merging.json`; run it by hand when the protocol gains something.

`python -m tests.sync.write_vectors`. Signatures differ each time, as ECDSA's do; everything else stays.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.phone import b64

VECTORS = Path(__file__).parents[2] / "sync" / "vectors"
LEARNER = "0199f1a0-0000-7000-8000-000000000001"
DEVICE = "0199f1a0-0000-7000-8000-000000000002"
KEY = ec.derive_private_key(
    int.from_bytes(hashlib.sha256(b"sync vectors").digest(), "big") % (2**255), ec.SECP256R1()
)
WALL = 1764061200123


def sign(content: bytes) -> str:
    r, s = decode_dss_signature(KEY.sign(content, ec.ECDSA(hashes.SHA256())))
    return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def jwk() -> dict[str, str]:
    numbers = KEY.public_key().public_numbers()
    x, y, d = (
        b64(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y, KEY.private_numbers().private_value)
    )
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d}


def event(seq: int, prev: str, type: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    at = {"wall": WALL + seq * 1000, "mono": 88123.4, "boot": "b1", "tz": 60, "anchor": None}
    id = f"0199f1a0-0000-7000-8000-{seq:012x}"
    return {
        "v": 1, "id": id, "learner": LEARNER, "device": DEVICE, "seq": seq, "prev": prev, "type": type, "tv": 1,
        "at": at, "body": body, "blobs": [], "needs": [], **more,
    }  # fmt: skip


BODIES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("device.hello", {"key": {k: v for k, v in jwk().items() if k != "d"}, "agent": "vectors", "languages": ["nl"]}, {}),
    ("checkin.scan", {"point": "7QAB3CDE", "proof": "10123456789ABCDEF", "typed": None, "activity": None}, {}),
    ("task.answer", {"task": LEARNER, "activity": DEVICE, "answer": {"text": "Café aan de Ĳssel 🌊"}}, {}),
    (
        "evidence.submit",
        {"task": LEARNER, "activity": DEVICE, "text": None, "blob": "a" * 64},
        {"blobs": [{"sha256": "a" * 64, "size": 284113, "mime": "image/jpeg"}]},
    ),
    ("feedback.give", {"activity": DEVICE, "stars": 5, "text": None}, {"needs": ["0199f1a0-0000-7000-8000-000000000002"]}),
]  # fmt: skip


def chain() -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    prev = ""
    for seq, (type, body, more) in enumerate(BODIES, 1):
        content = json.dumps(event(seq, prev, type, body, **more), ensure_ascii=False, separators=(",", ":"))
        p = b64(content.encode())
        steps.append({"json": content, "p": p, "s": sign(content.encode())})
        prev = b64(hashlib.sha256(p.encode()).digest())
        steps[-1]["next_prev"] = prev
    return steps


def malformed() -> list[dict[str, Any]]:
    good = event(1, "", "checkin.scan", {})
    cases: list[tuple[str, Any]] = [
        ("v", {**good, "v": 2}), ("id", {**good, "id": good["id"].upper()}), ("id", {**good, "id": None}),
        ("seq", {**good, "seq": 0}), ("seq", {**good, "seq": True}), ("seq", {**good, "seq": 1.5}),
        ("prev", {**good, "prev": "x" * 44}), ("type", {**good, "type": "Checkin.Scan"}), ("tv", {**good, "tv": 0}),
        ("at", {**good, "at": None}), ("at.wall", {**good, "at": {**good["at"], "wall": -1}}),
        ("at.mono", {**good, "at": {**good["at"], "mono": "1"}}), ("at.tz", {**good, "at": {**good["at"], "tz": 961}}),
        ("body", {**good, "body": []}), ("needs", {**good, "needs": ["x"]}), ("needs", {**good, "needs": [LEARNER] * 21}),
        ("blobs.0.sha256", {**good, "blobs": [{"sha256": "A" * 64, "size": 1, "mime": ""}]}), ("", [good]), ("", None),
    ]  # fmt: skip
    found = [{"p": b64(json.dumps(content).encode()), "where": where} for where, content in cases]
    text = json.dumps(good)
    raw = [
        b"\xff\xfe",
        b"{",
        text.replace('"seq": 1', '"seq": 1, "seq": 2').encode(),
        text.replace("88123.4", "NaN").encode(),
    ]
    raw += [b"[" * 3_000, b"9" * 5000]
    found += [{"p": b64(one), "where": "p"} for one in raw]
    return [*found, {"p": "a=", "where": "p"}, {"p": "AB", "where": "p"}, {"p": "é", "where": "p"}]


def tampered(steps: list[dict[str, Any]]) -> list[dict[str, str]]:
    p, s = steps[1]["p"], steps[1]["s"]
    return [
        {"why": "signature of another event", "p": p, "s": steps[2]["s"]},
        {
            "why": "one bit of the payload",
            "p": b64(steps[1]["json"].replace("7QAB", "7QAC").encode()),
            "s": s,
        },
        {"why": "too short", "p": p, "s": s[:-2]},
        {"why": "empty", "p": p, "s": ""},
        {"why": "all zeros", "p": p, "s": b64(b"\0" * 64)},
    ]


def times() -> list[dict[str, Any]]:
    """Windows, what is known, and the verdict; hours after an arbitrary noon."""
    cases = [
        ([9, 17], 10, 12, 11, "proven", 11), ([9, 17], 10, 12, 5, "proven", 10), ([9, 17], 10, 12, 30, "proven", 12),
        ([9, 17], None, 12, 11, "claimed", 11), ([9, 17], 8, 12, 11, "claimed", 11), ([9, 17], 8, 12, 8.5, "rejected", 8.5),
        ([9, 17], 10, 40, 11, "claimed", 11), ([9, 17], 10, 89, 11, "claimed", 11), ([9, 17], 10, 89.5, 11, "rejected", 11),
        ([9, 17], 18, 20, 11, "rejected", 18), ([9, 17], None, 8, 11, "rejected", 8), ([9, 17], 13, 12, 11, "claimed", 11),
        ([None, 17], None, 12, 11, "proven", 11), ([9, None], 10, 500, 400, "proven", 400), ([9, None], 8, 500, 400, "claimed", 400),
        ([None, None], 11.9, 12, 11.95, "proven", 11.95), ([None, None], 10, 12, 11, "claimed", 11),
        ([None, None], None, 12, 11, "claimed", 11), ([9, 17], 9, 17, 12, "proven", 12),
    ]  # fmt: skip
    return [
        {"window": [_ms(end) for end in window], "anchor_at": _ms(anchor), "received_at": _ms(received),
         "wall": _ms(wall), "state": state, "at": _ms(at)}
        for window, anchor, received, wall, state, at in cases
    ]  # fmt: skip


class Branch:
    """A device's store, which may be copied and go on in two ways."""

    def __init__(self, number: int = 0, prev: str = "") -> None:
        self.number, self.prev = number, prev

    def next(
        self, n: int, state: str = "ok", effect: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """Sign the next event, the n-th that this device ever made, with what the server says of it."""
        self.number += 1
        hello = self.number == 1 and n == 1
        type, body = ("device.hello", BODIES[0][1]) if hello else ("playlist.save", {"playlist": LEARNER})
        more = {"id": f"0199f1a0-0000-7000-8000-{n:012x}", **more}
        content = json.dumps(event(self.number, more.pop("prev", self.prev), type, body, **more))
        p = b64(content.encode())
        self.prev = b64(hashlib.sha256(p.encode()).digest())
        why = {"why": "chain_broken", "effect": effect} if state == "rejected" else {}
        return {"p": p, "s": sign(content.encode()), "state": state, **why}


def chains() -> list[dict[str, Any]]:
    """Chains as they reach the server, event by event; `missing` is what it reports in the end."""
    found: list[dict[str, Any]] = []

    def case(about: str, events: list[dict[str, Any]], missing: list[list[int]]) -> None:
        found.append({"about": about, "events": events, "missing": missing})

    a = Branch()
    one, two, three, four = (a.next(n) for n in (1, 2, 3, 4))
    case("in order", [one, two, three, four], [])
    case("a hole, filled later", [one, three, two], [])
    case("two holes", [three | {"state": "later"}, one, four], [[2, 3]])
    end = {"seq": 3, "prev": _digest(three)}
    wrong = Branch(3).next(5, "rejected", end)
    case("prev is of another event", [one, two, three, wrong, four], [])
    old = Branch(1, _digest(one))
    lost = [old.next(n, "rejected", end) for n in (6, 7, 8, 9)]
    new = Branch(end["seq"], end["prev"])
    case(
        "rolled back to 1, then on from the chain's end",
        [one, two, three, *lost, new.next(10), new.next(11)],
        [],
    )
    false = Branch(1, _digest(one)).next(12, "rejected", end)
    case("what fills a hole must fit at both ends", [one, three, false], [[2, 2]])
    return found


def merging() -> dict[str, Any]:
    """A learner goes into another; what the reply says, and for whom events count afterwards."""
    into, secret = "0199f1a0-0000-7000-8000-00000000000a", b64(hashlib.sha256(b"merging").digest())
    about = [
        (1, "learner.merge", {"into": into, "invite": secret}, {}),
        (2, "checkin.scan", {"activity": DEVICE}, {}),
        (3, "checkin.scan", {"activity": DEVICE}, {"learner": into}),
    ]
    contents = [json.dumps(event(seq, "", type, body, **more)).encode() for seq, type, body, more in about]
    return {
        "formerly": {LEARNER: into},
        "invitation": {"learner": into, "invite": b64(hashlib.sha256(secret.encode()).digest())},
        "events": [{"p": b64(one), "s": sign(one), "counts_for": into} for one in contents],
        "reply": {"learner": into, "next_feed": f"learner:{into}"},
    }


def _digest(step: dict[str, Any]) -> str:
    return b64(hashlib.sha256(step["p"].encode()).digest())


def exchange(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """A first batch, hello and one scan, as it goes over the line, and what is answered where the code is good."""
    hello, scan, activity = LEARNER, f"{LEARNER[:-1]}2", f"{LEARNER[:-1]}9"
    feed, effect = f"learner:{LEARNER}", {"activity": activity, "level": 1, "time": "claimed"}
    events = [{name: step[name] for name in "ps"} for step in steps[:2]]
    batch = {
        "device": DEVICE,
        "learner": LEARNER,
        "epoch": None,
        "events": events,
        "cursors": {feed: 0},
        "limit": 500,
    }
    body = json.dumps(batch, separators=(",", ":"))
    headers = {"Content-Type": "application/json", "Sync-Proto": "1", "Sync-Signature": sign(body.encode())}
    check_in = {**effect, "point": "7QAB3CDE", "at": "2025-11-25T09:00:02.123Z", "event": scan}
    verdicts = [
        {"event": id, "state": "ok", "why": "", "effect": done} for id, done in ((hello, {}), (scan, effect))
    ]
    rows = [
        {"ver": 1, "key": f"verdict:{hello}", "op": "put", "row": verdicts[0]},
        {"ver": 2, "key": f"checkin:{activity}", "op": "put", "row": check_in},
        {"ver": 3, "key": f"verdict:{scan}", "op": "put", "row": verdicts[1]},
    ]
    ok = {"state": "ok", "durable": True}
    now, mac = WALL + 30_333, "VbqfvuExU04TB95-zZQcFw"
    reply = {
        "epoch": "ee7796f9b0253", "now": now, "anchor": {"id": f"{now}-{mac}", "at": now},
        "results": [{"id": hello, **ok}, {"id": scan, **ok, "effect": effect}],
        "feeds": {feed: {"rows": rows, "next": 3, "more": False}}, "missing": [], "want_blobs": [], "next_s": 300,
    }  # fmt: skip
    put = f"PUT /api/blobs/{'a' * 64} 0"
    return {
        "activity": activity, "request": {"path": "/api/sync", "headers": headers, "body": body}, "reply": reply,
        "file": {"signed": put, "Sync-Signature": sign(put.encode())},
    }  # fmt: skip


def _ms(hours: Any) -> int | None:
    return None if hours is None else WALL + round(hours * 3_600_000)


def main() -> None:
    steps = chain()
    events = {
        "about": "A device's chain with its private key (for tests only), payloads that are no events, and signatures "
        "that do not hold. json: the bytes that are signed; next_prev: `prev` of the event after. where: path that is wrong.",
        "key": jwk(), "chain": steps, "malformed": malformed(), "tampered": tampered(steps),
    }  # fmt: skip
    _write("events.json", events)
    about = (
        "Events of one device in the order in which they arrive, and what is answered. Those with `why` are kept "
        "without a place in the chain. state later: its device is not known yet. missing: the holes in the end."
    )
    _write("chains.json", {"about": about, "key": jwk(), "chains": chains()})
    about = (
        "One exchange, byte for byte: the batch of the first two events of events.json, signed by its key, and the reply. "
        "Of the reply, epoch, now and anchor are the server's own. file: what is signed before a file is sent, and the signature."
    )
    _write("exchange.json", {"about": about, **exchange(steps)})
    about = (
        "A learner goes into another, whose invitation is its hash; invite in the body is the secret. formerly: who "
        "learners are by now; counts_for: whose the events are then. Signed by the key of events.json."
    )
    _write("merging.json", {"about": about, **merging()})
    about = "When something happened: sync/times.py. Milliseconds; max_offline is 72 hours."
    _write("times.json", {"about": about, "max_offline": 72 * 3_600_000, "times": times()})


def _write(name: str, content: dict[str, Any]) -> None:
    (VECTORS / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
