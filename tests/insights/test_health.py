"""An organiser sees how many phones still hold something, by activity and day, and nobody's name."""

from datetime import date, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.insights.health import outings
from server.occurrences.services import PRINTED, Plan, code_of, make
from tests.cast import NOON, Museum, make_organiser
from tests.organisers.test_desk import sign_in
from tests.phone import Phone

ZONE = "Europe/Amsterdam"


def come(app: Flask, museum: Museum, *, hole: int = 0, lost: bool = False, late: bool = False) -> Phone:
    """Check in at stop 0; with a hole that many events stay behind, and may be declared lost."""
    phone = Phone(app, at=NOON + timedelta(hours=10, minutes=30) if late else NOON)
    phone.scan(museum.code(0))
    if hole:
        for _ in range(hole):
            phone.scan(museum.code(0))
        phone.outbox = phone.outbox[:-hole]
        if lost:
            phone.record("event.lost", {"device": phone.device, "seq": [3, 2 + hole]})
        else:
            phone.scan(museum.code(0))
    phone.sync()
    return phone


def test_a_day_says_who_came_whose_phones_have_holes_and_what_is_lost(
    app: Flask, museum: Museum, db: Session
) -> None:
    come(app, museum)
    come(app, museum, hole=2)
    come(app, museum, hole=3, lost=True)
    (found,) = outings(db, [one.id for one in museum.activities], ZONE, NOON + timedelta(days=3))
    assert (found.activity, found.day) == (museum.activities[0].id, date(2026, 6, 1))
    assert (found.people, found.phones, found.with_holes, found.lost) == (3, 3, 1, 3)
    assert (found.today, found.this_week, found.longer) == (0, 3, 0)


def test_a_day_ends_at_midnight_in_the_city(app: Flask, museum: Museum, db: Session) -> None:
    come(app, museum, late=True)  # 22:30 UTC is half past midnight in Amsterdam
    (found,) = outings(db, [museum.activities[0].id], ZONE, NOON + timedelta(days=1))
    assert found.day == date(2026, 6, 2)
    assert (found.today, found.longer) == (1, 0)


def test_sessions_of_one_day_are_counted_apart(app: Flask, museum: Museum, db: Session) -> None:
    morning, noon = (
        make(db, museum.activities[0], Plan(NOON + timedelta(hours=h), NOON + timedelta(hours=h + 2)), NOON)
        for h in (-3, 0)
    )
    db.commit()
    come(app, museum)
    for session, at in ((morning, NOON - timedelta(hours=2)), (noon, NOON), (noon, NOON)):
        phone = Phone(app, at=at)
        phone.scan(code_of(db, session, PRINTED))
        phone.sync()
    found = outings(db, [museum.activities[0].id], ZONE, NOON + timedelta(hours=3))
    assert [(one.session and one.session.starts_at, one.people) for one in found] == [
        (NOON, 2), (NOON - timedelta(hours=3), 1), (None, 1),
    ]  # fmt: skip


def test_what_is_long_ago_is_left_out(app: Flask, museum: Museum, db: Session) -> None:
    come(app, museum)
    assert outings(db, [museum.activities[0].id], ZONE, NOON + timedelta(days=31)) == []


def test_it_takes_as_many_queries_for_many_phones_as_for_one(app: Flask, museum: Museum, db: Session) -> None:
    asked: list[str] = []
    activity = museum.activities[0].id
    event.listen(db.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    counts = []
    for _ in range(2):
        for _ in range(4):
            come(app, museum, hole=1, lost=True)
        db.rollback()
        asked.clear()
        outings(db, [activity], ZONE, NOON)
        counts.append(len([one for one in asked if one.startswith("SELECT")]))
    assert counts == [3, 3]


def test_the_desk_says_it_in_words_to_its_own_people_only(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    phone = Phone(app)
    phone.scan(museum.code(0))
    phone.scan(museum.code(0))
    phone.outbox.pop()
    phone.scan(museum.code(0))
    phone.sync()
    sign_in(client, db, museum.omar)
    page = client.get("/desk/health").text
    assert "1 phone holds something that has not arrived." in page
    assert "1 phone was heard of in the last day" in page
    assert phone.learner not in page and phone.device not in page
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    sign_in(client, db, eve)
    assert "Stop 0" not in client.get("/desk/health").text
    nobody = User(name="Nobody", email="nobody@example.org", created_at=NOON)
    db.add(nobody)
    db.flush()
    sign_in(client, db, nobody)
    assert client.get("/desk/health", headers={"Accept": "text/html"}).status_code == 404


def test_who_waits_to_be_confirmed_is_not_called_nobody(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    museum.activities[0].confirm = True
    db.commit()
    phone = Phone(app)
    phone.scan(museum.code(0))
    phone.sync()
    sign_in(client, db, museum.omar)
    page = client.get("/desk/health").text
    assert "Nobody has checked in" not in page
    assert 'Waiting for you</a> <span class="count">1</span>' in page
