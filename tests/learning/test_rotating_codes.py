"""Rotating codes: what a screen showed counts for as long as it was fresh, offline too; a copy of it does not."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.codes import rotating
from server.codes.finding import find_by_typed
from server.codes.making import make_code
from server.codes.models import Code
from server.codes.services import Use, WindowClosed, WrongCode, commitment_of, judge
from tests.cast import NOON, Museum
from tests.phone import Phone, milliseconds


@pytest.fixture
def ada(app: Flask) -> Phone:
    return Phone(app, at=NOON)


@pytest.fixture
def screen(db: Session, museum: Museum) -> Code:
    """A rotating code at the last stop, for the three hours around noon."""
    code = make_code(
        db, museum.code(3).point, level=3, at=NOON,
        opens_at=NOON - timedelta(hours=3), closes_at=NOON + timedelta(hours=3),
    )  # fmt: skip
    db.commit()
    return code


def shown(code: Code, at: datetime) -> str:
    step = rotating.step_at(milliseconds(at))
    key = rotating.day_key(code.secret, code.point_id, rotating.day_of_step(step))
    return rotating.write(key, code.point_id, step)


def typed_shown(code: Code, at: datetime) -> str:
    block = rotating.block_at(milliseconds(at))
    key = rotating.day_key(code.secret, code.point_id, rotating.day_of_block(block))
    return rotating.typed_at(key, code.point_id, code.point.hint, block)


def scan(phone: Phone, code: Code, proof: str) -> str:
    return phone.record(
        "checkin.scan", {"point": code.point_id, "proof": proof, "typed": None, "activity": None}
    )


def verdict(phone: Phone, event: str) -> tuple[str, str]:
    """Sync, and say what became of an event: its time when it counts, else why not."""
    phone.sync()
    result = phone.results[event]
    return result["state"], result["effect"]["time"] if result["state"] == "ok" else result["why"]


def test_a_rotating_code_has_a_long_secret_and_nothing_that_stays_or_could_be_tested(screen: Code) -> None:
    assert (len(screen.secret), screen.typed, commitment_of(screen)) == (32, None, None)


def test_what_the_screen_shows_is_proven_when_it_is_sent_at_once(ada: Phone, screen: Code) -> None:
    ada.hello()
    ada.sync()
    event = scan(ada, screen, shown(screen, ada.at))
    assert verdict(ada, event) == ("ok", "proven")
    assert ada.results[event]["effect"]["level"] == 3


def test_what_was_scanned_offline_is_claimed_when_it_is_sent(ada: Phone, screen: Code) -> None:
    event = scan(ada, screen, shown(screen, ada.at))
    ada.wait(hours=20)
    assert verdict(ada, event) == ("ok", "claimed")


@pytest.mark.parametrize(
    ("seconds", "why"), [(-61, "window_closed"), (-60, ""), (90, ""), (91, "window_closed")]
)
def test_a_step_counts_from_a_minute_before_it_to_a_minute_after(
    ada: Phone, screen: Code, seconds: int, why: str
) -> None:
    ada.at = NOON + timedelta(seconds=seconds)
    state, said = verdict(ada, scan(ada, screen, shown(screen, NOON)))
    assert (state, said) == (("rejected", why) if why else ("ok", "claimed"))


def test_a_replayed_code_does_not_count_and_a_back_dated_clock_does_not_help(
    ada: Phone, screen: Code
) -> None:
    ada.hello()
    ada.sync()  # an anchor says what time it is at least
    proof = shown(screen, ada.at)
    ada.wait(hours=1)
    ada.sync()
    ada.skew = timedelta(hours=-1)
    assert verdict(ada, scan(ada, screen, proof)) == ("rejected", "window_closed")


def test_a_code_shown_outside_the_session_does_not_count(ada: Phone, screen: Code) -> None:
    ada.wait(hours=4)
    assert verdict(ada, scan(ada, screen, shown(screen, ada.at))) == ("rejected", "window_closed")


def test_another_screens_code_is_wrong(ada: Phone, db: Session, museum: Museum, screen: Code) -> None:
    other = make_code(db, museum.code(0).point, level=3, at=NOON)
    db.commit()
    assert verdict(ada, scan(ada, screen, shown(other, ada.at))) == ("rejected", "wrong_code")


def test_what_is_read_aloud_counts_while_it_is_shown(ada: Phone, screen: Code) -> None:
    ada.hello()
    ada.sync()
    event = ada.type_in(typed_shown(screen, ada.at).lower())
    assert verdict(ada, event) == ("ok", "proven")
    assert ada.results[event]["effect"]["level"] == 3


def test_what_was_typed_offline_is_found_by_the_time_it_was_typed(ada: Phone, screen: Code) -> None:
    event = ada.type_in(typed_shown(screen, ada.at))
    ada.wait(hours=20)
    assert verdict(ada, event) == ("ok", "claimed")


@pytest.mark.parametrize(
    ("minutes", "why"), [(10, "window_closed"), (30, "unknown_code"), (-10, "unknown_code")]
)
def test_what_was_read_aloud_earlier_or_later_does_not_count(
    ada: Phone, screen: Code, minutes: int, why: str
) -> None:
    typed = typed_shown(screen, ada.at)
    ada.wait(minutes=minutes)
    assert verdict(ada, ada.type_in(typed)) == ("rejected", why)


def test_a_rotating_code_is_judged_only_by_what_was_shown(db: Session, screen: Code) -> None:
    at = milliseconds(NOON)
    use = Use(wall=at, anchor_at=at, received_at=at, max_offline=0, shown=shown(screen, NOON))
    assert judge(screen, use, used_by_person=0).state == "proven"
    for nothing in ("", "AAAAAAAA"):
        with pytest.raises(WrongCode):
            judge(screen, replace(use, shown=nothing), used_by_person=0)
    with pytest.raises(WindowClosed):
        judge(screen, replace(use, shown=shown(screen, NOON - timedelta(minutes=2))), used_by_person=0)
    assert find_by_typed(db, typed_shown(screen, NOON), use.at) is screen
