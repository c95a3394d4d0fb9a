"""A door lets people in: by pass, by tick, as guests; once each, whichever phone comes first."""

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from server.door.models import DoorEntry
from server.learning.models import CheckIn, Completion
from server.occurrences.models import Occurrence
from server.replicas.jobs import wake_met
from tests.cast import NOON, Museum
from tests.door.at_the_door import (
    DoorPhone,
    add_check_in_only,
    check_ins,
    digest,
    feed_row,
    forge,
    hold_session,
    make_link,
    new_phone,
    new_secret,
    open_door,
    point,
    scan_poster,
    scan_receipt,
    show_pass,
)
from tests.phone import Phone


def test_a_pass_counts_on_both_phones(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada, "Ada", "fox"))
    door.phone.sync()
    effect = door.effect(confirm)
    assert (effect["learner"], effect["level"]) == (ada.learner, 4)
    assert not {"already", "over", "stale_pass"} & set(effect)
    row = feed_row(ada, held)
    assert row and (row["level"], row["event"], row["occurrence"]) == (4, confirm, held.id)
    entry = door.entries()[ada.learner]
    assert (entry["name"], entry["picture"], entry["way"], entry["state"]) == ("Ada", "fox", "pass", "in")
    assert entry["by"] == door.phone.device


def test_what_was_confirmed_offline_is_claimed_and_completes(app: Flask, museum: Museum, db: Session) -> None:
    add_check_in_only(db, museum)
    held = hold_session(db, museum, number=4)
    door, ada = open_door(app, db, held), new_phone(app)
    door.phone.wait(minutes=30)
    ada.wait(minutes=30)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.wait(hours=26)
    door.phone.sync()
    row = feed_row(ada, held)
    assert row and (row["time"], row["event"]) == ("claimed", confirm)
    assert f"completion:activity:{museum.activities[4].id}" in ada.view
    db.rollback()
    done = db.query(Completion).one()
    assert (done.learner_id, done.event_id, done.assurance["level"]) == (ada.learner, confirm, 4)


def test_a_second_door_is_told_who_was_first(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=5)
    one, other, ada = open_door(app, db, held), open_door(app, db, held), new_phone(app)
    first = one.let_in(pass_=show_pass(ada))
    second = other.let_in(pass_=show_pass(ada))
    one.phone.sync()
    other.phone.sync()
    effect = other.effect(second)
    assert (effect["already"], effect["by"], effect["entry"]) == (
        True, one.phone.device, one.effect(first)["entry"],
    )  # fmt: skip
    assert check_ins(db, ada) == [(4, first)]
    assert one.entries() == other.entries()
    assert db.get_one(Occurrence, held.id).taken == 1


def test_a_confirm_makes_an_own_scan_stronger(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=5)
    door, ada = open_door(app, db, held), new_phone(app)
    scan_poster(ada, db, held)
    ada.sync()
    assert door.entries()[ada.learner]["way"] == "scan"
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert "already" not in door.effect(confirm)
    assert check_ins(db, ada) == [(4, confirm)]
    assert [one["way"] for one in door.entries().values()] == ["pass"]
    assert db.get_one(Occurrence, held.id).taken == 1


def test_an_own_scan_after_a_confirm_changes_nothing(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=5)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    scan = scan_poster(ada, db, held)
    ada.sync()
    assert ada.results[scan]["effect"]["already"]
    assert check_ins(db, ada) == [(4, confirm)]
    assert db.get_one(Occurrence, held.id).taken == 1


def test_a_receipt_counts_before_the_doors_own_word(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=5)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    receipt = scan_receipt(ada, point(db, held), door.receipt(ada, point(db, held)))
    ada.sync()
    effect = ada.results[receipt]["effect"]
    assert (effect["level"], effect["occurrence"]) == (4, held.id)
    assert check_ins(db, ada) == [(4, receipt)]
    assert door.entries()[ada.learner]["way"] == "receipt"
    door.phone.sync()
    assert "already" not in door.effect(confirm)
    assert check_ins(db, ada) == [(4, confirm)]
    assert [one["way"] for one in door.entries().values()] == ["pass"]
    row = feed_row(ada, held)
    assert row and (row["event"], row["time"]) == (confirm, "proven")
    assert db.get_one(Occurrence, held.id).taken == 1


def test_a_receipt_after_the_doors_own_word_is_already(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    receipt = scan_receipt(ada, point(db, held), door.receipt(ada, point(db, held)))
    ada.sync()
    assert ada.results[receipt]["effect"]["already"]
    assert check_ins(db, ada) == [(4, confirm)]


def test_a_receipt_is_for_one_phone_one_door_and_its_hours(app: Flask, museum: Museum, db: Session) -> None:
    held, other = hold_session(db, museum), hold_session(db, museum, 1)
    door, ada, eve = open_door(app, db, held), new_phone(app), new_phone(app)
    here, there = point(db, held), point(db, other)
    receipt = door.receipt(ada, here)
    for whose, at, shown, why in (
        (eve, here, receipt, "wrong_code"),
        (ada, there, receipt, "wrong_code"),
        (ada, there, door.receipt(ada, there), "wrong_code"),  # of a door that stands elsewhere
        (ada, here, forge(receipt), "wrong_code"),
        (ada, here, "5123", "wrong_code"),
        (ada, "TESTP000", receipt, "wrong_code"),
    ):
        scan = scan_receipt(whose, at, shown)
        whose.sync()
        assert whose.results[scan]["why"] == why
    door.phone.wait(hours=20)
    late = scan_receipt(ada, here, door.receipt(ada, here))
    ada.sync()
    assert ada.results[late]["why"] == "door_closed"
    assert check_ins(db, ada) == []


def test_a_tick_lets_in_who_stands_on_the_list_only(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=1)
    door, ada, eve = open_door(app, db, held), new_phone(app), new_phone(app)
    ada.record("session.reserve", {"occurrence": held.id, "name": "Ada", "picture": "fox"})
    ada.sync()
    coming = {"learner": ada.learner, "devices": [ada.device], "name": "Ada", "picture": "fox"}
    assert door.ask().get_json()["expected"] == [coming]
    tick, stranger = door.let_in(learner=ada.learner), door.let_in(learner=eve.learner)
    nobody = door.let_in(learner="0199f1a0-0000-7000-8000-000000000009")
    door.phone.sync()
    assert "over" not in door.effect(tick), "who reserved holds a place already"
    assert (door.why(stranger), door.why(nobody)) == ("unknown_learner", "unknown_learner")
    assert (door.entries()[ada.learner]["name"], door.ask().get_json()["expected"]) == ("Ada", [])
    assert check_ins(db, ada) == [(4, tick)]


def test_guests_count_as_places_and_have_no_check_in(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=1)
    door = open_door(app, db, held)
    guest, second = door.let_in(guest="Gran"), door.let_in(guest="Gran")
    door.phone.sync()
    assert "learner" not in door.effect(guest)
    assert door.effect(second)["over"], "two guests may have the same name"
    assert [one["level"] for one in door.ask().get_json()["entries"]] == [None, None]
    undone = door.undo(guest)
    door.phone.sync()
    assert door.phone.results[undone]["state"] == "ok"
    third = door.let_in(guest="Grandpa")
    door.phone.sync()
    assert "over" not in door.effect(third)
    db.rollback()
    assert db.query(CheckIn).count() == 0


def test_beyond_the_capacity_people_are_kept_and_said_to_be(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum, capacity=2)
    door = open_door(app, db, held)
    phones = [new_phone(app) for _ in range(4)]
    scan_poster(phones[0], db, held)
    phones[0].sync()
    confirms = [door.let_in(pass_=show_pass(one)) for one in phones[1:3]]
    door.phone.sync()
    scan = scan_poster(phones[3], db, held)
    phones[3].sync()
    assert [door.effect(one).get("over", False) for one in confirms] == [False, True]
    assert phones[3].results[scan]["effect"]["over"]
    assert {id: one["over"] for id, one in door.entries().items()} == {
        phones[0].learner: False, phones[1].learner: False, phones[2].learner: True, phones[3].learner: True,
    }  # fmt: skip
    assert [(feed_row(one, held) or {}).get("over", False) for one in phones] == [False, False, True, True]
    assert door.ask().get_json()["occurrence"]["taken"] == 2


def test_who_gets_a_place_after_all_is_not_beyond_them_any_more(
    app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum, capacity=1)
    door, ada, ben = open_door(app, db, held), new_phone(app), new_phone(app)
    first = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    scan_poster(ben, db, held)
    ben.sync()
    row = feed_row(ben, held)
    assert row and row["over"] is True
    door.undo(first)
    door.let_in(pass_=show_pass(ben))
    door.phone.sync()
    row = feed_row(ben, held)
    assert row and "over" not in row


def refused(door: DoorPhone, shown: str) -> str:
    event = door.let_in(pass_=shown)
    door.phone.sync()
    return door.why(event)


def test_a_pass_that_proves_nothing_is_wrong(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada, eve = open_door(app, db, held), new_phone(app), new_phone(app)
    shown = show_pass(ada)
    ada.key, key = eve.key, ada.key
    cloned = show_pass(ada)  # Ada's device, signed by Eve's
    ada.key = key
    for wrong in (
        forge(shown),
        cloned,
        show_pass(ada, host="evil.example"),
        show_pass(ada, "Ada") + "A",
        "4",
        "9x",
    ):
        assert refused(door, wrong) == "wrong_pass"
    for malformed in (
        {"guest": ""},
        {},
        {"learner": 7},
        {"learner": "\0"},
        {"guest": "\0"},
        {"pass_": "4" * 999},
    ):
        event = door.let_in(**malformed)
        door.phone.sync()
        assert door.why(event) == "malformed"
    assert check_ins(db, ada) == []


def test_an_old_pass_counts_and_is_marked(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    for minutes, marked in ((1.5, 0), (10, 570), (-10, -600)):
        door, ada = open_door(app, db, held), new_phone(app)
        ada.wait(minutes=-minutes)
        confirm = door.let_in(pass_=show_pass(ada))
        door.phone.sync()
        assert door.effect(confirm).get("stale_pass", 0) == marked


def test_a_pass_replayed_at_another_session_is_marked_as_old(app: Flask, museum: Museum, db: Session) -> None:
    held, next_door = hold_session(db, museum), hold_session(db, museum, 1)
    door, other, ada = open_door(app, db, held), open_door(app, db, next_door), new_phone(app)
    shown = show_pass(ada)
    door.let_in(pass_=shown)
    door.phone.sync()
    other.phone.wait(minutes=40)
    replayed = other.let_in(pass_=shown)
    other.phone.sync()
    assert other.effect(replayed)["stale_pass"] > 2000


def test_a_door_whose_clock_is_wrong_still_reads_fresh_passes(
    app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    door.phone.skew = timedelta(hours=3)  # corrected by what the server knows
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert "stale_pass" not in door.effect(confirm)


def test_a_device_of_another_door_lets_nobody_in(app: Flask, museum: Museum, db: Session) -> None:
    held, elsewhere = hold_session(db, museum), hold_session(db, museum, 1)
    door, ada = open_door(app, db, elsewhere), new_phone(app)
    door.occurrence = held.id
    confirm = door.let_in(pass_=show_pass(ada))
    stranger = ada.record("checkin.confirm", {"occurrence": held.id, "pass": show_pass(ada)})
    door.phone.sync()
    ada.sync()
    assert (door.why(confirm), ada.results[stranger]["why"]) == ("door_closed", "door_closed")
    assert check_ins(db, ada) == []


def test_a_door_has_hours(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    for hours, why in ((-2.5, "window_closed"), (-1.5, ""), (9, ""), (13, "door_closed")):
        door, ada = open_door(app, db, held), new_phone(app)
        door.phone.at, ada.at = NOON + timedelta(hours=hours), NOON + timedelta(hours=hours)
        door.phone.anchor = None
        confirm = door.let_in(pass_=show_pass(ada))
        door.phone.sync()
        assert door.why(confirm) == why, hours


def test_a_confirm_waits_for_the_door_to_be_opened(app: Flask, museum: Museum, db: Session) -> None:
    """Its events came in the wrong order; the learner's turn comes by the minute's job at the latest."""
    held, ada, helper = hold_session(db, museum), new_phone(app), new_phone(app)
    opened = helper.record("door.open", {"link": make_link(db, held)[1]})
    confirm = helper.record(
        "checkin.confirm", {"occurrence": held.id, "pass": show_pass(ada)}, needs=[opened]
    )
    first, second = helper.outbox
    helper.outbox = [second]
    helper.sync()
    assert helper.results[confirm]["why"] == "needs"
    helper.outbox = [first]
    helper.sync()
    assert helper.view[f"verdict:{confirm}"]["why"] == "turn", "nobody has locked Ada in that batch"
    wake_met(helper.at)
    helper.sync()
    assert helper.state(confirm) == "ok"
    assert check_ins(db, ada) == [(4, confirm)]


def count(db: Session) -> int:
    db.rollback()
    return db.query(DoorEntry).count()


def test_the_same_confirm_sent_twice_is_one(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    door.let_in(pass_=show_pass(ada))
    batch = list(door.phone.outbox)
    states = [door.phone.post(batch).get_json()["results"][0]["state"] for _ in range(2)]
    assert (states, count(db)) == (["ok", "dup"], 1)


def test_two_phones_of_one_learner_are_one_person(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    second = Phone(app, at=NOON, learner=ada.learner)
    secret = new_secret()
    ada.record("device.invite", {"invite": digest(secret), "until": 2**41})
    ada.sync()
    second.record("device.hello", {"key": second.jwk(), "agent": "", "languages": [], "invite": secret})
    second.sync()
    door.let_in(pass_=show_pass(ada))
    again = door.let_in(pass_=show_pass(second))
    door.phone.sync()
    assert door.effect(again)["already"]
    assert count(db) == 1
