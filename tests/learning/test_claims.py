"""Claim codes: a badge by a code alone, once for each learner, judged like a scan and as sure as its code."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.badges import verification
from server.badges.models import Achievement, Award
from server.badges.resolver import OwnRecords
from server.cities.models import City
from server.codes.making import make_claim_point, make_code
from server.codes.models import Code, Point
from server.codes.services import revoke
from server.core.db import db as database
from server.core.storage import files
from server.organisers.models import Organiser
from server.replicas.history import check_history
from tests.cast import NOON, Museum, texts
from tests.phone import Phone
from tests.replicas.test_races import at_once
from tests.sync.test_messages import fits


@pytest.fixture
def festival(db: Session, museum: Museum) -> Point:
    """A badge of the museum that no activity leads to, with a point."""
    badge = Achievement(
        organiser_id=museum.organiser.id, name=texts("Festival guest"), description=texts("Was at the festival"),
        criteria=texts("Came by."), design={}, alignments=[], tags=[], created_at=NOON,
    )  # fmt: skip
    db.add(badge)
    db.flush()
    point = make_claim_point(db, badge.id, texts("At the gate"))
    db.commit()
    return point


def add_code(db: Session, point: Point, level: int = 1, **facts: Any) -> Code:
    code = make_code(db, point, level=level, at=NOON - timedelta(days=1), **facts)
    db.commit()
    return code


def claim(phone: Phone, code: Code, *, typed: bool = False, type: str = "badge.claim") -> str:
    body = {"typed": code.typed} if typed else {"point": code.point_id, "proof": f"{code.level}{code.secret}"}
    return phone.record(type, body)


def test_a_claim_gives_a_badge_that_says_how_it_was_earned(app: Flask, db: Session, festival: Point) -> None:
    code, ada = add_code(db, festival, cap_total=5), Phone(app, at=NOON)
    event = claim(ada, code)
    ada.sync()
    [row] = ada.badges()
    effect = ada.results[event]["effect"]
    assert effect == {
        "award": row["id"],
        "achievement": festival.achievement_id,
        "level": 1,
        "time": "claimed",
    }
    assert (row["name"]["en"], row["playlist"]) == ("Festival guest", None)
    assert "claimed by a code" in row["assurance"]["words"]["en"]
    award = db.get_one(Award, row["id"])
    assert (award.code_id, award.event_id, award.completion_id) == (code.id, event, None)
    assert db.get_one(Code, code.id).claimed == 1
    subject = json.loads(award.signed)["credentialSubject"]
    assert "claimed by a code" in subject["result"][0]["value"]
    assert subject["activityEndDate"] == "2026-06-01T00:00:00Z"
    report = verification.verify(award.signed, OwnRecords(NOON), NOON)
    assert {check.state for check in report.checks} == {"ok"}


def test_a_badge_is_claimed_once_by_whichever_code_and_takes_one_place(
    app: Flask, db: Session, festival: Point
) -> None:
    first, second = add_code(db, festival, cap_total=5), add_code(db, festival, cap_total=5)
    ada = Phone(app, at=NOON)
    events = [claim(ada, code) for code in (first, first, second)] + [claim(ada, second, typed=True)]
    ada.sync()
    marks = [ada.results[event]["effect"].get("already", False) for event in events]
    assert marks == [False, True, True, True]
    assert len(ada.badges()) == 1
    db.rollback()
    assert [db.get_one(Code, code.id).claimed for code in (first, second)] == [1, 0]


def test_who_holds_an_older_version_of_the_badge_holds_it(app: Flask, db: Session, festival: Point) -> None:
    code, ada, ben = add_code(db, festival), Phone(app, at=NOON), Phone(app, at=NOON)
    claim(ada, code)
    ada.sync()
    old = db.get_one(Achievement, festival.achievement_id)
    new = Achievement(
        **{name: getattr(old, name) for name in ("organiser_id", "description", "criteria", "design", "alignments", "tags")},
        name=texts("Festival friend"), version=2, created_at=NOON,
    )  # fmt: skip
    db.add(new)
    db.flush()
    festival.achievement_id, old.replaced_at = new.id, NOON
    db.commit()
    again, bens = claim(ada, code), claim(ben, code)
    ada.sync()
    ben.sync()
    assert ada.results[again]["effect"]["already"]
    assert [row["name"]["en"] for row in ada.badges()] == ["Festival guest"]
    assert ben.results[bens]["effect"]["achievement"] == new.id


def test_a_single_use_code_gives_one_badge(app: Flask, db: Session, festival: Point) -> None:
    code = add_code(db, festival, cap_total=1)
    ada, ben = Phone(app, at=NOON), Phone(app, at=NOON)
    first, second = claim(ada, code), claim(ben, code, typed=True)
    ada.sync()
    ben.sync()
    assert ada.results[first]["state"] == "ok"
    assert (ben.results[second]["state"], ben.results[second]["why"]) == ("rejected", "used_up")
    assert ben.badges() == []


@pytest.mark.parametrize(
    ("skew", "late", "state", "why"),
    [(0, 0, "ok", None), (0, 30, "ok", None), (-3, 0, "rejected", "window_closed"), (3, 0, "rejected", "window_closed")],
)  # fmt: skip
def test_a_claim_counts_by_the_time_it_was_made(
    app: Flask, db: Session, festival: Point, skew: int, late: int, state: str, why: str | None
) -> None:
    hour = timedelta(hours=1)
    code = add_code(db, festival, level=2, opens_at=NOON - hour, closes_at=NOON + hour)
    ada = Phone(app, at=NOON + skew * hour)
    event = claim(ada, code)
    ada.wait(hours=late)
    ada.sync()
    assert (ada.results[event]["state"], ada.results[event].get("why")) == (state, why)


def test_a_claim_between_two_moments_that_the_server_knows_is_proven(
    app: Flask, db: Session, festival: Point
) -> None:
    hour = timedelta(hours=1)
    code = add_code(db, festival, level=2, opens_at=NOON - hour, closes_at=NOON + 2 * hour)
    ada = Phone(app, at=NOON)
    ada.hello()
    ada.sync()
    ada.wait(minutes=5)
    event = claim(ada, code)
    ada.wait(minutes=5)
    ada.sync()
    assert ada.results[event]["effect"]["time"] == "proven"
    assert ada.badges()[0]["assurance"]["time"] == "proven"


def test_a_withdrawn_code_counts_for_claims_made_before(app: Flask, db: Session, festival: Point) -> None:
    code, ada, ben = add_code(db, festival), Phone(app, at=NOON), Phone(app, at=NOON)
    early = claim(ada, code)
    revoke(db.get_one(Code, code.id), NOON + timedelta(hours=1))
    db.commit()
    for phone in (ada, ben):
        phone.wait(hours=2)
    late = claim(ben, code)
    ada.sync()
    ben.sync()
    assert ada.results[early]["effect"]["time"] == "claimed"
    assert ben.results[late]["why"] == "code_revoked"


def test_what_is_no_claim_code_claims_nothing(
    app: Flask, db: Session, museum: Museum, festival: Point
) -> None:
    code, ada = add_code(db, festival), Phone(app, at=NOON)
    poster = museum.code(0)
    bodies: dict[str, dict[str, Any]] = {
        "wrong_code": {"point": festival.id, "proof": "1" + "0" * 16},
        "unknown_kind": {"point": festival.id, "proof": "9" + code.secret},
        "unknown_code": {"point": "NOSVCH00", "proof": f"1{code.secret}"},
        "malformed": {},
    }
    events = {why: ada.record("badge.claim", body) for why, body in bodies.items()}
    near = ada.record("badge.claim", {"point": festival.id, "proof": f"1{code.secret[:-1]}{'A' if code.secret[-1] != 'A' else 'B'}"})  # fmt: skip
    stop, other = claim(ada, poster), ada.record("badge.claim", {"point": festival.id, "proof": None})
    level = ada.record("badge.claim", {"point": festival.id, "proof": f"2{code.secret}"})
    ada.sync()
    assert {why: ada.results[event].get("why") for why, event in events.items()} == {
        why: why for why in bodies
    }
    assert [ada.results[one].get("why") for one in (near, stop, other, level)] == ["wrong_code"] * 4
    assert ada.badges() == []


def test_a_code_of_another_city_is_unknown(app: Flask, db: Session, museum: Museum, festival: Point) -> None:
    ada = Phone(app, at=NOON)
    ada.hello()
    ada.sync()
    city = City(slug="elsewhere", name="Elsewhere", tagline={}, about={}, picture_alt={}, languages=["en"], timezone="UTC")  # fmt: skip
    db.add(city)
    db.flush()
    db.get_one(Organiser, museum.organiser.id).city_id = city.id
    code = add_code(db, festival)
    events = [claim(ada, code), claim(ada, code, typed=True)]
    ada.sync()
    assert [ada.results[one]["why"] for one in events] == ["unknown_code", "unknown_code"]


def test_a_scan_of_a_phone_that_does_not_know_the_code_gives_the_badge_too(
    app: Flask, db: Session, festival: Point
) -> None:
    code, ada = add_code(db, festival), Phone(app, at=NOON)
    event = claim(ada, code, type="checkin.scan")
    ada.sync()
    assert ada.results[event]["effect"]["award"] == ada.badges()[0]["id"]


def test_a_claimed_badge_is_not_taken_back_by_its_event(app: Flask, db: Session, festival: Point) -> None:
    code, ada = add_code(db, festival), Phone(app, at=NOON)
    event = claim(ada, code)
    back = ada.record("event.withdraw", {"event": event})
    ada.sync()
    assert ada.results[back]["why"] == "completed"


def test_guessing_typed_claims_is_slowed_down_with_scans(app: Flask, db: Session, festival: Point) -> None:
    ada = Phone(app, at=NOON)
    for number in range(21):
        ada.record(("badge.claim", "checkin.scan")[number % 2], {"typed": f"ABCDEFG{number % 10}"})
    ada.sync()
    whys = Counter(result.get("why") for result in ada.results.values())
    assert whys["unknown_code"] <= 20
    assert whys["too_many_tries"] >= 1


def test_forty_claims_for_ten_places_some_of_them_late(app: Flask, db: Session, festival: Point) -> None:
    code = add_code(db, festival, cap_total=10)
    phones = [Phone(app, at=NOON) for _ in range(40)]
    claims = [claim(phone, code) for phone in phones]
    for phone in phones[::2]:
        phone.wait(hours=5)  # these were without a network
    for crowd in (phones[:20], phones[20:]):
        at_once([phone.sync for phone in crowd])
    states = Counter(phone.results[one].get("why", "ok") for phone, one in zip(phones, claims, strict=True))
    assert states == {"ok": 10, "used_up": 30}
    db.rollback()
    assert db.get_one(Code, code.id).claimed == 10
    assert db.scalar(select(func.count(Award.id))) == 10
    assert sum(len(phone.badges()) for phone in phones) == 10
    assert check_history(database.engine, files(), NOON + timedelta(days=1)).findings == []


def test_a_claim_codes_page_shows_the_badge_and_what_the_island_needs(
    client: FlaskClient, db: Session, festival: Point
) -> None:
    answer = client.get(f"/S/{festival.id}", headers={"Accept-Language": "nl"})
    assert answer.status_code == 200
    assert "<h1>Festival guest (nl)</h1>" in answer.text
    assert "Came by. (nl)" in answer.text
    assert "Town Museum (nl)" in answer.text
    assert 'data-island="claim"' in answer.text
    assert f"/achievements/{festival.achievement_id}/image.svg" in answer.text


def test_a_typed_claim_code_tells_the_badge(client: FlaskClient, db: Session, festival: Point) -> None:
    code = add_code(db, festival)
    answer = client.post("/api/typed", json={"typed": code.typed})
    assert answer.get_json() == {
        "activity": None,
        "achievement": festival.achievement_id,
        "title": "Festival guest",
        "url": f"/s/{festival.id}",
        "point": festival.id,
    }


@pytest.mark.parametrize(
    ("body", "good"),
    [
        ({"point": "7QAB3CDE", "proof": "10123456789ABCDEF", "typed": None}, True), ({"typed": "ABCD-EFGH"}, True),
        ({"point": "7QAB3CDE", "proof": None}, True), ({}, False), ({"point": None, "typed": None}, False), ({"typed": 5}, False),
    ],
)  # fmt: skip
def test_the_contract_says_what_a_claim_is(body: dict[str, Any], good: bool) -> None:
    assert fits("claim", body) == good


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_claim_whose_badge_was_erased_is_no_loss_and_may_be_made_again(
    app: Flask, db: Session, festival: Point
) -> None:
    code, ada = add_code(db, festival), Phone(app, at=NOON)
    claim(ada, code)
    ada.sync()
    [first] = ada.badges()
    ada.record("award.erase", {"award": first["id"]})
    ada.sync()
    assert ada.badges() == []
    assert check_history(database.engine, files(), NOON).findings == []
    claim(ada, code)
    ada.sync()
    [again] = ada.badges()
    assert again["id"] != first["id"]
