"""What waits for a decision: Omar and Rita decide, Hanna the helper and Eve see nothing of it."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.activities.models import Activity
from server.audit.models import AuditEntry
from server.learning.models import CheckIn, Decision
from server.organisers.models import Member
from tests.cast import NOON, Museum, make_organiser
from tests.learning.walk import picture
from tests.organisers.test_desk import sign_in
from tests.phone import Phone

HTML = {"Accept": "text/html"}


@pytest.fixture
def asking(museum: Museum, db: Session) -> Museum:
    museum.activities[0].confirm = True
    museum.task(2, "photo").review = museum.task(2, "text").review = "organiser"
    db.commit()
    return museum


def add_member(db: Session, museum: Museum, name: str, role: str) -> User:
    user = User(name=name, email=f"{name.lower()}@example.org", created_at=NOON)
    db.add(user)
    db.flush()
    db.add(Member(organiser_id=museum.organiser.id, user_id=user.id, role=role))
    db.commit()
    return user


def come(app: Flask, museum: Museum, people: int = 1) -> list[tuple[Phone, str]]:
    pairs = []
    for _ in range(people):
        phone = Phone(app, at=NOON)
        pairs.append((phone, phone.scan(museum.code(0))))
        phone.sync()
    return pairs


def hand_in(app: Flask, museum: Museum) -> tuple[Phone, str, str]:
    """Hand in a photo; return the phone, the event and the file's hash."""
    phone = Phone(app, at=NOON)
    event = phone.photograph(museum.task(2, "photo"), picture())
    phone.sync()
    assert phone.upload(picture()).status_code == 204
    phone.sync()
    return phone, event, _hash(picture())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keys(*pairs: tuple[Phone, str]) -> list[str]:
    return [f"{phone.learner}/{event}" for phone, event in pairs]


def test_the_desk_says_how_much_waits(app: Flask, client: FlaskClient, db: Session, asking: Museum) -> None:
    come(app, asking, 3)
    sign_in(client, db, asking.omar)
    assert '<span class="count">3</span>' in client.get("/desk/").text
    assert "3 people say they were here" in client.get("/desk/waiting").text


def test_nothing_waiting_says_what_would(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    assert "Nothing waits for you" in client.get("/desk/waiting").text


def test_all_of_a_stop_are_confirmed_with_one_form(
    app: Flask, client: FlaskClient, db: Session, asking: Museum
) -> None:
    pairs = come(app, asking, 3)
    sign_in(client, db, asking.omar)
    answer = client.post("/desk/waiting", data={"event": keys(*pairs), "word": "accepted"})
    assert answer.status_code == 303
    assert "done=3&refused=0&late=0" in answer.headers["Location"]
    assert len(db.scalars(select(CheckIn)).all()) == 3
    assert "Nothing waits for you" in client.get("/desk/waiting").text
    kept = db.scalars(select(AuditEntry).where(AuditEntry.act == "work.decide")).one()
    assert (kept.who, kept.facts["number"]) == (asking.omar.name, len(pairs))


def test_a_second_decision_is_told_to_be_late(
    app: Flask, client: FlaskClient, db: Session, asking: Museum
) -> None:
    pairs = come(app, asking)
    sign_in(client, db, asking.omar)
    client.post("/desk/waiting", data={"event": keys(*pairs), "word": "declined"})
    again = client.post("/desk/waiting", data={"event": keys(*pairs), "word": "accepted"})
    assert "done=0&refused=0&late=1" in again.headers["Location"]
    assert "decided by somebody else" in client.get(again.headers["Location"]).text
    assert db.scalars(select(Decision.word)).all() == ["declined"]


def test_rita_reviews_with_a_note_that_the_learner_reads(
    app: Flask, client: FlaskClient, db: Session, asking: Museum
) -> None:
    ada, event, _ = hand_in(app, asking)
    sign_in(client, db, add_member(db, asking, "Rita", "reviewer"))
    assert "What of photo?" in client.get("/desk/waiting").text
    note = "Closer, please.\r\n<b>Closer</b>"
    client.post("/desk/waiting", data={"event": keys((ada, event)), "word": "improve", "note": note})
    ada.sync()
    assert ada.view[f"task:{asking.task(2, 'photo').id}"]["note"].startswith("Closer, please.")


def test_what_was_written_is_shown_and_cannot_run(
    app: Flask, client: FlaskClient, db: Session, asking: Museum
) -> None:
    ada = Phone(app, at=NOON)
    ada.write(asking.task(2, "text"), "<script>alert(1)</script>")
    ada.sync()
    sign_in(client, db, asking.omar)
    page = client.get("/desk/waiting").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_photo_is_shown_to_reviewers_only_and_only_while_it_waits(
    app: Flask, client: FlaskClient, db: Session, asking: Museum
) -> None:
    ada, event, sha256 = hand_in(app, asking)
    path = f"/desk/waiting/{ada.learner}/{event}/{sha256}"
    assert client.get(path, headers=HTML).status_code == 401
    _, eve = make_organiser(db, asking.city, "Elsewhere", "eve@example.org")
    for stranger in (eve, add_member(db, asking, "Hanna", "helper")):
        sign_in(client, db, stranger)
        assert client.get(path, headers=HTML).status_code == 404
    sign_in(client, db, add_member(db, asking, "Rita", "reviewer"))
    assert path in client.get("/desk/waiting").text
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    client.post("/desk/waiting", data={"event": keys((ada, event)), "word": "accepted"})
    assert client.get(path).status_code == 404


def test_no_file_is_given_out_that_the_work_does_not_name(
    app: Flask, client: FlaskClient, db: Session, asking: Museum
) -> None:
    ada, event, _ = hand_in(app, asking)
    assert ada.upload(picture("blue")).status_code == 204
    sign_in(client, db, asking.omar)
    assert client.get(f"/desk/waiting/{ada.learner}/{event}/{_hash(picture('blue'))}").status_code == 404


def test_eve_and_the_helper_decide_nothing(
    app: Flask, client: FlaskClient, db: Session, asking: Museum
) -> None:
    pairs = come(app, asking)
    _, eve = make_organiser(db, asking.city, "Elsewhere", "eve@example.org")
    for stranger in (eve, add_member(db, asking, "Hanna", "helper")):
        sign_in(client, db, stranger)
        answer = client.post("/desk/waiting", data={"event": keys(*pairs), "word": "accepted"}, headers=HTML)
        assert answer.status_code == 404
    assert db.scalars(select(Decision)).all() == []
    assert client.get("/desk/waiting", headers=HTML).status_code == 404


def test_a_form_that_makes_no_sense_decides_nothing(
    app: Flask, client: FlaskClient, db: Session, asking: Museum
) -> None:
    pairs = come(app, asking)
    sign_in(client, db, asking.omar)
    for form in ({"event": keys(*pairs), "word": "maybe"}, {"event": keys(*pairs), "word": "improve"}):
        assert client.post("/desk/waiting", data=form, headers=HTML).status_code == 422
    for events, status in (([], 303), (["x"], 303), (["a/b"], 303), (["\0/\0"], 422)):
        answer = client.post("/desk/waiting", data={"event": events, "word": "accepted"}, headers=HTML)
        assert answer.status_code == status, events
    assert db.scalars(select(Decision)).all() == []


def test_an_editor_chooses_what_is_looked_at_and_phones_learn_of_it(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    photo = museum.task(2, "photo").id
    before = client.get(f"/api/playlists/{museum.playlist.id}/bundle?lang=en").headers["ETag"]
    path = "/desk/activities/stop-2/checks"
    assert "We look at what is handed in" in client.get(path).text
    assert client.post(path, data={"confirm": "on", "review": [photo]}).status_code == 303
    db.expire_all()
    activity = db.get_one(Activity, museum.activities[2].id)
    assert activity.confirm and activity.updated_at > datetime.now(UTC) - timedelta(minutes=1)
    assert {task.kind: task.review for task in activity.tasks}["photo"] == "organiser"
    assert {task.kind: task.review for task in activity.tasks}["text"] == "none"
    assert client.get(f"/api/playlists/{museum.playlist.id}/bundle?lang=en").headers["ETag"] != before
    assert (
        "The organiser confirms your visit and looks at your work" in client.get("/en/activities/stop-2").text
    )
    client.post(path, data={})
    db.expire_all()
    assert not db.get_one(Activity, museum.activities[2].id).confirm


def test_only_editors_choose_what_is_looked_at(client: FlaskClient, db: Session, museum: Museum) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    path = "/desk/activities/stop-2/checks"
    for stranger in (eve, add_member(db, museum, "Rita", "reviewer")):
        sign_in(client, db, stranger)
        assert client.get(path, headers=HTML).status_code == 404
        assert client.post(path, data={"confirm": "on"}, headers=HTML).status_code == 404
    db.expire_all()
    assert not db.get_one(Activity, museum.activities[2].id).confirm
