"""Every way back in, on both databases: each ends in an invitation that lets one phone in."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from server.learning.rows import write_time
from tests.cast import NOON, Museum
from tests.phone import Phone
from tests.ways.authenticator import Authenticator, add_passkey, enter
from tests.ways.test_kits import SECRET, make_kit
from tests.ways.test_mails import ask, keep_mail, open_link, tokens


def test_three_ways_let_three_phones_in_to_one_learner(
    app: Flask, ada: Phone, db: Session, join: Callable[..., Phone]
) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    make_kit(ada)
    ada.sync()
    keep_mail(ada, db)
    ask(app)
    entries: list[dict[str, Any]] = [
        enter(app, key).get_json(),
        app.test_client().post("/api/enter/kit", json={"secret": SECRET}).get_json(),
        open_link(app, tokens(db, "mail")[0]).get_json()["entry"],
    ]
    phones = [join(entry) for entry in entries]
    assert {one.learner for one in phones} == {ada.learner}
    ada.sync()
    ways = {key.partition(":")[0]: row for key, row in ada.view.items() if "used_at" in row}
    assert {kind: row["used_at"] for kind, row in ways.items()} == dict.fromkeys(
        ("passkey", "kit", "mail"), write_time(NOON)
    )


def test_an_invitation_lets_in_one_phone(app: Flask, ada: Phone, join: Callable[..., Phone]) -> None:
    key = Authenticator()
    add_passkey(ada, key)
    ada.sync()
    entry = enter(app, key).get_json()
    join(entry)
    thief = Phone(app, at=NOON, learner=entry["learner"])
    thief.record("device.hello", {"key": thief.jwk(), "invite": entry["secret"]})
    reply = thief.post(thief.outbox).get_json()
    assert (reply["results"][0]["why"], reply["feeds"]) == ("learner_taken", {})


def test_a_playlist_saved_on_one_phone_is_told_to_the_others(app: Flask, ada: Phone, museum: Museum) -> None:
    body = {"playlist": museum.playlist.id, "version": "v1"}
    ada.record("playlist.save", body)
    ada.sync()
    assert ada.view[f"saved:{museum.playlist.id}"]["slug"] == "museum-visit"
    ada.record("playlist.forget", body)
    ada.sync()
    assert f"saved:{museum.playlist.id}" not in ada.view
