"""The history checker understands what doors do for others, and finds what does not fit."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from server.core.db import db as database
from server.core.storage import files
from server.replicas.history import check_history
from server.replicas.history.report import Report
from tests.cast import NOON, Museum
from tests.door.at_the_door import (
    DoorPhone,
    add_check_in_only,
    hold_session,
    new_phone,
    open_door,
    point,
    scan_poster,
    scan_receipt,
    show_pass,
)
from tests.faults.real import Server


def look() -> Report:
    database.session().rollback()
    return check_history(database.engine, files(), NOON)


@pytest.fixture
def door(app: Flask, museum: Museum, db: Session) -> DoorPhone:
    """An evening at two doors: passes, a tick, a guest, scans and a receipt, undone and again, and one beyond the capacity."""
    add_check_in_only(db, museum)
    held, walk = hold_session(db, museum, capacity=4), hold_session(db, museum, number=4)
    one, other = open_door(app, db, held), open_door(app, db, held)
    outside = open_door(app, db, walk)
    ada, bob, cas, dee, eli = (new_phone(app) for _ in range(5))
    outside.let_in(pass_=show_pass(ada))
    outside.phone.sync()
    twice = one.let_in(pass_=show_pass(ada))
    scan_poster(bob, db, held)
    bob.sync()
    wrong = one.let_in(pass_=show_pass(bob))
    cas.record("session.reserve", {"occurrence": held.id, "name": "Cas", "picture": ""})
    cas.sync()
    one.let_in(learner=cas.learner)
    gone = one.let_in(pass_=show_pass(dee))
    guest = one.let_in(guest="Gran")
    one.let_in(guest="Grandpa")
    scan_receipt(dee, point(db, held), one.receipt(dee, point(db, held)))
    dee.sync()
    one.phone.sync()
    other.let_in(pass_=show_pass(ada))
    other.let_in(pass_=show_pass(eli))
    other.phone.sync()
    for event in (twice, wrong, gone, guest):
        one.undo(event)
    one.phone.sync()
    scan_receipt(eli, point(db, held), other.receipt(eli, point(db, held)))
    eli.sync()
    assert {one.phone.results[id]["state"] for id in one.phone.results} == {"ok"}
    return one


def test_an_evening_at_the_door_is_clean(door: DoorPhone) -> None:
    report = look()
    assert [(one.check, one.what) for one in report.findings] == []


DAMAGE = {
    "a lost confirm": ("DELETE FROM events WHERE type = 'checkin.confirm' AND id IN (SELECT event_id FROM check_ins)", "effects_have_accepted_events"),
    "a lost confirm, of its entry": ("DELETE FROM events WHERE type = 'checkin.confirm' AND id IN (SELECT event_id FROM check_ins)", "doors_let_in_who_is_there"),
    "a declined confirm": ("UPDATE events SET state = 'rejected' WHERE type = 'checkin.confirm'", "doors_let_in_who_is_there"),
    "a lost entry": ("DELETE FROM door_entries WHERE who_id IS NOT NULL AND undone_at IS NULL", "what_doors_said_was_done"),
    "a lost entry, of its check-in": ("DELETE FROM door_entries WHERE who_id IS NOT NULL AND undone_at IS NULL", "doors_let_in_who_is_there"),
    "an undo that was forgotten": ("UPDATE door_entries SET undone_at = NULL", "doors_let_in_who_is_there"),
    "an undo that nobody said": ("UPDATE door_entries SET undone_at = at", "doors_let_in_who_is_there"),
    "a check-in that is gone": ("DELETE FROM check_ins WHERE level = 4", "doors_let_in_who_is_there"),
    "somebody else's entry": ("UPDATE door_entries SET who_id = NULL", "what_doors_said_was_done"),
    "another session's entry": ("UPDATE door_entries SET occurrence_id = (SELECT max(id) FROM occurrences) WHERE who_id IS NULL", "what_doors_said_was_done"),
    "a check-in that nobody confirmed": ("UPDATE check_ins SET level = 4", "doors_let_in_who_is_there"),
    "a lost scan": ("DELETE FROM check_ins WHERE level = 2", "accepted_events_have_effects"),
    "a place too many": ("UPDATE occurrences SET taken = taken + 1", "capacity"),
    "a place too few": ("UPDATE door_entries SET over = 1 - over WHERE who_id IS NULL", "capacity"),
}  # fmt: skip


def test_each_kind_of_damage_is_found(app: Flask, door: DoorPhone, db: Session) -> None:
    server, found = Server(app), {}
    copy = server.copy()
    boolean = db.get_bind().dialect.name == "postgresql"
    for name, (sql, check) in DAMAGE.items():
        db.execute(text(sql.replace("1 - over", "NOT over") if boolean else sql))
        db.commit()
        found[name] = check in {one.check for one in look().findings}
        server.restore(copy)
    assert found == dict.fromkeys(DAMAGE, True)
    assert look().clean
