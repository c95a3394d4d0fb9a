"""A pass of a phone that never said hello waits for it: five days at most."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.core.db import writing
from server.replicas import holds
from server.replicas.jobs import wake_met
from server.replicas.terms import read_terms
from tests.cast import NOON, Museum
from tests.door.at_the_door import check_ins, feed_row, forge, hold_session, new_phone, open_door, show_pass
from tests.phone import Phone


def test_the_hello_ends_the_hold(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), Phone(app, at=NOON)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    result = door.phone.results[confirm]
    assert (result["state"], result["why"], result["effect"]["device"]) == (
        "hold",
        "pass_unknown",
        ada.device,
    )
    assert door.ask().get_json()["entries"] == []
    ada.hello()
    ada.sync()
    row = ada.view.get(f"checkin:{held.activity_id}:{held.id}")
    assert row and row["level"] == 4, "the very reply to the hello brings it"
    door.phone.sync()
    verdict = door.phone.view[f"verdict:{confirm}"]
    assert (verdict["state"], verdict["effect"]["learner"]) == ("ok", ada.learner)


def test_a_hello_in_the_doors_own_batch_ends_it_too(app: Flask, museum: Museum, db: Session) -> None:
    """The door's phone carries the learner's hello behind its own confirm."""
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), Phone(app, at=NOON)
    confirm = door.let_in(pass_=show_pass(ada))
    ada.hello()
    door.phone.post([*door.phone.outbox, *ada.outbox])
    ada.sync()
    assert check_ins(db, ada) == [(4, confirm)]


def test_another_phones_hello_ends_nothing(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), Phone(app, at=NOON)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    new_phone(app)
    door.phone.sync()
    assert door.phone.state(confirm) == "hold"


def test_a_forged_pass_of_a_stranger_is_found_out_by_the_hello(
    app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), Phone(app, at=NOON)
    confirm = door.let_in(pass_=forge(show_pass(ada)))
    door.phone.sync()
    ada.hello()
    ada.sync()
    door.phone.sync()
    verdict = door.phone.view[f"verdict:{confirm}"]
    assert (verdict["state"], verdict["why"], check_ins(db, ada)) == ("rejected", "wrong_pass", [])


def test_after_five_days_it_is_over(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), Phone(app, at=NOON)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    for days, state in ((4, "hold"), (6, "rejected")):
        with writing() as session:
            holds.end_holds(session, read_terms("localhost"), NOON + timedelta(days=days))
        door.phone.sync()
        assert door.phone.state(confirm) == state
    assert door.phone.view[f"verdict:{confirm}"]["why"] == "pass_unknown"
    ada.hello()
    ada.sync()
    assert check_ins(db, ada) == []


def test_the_minutes_job_does_what_the_hello_could_not(
    app: Flask, museum: Museum, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server was killed between the hello and what waited for it. It is judged by the host that the door asked."""
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), Phone(app, at=NOON)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()

    def nothing(*_: Any) -> bool:
        return False

    with monkeypatch.context() as broken:
        broken.setattr(holds, "are_awaited", nothing)
        ada.hello()
        ada.sync()
    assert check_ins(db, ada) == []
    wake_met(NOON)
    row = feed_row(ada, held)
    assert row and row["event"] == confirm


def test_an_undo_waits_with_its_confirm(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=2)
    door, ada = open_door(app, db, held), Phone(app, at=NOON)
    confirm = door.let_in(pass_=show_pass(ada))
    undone = door.undo(confirm)
    door.phone.sync()
    assert door.why(undone) == "needs"
    ada.hello()
    ada.sync()
    door.phone.sync()
    assert (door.phone.state(confirm), door.phone.state(undone)) == ("ok", "ok")
    assert (feed_row(ada, held), check_ins(db, ada)) == (None, [])


def test_an_undo_waits_also_when_it_does_not_say_so(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=2)
    door, ada = open_door(app, db, held), Phone(app, at=NOON)
    wrong = door.let_in(pass_=show_pass(ada, host="evil.example"))
    confirm = door.let_in(pass_=show_pass(ada))
    undone = [door.phone.record("checkin.undo", {"event": one}) for one in (wrong, confirm)]
    door.phone.sync()
    assert [door.why(one) for one in undone] == ["needs", "needs"]
    ada.hello()
    ada.sync()
    door.phone.sync()
    assert [door.phone.state(one) for one in (wrong, confirm, *undone)] == [
        "rejected",
        "ok",
        "rejected",
        "ok",
    ]
    assert check_ins(db, ada) == []


def test_a_device_that_was_locked_out_shows_no_pass(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    db.get_one(Device, ada.device).revoked_at = NOON
    db.commit()
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert door.why(confirm) == "wrong_pass"
