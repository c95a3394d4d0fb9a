"""Who checks in many who are not there, or sets their clock back."""

from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.learning.models import CheckIn, Flag
from tests.cast import NOON, Museum
from tests.learning.flagging import crowd, kinds, new_phone, scan
from tests.phone import Phone

FAR = {"is": "out", "accuracy": "fine"}


def test_sixty_learners_on_one_phone_are_flagged_all(app: Flask, db: Session, museum: Museum) -> None:
    people = crowd(app, museum.code(0), 60, boot="one phone")
    assert kinds(db, people[59][0]) == ["many_on_one_phone"]
    rows = db.scalars(select(Flag)).all()
    assert (len(rows), {row.facts["learners"] for row in rows}) == (60, {60})
    assert db.scalar(select(func.count()).select_from(CheckIn)) == 60


def test_a_hurried_crowd_of_new_phones_from_one_network_is_slowed(app: Flask, museum: Museum) -> None:
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], device_rate="60 per minute")
    answers = []
    for _ in range(70):
        phone = Phone(app, at=NOON)
        scan(phone, museum.code(0))
        answers.append(phone.post(phone.outbox).status_code)
    assert answers[:60] == [200] * 60
    assert 429 in answers[60:]


def test_a_back_dated_clock_is_put_right_by_what_the_server_saw(app: Flask, museum: Museum) -> None:
    """Stop 1 counts from 9 to 15 o'clock. Who was online at 19:59 was not there at 14."""
    eve = new_phone(app, NOON + timedelta(hours=8))
    eve.skew = -timedelta(hours=6)
    event = scan(eve, museum.code(1))
    eve.sync()
    assert (eve.results[event]["state"], eve.results[event]["why"]) == ("rejected", "window_closed")


def test_a_back_dated_clock_of_who_was_never_online_is_a_claim(app: Flask, museum: Museum) -> None:
    eve = Phone(app, at=NOON + timedelta(hours=8), skew=-timedelta(hours=6))
    event = scan(eve, museum.code(1))
    eve.sync()
    assert (eve.results[event]["state"], eve.results[event]["effect"]["time"]) == ("ok", "claimed")


def test_a_clock_set_ahead_gains_nothing(app: Flask, museum: Museum) -> None:
    eve = new_phone(app, NOON - timedelta(hours=5))
    eve.skew = timedelta(hours=4)
    event = scan(eve, museum.code(1))
    eve.sync()
    assert eve.results[event]["why"] == "window_closed"


def test_a_forged_anchor_proves_nothing(app: Flask, museum: Museum) -> None:
    """Within the window a true anchor would make it proven: another phone's, or a made-up one, does not."""
    stolen = new_phone(app).anchor
    for anchor in (f"{int(NOON.timestamp() * 1000)}-AAAAAAAAAAAAAAAAAAAAAA", stolen):
        eve = Phone(app, at=NOON + timedelta(hours=1), anchor=anchor)
        event = scan(eve, museum.code(1))
        eve.sync()
        assert (eve.results[event]["state"], eve.results[event]["effect"]["time"]) == ("ok", "claimed")


def test_who_says_that_they_are_far_away_is_flagged(app: Flask, db: Session, museum: Museum) -> None:
    code = museum.code(0)
    code.latitude, code.longitude, code.radius_m = 52.0, 5.0, 100
    db.commit()
    [(eve, _)] = crowd(app, code, 1, place=FAR)
    assert kinds(db, eve) == ["far_away"]
