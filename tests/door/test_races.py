"""Many at the doors at once: nobody is in twice, no place is given twice, nobody is lost."""

from flask import Flask
from sqlalchemy.orm import Session

from server.door.models import DoorEntry
from server.learning.models import CheckIn
from server.occurrences.models import Occurrence
from server.replicas.jobs import wake_met
from tests.cast import NOON, Museum
from tests.door.at_the_door import (
    check_ins,
    hold_session,
    new_phone,
    open_door,
    point,
    scan_poster,
    scan_receipt,
    show_pass,
)
from tests.phone import Phone
from tests.replicas.test_races import at_once


def test_two_doors_confirm_the_same_pass_at_once(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=3)
    doors, ada = [open_door(app, db, held) for _ in range(4)], new_phone(app)
    confirms = [door.let_in(pass_=show_pass(ada)) for door in doors]
    own = scan_receipt(ada, point(db, held), doors[0].receipt(ada, point(db, held)))
    db.rollback()
    at_once([*(door.phone.sync for door in doors), ada.sync])
    effects = [door.effect(event) for door, event in zip(doors, confirms, strict=True)]
    assert sorted(one.get("already", False) for one in effects) == [False, True, True, True]
    assert len({one["entry"] for one in effects}) == 1
    first = next(event for event, effect in zip(confirms, effects, strict=True) if "already" not in effect)
    assert ada.results[own]["state"] == "ok"
    assert check_ins(db, ada) == [(4, first)]
    assert db.get_one(Occurrence, held.id).taken == 1
    ada.sync()
    assert ada.view[f"checkin:{held.activity_id}:{held.id}"]["event"] == first


def test_forty_for_ten_places_by_doors_and_scans(app: Flask, museum: Museum, db: Session) -> None:
    """Ten are within the capacity and thirty beyond it; some were offline, some come by both ways."""
    held = hold_session(db, museum, capacity=10)
    doors, phones = [open_door(app, db, held) for _ in range(3)], [new_phone(app) for _ in range(40)]
    for number, phone in enumerate(phones):
        if number % 4:
            doors[number % 3].let_in(pass_=show_pass(phone))
        if number % 4 in (0, 3):
            scan_poster(phone, db, held)
        if number % 2:
            phone.wait(hours=5)
    db.rollback()
    at_once([*(door.phone.sync for door in doors), *(one.sync for one in phones if one.outbox)])
    db.rollback()
    assert db.get_one(Occurrence, held.id).taken == 10
    came = db.query(CheckIn).filter_by(occurrence=held.id).all()
    assert (len(came), sum(not one.over for one in came)) == (40, 10)
    assert {one.learner_id: one.over for one in came} == {
        id: entry["over"] for id, entry in doors[0].entries().items()
    }
    for phone in phones:
        phone.sync()
        assert f"checkin:{held.activity_id}:{held.id}" in phone.view


def test_hellos_and_confirms_of_the_same_phones_at_once(app: Flask, museum: Museum, db: Session) -> None:
    """Whichever comes first, everybody is in, at the latest by the minute's job."""
    held = hold_session(db, museum)
    doors, phones = [open_door(app, db, held) for _ in range(2)], [Phone(app, at=NOON) for _ in range(10)]
    events = []
    for phone in phones:
        events += [(door, door.let_in(pass_=show_pass(phone))) for door in doors]
        phone.hello()
    db.rollback()
    at_once([*(door.phone.sync for door in doors), *(one.sync for one in phones)])
    wake_met(NOON)
    for phone in (*(door.phone for door in doors), *phones):
        phone.sync()
    assert {door.phone.state(event) for door, event in events} == {"ok"}
    db.rollback()
    assert db.query(DoorEntry).count() == db.query(CheckIn).count() == 10


def test_an_undo_and_another_doors_confirm_at_once(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=1)
    one, other, ada = open_door(app, db, held), open_door(app, db, held), new_phone(app)
    first = one.let_in(pass_=show_pass(ada))
    one.phone.sync()
    one.undo(first)
    second = other.let_in(pass_=show_pass(ada))
    db.rollback()
    at_once([one.phone.sync, other.phone.sync])
    assert check_ins(db, ada) == [(4, second)]
    entry = other.entries()[ada.learner]
    assert (entry["state"], entry["over"], db.get_one(Occurrence, held.id).taken) == ("in", False, 1)
