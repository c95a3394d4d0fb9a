"""Who has a helper's link longer than they should, lets in people who are not there, or writes code for a name."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from server.core.db import writing
from server.door import services
from server.door.models import DoorEntry, DoorLink
from tests.cast import NOON, Museum
from tests.door.at_the_door import ask, check_ins, hold_session, make_link, open_door, show_pass
from tests.learning.flagging import kinds, new_phone
from tests.organisers.test_desk import sign_in

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "'); DROP TABLE door_entries; --",
    '=HYPERLINK("http://evil.example","x")',
    "{{ 7*7 }}",
]


def test_a_helpers_link_opens_nothing_after_it_was_revoked(app: Flask, db: Session, museum: Museum) -> None:
    occurrence = hold_session(db, museum)
    id, secret = make_link(db, occurrence)
    with writing(db):
        services.revoke(db.get_one(DoorLink, id), NOON)
    eve = new_phone(app, NOON + timedelta(minutes=1))
    event = eve.record("door.open", {"link": secret})
    eve.sync()
    assert eve.results[event]["why"] == "door_closed"
    assert ask(eve, occurrence.id).status_code == 403


def test_a_helper_who_was_inside_is_out_when_the_link_is_revoked(
    app: Flask, db: Session, museum: Museum
) -> None:
    occurrence = hold_session(db, museum)
    door, ada = open_door(app, db, occurrence), new_phone(app)
    with writing(db):
        for link in db.scalars(select(DoorLink)):
            services.revoke(link, NOON + timedelta(minutes=1))
    door.phone.wait(minutes=5)
    door.phone.sync()  # a moment of the server's clock, later than the end
    event = door.let_in(pass_=show_pass(ada))
    door.phone.skew = -timedelta(minutes=5)
    back_dated = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert (door.why(event), door.why(back_dated)) == ("door_closed", "door_closed")
    assert (door.ask().status_code, check_ins(db, ada)) == (403, [])


def test_a_helpers_link_ends_at_midnight(app: Flask, db: Session, museum: Museum) -> None:
    """Testbridge is two hours ahead of UTC in June."""
    occurrence = hold_session(db, museum)
    door, ada = open_door(app, db, occurrence), new_phone(app)
    door.phone.at = ada.at = NOON.replace(hour=22, minute=1)
    door.phone.sync()
    event = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert (door.why(event), door.ask().status_code) == ("door_closed", 403)
    _, secret = make_link(db, occurrence)
    late = ada.record("door.open", {"link": secret})
    ada.sync()
    assert ada.results[late]["why"] == "door_closed"


def test_people_who_were_never_there_stand_in_the_list_with_who_let_them_in(
    app: Flask, db: Session, museum: Museum
) -> None:
    """A door's word is a person's word: it counts, and everybody can see whose it was. A full room is flagged."""
    occurrence = hold_session(db, museum, capacity=10)
    door = open_door(app, db, occurrence)
    ghosts = [new_phone(app) for _ in range(15)]
    for ghost in ghosts:
        door.let_in(pass_=show_pass(ghost))
    door.phone.sync()
    entries = door.entries()
    assert {entries[ghost.learner]["by"] for ghost in ghosts} == {door.phone.device}
    assert len({one.learner_id for one in db.scalars(select(DoorEntry))}) == 1
    flagged = [kinds(db, ghost) for ghost in ghosts]
    assert flagged.count([]) == 10 and flagged.count(["over_capacity"]) == 5


def test_nobody_is_ticked_by_their_id_alone(app: Flask, db: Session, museum: Museum) -> None:
    door, ada = open_door(app, db, hold_session(db, museum)), new_phone(app)
    event = door.let_in(learner=ada.learner)
    door.phone.sync()
    assert (door.why(event), check_ins(db, ada)) == ("unknown_learner", [])


def test_code_in_names_is_words(app: Flask, client: FlaskClient, db: Session, museum: Museum) -> None:
    occurrence = hold_session(db, museum)
    door = open_door(app, db, occurrence)
    for name in HOSTILE:
        door.let_in(guest=name)
    ada = new_phone(app)
    door.let_in(pass_=show_pass(ada, HOSTILE[0], "fox"))
    door.phone.sync()
    assert {one["name"] for one in door.ask().get_json()["entries"]} == set(HOSTILE)
    assert db.execute(text("SELECT count(*) FROM door_entries")).scalar() == 5
    sign_in(client, db, museum.omar)
    page = client.get(f"/desk/sessions/{occurrence.id}").text
    assert "<img src=x" not in page and "&lt;img src=x" in page
    assert "{{ 7*7 }}" in page and ">49<" not in page
    table = client.get(f"/desk/sessions/{occurrence.id}/came.csv").text
    assert "=HYPERLINK" in table
    assert not [
        cell
        for line in table.splitlines()
        for cell in line.replace('"', "").split(",")
        if cell[:1] in "=+@" and cell
    ]
