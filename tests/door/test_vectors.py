"""The door's events are as the contract's schema and vectors say."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.cities.models import City
from server.door.passes import Shown
from server.door.services import HELPER, ORGANISER, latest_end
from tests.cast import Museum
from tests.door.at_the_door import hold_session, open_door
from tests.phone import Phone

SYNC = Path(__file__).parents[2] / "sync"
VECTORS: dict[str, Any] = json.loads((SYNC / "vectors/door.json").read_text())
DEFINITIONS: dict[str, Any] = json.loads((SYNC / "schema.json").read_text())["$defs"]
OCCURRENCE = "0199f1a0-0000-7000-8000-0000000000a1"
ILL_FORMED = ("malformed", "wrong_pass")


def fits_schema(phone: Phone, case: dict[str, Any]) -> bool:
    schema = {"$ref": "#/$defs/event", "$defs": DEFINITIONS}
    event = phone.event(case["type"], case["body"])
    return bool(jsonschema.Draft202012Validator(schema).is_valid(event))


def test_schema_and_server_take_the_same_bodies(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door = open_door(app, db, held, "organiser")
    for case in VECTORS["bodies"]:
        assert fits_schema(door.phone, case) == case["fits"], case
        body = dict(case["body"])
        if body.get("occurrence") == OCCURRENCE:
            body["occurrence"] = held.id
        event = door.phone.record(case["type"], body)
        door.phone.sync()
        ill_formed = door.phone.results[event]["state"] == "rejected" and door.why(event) in ILL_FORMED
        closed = (
            case["type"] == "door.open" and door.why(event) == "door_closed"
        )  # what is no link opens no door
        assert (not ill_formed) == case["fits"] or closed, (case, door.phone.results[event])


@pytest.mark.parametrize("case", VECTORS["helper_links"])
def test_a_helpers_link_ends_with_the_citys_day(case: dict[str, str], museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    db.get_one(City, museum.city.id).timezone = case["timezone"]
    held.ends_at = datetime.fromisoformat(case["session_ends"])
    assert latest_end(ORGANISER, held) == held.ends_at + timedelta(hours=12)
    assert latest_end(HELPER, held) == datetime.fromisoformat(case["link_ends"])


@pytest.mark.parametrize("case", VECTORS["stale"])
def test_a_pass_is_fresh_for_two_minutes_around(case: dict[str, int]) -> None:
    assert Shown("", "", "", case["step"]).staleness(case["at"]) == case["seconds"]
