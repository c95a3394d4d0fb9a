"""`streetwise keys`, as an operator meets it, on an instance that is then backed up and restored."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from server.badges.models import Award
from server.core.db import utc_now
from server.endorsements import resigning as endorsed
from server.endorsements import services as endorsements
from server.endorsements.services import Words
from server.endorsements.targets import ORGANISER, find_target
from tests.badges.conftest import Given
from tests.cast import NOON, Museum, make_organiser
from tests.test_cli import refusal, streetwise

Settings = dict[str, object]
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


@pytest.fixture
def here(given: Given) -> Settings:
    from flask import current_app

    config = current_app.config["STREETWISE"]
    return {"instance": config.instance, "database_url": config.database_url}


def listed(here: Settings) -> list[tuple[int, str, int]]:
    told = json.loads(streetwise("keys", "list", "--json", **here).stdout)
    return [(one["number"], one["state"], one["badges"]) for one in told]


def test_an_operator_rotates_publishes_and_replaces_keys(
    here: Settings,
    museum: Museum,
    given: Given,
    tmp_path: Path,
) -> None:
    slug = museum.organiser.slug
    assert listed(here) == [(1, "signs", 1)]
    assert "key-2 from now on" in streetwise("keys", "rotate", slug, **here).stdout
    assert listed(here) == [(1, "retired", 1), (2, "signs", 0)]
    assert "key-3" in streetwise("keys", "rotate", "--all", **here).stdout
    assert [state for _, state, _ in listed(here)] == ["retired", "retired", "signs"]
    told = streetwise("keys", "compromised", slug, "1", "--now", "--yes", **here).stdout
    assert "1 of 1 badges signed again" in told
    assert listed(here) == [(1, "compromised", 0), (2, "retired", 0), (3, "signs", 1)]
    assert "1 of 1" in streetwise("keys", "progress", **here).stdout
    out = tmp_path / "public"
    streetwise("keys", "export", str(out), **here)
    document = json.loads((out / "orgs" / museum.organiser.id / "did.json").read_text())
    assert [one.rpartition("#")[2] for one in document["assertionMethod"]] == ["key-2", "key-3"]
    assert len(json.loads((out / "keys.json").read_text())) == 2
    assert "PRIVATE" not in "".join(path.read_text() for path in out.rglob("*.json"))
    assert "No organiser" in refusal(streetwise("keys", "rotate", "nobody", **here)).replace("Error: ", "")


def test_endorsements_are_counted_and_signed_again_with_the_badges(
    here: Settings, museum: Museum, db: Session
) -> None:
    school, _ = make_organiser(db, museum.city, "River School", "sara@example.org")
    target = find_target(db, ORGANISER, school.id)
    endorsements.endorse(db, museum.organiser, museum.omar, target, Words("Good people.", "en"), NOON)
    db.commit()
    told = streetwise("keys", "compromised", museum.organiser.slug, "1", "--yes", **here).stdout
    assert "0 of 1 badges signed again, 1 endorsements wait for it." in told
    db.rollback()
    assert endorsed.sign_some(db, utc_now()) is False
    assert [endorsed.count_signed(db, museum.organiser.id, number) for number in (1, 2)] == [0, 1]


def test_a_restored_instance_signs_with_the_same_keys(here: Settings, museum: Museum, tmp_path: Path) -> None:
    streetwise("keys", "rotate", museum.organiser.slug, **here)
    before = json.loads(streetwise("keys", "list", "--json", **here).stdout)
    made = tmp_path / "backup.zip"
    streetwise("backup", str(made), **here)
    there: Settings = {"instance": tmp_path / "there"}
    streetwise("restore", str(made), **there)
    assert json.loads(streetwise("keys", "list", "--json", **there).stdout) == before
    streetwise("keys", "compromised", museum.organiser.slug, "1", "--now", "--yes", **there)
    engine = create_engine(f"sqlite:///{tmp_path / 'there' / 'streetwise.sqlite3'}")
    with Session(engine) as session:  # the key of before signs: it was restored, not made anew
        assert session.scalars(select(Award.key_number)).all() == [2]
    engine.dispose()
