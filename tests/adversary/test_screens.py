"""Who photographs a rotating code, sends it on, keeps it, or steals the tablet that shows it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.codes import rotating
from server.codes.making import make_code
from server.codes.models import Code
from server.learning.flags import SCREENFUL
from tests.cast import NOON, Museum
from tests.learning.flagging import crowd, kinds, new_phone, scan
from tests.learning.test_rotating_codes import shown, typed_shown
from tests.phone import Phone, milliseconds


@pytest.fixture
def screen(db: Session, museum: Museum) -> Code:
    code = make_code(
        db, museum.code(3).point, level=3, at=NOON - timedelta(days=1),
        opens_at=NOON - timedelta(hours=3), closes_at=NOON + timedelta(hours=30),
    )  # fmt: skip
    db.commit()
    return code


def verdict(phone: Phone, event: str) -> tuple[str, str]:
    phone.sync()
    said = phone.results[event]
    return said["state"], said["effect"].get("time", "") if said["state"] == "ok" else said["why"]


def test_a_photo_of_the_screen_is_worth_nothing_ten_minutes_later(app: Flask, screen: Code) -> None:
    eve = new_phone(app, NOON + timedelta(minutes=10))
    assert verdict(eve, scan(eve, screen, proof=shown(screen, NOON))) == ("rejected", "window_closed")


def test_a_back_dated_clock_does_not_help_who_was_online_since(app: Flask, screen: Code) -> None:
    eve = new_phone(app, NOON + timedelta(minutes=10))
    eve.skew = -timedelta(minutes=10)
    assert verdict(eve, scan(eve, screen, proof=shown(screen, NOON))) == ("rejected", "window_closed")


def test_who_was_offline_all_the_time_is_believed_and_only_claimed(app: Flask, screen: Code) -> None:
    """Nobody can tell them from somebody honest in a cellar; so it is never called proven."""
    eve = new_phone(app, NOON - timedelta(minutes=30))
    eve.wait(minutes=30)
    event = scan(eve, screen, proof=shown(screen, NOON))
    eve.wait(hours=5)
    assert verdict(eve, event) == ("ok", "claimed")


def test_after_three_days_nobody_is_believed(app: Flask, screen: Code) -> None:
    eve = new_phone(app, NOON - timedelta(minutes=30))
    eve.wait(minutes=30)
    event = scan(eve, screen, proof=shown(screen, NOON))
    eve.wait(hours=73)
    assert verdict(eve, event) == ("rejected", "window_closed")


def test_a_screen_relayed_live_to_forty_phones_is_flagged_as_a_burst(
    app: Flask, db: Session, screen: Code
) -> None:
    people = crowd(app, screen, 40, proof=shown(screen, NOON))
    assert SCREENFUL < 40
    assert [kinds(db, phone) for phone, _ in people] == [["burst"]] * 40


def test_what_is_read_aloud_over_the_phone_is_worth_nothing_soon_after(app: Flask, screen: Code) -> None:
    eve = new_phone(app, NOON + timedelta(minutes=8))
    event = eve.type_in(typed_shown(screen, NOON))
    assert verdict(eve, event)[0] == "rejected"


def test_a_stolen_tablet_costs_the_day_and_no_more(app: Flask, screen: Code) -> None:
    """It holds the keys of days, never the secret: what it makes for tomorrow is wrong."""
    tomorrow = NOON + timedelta(days=1)
    step = rotating.step_at(milliseconds(tomorrow))
    stolen = rotating.day_key(screen.secret, screen.point_id, "2026-06-01")
    eve = new_phone(app, tomorrow)
    event = scan(eve, screen, proof=rotating.write(stolen, screen.point_id, step))
    assert verdict(eve, event) == ("rejected", "wrong_code")
    today = rotating.step_at(milliseconds(NOON))
    thief = new_phone(app, NOON)
    event = scan(thief, screen, proof=rotating.write(stolen, screen.point_id, today))
    assert verdict(thief, event) == ("ok", "proven")
