"""A learner's passkeys: made with no network, kept once, and the way in for a new phone."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts import learners
from server.accounts.models import Passkey
from tests.cast import NOON, Museum
from tests.phone import Phone, b64
from tests.ways.authenticator import Authenticator, add_passkey, enter

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def passkeys(phone: Phone) -> list[dict[str, object]]:
    return [row for key, row in phone.view.items() if key.startswith("passkey:")]


def test_a_new_phone_enters_by_passkey_and_has_what_was_earned(
    app: Flask, ada: Phone, join: Callable[..., Phone]
) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    ada.sync()
    answer = enter(app, key)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    phone = join(answer.get_json())
    assert phone.learner == ada.learner
    assert [key for key in phone.view if key.startswith("checkin:")]
    ada.sync()
    assert passkeys(ada)[0]["used_at"] == "2026-06-01T12:00:00.000Z"


def test_the_feed_tells_what_kind_it_is_and_no_key(ada: Phone) -> None:
    key = Authenticator()
    event = add_passkey(ada, key, "  Ada's phone ")
    ada.sync()
    (row,) = passkeys(ada)
    assert ada.results[event]["effect"] == {"passkey": row["id"]}
    assert row | {"id": 0} == {
        "id": 0, "credential": b64(key.id), "transports": ["internal"], "name": "Ada's phone", "synced": False,
        "created_at": "2026-06-01T12:00:00.000Z", "used_at": None,
    }  # fmt: skip


def test_the_same_passkey_sent_twice_is_one(ada: Phone, db: Session) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    add_passkey(ada, key)
    ada.sync()
    assert len(passkeys(ada)) == db.scalar(select(func.count()).select_from(Passkey)) == 1


def test_a_passkey_made_for_another_learner_is_refused(app: Flask, ada: Phone) -> None:
    key, eve = Authenticator(), Phone(app, at=NOON)
    add_passkey(ada, key)
    ada.sync()
    eve.hello()
    credential = key.make("x" * 43)
    stolen = eve.record("passkey.add", {"nonce": "n" * 22, "name": "Mine", "credential": credential})
    own = add_passkey(eve, key)
    eve.sync()
    assert [eve.results[one]["why"] for one in (stolen, own)] == ["passkey_refused"] * 2
    assert passkeys(eve) == []


@pytest.mark.parametrize("origin", ["http://localhost:8001", "https://localhost:8000", "http://evil.example"])
def test_a_passkey_of_another_site_is_refused(ada: Phone, origin: str) -> None:
    event = add_passkey(ada, Authenticator(origin=origin))
    ada.sync()
    assert ada.results[event]["why"] == "passkey_refused"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"nonce": "n" * 22, "name": "x", "credential": []}, {"nonce": "short", "name": "x", "credential": {}},
        {"nonce": "n" * 22, "name": " ", "credential": {}}, {"nonce": "n" * 22, "name": "x" * 81, "credential": {}},
        {"nonce": "n" * 22, "name": "x", "credential": {"response": [], "id": 7, "rawId": None}},
    ],
)  # fmt: skip
def test_what_is_no_passkey_is_refused(ada: Phone, body: dict[str, object]) -> None:
    event = ada.record("passkey.add", body)
    ada.sync()
    assert ada.results[event]["state"] == "rejected"


def test_a_challenge_is_good_once_and_for_five_minutes(app: Flask, ada: Phone) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    ada.sync()
    client, clock = app.test_client(), NOON
    app.extensions["streetwise_clock"] = lambda: clock
    shown = key.show(client.post("/api/enter/passkey/options").get_json()["challenge"])
    assert client.post("/api/enter/passkey", json={"credential": shown}).status_code == 200
    assert client.post("/api/enter/passkey", json={"credential": shown}).status_code == 403
    late = key.show(client.post("/api/enter/passkey/options").get_json()["challenge"])
    clock += timedelta(minutes=5)
    assert client.post("/api/enter/passkey", json={"credential": late}).status_code == 403
    own = key.show("A" * 43)
    assert client.post("/api/enter/passkey", json={"credential": own}).status_code == 403


def test_a_challenge_is_used_up_by_a_wrong_answer(app: Flask, ada: Phone) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    ada.sync()
    client = app.test_client()
    challenge = client.post("/api/enter/passkey/options").get_json()["challenge"]
    wrong = Authenticator(id=key.id).show(challenge)
    assert client.post("/api/enter/passkey", json={"credential": wrong}).status_code == 403
    assert client.post("/api/enter/passkey", json={"credential": key.show(challenge)}).status_code == 403


def test_unknown_and_wrong_get_the_same_answer(app: Flask, ada: Phone) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    ada.sync()
    unknown, wrong = enter(app, Authenticator()), enter(app, Authenticator(id=key.id))
    elsewhere = enter(app, Authenticator(id=key.id, key=key.key, origin="http://evil.example"))
    assert {one.get_data() for one in (unknown, wrong, elsewhere)} == {unknown.get_data()}
    assert unknown.status_code == 403


def test_a_counter_that_went_back_is_a_copy(app: Flask, ada: Phone) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    ada.sync()
    key.count = 7
    assert enter(app, key).status_code == 200
    key.count = 3
    assert enter(app, key).status_code == 403


def test_a_passkey_of_staff_opens_no_learner(app: Flask, ada: Phone, museum: Museum, db: Session) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    ada.sync()
    passkey = db.scalars(select(Passkey)).one()
    passkey.learner_id, passkey.user_id = None, museum.omar.id
    db.commit()
    assert enter(app, key).status_code == 403


def test_a_learner_renames_and_removes_their_own_and_nobody_elses(app: Flask, ada: Phone) -> None:
    key, eve = Authenticator(), Phone(app, at=NOON)
    add_passkey(ada, key)
    ada.sync()
    id = passkeys(ada)[0]["id"]
    tried = [
        eve.record("passkey.rename", {"passkey": id, "name": "Eve's"}),
        eve.record("passkey.remove", {"passkey": id}),
    ]
    eve.sync()
    assert [eve.results[one]["why"] for one in tried] == ["unknown_way"] * 2
    ada.record("passkey.rename", {"passkey": id, "name": "Blue key"})
    ada.sync()
    assert passkeys(ada)[0]["name"] == "Blue key"
    ada.record("passkey.remove", {"passkey": id})
    ada.sync()
    assert passkeys(ada) == []
    assert enter(app, key).status_code == 403


def test_nobody_has_more_passkeys_than_they_can_tell_apart(ada: Phone) -> None:
    events = [add_passkey(ada, Authenticator(), f"{n}") for n in range(21)]
    ada.sync()
    assert [ada.results[one].get("why") for one in events[-2:]] == [None, "too_many_ways"]


def test_a_passkey_follows_who_turns_out_to_be_somebody_else_too(app: Flask, ada: Phone, db: Session) -> None:
    bob, key = Phone(app, at=NOON), Authenticator()
    bob.hello()
    bob.sync()
    add_passkey(ada, key)
    ada.sync()
    told = [row for merge in learners.MERGES for row in merge(db, ada.learner, bob.learner, NOON)]
    db.commit()
    assert [key.partition(":")[0] for key, _ in told if key.startswith("passkey")] == ["passkey"]
    assert enter(app, key).get_json()["learner"] == bob.learner


@pytest.mark.parametrize(
    "credential",
    [
        {}, {"id": 1}, {"response": None}, {"response": []}, {"response": {"clientDataJSON": 5}},
        {"response": {"clientDataJSON": b64(b"[]")}}, {"response": {"clientDataJSON": b64(b'{"challenge": 7}')}},
        {"response": {"clientDataJSON": b64(b'{"challenge": "\\ud800"}')}},
        {"response": {"clientDataJSON": b64(b"[" * 5000)}}, {"response": {"clientDataJSON": "é"}},
    ],
)  # fmt: skip
def test_nonsense_opens_nothing_and_breaks_nothing(app: Flask, museum: Museum, credential: object) -> None:
    answer = app.test_client().post("/api/enter/passkey", data=json.dumps({"credential": credential}), content_type="application/json")  # fmt: skip
    assert answer.status_code == 403
