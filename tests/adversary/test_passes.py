"""Who shows another's pass, shows it twice or late, or edits what a door gave them."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.cast import Museum
from tests.door.at_the_door import (
    DoorPhone,
    check_ins,
    forge,
    hold_session,
    open_door,
    point,
    scan_receipt,
    show_pass,
)  # fmt: skip
from tests.learning.flagging import kinds, new_phone


@pytest.fixture
def door(app: Flask, museum: Museum, db: Session) -> DoorPhone:
    return open_door(app, db, hold_session(db, museum))


def test_a_screenshot_of_a_pass_lets_in_its_owner_not_who_shows_it(
    app: Flask, db: Session, door: DoorPhone
) -> None:
    """Eve at the door shows Ada's pass: it is Ada's check-in, with Ada's name and picture if she agreed."""
    ada, eve = new_phone(app), new_phone(app)
    event = door.let_in(pass_=show_pass(ada, "Ada", "fox"))
    door.phone.sync()
    assert door.effect(event)["learner"] == ada.learner
    assert (len(check_ins(db, ada)), check_ins(db, eve)) == (1, [])
    assert door.entries()[ada.learner]["name"] == "Ada"


def test_a_picture_that_is_minutes_old_is_flagged(app: Flask, db: Session, door: DoorPhone) -> None:
    ada = new_phone(app)
    taken = show_pass(ada)
    door.phone.wait(minutes=5)
    event = door.let_in(pass_=taken)
    door.phone.sync()
    assert door.effect(event)["stale_pass"] >= 4 * 60
    assert kinds(db, ada) == ["stale_pass"]


def test_one_pass_at_two_doors_is_one_person(
    app: Flask, db: Session, museum: Museum, door: DoorPhone
) -> None:
    from server.occurrences.models import Occurrence

    other = open_door(app, db, db.get_one(Occurrence, door.occurrence))
    ada = new_phone(app)
    shown = show_pass(ada)
    first, second = door.let_in(pass_=shown), other.let_in(pass_=shown)
    door.phone.sync()
    other.phone.sync()
    assert "already" not in door.effect(first)
    assert (other.effect(second)["already"], other.effect(second)["by"]) == (True, door.phone.device)
    assert len(check_ins(db, ada)) == 1


def test_a_pass_replayed_at_another_session_is_flagged(
    app: Flask, db: Session, museum: Museum, door: DoorPhone
) -> None:
    ada = new_phone(app)
    shown = show_pass(ada)
    door.let_in(pass_=shown)
    door.phone.sync()
    other = open_door(app, db, hold_session(db, museum, 3))
    other.phone.wait(minutes=45)
    event = other.let_in(pass_=shown)
    other.phone.sync()
    assert other.effect(event)["stale_pass"] >= 40 * 60
    assert kinds(db, ada) == ["stale_pass"]


def test_a_pass_for_another_host_or_with_another_name_is_wrong(
    app: Flask, db: Session, door: DoorPhone
) -> None:
    from tests.phone import b64

    ada = new_phone(app)
    renamed = show_pass(ada, "Ada", "fox").rpartition(".")[0] + "." + b64(b"fox\nEve")
    shown = [show_pass(ada, host="far.example"), forge(show_pass(ada)), renamed]
    events = [door.let_in(pass_=one) for one in shown]
    door.phone.sync()
    assert [door.why(event) for event in events] == ["wrong_pass"] * 3
    assert check_ins(db, ada) == []


def test_a_receipt_that_was_edited_passed_on_or_made_up_is_wrong(
    app: Flask, db: Session, museum: Museum, door: DoorPhone
) -> None:
    from server.occurrences.models import Occurrence

    ada, eve = new_phone(app), new_phone(app)
    spot = point(db, db.get_one(Occurrence, door.occurrence))
    door.let_in(pass_=show_pass(ada))
    given = door.receipt(ada, spot)
    no_door = DoorPhone(eve, door.occurrence, "")
    events = [scan_receipt(eve, spot, one) for one in (given, forge(given), no_door.receipt(eve, spot))]
    eve.sync()
    assert [eve.results[event]["why"] for event in events] == ["wrong_code"] * 3
    assert check_ins(db, eve) == []
    event = scan_receipt(ada, spot, given)
    ada.sync()
    assert ada.results[event]["state"] == "ok"


def test_a_door_with_a_back_dated_clock_only_claims(app: Flask, db: Session, museum: Museum) -> None:
    door = open_door(app, db, hold_session(db, museum))
    ada = new_phone(app)
    door.phone.skew = -timedelta(minutes=50)
    door.phone.wait(hours=30)  # offline since, and long after its link's end
    event = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert door.why(event) == "door_closed"
