"""A door takes its word back: the person is out, unless they came by their own scan or another door let them in."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.door import services
from server.door.models import DoorLink
from server.learning.models import Completion
from server.occurrences.models import Occurrence
from tests.cast import Museum
from tests.door.at_the_door import (
    DoorPhone,
    add_check_in_only,
    check_ins,
    feed_row,
    hold_session,
    new_phone,
    open_door,
    point,
    scan_poster,
    scan_receipt,
    show_pass,
)  # fmt: skip


def taken(db: Session, held: Occurrence) -> int:
    db.rollback()
    return db.get_one(Occurrence, held.id).taken


def undo(door: DoorPhone, event: str) -> dict[str, Any]:
    """Take a confirm back at once; return the result."""
    undone = door.undo(event)
    door.phone.sync()
    return door.phone.results[undone]


def test_who_is_undone_is_out_and_may_come_in_again(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert undo(door, confirm)["effect"]["in"] is False
    assert (feed_row(ada, held), check_ins(db, ada), taken(db, held)) == (None, [], 0)
    assert door.entries()[ada.learner]["state"] == "undone"
    again = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert "already" not in door.effect(again)
    assert (check_ins(db, ada), taken(db, held)) == ([(4, again)], 1)
    assert door.entries()[ada.learner]["state"] == "in"


def test_a_confirm_and_its_undo_may_come_together(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    undone = door.undo(confirm)
    door.phone.sync()
    assert door.phone.results[undone]["state"] == "ok"
    assert (feed_row(ada, held), check_ins(db, ada), taken(db, held)) == (None, [], 0)


def test_an_own_scan_before_stays(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    door, ada = open_door(app, db, held), new_phone(app)
    scan = scan_poster(ada, db, held)
    ada.sync()
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    undo(door, confirm)
    assert (check_ins(db, ada), taken(db, held)) == ([(2, scan)], 1)
    row = feed_row(ada, held)
    assert row and (row["level"], row["event"]) == (2, scan)
    assert sorted(one["state"] for one in door.ask().get_json()["entries"]) == ["in", "undone"]


def test_an_own_scan_after_stays_too(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    scan = scan_poster(ada, db, held)
    ada.sync()
    undo(door, confirm)
    assert (check_ins(db, ada), taken(db, held)) == ([(2, scan)], 1)


def test_a_scan_that_was_withdrawn_does_not_stay(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    scan = scan_poster(ada, db, held)
    ada.record("event.withdraw", {"event": scan})
    ada.sync()
    assert check_ins(db, ada) == [(4, confirm)], "the door's word is not the learner's to take back"
    undo(door, confirm)
    assert (check_ins(db, ada), taken(db, held)) == ([], 0)


def test_a_receipt_goes_with_the_doors_word(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    receipt = door.receipt(ada, point(db, held))
    scan_receipt(ada, point(db, held), receipt)
    ada.sync()
    door.phone.sync()
    undo(door, confirm)
    assert (check_ins(db, ada), taken(db, held)) == ([], 0)
    late = scan_receipt(ada, point(db, held), receipt)
    ada.sync()
    assert ada.results[late]["why"] == "undone"


def test_one_door_takes_back_only_its_own_word(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    one, other, ada = open_door(app, db, held), open_door(app, db, held), new_phone(app)
    first, second = one.let_in(pass_=show_pass(ada)), other.let_in(pass_=show_pass(ada))
    one.phone.sync()
    other.phone.sync()
    assert undo(one, first)["effect"]["in"] is True
    assert (check_ins(db, ada), taken(db, held)) == ([(4, second)], 1)
    assert one.entries()[ada.learner]["by"] == other.phone.device
    assert undo(other, second)["effect"]["in"] is False
    assert (check_ins(db, ada), taken(db, held)) == ([], 0)
    assert undo(other, second)["effect"]["undone"] == [], "once more changes nothing"


def test_an_already_that_is_undone_changes_nothing(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    one, other, ada = open_door(app, db, held), open_door(app, db, held), new_phone(app)
    first, second = one.let_in(pass_=show_pass(ada)), other.let_in(pass_=show_pass(ada))
    one.phone.sync()
    other.phone.sync()
    assert undo(other, second)["effect"]["in"] is True
    assert check_ins(db, ada) == [(4, first)]
    assert undo(one, first)["effect"]["in"] is False
    assert check_ins(db, ada) == []


def test_an_entry_of_the_list_is_undone_for_all_doors(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    one, other, ada = open_door(app, db, held), open_door(app, db, held), new_phone(app)
    first = one.let_in(pass_=show_pass(ada))
    other.let_in(pass_=show_pass(ada))
    one.phone.sync()
    other.phone.sync()
    undone = other.phone.record("checkin.undo", {"entry": one.effect(first)["entry"]})
    other.phone.sync()
    assert other.effect(undone)["in"] is False
    assert (check_ins(db, ada), taken(db, held)) == ([], 0)


def test_what_was_completed_with_it_is_taken_back_too(app: Flask, museum: Museum, db: Session) -> None:
    add_check_in_only(db, museum)
    held = hold_session(db, museum, number=4, capacity=3)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    ada.sync()
    done = f"completion:activity:{museum.activities[4].id}"
    assert done in ada.view
    assert undo(door, confirm)["state"] == "ok"
    assert (check_ins(db, ada), taken(db, held)) == ([], 0)
    assert door.entries()[ada.learner]["state"] == "undone"
    ada.sync()
    assert done not in ada.view
    assert db.scalar(select(func.count(Completion.id))) == 0


def test_nobody_beyond_the_capacity_gives_a_place_back(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=1)
    door, ada, bob = open_door(app, db, held), new_phone(app), new_phone(app)
    door.let_in(pass_=show_pass(ada))
    over = door.let_in(pass_=show_pass(bob))
    door.phone.sync()
    guest = door.let_in(guest="Gran")
    door.phone.sync()
    undo(door, over)
    undo(door, guest)
    assert (taken(db, held), check_ins(db, bob)) == (1, [])


def test_a_place_that_is_free_again_goes_to_who_is_confirmed_next(
    app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum, capacity=1)
    door, ada, bob = open_door(app, db, held), new_phone(app), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    scan = scan_poster(bob, db, held)
    bob.sync()
    assert bob.results[scan]["effect"]["over"]
    undo(door, confirm)
    second = door.let_in(pass_=show_pass(bob))
    door.phone.sync()
    assert ("over" in door.effect(second), taken(db, held)) == (False, 1)


def test_a_revoked_door_takes_nothing_back(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    for link in db.query(DoorLink):
        services.revoke(link, door.phone.at)
    db.commit()
    door.phone.wait(minutes=1)
    assert undo(door, confirm)["why"] == "door_closed"
    assert check_ins(db, ada) == [(4, confirm)]


def test_a_reservation_outlives_an_undo(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=1)
    door, ada = open_door(app, db, held), new_phone(app)
    ada.record("session.reserve", {"occurrence": held.id, "name": "Ada", "picture": ""})
    ada.sync()
    confirm = door.let_in(learner=ada.learner)
    door.phone.sync()
    undo(door, confirm)
    assert (taken(db, held), len(door.ask().get_json()["expected"])) == (1, 1)


def test_what_is_not_known_or_not_of_this_door_stays(app: Flask, museum: Museum, db: Session) -> None:
    held, elsewhere = hold_session(db, museum), hold_session(db, museum, 1)
    door, other, ada = open_door(app, db, held), open_door(app, db, elsewhere), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    entry = door.effect(confirm)["entry"]
    nothing = "0199f1a0-0000-7000-8000-000000000009"
    for body, why in (
        ({"entry": entry}, "door_closed"),
        ({"entry": nothing}, "unknown_entry"),
        ({"event": nothing}, "needs"),  # it may still come
        ({"event": other.opened}, "unknown_entry"),
        ({}, "malformed"),
        ({"event": "\0"}, "malformed"),
        ({"entry": ["x"]}, "malformed"),
    ):
        event = other.phone.record("checkin.undo", body)
        other.phone.sync()
        assert other.why(event) == why
    assert check_ins(db, ada) == [(4, confirm)]
