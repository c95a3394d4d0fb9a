"""The promises of `POST /api/sync`: nothing lost, nothing twice, nothing believed without a signature."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.codes.making import make_code
from server.learning.models import CheckIn
from server.replicas.effects import EFFECTS
from server.replicas.models import Event, FeedRow, ServerState
from tests.cast import NOON, Museum
from tests.phone import Phone, b64


@pytest.fixture
def ada(app: Flask) -> Phone:
    return Phone(app, at=NOON)


@pytest.fixture
def eve(app: Flask) -> Phone:
    return Phone(app, at=NOON)


def count(db: Session, model: type) -> int:
    db.expire_all()
    return db.scalar(select(func.count()).select_from(model)) or 0


def test_a_lost_reply_is_answered_with_the_first_verdict(ada: Phone, museum: Museum, db: Session) -> None:
    ada.scan(museum.code(0))
    ada.record("checkin.scan", {"point": "TESTP000", "proof": "1SECRET0000000099"})
    lost = ada.post(ada.outbox).get_json()["results"]
    again = ada.post(ada.outbox).get_json()["results"]
    assert [one["state"] for one in again] == ["dup"] * 3
    assert [one["verdict"] for one in again] == [one["state"] for one in lost] == ["ok", "ok", "rejected"]
    assert [(one.get("why"), one.get("effect")) for one in again] == [
        (one.get("why"), one.get("effect")) for one in lost
    ]
    assert count(db, CheckIn) == 1


def test_the_same_event_twice_in_one_batch_counts_once(ada: Phone, museum: Museum, db: Session) -> None:
    ada.scan(museum.code(0))
    results = ada.post([*ada.outbox, ada.outbox[-1]]).get_json()["results"]
    assert [one["state"] for one in results] == ["ok", "ok", "dup"]


def test_the_same_id_with_other_bytes_is_declined(ada: Phone, museum: Museum) -> None:
    scan = ada.scan(museum.code(0))
    ada.sync()
    other = ada.scan(museum.code(1), id=scan)
    result = ada.post(ada.outbox).get_json()["results"][0]
    assert (result["id"], result["state"], result["why"]) == (other, "rejected", "id_reuse")


def test_one_broken_effect_does_not_block_the_others(
    ada: Phone, museum: Museum, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_half_way(work: Any) -> Any:
        work.store.session.add(CheckIn(learner_id=ada.learner, activity_id="nowhere", event_id="", level=9))
        work.store.session.flush()

    monkeypatch.setitem(EFFECTS, "feedback.give", break_half_way)
    ada.hello()
    broken = ada.record("feedback.give", {"activity": museum.activities[0].id, "stars": 3})
    scan = ada.scan(museum.code(0))
    ada.sync()
    assert ada.results[broken]["state"] == "later"
    assert ada.results[broken]["durable"] is False
    assert ada.state(scan) == "ok"
    assert count(db, CheckIn) == 1


def test_what_could_not_be_taken_is_taken_later(
    ada: Phone, museum: Museum, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setitem(EFFECTS, "checkin.scan", lambda work: 1 / 0)
        scan = ada.scan(museum.code(0))
        ada.sync()
        assert ada.outbox
    ada.sync()
    assert (ada.state(scan), ada.outbox) == ("ok", [])


def test_a_tampered_event_is_declined_and_keeps_nothing(ada: Phone, museum: Museum, db: Session) -> None:
    ada.hello()
    ada.sync()
    event = ada.event("checkin.scan", {"point": "TESTP000", "proof": "1SECRET0000000000"})
    true, false = json.dumps(event), json.dumps({**event, "body": {"point": "TESTP001"}})
    tampered = {"p": b64(false.encode()), "s": ada.sign(true.encode())}
    result = ada.post([tampered]).get_json()["results"][0]
    assert (result["state"], result["why"]) == ("rejected", "bad_signature")
    honest = {"p": b64(true.encode()), "s": tampered["s"]}
    assert ada.post([honest]).get_json()["results"][0]["state"] == "ok"


def test_a_batch_of_an_unknown_device_is_not_read(ada: Phone, museum: Museum) -> None:
    ada.seq = 1
    ada.scan(museum.code(0))
    answer = ada.post(ada.outbox)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unknown_device")
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Sync-Proto"] == "1"


def test_a_batch_signed_by_another_key_is_not_read(ada: Phone, eve: Phone, museum: Museum) -> None:
    ada.scan(museum.code(0))
    ada.sync()
    eve.device, eve.learner = ada.device, ada.learner
    assert eve.post([]).get_json()["code"] == "bad_signature"


def test_nobody_reads_anothers_feed(ada: Phone, eve: Phone, museum: Museum) -> None:
    ada.scan(museum.code(0))
    ada.sync()
    eve.hello()
    eve.sync()
    reply = eve.post([], cursors={f"learner:{ada.learner}": 0, f"learner:{eve.learner}": 0}).get_json()
    assert list(reply["feeds"]) == [f"learner:{eve.learner}"]
    eve.learner = ada.learner
    assert eve.post([]).get_json()["code"] == "wrong_learner"


def test_a_stranger_cannot_join_a_learner_by_knowing_the_id(ada: Phone, eve: Phone, museum: Museum) -> None:
    ada.hello()
    ada.sync()
    eve.learner = ada.learner
    eve.hello()
    eve.scan(museum.code(0))
    results = eve.post(eve.outbox).get_json()["results"]
    assert [one["why"] for one in results] == ["learner_taken", "unknown_device"]
    assert eve.post([]).status_code == 401


def test_one_phone_may_carry_the_events_of_another(
    ada: Phone, eve: Phone, museum: Museum, db: Session
) -> None:
    scan = ada.scan(museum.code(0))
    eve.hello()
    results = eve.post([*eve.outbox, *ada.outbox]).get_json()["results"]
    assert [one["state"] for one in results] == ["ok"] * 3
    ada.sync()
    assert ada.state(scan) == "ok"
    assert ada.results[scan]["verdict"] == "ok"


def test_a_revoked_device_may_not_send(ada: Phone, museum: Museum, db: Session) -> None:
    ada.hello()
    ada.sync()
    db.get_one(Device, ada.device).revoked_at = NOON
    db.commit()
    assert ada.post([]).get_json()["code"] == "device_revoked"


def test_holes_are_reported_until_they_are_filled_or_declared_lost(ada: Phone, museum: Museum) -> None:
    ada.hello()
    for number in (0, 1, 2, 3):
        ada.scan(museum.code(number))
    hello, *scans = ada.outbox
    reply = ada.post([hello, scans[0], scans[3]]).get_json()
    assert reply["missing"] == [{"device": ada.device, "seq": [3, 4]}]
    assert ada.post([scans[1]]).get_json()["missing"] == [{"device": ada.device, "seq": [4, 4]}]
    ada.outbox = []
    ada.record("event.lost", {"device": ada.device, "seq": [4, 4]})
    assert ada.sync()["missing"] == []


def test_an_event_waits_for_the_one_it_builds_on(ada: Phone, museum: Museum) -> None:
    ada.hello()
    first = ada.scan(museum.code(0))
    second = ada.record("feedback.give", {"activity": museum.activities[0].id, "stars": 4}, needs=[first])
    hello, scan, feedback = ada.outbox
    assert [r["state"] for r in ada.post([hello, feedback]).get_json()["results"]] == ["ok", "hold"]
    ada.post([scan])
    ada.outbox = []
    ada.sync()
    assert (ada.state(first), ada.state(second)) == ("ok", "ok")


def test_the_feed_says_what_the_rows_say(ada: Phone, museum: Museum, db: Session) -> None:
    for number in range(4):
        ada.scan(museum.code(number))
        ada.sync()
    stored = db.scalars(select(FeedRow).where(FeedRow.feed == f"learner:{ada.learner}")).all()
    assert ada.view == {row.key: row.row for row in stored if row.op == "put"}
    assert ada.cursor == max(row.ver for row in stored)
    assert len({row.ver for row in stored}) == len(stored)


def test_a_long_feed_is_read_in_pages(ada: Phone, museum: Museum) -> None:
    for number in range(4):
        ada.scan(museum.code(number))
    ada.post(ada.outbox)
    seen, cursor = [], 0
    while True:
        page = ada.post([], cursors={f"learner:{ada.learner}": cursor}, limit=3).get_json()["feeds"]
        part = page[f"learner:{ada.learner}"]
        seen += [row["key"] for row in part["rows"]]
        cursor = part["next"]
        if not part["more"]:
            break
    assert len(seen) == len(set(seen)) == 9


def test_after_a_restore_the_phone_starts_its_view_anew(ada: Phone, museum: Museum, db: Session) -> None:
    ada.scan(museum.code(0))
    ada.sync()
    db.get_one(ServerState, "epoch").value = "e-restored"
    db.commit()
    feed = ada.post([]).get_json()["feeds"][f"learner:{ada.learner}"]
    assert feed["reset"] is True
    assert len(feed["rows"]) == 3


@pytest.mark.parametrize("pushes", [False, True])
def test_after_an_old_database_was_put_back_the_phone_starts_its_view_anew(
    ada: Phone, museum: Museum, db: Session, pushes: bool
) -> None:
    """The epoch is the same: only the phone's cursor tells that there was more. What comes with it hides nothing."""
    ada.scan(museum.code(0))
    ada.sync()
    ada.cursor += 2  # a database that ends two rows later is gone
    if pushes:
        ada.scan(museum.code(1))
    feed = ada.post(ada.outbox).get_json()["feeds"][f"learner:{ada.learner}"]
    assert feed["reset"] is True
    assert len(feed["rows"]) == (5 if pushes else 3)
    assert (feed["next"] < ada.cursor) is not pushes
    ada.sync()
    assert "reset" not in ada.post([]).get_json()["feeds"][f"learner:{ada.learner}"]


def test_what_is_no_event_is_declined_in_its_place(ada: Phone, museum: Museum) -> None:
    ada.hello()
    scan = ada.scan(museum.code(0))
    rubbish = {"p": b64(b'{"v":1}'), "s": "AAAA"}
    results = ada.post([ada.outbox[0], rubbish, ada.outbox[1]]).get_json()["results"]
    assert [one["state"] for one in results] == ["ok", "rejected", "ok"]
    assert (results[1]["why"], results[1]["id"], results[2]["id"]) == ("malformed", "", scan)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"[" * 300_000, "application/json", 413),
        (b'{"device": 3}', "application/json", 422),
        (b"{", "application/json", 422),
    ],
)
def test_what_is_no_batch_is_refused_whole(
    app: Flask, museum: Museum, body: bytes, kind: str, status: int
) -> None:
    answer = app.test_client().post("/api/sync", data=body, content_type=kind, headers={"Sync-Proto": "1"})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.headers["Sync-Proto"] == "1"


def test_more_than_fifty_events_are_too_many(ada: Phone, museum: Museum) -> None:
    ada.hello()
    assert ada.post(ada.outbox * 51).status_code == 422


def test_another_protocol_is_told_so(app: Flask, museum: Museum) -> None:
    body = {
        "device": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
        "learner": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
    }
    answer = app.test_client().post("/api/sync", json=body, headers={"Sync-Proto": "2"})
    assert answer.status_code == 426


class Deadlock(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize(("faults", "status"), [(2, 200), (3, 503)])
def test_a_deadlock_is_tried_three_times(
    ada: Phone, museum: Museum, monkeypatch: pytest.MonkeyPatch, faults: int, status: int
) -> None:
    left = [Deadlock()] * faults

    def meet_a_deadlock(work: Any) -> dict[str, Any]:
        if left:
            raise OperationalError("UPDATE", {}, left.pop())
        return {}

    monkeypatch.setitem(EFFECTS, "playlist.save", meet_a_deadlock)
    ada.record("playlist.save", {"playlist": museum.playlist.id})
    answer = ada.post(ada.outbox)
    assert answer.status_code == status
    if status == 503:
        assert int(answer.headers["Retry-After"]) > 0
        assert [one["state"] for one in ada.post(ada.outbox).get_json()["results"]] == ["ok", "ok"]


def test_new_devices_of_one_address_are_limited(app: Flask, museum: Museum) -> None:
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], device_rate="3 per minute")
    phones = [Phone(app, at=NOON) for _ in range(4)]
    for phone in phones:
        phone.hello()
    answers = [phone.post(phone.outbox) for phone in phones]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].headers["Sync-Proto"] == "1"
    assert answers[-1].get_json()["code"] == "too_many"
    assert phones[0].post([]).status_code == 200  # who is known goes on


def test_devices_that_are_introduced_in_one_batch_count_each(app: Flask, ada: Phone, museum: Museum) -> None:
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], device_rate="3 per minute")
    ada.hello()
    others = [Phone(app, at=NOON) for _ in range(3)]
    for phone in others:
        phone.hello()
    assert ada.post([*ada.outbox, *(phone.outbox[0] for phone in others)]).status_code == 429


def test_a_network_that_guesses_codes_by_many_devices_must_wait(
    app: Flask, museum: Museum, db: Session
) -> None:
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], typed_rate="3 per minute")
    right = make_code(db, museum.code(0).point, level=1, at=NOON)
    db.commit()
    for _ in range(3):
        eve = Phone(app, at=NOON)
        eve.type_in("ABCDEFGH")
        assert [one["state"] for one in eve.post(eve.outbox).get_json()["results"]] == ["ok", "rejected"]
    ada = Phone(app, at=NOON)
    ada.type_in(str(right.typed))
    ada.scan(museum.code(0))
    typed, scanned = ada.post(ada.outbox).get_json()["results"][1:]
    assert (typed["state"], typed["durable"], typed["why"]) == ("later", False, "too_many_tries")
    assert typed["retry_s"] > 0
    assert scanned["state"] == "ok"  # what cannot be guessed is not slowed down


def test_stored_events_are_the_bytes_that_were_signed(ada: Phone, museum: Museum, db: Session) -> None:
    ada.scan(museum.code(0))
    sent = list(ada.outbox)
    ada.sync()
    stored = db.scalars(select(Event).order_by(Event.seq)).all()
    assert [{"p": one.payload, "s": one.signature} for one in stored] == sent


def test_an_event_of_an_older_version_is_understood_and_stays_as_it_was_signed(
    ada: Phone, museum: Museum, db: Session
) -> None:
    task = museum.task(2, "text")
    old = ada.write(task, "The mill was loud.")
    body = {"task": task.id, "activity": task.activity_id, "text": "Very loud.", "files": []}
    new = ada.record("evidence.submit", body, tv=2)
    newer = ada.record("evidence.submit", body, tv=3)
    sent = ada.outbox[1]
    ada.sync()
    assert [ada.results[one]["state"] for one in (old, new, newer)] == ["ok", "ok", "later"]
    assert ada.results[newer]["why"] == "unknown_version"
    stored = db.scalars(select(Event).where(Event.id == old)).one()
    assert {"p": stored.payload, "s": stored.signature} == sent
