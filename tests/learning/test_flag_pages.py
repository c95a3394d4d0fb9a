"""The desk's list: reviewers look and decide, editors withdraw codes, helpers and strangers see nothing of it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges.models import Achievement
from server.codes.making import make_claim_point, make_code
from server.codes.models import Code
from server.core.db import utc_now
from server.learning.flags import MANY
from server.learning.models import CheckIn, Flag
from tests.cast import NOON, Museum, make_organiser, texts
from tests.learning.flagging import crowd, look_now, new_phone
from tests.organisers.test_desk import sign_in
from tests.organisers.test_waiting import add_member
from tests.phone import Phone

FAR = {"is": "out", "accuracy": "fine"}
People = list[tuple[Phone, str]]


@pytest.fixture
def far(app: Flask, db: Session, museum: Museum) -> People:
    """Three people, far away."""
    code = museum.code(0)
    code.latitude, code.longitude, code.radius_m = 52.0, 5.0, 100
    db.commit()
    people = crowd(app, code, 3, place=FAR)
    look_now(db)
    return people


def keys(people: People) -> list[str]:
    return [f"{phone.learner}/{event}" for phone, event in people]


def here(db: Session) -> int:
    db.rollback()
    return len(db.scalars(select(CheckIn)).all())


def test_the_desk_says_how_many_are_worth_a_look(
    client: FlaskClient, db: Session, museum: Museum, far: People
) -> None:
    sign_in(client, db, museum.omar)
    assert '<span class="count">3</span>' in client.get("/desk/").text
    page = client.get("/desk/flags").text
    assert "Far from the place" in page and page.count('type="checkbox"') == 3


def test_nothing_odd_says_what_would_stand_here(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    assert "Nothing looks odd" in client.get("/desk/flags").text


def test_several_are_voided_with_one_of_the_reasons_and_taken_back_one_by_one(
    client: FlaskClient, db: Session, museum: Museum, far: People
) -> None:
    sign_in(client, db, museum.omar)
    form = {"event": keys(far[:2]), "word": "voided", "reason": "We did not see you there.", "words": ""}
    answer = client.post("/desk/flags", data=form)
    assert answer.status_code == 303 and here(db) == 1
    page = client.get(answer.headers["Location"]).text
    assert "2 check-ins do not count any more" in page and "We did not see you there." in page
    far[0][0].sync()
    assert far[0][0].view[f"flag:{far[0][1]}"]["reason"] == "We did not see you there."
    client.post("/desk/flags", data={"event": keys(far[:1]), "word": "kept"})
    assert here(db) == 2


def test_own_words_come_before_the_suggested_ones_and_cannot_run(
    client: FlaskClient, db: Session, museum: Museum, far: People
) -> None:
    sign_in(client, db, museum.omar)
    form = {
        "event": keys(far[:1]),
        "word": "voided",
        "reason": "Suggested",
        "words": "<script>alert(1)</script>",
    }
    client.post("/desk/flags", data=form)
    page = client.get("/desk/flags").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page and "Suggested" not in page


def test_an_appeal_stands_on_top_with_its_words(
    client: FlaskClient, db: Session, museum: Museum, far: People
) -> None:
    sign_in(client, db, museum.omar)
    client.post("/desk/flags", data={"event": keys(far[:1]), "word": "voided", "words": "No"})
    ada, event = far[0]
    ada.at = utc_now() + timedelta(minutes=1)
    ada.record("checkin.appeal", {"event": event, "text": "I was <b>there</b>"})
    ada.sync()
    page = client.get("/desk/flags").text
    assert page.index("They say it is not right") < page.index("Far from the place", page.index("group-1"))
    assert "I was &lt;b&gt;there&lt;/b&gt;" in page
    assert '<span class="count">3</span>' in client.get("/desk/").text
    client.post("/desk/flags", data={"event": keys(far[:1]), "word": "kept"})
    assert here(db) == 3


def test_rita_decides_hanna_the_helper_and_eve_do_not(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, far: People
) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    for user in (add_member(db, museum, "Hanna", "helper"), eve):
        sign_in(client, db, user)
        assert "Far from the place" not in client.get("/desk/flags").text
        assert client.post("/desk/flags", data={"event": keys(far), "word": "voided"}).status_code == 404
        assert (
            client.post("/desk/flags/alarm", data={"code": museum.code(0).id, "word": "well"}).status_code
            == 404
        )
    assert here(db) == 3
    sign_in(client, db, add_member(db, museum, "Rita", "reviewer"))
    client.post("/desk/flags", data={"event": keys(far), "word": "voided"})
    assert here(db) == 0


@pytest.fixture
def leaking(app: Flask, db: Session, museum: Museum, far: People) -> Code:
    crowd(app, museum.code(0), 10, place=FAR)
    look_now(db)
    return museum.code(0)


def test_the_alarm_is_on_the_desk_with_its_picture(
    client: FlaskClient, db: Session, museum: Museum, leaking: Code
) -> None:
    sign_in(client, db, museum.omar)
    addresses = ("/desk/", "/desk/flags", f"/desk/codes/{leaking.id}")
    for page in [client.get(address).text for address in addresses]:
        assert "used 13 times within an hour, 13 of them from far away" in page
        assert '<rect class="leak-far"' in page


def test_one_tap_withdraws_the_code_and_marks_who_came(
    client: FlaskClient, db: Session, museum: Museum, leaking: Code
) -> None:
    code_id = leaking.id
    sign_in(client, db, add_member(db, museum, "Rita", "reviewer"))
    assert "Withdraw the code" not in client.get("/desk/flags").text
    assert client.post("/desk/flags/alarm", data={"code": code_id, "word": "withdraw"}).status_code == 404
    sign_in(client, db, museum.omar)
    answer = client.post("/desk/flags/alarm", data={"code": code_id, "word": "withdraw"})
    page = client.get(answer.headers["Location"]).text
    assert "13 check-ins by it are marked below" in page
    assert f"/desk/codes/{code_id}" in page
    assert "Make a new one in its place" in client.get(f"/desk/codes/{code_id}").text
    db.rollback()
    assert db.get_one(Code, code_id, populate_existing=True).revoked_at is not None
    assert len(db.scalars(select(Flag).where(Flag.kind == "leaked_code")).all()) == 13
    assert here(db) == 13
    assert client.post("/desk/flags/alarm", data={"code": code_id, "word": "withdraw"}).status_code == 409


def test_a_claimed_badge_is_looked_at_too(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    badge = Achievement(
        organiser_id=museum.organiser.id, name=texts("Festival"), description=texts("x"), criteria=texts("x"),
        design=museum.achievement.design, alignments=[], tags=[], created_at=NOON,
    )  # fmt: skip
    db.add(badge)
    db.flush()
    code = make_code(db, make_claim_point(db, badge.id, texts("Gate")), level=1, at=NOON)
    db.commit()
    people = []
    for _ in range(MANY):
        phone = new_phone(app)
        body = {"point": code.point_id, "proof": f"1{code.secret}", "typed": None}
        people.append((phone, phone.record("badge.claim", body)))
        phone.sync()
    look_now(db)
    sign_in(client, db, museum.omar)
    page = client.get("/desk/flags").text
    assert "Festival" in page and "Many people on one phone" in page
    client.post("/desk/flags", data={"event": keys(people[:1]), "word": "voided", "words": "No"})
    ada, event = people[0]
    ada.at = utc_now() + timedelta(minutes=1)
    ada.sync()
    assert ada.badges()[0]["revoked_at"] and ada.view[f"flag:{event}"]["state"] == "voided"
    client.post("/desk/flags", data={"event": keys(people[:1]), "word": "kept"})
    ada.sync()
    assert sorted(bool(one["revoked_at"]) for one in ada.badges()) == [False, True]
