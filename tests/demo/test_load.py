"""Filling an instance: once, only when it is empty, and never into somebody's city."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.accounts.services import sign_in
from server.activities.models import Activity, MediaFile, Task
from server.activities.services import media_key
from server.activities.solutions import is_right
from server.badges.models import Achievement
from server.cities.models import City
from server.codes.finding import find_by_proof, find_by_typed
from server.codes.models import Code, Point
from server.core.storage import files
from server.demo.load import HoldsRealWork, fill, summary, where_to_look
from server.occurrences.models import Occurrence
from server.playlists.models import Playlist
from server.playlists.services import rules_view
from tests.cast import NOON, Museum
from tests.phone import Phone

BASE = "http://localhost:8000"


def _count(db: Session, table: type) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def test_an_empty_instance_gets_a_city_with_files_and_rules(db: Session) -> None:
    assert fill(db, NOON).made
    assert _count(db, Activity) >= 12
    museum = db.scalars(select(Playlist).where(Playlist.slug == "museum-visit")).one()
    rules = rules_view(museum)
    assert (len(rules["required"]), rules["choose"], len(rules["from"])) == (4, 1, 3)
    assert all(files().exists(media_key(m.sha256, m.ending)) for m in db.scalars(select(MediaFile)))
    assert all(a.picture and a.picture_alt for a in db.scalars(select(Activity)))


def test_badges_carry_whole_addresses(db: Session) -> None:
    fill(db, NOON)
    for achievement in db.scalars(select(Achievement)):
        assert all(one["url"].startswith("http") for one in achievement.alignments)


def test_filling_again_changes_nothing_even_after_visitors_came(db: Session) -> None:
    first = fill(db, NOON)
    db.add(Learner(city_id=first.city_id, created_at=NOON))
    db.flush()
    before = [_count(db, table) for table in (City, Activity, Code, MediaFile, Occurrence)]
    again = fill(db, NOON + timedelta(hours=1))
    assert (again.city_id, again.made, again.renewed) == (first.city_id, False, 0)
    assert [_count(db, table) for table in (City, Activity, Code, MediaFile, Occurrence)] == before


def test_a_session_runs_whenever_the_demo_starts(db: Session) -> None:
    for at in (NOON, NOON + timedelta(hours=7), NOON + timedelta(days=30)):
        fill(db, at)
        found = summary(db, BASE, at)["sessions"]
        running = [one for one in found if one["runs"]]
        assert len(running) == 1
        assert sorted(code["level"] for code in running[0]["codes"]) == [2, 3]
        for code in running[0]["codes"]:
            proof = code["url"].split("#")[1]
            assert find_by_proof(db, running[0]["point"], proof).level == code["level"]
            moment = round(at.timestamp() * 1000)
            assert find_by_typed(db, code["typed"], moment).point_id == running[0]["point"]
        assert sum(one["cancelled"] for one in found) == 1
        assert len(found) == 4


def test_windows_that_end_soon_get_a_successor(db: Session) -> None:
    fill(db, NOON)
    later = NOON + timedelta(days=80)
    stops = db.scalars(select(Code).join(Code.point).where(Point.occurrence_id.is_(None), Code.level == 2))
    windows = len(stops.all())
    assert fill(db, later).renewed == windows > 0
    db.expire_all()
    assert fill(db, later).renewed == 0
    for point in summary(db, BASE, later + timedelta(days=20))["points"]:
        assert point["closes_at"] is None or point["closes_at"] > "2026-11"


def test_somebodys_city_is_left_alone(db: Session, museum: Museum) -> None:
    with pytest.raises(HoldsRealWork, match="STREETWISE_INSTANCE"):
        fill(db, NOON)
    assert _count(db, City) == 1


def test_the_summary_lets_a_program_play_everyone(db: Session) -> None:
    fill(db, NOON)
    found = summary(db, BASE, NOON)
    stops = db.query(Point).filter(Point.occurrence_id.is_(None)).count()
    assert (len(found["playlists"]), len(found["points"]) + len(found["claims"])) == (3, stops)
    for point in found["points"]:
        address, proof = point["url"].split("#")
        assert address == f"{BASE}/s/{point['point']}"
        assert find_by_proof(db, point["point"], proof).level == point["level"]
        assert find_by_typed(db, point["typed"], 0).point_id == point["point"]
    for task in found["tasks"]:
        assert (task["answer"] is None) == (task["kind"] in ("checkin", "photo", "audio"))
        if task["answer"]:
            assert is_right(db.get_one(Task, task["id"]), task["answer"]) is not False
    assert {one["name"] for one in found["sign_in"]} >= {"Omar Haddad", "Rita Vos"}
    assert sign_in(db, found["sign_in"][0]["url"].split("#")[1], NOON)


def test_the_summary_has_a_badge_to_claim_for_many_and_cards_for_one(db: Session, app: Flask) -> None:
    fill(db, NOON)
    db.commit()
    [found] = summary(db, BASE, NOON)["claims"]
    assert (found["code"]["cap"], len(found["cards"])) == (500, 20)
    ada, ben = Phone(app, at=NOON), Phone(app, at=NOON)
    for phone, code in ((ada, found["code"]), (ben, found["cards"][0])):
        phone.record("badge.claim", {"point": found["point"], "proof": code["url"].split("#")[1]})
        phone.sync()
        assert [row["name"]["en"] for row in phone.badges()] == ["Friend of the river"]
    db.expire_all()
    assert len(summary(db, BASE, NOON)["claims"][0]["cards"]) == 19


def test_the_summary_bears_what_somebody_does_at_the_desk(db: Session) -> None:
    fill(db, NOON)
    [found] = summary(db, BASE, NOON)["claims"]
    for code in db.scalars(select(Code).where(Code.point_id == found["point"])):
        code.revoked_at = NOON
    lines = where_to_look(summary(db, BASE, NOON))
    assert "Friend of the river" not in "\n".join(lines)


def test_a_claim_code_that_ends_soon_gets_a_successor_of_its_kind(db: Session) -> None:
    fill(db, NOON)
    assert fill(db, NOON + timedelta(days=24)).renewed == 1
    db.expire_all()
    [found] = summary(db, BASE, NOON)["claims"]
    assert (found["code"]["cap"], found["code"]["closes_at"][:10]) == (500, "2026-07-24")


def test_the_terminal_says_where_to_look(db: Session) -> None:
    fill(db, NOON)
    lines = "\n".join(where_to_look(summary(db, BASE, NOON)))
    assert f"{BASE}/en/playlists/museum-visit" in lines
    assert "sheet" in lines
    assert "Omar" in lines
