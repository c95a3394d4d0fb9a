"""What a door's phone is told: its list, the keys of its rotating codes, and only that."""

import base64
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from server.codes import rotating
from server.codes.finding import find_by_typed
from server.learning.models import Flag
from server.occurrences.models import Reservation
from server.occurrences.places import RESERVED
from server.occurrences.services import code_of
from tests.cast import NOON, Museum
from tests.door.at_the_door import ask, hold_session, new_phone, open_door, point, scan_poster, show_pass
from tests.phone import Phone, b64, milliseconds


def test_it_holds_the_session_and_its_hours(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=20)
    answer = open_door(app, db, held).ask()
    found = answer.get_json()
    assert found["occurrence"] == {
        "id": held.id, "activity": held.activity_id, "title": "Stop 0", "place": "Room", "starts": milliseconds(NOON),
        "ends": milliseconds(NOON + timedelta(hours=2)), "timezone": "Europe/Amsterdam", "capacity": 20, "taken": 0,
        "cancelled": False,
    }  # fmt: skip
    assert (found["now"], found["role"], found["entries"]) == (milliseconds(NOON), "helper", [])
    assert found["window"] == [int((NOON + timedelta(minutes=m)).timestamp()) for m in (-30, 150)]
    assert (answer.headers["Cache-Control"], answer.headers["Sync-Proto"]) == ("no-store", "1")


def test_it_holds_the_keys_of_the_days_and_never_the_secret(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    held.starts_at, held.ends_at = (
        NOON + timedelta(hours=10),
        NOON + timedelta(hours=14),
    )  # through UTC midnight
    db.commit()
    code = code_of(db, held, 3)
    answer = open_door(app, db, held).ask()
    keys = {
        day: b64(rotating.day_key(code.secret, code.point_id, day)) for day in ("2026-06-01", "2026-06-02")
    }
    assert {one["day"]: one["key"] for one in answer.get_json()["days"]} == keys
    assert answer.get_json()["point"] == point(db, held)
    assert code.secret not in answer.get_data(as_text=True)
    code.revoked_at = NOON
    db.commit()
    door = open_door(app, db, held).ask().get_json()
    assert (door["point"], door["days"]) == ("", [])


def test_a_door_knows_the_phones_of_those_on_its_list_and_nobody_elses(
    app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum)
    door, ada, omar, eve = open_door(app, db, held), new_phone(app), new_phone(app), new_phone(app)
    coming = {"learner_id": omar.learner, "occurrence_id": held.id, "event_id": omar.learner}
    db.add(Reservation(**coming, name="Omar", picture="fox", state=RESERVED, at=NOON))
    db.commit()
    door.let_in(pass_=show_pass(ada))
    door.let_in(guest="Mo")
    door.phone.sync()
    answer = door.ask()
    assert {key: one["devices"] for key, one in door.entries().items()} == {
        ada.learner: [ada.device],
        "Mo": [],
    }
    assert [one["devices"] for one in answer.get_json()["expected"]] == [[omar.device]]
    assert eve.device not in answer.get_data(as_text=True)


def test_a_screen_can_write_the_typed_forms_that_the_city_knows(
    app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum)
    found = open_door(app, db, held).ask().get_json()
    code, block = code_of(db, held, 3), rotating.block_at(milliseconds(NOON))
    key = base64.urlsafe_b64decode(found["days"][0]["key"] + "=")
    typed = rotating.typed_at(key, found["point"], found["hint"], block)
    assert rotating.find_block(code.secret, code.point_id, typed, [block]) == block
    assert find_by_typed(db, typed, milliseconds(NOON)).id == code.id


def test_asking_again_is_cheap_until_something_changes(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    tag = door.ask().headers["ETag"]
    door.phone.wait(minutes=1)
    again = door.ask(tag)
    assert (again.status_code, again.get_data(), again.headers["Sync-Proto"]) == (304, b"", "1")
    scan_poster(ada, db, held)
    ada.sync()
    changed = door.ask(tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_it_is_for_devices_at_this_door_only(app: Flask, museum: Museum, db: Session) -> None:
    held, elsewhere = hold_session(db, museum), hold_session(db, museum, 1)
    door, other, eve = open_door(app, db, held), open_door(app, db, elsewhere), new_phone(app)
    stranger = Phone(app, at=NOON)
    for phone, status, code in (
        (other.phone, 403, "door_closed"),
        (eve, 403, "door_closed"),
        (stranger, 401, "unknown_device"),
    ):
        answer = ask(phone, held.id)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    eve.device = door.phone.device  # signed with another key
    assert ask(eve, held.id).get_json()["code"] == "bad_signature"
    door.phone.wait(hours=11)
    assert door.ask().get_json()["code"] == "door_closed", "its link is over"
    assert ask(other.phone, "0199f1a0-0000-7000-8000-000000000009").get_json()["code"] == "door_closed"
    assert ask(other.phone, "x").status_code == 422


def test_a_check_in_that_was_voided_says_why(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    db.add(
        Flag(
            learner_id=ada.learner, event_id=confirm, activity_id=held.activity_id, occurrence=held.id, kind="stale_pass",
            facts={}, created_at=NOON, word="voided", reason="A picture of a pass",
        )
    )  # fmt: skip
    db.commit()
    entry = door.entries()[ada.learner]
    assert (entry["state"], entry["why"]) == ("voided", "A picture of a pass")
