"""Nothing stays on hold for ever: after five days (a review: thirty) it is decided without what it waited for."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.core.db import writing
from server.replicas import holds
from server.replicas.effects import EFFECTS
from server.replicas.terms import Terms
from sync.engine import Held
from tests.cast import NOON, Museum
from tests.learning.walk import picture
from tests.phone import Phone
from tests.replicas.test_races import at_once

TERMS = Terms("localhost:8000", 72 * 3_600_000, 20 << 20, [b"secret"])


@pytest.fixture
def ada(app: Flask) -> Phone:
    return Phone(app, at=NOON)


def end_holds(at: datetime, skip: int = 0) -> tuple[int, int]:
    with writing() as session:
        return holds.end_holds(session, TERMS, at, skip)


def test_a_file_that_never_comes_ends_its_hold_after_five_days(ada: Phone, museum: Museum) -> None:
    event = ada.photograph(museum.task(2, "photo"), picture())
    ada.sync()
    assert end_holds(NOON + timedelta(days=4)) == (0, 0)
    ada.sync()
    assert ada.state(event) == "hold"
    assert end_holds(NOON + timedelta(days=5)) == (1, 0)
    ada.sync()
    assert (ada.state(event), ada.view[f"verdict:{event}"]["why"]) == ("rejected", "blob_late")
    assert ada.upload(picture()).status_code == 204  # too late for that event, not for the next
    again = ada.photograph(museum.task(2, "photo"), picture())
    ada.sync()
    assert (ada.state(event), ada.state(again)) == ("rejected", "ok")


def test_an_event_whose_past_never_comes_is_declined(ada: Phone, museum: Museum) -> None:
    ada.hello()
    never = ada.event("feedback.give", {})["id"]
    event = ada.record("feedback.give", {"activity": museum.activities[0].id, "stars": 4}, needs=[never])
    ada.sync()
    end_holds(NOON + timedelta(days=5))
    ada.sync()
    assert ada.view[f"verdict:{event}"]["why"] == "needs"


@pytest.mark.parametrize(("reason", "days"), [("organiser", 5), ("review", 30)])
def test_what_nobody_decides_goes_on_at_its_honest_level(
    ada: Phone, museum: Museum, monkeypatch: pytest.MonkeyPatch, reason: str, days: int
) -> None:
    def wait(work: Any) -> dict[str, Any]:
        if not work.overdue:
            raise Held(reason)
        return {"unconfirmed": True}

    monkeypatch.setitem(EFFECTS, "feedback.give", wait)
    event = ada.record("feedback.give", {})
    ada.sync()
    end_holds(NOON + timedelta(days=days, seconds=-1))
    ada.sync()
    assert ada.state(event) == "hold"
    end_holds(NOON + timedelta(days=days))
    ada.sync()
    verdict = ada.view[f"verdict:{event}"]
    assert (verdict["state"], verdict["effect"]) == ("ok", {"unconfirmed": True})


def test_what_waits_on_is_passed_over_by_the_next_call(
    ada: Phone, museum: Museum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "_OVERDUE", holds._OVERDUE.limit(1))

    def wait(work: Any) -> Any:
        raise Held("review")

    monkeypatch.setitem(EFFECTS, "feedback.give", wait)
    held = ada.record("feedback.give", {})
    follower = ada.record("playlist.save", {"playlist": museum.playlist.id}, needs=[held])
    ada.sync()
    ada.wait(seconds=1)
    photo = ada.photograph(museum.task(2, "photo"), picture())
    ada.sync()
    after = NOON + timedelta(days=6)
    assert end_holds(after) == (1, 1)
    assert end_holds(after, skip=1) == (1, 0)
    assert end_holds(after, skip=1) == (0, 0)
    ada.sync()
    assert [ada.state(one) for one in (held, follower, photo)] == ["hold", "hold", "rejected"]


def test_two_that_end_holds_while_phones_sync_decide_each_once(
    app: Flask, museum: Museum, db: Session
) -> None:
    phones = [Phone(app, at=NOON) for _ in range(4)]
    events = [phone.photograph(museum.task(2, "photo"), picture()) for phone in phones]
    for phone in phones:
        phone.sync()
    later = NOON + timedelta(days=6)

    def end() -> None:
        with app.app_context():
            end_holds(later)

    at_once([end, end, *(lambda phone=phone: phone.upload(picture()) for phone in phones)])
    db.rollback()  # our own view of the database is older than the race
    for phone, event in zip(phones, events, strict=True):
        phone.sync()
        verdict = phone.view[f"verdict:{event}"]
        assert (verdict["state"], verdict["why"]) in (("ok", ""), ("rejected", "blob_late"))
        assert (f"task:{museum.task(2, 'photo').id}" in phone.view) == (verdict["state"] == "ok")
