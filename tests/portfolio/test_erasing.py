"""A learner erases a badge for good: no table and no file names it any more, and nothing brings it back by itself."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session
from uuid_utils import uuid7

from server.awarding import withdrawing
from server.awarding.models import AwardBatch, AwardRow
from server.awarding.withdrawing import Said
from server.badges import giving, status
from server.badges.models import Achievement, Award
from server.config import Config
from server.core.db import Base, new_id, utc_now
from server.core.db import db as database
from server.core.storage import files
from server.endorsements import services as endorsements
from server.endorsements.services import Words
from server.endorsements.targets import AWARD, find_target
from server.learning.following import all_following
from server.learning.further import follow
from server.replicas.history import check_history
from server.wallets.models import WalletClient, WalletGrant
from tests.cast import NOON, Museum, make_organiser
from tests.phone import Phone, b64
from tests.portfolio.conftest import Made, make_link, path

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
NOTE, REFLECTION, LABEL, PRAISE, NAME = (
    "You led the boat.", "I want to build mills.", "The workshop", "I saw her row.", "Ada of the boat",
)  # fmt: skip


def evidence(ada: Phone) -> str:
    found: str = ada.badges()[0]["choice"]["evidence"][0]["event"]
    return found


def surround(ada: Phone, award: Award, db: Session, museum: Museum) -> Made:
    """Have all that can be about a badge; return a link to it."""
    db.add(AwardBatch(id="b" * 36, organiser_id=museum.organiser.id, achievement_id=award.achievement_id,
                      name="", created_at=NOON))  # fmt: skip
    db.flush()
    db.add(AwardRow(batch_id="b" * 36, number=1, address="", name=NAME, note=NOTE, state="awarded",
                    award_id=award.id, learner_id=award.learner_id))  # fmt: skip
    said = giving.Correction(NOTE, {}, award.awarded_at)
    withdrawing.correct(db, award, said, Said("A word was missing.", None), utc_now())
    school, sara = make_organiser(db, museum.city, "River School", "sara@example.org")
    target = find_target(db, AWARD, award.id)
    spoken = endorsements.endorse(db, school, sara, target, Words(PRAISE, "en"), utc_now())
    db.add(WalletClient(id="w" * 36, metadata_={}, created_at=NOON))
    db.flush()
    db.add(WalletGrant(client_id="w" * 36, learner_id=award.learner_id, scope="", awards=[award.id],
                       access_digest="a", access_expires_at=NOON, refresh_digest=None, created_at=NOON))  # fmt: skip
    db.commit()
    event = evidence(ada)
    shown = [{"event": event, "visibility": "public"}]
    ada.record("award.show", {"award": award.id, "visibility": "public", "evidence": shown})
    ada.record("award.reflect", {"award": award.id, "text": REFLECTION})
    ada.record("badges.arrange", {"order": [award.id], "pinned": [award.id], "hidden": []})
    ada.record("collection.keep", {"collection": new_id(), "name": "Jobs", "awards": [award.id]})
    ada.record("endorsement.show", {"endorsement": spoken.id, "shown": True})
    secret = b64(hashlib.sha256(b"secret").digest())
    ada.record("endorsement.invite", {"award": award.id, "digest": secret, "label": LABEL})
    make_link(ada, "", kind="portfolio", label="", evidence=[event])
    made = make_link(ada, award.id, label=LABEL, evidence=[event])
    ada.sync()
    assert "rejected" not in {one["state"] for one in ada.results.values()}, ada.results
    return made


def kept(db: Session) -> Iterator[tuple[str, str]]:
    """Read all that the database holds, but for what learners signed and heard of that, which is theirs."""
    for table in Base.metadata.sorted_tables:
        for row in db.execute(select(table)) if table.name != "events" else ():
            if table.name == "feed_rows" and row.key.startswith("verdict:"):
                continue
            for column, value in zip(table.columns, row, strict=True):
                if isinstance(column.type, LargeBinary) and value:
                    yield f"{table.name}.{column.name}", bytes(value).decode(errors="replace")
                elif value is not None:
                    yield f"{table.name}.{column.name}", json.dumps(value, default=str)


def erase(phone: Phone, award_id: str) -> dict[str, Any]:
    event = phone.record("award.erase", {"award": award_id})
    phone.sync()
    return phone.results[event]


def test_no_table_and_no_file_has_a_trace_of_an_erased_badge(
    ada: Phone, badge: dict[str, Any], db: Session, museum: Museum, client: FlaskClient, config: Config
) -> None:
    award = db.get_one(Award, badge["id"])
    event, subject = evidence(ada), award.subject
    link = surround(ada, award, db, museum)
    traces = [award.id, subject, NOTE, REFLECTION, LABEL, PRAISE, NAME]
    before = " ".join(text for _, text in kept(db))
    assert [one for one in traces if one not in before] == []

    assert [erase(ada, award.id)["state"] for _ in range(2)] == ["ok", "ok"]
    db.expire_all()
    left = {(where, one) for where, text in kept(db) for one in traces if one in text}
    assert left == {("awards.id", award.id), ("feed_rows.key", award.id)}
    chosen = [where for where, text in kept(db) if event in text and where.split(".")[0] in
              ("award_choices", "share_links")]  # fmt: skip
    assert chosen == []
    assert [one for one in Path(config.instance).rglob("*") if award.id in one.name] == []
    assert status.is_set(award.status_list.bits, award.status_index)
    assert client.get(link.path).status_code == 410
    for ending in ("", ".json", ".png", ".svg", ".jwt", ".pdf", ".html", "/card.pdf"):
        assert client.get(path(badge["url"]) + ending).status_code == 410, ending
    assert client.get(f"/ob2/assertions/{award.credential_id}").status_code == 410


def test_the_phone_hears_that_all_of_it_is_gone_and_the_work_stays(
    ada: Phone, badge: dict[str, Any], db: Session, museum: Museum
) -> None:
    surround(ada, db.get_one(Award, badge["id"]), db, museum)
    done = {key for key in ada.view if key.startswith(("completion:", "checkin:", "task:"))}
    assert erase(ada, badge["id"])["effect"] == {"award": badge["id"]}
    assert ada.badges() == []
    assert {key.split(":")[0] for key in ada.view} >= {"completion", "checkin", "task"}
    assert done <= set(ada.view)
    assert not [
        key for key, row in ada.view.items() if badge["id"] in json.dumps(row) and row.get("state") != "ok"
    ]
    assert [one["kind"] for key, one in ada.view.items() if key.startswith("link:")] == ["portfolio"]
    report = check_history(database.engine, files(), utc_now())
    assert report.findings == []


def test_nobody_erases_a_badge_of_somebody_else(app: Flask, ada: Phone, badge: dict[str, Any]) -> None:
    eve = Phone(app)
    refused = erase(eve, badge["id"])
    assert (refused["state"], refused["why"]) == ("rejected", "unknown_award")
    assert erase(eve, str(uuid7()))["why"] == "unknown_award"
    ada.sync()
    assert ada.badges()[0]["id"] == badge["id"]


def test_what_was_erased_does_not_come_back_by_itself(
    ada: Phone, badge: dict[str, Any], db: Session, museum: Museum
) -> None:
    milestone = Achievement(
        id=new_id(), organiser_id=museum.organiser.id, name={"en": "All"}, description={"en": "All of it"},
        criteria={"en": "All"}, design=museum.achievement.design, alignments=[], tags=[], created_at=NOON,
        state="published", milestone={"count": 1, "of": [{"kind": "series", "id": museum.achievement.series}]},
    )  # fmt: skip
    db.add(milestone)
    db.commit()

    def go_on() -> list[str]:
        things = [("series", museum.achievement.series)]
        given = follow(db, all_following(db), ada.learner, things, utc_now())
        db.commit()
        return [one.id for one in given]

    (got,) = go_on()
    assert erase(ada, got)["state"] == "ok"
    assert go_on() == []
