"""Places at a session: one for each person, however they get it, and never more than there are."""

from collections import Counter
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from server.core.db import writing
from server.learning.models import CheckIn
from server.occurrences.models import Occurrence, Reservation
from server.occurrences.rows import lock_reserved, tell_reserved
from server.occurrences.services import PRINTED, Plan, cancel, change, code_of, make
from tests.cast import NOON, Museum
from tests.occurrences.conftest import BEFORE, plan
from tests.phone import Phone
from tests.replicas.test_races import at_once


def reserve(phone: Phone, occurrence: Occurrence, **shown: str) -> str:
    body = {"occurrence": occurrence.id, "name": shown.get("name"), "picture": None}
    return phone.record("session.reserve", body)


def come(phone: Phone, db: Session, occurrence: Occurrence) -> str:
    return phone.scan(code_of(db, occurrence, PRINTED))


def taken(db: Session, occurrence: Occurrence) -> int:
    db.rollback()
    return db.get_one(Occurrence, occurrence.id, populate_existing=True).taken


def why(phone: Phone, event: str) -> str:
    return str(phone.results[event].get("why", ""))


def test_who_reserved_sees_it_and_holds_a_place(app: Flask, db: Session, occurrence: Occurrence) -> None:
    ada = Phone(app, at=BEFORE)
    event = reserve(ada, occurrence, name="Ada")
    ada.sync()
    row = ada.view[f"session:{occurrence.id}"]
    assert (row["state"], row["event"], row["activity"]) == ("reserved", event, occurrence.activity_id)
    assert row["starts"] == NOON.timestamp() * 1000
    assert taken(db, occurrence) == 1
    assert db.query(Reservation).one().name == "Ada"


def test_who_reserved_and_comes_takes_no_second_place(
    app: Flask, db: Session, occurrence: Occurrence
) -> None:
    ada = Phone(app, at=BEFORE)
    reserve(ada, occurrence)
    ada.sync()
    ada.at = NOON
    scan = come(ada, db, occurrence)
    ada.sync()
    assert ada.results[scan]["effect"]["occurrence"] == occurrence.id
    assert f"checkin:{occurrence.activity_id}:{occurrence.id}" in ada.view
    assert taken(db, occurrence) == 1


def test_who_came_and_reserves_afterwards_takes_no_second_place(
    app: Flask, db: Session, occurrence: Occurrence
) -> None:
    ada = Phone(app, at=NOON)
    come(ada, db, occurrence)
    reserve(ada, occurrence)
    ada.sync()
    assert taken(db, occurrence) == 1


def test_a_second_reservation_counts_once_and_giving_it_back_frees_the_place(
    app: Flask, db: Session, occurrence: Occurrence
) -> None:
    ada = Phone(app, at=BEFORE)
    reserve(ada, occurrence)
    reserve(ada, occurrence)
    ada.sync()
    assert taken(db, occurrence) == 1
    for _ in range(2):
        ada.record("session.cancel", {"occurrence": occurrence.id})
    ada.sync()
    assert ada.view[f"session:{occurrence.id}"]["state"] == "cancelled"
    assert taken(db, occurrence) == 0


def test_who_is_in_stays_in_when_they_give_the_reservation_back(
    app: Flask, db: Session, occurrence: Occurrence
) -> None:
    ada = Phone(app, at=NOON)
    reserve(ada, occurrence)
    come(ada, db, occurrence)
    ada.record("session.cancel", {"occurrence": occurrence.id})
    ada.sync()
    assert taken(db, occurrence) == 1


def test_full_cancelled_over_and_unknown_sessions_refuse_a_reservation(
    app: Flask, db: Session, museum: Museum, occurrence: Occurrence
) -> None:
    full = make(db, museum.activities[0], plan(capacity=1), BEFORE)
    off = make(db, museum.activities[0], plan(), BEFORE)
    cancel(db, off, "Rain", BEFORE)
    db.commit()
    first, second = Phone(app, at=BEFORE), Phone(app, at=BEFORE)
    reserve(first, full)
    first.sync()
    events = [reserve(second, full), reserve(second, off)]
    events.append(second.record("session.reserve", {"occurrence": museum.activities[0].id}))
    second.sync()
    second.at = NOON + timedelta(hours=1)
    events.append(reserve(second, occurrence))
    second.sync()
    assert [why(second, one) for one in events] == [
        "full", "session_cancelled", "unknown_session", "session_over",
    ]  # fmt: skip


def test_who_comes_beyond_the_capacity_is_kept_and_marked(app: Flask, db: Session, museum: Museum) -> None:
    small = make(db, museum.activities[0], plan(capacity=1), BEFORE)
    db.commit()
    phones = [Phone(app, at=NOON) for _ in range(2)]
    scans = [come(phone, db, small) for phone in phones]
    for phone in phones:
        phone.sync()
    assert [phone.results[scan]["effect"].get("over", False) for phone, scan in zip(phones, scans, strict=True)] == [False, True]  # fmt: skip
    assert sorted(one.over for one in db.query(CheckIn)) == [False, True]
    assert taken(db, small) == 1


def test_a_check_in_taken_back_gives_its_place_back(app: Flask, db: Session, occurrence: Occurrence) -> None:
    occurrence.activity.tasks[0].required = True
    walked_in, reserved = Phone(app, at=NOON), Phone(app, at=NOON)
    reserve(reserved, occurrence)
    for phone in (walked_in, reserved):
        scan = come(phone, db, occurrence)
        phone.record("event.withdraw", {"event": scan})
        phone.sync()
    assert taken(db, occurrence) == 1  # the reservation stands again
    assert db.query(Reservation).filter_by(state="reserved").count() == 1


def test_a_stronger_code_takes_no_second_place(app: Flask, db: Session, occurrence: Occurrence) -> None:
    from server.codes.making import make_code

    ada = Phone(app, at=NOON)
    weak = make_code(db, code_of(db, occurrence, PRINTED).point, level=1, at=BEFORE)
    db.commit()
    ada.scan(weak)
    come(ada, db, occurrence)
    ada.sync()
    assert ada.view[f"checkin:{occurrence.activity_id}:{occurrence.id}"]["level"] == 2
    assert taken(db, occurrence) == 1


def test_who_reserved_hears_that_it_was_cancelled_and_why(
    app: Flask, db: Session, occurrence: Occurrence
) -> None:
    ada, bea = Phone(app, at=BEFORE), Phone(app, at=BEFORE)
    for phone in (ada, bea):
        reserve(phone, occurrence)
        phone.sync()
    bea.record("session.cancel", {"occurrence": occurrence.id})
    bea.sync()
    with writing() as session:
        lock_reserved(session, occurrence.id)
        found = session.get_one(Occurrence, occurrence.id)
        cancel(session, found, "The mill is flooded.", BEFORE)
        assert tell_reserved(session, found, BEFORE) == 1
    for phone in (ada, bea):
        phone.sync()
    row = ada.view[f"session:{occurrence.id}"]
    assert (row["state"], row["reason"]) == ("called_off", "The mill is flooded.")
    assert bea.view[f"session:{occurrence.id}"]["state"] == "cancelled"


def test_fewer_places_than_are_taken_take_none_away(app: Flask, db: Session, occurrence: Occurrence) -> None:
    phones = [Phone(app, at=BEFORE) for _ in range(3)]
    for phone in phones:
        reserve(phone, occurrence)
        phone.sync()
    with writing() as session:
        found = session.get_one(Occurrence, occurrence.id)
        change(session, found, Plan(found.starts_at, found.ends_at, 2), BEFORE)
    late = Phone(app, at=BEFORE)
    event = reserve(late, occurrence)
    late.sync()
    assert why(late, event) == "full"
    assert taken(db, occurrence) == 3


def test_forty_for_ten_places_by_reserving_and_by_coming(
    app: Flask, db: Session, occurrence: Occurrence
) -> None:
    """Ten hold a place, whoever they are; the others who came are in and marked, who only reserved are refused."""
    phones = [Phone(app, at=NOON) for _ in range(40)]
    events = [
        reserve(phone, occurrence) if n % 2 else come(phone, db, occurrence) for n, phone in enumerate(phones)
    ]
    db.rollback()
    for phone in phones[::3]:
        phone.wait(minutes=20)  # these were without a network
    for crowd in (phones[:20], phones[20:]):
        at_once([phone.sync for phone in crowd])
    results = [phone.results[event] for phone, event in zip(phones, events, strict=True)]
    assert {one["state"] for one in results[::2]} == {"ok"}
    within = [not one["effect"].get("over") for one in results[::2]]
    reserved = Counter(one.get("why", "") or "ok" for one in results[1::2])
    assert set(reserved) <= {"ok", "full"}
    assert sum(within) + reserved["ok"] == 10 == taken(db, occurrence)
    assert db.query(CheckIn).count() == 20
    assert db.query(CheckIn).filter_by(over=True).count() == 20 - sum(within)
    assert db.query(Reservation).count() == 10


def test_a_scan_at_a_cancelled_session_is_told_so(app: Flask, db: Session, occurrence: Occurrence) -> None:
    cancel(db, occurrence, "Storm", BEFORE)
    db.commit()
    ada = Phone(app, at=NOON)
    event = come(ada, db, occurrence)
    ada.sync()
    assert why(ada, event) == "session_cancelled"
