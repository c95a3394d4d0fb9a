"""One learner, two phones: joined by a secret, once; both then see one truth."""

import hashlib
import secrets
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.accounts.models import Device, Invitation
from server.badges.models import Award
from server.core.db import Base
from server.learning.models import CheckIn
from tests.cast import NOON, Museum
from tests.learning.walk import do_stop
from tests.phone import Phone, b64, milliseconds


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    phone = Phone(app, at=NOON)
    phone.hello()
    phone.sync()
    return phone


def invite(phone: Phone, hours: float = 24) -> str:
    """Let a phone record an invitation; return the secret."""
    secret = b64(secrets.token_bytes(32))
    digest = b64(hashlib.sha256(secret.encode()).digest())
    until = milliseconds(phone.at + timedelta(hours=hours))
    phone.record("device.invite", {"invite": digest, "until": until})
    return secret


def second(phone: Phone, secret: str | None) -> Phone:
    """Another phone that says it is the same learner's."""
    other = Phone(phone.app, at=phone.at, learner=phone.learner)
    other.record("device.hello", {"key": other.jwk(), "invite": secret})
    return other


def why(phone: Phone) -> list[str]:
    return [one.get("why", one["state"]) for one in phone.post(phone.outbox).get_json()["results"]]


def test_a_second_phone_joins_by_the_first_ones_word(ada: Phone, museum: Museum, db: Session) -> None:
    ada.scan(museum.code(0))
    secret = invite(ada)
    ada.sync()
    other = second(ada, secret)
    other.sync()
    assert f"checkin:{museum.activities[0].id}" in other.view
    db.rollback()
    kept = db.scalars(select(Invitation)).one()
    assert (kept.device_id, kept.used_at) == (other.device, NOON)
    assert secret not in kept.digest
    assert db.get_one(Device, other.device).learner_id == ada.learner


def test_the_same_stop_on_two_phones_counts_once_and_both_see_it(
    ada: Phone, museum: Museum, db: Session
) -> None:
    other = second(ada, invite(ada))
    ada.sync()
    other.sync()
    mine, theirs = ada.scan(museum.code(0)), other.scan(museum.code(0))
    other.sync()
    ada.sync()
    assert ada.results[mine]["effect"]["already"] is True
    other.sync()
    assert ada.view == other.view
    assert (ada.state(theirs), other.state(mine)) == ("ok", "ok")
    db.rollback()
    assert db.scalar(select(func.count(CheckIn.id))) == 1


def test_different_stops_on_two_phones_complete_one_playlist(ada: Phone, museum: Museum, db: Session) -> None:
    other = second(ada, invite(ada))
    ada.sync()
    other.sync()
    for phone, stops in ((ada, (0, 2)), (other, (1, 3))):
        for number in stops:
            do_stop(phone, museum, number)
    other.sync()
    ada.sync()
    other.sync()
    ada.sync()
    assert ada.view == other.view
    assert len(ada.badges()) == 1
    db.rollback()
    assert db.scalar(select(func.count(Award.id))) == 1


def test_a_phone_that_was_faster_than_its_invitation_waits_for_it(ada: Phone, museum: Museum) -> None:
    secret = invite(ada)
    other = second(ada, secret)
    scan = other.scan(museum.code(0))
    first = other.post(other.outbox).get_json()["results"]
    assert [(one["state"], one["why"], one["retry_s"]) for one in first] == [
        ("later", "learner_taken", 60), ("later", "unknown_device", 60),
    ]  # fmt: skip
    ada.sync()
    other.sync()
    assert other.state(scan) == "ok"


def test_an_invitation_is_used_once(ada: Phone, museum: Museum) -> None:
    secret = invite(ada)
    ada.sync()
    other = second(ada, secret)
    assert why(other) == ["ok"]
    assert why(other) == ["dup"]  # the reply was lost
    assert why(second(ada, secret)) == ["learner_taken"]


@pytest.mark.parametrize("hours", [1, 24, 500])
def test_an_invitation_ends_as_it_says_and_after_a_day_at_most(
    ada: Phone, museum: Museum, hours: float
) -> None:
    secret = invite(ada, hours)
    ada.sync()
    other = second(ada, secret)
    other.wait(hours=min(hours, 24))
    assert why(other) == ["learner_taken"]
    other.wait(seconds=-1)
    assert why(other) == ["ok"]


def test_a_phone_whose_invitation_ran_out_is_invited_again(ada: Phone, museum: Museum) -> None:
    other = second(ada, invite(ada, 1))
    scan = other.scan(museum.code(0))
    ada.sync()
    for phone in (ada, other):
        phone.wait(hours=2)
    other.record("device.hello", {"key": other.jwk(), "invite": invite(ada)})
    ada.sync()
    other.outbox = [other.outbox[-1], *other.outbox[:-1]]  # the hello that holds goes first
    other.sync()
    assert (other.state(scan), other.outbox) == ("ok", [])


@pytest.mark.parametrize("secret", [None, "", "x" * 43, 7])
def test_a_wrong_invitation_opens_nothing(ada: Phone, museum: Museum, secret: str | None) -> None:
    invite(ada)
    ada.sync()
    assert why(second(ada, secret)) == ["learner_taken"]


def test_an_invitation_opens_its_own_learner_only(ada: Phone, app: Flask, museum: Museum) -> None:
    eve = Phone(app, at=NOON)
    secret = invite(eve)
    eve.sync()
    assert why(second(ada, secret)) == ["learner_taken"]


def test_nobody_takes_over_an_invitation_by_its_hash(ada: Phone, app: Flask, museum: Museum) -> None:
    secret = invite(ada)
    ada.sync()
    eve = Phone(app, at=NOON)
    digest = b64(hashlib.sha256(secret.encode()).digest())
    eve.record("device.invite", {"invite": digest, "until": milliseconds(NOON + timedelta(hours=9))})
    eve.sync()
    assert why(second(eve, secret)) == ["learner_taken"]
    assert why(second(ada, secret)) == ["ok"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"invite": "short", "until": 1}, "body.invite"),
        ({"invite": "x" * 43, "until": "1"}, "body.until"),
        ({"invite": "x" * 43, "until": 10**15}, "body.until"),
    ],
)
def test_what_is_no_invitation_says_where(
    ada: Phone, museum: Museum, body: dict[str, object], where: str
) -> None:
    event = ada.record("device.invite", body)
    ada.sync()
    assert ada.results[event]["effect"] == {"where": where}


def test_who_says_hello_for_anothers_learner_is_told_nothing_of_theirs(ada: Phone, museum: Museum) -> None:
    ada.scan(museum.code(0))
    ada.photograph(museum.task(2, "photo"), b"not here")
    ada.sync()
    reply = second(ada, None).post(second(ada, None).outbox)
    assert reply.status_code == 401  # another phone's hello proves nothing
    eve = second(ada, None)
    told = eve.post(eve.outbox).get_json()
    assert (told["feeds"], told["want_blobs"], told["missing"]) == ({}, [], [])


def test_an_invitation_can_be_taken_back(ada: Phone) -> None:
    secret = invite(ada)
    digest = b64(hashlib.sha256(secret.encode()).digest())
    ada.sync()
    ada.record("device.invite", {"invite": digest, "until": milliseconds(ada.at)})
    ada.sync()
    assert why(second(ada, secret)) == ["learner_taken"]


def joined(app: Flask, museum: Museum) -> tuple[Phone, Phone, list[list[dict[str, str]]]]:
    """Ada and her second phone, each of which did something after it was registered, and all that each has signed."""
    ada = Phone(app, at=NOON)
    ada.hello()
    other = second(ada, invite(ada))
    chains = [list(ada.outbox), list(other.outbox)]
    ada.sync()
    other.sync()
    for phone, chain, number in ((ada, chains[0], 0), (other, chains[1], 2)):
        phone.scan(museum.code(number))
        chain += phone.outbox
        phone.sync()
    return ada, other, chains


def forget(session: Session) -> None:
    """Put the server back to before anybody was here, as a restore does."""
    session.rollback()
    for name in ("invitations", "check_ins", "feed_rows", "feed_heads", "events", "devices", "learners"):
        session.execute(delete(Base.metadata.tables[name]))
    session.commit()


@pytest.mark.parametrize("first", ["ada", "other"])
def test_a_phone_that_was_registered_before_a_restore_needs_no_new_invitation(
    app: Flask, museum: Museum, db: Session, first: str
) -> None:
    ada, other, chains = joined(app, museum)
    forget(db)
    back = [(ada, chains[0]), (other, chains[1])]
    for phone, chain in back if first == "ada" else back[::-1]:
        phone.wait(hours=90)  # the invitation has long run out
        phone.outbox = chain
        phone.sync()
        assert phone.outbox == []
    db.rollback()
    assert {one.id for one in db.scalars(select(Device))} == {ada.device, other.device}
    assert db.scalar(select(func.count(CheckIn.id))) == 2


def test_nobody_comes_in_by_anothers_anchor(app: Flask, museum: Museum, db: Session) -> None:
    """Anchors stand in events, which others may carry: they vouch for one device, its learner and its key."""
    ada, other, chains = joined(app, museum)
    eve = Phone(app, at=NOON)
    eve.hello()
    eve.sync()  # registered, for herself
    forget(db)
    ada.outbox = chains[0]
    ada.sync()
    for anchor, device in (
        (other.anchor, other.device),
        (other.anchor, eve.device),
        (eve.anchor, eve.device),
    ):
        thief = Phone(app, at=ada.at, learner=ada.learner, device=device, key=eve.key, anchor=anchor)
        thief.record("device.hello", {"key": thief.jwk()})
        assert why(thief) == ["learner_taken"]


def test_an_anchor_given_before_registration_proves_nothing(app: Flask, museum: Museum, ada: Phone) -> None:
    eve = second(ada, None)
    eve.anchor = eve.post(eve.outbox).get_json()["anchor"]["id"]
    eve.scan(museum.code(0))
    assert why(eve) == ["learner_taken", "unknown_device"]


def test_an_invited_phone_never_shuts_its_learner_out(app: Flask, museum: Museum) -> None:
    """After a restore the second phone may be here before the first."""
    ada = Phone(app, at=NOON)
    ada.hello()
    secret = invite(ada)
    other = second(ada, secret)
    assert why(other) == ["learner_taken"]
    ada.sync()
    other.sync()
    assert ada.results and all(one["state"] == "ok" for one in [*ada.results.values()])
    assert other.outbox == []
