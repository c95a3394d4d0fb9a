"""An editor changes a playlist's rule at the desk, and is told what it means for people on their way."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.organisers.models import Member
from server.playlists.services import rule_of, rule_words
from tests.cast import NOON, Museum, make_organiser
from tests.learning.walk import visit
from tests.organisers.test_desk import sign_in
from tests.phone import Phone

RULE = "/desk/playlists/museum-visit/rule"


def form(museum: Museum, *required: int, **more: str) -> dict[str, object]:
    places = {f"place-{one.id}": str(number) for number, one in enumerate(museum.activities, 1)}
    ticked = [museum.activities[number].id for number in required]
    return {**places, "required": ticked, "choose": "0", "order": "any", **more}


def test_omar_changes_the_rule_and_reads_what_holds_now(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    assert f'href="{RULE}?lang=en"' in client.get("/desk/").text
    assert "is judged by the rule of its time" in client.get(RULE).text
    swapped = {f"place-{museum.activities[0].id}": "2", f"place-{museum.activities[1].id}": "1"}
    saved = client.post(RULE, data=form(museum, 0, 1, choose="1", order="fixed", **swapped))
    assert "Do the 2 required stops and any 1 of the other 2." in saved.text
    db.expire_all()
    rule = rule_of(museum.playlist)
    assert (rule.order, rule.choose) == ("fixed", 1)
    assert [stop.activity for stop in rule.stops[:2]] == [museum.activities[1].id, museum.activities[0].id]


def test_who_has_done_enough_by_the_new_rule_gets_the_badge_at_once(
    client: FlaskClient, db: Session, museum: Museum, app: Flask
) -> None:
    ada = Phone(app, at=NOON)
    visit(ada, museum, stops=(0, 1))
    ada.sync()
    sign_in(client, db, museum.omar)
    client.post(RULE, data=form(museum, 0, 1))
    ada.wait(hours=1)
    ada.sync()
    assert len(ada.badges()) == 1


def test_a_change_of_the_rule_makes_a_new_version_of_the_bundle(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    address = f"/api/playlists/{museum.playlist.id}/bundle?lang=en"
    before = client.get(address).get_json()
    sign_in(client, db, museum.omar)
    client.post(RULE, data=form(museum, 0, 1))
    after = client.get(address).get_json()
    assert after["version"] != before["version"]
    assert len(after["rules"]["required"]) == 2


@pytest.mark.parametrize("more", [{"order": "backwards"}, {"choose": "-1"}, {"required": []}])
def test_a_rule_that_cannot_hold_changes_nothing(
    client: FlaskClient, db: Session, museum: Museum, more: dict[str, str]
) -> None:
    sign_in(client, db, museum.omar)
    before = rule_words(museum.playlist)
    answer = client.post(RULE, data={**form(museum, 0, 1), **more}, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert "Ask for at least one of them." in answer.text
    db.expire_all()
    assert rule_words(museum.playlist) == before


def test_only_editors_change_rules(client: FlaskClient, db: Session, museum: Museum) -> None:
    rita = User(name="Rita", email="rita@example.org", created_at=NOON)
    db.add(rita)
    db.flush()
    db.add(Member(organiser_id=museum.organiser.id, user_id=rita.id, role="reviewer"))
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    for user in (rita, eve):
        sign_in(client, db, user)
        assert client.get(RULE).status_code == 404
        assert client.post(RULE, data=form(museum, 0)).status_code == 404
    assert RULE not in client.get("/desk/").text
