"""A code that asks for its place: phones are told where it is, and say one word about it."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.codes import tokens
from server.codes.models import Code
from server.learning.models import CheckIn
from tests.activities.test_stop_page import props_of
from tests.cast import NOON, Museum
from tests.phone import Phone

PLACE = {"lat": 51.85, "lon": 5.86, "radius": 200}


@pytest.fixture
def code(db: Session, museum: Museum) -> Code:
    code = museum.code(0)
    code.latitude, code.longitude, code.radius_m = 51.85, 5.86, 200
    code.typed = tokens.new_typed(code.point.hint)
    db.commit()
    return code


def scan(app: Flask, code: Code, place: object = None) -> dict[str, Any]:
    ada = Phone(app, at=NOON)
    body = {"point": code.point_id, "proof": f"1{code.secret}", "typed": None, "activity": None}
    event = ada.record("checkin.scan", {**body, **({"place": place} if place else {})})
    ada.sync()
    return ada.results[event]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"is": "in", "accuracy": "fine"}, "in"),
        ({"is": "out", "accuracy": "coarse"}, "out"),
        ({"is": "unknown"}, "unknown"),
        (None, "unknown"),
    ],
)
def test_the_word_is_kept_and_keeps_nobody_out(
    app: Flask, db: Session, code: Code, said: object, kept: str
) -> None:
    assert scan(app, code, said)["state"] == "ok"
    assert db.scalars(select(CheckIn.place)).one() == kept


def test_where_no_place_is_asked_for_none_is_kept(app: Flask, db: Session, museum: Museum) -> None:
    assert scan(app, museum.code(0), {"is": "out", "accuracy": "fine"})["state"] == "ok"
    assert db.scalars(select(CheckIn.place)).one() == ""


@pytest.mark.parametrize(
    "said", ["in", {"is": "near"}, {"is": "in", "accuracy": 12}, {"lat": 51.85, "lon": 5.86}]
)
def test_another_word_is_refused(app: Flask, code: Code, said: object) -> None:
    assert scan(app, code, said)["why"] == "malformed"


def test_phones_are_told_the_place_by_bundle_page_and_typed_code(
    client: FlaskClient, db: Session, museum: Museum, code: Code
) -> None:
    bundle = client.get(f"/api/playlists/{museum.playlist.id}/bundle?lang=en").get_json()
    places = {one["point"]: one.get("place") for one in bundle["codes"]}
    assert places.pop(code.point_id) == PLACE
    assert set(places.values()) == {None}
    props = props_of(client.get(f"/s/{code.point_id}").text, "arrival")
    assert [one["place"] for one in props["codes"]] == [PLACE]
    assert code.secret not in str(props)
    assert "codes" not in props_of(client.get(f"/s/{museum.code(1).point_id}").text, "arrival")
    assert client.post("/api/typed", json={"typed": code.typed}).get_json()["place"] == PLACE
