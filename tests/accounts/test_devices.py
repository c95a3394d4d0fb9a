"""My phones: each has a name and a day on which it was last here, and one may lock another out."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.core.db import db as database
from server.replicas import jobs
from tests.accounts.test_merging import invite, new_phone, second
from tests.cast import Museum
from tests.learning.walk import do_stop
from tests.phone import Phone, milliseconds


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    return new_phone(app)


@pytest.fixture
def other(ada: Phone) -> Phone:
    phone = second(ada, invite(ada))
    phone.sync()
    return phone


def test_phones_are_told_of_each_other_once_there_are_two(ada: Phone, other: Phone) -> None:
    ada.sync()
    rows = {key: row for key, row in ada.view.items() if key.startswith("device:")}
    assert set(rows) == {f"device:{one.device}" for one in (ada, other)}
    assert rows == {key: row for key, row in other.view.items() if key.startswith("device:")}
    other.record("device.name", {"device": ada.device, "name": " Ada's <phone> "})
    other.sync()
    ada.sync()
    assert ada.view[f"device:{ada.device}"]["name"] == "Ada's <phone>"


def test_a_phone_that_was_locked_out_sends_nothing_more(
    ada: Phone, other: Phone, museum: Museum, db: Session
) -> None:
    done = do_stop(other, museum, 0)
    other.sync()
    unsent = do_stop(other, museum, 1)
    ada.record("device.revoke", {"device": other.device})
    ada.sync()
    assert ada.view[f"device:{other.device}"]["revoked"] == milliseconds(ada.at)
    answer = other.post(other.outbox)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "device_revoked")
    carried = ada.post(other.outbox).get_json()["results"]  # somebody else brings it
    assert {one["why"] for one in carried} == {"device_revoked"}
    ada.sync()
    assert (ada.state(done), ada.state(unsent)) == ("ok", "saved")
    assert db.get_one(Device, other.device).revoked_at == ada.at


def test_nobody_names_or_locks_out_what_is_not_theirs_or_the_phone_in_their_hand(
    app: Flask, ada: Phone, other: Phone
) -> None:
    eve = new_phone(app)
    for type, body in (("device.revoke", {}), ("device.name", {"name": "Mine"})):
        event = eve.record(type, {"device": ada.device, **body})
        eve.sync()
        assert eve.results[event]["why"] == "unknown_device"
    event = ada.record("device.revoke", {"device": ada.device})
    ada.sync()
    assert ada.results[event]["why"] == "this_device"


def test_each_day_they_are_told_when_they_were_last_here(ada: Phone, other: Phone) -> None:
    before = ada.view.get(f"device:{other.device}", {}).get("seen")
    other.wait(days=3)
    other.record("playlist.save", {"playlist": other.device})
    other.sync()
    jobs.tell_seen(other.at + timedelta(hours=1))
    database.session().rollback()
    ada.at = other.at
    ada.sync()
    assert before != ada.view[f"device:{other.device}"]["seen"] == milliseconds(other.at)
