"""Who was sent a poster's photo, brings another city's code, edits what they recorded, or guesses."""

import base64
import json
from dataclasses import replace

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.badges.models import Achievement
from server.cities.models import City
from server.codes.making import make_claim_point, make_code
from server.learning.events import WRONG_TYPED_AN_HOUR
from server.learning.models import CheckIn
from tests.cast import NOON, Museum, make_organiser, texts
from tests.learning.flagging import kinds, new_phone, scan
from tests.learning.test_rotating_codes import typed_shown
from tests.learning.walk import visit
from tests.phone import b64


def count(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(CheckIn)) or 0


def test_a_shared_photo_of_a_poster_counts_as_what_it_is(app: Flask, db: Session, museum: Museum) -> None:
    """Accepted, at level 1; and the badge says to everybody that no more than that was shown."""
    eve = new_phone(app)
    event = scan(eve, museum.code(0))
    visit(eve, museum)
    eve.sync()
    assert eve.results[event]["effect"]["level"] == 1
    assert kinds(db, eve) == []
    [badge] = eve.badges()
    assert badge["assurance"]["level"] == 1
    page = app.test_client().get(
        badge["url"].replace("http://localhost:8000", ""), headers={"Accept": "text/html"}
    )
    assert "Code seen" in page.text
    signed = app.test_client().get(badge["json"].replace("http://localhost:8000", "")).text
    assert "Code seen" in signed


def test_a_code_of_another_server_is_unknown(app: Flask, db: Session, museum: Museum) -> None:
    eve = new_phone(app)
    body = {"point": "ZZZZZZZZ", "proof": f"1{museum.code(0).secret}", "typed": None, "activity": None}
    event = eve.record("checkin.scan", body)
    eve.sync()
    assert (eve.results[event]["state"], eve.results[event]["why"], count(db)) == (
        "rejected",
        "unknown_code",
        0,
    )


def test_a_code_of_one_place_proves_nothing_at_another(app: Flask, db: Session, museum: Museum) -> None:
    eve = new_phone(app)
    event = scan(eve, museum.code(0), proof=f"1{museum.code(3).secret}")
    eve.sync()
    assert (eve.results[event]["why"], count(db)) == ("wrong_code", 0)


def test_a_badge_of_another_city_is_not_given(app: Flask, db: Session, museum: Museum) -> None:
    elsewhere = City(
        slug="far", host="far.example", name="Far", tagline={}, about={}, picture_alt={}, languages=["en"]
    )
    db.add(elsewhere)
    db.flush()
    organiser, _ = make_organiser(db, elsewhere, "Far Fair", "fay@example.org")
    badge = Achievement(
        organiser_id=organiser.id, name=texts("Fair"), description=texts("x"), criteria=texts("x"),
        design=museum.achievement.design, alignments=[], tags=[], created_at=NOON,
    )  # fmt: skip
    db.add(badge)
    db.flush()
    code = make_code(db, make_claim_point(db, badge.id, texts("Gate")), level=1, at=NOON)
    db.commit()
    eve = new_phone(app)
    event = eve.record("badge.claim", {"point": code.point_id, "proof": f"1{code.secret}", "typed": None})
    eve.sync()
    assert (eve.results[event]["why"], eve.badges()) == ("unknown_code", [])


def test_a_stop_of_another_city_on_this_server_counts_there_alone(
    app: Flask, db: Session, museum: Museum
) -> None:
    elsewhere = City(
        slug="far", host="far.example", name="Far", tagline={}, about={}, picture_alt={}, languages=["en"]
    )
    db.add(elsewhere)
    db.flush()
    organiser, _ = make_organiser(db, elsewhere, "Far Fair", "fay@example.org")
    museum.activities[3].organiser_id = organiser.id
    db.commit()
    eve = new_phone(app)
    event = scan(eve, museum.code(3))
    eve.sync()
    assert eve.results[event]["effect"]["activity"] == museum.activities[3].id
    assert count(db) == 1


def test_an_event_that_was_edited_is_refused(app: Flask, db: Session, museum: Museum) -> None:
    eve = new_phone(app)
    scan(eve, museum.code(0))
    signed = eve.outbox.pop()
    event = json.loads(base64.urlsafe_b64decode(signed["p"] + "=="))
    event["body"] |= {"point": museum.code(1).point_id, "proof": f"2{museum.code(1).secret}"}
    forged = {"p": b64(json.dumps(event, separators=(",", ":")).encode()), "s": signed["s"]}
    answer = eve.post([forged]).get_json()
    assert [(one["state"], one["why"]) for one in answer["results"]] == [("rejected", "bad_signature")]
    assert count(db) == 0


def test_an_event_in_anothers_name_is_refused(app: Flask, db: Session, museum: Museum) -> None:
    eve, ada = new_phone(app), new_phone(app)
    body = {
        "point": museum.code(0).point_id,
        "proof": f"1{museum.code(0).secret}",
        "typed": None,
        "activity": None,
    }
    event = eve.record("checkin.scan", body, learner=ada.learner)
    eve.sync()
    assert (eve.results[event]["state"], eve.results[event]["why"]) == ("rejected", "wrong_learner")
    assert count(db) == 0


def guess(app: Flask, tries: int) -> list[str]:
    """Type well-formed codes that do not exist, on one phone; say what each was answered."""
    from server.codes import tokens

    eve = new_phone(app)
    events = [eve.type_in(tokens.new_typed("ZZ")) for _ in range(tries)]
    for number in range(0, tries, 10):  # as a hurried guesser would: ten at a time
        answer = eve.post(eve.outbox[number : number + 10]).get_json()
        eve.results |= {one["id"]: one for one in answer["results"]}
    return [eve.results[event]["why"] for event in events]


def test_guessing_typed_codes_is_stopped(app: Flask, db: Session, museum: Museum) -> None:
    """At 20 an hour, half of the 28,629,151 forms of a stop take some eighty years."""
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], typed_rate="1000 per minute")
    said = guess(app, WRONG_TYPED_AN_HOUR + 10)
    assert said == ["unknown_code"] * WRONG_TYPED_AN_HOUR + ["too_many_tries"] * 10
    assert count(db) == 0


def test_guessing_with_many_phones_is_stopped_by_their_network(
    app: Flask, db: Session, museum: Museum
) -> None:
    said = [why for _ in range(8) for why in guess(app, 10)]
    assert said.count("unknown_code") <= 60
    assert said[-10:] == ["too_many_tries"] * 10


def test_who_is_stopped_guessing_gets_no_right_one_through(app: Flask, db: Session, museum: Museum) -> None:
    code = make_code(db, museum.code(3).point, level=3, at=NOON)
    db.commit()
    for _ in range(8):
        guess(app, 10)
    eve = new_phone(app)
    event = eve.type_in(typed_shown(code, eve.at))
    answer = eve.post(eve.outbox).get_json()
    assert [(one["state"], one["why"]) for one in answer["results"] if one["id"] == event] == [
        ("later", "too_many_tries")
    ]
    assert count(db) == 0
