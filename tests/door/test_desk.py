"""The desk opens a session's door and makes and ends helpers' links; secrets stand in fragments only."""

import logging
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.core.db import utc_now
from server.door.models import DoorLink
from server.occurrences.models import Occurrence
from server.occurrences.services import Plan, make
from server.organisers.models import Member
from tests.cast import NOON, Museum, make_organiser
from tests.organisers.test_desk import sign_in
from tests.phone import Phone


@pytest.fixture
def tonight(db: Session, museum: Museum) -> Occurrence:
    """A session that runs now."""
    now = utc_now()
    made = make(db, museum.activities[0], Plan(now - timedelta(hours=1), now + timedelta(seconds=90)), now)
    db.commit()
    return made


def the_link(db: Session) -> DoorLink:
    db.rollback()
    return db.query(DoorLink).order_by(DoorLink.id.desc()).first() or pytest.fail("there is no link")


def test_the_organiser_is_led_to_the_door(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, tonight: Occurrence
) -> None:
    sign_in(client, db, museum.omar)
    answer = client.post(f"/desk/sessions/{tonight.id}/door?lang=nl")
    path, _, secret = answer.headers["Location"].partition("#")
    assert (answer.status_code, path, answer.headers["Cache-Control"]) == (303, "/nl/door", "no-store")
    link = the_link(db)
    assert (link.role, link.label, link.user_id) == ("organiser", "Town Museum", museum.omar.id)
    assert secret.startswith(f"{link.id}.")
    assert secret.partition(".")[2] not in answer.get_data(as_text=True).replace(secret, "")
    phone = Phone(app)
    opened = phone.record("door.open", {"link": secret})
    phone.sync()
    assert phone.results[opened]["effect"]["role"] == "organiser"


def test_a_helpers_link_is_shown_once_and_can_be_ended(
    client: FlaskClient, db: Session, museum: Museum, tonight: Occurrence
) -> None:
    sign_in(client, db, museum.omar)
    page = client.post(f"/desk/sessions/{tonight.id}/door-links", data={"label": " Sam <b> "})
    link = the_link(db)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert f"/door#{link.id}." in page.text
    assert (link.role, link.label) == ("helper", "Sam <b>")
    seen = client.get(f"/desk/sessions/{tonight.id}").text
    assert "Sam &lt;b&gt;" in seen
    assert f"#{link.id}" not in seen
    ended = client.post(f"/desk/door-links/{link.id}/revoke")
    assert ended.headers["Location"].startswith(f"/desk/sessions/{tonight.id}?")
    assert the_link(db).revoked_at is not None
    assert "Sam &lt;" not in client.get(f"/desk/sessions/{tonight.id}").text
    assert client.get(f"/desk/sessions/{tonight.id}/door-links").status_code == 303


def test_helpers_of_the_house_may_open_the_door_and_strangers_may_not(
    client: FlaskClient, db: Session, museum: Museum, tonight: Occurrence
) -> None:
    link_path = f"/desk/sessions/{tonight.id}/door-links"
    assert client.post(link_path).status_code == 401
    hana = User(name="Hana", email="hana@example.org", created_at=NOON)
    db.add(hana)
    db.flush()
    db.add(Member(organiser_id=museum.organiser.id, user_id=hana.id, role="helper"))
    sign_in(client, db, hana)
    assert client.post(f"/desk/sessions/{tonight.id}/door").status_code == 303
    link = the_link(db)
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    sign_in(client, db, eve)
    for path in (link_path, f"/desk/sessions/{tonight.id}/door", f"/desk/door-links/{link.id}/revoke"):
        assert client.post(path).status_code == 404
    for path in ("/desk/sessions/nothing/door", "/desk/door-links/nothing/revoke"):
        assert client.post(path).status_code == 404
    assert the_link(db).revoked_at is None


def test_the_door_of_a_session_long_past_stays_shut(
    client: FlaskClient, db: Session, museum: Museum, tonight: Occurrence
) -> None:
    tonight.starts_at, tonight.ends_at = NOON - timedelta(days=9), NOON - timedelta(days=8)
    db.commit()
    sign_in(client, db, museum.omar)
    for path in ("door", "door-links"):
        assert client.post(f"/desk/sessions/{tonight.id}/{path}").status_code == 403


def test_no_secret_reaches_a_log_or_the_database(
    client: FlaskClient, db: Session, museum: Museum, tonight: Occurrence, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, db, museum.omar)
    with caplog.at_level(logging.DEBUG):
        secret = client.post(f"/desk/sessions/{tonight.id}/door").headers["Location"].partition(".")[2]
    link = the_link(db)
    assert len(secret) == 43
    assert secret not in caplog.text
    assert secret not in repr(vars(link))
