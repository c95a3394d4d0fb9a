"""Chains: what does not fit is kept, takes no place, and learns where to go on."""

from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.learning.models import CheckIn
from server.replicas.models import Event
from tests.cast import NOON, Museum
from tests.phone import Phone, b64


@pytest.fixture
def ada(app: Flask) -> Phone:
    return Phone(app, at=NOON)


def roll_back(phone: Phone) -> Phone:
    """Copy a phone's store, as a backup of its profile does. Both go on with the same key."""
    app, phone.app = phone.app, None  # type: ignore[assignment]
    key = phone.key
    phone.key = None  # type: ignore[assignment]
    copy = deepcopy(phone)
    phone.app = copy.app = app
    phone.key = copy.key = key
    return copy


def stored(db: Session, event_id: str) -> Event:
    db.rollback()
    return db.scalars(select(Event).where(Event.id == event_id)).one()


def test_what_does_not_fit_its_chain_is_kept_and_told_where_the_chain_ends(
    ada: Phone, museum: Museum, db: Session
) -> None:
    ada.hello()
    end = ada.prev
    broken = ada.scan(museum.code(0), prev=b64(b"x" * 32))
    sent = ada.outbox[-1]
    ada.sync()
    assert ada.results[broken]["why"] == "chain_broken"
    assert ada.results[broken]["effect"] == {"seq": 1, "prev": end}
    kept = stored(db, broken)
    assert (kept.payload, kept.signature, kept.state) == (sent["p"], sent["s"], "rejected")
    assert ada.view[f"verdict:{broken}"]["effect"] == {"seq": 1, "prev": end}


def test_a_place_is_taken_once_and_the_other_is_kept_too(ada: Phone, museum: Museum, db: Session) -> None:
    ada.scan(museum.code(0))
    ada.sync()
    first = ada.prev
    fork = ada.scan(museum.code(1), seq=2)
    (result,) = ada.post(ada.outbox).get_json()["results"]
    assert result == {
        "id": fork, "state": "rejected", "why": "chain_broken", "durable": True, "appeal": True,
        "effect": {"seq": 2, "prev": first},
    }  # fmt: skip
    assert stored(db, fork).state == "rejected"
    (again,) = ada.post(ada.outbox).get_json()["results"]
    assert (again["state"], again["verdict"], again["effect"]) == ("dup", "rejected", result["effect"])


def rebase(phone: Phone, end: dict[str, Any], events: list[dict[str, Any]]) -> None:
    phone.seq, phone.prev, phone.outbox = end["seq"], end["prev"], []
    for event in events:
        phone.record(event["type"], event["body"])


def test_a_phone_that_was_rolled_back_goes_on_where_the_chain_ends(
    ada: Phone, museum: Museum, db: Session
) -> None:
    ada.hello()
    ada.sync()
    old = roll_back(ada)
    for number in (0, 1):
        ada.scan(museum.code(number))
    ada.sync()
    codes = [museum.code(n) for n in (2, 3, 0)]
    bodies = [{"point": one.point_id, "proof": f"{one.level}{one.secret}"} for one in codes]
    scans = [old.record("checkin.scan", body) for body in bodies]
    reply = old.sync()
    assert [old.results[one]["why"] for one in scans] == ["chain_broken"] * 3
    assert [old.results[one]["effect"] for one in scans] == [{"seq": 3, "prev": ada.prev}] * 3
    assert reply["missing"] == []
    rebase(old, old.results[scans[-1]]["effect"], [{"type": "checkin.scan", "body": body} for body in bodies])
    assert old.sync()["missing"] == []
    assert [one["state"] for one in old.results.values()][-3:] == ["ok"] * 3
    db.rollback()
    assert len(db.scalars(select(CheckIn)).all()) == 4


def test_what_follows_one_that_did_not_fit_does_not_fit_either(ada: Phone, museum: Museum) -> None:
    ada.scan(museum.code(0))
    ada.sync()
    end = {"seq": 2, "prev": ada.prev}
    ada.scan(museum.code(1), seq=2)
    after, last = (ada.record("checkin.scan", {"activity": museum.activities[n].id}) for n in (2, 3))
    fork, *others = ada.outbox
    ada.post([fork])
    for sent in others:  # each in a batch of its own
        (result,) = ada.post([sent]).get_json()["results"]
        assert (result["id"] in (after, last), result["why"], result["effect"]) == (True, "chain_broken", end)


def test_a_hello_that_does_not_fit_blocks_nobody(ada: Phone, app: Flask, museum: Museum) -> None:
    ada.hello()
    broken = Phone(app, at=NOON)
    broken.record("device.hello", {"key": broken.jwk()}, prev="x")
    results = ada.post([*broken.outbox, *ada.outbox]).get_json()["results"]
    assert [(one["state"], one.get("why", "")) for one in results] == [
        ("later", "unknown_device"),
        ("ok", ""),
    ]
