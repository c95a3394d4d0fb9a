"""Mail addresses as a way back in: confirmed by a link, asked for by anybody, opened by who reads the mail."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.accounts.learners import FORGETS, MERGES
from server.accounts.models import LearnerMail, MailToken
from server.core.db import db as database
from server.post import askings
from server.post.delivery import letter_of, read_settings
from server.post.models import Mail, MailAsking
from server.post.telling import tell_by_mail
from server.ways import mails
from tests.cast import NOON, Museum
from tests.phone import Phone
from tests.ways.authenticator import Authenticator, add_passkey

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
ADDRESS = "ada@example.org"


def call(phone: Phone, method: str, path: str, body: dict[str, Any] | None = None) -> TestResponse:
    """Call an address that wants the device's signature."""
    raw = json.dumps(body).encode() if body else b""
    signed = f"{method} {path} {hashlib.sha256(raw).hexdigest()}".encode()
    headers = {"Sync-Device": phone.device, "Sync-Signature": phone.sign(signed)}
    phone.app.extensions["streetwise_clock"] = lambda: phone.at
    return phone.app.test_client().open(
        path, method=method, data=raw or None, content_type="application/json", headers=headers
    )


def add(phone: Phone, address: str = ADDRESS) -> TestResponse:
    return call(phone, "POST", "/api/mails", {"address": address, "lang": "en"})


def tokens(db: Session, purpose: str, to: str = ADDRESS) -> list[str]:
    """Read the links of all mails that went to an address, the oldest first."""
    askings.answer_all(NOON)
    db.rollback()
    texts = db.scalars(select(Mail.text).where(Mail.to == to).order_by(Mail.created_at, Mail.id))
    return [token for text in texts for token in re.findall(rf"/enter#{purpose}\.([\w-]{{32}})$", text, re.M)]


def keep_mail(phone: Phone, db: Session, address: str = ADDRESS) -> None:
    """Add an address and confirm it."""
    assert add(phone, address).status_code == 200
    token = tokens(db, "confirm", address)[-1]
    assert phone.app.test_client().post("/api/mails/confirm", json={"token": token}).status_code == 200


def ask(app: Flask, address: str = ADDRESS, **environ: str) -> TestResponse:
    return app.test_client().post(
        "/api/enter/mail", json={"address": address, "lang": "nl"}, environ_base=environ
    )


def open_link(app: Flask, token: str, **more: str) -> TestResponse:
    return app.test_client().post("/api/enter/mail/open", json={"token": token, **more})


def test_a_mail_lets_its_reader_in_on_another_phone(
    app: Flask, ada: Phone, db: Session, join: Callable[..., Phone]
) -> None:
    keep_mail(ada, db)
    ada.sync()
    (row,) = (row for key, row in ada.view.items() if key.startswith("mail:"))
    assert (row["address"], row["confirmed"]) == ("a…a@example.org", True)
    assert ask(app, "ADA@example.org").status_code == 204
    answer = open_link(app, tokens(db, "mail")[0])
    phone = join(answer.get_json()["entry"])
    assert phone.learner == ada.learner
    assert [one["address"] for one in call(ada, "GET", "/api/mails").get_json()["mails"]] == [ADDRESS]


def test_a_link_works_once_and_within_a_day(app: Flask, ada: Phone, db: Session) -> None:
    keep_mail(ada, db)
    ask(app)
    askings.answer_all(NOON)
    ada.wait(hours=1)
    ask(app)
    used, late = tokens(db, "mail")
    assert [open_link(app, used).status_code for _ in range(2)] == [200, 410]
    ada.wait(days=1)
    assert open_link(app, late).status_code == 410
    assert open_link(app, "x" * 32).status_code == 410


def test_an_address_that_nobody_confirmed_opens_nothing(app: Flask, ada: Phone, db: Session) -> None:
    add(ada)
    answers = [ask(app), ask(app, "nobody@example.org"), ask(app, "no address")]
    assert {(one.status_code, one.get_data()) for one in answers} == {(204, b"")}
    assert tokens(db, "mail") == []
    (token,) = tokens(db, "confirm")
    assert open_link(app, token).status_code == 410


def test_asking_does_the_same_for_an_address_that_nobody_has(app: Flask, ada: Phone, db: Session) -> None:
    """How long the answer takes must not tell; and what was asked for outlives a crash."""
    keep_mail(ada, db)
    ask(app, "first@example.org")  # the process reads the city once
    did: dict[str, list[str]] = {}
    for address in (ADDRESS, "nobody@example.org"):
        with statements() as did[address]:
            ask(app, address)
    known, other = did.values()
    assert known == other and any("INSERT INTO mail_askings" in one for one in known)
    db.rollback()
    assert len(db.scalars(select(MailAsking)).all()) == 3
    assert len(tokens(db, "mail")) == 1
    assert db.scalars(select(MailAsking)).all() == []


@contextmanager
def statements() -> Iterator[list[str]]:
    """Note what the database is asked."""
    said: list[str] = []

    def note(*args: Any) -> None:
        said.append(args[2])

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


def test_what_cannot_be_answered_holds_up_no_other_asking(
    app: Flask, ada: Phone, db: Session, museum: Museum
) -> None:
    keep_mail(ada, db)
    askings.ask(db, museum.city, "nothing that anybody answers", ADDRESS, "en", at=NOON)
    db.commit()
    ask(app)
    assert len(tokens(db, "mail")) == 1
    assert len(db.scalars(select(MailAsking)).all()) == 1
    askings.answer_all(NOON + askings.LASTS)
    db.rollback()
    assert db.scalars(select(MailAsking)).all() == []


def test_a_link_to_confirm_works_once(app: Flask, ada: Phone, db: Session) -> None:
    keep_mail(ada, db)
    again = app.test_client().post("/api/mails/confirm", json={"token": tokens(db, "confirm")[0]})
    assert again.status_code == 410


def test_one_address_of_two_learners_asks_which(app: Flask, ada: Phone, db: Session) -> None:
    bob = Phone(app, at=NOON)
    bob.hello()
    bob.sync()
    for phone in (ada, bob):
        keep_mail(phone, db)
    ask(app)
    (token,) = tokens(db, "mail")
    asked = open_link(app, token).get_json()
    assert asked["entry"] is None
    assert {one["learner"] for one in asked["choices"]} == {ada.learner, bob.learner}
    assert open_link(app, token, learner=bob.learner).get_json()["entry"]["learner"] == bob.learner
    assert open_link(app, token, learner=ada.learner).status_code == 410


def test_an_address_goes_with_its_links(app: Flask, ada: Phone, db: Session) -> None:
    keep_mail(ada, db)
    ask(app)
    assert len(tokens(db, "mail")) == 1
    id = call(ada, "GET", "/api/mails").get_json()["mails"][0]["id"]
    eve = Phone(app, at=NOON)
    eve.hello()
    eve.sync()
    assert call(eve, "DELETE", f"/api/mails/{id}").status_code == 404
    assert call(ada, "DELETE", f"/api/mails/{id}").status_code == 204
    ada.sync()
    assert [key for key in ada.view if key.startswith("mail:")] == []
    assert open_link(app, tokens(db, "mail")[0]).status_code == 410


def test_only_the_learners_own_device_reads_and_writes(app: Flask, ada: Phone) -> None:
    stranger = Phone(app, at=NOON)
    for method in ("GET", "POST"):
        body = {"address": ADDRESS, "lang": "en"} if method == "POST" else None
        assert call(stranger, method, "/api/mails", body).status_code == 401
    assert add(ada, "no address").status_code == 422


def test_a_new_way_is_told_to_the_confirmed_addresses_alone(app: Flask, ada: Phone, db: Session) -> None:
    keep_mail(ada, db)
    add(ada, "second@example.org")
    add_passkey(ada, Authenticator())
    ada.sync()
    db.rollback()
    told = db.scalars(select(Mail).where(Mail.subject.startswith("Was it you?"))).all()
    assert [one.to for one in told] == [ADDRESS]
    assert "A passkey was added" in told[0].text


def test_addresses_meet_when_two_learners_are_one(app: Flask, ada: Phone, db: Session) -> None:
    bob = Phone(app, at=NOON)
    bob.hello()
    bob.sync()
    keep_mail(ada, db)
    add(bob)
    for merge in MERGES:
        merge(db, ada.learner, bob.learner, NOON)
    db.commit()
    (mail,) = db.scalars(select(LearnerMail)).all()
    assert (mail.learner_id, mail.confirmed_at) == (bob.learner, NOON)


def test_nothing_stays_of_who_is_forgotten(app: Flask, ada: Phone, db: Session) -> None:
    keep_mail(ada, db)
    ask(app)
    for forget in FORGETS:
        forget(db, ada.learner, NOON)
    db.commit()
    assert db.scalars(select(MailAsking)).all() == []
    assert (db.scalars(select(LearnerMail)).all(), db.scalars(select(MailToken)).all()) == ([], [])


def test_what_a_learner_chose_is_mailed_once_in_a_while_and_ends_by_one_click(
    app: Flask, ada: Phone, db: Session
) -> None:
    keep_mail(ada, db)
    id = call(ada, "GET", "/api/mails").get_json()["mails"][0]["id"]
    assert told(db, ada, "award", NOON) == [], "off until it is chosen"
    assert call(ada, "POST", f"/api/mails/{id}/tells", {"kinds": ["award"]}).get_json()["tells"] == ["award"]
    ada.sync()
    assert ada.view[f"mail:{id}"]["tells"] == ["award"]
    told(db, ada, "award", NOON)
    told(db, ada, "review", NOON)
    (mail,) = told(db, ada, "award", NOON + timedelta(minutes=59))
    assert (mail.to, mail.subject) == (ADDRESS, "A badge has arrived") and "River guide" in mail.text
    letter = letter_of(mail, "Town", read_settings())
    leave = str(letter["List-Unsubscribe"]).strip("<>")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and leave in mail.text
    path = leave.partition("localhost:8000")[2]
    assert b"<form" in app.test_client().get(path).data, "who only looks ends nothing"
    assert len(told(db, ada, "award", NOON + timedelta(hours=1))) == 2
    ended = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert ended.status_code == 200 and len(told(db, ada, "award", NOON + timedelta(hours=9))) == 2
    ada.sync()
    assert ada.view[f"mail:{id}"]["tells"] == []


def told(db: Session, phone: Phone, kind: str, at: datetime) -> list[Mail]:
    """Tell a learner something, and return all such mails so far."""
    db.rollback()
    tell_by_mail(db, phone.learner, kind, {"en": "River guide"}, at)
    db.commit()
    return list(db.scalars(select(Mail).where(Mail.unsubscribe != "").order_by(Mail.created_at)))


def test_only_the_learner_chooses_what_is_mailed(app: Flask, ada: Phone, db: Session) -> None:
    keep_mail(ada, db)
    id = call(ada, "GET", "/api/mails").get_json()["mails"][0]["id"]
    eve = Phone(app, at=NOON)
    eve.hello()
    eve.sync()
    assert call(eve, "POST", f"/api/mails/{id}/tells", {"kinds": ["award"]}).status_code == 404
    assert call(ada, "POST", f"/api/mails/{id}/tells", {"kinds": ["send"]}).status_code == 422
    assert app.test_client().post(f"/unsubscribe/{'x' * 32}").status_code == 200


def test_what_nobody_confirmed_goes_within_a_week(ada: Phone, db: Session) -> None:
    keep_mail(ada, db)
    add(ada, "typo@example.org")
    mails.forget_old(db, NOON + timedelta(days=8))
    db.commit()
    ada.sync()
    assert [one.address for one in db.scalars(select(LearnerMail))] == [ADDRESS]
    assert len([key for key in ada.view if key.startswith("mail:")]) == 1
