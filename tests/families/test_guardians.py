"""Guardians: who may become one, what consent lets happen, and how a child takes over for good."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import FORGETS, MERGES
from server.accounts.models import Device, Learner
from server.core.db import db as database
from server.core.db import new_id
from server.core.storage import files
from server.families import forgetting, merging, services
from server.families.models import Consent, Guardianship
from server.replicas.history import check_history
from tests.cast import NOON, Museum
from tests.phone import Phone, b64, milliseconds

WORDS = {"words": "I agree that Testbridge keeps what Ben learns.", "lang": "en"}
YOUNG, GROWN = NOON.year - 9, NOON.year - 18


def add_body(guardian: Phone, child: Phone, **more: Any) -> dict[str, Any]:
    word = child.sign(f"streetwise child\n{guardian.learner}\n{child.learner}".encode())
    named = {"name": "", "picture": "", "country": "NL", "born": YOUNG, "consent": WORDS}
    return {"child": child.learner, "device": child.device, "word": word, **named, **more}


def send(phone: Phone, type: str, body: dict[str, Any]) -> dict[str, Any]:
    event = phone.record(type, body)
    phone.sync()
    return phone.results[event]


def add(guardian: Phone, child: Phone, **more: Any) -> dict[str, Any]:
    return send(guardian, "child.add", add_body(guardian, child, **more))


def child_row(guardian: Phone, child: Phone) -> dict[str, Any]:
    """What a guardian's phone knows of a child; empty when nothing."""
    rows = (row for key, row in guardian.view.items() if key.startswith("child:"))
    return next((row for row in rows if row["child"] == child.learner), {})


def guardians(child: Phone) -> list[dict[str, Any]]:
    return [row for key, row in child.view.items() if key.startswith("guardian:")]


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    return Phone(app, at=NOON)


@pytest.fixture
def ben(app: Flask, museum: Museum) -> Phone:
    """A child's device on the same phone, which has said hello."""
    phone = Phone(app, at=NOON)
    phone.hello()
    phone.sync()
    return phone


def let_in(guardian: Phone, child: Phone, *, own: bool = False) -> Phone:
    """Let one more phone in for a child, by its guardian's word; return that phone."""
    secret = b64(hashlib.sha256(new_id().encode()).digest())
    digest = b64(hashlib.sha256(secret.encode()).digest())
    until = milliseconds(guardian.at + timedelta(hours=24))
    body = {"child": child.learner, "invite": digest, "until": until, "own": own}
    assert send(guardian, "child.invite", body)["state"] == "ok"
    phone = Phone(guardian.app, at=guardian.at, learner=child.learner)
    phone.record("device.hello", {"key": phone.jwk(), "agent": "new", "languages": ["en"], "invite": secret})
    phone.sync()
    return phone


def give_kit(phone: Phone) -> None:
    """Make a recovery kit on this phone."""
    body = {"kit": str(new_id()), "digest": new_id()[:36] + "A" * 7, "label": None}
    assert send(phone, "kit.make", body)["state"] == "ok"


def test_a_guardian_adds_a_child_and_both_read_of_it(ada: Phone, ben: Phone, db: Session) -> None:
    assert add(ada, ben)["state"] == "ok"
    ben.sync()
    row = child_row(ada, ben)
    assert (row["born"], row["alone_from"], row["withdrawn"]) == (YOUNG, YOUNG + 17, False)
    assert [row["own"] for row in guardians(ben)] == [False]
    [given] = db.scalars(select(Consent)).all()
    assert (given.words, given.by_id, given.learner_id) == (WORDS["words"], ada.learner, ben.learner)
    assert ben.view[f"consent:{given.id}"]["ended_at"] is None
    assert services.may_act_for(db, ada.learner, ben.learner)
    assert not services.may_act_for(db, ben.learner, ada.learner)
    assert check_history(database.engine, files(), NOON).findings == []


def test_what_the_guardian_says_waits_until_the_child_has_said_hello(app: Flask, ada: Phone) -> None:
    ben = Phone(app, at=NOON)
    ben.hello()
    event = ada.record("child.add", add_body(ada, ben))
    ada.sync()
    assert ada.results[event]["state"] == "hold"
    ben.sync()
    ada.sync()
    assert ada.state(event) == "ok"
    assert child_row(ada, ben)


def test_nobody_becomes_a_guardian_without_the_childs_own_word(ada: Phone, ben: Phone, db: Session) -> None:
    forged = add_body(ada, ben)["word"][:-4] + "AAAA"
    assert add(ada, ben, word=forged)["why"] == "no_guardian"
    assert add(ada, ben, word=ada.sign(b"x"), device=ada.device)["why"] == "no_guardian"
    assert db.scalars(select(Guardianship)).all() == []


@pytest.mark.parametrize(
    ("country", "age", "state"),
    [("NL", 16, "rejected"), ("NL", 17, "ok"), ("ES", 14, "rejected"), ("ES", 15, "ok"), ("ZZ", 16, "rejected")],
)  # fmt: skip
def test_the_countrys_age_says_who_needs_consent(
    ada: Phone, ben: Phone, country: str, age: int, state: str
) -> None:
    assert add(ada, ben, country=country, born=NOON.year - age, consent=None)["state"] == state


def test_a_city_overrules_the_table_for_its_own_country(
    ada: Phone, ben: Phone, museum: Museum, db: Session
) -> None:
    museum.city.country, museum.city.privacy = "NL", {"age_of_consent": 12}
    db.commit()
    assert add(ada, ben, born=NOON.year - 13, consent=None)["state"] == "ok"


def test_a_withdrawn_consent_stops_the_childs_phones_and_a_new_one_lets_them_go_on(
    ada: Phone, ben: Phone, museum: Museum, db: Session
) -> None:
    add(ada, ben)
    assert send(ada, "child.consent", {"child": ben.learner, "consent": None})["state"] == "ok"
    assert child_row(ada, ben)["withdrawn"] is True
    ben.scan(museum.code(0))
    assert ben.post(ben.outbox).status_code == 401
    assert db.scalars(services.lapsed_before(NOON + timedelta(seconds=1))).all() == [ben.learner]
    ada.wait(hours=1)
    assert send(ada, "child.consent", {"child": ben.learner, "consent": WORDS})["state"] == "ok"
    ben.sync()
    assert f"checkin:{museum.activities[0].id}" in ben.view
    assert db.scalars(services.lapsed_before(NOON + timedelta(days=9))).all() == []


def test_a_guardians_new_phone_brings_the_child(ada: Phone, ben: Phone) -> None:
    add(ada, ben)
    assert [row["guardian"] for row in guardians(let_in(ada, ben))] == [ada.learner]


def test_a_stranger_lets_nobody_in(app: Flask, ada: Phone, ben: Phone) -> None:
    add(ada, ben)
    eve = Phone(app, at=NOON)
    body = {"child": ben.learner, "invite": "A" * 43, "until": milliseconds(NOON), "own": True}
    assert send(eve, "child.invite", body)["why"] == "no_guardian"
    assert send(eve, "child.consent", {"child": ben.learner, "consent": None})["why"] == "no_guardian"


def test_a_child_takes_over_and_the_shared_phone_is_left_behind(
    ada: Phone, ben: Phone, museum: Museum, db: Session
) -> None:
    add(ada, ben, name="Ben", picture="boat")
    mine = let_in(ada, ben, own=True)
    assert send(mine, "child.free", {})["why"] == "no_way"
    give_kit(mine)
    assert send(mine, "child.free", {})["state"] == "ok"
    assert guardians(mine) == []
    mine.scan(museum.code(0))
    mine.sync()
    assert f"checkin:{museum.activities[0].id}" in mine.view
    assert ben.post([]).status_code == 401
    ada.sync()
    assert list(child_row(ada, ben)) == ["child", "freed_at"]
    body = {"child": ben.learner, "invite": "A" * 43, "until": milliseconds(NOON), "own": False}
    assert send(ada, "child.invite", body)["why"] == "no_guardian"
    db.expire_all()
    held = db.scalars(select(Guardianship)).one()
    assert (held.name, held.born, held.ended_at is not None) == ("", None, True)
    assert check_history(database.engine, files(), NOON).findings == []


def test_on_the_shared_phone_a_young_child_cannot_take_over(ada: Phone, ben: Phone, db: Session) -> None:
    add(ada, ben)
    give_kit(ben)
    let_in(ada, ben, own=True)
    assert send(ben, "child.free", {})["why"] == "not_yet"


def test_who_is_old_enough_needs_nobodys_word_to_take_over(ada: Phone, ben: Phone, db: Session) -> None:
    add(ada, ben, born=GROWN, consent=None)
    give_kit(ben)
    assert send(ben, "child.free", {})["state"] == "ok"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_nobody_has_children_without_end(ada: Phone, ben: Phone, db: Session, museum: Museum) -> None:
    for phone in (ada, ben):
        phone.hello()
        phone.sync()
    for _ in range(services.MOST_CHILDREN):
        child = Learner(id=new_id(), city_id=museum.city.id, created_at=NOON)
        db.add(child)
        db.flush()
        db.add(Guardianship(guardian_id=ada.learner, child_id=child.id, country="NL", born=YOUNG, since=NOON))
    db.commit()
    assert add(ada, ben)["why"] == "too_many"
    assert not services.may_act_for(db, ada.learner, ben.learner)


def test_a_child_is_nobodys_guardian(app: Flask, ada: Phone, ben: Phone) -> None:
    add(ada, ben)
    baby = Phone(app, at=NOON)
    baby.hello()
    baby.sync()
    assert add(ben, baby)["why"] == "no_guardian"
    assert add(baby, ada)["why"] == "no_guardian"


def test_two_who_are_one_keep_their_children_and_one_who_erases_leaves_no_trace(
    app: Flask, ada: Phone, ben: Phone, db: Session
) -> None:
    add(ada, ben)
    other = Phone(app, at=NOON)
    other.hello()
    other.sync()
    assert merging.move_families in MERGES and forgetting.forget in FORGETS
    told = merging.move_families(db, ada.learner, other.learner, NOON)
    assert [row and row["child"] for _, row in told] == [ben.learner]
    assert services.may_act_for(db, other.learner, ben.learner)
    db.commit()
    add(ada, ben)
    again = services.find_guardianship(db, ada.learner, ben.learner)
    assert f"child:{again.id}" in ada.view
    forgetting.forget(db, ben.learner, NOON)
    db.commit()
    ada.sync()
    assert f"child:{again.id}" not in ada.view
    assert db.scalars(select(Guardianship)).all() == [] and db.scalars(select(Consent)).all() == []
    assert db.scalars(select(Device).where(Device.learner_id == ben.learner)).one().revoked_at is None
