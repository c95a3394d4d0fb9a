"""The history checker: a clean walk is clean, and each kind of damage is found."""

import hashlib
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from server.badges import giving
from server.badges.making import FIELDS
from server.badges.models import Achievement
from server.config import Config
from server.core.db import db as database
from server.core.storage import files
from server.learning.models import Completion
from server.replicas import history
from server.replicas.history import check_history, rows
from server.replicas.history.report import Report
from tests.cast import NOON, Museum
from tests.faults.real import Server
from tests.learning.walk import picture, visit
from tests.phone import Phone
from tests.test_cli import streetwise


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    """Ada has walked through the museum, and taken one thing back."""
    ada = Phone(app, at=NOON)
    visit(ada, museum)
    ada.sync()
    again = ada.answer(museum.task(0, "choice"), choices=["b"])
    ada.record("event.withdraw", {"event": again})
    ada.sync()
    return ada


def look(log: list[str] | None = None) -> Report:
    database.session().rollback()
    return check_history(database.engine, files(), NOON, log or [])


def damage(db: Session, sql: str) -> None:
    scan = db.scalar(text("SELECT event_id FROM check_ins ORDER BY event_id LIMIT 1"))
    changed = db.execute(text(sql), {"scan": scan} if ":scan" in sql else {})
    assert changed.rowcount  # type: ignore[attr-defined]
    db.commit()


def checks(report: Report) -> set[str]:
    return {one.check for one in report.findings}


def test_a_clean_walk_is_clean(ada: Phone) -> None:
    report = look()
    assert report.findings == []
    assert report.counts["events"] == ada.seq
    assert (report.counts["awards"], report.counts["evidence"]) == (1, 2)


DAMAGE = {
    "a lost event": ("DELETE FROM events WHERE id = :scan", "effects_have_accepted_events"),
    "a lost event, promised": ("DELETE FROM events WHERE id = :scan", "verdicts_are_told"),
    "changed bytes": ("UPDATE events SET payload = 'e30' WHERE type = 'task.answer'", "events_are_as_signed"),
    "another's signature": ("UPDATE events SET signature = (SELECT signature FROM events WHERE seq = 1)", "events_are_as_signed"),
    "a changed column": ("UPDATE events SET seq = seq + 40 WHERE type = 'evidence.submit'", "events_are_as_signed"),
    "a lost effect": ("DELETE FROM check_ins", "accepted_events_have_effects"),
    "a lost answer": ("DELETE FROM answers", "accepted_events_have_effects"),
    "a changed verdict": ("UPDATE events SET state = 'rejected', why = 'x' WHERE id = :scan", "verdicts_are_told"),
    "an effect of what was declined": ("UPDATE events SET state = 'rejected' WHERE id = :scan", "effects_have_accepted_events"),
    "a hold without end": ("UPDATE events SET state = 'hold', why = 'blob_missing', received_at = '2026-05-01 00:00:00' WHERE type = 'device.hello'", "holds_end"),
    "a lost feed row": ("DELETE FROM feed_rows WHERE key LIKE 'checkin:%'", "feed_says_what_is"),
    "a lost verdict in the feed": ("DELETE FROM feed_rows WHERE key LIKE 'verdict:%'", "verdicts_are_told"),
    "a feed's head set back": ("UPDATE feed_heads SET ver = 3", "feeds_are_numbered"),
    "a number given twice": ("UPDATE feed_rows SET ver = 2 WHERE ver = 3", "feeds_are_numbered"),
    "a lost file": ("UPDATE blobs SET complete_at = NULL", "evidence_has_its_files"),
    "too many places given": ("UPDATE codes SET cap_total = 0, claimed = 1 WHERE level = 2", "capacity"),
}  # fmt: skip


def test_each_kind_of_damage_is_found(app: Flask, ada: Phone, db: Session) -> None:
    server, found = Server(app), {}
    copy = server.copy()
    for name, (sql, check) in DAMAGE.items():
        damage(db, sql)
        found[name] = check in checks(look())
        server.restore(copy)
    assert found == dict.fromkeys(DAMAGE, True)
    assert look().clean


def test_an_award_without_its_completion_is_found(ada: Phone, db: Session) -> None:
    damage(db, "UPDATE awards SET completion_id = NULL")
    assert checks(look()) == {"awards_rest_on_something"}
    damage(db, "UPDATE completions SET proofs = '[\"0199f1a0-0000-7000-8000-000000000001\"]'")
    assert "effects_have_accepted_events" in checks(look())


def test_a_badge_held_in_two_versions_is_found(ada: Phone, db: Session, museum: Museum) -> None:
    first = museum.achievement
    said = {name: getattr(first, name) for name in FIELDS}
    second = Achievement(
        organiser_id=first.organiser_id, series=first.series, version=2, created_at=NOON, **said
    )
    db.add(second)
    db.flush()
    giving.award_completed(db, ada.learner, second, db.scalars(select(Completion)).all()[0], NOON)
    db.commit()
    assert "nothing_counts_twice" in checks(look())


def test_a_stored_file_that_is_gone_is_found(ada: Phone, museum: Museum) -> None:
    files().delete(f"evidence/{ada.learner}/{hashlib.sha256(picture()).hexdigest()}")
    assert checks(look()) == {"files"}


def test_a_hole_is_listed_and_no_damage(ada: Phone, museum: Museum) -> None:
    ada.scan(museum.code(0))
    del ada.outbox[0]
    ada.scan(museum.code(1))
    ada.sync()
    report = look()
    assert (report.clean, report.holes) == (True, {ada.device: [(ada.seq - 1, ada.seq - 1)]})


def test_a_promise_that_is_not_kept_is_found(ada: Phone) -> None:
    id = next(iter(ada.results))
    kept = {"told": "durable", "learner": ada.learner, "id": id, "state": "ok", "why": ""}
    assert look([json.dumps(kept)]).clean
    assert checks(look([json.dumps({**kept, "id": ada.device})])) == {"promises"}
    assert checks(look([json.dumps({**kept, "state": "rejected"})])) == {"promises"}
    with pytest.raises(ValueError, match="log"):
        look(['{"other": 1}'])


def test_an_operator_reads_what_was_found(ada: Phone, db: Session, config: Config, tmp_path: Path) -> None:
    settings = {"instance": config.instance, "database_url": config.database_url}
    clean = streetwise("check-history", **settings)
    assert clean.returncode == 0 and clean.stdout.endswith("Nothing is wrong.\n")
    damage(db, "DELETE FROM answers")
    log = tmp_path / "log"
    log.write_text(json.dumps({"told": "durable", "learner": ada.learner, "id": ada.device}))
    found = streetwise("check-history", "--json", "--log", str(log), **settings)
    assert found.returncode == 1
    said = {one["check"] for one in json.loads(found.stdout)["findings"]}
    assert said >= {"accepted_events_have_effects", "promises"}
    log.write_text("no log")
    assert streetwise("check-history", "--log", str(log), **settings).returncode == 2


def test_a_busy_learner_is_read_alone(
    ada: Phone, app: Flask, museum: Museum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So memory follows from how much one learner did, never from how many learners did much."""
    phones = [ada, *(Phone(app, at=NOON) for _ in range(3))]
    for phone in phones[1:]:
        phone.scan(museum.code(0))
        phone.sync()
    groups: list[list[str]] = []
    load = history.load
    monkeypatch.setattr(rows, "EVENTS_AT_ONCE", 5)
    monkeypatch.setattr(history, "load", lambda to, ids, *more: (groups.append(ids), load(to, ids, *more))[1])
    report = look()
    assert (report.findings, report.counts["learners"]) == ([], 4)
    assert [ada.learner] in groups and max(len(one) for one in groups) == 2
    assert sorted(id for one in groups for id in one) == sorted(phone.learner for phone in phones)
