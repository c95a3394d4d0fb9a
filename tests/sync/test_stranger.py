"""The contract is enough: a client written from it alone walks the whole visit, through every fault."""

import ast
import json
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any

import jsonschema
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.codes.models import Code, Point
from server.core.db import Base
from server.learning.models import CheckIn
from server.replicas import services
from server.replicas.models import FeedRow
from tests.cast import NOON, Museum
from tests.learning.walk import picture
from tests.replicas.test_holds import end_holds
from tests.sync import stranger
from tests.sync.line import Line, check, lost_reply, no_way, portal, problem, read_payload
from tests.sync.stranger import MIB, Client, Item, b64, digest

VECTORS = Path(__file__).parents[2] / "sync/vectors"
EVENTS: dict[str, Any] = json.loads((VECTORS / "events.json").read_text())
EXCHANGE: dict[str, Any] = json.loads((VECTORS / "exchange.json").read_text())
CHAINS: dict[str, Any] = json.loads((VECTORS / "chains.json").read_text())
DAY = 86_400
TYPED = "7QAB3CDT"
NOBODY = "0199f1a0-0000-7000-8000-000000000001"


@pytest.fixture
def line(app: Flask, museum: Museum) -> Line:
    return Line(app)


@pytest.fixture
def ada(line: Line) -> Client:
    ada = Client(line, line.clock)
    ada.cycle()
    return ada


def scan(client: Client, code: Code, **more: Any) -> Item:
    body = {"point": code.point_id, "proof": f"{code.level}{code.secret}", "typed": None, "activity": None}
    return client.record("checkin.scan", body, **more)


def answer(client: Client, museum: Museum, number: int, kind: str, given: dict[str, Any]) -> Item:
    task = museum.task(number, kind)
    return client.record("task.answer", {"task": task.id, "activity": task.activity_id, "answer": given})


def photograph(client: Client, museum: Museum, content: bytes) -> Item:
    task, name = museum.task(2, "photo"), sha256(content).hexdigest()
    client.files[name] = ("image/png", content)
    body = {"task": task.id, "activity": task.activity_id, "text": None, "files": [name]}
    blobs = [{"sha256": name, "size": len(content), "mime": "image/png"}]
    return client.record("evidence.submit", body, tv=2, blobs=blobs)


def invite(client: Client, hours: int = 24) -> str:
    secret = b64(token_bytes(32))
    until = int(client.clock() + hours * 3600) * 1000
    client.record("device.invite", {"invite": digest(secret), "until": until})
    return secret


def fork(client: Client) -> Client:
    """A copy of a client's store, as a restored profile is one: the same device, twice."""
    twin = copy(client)
    twin.items = {id: replace(item) for id, item in client.items.items()}
    twin.hello = twin.items[client.hello.event["id"]]
    twin.files, twin.view, twin.lost, twin.renamed = (
        client.files.copy(), client.view.copy(), client.lost.copy(), client.renamed.copy(),
    )  # fmt: skip
    return twin


def state(client: Client, item: Item) -> str:
    """How a thing stands, also when it was recorded anew."""
    id = item.event["id"]
    while id in client.renamed:
        id = client.renamed[id]
    result = client.items[id].result
    return f"{result.get('state', 'waiting')} {result.get('why', '')}".strip()


def feed(db: Session, client: Client) -> dict[str, Any]:
    """The learner's feed as the server has it."""
    db.rollback()
    rows = db.scalars(select(FeedRow).where(FeedRow.feed == f"learner:{client.learner}", FeedRow.op == "put"))
    return {row.key: row.row for row in rows}


def back_up(db: Session) -> Callable[[], None]:
    """Keep all there is; return what puts it back as a restore does, under the name of a new history."""
    kept = {
        one: [dict(row._mapping) for row in db.execute(select(one))] for one in Base.metadata.sorted_tables
    }
    db.rollback()

    def restore() -> None:
        for table in reversed(Base.metadata.sorted_tables):
            db.execute(delete(table))
        for table, rows in kept.items():
            if rows:
                db.execute(insert(table), rows)
        services.begin_epoch(db, anew=True)
        db.commit()

    return restore


# The vectors


def unpack(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(jwk: dict[str, str], p: str, s: str) -> None:
    """Raise InvalidSignature when a signature does not hold."""
    x, y = (int.from_bytes(unpack(jwk[name])) for name in "xy")
    raw = unpack(s)
    if len(raw) != 64:
        raise InvalidSignature
    signature = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    key.verify(signature, unpack(p), ec.ECDSA(SHA256()))


def own_key(client: Client) -> dict[str, str]:
    key: dict[str, str] = client.hello.event["body"]["key"]
    return key


def test_the_client_writes_and_signs_as_the_vectors_do() -> None:
    ours = Client(lambda *_: (200, {}, b""))
    for step in EVENTS["chain"]:
        assert b64(step["json"].encode()) == step["p"]
        assert digest(step["p"]) == step["next_prev"]
        verify(EVENTS["key"], step["p"], step["s"])
        if step is not EVENTS["chain"][0]:
            event = json.loads(step["json"])
            ours.record(event["type"], event["body"], blobs=event["blobs"], needs=event["needs"])
    assert [i.event["prev"] for i in ours.items.values()][1:] == [digest(i.p) for i in ours.items.values()][
        :-1
    ]
    for seq, item in enumerate(ours.items.values(), 1):
        check("event", read_payload(item.p))
        check("signed", {"p": item.p, "s": item.s})
        verify(own_key(ours), item.p, item.s)
        assert (item.event["seq"], read_payload(item.p)) == (seq, item.event)


@pytest.mark.parametrize("case", EVENTS["tampered"], ids=lambda case: case["why"])
def test_a_signature_that_does_not_hold_is_seen(case: dict[str, str]) -> None:
    with pytest.raises(InvalidSignature):
        verify(EVENTS["key"], case["p"], case["s"])


@pytest.mark.parametrize("case", EVENTS["malformed"], ids=lambda case: str(case["where"]))
def test_the_schema_refuses_what_the_client_never_writes(case: dict[str, Any]) -> None:
    with pytest.raises((jsonschema.ValidationError, ValueError, RecursionError)):
        check("event", read_payload(case["p"]))


@pytest.mark.parametrize("case", CHAINS["chains"], ids=lambda case: case["about"])
def test_the_client_reads_where_a_chain_ends(case: dict[str, Any]) -> None:
    """It puts what was declined behind the end that the vectors name, and the next event behind that."""
    broken = [one for one in case["events"] if one.get("why") == "chain_broken"]
    ours = Client(lambda *_: (200, {}, b""))
    ours.items = {one["p"]: Item(read_payload(one["p"]), one["p"], one["s"]) for one in broken}
    for item, one in zip(ours.items.values(), broken, strict=True):
        item.result, item.acked = {"state": "rejected", "why": one["why"], "effect": one["effect"]}, 1.0
    ours.hello.acked = 1.0
    ours.items = {item.event["id"]: item for item in ours.items.values()}
    assert ours.rebase() is bool(broken)
    for n, item in enumerate(ours.items.values(), 1):
        assert item.event["seq"] == broken[0]["effect"]["seq"] + n
    if broken:
        assert next(iter(ours.items.values())).event["prev"] == broken[0]["effect"]["prev"]


# The visit


def test_a_stranger_finishes_the_visit_through_every_fault(line: Line, museum: Museum, db: Session) -> None:
    museum.code(3).typed = TYPED
    db.commit()
    ada = Client(line, line.clock)
    line.faults = [("POST", no_way), ("POST", portal), ("POST", lost_reply)]
    for _ in range(4):
        ada.cycle()
    assert (ada.hello.result["state"], ada.trouble) == ("ok", "")
    scans = [scan(ada, museum.code(0)), scan(ada, museum.code(1))]
    right = answer(ada, museum, 0, "choice", {"choices": ["a"]})
    wrong = answer(ada, museum, 1, "number", {"number": "12"})
    again = answer(ada, museum, 1, "number", {"number": "1857"})
    line.faults = [("POST", lost_reply)]
    ada.cycle()
    assert state(ada, scans[0]) == "waiting"
    ada.cycle()
    assert [state(ada, one) for one in (*scans, right, wrong, again)] == ["ok"] * 5
    assert scans[1].result["effect"]["time"] == "proven"  # by the anchor of the hello's reply
    assert (wrong.result["effect"]["state"], again.result["effect"]["state"]) == ("wrong", "right")

    bob = Client(line, line.clock, ada.learner, invite(ada))
    bob.cycle()  # before its invitation is there
    assert bob.view == {}
    ada.cycle()
    line.now += 60
    bob.cycle()
    assert bob.view == feed(db, ada)

    third = scan(bob, museum.code(2))
    bob.record("task.answer", {"task": museum.task(2, "text").id, "activity": museum.activities[2].id, "answer": {"text": "The mill was loud."}})  # fmt: skip
    content = picture("blue", "PNG") + b"\0" * (2 * MIB)
    photo = photograph(bob, museum, content)
    line.faults = [("PATCH", None), ("PATCH", lost_reply)]
    bob.cycle()
    assert state(bob, photo) == "hold blob_missing"
    bob.cycle()
    assert [state(bob, one) for one in (third, photo)] == ["ok", "ok"]
    assert line.calls.count(("PATCH", 204)) == 3  # no piece twice
    assert ("PATCH", 409) not in line.calls

    restore = back_up(db)
    typed = ada.record("checkin.scan", {"point": None, "proof": None, "typed": TYPED, "activity": None})
    both = answer(ada, museum, 3, "choices", {"choices": ["c", "a"]})
    ada.cycle()
    assert [state(ada, one) for one in (typed, both)] == ["ok", "ok"]
    restore()
    assert f"checkin:{museum.activities[3].id}" not in feed(db, ada)
    for client in (ada, bob):
        client.cycle()

    twin = fork(ada)
    mine = ada.record("feedback.give", {"activity": museum.activities[0].id, "stars": 5, "text": None})
    theirs = [scan(twin, museum.code(0)), scan(twin, museum.code(2))]
    for client in (ada, twin, ada, bob, twin):
        client.cycle()
    assert [state(ada, mine), *(state(twin, one) for one in theirs)] == ["ok"] * 3
    assert {i.event["seq"] for i in twin.items.values()} >= {twin.end[0], twin.end[0] - 1}

    truth = feed(db, ada)
    assert ada.view == bob.view == twin.view == truth
    assert [row["id"] for key, row in truth.items() if key.startswith("award:")]
    assert len(db.scalars(select(CheckIn)).all()) == 4


def test_an_acknowledged_event_that_a_restore_lost_is_sent_again(
    line: Line, museum: Museum, db: Session
) -> None:
    restore = back_up(db)
    ada = Client(line, line.clock)
    thing = scan(ada, museum.code(0))
    ada.cycle()
    before = ada.view
    restore()
    line.now += 60 * DAY  # the phone lay in a drawer: its last word from the old server counts
    ada.cycle()  # unknown_device: hello, then the rest, in the new epoch
    assert ("POST", 401) in line.calls
    assert (ada.trouble, state(ada, thing)) == ("", "ok")
    assert ada.view.keys() == before.keys() == feed(db, ada).keys()


def test_a_restored_server_that_lost_a_second_device_takes_it_again(
    ada: Client, line: Line, museum: Museum, db: Session
) -> None:
    for number in (0, 2):
        scan(ada, museum.code(number))
    ada.cycle()
    restore = back_up(db)
    bob = Client(line, line.clock, ada.learner, invite(ada))
    ada.cycle()
    bob.cycle()
    thing = scan(bob, museum.code(3))
    bob.cycle()
    restore()
    bob.cycle()  # its invitation is gone too: no feed in the new epoch yet
    assert (bob.view, bob.cursor) == ({}, 0)
    ada.cycle()
    line.now += 60
    for client in (bob, ada):
        client.cycle()
    assert state(bob, thing) == "ok"
    assert bob.view == ada.view == feed(db, ada)


def test_a_hole_is_filled_by_what_is_here_and_the_rest_is_declared_lost(ada: Client, museum: Museum) -> None:
    lost, kept, last = (scan(ada, museum.code(number)) for number in (0, 2, 3))
    ada.items.pop(lost.event["id"])
    kept.acked, kept.result = 1.0, {"state": "ok"}  # as if the server had told it
    ada.cycle()
    told = [i for i in ada.items.values() if i.event["type"] == "event.lost"]
    assert [i.event["body"]["seq"] for i in told] == [[lost.event["seq"]] * 2]
    assert [state(ada, one) for one in (kept, last, *told)] == ["ok"] * 3
    assert {f"checkin:{museum.activities[n].id}" in ada.view for n in (2, 3)} == {True}
    sent = len(ada.items)
    ada.cycle()
    assert len(ada.items) == sent


def test_what_can_be_taken_later_is_sent_again_then_and_not_before(
    ada: Client, line: Line, museum: Museum
) -> None:
    newer = ada.record("feedback.give", {"activity": museum.activities[0].id, "stars": 5}, tv=9)
    line.sent = []
    ada.cycle()
    assert (state(ada, newer), len(line.sent)) == ("waiting", 1)
    assert newer.retry_at > line.now
    ada.cycle()
    assert [len(one["events"]) for one in line.sent] == [1, 0]
    line.now = newer.retry_at
    ada.cycle()
    assert line.sent[-1]["events"][0]["p"] == newer.p


def test_a_duplicate_is_told_the_first_verdict(ada: Client, museum: Museum) -> None:
    good, bad = scan(ada, museum.code(0)), ada.record("no.such", {})
    ada.cycle()
    first = [(item.result["state"], item.result.get("why", "")) for item in (good, bad)]
    assert first == [("ok", ""), ("rejected", "unknown_type")]
    for item in (good, bad):
        item.acked, item.result = None, {}
    ada.cycle()  # the feed says nothing new of them
    assert [(item.result["state"], item.result.get("why", "")) for item in (good, bad)] == first
    assert {item.result["verdict"] for item in (good, bad)} == {"ok", "rejected"}


def test_what_is_gone_leaves_the_view_and_nothing_is_read_twice(
    ada: Client, line: Line, museum: Museum
) -> None:
    thing, key = scan(ada, museum.code(0)), f"checkin:{museum.activities[0].id}"
    ada.cycle()
    assert key in ada.view
    ada.record("event.withdraw", {"event": thing.event["id"]})
    ada.cycle()
    assert key not in ada.view
    ada.view = {}
    ada.cycle()
    assert (ada.view, ada.cursor > 0) == ({}, True)


def test_what_was_taken_back_stays_so_when_both_are_recorded_anew(
    ada: Client, museum: Museum, db: Session
) -> None:
    twin = fork(ada)
    scan(ada, museum.code(0))
    ada.cycle()
    thing = scan(twin, museum.code(2))
    feedback = twin.record(
        "feedback.give", {"activity": museum.activities[2].id, "stars": 3}, needs=[thing.event["id"]]
    )
    twin.record("event.withdraw", {"event": thing.event["id"]})
    twin.cycle()
    assert (state(twin, thing), state(twin, feedback)) == ("ok", "ok")
    assert f"checkin:{museum.activities[2].id}" not in feed(db, twin)


def test_a_device_that_may_not_send_asks_its_person(
    ada: Client, line: Line, museum: Museum, db: Session
) -> None:
    db.get_one(Device, ada.device).revoked_at = NOON
    db.commit()
    thing = scan(ada, museum.code(0))
    line.calls = []
    ada.cycle()
    assert (ada.trouble, state(ada, thing)) == ("device_revoked", "waiting")
    assert line.calls == [("POST", 401)] * 2


def test_an_exchange_is_what_the_vectors_say(app: Flask, museum: Museum, db: Session) -> None:
    """The request's very bytes, sent to the server, are answered as written there."""
    stop, request = museum.activities[0], EXCHANGE["request"]
    db.add(Point(id="7QAB3CDE", activity_id=stop.id, place={"en": "By the door"}, hint="7Q"))
    db.flush()
    db.add(Code(point_id="7QAB3CDE", level=1, secret="0123456789ABCDEF", typed=None, created_at=NOON))
    db.commit()
    now = datetime.fromtimestamp(EXCHANGE["reply"]["now"] / 1000, UTC)
    app.extensions["streetwise_clock"] = lambda: now
    call = {"headers": request["headers"], "data": request["body"]}
    answer = app.test_client().post(request["path"], **call)
    told = json.loads(answer.get_data(as_text=True).replace(stop.id, EXCHANGE["activity"]))
    ours = {"epoch", "anchor"}
    assert {k: v for k, v in told.items() if k not in ours} == {
        k: v for k, v in EXCHANGE["reply"].items() if k not in ours
    }
    for reply in (told, EXCHANGE["reply"]):
        check("reply", reply)
    check("request", json.loads(request["body"]))
    for signed, signature in (
        (request["body"], request["headers"]["Sync-Signature"]),
        (EXCHANGE["file"]["signed"], EXCHANGE["file"]["Sync-Signature"]),
    ):
        verify(EVENTS["key"], b64(signed.encode()), signature)


def test_the_readme_tells_real_bytes() -> None:
    readme, second = (VECTORS.parent / "README.md").read_text(), EVENTS["chain"][1]
    for part in (second["json"], second["next_prev"], second["p"][:16], second["s"][:8], second["s"][-10:]):
        assert part in readme


def test_an_invitation_that_ran_out_is_followed_by_another(ada: Client, line: Line, museum: Museum) -> None:
    bob = Client(line, line.clock, ada.learner, invite(ada, 1))
    thing = scan(bob, museum.code(0))
    line.now += 2 * 3600
    ada.cycle()
    bob.cycle()
    assert state(bob, thing) == "waiting"
    bob.introduce(invite(ada))
    ada.cycle()
    line.now += 60
    bob.cycle()
    assert [state(bob, item) for item in bob.items.values()] == ["ok"] * 3


def test_two_learners_who_are_one_see_the_same(ada: Client, line: Line, museum: Museum, db: Session) -> None:
    bob = Client(line, line.clock)
    before = scan(bob, museum.code(0))
    bob.cycle()
    secret = invite(ada)
    ada.cycle()
    merge = bob.record("learner.merge", {"into": ada.learner, "invite": secret})
    behind = scan(bob, museum.code(1))
    bob.cycle()
    after = scan(bob, museum.code(3))
    for client in (bob, ada):
        client.cycle()
    assert {state(bob, one) for one in (before, merge, behind, after)} == {"ok"}
    assert bob.learner == ada.learner
    assert bob.view == ada.view == feed(db, ada)


def test_a_late_file_is_handed_in_anew(ada: Client, line: Line, museum: Museum, db: Session) -> None:
    content = picture("red", "PNG")
    thing = photograph(ada, museum, content)
    kept = ada.files.copy()
    ada.files.clear()
    ada.cycle()
    assert state(ada, thing) == "hold blob_missing"
    line.now += 6 * DAY
    end_holds(datetime.fromtimestamp(line.now, UTC))
    ada.files = kept
    ada.cycle()
    assert len(ada.renamed) == 1
    assert state(ada, thing) == "ok"


def test_a_carried_file_may_be_asked_about_and_sent_in_pieces() -> None:
    file = {"sha256": "a" * 64, "size": 9, "mime": "image/png", "bytes": "QUJD"}
    calls = {"HEAD 0": "s", "PATCH 0": "s", "PATCH 524288": "s"}
    owner = {"device": NOBODY, "learner": NOBODY, "events": [], "blobs": [{**file, "signatures": calls}]}
    rescue = {"streetwise": "rescue", "v": 1, "made_at": 1, "origin": "https://city.example"}
    check("rescue", {**rescue, "devices": [owner]})


@pytest.mark.parametrize("status", [413, 429, 503])
def test_a_batch_that_is_too_large_or_unwelcome_is_made_smaller_or_waits(
    ada: Client, line: Line, museum: Museum, status: int
) -> None:
    things = [scan(ada, museum.code(number)) for number in (0, 2, 3)]
    code = {413: "too_large", 429: "too_many", 503: "busy"}[status]
    line.faults = [("POST", problem(status, code, **{"retry-after": "30"}))]
    line.sent = []
    ada.cycle()
    if status == 413:
        assert [len(one["events"]) for one in line.sent][:2] == [1, 2]
    else:
        assert line.sent == []
        line.now += 29
        ada.cycle()
        assert line.sent == []
        line.now += 1
        ada.cycle()
    assert [state(ada, one) for one in things] == ["ok"] * 3


def test_more_than_a_batch_holds_goes_in_several(ada: Client, line: Line, museum: Museum) -> None:
    texts = [
        ada.record("feedback.give", {"activity": museum.activities[0].id, "stars": 4, "text": "ab" * 4000})
        for _ in range(40)
    ]
    more = [ada.record("playlist.save", {"playlist": museum.playlist.id, "version": 1}) for _ in range(60)]
    line.sent = []
    ada.cycle()
    assert {state(ada, one) for one in texts + more} == {"ok"}
    assert max(len(one["events"]) for one in line.sent) <= 50
    assert ("POST", 413) not in line.calls


def test_the_client_needs_nothing_of_ours() -> None:
    tree = ast.parse(Path(stranger.__file__).read_text())
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in names}
    assert roots - sys.stdlib_module_names == {"cryptography"}
