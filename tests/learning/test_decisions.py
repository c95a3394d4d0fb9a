"""What waits for the organiser counts for nothing until they decide, and then as they decide, for ever."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.codes.making import make_code
from server.codes.models import Code
from server.core.db import writing
from server.learning.decisions import WrongWord
from server.learning.models import Answer, CheckIn, Completion, Decision, Evidence
from server.replicas import holds
from server.replicas.models import Event as EventRow
from tests.cast import NOON, Museum
from tests.learning.deciding import TERMS, say
from tests.learning.walk import do_stop, picture, visit
from tests.phone import Phone


@pytest.fixture
def ada(app: Flask) -> Phone:
    return Phone(app, at=NOON)


@pytest.fixture
def asking(museum: Museum, db: Session) -> Museum:
    """Omar says himself who came to stop 0, and looks at what is handed in at stop 2."""
    museum.activities[0].confirm = True
    for task in museum.activities[2].tasks:
        task.review = "organiser" if task.kind in ("text", "photo") else "none"
    db.commit()
    return museum


def count(db: Session, model: type) -> int:
    db.expire_all()
    return db.scalar(select(func.count()).select_from(model)) or 0


def hand_in(ada: Phone, museum: Museum, content: bytes) -> str:
    photo = ada.photograph(museum.task(2, "photo"), content)
    ada.sync()
    assert ada.upload(content).status_code == 204
    ada.sync()
    return photo


def run_out(db: Session, phone: Phone) -> None:
    """Let the clock end what has waited as long as it may."""
    with writing(db) as session:
        holds.end_holds(session, TERMS, phone.at + timedelta(days=31))


def test_a_check_in_waits_and_counts_for_nothing_until_it_is_confirmed(
    ada: Phone, asking: Museum, db: Session
) -> None:
    scan = do_stop(ada, asking, 0)
    ada.sync()
    assert (ada.results[scan]["state"], ada.results[scan]["why"]) == ("hold", "organiser")
    assert (count(db, CheckIn), count(db, Completion)) == (0, 0)
    assert [one.state for one in say(db, asking.omar, "accepted", (ada, scan))] == ["ok"]
    ada.sync()
    assert ada.state(scan) == "ok"
    assert ada.view[f"checkin:{asking.activities[0].id}"]["level"] == 1
    assert f"completion:activity:{asking.activities[0].id}" in ada.view


def test_a_wrong_code_is_declined_at_once_also_where_people_are_confirmed(ada: Phone, asking: Museum) -> None:
    body = {"point": "TESTP000", "proof": "1SECRET0000000009", "typed": None, "activity": None}
    scan = ada.record("checkin.scan", body)
    ada.sync()
    assert (ada.results[scan]["state"], ada.results[scan]["why"]) == ("rejected", "wrong_code")


def test_who_was_not_there_is_told_so_with_the_note(ada: Phone, asking: Museum, db: Session) -> None:
    scan = ada.scan(asking.code(0))
    ada.sync()
    say(db, asking.omar, "declined", (ada, scan), note="We did not see you at the door.")
    ada.sync()
    verdict = ada.view[f"verdict:{scan}"]
    assert (verdict["state"], verdict["why"]) == ("rejected", "not_confirmed")
    assert verdict["effect"] == {"note": "We did not see you at the door."}
    assert count(db, CheckIn) == 0


def test_a_decision_is_made_once_and_never_changes(ada: Phone, asking: Museum, db: Session) -> None:
    scan = ada.scan(asking.code(0))
    ada.sync()
    assert say(db, asking.omar, "accepted", (ada, scan))
    assert say(db, asking.omar, "declined", (ada, scan)) == []
    ada.sync()
    assert ada.state(scan) == "ok"
    assert db.scalars(select(Decision.word)).all() == ["accepted"]


def test_two_scans_of_one_visit_are_one_thing_to_confirm(ada: Phone, asking: Museum, db: Session) -> None:
    first = ada.scan(asking.code(0))
    ada.wait(minutes=5)
    second = ada.scan(asking.code(0))
    ada.sync()
    say(db, asking.omar, "accepted", (ada, second))
    ada.sync()
    assert (ada.state(first), ada.state(second)) == ("ok", "ok")
    assert count(db, CheckIn) == 1


def test_nobody_confirming_leaves_ones_own_word(ada: Phone, asking: Museum, db: Session) -> None:
    scan = do_stop(ada, asking, 0)
    ada.sync()
    run_out(db, ada)
    ada.sync()
    effect = ada.view[f"verdict:{scan}"]["effect"]
    assert (effect["level"], effect["unconfirmed"]) == (0, True)
    done = ada.view[f"completion:activity:{asking.activities[0].id}"]
    assert done["assurance"]["level"] == 0


def test_places_are_taken_by_who_is_confirmed_and_lost_by_nobody(
    app: Flask, asking: Museum, db: Session
) -> None:
    code = make_code(db, asking.code(0).point, level=1, cap_total=2, at=NOON)
    db.commit()
    phones = [Phone(app, at=NOON) for _ in range(4)]
    scans = [phone.scan(code) for phone in phones]
    for phone in phones:
        phone.sync()
    pairs = list(zip(phones, scans, strict=True))
    assert all(phone.state(scan) == "hold" for phone, scan in pairs)
    assert db.get_one(Code, code.id, populate_existing=True).claimed == 0
    say(db, asking.omar, "declined", pairs[0])
    said = [say(db, asking.omar, "accepted", pair)[0] for pair in pairs[1:]]
    assert [(one.state, one.why) for one in said] == [("ok", ""), ("ok", ""), ("rejected", "used_up")]
    assert db.get_one(Code, code.id, populate_existing=True).claimed == 2


def test_a_code_that_is_used_up_already_is_declined_at_once(app: Flask, asking: Museum, db: Session) -> None:
    code = make_code(db, asking.code(0).point, level=1, cap_total=1, at=NOON)
    db.commit()
    early, late = Phone(app, at=NOON), Phone(app, at=NOON)
    scan = early.scan(code)
    early.sync()
    say(db, asking.omar, "accepted", (early, scan))
    refused = late.scan(code)
    late.sync()
    assert (late.results[refused]["state"], late.results[refused]["why"]) == ("rejected", "used_up")


def test_a_whole_door_is_confirmed_at_once(app: Flask, asking: Museum, db: Session) -> None:
    phones = [Phone(app, at=NOON) for _ in range(5)]
    pairs = [(phone, phone.scan(asking.code(0))) for phone in phones]
    for phone in phones:
        phone.sync()
    assert [one.state for one in say(db, asking.omar, "accepted", *pairs)] == ["ok"] * 5
    assert count(db, CheckIn) == 5


def test_work_waits_for_its_review_and_then_counts_as_reviewed(
    ada: Phone, asking: Museum, db: Session
) -> None:
    visit(ada, asking, stops=(2,))
    ada.sync()
    rows = db.scalars(select(EventRow).where(EventRow.type == "evidence.submit")).all()
    assert {(one.state, one.why) for one in rows} == {("hold", "review")}
    assert (count(db, Evidence), count(db, Completion)) == (0, 0)
    say(db, asking.omar, "accepted", *[(ada, one.id) for one in rows])
    ada.sync()
    done = ada.view[f"completion:activity:{asking.activities[2].id}"]
    assert done["assurance"]["review"] == "organiser"
    assert ada.view[f"task:{asking.task(2, 'photo').id}"]["state"] == "accepted"


def test_an_open_answer_waits_for_its_review_too(ada: Phone, asking: Museum, db: Session) -> None:
    task = asking.task(2, "text")
    answer = ada.answer(task, text="The mill was loud.")
    ada.sync()
    assert ada.results[answer]["why"] == "review"
    say(db, asking.omar, "accepted", (ada, answer))
    ada.sync()
    assert ada.view[f"task:{task.id}"]["state"] == "accepted"
    assert count(db, Answer) == 1


def test_what_must_be_better_comes_back_with_a_note_and_may_be_handed_in_again(
    ada: Phone, asking: Museum, db: Session
) -> None:
    task = asking.task(2, "text")
    first = ada.write(task, "Loud.")
    ada.sync()
    say(db, asking.omar, "improve", (ada, first), note="Tell us why it was loud.")
    ada.sync()
    row = ada.view[f"task:{task.id}"]
    assert (ada.state(first), row["state"], row["note"]) == ("ok", "improve", "Tell us why it was loud.")
    ada.wait(minutes=5)
    second = ada.write(task, "The wheel turned and the stones ground.")
    ada.sync()
    assert ada.results[second]["why"] == "review"
    say(db, asking.omar, "accepted", (ada, second))
    ada.sync()
    row = ada.view[f"task:{task.id}"]
    assert (row["state"], row["event"]) == ("accepted", second)
    assert "note" not in row
    assert db.scalars(select(Evidence.text)).all() == ["The wheel turned and the stones ground."]


@pytest.mark.parametrize("word", ["accepted", "improve", "declined"])
def test_of_two_photos_that_wait_the_newer_is_the_one_that_is_judged(
    ada: Phone, asking: Museum, db: Session, word: str
) -> None:
    older = hand_in(ada, asking, picture("red"))
    ada.wait(minutes=2)
    newer = hand_in(ada, asking, picture("blue"))
    assert len(say(db, asking.omar, word, (ada, newer))) == 1
    ada.sync()
    assert (ada.state(older), ada.state(newer)) == ("ok", "ok")
    row = ada.view[f"task:{asking.task(2, 'photo').id}"]
    assert (row["event"], row["state"]) == (newer, word)
    assert ada.view[f"verdict:{older}"]["effect"]["already"] is True


def test_what_was_accepted_stays_whatever_comes_later(ada: Phone, asking: Museum, db: Session) -> None:
    task = asking.task(2, "text")
    first = ada.write(task, "The wheel turned.")
    ada.sync()
    say(db, asking.omar, "accepted", (ada, first))
    ada.wait(minutes=1)
    second = ada.write(task, "x")
    ada.sync()
    assert ada.results[second]["effect"] == {"state": "accepted", "already": True}
    assert db.scalars(select(Evidence.text)).all() == ["The wheel turned."]


def test_work_that_nobody_looks_at_counts_as_unjudged(ada: Phone, asking: Museum, db: Session) -> None:
    visit(ada, asking, stops=(2,))
    ada.sync()
    run_out(db, ada)
    ada.sync()
    done = ada.view[f"completion:activity:{asking.activities[2].id}"]
    assert done["assurance"]["review"] == "none"


def test_malformed_work_is_declined_before_anybody_has_to_look(ada: Phone, asking: Museum) -> None:
    wrong = ada.write(asking.task(2, "photo"), "no photo")
    ada.sync()
    assert ada.results[wrong]["why"] == "answer_form"


def test_what_came_while_it_was_asked_for_is_still_decided_when_it_is_no_longer(
    ada: Phone, asking: Museum, db: Session
) -> None:
    scan = ada.scan(asking.code(0))
    ada.sync()
    asking.activities[0].confirm = False
    db.commit()
    say(db, asking.omar, "declined", (ada, scan))
    ada.sync()
    assert ada.view[f"verdict:{scan}"]["why"] == "not_confirmed"


def test_a_check_in_is_never_asked_to_improve(ada: Phone, asking: Museum, db: Session) -> None:
    scan = ada.scan(asking.code(0))
    ada.sync()
    with pytest.raises(WrongWord):
        say(db, asking.omar, "improve", (ada, scan))
    assert count(db, Decision) == 0


def test_a_badge_of_reviewed_work_says_so(ada: Phone, asking: Museum, db: Session) -> None:
    visit(ada, asking)
    ada.sync()
    waiting = db.scalars(select(EventRow.id).where(EventRow.state == "hold")).all()
    assert ada.badges() == []
    for one in waiting:
        say(db, asking.omar, "accepted", (ada, one))
    ada.sync()
    assert [badge["assurance"]["review"] for badge in ada.badges()] == ["organiser"]
