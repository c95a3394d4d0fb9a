"""A recovery kit: words on paper that let their learner in again, and nobody else."""

import base64
import hashlib
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils import uuid7

from server.accounts.models import RecoveryKit
from server.post.models import Mail
from tests.phone import Phone, b64
from tests.ways.test_mails import keep_mail

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
SECRET = b64(b"sixteen bytes...")


def make_kit(phone: Phone, secret: str = SECRET, kit: str = "") -> str:
    digest = b64(hashlib.sha256(secret.encode()).digest())
    return phone.record("kit.make", {"kit": kit or str(uuid7()), "digest": digest, "label": None})


def kits(phone: Phone) -> list[dict[str, object]]:
    return [row for key, row in phone.view.items() if key.startswith("kit:")]


def test_who_has_the_words_gets_in(app: Flask, ada: Phone, join: Callable[..., Phone]) -> None:
    make_kit(ada)
    ada.sync()
    assert kits(ada)[0]["used_at"] is None
    answer = app.test_client().post("/api/enter/kit", json={"secret": SECRET})
    phone = join(answer.get_json())
    assert phone.learner == ada.learner
    assert kits(phone)[0]["used_at"] == "2026-06-01T12:00:00.000Z"


def test_the_server_keeps_no_words(ada: Phone, db: Session) -> None:
    make_kit(ada)
    ada.sync()
    kit = db.scalars(select(RecoveryKit)).one()
    assert kit.digest == b64(hashlib.sha256(SECRET.encode()).digest())
    assert len(base64.urlsafe_b64decode(SECRET + "==")) == 16


def test_other_words_open_nothing(app: Flask, ada: Phone) -> None:
    make_kit(ada)
    ada.sync()
    answer = app.test_client().post("/api/enter/kit", json={"secret": b64(b"sixteen others..")})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_let_in")


def test_a_kit_that_was_ended_opens_nothing(app: Flask, ada: Phone) -> None:
    make_kit(ada)
    ada.sync()
    ada.record("kit.drop", {"kit": kits(ada)[0]["id"]})
    ada.sync()
    assert kits(ada) == []
    assert app.test_client().post("/api/enter/kit", json={"secret": SECRET}).status_code == 403


def test_a_kit_is_ended_by_its_learner_alone_and_made_once(app: Flask, ada: Phone) -> None:
    id, eve = str(uuid7()), Phone(app, at=ada.at)
    make_kit(ada, kit=id)
    make_kit(ada, kit=id)
    ada.sync()
    assert len(kits(ada)) == 1
    tried = [eve.record("kit.drop", {"kit": id}), make_kit(eve), make_kit(eve, "x" * 22, kit=id)]
    eve.sync()
    assert [eve.results[one]["why"] for one in tried] == ["unknown_way", "kit_taken", "kit_taken"]
    assert app.test_client().post("/api/enter/kit", json={"secret": SECRET}).status_code == 200


def test_a_kit_that_was_used_is_told_to_the_learners_addresses(app: Flask, ada: Phone, db: Session) -> None:
    keep_mail(ada, db)
    make_kit(ada)
    ada.sync()
    app.test_client().post("/api/enter/kit", json={"secret": SECRET})
    assert (
        "Somebody got in with your recovery kit." in db.scalars(select(Mail).order_by(Mail.id)).all()[-1].text
    )
