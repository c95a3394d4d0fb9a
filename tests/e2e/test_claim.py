"""A badge by a code alone, and a place at a session: one tap on the phone, also with no network."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.app import create_app
from server.badges.models import Achievement
from server.codes.making import make_claim_point, make_code
from server.codes.services import revoke, url_of
from server.config import Config
from server.core.db import utc_now, writing
from server.occurrences.models import Occurrence
from server.occurrences.rows import lock_reserved, tell_reserved
from server.occurrences.services import Plan, cancel, make
from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_screens import look
from tests.e2e.test_shared_tablet import add

AWARDS = "SELECT count(*) FROM awards WHERE code_id IS NOT NULL"


@contextmanager
def desk(city: RunningCity) -> Iterator[Session]:
    """Work on the running city's database as its desk does."""
    app = create_app(Config(instance=city.instance, base_url=city.base_url))
    with app.app_context(), writing() as session:
        yield session


@pytest.fixture
def claim_code(demo_city: RunningCity) -> Callable[..., tuple[str, str]]:
    """Make a badge that no activity leads to, and one of its codes: its address, and its typed form."""

    def make_one(*, cap_total: int | None = None, revoked: bool = False) -> tuple[str, str]:
        with desk(demo_city) as session:
            like = session.scalars(select(Achievement)).first()
            assert like
            badge = Achievement(
                organiser_id=like.organiser_id, name={"en": "Festival guest"}, description={"en": "Was there."},
                criteria={"en": "Came by."}, design=like.design, alignments=[], tags=[], created_at=utc_now(),
            )  # fmt: skip
            session.add(badge)
            session.flush()
            point = make_claim_point(session, badge.id, {"en": "At the gate"})
            code = make_code(session, point, level=1, at=utc_now(), cap_total=cap_total)
            if revoked:
                revoke(code, utc_now() - timedelta(hours=1))
            return url_of(code, demo_city.base_url), code.typed or ""

    return make_one


def test_a_badge_is_claimed_with_one_tap_offline_and_celebrated_when_it_is_sent(
    visitor: Page, demo_city: RunningCity, claim_code: Callable[..., tuple[str, str]]
) -> None:
    address, _ = claim_code()
    before = demo_city.ask(AWARDS)
    visitor.goto(address)
    button = visitor.get_by_role("button", name="Get this badge")
    expect(button).to_be_enabled()
    assert "#" not in visitor.url
    look(visitor)
    visitor.context.set_offline(True)
    button.click()
    expect(visitor.get_by_text("You asked for this badge")).to_be_visible()
    expect(visitor.locator(".claim-steps [aria-current]")).to_have_text("Saved on this device")
    look(visitor)
    visitor.context.set_offline(False)
    dialog = visitor.get_by_role("dialog")
    expect(dialog.get_by_text("Festival guest")).to_be_visible()
    assert demo_city.ask(AWARDS) == before + 1
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(visitor.get_by_text("This badge is yours")).to_be_visible()

    visitor.goto("about:blank")
    visitor.goto(address)
    expect(visitor.get_by_role("link", name="Show my badge")).to_be_visible()
    expect(button).to_have_count(0)


@pytest.mark.parametrize(
    ("how", "words"),
    [({"cap_total": 1}, "used as often as it may be"), ({"revoked": True}, "This code was withdrawn")],
)
def test_a_refused_claim_says_why(
    open_phone: Callable[..., Page],
    claim_code: Callable[..., tuple[str, str]],
    how: dict[str, int | bool],
    words: str,
) -> None:
    address, _ = claim_code(**how)
    if "cap_total" in how:
        first = open_phone()
        first.goto(address)
        first.get_by_role("button", name="Get this badge").click()
        expect(first.get_by_role("dialog")).to_be_visible()
    late = open_phone()
    late.goto(address)
    late.get_by_role("button", name="Get this badge").click()
    expect(late.get_by_text("This code does not give the badge")).to_be_visible()
    expect(late.get_by_text(words)).to_be_visible()
    look(late)


def test_a_typed_claim_code_asks_for_its_badge(
    visitor: Page, demo_city: RunningCity, claim_code: Callable[..., tuple[str, str]]
) -> None:
    _, typed = claim_code()
    visitor.goto(f"{demo_city.base_url}/en/scan")
    visitor.get_by_role("button", name="Type the code").click()
    visitor.get_by_label("The code under the QR, eight characters").fill(typed)
    visitor.get_by_role("button", name="Check in").click()
    expect(visitor.get_by_text("You asked for the badge Festival guest")).to_be_visible()
    expect(visitor.get_by_role("dialog").get_by_text("Festival guest")).to_be_visible()


def test_a_claim_code_that_a_camera_opens_offline_claims_nothing_false_and_gives_its_badge(
    visitor: Page, demo_city: RunningCity, visit: Visit, claim_code: Callable[..., tuple[str, str]]
) -> None:
    address, _ = claim_code()
    save(visitor, visit.playlist)
    expect(visitor.get_by_text("This app now opens with no network.")).to_be_hidden()
    visitor.context.set_offline(True)
    visitor.goto(address)
    expect(visitor.get_by_text(re.compile("^Scanned at"))).to_be_visible()
    expect(visitor.get_by_text("What this code is for shows when there is signal.")).to_be_visible()
    expect(visitor.get_by_text("You're here")).to_have_count(0)
    visitor.context.set_offline(False)
    expect(visitor.get_by_role("dialog").get_by_text("Festival guest")).to_be_visible()


@pytest.fixture
def sessions(demo_city: RunningCity) -> Iterator[list[str]]:
    """Three sessions of a stop, tomorrow and the days after: one place, no limit, five places. Over after the test."""
    with desk(demo_city) as session:
        ids = make_three(session, utc_now() + timedelta(days=1))
    yield ids
    with desk(demo_city) as session:
        over = {"starts_at": utc_now() - timedelta(days=9), "ends_at": utc_now() - timedelta(days=8)}
        session.execute(update(Occurrence).where(Occurrence.id.in_(ids)).values(over))


def make_three(session: Session, first: datetime) -> list[str]:
    activity = session.scalars(select(Activity).where(Activity.slug == "mill-wheel")).one()
    start = first.replace(minute=0, second=0, microsecond=0)
    plans = [
        Plan(start + timedelta(days=day), start + timedelta(days=day, hours=1), capacity, {})
        for day, capacity in ((0, 1), (1, None), (2, 5))
    ]
    return [make(session, activity, one, utc_now()).id for one in plans]


def reserve(page: Page, session: str, *, agree: bool = False) -> None:
    at = page.locator(f"#session-{session}")
    at.get_by_role("button", name="Reserve a place").click()
    expect(at.get_by_role("checkbox")).not_to_be_checked()
    if agree:
        at.get_by_role("checkbox").check()
    at.get_by_role("button", name="Reserve", exact=True).click()


def test_a_place_is_asked_for_offline_given_back_and_shown_in_my_learning(
    visitor: Page, demo_city: RunningCity, visit: Visit, sessions: list[str]
) -> None:
    add(visitor, demo_city, "Ada", "Fox")
    names = (
        "SELECT count(*) FROM reservations WHERE state = 'reserved' AND name = :name AND occurrence_id = :id"
    )
    visitor.goto(visit.activities["mill-wheel"]["url"])
    at = visitor.locator(f"#session-{sessions[1]}")
    expect(at.get_by_role("button", name="Reserve a place")).to_be_visible()
    visitor.context.set_offline(True)
    reserve(visitor, sessions[1])
    expect(at.get_by_text("Asked for a place, not yet sure")).to_be_visible()
    look(visitor)
    visitor.context.set_offline(False)
    expect(at.get_by_text("You have a place")).to_be_visible()
    assert demo_city.ask(names, name="", id=sessions[1]) == 1, "nameless unless she agreed"
    reserve(visitor, sessions[2], agree=True)
    expect(visitor.locator(f"#session-{sessions[2]}").get_by_text("You have a place")).to_be_visible()  # fmt: skip
    assert demo_city.ask(names, name="Ada", id=sessions[2]) == 1

    visitor.goto(f"{demo_city.base_url}/en/learning")
    coming = visitor.get_by_role("region", name="Coming")
    expect(coming.get_by_text("You have a place")).to_have_count(2)
    look(visitor)
    visitor.goto(visit.activities["mill-wheel"]["url"])
    at.get_by_role("button", name="Give the place back").click()
    expect(at.get_by_role("button", name="Reserve a place")).to_be_visible()
    visitor.goto(f"{demo_city.base_url}/en/learning")
    expect(coming.get_by_text("You have a place")).to_have_count(1)


def test_who_comes_too_late_is_told_what_else_there_is(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit, sessions: list[str]
) -> None:
    first, late = open_phone(), open_phone()
    for page in (first, late):
        page.goto(visit.activities["mill-wheel"]["url"])
        reserve(page, sessions[0])
        at = page.locator(f"#session-{sessions[0]}")
        expect(at.get_by_text("You have a place").or_(at.get_by_text("No place"))).to_be_visible()  # fmt: skip
    at = late.locator(f"#session-{sessions[0]}")
    expect(at.get_by_text("All places are taken.")).to_be_visible()
    expect(at.get_by_role("link")).not_to_have_count(0)
    look(late)


def test_a_cancelled_session_is_told_with_its_reason(
    visitor: Page, demo_city: RunningCity, visit: Visit, sessions: list[str]
) -> None:
    visitor.goto(visit.activities["mill-wheel"]["url"])
    reserve(visitor, sessions[2])
    at = visitor.locator(f"#session-{sessions[2]}")
    expect(at.get_by_text("You have a place")).to_be_visible()
    call_off(demo_city, sessions[2], "The miller is ill.")
    visitor.goto(f"{demo_city.base_url}/en/learning")
    coming = visitor.get_by_role("region", name="Coming")
    expect(coming.get_by_text("Cancelled by the organiser")).to_be_visible()
    expect(coming.get_by_text("The miller is ill.")).to_be_visible()
    look(visitor)


def call_off(city: RunningCity, occurrence: str, reason: str) -> None:
    with desk(city) as session:
        lock_reserved(session, occurrence)
        found = session.get_one(Occurrence, occurrence)
        cancel(session, found, reason, utc_now())
        tell_reserved(session, found, utc_now())
