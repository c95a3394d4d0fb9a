"""The operator's monitoring reads what is in the database, and only with the token."""

import stat
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from server.config import Config
from server.core.db import utc_now
from server.insights.metrics import exposition
from tests.cast import NOON, Museum
from tests.learning.walk import picture, visit
from tests.phone import Phone

Samples = dict[tuple[str, ...], float]


def read(text: str) -> Samples:
    """Samples by name and labels' values."""
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def token(app: Flask, config: Config) -> str:
    return (config.instance / "secrets" / "metrics").read_text()


def test_the_token_is_made_on_the_first_start_for_us_alone(app: Flask, config: Config, token: str) -> None:
    assert len(token) >= 40
    assert stat.S_IMODE((config.instance / "secrets" / "metrics").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "brought", ["", "Bearer ", "Bearer wrong", "Basic {token}", "Bearer {token}x", "Bearer é"]
)
def test_without_the_token_nothing_is_said(client: FlaskClient, token: str, brought: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": brought.format(token=token)})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "streetwise_" not in answer.text


def test_with_the_token_an_empty_city_can_be_watched(client: FlaskClient, token: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert answer.headers["Cache-Control"] == "no-store"
    found = read(answer.text)
    assert found["streetwise_devices",] == 0
    assert [value for (name, *_), value in found.items() if name == "streetwise_build_info"] == [1]


def test_it_counts_what_happened(app: Flask, museum: Museum, db: Session) -> None:
    ada, bob = Phone(app, at=NOON), Phone(app, at=NOON)
    visit(ada, museum)
    ada.sync()
    bob.scan(museum.code(0))
    photo = bob.photograph(museum.task(2, "photo"), picture("green"))
    for _ in range(3):
        bob.scan(museum.code(0))
    del bob.outbox[-3:]
    bob.record("event.lost", {"device": bob.device, "seq": [4, 5]})
    bob.record("coffee.drink", {})
    bob.record("tea.drink", {})
    bob.sync()
    found = read(exposition(db, NOON + timedelta(hours=2)).decode())
    assert bob.results[photo]["why"] == "blob_missing"
    assert found["streetwise_events_total", "ok", "checkin.scan"] == 5
    assert found["streetwise_events_total", "rejected", "other"] == 2  # or anybody could fill the monitoring
    assert found["streetwise_holds", "blob_missing"] == 1
    assert found["streetwise_oldest_hold_age_seconds", "blob_missing"] == 7200
    assert (found["streetwise_devices",], found["streetwise_devices_seen_last_day",]) == (2, 2)
    assert (found["streetwise_devices_with_holes",], found["streetwise_events_lost",]) == (1, 2)
    assert (found["streetwise_blobs", "waiting"], found["streetwise_blobs", "whole"]) == (1, 1)
    assert found["streetwise_blob_bytes", "whole"] == len(picture())
    assert found["streetwise_awards_total",] == 1
    assert found["streetwise_feed_rows",] > 10


def test_old_holes_are_no_alarm(app: Flask, museum: Museum, db: Session) -> None:
    ada = Phone(app, at=NOON)
    ada.scan(museum.code(0))
    ada.outbox.append(ada.outbox.pop(0))
    ada.scan(museum.code(0))
    ada.outbox = [ada.outbox[1], ada.outbox[2]]
    ada.sync()
    assert read(exposition(db, NOON).decode())["streetwise_devices_with_holes",] == 1
    assert read(exposition(db, NOON + timedelta(days=31)).decode())["streetwise_devices_with_holes",] == 0


def test_it_says_no_secret(client: FlaskClient, token: str, app: Flask, museum: Museum) -> None:
    ada = Phone(app, at=utc_now())
    ada.scan(museum.code(0))
    ada.sync()
    text = client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text
    for secret in (token, ada.learner, ada.device, museum.code(0).secret):
        assert secret not in text
