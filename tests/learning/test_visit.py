"""What a learner does counts once, is judged fairly, and leads to completions and a badge."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.badges.models import Award
from server.codes.making import make_code
from server.codes.models import Code
from server.codes.services import revoke
from server.learning.models import Answer, CheckIn, Completion
from tests.cast import NOON, Museum
from tests.learning.walk import do_stop, visit
from tests.phone import Phone


@pytest.fixture
def ada(app: Flask) -> Phone:
    return Phone(app, at=NOON)


def count(db: Session, model: type) -> int:
    db.expire_all()
    return db.scalar(select(func.count()).select_from(model)) or 0


def test_a_scan_is_accepted_and_shown_in_the_feed(ada: Phone, museum: Museum) -> None:
    scan = ada.scan(museum.code(0))
    ada.sync()
    activity = museum.activities[0].id
    assert ada.results[scan]["effect"] == {"activity": activity, "level": 1, "time": "claimed"}
    row = ada.view[f"checkin:{activity}"]
    assert (row["point"], row["level"], row["event"], row["at"]) == (
        "TESTP000",
        1,
        scan,
        "2026-06-01T12:00:00.000Z",
    )


def test_a_second_scan_of_the_same_code_counts_once(ada: Phone, museum: Museum, db: Session) -> None:
    ada.scan(museum.code(0))
    again = ada.scan(museum.code(0))
    ada.sync()
    assert ada.results[again]["state"] == "ok"
    assert ada.results[again]["effect"]["already"] is True
    assert count(db, CheckIn) == 1


def test_a_stronger_code_makes_the_check_in_stronger(ada: Phone, museum: Museum, db: Session) -> None:
    point = museum.code(0).point
    open_code = make_code(db, point, level=0, at=NOON)
    db.commit()
    ada.scan(open_code)
    ada.sync()
    assert ada.view[f"checkin:{point.activity_id}"]["level"] == 0
    ada.scan(museum.code(0))
    ada.scan(open_code)
    ada.sync()
    assert ada.view[f"checkin:{point.activity_id}"]["level"] == 1
    assert count(db, CheckIn) == 1


def test_ones_own_word_is_not_enough_where_there_are_codes(ada: Phone, museum: Museum) -> None:
    body = {"point": None, "proof": None, "typed": None, "activity": museum.activities[0].id}
    word = ada.record("checkin.scan", body)
    ada.sync()
    assert ada.results[word]["why"] == "wrong_code"


def test_a_typed_code_checks_in_whatever_its_spelling(ada: Phone, museum: Museum, db: Session) -> None:
    code = make_code(db, museum.code(0).point, level=1, at=NOON)
    db.commit()
    assert code.typed is not None
    scan = ada.type_in(f" {code.typed[:4].lower()}-{code.typed[4:].replace('0', 'o').replace('1', 'l')}")
    ada.sync()
    assert ada.state(scan) == "ok"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"proof": "1SECRET0000000009"}, "wrong_code"),
        ({"proof": "2SECRET0000000000"}, "wrong_code"),
        ({"proof": "9SECRET0000000000"}, "unknown_kind"),
        ({"proof": None}, "wrong_code"),
        ({"point": "NOSVCHP0"}, "unknown_code"),
        ({"point": None, "proof": None, "typed": "ABCDEFGH"}, "unknown_code"),
        ({"point": 7}, "malformed"),
    ],
)
def test_a_wrong_code_is_declined_with_its_reason(
    ada: Phone, museum: Museum, change: dict[str, object], why: str
) -> None:
    body = {"point": "TESTP000", "proof": "1SECRET0000000000", "typed": None, "activity": None}
    scan = ada.record("checkin.scan", {**body, **change})
    ada.sync()
    assert (ada.results[scan]["state"], ada.results[scan]["why"]) == ("rejected", why)
    assert ada.results[scan]["appeal"] is True


def test_guessing_typed_codes_is_slowed_down(ada: Phone, museum: Museum) -> None:
    for _ in range(25):
        ada.type_in("ABCDEFGH")
    reply = ada.sync()
    states = [result["state"] for result in reply["results"]]
    assert states.count("rejected") == 20
    assert reply["results"][-1]["why"] == "too_many_tries"


def test_inside_the_window_is_proven_when_an_anchor_says_so(ada: Phone, museum: Museum) -> None:
    ada.hello()
    ada.sync()
    ada.wait(minutes=30)
    scan = ada.scan(museum.code(1))
    ada.wait(hours=1)
    ada.sync()
    assert ada.results[scan]["effect"]["time"] == "proven"


def test_a_scan_sent_after_the_window_is_claimed(ada: Phone, museum: Museum) -> None:
    scan = ada.scan(museum.code(1))
    ada.wait(hours=20)
    ada.sync()
    assert ada.results[scan]["effect"]["time"] == "claimed"


@pytest.mark.parametrize("late", [{"hours": 4}, {"hours": -4}])
def test_a_scan_outside_the_window_is_declined(ada: Phone, museum: Museum, late: dict[str, float]) -> None:
    ada.wait(**late)
    scan = ada.scan(museum.code(1))
    ada.sync()
    assert ada.results[scan]["why"] == "window_closed"


def test_a_scan_that_was_offline_too_long_is_declined(ada: Phone, museum: Museum) -> None:
    scan = ada.scan(museum.code(1))
    ada.wait(hours=3 + 73)
    ada.sync()
    assert ada.results[scan]["why"] == "window_closed"


def test_a_revoked_code_is_declined_but_what_was_scanned_before_counts(
    app: Flask, museum: Museum, db: Session
) -> None:
    before, after = Phone(app, at=NOON), Phone(app, at=NOON + timedelta(hours=2))
    early, late = before.scan(museum.code(0)), after.scan(museum.code(0))
    revoke(museum.code(0), NOON + timedelta(hours=1))
    db.commit()
    before.wait(hours=5)
    before.sync()
    after.sync()
    assert before.results[early]["effect"]["time"] == "claimed"
    assert after.results[late]["why"] == "code_revoked"


def test_a_code_with_places_lets_in_no_more(app: Flask, museum: Museum, db: Session) -> None:
    code = make_code(db, museum.code(0).point, level=1, cap_total=2, at=NOON)
    db.commit()
    phones = [Phone(app, at=NOON) for _ in range(4)]
    scans = [phone.scan(code) for phone in phones]
    for phone in phones:
        phone.sync()
    whys = [phone.results[scan].get("why", "") for phone, scan in zip(phones, scans, strict=True)]
    assert whys == ["", "", "used_up", "used_up"]
    assert db.get_one(Code, code.id, populate_existing=True).claimed == 2


def test_a_wrong_answer_may_be_tried_again_and_a_right_one_stays(
    ada: Phone, museum: Museum, db: Session
) -> None:
    task = museum.task(0, "choice")
    ada.answer(task, choices=["b"])
    ada.sync()
    assert ada.view[f"task:{task.id}"]["state"] == "wrong"
    ada.answer(task, choices=["a"])
    ada.answer(task, choices=["b"])
    ada.sync()
    assert (ada.view[f"task:{task.id}"]["state"], ada.view[f"task:{task.id}"]["tries"]) == ("right", 3)
    assert count(db, Answer) == 1


@pytest.mark.parametrize(("number", "state"), [("1856", "right"), ("1858,4", "right"), ("1859", "wrong")])
def test_a_number_is_right_within_its_tolerance(ada: Phone, museum: Museum, number: str, state: str) -> None:
    answer = ada.answer(museum.task(1, "number"), number=number)
    ada.sync()
    assert ada.results[answer]["effect"]["state"] == state


def test_answers_of_another_form_are_declined(ada: Phone, museum: Museum) -> None:
    choice, number = museum.task(0, "choice"), museum.task(1, "number")
    wrong = [
        ada.answer(choice, choices=["a", "b"]), ada.answer(choice, choices=["zz"]), ada.answer(choice, text="a"),
        ada.answer(number, number="many"), ada.answer(number, number="NaN"), ada.answer(number, number="1e400"),
        ada.answer(museum.task(2, "text"), text="x" * 201), ada.answer(museum.task(2, "photo"), text="x"),
    ]  # fmt: skip
    ada.sync()
    assert {ada.results[one]["why"] for one in wrong} == {"answer_form"}


def test_the_whole_visit_earns_the_badge_in_the_same_transaction(
    ada: Phone, museum: Museum, db: Session
) -> None:
    visit(ada, museum)
    ada.sync()
    assert [badge["name"]["en"] for badge in ada.badges()] == ["River explorer"]
    completion = ada.view[f"completion:playlist:{museum.playlist.id}"]
    assert completion["assurance"] == {"level": 1, "time": "claimed", "review": "none"}
    award = db.scalars(select(Award)).one()
    stored = db.scalars(select(Completion).where(Completion.playlist_id.is_not(None))).one()
    assert award.completion_id == stored.id
    assert len(stored.proofs) == 9


def test_no_badge_before_the_rule_is_met(ada: Phone, museum: Museum) -> None:
    visit(ada, museum, stops=(0, 1, 2))
    ada.sync()
    assert ada.badges() == []
    do_stop(ada, museum, 3)
    ada.sync()
    assert len(ada.badges()) == 1


def test_in_a_fixed_order_a_stop_done_too_early_counts_when_it_is_done_again(
    ada: Phone, museum: Museum, db: Session
) -> None:
    museum.playlist.order = "fixed"
    db.commit()
    for number in (1, 0, 2, 3):
        ada.wait(minutes=5)
        do_stop(ada, museum, number)
    ada.sync()
    assert ada.badges() == []
    for number in (1, 2, 3):
        ada.wait(minutes=5)
        ada.scan(museum.code(number))
    ada.sync()
    assert len(ada.badges()) == 1


def test_in_a_fixed_order_going_back_undoes_nothing(ada: Phone, museum: Museum, db: Session) -> None:
    museum.playlist.order = "fixed"
    db.commit()
    for number in (0, 1, 0, 2, 0, 3):
        ada.wait(minutes=5)
        do_stop(ada, museum, number)
    ada.sync()
    assert len(ada.badges()) == 1


def test_an_award_that_fails_leaves_nothing_half_done(
    ada: Phone, museum: Museum, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(ada, museum, stops=(0, 1, 2))
    do_stop(ada, museum, 3, answer=False)
    ada.sync()
    with monkeypatch.context() as broken:
        broken.setattr("server.badges.giving.award", None)
        last = ada.answer(museum.task(3, "choices"), choices=["a", "c"])
        result = ada.sync()["results"][0]
    assert (result["state"], result["why"], result["durable"]) == ("later", "fault", False)
    assert count(db, Completion) == 3
    ada.sync()
    assert ada.state(last) == "ok"
    assert len(ada.badges()) == 1


def test_two_people_have_two_badges_and_two_names(app: Flask, museum: Museum, db: Session) -> None:
    for _ in range(2):
        phone = Phone(app, at=NOON)
        visit(phone, museum)
        phone.sync()
        assert len(phone.badges()) == 1
    assert len({award.subject for award in db.scalars(select(Award))}) == 2


def test_work_may_be_taken_back_until_it_counts(ada: Phone, museum: Museum, db: Session) -> None:
    answer = ada.answer(museum.task(0, "choice"), choices=["a"])
    ada.record("event.withdraw", {"event": answer})
    ada.sync()
    assert f"task:{museum.task(0, 'choice').id}" not in ada.view
    assert count(db, Answer) == 0
    scan = do_stop(ada, museum, 0)
    late = ada.record("event.withdraw", {"event": scan})
    ada.sync()
    assert ada.results[late]["why"] == "completed"


def test_what_is_only_kept_is_checked_all_the_same(ada: Phone, museum: Museum) -> None:
    activity = museum.activities[0].id
    good = [
        ada.record("playlist.save", {"playlist": museum.playlist.id, "version": "abc"}),
        ada.record("playlist.forget", {"playlist": museum.playlist.id, "version": "abc"}),
        ada.record("feedback.give", {"activity": activity, "stars": 5, "text": "Nice"}),
    ]
    bad = [
        ada.record("feedback.give", {"activity": activity, "stars": 6, "text": None}),
        ada.record("award.show", {"award": museum.playlist.id, "visibility": "public"}),
        ada.record("coffee.drink", {}),
    ]
    ada.sync()
    assert [ada.state(one) for one in good] == ["ok"] * 3
    assert [ada.results[one]["why"] for one in bad] == ["malformed", "unknown_award", "unknown_type"]
