"""Flags: what is hard to believe is shown to a person with its numbers, and everyday life is not."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.codes.making import make_code
from server.codes.models import Code
from server.core.db import writing
from server.learning.flags import MANY, Place, Seen, impossible_travel, judge, outside_hours
from server.learning.leaks import alarms
from server.learning.looking import LOOKED, look
from server.learning.models import CheckIn, Flag
from server.occurrences.services import PRINTED, code_of
from server.replicas.models import ServerState
from tests.cast import NOON, Museum
from tests.door.at_the_door import hold_session, open_door, show_pass
from tests.learning.flagging import crowd, kinds, look_now, new_phone, say, scan
from tests.learning.test_rotating_codes import shown

CITY, SUBURB, ABROAD = Place(52.37, 4.89), Place(52.36, 4.95), Place(48.85, 2.35)


def test_a_class_of_nine_on_one_tablet_is_no_news(app: Flask, db: Session, museum: Museum) -> None:
    crowd(app, museum.code(0), 9, boot="tablet")
    assert kinds(db) == []


def test_a_crowd_on_one_phone_is_flagged_each_with_their_number(
    app: Flask, db: Session, museum: Museum
) -> None:
    people = crowd(app, museum.code(0), MANY, boot="one phone")
    assert kinds(db, people[0][0]) == ["many_on_one_phone"]
    rows = db.scalars(select(Flag)).all()
    assert len(rows) == MANY
    assert {row.facts["learners"] for row in rows} == {MANY}
    assert {row.event_id for row in rows} == {event for _, event in people}


def test_a_crowd_that_comes_bit_by_bit_is_found_with_those_who_came_before(
    app: Flask, db: Session, museum: Museum
) -> None:
    crowd(app, museum.code(0), MANY - 3, boot="one phone")
    assert kinds(db) == []
    crowd(app, museum.code(0), 5, at=NOON + timedelta(hours=2), boot="one phone")
    look_now(db)
    assert [row.facts["learners"] for row in db.scalars(select(Flag))] == [MANY + 2] * (MANY + 2)


def test_looking_twice_flags_once_and_renews_the_numbers(app: Flask, db: Session, museum: Museum) -> None:
    crowd(app, museum.code(0), MANY, boot="one phone")
    look_now(db)
    crowd(app, museum.code(0), 2, boot="one phone")
    look_now(db)
    look_now(db)
    assert [row.facts["learners"] for row in db.scalars(select(Flag))] == [MANY + 2] * (MANY + 2)


def test_what_was_decided_on_keeps_the_numbers_it_was_decided_by(
    app: Flask, db: Session, museum: Museum
) -> None:
    people = crowd(app, museum.code(0), MANY, boot="one phone")
    look_now(db)
    say(db, museum.omar, "kept", *people)
    crowd(app, museum.code(0), 2, boot="one phone")
    look_now(db)
    numbers = sorted((row.word, row.facts["learners"]) for row in db.scalars(select(Flag)))
    assert numbers == [("", MANY + 2)] * 2 + [("kept", MANY)] * MANY


def test_what_was_looked_at_is_not_read_again(app: Flask, db: Session, museum: Museum) -> None:
    crowd(app, museum.code(0), 2)
    look_now(db)
    assert db.get(ServerState, LOOKED) is not None
    with writing(db):
        db.get_one(ServerState, LOOKED).value = (NOON + timedelta(days=9000)).isoformat()
    assert look(db, NOON) == 0


@pytest.mark.parametrize(
    ("said", "flagged"),
    [
        ({"is": "out", "accuracy": "fine"}, ["far_away"]),
        ({"is": "out", "accuracy": "coarse"}, []),
        ({"is": "in", "accuracy": "fine"}, []),
        ({"is": "unknown", "accuracy": "coarse"}, []),
        (None, []),
    ],
)
def test_only_a_phone_that_knows_well_is_believed_to_be_far(
    app: Flask, db: Session, museum: Museum, said: Any, flagged: list[str]
) -> None:
    code = museum.code(0)
    code.latitude, code.longitude, code.radius_m = 52.0, 5.0, 100
    db.commit()
    crowd(app, code, 1, place=said)
    assert kinds(db) == flagged


def test_a_whole_class_by_one_scan_of_a_screen_is_no_news(app: Flask, db: Session, museum: Museum) -> None:
    code = make_code(db, museum.code(3).point, level=3, at=NOON - timedelta(days=1))
    db.commit()
    crowd(app, code, 30, proof=shown(code, NOON), boot="the teacher's")
    assert kinds(db) == []


def test_more_people_than_one_screen_serves_in_a_step_are_a_burst(
    app: Flask, db: Session, museum: Museum
) -> None:
    code = make_code(db, museum.code(3).point, level=3, at=NOON - timedelta(days=1))
    db.commit()
    crowd(app, code, 12, proof=shown(code, NOON))
    assert kinds(db) == []
    crowd(app, code, 1, proof=shown(code, NOON))
    look_now(db)
    rows = db.scalars(select(Flag)).all()
    assert {(row.kind, row.facts["learners"]) for row in rows} == {("burst", 13)}
    assert len(rows) == 13


def test_a_pass_that_was_not_fresh_is_flagged_for_its_learner(
    app: Flask, db: Session, museum: Museum
) -> None:
    occurrence = hold_session(db, museum)
    door, ada, ben = open_door(app, db, occurrence), new_phone(app), new_phone(app)
    old = show_pass(ada)
    door.phone.wait(minutes=6)
    ben.at = door.phone.at
    door.let_in(pass_=old)
    door.let_in(pass_=show_pass(ben))
    door.phone.sync()
    assert (kinds(db, ada), kinds(db, ben)) == (["stale_pass"], [])
    assert db.scalars(select(Flag)).one().facts["seconds"] >= 5 * 60


def test_who_is_let_in_beyond_the_room_is_flagged(app: Flask, db: Session, museum: Museum) -> None:
    occurrence = hold_session(db, museum, capacity=1)
    door, ada, ben = open_door(app, db, occurrence), new_phone(app), new_phone(app)
    for phone in (ada, ben):
        door.let_in(pass_=show_pass(phone))
    door.phone.sync()
    assert (kinds(db, ada), kinds(db, ben)) == ([], ["over_capacity"])


def seen(minutes: float, place: Place, *, spread: float = 0, spot: str = "a", learner: str = "ada") -> Seen:
    at = NOON + timedelta(minutes=minutes)
    return Seen(learner, f"{spot}{minutes}", at, at - timedelta(minutes=spread), at + timedelta(minutes=spread),
                activity=spot, place=place)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "possible"),
    [
        (seen(0, CITY), seen(30, ABROAD, spot="b"), False),
        (seen(0, CITY), seen(30, ABROAD, spot="b", learner="ben"), True),
        (seen(0, CITY), seen(30, ABROAD), True),  # one spot: its place is set wrong
        (seen(0, CITY), seen(1, SUBURB, spot="b"), True),  # near
        (seen(0, CITY), seen(180, ABROAD, spot="b"), True),  # by train
        (seen(0, CITY, spread=100), seen(30, ABROAD, spot="b"), True),  # it may have been long before
    ],
)
def test_nobody_is_called_fast_while_there_is_a_slow_way(one: Seen, other: Seen, possible: bool) -> None:
    assert bool(list(impossible_travel([other], [one, other]))) is not possible
    assert bool(list(impossible_travel([one], [one, other]))) is not possible


def test_what_may_have_been_at_any_time_is_never_too_fast() -> None:
    offline = Seen("ada", "x", NOON, None, NOON, activity="b", place=ABROAD)
    assert judge([offline], [offline, seen(0, CITY)]) == []


def test_two_places_at_once_are_flagged_through_the_whole_server(
    app: Flask, db: Session, museum: Museum
) -> None:
    for number, place in ((0, CITY), (3, ABROAD)):
        museum.activities[number].latitude = place.latitude
        museum.activities[number].longitude = place.longitude
    db.commit()
    ada = new_phone(app)
    scan(ada, museum.code(0))
    ada.sync()
    ada.wait(minutes=10)
    scan(ada, museum.code(3))
    ada.sync()
    assert kinds(db, ada) == ["impossible_travel", "impossible_travel"]
    facts = db.scalars(select(Flag)).first().facts  # type: ignore[union-attr]
    assert 420 < facts["km"] < 440 and facts["minutes"] >= 10


@pytest.mark.parametrize(("hour", "flagged"), [(14, False), (16.5, False), (3, True), (23.9, True)])
def test_an_hour_at_which_nobody_ever_came_is_unusual(hour: float, flagged: bool) -> None:
    one = Seen("ada", "x", NOON, NOON, NOON, activity="a", hour=hour, usual=[10, 11, 13, 15] * 20)
    assert bool(list(outside_hours([one], [one]))) is flagged


def test_midnight_is_near_to_both_sides() -> None:
    one = Seen("ada", "x", NOON, NOON, NOON, activity="a", hour=0.5, usual=[23.5] * 60)
    assert list(outside_hours([one], [one])) == []


def test_the_alarm_sounds_when_many_are_far(app: Flask, db: Session, museum: Museum) -> None:
    code = museum.code(0)
    code.latitude, code.longitude, code.radius_m = 52.0, 5.0, 100
    db.commit()
    crowd(app, code, 20, place={"is": "in", "accuracy": "fine"})
    crowd(app, code, 9, place={"is": "out", "accuracy": "fine"})
    look_now(db)
    assert alarms(db, [code.point.activity_id or ""]) == []
    crowd(app, code, 1, place={"is": "out", "accuracy": "fine"})
    look_now(db)
    [alarm] = alarms(db, [code.point.activity_id or ""])
    assert (alarm.facts["used"], alarm.facts["far"], alarm.facts["why"]) == (30, 10, "far")


def test_the_alarm_sounds_when_far_more_come_than_the_room_holds(
    app: Flask, db: Session, museum: Museum
) -> None:
    occurrence = hold_session(db, museum, capacity=6)
    code = code_of(db, occurrence, PRINTED)
    crowd(app, code, 10)
    look_now(db)
    assert alarms(db, [occurrence.activity_id]) == []
    crowd(app, code, 1)
    look_now(db)
    assert [one.facts["why"] for one in alarms(db, [occurrence.activity_id])] == ["room"]
    [at_the_door] = open_door(app, db, occurrence).ask().get_json()["alarms"]
    assert (at_the_door["used"], at_the_door["far"], at_the_door["why"]) == (11, 0, "room")


def add_check_ins(app: Flask, db: Session, code: Code, many: int, days_ago: float) -> None:
    """Copy check-ins of earlier days, which took the same way through the server."""
    phones = [new_phone(app) for _ in range(many)]
    for phone in phones:
        scan(phone, code)
        phone.sync()
    with writing(db):
        for row in db.scalars(select(CheckIn).where(CheckIn.learner_id.in_([one.learner for one in phones]))):
            row.at -= timedelta(days=days_ago)


def test_the_alarm_sounds_when_a_code_is_used_many_times_more_than_ever(
    app: Flask, db: Session, museum: Museum
) -> None:
    code = museum.code(0)
    add_check_ins(app, db, code, 10, days_ago=3)
    crowd(app, code, 39)
    look_now(db)
    assert alarms(db, [code.point.activity_id or ""]) == []
    crowd(app, code, 1)
    look_now(db)
    assert [one.facts["why"] for one in alarms(db, [code.point.activity_id or ""])] == ["usual"]


def test_a_new_code_has_no_usual_and_sounds_no_alarm(app: Flask, db: Session, museum: Museum) -> None:
    crowd(app, museum.code(0), 45)
    look_now(db)
    assert alarms(db, [museum.activities[0].id]) == []


def test_flags_never_change_what_the_phone_is_told(app: Flask, db: Session, museum: Museum) -> None:
    people = crowd(app, museum.code(0), MANY, boot="one phone")
    look_now(db)
    phone, event = people[0]
    phone.sync()
    assert phone.state(event) == "ok"
    assert not [key for key in phone.view if key.startswith("flag:")]


def test_each_kind_has_its_words() -> None:
    from server.learning.flag_words import kind_meaning, kind_title
    from server.learning.flags import RULES

    assert all(kind_title(kind) != kind and kind_meaning(kind) for kind in RULES)
