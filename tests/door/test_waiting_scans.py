"""Where the organiser says who came, the door's word says it too: the learner's own scan waits for nobody else."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.learning.waiting import count_waiting
from server.occurrences.models import Occurrence
from server.replicas.jobs import wake_met
from tests.cast import Museum
from tests.door.at_the_door import (
    DoorPhone,
    add_check_in_only,
    check_ins,
    feed_row,
    hold_session,
    make_link,
    new_phone,
    open_door,
    point,
    scan_poster,
    scan_receipt,
    show_pass,
)
from tests.door.test_history import look
from tests.learning.deciding import say
from tests.phone import Phone


@pytest.fixture
def held(museum: Museum, db: Session) -> Occurrence:
    """A session of an activity where Omar says who came, and that is done by coming."""
    add_check_in_only(db, museum).confirm = True
    return hold_session(db, museum, number=4, capacity=5)


def waits(db: Session, held: Occurrence) -> int:
    """Count what waits at Omar's desk."""
    db.rollback()
    return count_waiting(db, [held.activity_id])


def come(app: Flask, db: Session, held: Occurrence) -> tuple[Phone, str]:
    """Ada scans the session's code, and waits."""
    ada = new_phone(app)
    scan = scan_poster(ada, db, held)
    ada.sync()
    assert (ada.results[scan]["why"], check_ins(db, ada), waits(db, held)) == ("organiser", [], 1)
    return ada, scan


def test_the_door_decides_a_scan_that_waits(app: Flask, db: Session, held: Occurrence) -> None:
    door, (ada, scan) = open_door(app, db, held), come(app, db, held)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert (door.phone.state(confirm), waits(db, held)) == ("ok", 0)
    row = feed_row(ada, held)
    assert row and (row["level"], row["event"]) == (4, confirm)
    verdict = ada.view[f"verdict:{scan}"]
    assert (verdict["state"], verdict["effect"]["already"], verdict["effect"]["level"]) == ("ok", True, 4)
    assert f"completion:activity:{held.activity_id}" in ada.view
    assert (check_ins(db, ada), db.get_one(Occurrence, held.id).taken) == ([(4, confirm)], 1)


def test_a_scan_after_the_doors_word_waits_for_nobody(app: Flask, db: Session, held: Occurrence) -> None:
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    scan = scan_poster(ada, db, held)
    ada.sync()
    result = ada.results[scan]
    assert (result["state"], result["effect"]["already"]) == ("ok", True)
    assert (check_ins(db, ada), waits(db, held)) == ([(4, confirm)], 0)


def test_a_receipt_is_the_doors_word_too(app: Flask, db: Session, held: Occurrence) -> None:
    door, (ada, scan) = open_door(app, db, held), come(app, db, held)
    receipt = scan_receipt(ada, point(db, held), door.receipt(ada, point(db, held)))
    ada.sync()
    assert (ada.state(scan), ada.state(receipt), waits(db, held)) == ("ok", "ok", 0)
    assert check_ins(db, ada) == [(4, receipt)]


def test_a_confirm_that_waited_itself_decides_it(app: Flask, db: Session, held: Occurrence) -> None:
    """The door's events came in the wrong order."""
    helper, (ada, scan) = new_phone(app), come(app, db, held)
    opened = helper.record("door.open", {"link": make_link(db, held)[1]})
    door = DoorPhone(helper, held.id, opened)
    confirm = door.let_in(pass_=show_pass(ada))
    for event in reversed(helper.outbox):
        assert helper.post([event]).status_code == 200
    wake_met(helper.at)
    ada.sync()
    assert (ada.state(scan), check_ins(db, ada)) == ("ok", [(4, confirm)])


def test_what_builds_on_the_scan_is_decided_with_it(app: Flask, db: Session, held: Occurrence) -> None:
    door, (ada, scan) = open_door(app, db, held), come(app, db, held)
    body = {"activity": held.activity_id, "stars": 5, "text": ""}
    said = ada.record("feedback.give", body, needs=[scan])
    ada.sync()
    assert ada.results[said]["why"] == "needs"
    door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    ada.sync()
    assert (ada.state(scan), ada.state(said)) == ("ok", "ok")


def test_it_says_nothing_of_other_times_and_other_people(
    app: Flask, museum: Museum, db: Session, held: Occurrence
) -> None:
    other = hold_session(db, museum, number=4)
    door, (ada, scan), ben = open_door(app, db, other), come(app, db, held), new_phone(app)
    his = scan_poster(ben, db, other)
    ben.sync()
    door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    ada.sync()
    ben.sync()
    assert (ada.state(scan), ben.state(his), waits(db, held)) == ("hold", "hold", 2)


@pytest.mark.parametrize("first", ["scan", "door"])
def test_who_is_taken_out_again_is_out(first: str, app: Flask, db: Session, held: Occurrence) -> None:
    """The scan leant on the door's word, for the organiser gave none."""
    door, ada = open_door(app, db, held), new_phone(app)
    if first == "scan":
        ada, _ = come(app, db, held)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    if first == "door":
        scan_poster(ada, db, held)
        ada.sync()
    door.undo(confirm)
    door.phone.sync()
    assert (feed_row(ada, held), check_ins(db, ada)) == (None, [])
    assert db.get_one(Occurrence, held.id).taken == 0
    assert look().clean


def test_a_scan_that_the_organiser_confirmed_stays(
    app: Flask, museum: Museum, db: Session, held: Occurrence
) -> None:
    door, (ada, scan) = open_door(app, db, held), come(app, db, held)
    say(db, museum.omar, "accepted", (ada, scan))
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    door.undo(confirm)
    door.phone.sync()
    assert check_ins(db, ada) == [(2, scan)]
