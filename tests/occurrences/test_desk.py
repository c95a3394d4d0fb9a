"""The desk's sessions: Omar makes, changes and cancels them, Hanna opens the door, Eve sees nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.core.db import utc_now
from server.door.models import DoorEntry, DoorLink
from server.occurrences.models import Occurrence
from server.occurrences.services import PRINTED, Plan, code_of, make
from tests.cast import NOON, Museum, make_organiser
from tests.occurrences.test_places import reserve
from tests.organisers.test_desk import sign_in
from tests.organisers.test_waiting import add_member
from tests.phone import Phone

HTML = {"Accept": "text/html"}
NEW = "/desk/activities/stop-0/sessions/new"
FORM = {"day": "2030-07-06", "start": "14:00", "end": "16:00", "capacity": "12", "place": ""}


@pytest.fixture
def running(db: Session, museum: Museum) -> Occurrence:
    """A session that began an hour ago."""
    start = utc_now().replace(microsecond=0) - timedelta(hours=1)
    made = make(db, museum.activities[0], Plan(start, start + timedelta(hours=3), 10), start)
    db.commit()
    return made


def test_omar_makes_a_session_in_the_city_s_time_and_is_told_what_next(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    assert "/desk/sessions/new" in client.get("/desk/").text
    assert NEW in client.get("/desk/sessions/new").text
    answer = client.post(NEW, data=FORM)
    assert answer.status_code == 303
    made = db.scalars(select(Occurrence)).one()
    assert made.starts_at == datetime(2030, 7, 6, 12, tzinfo=UTC)
    assert (made.ends_at - made.starts_at, made.capacity) == (timedelta(hours=2), 12)
    page = client.get(answer.headers["Location"])
    assert page.headers["Cache-Control"] == "private, no-store"
    steps = [
        page.text.index(f"<strong>{words}</strong>")
        for words in ("Print the sheet", "Open the door", "Share")
    ]
    assert steps == sorted(steps)
    assert f'action="/desk/sessions/{made.id}/door' in page.text


def test_a_title_is_enough_for_a_new_activity(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    for _ in range(2):
        answer = client.post(
            "/desk/activities/new?lang=nl", data={"title": "Bréien!", "place": "", "minutes": ""}
        )
        assert answer.status_code == 303
    made = db.scalars(select(Activity).where(Activity.title["nl"].as_string() == "Bréien!")).all()
    assert [one.slug for one in made] == ["breien", "breien-2"]
    assert [task.kind for task in made[0].tasks] == ["checkin"]
    assert set(made[0].tasks[0].prompt) == {"en", "nl", "es"}
    assert client.get("/nl/activities/breien").status_code == 200
    assert client.get(answer.headers["Location"]).status_code == 200


def test_what_is_wrong_is_said_beside_its_field_and_all_that_was_typed_is_kept(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    typed = {**FORM, "day": "someday", "capacity": "<b>many", "place": "Room 5 & 6"}
    answer = client.post(NEW, data=typed)
    assert answer.status_code == 422
    assert "2 things are not right yet" in answer.text
    assert (
        'id="day-wrong"' in answer.text and 'aria-describedby="capacity-wrong capacity-hint"' in answer.text
    )
    for kept in ("someday", "&lt;b&gt;many", "Room 5 &amp; 6", 'value="14:00"'):
        assert kept in answer.text
    untitled = client.post(
        "/desk/activities/new", data={"title": " ", "place": "The quay", "minutes": "soon"}
    )
    assert untitled.status_code == 422
    assert "The quay" in untitled.text and 'value="soon"' in untitled.text
    assert db.query(Occurrence).count() == 0


def test_hours_over_midnight_and_in_the_night_of_the_clocks_are_said_as_understood(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    night = {**FORM, "day": "2030-03-31", "start": "02:30", "end": "01:00"}
    page = client.get(client.post(NEW, data=night).headers["Location"]).text
    assert "there is no 02:30. We took 03:30" in page
    assert "The end is on the next day" in page
    made = db.scalars(select(Occurrence)).one()
    assert made.starts_at == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)
    assert made.ends_at == datetime(2030, 3, 31, 23, tzinfo=UTC)


def test_a_change_is_kept_and_fewer_places_than_are_taken_are_allowed_and_said(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, running: Occurrence
) -> None:
    for _ in range(3):
        phone = Phone(app)
        reserve(phone, running)
        phone.sync()
    sign_in(client, db, museum.omar)
    form = client.get(f"/desk/sessions/{running.id}/change").text
    assert 'value="10"' in form
    hours = {"day": FORM["day"], "start": "09:00", "end": "10:00"}
    answer = client.post(
        f"/desk/sessions/{running.id}/change", data={**hours, "capacity": "2", "place": "Attic"}
    )
    page = client.get(answer.headers["Location"]).text
    assert "3 hold a place and there are 2" in page and "Attic" in page
    phone.sync()
    assert phone.view[f"session:{running.id}"]["place"] == {"en": "Attic"}


def test_door_links_end_with_the_session_when_its_time_changes(
    client: FlaskClient, db: Session, museum: Museum, running: Occurrence
) -> None:
    sign_in(client, db, museum.omar)
    client.post(f"/desk/sessions/{running.id}/door")
    ends = db.scalars(select(DoorLink.ends_at)).one()
    hours = {"day": FORM["day"], "start": "09:00", "end": "10:00", "capacity": ""}
    client.post(f"/desk/sessions/{running.id}/change", data=hours)
    db.expire_all()
    moved = db.get_one(Occurrence, running.id).ends_at + timedelta(hours=12)
    assert db.scalars(select(DoorLink.ends_at)).one() == moved != ends


def test_cancelling_tells_those_who_reserved_and_can_be_undone_before_its_start(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    soon = utc_now() + timedelta(hours=5)
    made = make(db, museum.activities[0], Plan(soon, soon + timedelta(hours=1)), utc_now())
    db.commit()
    ada = Phone(app)
    reserve(ada, made)
    ada.sync()
    sign_in(client, db, museum.omar)
    client.post(f"/desk/sessions/{made.id}/cancel", data={"reason": "The <i>mill</i> is flooded."})
    ada.sync()
    assert ada.view[f"session:{made.id}"]["state"] == "called_off"
    for page in (client.get(f"/desk/sessions/{made.id}").text, client.get("/en/activities/stop-0").text):
        assert "The &lt;i&gt;mill&lt;/i&gt; is flooded." in page
    assert client.post(f"/desk/sessions/{made.id}/restore").status_code == 303
    ada.sync()
    assert ada.view[f"session:{made.id}"]["state"] == "reserved"
    assert "flooded" not in client.get("/en/activities/stop-0").text


def test_the_same_again_makes_a_session_in_each_of_the_next_weeks(
    client: FlaskClient, db: Session, museum: Museum, running: Occurrence
) -> None:
    sign_in(client, db, museum.omar)
    answer = client.post(f"/desk/sessions/{running.id}/copy", data={"times": "3"})
    assert answer.status_code == 303
    assert db.query(Occurrence).count() == 4
    client.post(f"/desk/sessions/{running.id}/copy", data={"times": "9999"})
    assert db.query(Occurrence).count() == 30


def test_the_list_says_who_came_and_how_and_a_spreadsheet_runs_none_of_it(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, running: Occurrence
) -> None:
    ada, bea = Phone(app), Phone(app)
    reserve(ada, running, name='=HYPERLINK("http://evil")')
    for phone in (ada, bea):
        phone.scan(code_of(db, running, PRINTED))
        phone.sync()
    db.add(DoorEntry(occurrence_id=running.id, name="Grandma", way="guest", learner_id=ada.learner,
                     event_id="x", device_id=ada.device, over=True, at=utc_now(), undone_at=None))  # fmt: skip
    db.commit()
    sign_in(client, db, museum.omar)
    page = client.get(f"/desk/sessions/{running.id}").text
    assert re.search(r"<dt>Came</dt><dd>3</dd>", page)
    assert "Name not shown" in page and "Grandma" in page and "Beyond the places" in page
    answer = client.get(f"/desk/sessions/{running.id}/came.csv")
    assert answer.headers["Cache-Control"] == "private, no-store"
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Name,How,Proof,Time")
    assert any(line.startswith("\"'=HYPERLINK") for line in lines)
    assert any(line.startswith("Grandma,Guest without a phone,,") and line.endswith(",yes") for line in lines)


def test_the_sheet_shows_the_session_s_code_and_no_other(
    client: FlaskClient, db: Session, museum: Museum, running: Occurrence
) -> None:
    sign_in(client, db, museum.omar)
    code = code_of(db, running, PRINTED)
    assert code.typed
    shown = f"{code.typed[:4]}-{code.typed[4:]}"
    assert shown in client.get(f"/desk/sessions/{running.id}/sheet").text
    assert shown not in client.get("/desk/activities/stop-0/sheet").text


def test_a_helper_opens_the_door_and_changes_nothing(
    client: FlaskClient, db: Session, museum: Museum, running: Occurrence
) -> None:
    sign_in(client, db, add_member(db, museum, "Hanna", "helper"))
    page = client.get(f"/desk/sessions/{running.id}").text
    assert "Open the door" in page
    assert "/change" not in page and "/sheet" not in page and "came.csv" not in page
    assert running.id in client.get("/desk/sessions").text
    for path in ("change", "sheet", "came.csv"):
        assert client.get(f"/desk/sessions/{running.id}/{path}", headers=HTML).status_code == 404
    for path in ("change", "cancel", "restore", "copy"):
        assert client.post(f"/desk/sessions/{running.id}/{path}", headers=HTML).status_code == 404
    for path in ("/desk/sessions/new", "/desk/activities/new", NEW):
        assert client.get(path, headers=HTML).status_code == 404


def test_eve_sees_no_session_of_the_museum(
    client: FlaskClient, db: Session, museum: Museum, running: Occurrence
) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    sign_in(client, db, eve)
    assert running.id not in client.get("/desk/sessions").text
    for path in ("", "/change", "/sheet", "/came.csv"):
        assert client.get(f"/desk/sessions/{running.id}{path}", headers=HTML).status_code == 404
    assert client.post(f"/desk/sessions/{running.id}/cancel", headers=HTML).status_code == 404
    assert client.post(NEW, data=FORM, headers=HTML).status_code == 404
    assert db.query(Occurrence).count() == 1
    assert client.get(f"/desk/sessions/{NOON.year}", headers=HTML).status_code == 404
