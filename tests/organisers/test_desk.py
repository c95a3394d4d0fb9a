"""The desk: Omar sees his museum, Rita what a reviewer may, Eve nothing of it."""

from flask import g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.accounts.services import make_sign_in_link
from server.core.db import utc_now
from server.organisers.models import Member
from tests.cast import NOON, Museum, make_organiser


def sign_in(client: FlaskClient, db: Session, user: User) -> None:
    g.pop(
        "_login_user", None
    )  # the tests' requests share one application context, which remembers the last user
    token = make_sign_in_link(db, user, at=utc_now()).split("#")[1]
    db.commit()
    assert client.post("/desk/sign-in", data={"token": token, "instead": "1"}).status_code == 303


def test_nobody_gets_in_without_signing_in(client: FlaskClient, museum: Museum) -> None:
    for path in ("/desk/", "/desk/playlists/museum-visit/sheet", "/desk/activities/stop-0/sheet"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 401
        assert "/desk/sign-in?next=" in answer.text


def test_omar_sees_what_he_offers_and_how_it_is_used(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    answer = client.get("/desk/")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Museum visit" in answer.text
    assert "/desk/playlists/museum-visit/sheet" in answer.text
    assert "People who came" in answer.text


def test_eve_sees_nothing_of_the_museum(client: FlaskClient, db: Session, museum: Museum) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    sign_in(client, db, eve)
    assert "Museum visit" not in client.get("/desk/").text
    for path in ("/desk/playlists/museum-visit/sheet", "/desk/activities/stop-0/sheet"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "SECRET" not in answer.text


def test_rita_reviews_and_prints_no_codes(client: FlaskClient, db: Session, museum: Museum) -> None:
    rita = User(name="Rita", email="rita@example.org", created_at=NOON)
    db.add(rita)
    db.flush()
    db.add(Member(organiser_id=museum.organiser.id, user_id=rita.id, role="reviewer"))
    sign_in(client, db, rita)
    desk = client.get("/desk/").text
    assert "Museum visit" in desk
    assert "/sheet" not in desk
    assert client.get("/desk/playlists/museum-visit/sheet").status_code == 404
