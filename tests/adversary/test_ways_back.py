"""Who tries to get in as somebody else, a thousand times; and who floods somebody's mailbox. The rightful person gets in."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import Invitation
from server.post import askings
from server.post.models import Mail
from tests.cast import NOON, Museum
from tests.phone import Phone, b64
from tests.ways.authenticator import Authenticator, add_passkey, enter
from tests.ways.conftest import ada  # noqa: F401  # a fixture
from tests.ways.test_kits import SECRET, make_kit
from tests.ways.test_mails import ADDRESS, add, ask, keep_mail, open_link, tokens

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
EVE, ADA = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def key(ada: Phone) -> Authenticator:  # noqa: F811
    """Ada's passkey, which the server knows."""
    made = Authenticator()
    add_passkey(ada, made)
    ada.sync()
    return made


def invitations(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(Invitation)) or 0


def test_a_thousand_forged_passkeys_open_nothing_and_lock_nobody_out(
    app: Flask, db: Session, key: Authenticator, caplog: pytest.LogCaptureFixture
) -> None:
    forged, client = Authenticator(id=key.id), app.test_client()
    challenge = client.post("/api/enter/passkey/options").get_json()["challenge"]
    answers = []
    with caplog.at_level(logging.WARNING):
        for n in range(1000):
            shown = forged.show(challenge if n == 0 else b64(n.to_bytes(32, "big")))
            answers.append(
                client.post("/api/enter/passkey", json={"credential": shown}, environ_base={"REMOTE_ADDR": EVE}).status_code
            )  # fmt: skip
    assert set(answers) == {403, 429}
    assert answers.count(403) <= 20
    assert f"Too many wrong tries to enter by passkey from {EVE}" in caplog.text
    assert invitations(db) == 0
    assert enter(app, key, REMOTE_ADDR=ADA).status_code == 200


def test_who_is_right_gets_in_beside_who_tries_from_the_same_network(app: Flask, key: Authenticator) -> None:
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], enter_rate="5 per hour")
    tried = [enter(app, Authenticator(id=key.id), REMOTE_ADDR=ADA).status_code for _ in range(30)]
    assert tried == [403] * 5 + [429] * 25
    assert enter(app, key, REMOTE_ADDR=ADA).status_code == 200


def test_a_thousand_guessed_kits_open_nothing(app: Flask, db: Session, ada: Phone) -> None:  # noqa: F811
    make_kit(ada)
    ada.sync()
    client = app.test_client()
    answers = [
        client.post("/api/enter/kit", json={"secret": b64(n.to_bytes(16, "big"))}, environ_base={"REMOTE_ADDR": EVE}).status_code
        for n in range(1000)
    ]  # fmt: skip
    assert (answers[:20], set(answers[20:])) == ([403] * 20, {429})
    assert invitations(db) == 0
    mine = client.post("/api/enter/kit", json={"secret": SECRET}, environ_base={"REMOTE_ADDR": ADA})
    assert mine.status_code == 200


def test_guessed_links_are_limited(app: Flask, museum: Museum) -> None:
    answers = [open_link(app, f"{n:032}").status_code for n in range(40)]
    assert answers == [410] * 20 + [429] * 20


def test_asking_for_somebodys_mails_floods_nobody(
    app: Flask,
    db: Session,
    ada: Phone,  # noqa: F811
) -> None:
    """Whoever asks, at most one unused link is new; each in the mailbox works for a day, so its owner gets in."""
    keep_mail(ada, db)
    for hour in range(20):
        for network in range(3):
            assert ask(app, REMOTE_ADDR=f"198.51.100.{network}").status_code in (204, 429)
            askings.answer_all(NOON)
        ada.wait(minutes=11 if hour % 2 else 1)
    sent = tokens(db, "mail")
    assert 1 <= len(sent) <= 30
    assert open_link(app, sent[0]).status_code == 200


def test_a_second_mail_within_ten_minutes_is_not_sent(app: Flask, db: Session, ada: Phone) -> None:  # noqa: F811
    keep_mail(ada, db)
    ask(app)
    assert len(tokens(db, "mail")) == 1
    ada.wait(minutes=9)
    ask(app)
    assert len(tokens(db, "mail")) == 1
    ada.wait(minutes=2)
    ask(app)
    assert len(tokens(db, "mail")) == 2


def test_a_crowd_of_new_learners_cannot_bomb_an_address(app: Flask, db: Session, museum: Museum) -> None:
    """Each adds the victim's address, again and again, and removes it."""
    for n in range(12):
        eve = Phone(app, at=NOON + timedelta(minutes=n))
        eve.hello()
        eve.sync()
        for _ in range(3):
            assert add(eve, ADDRESS).status_code in (200, 429)
    assert (db.scalar(select(func.count()).where(Mail.to == ADDRESS)) or 0) <= 10
