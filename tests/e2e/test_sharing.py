"""A learner arranges badges, says more of one, and gives a link away, all offline; others read it until it ends."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from server.badges.models import Achievement
from server.codes.making import make_claim_point, make_code
from server.codes.services import url_of
from server.core.db import utc_now
from tests.e2e.city import RunningCity
from tests.e2e.phone import SMALL
from tests.e2e.test_badge import STOPS
from tests.e2e.test_claim import desk
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_screens import look


@pytest.fixture(scope="module")
def earner(other_browser: Browser, visit: Visit, demo_city: RunningCity) -> Iterator[Page]:
    """Somebody with two badges: one for work that was handed in, one by a code."""
    context = other_browser.new_context(viewport=SMALL, has_touch=True, locale="en", reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.add_init_script("delete Navigator.prototype.share")
    for slug in STOPS:
        page.goto(visit.points[slug]["url"])
        expect(page.get_by_text("You're here: checked in")).to_be_visible()
        visit.do_tasks(page, slug)
    close(page)
    page.goto(claim_address(demo_city))
    page.get_by_role("button", name="Get this badge").click()
    close(page)
    yield page
    context.close()


def close(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("You earned a badge")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def claim_address(city: RunningCity) -> str:
    with desk(city) as session:
        like = session.scalars(select(Achievement)).first()
        assert like
        badge = Achievement(
            organiser_id=like.organiser_id, name={"en": "Night owl"}, description={"en": "Was there at night."},
            criteria={"en": "Came by."}, design=like.design, alignments=[], tags=[], created_at=utc_now(),
        )  # fmt: skip
        session.add(badge)
        session.flush()
        point = make_claim_point(session, badge.id, {"en": "At the gate"})
        return url_of(make_code(session, point, level=1, at=utc_now()), city.base_url)


@pytest.fixture
def offline(earner: Page, demo_city: RunningCity) -> Iterator[Page]:
    """My badges, with everything loaded and the network gone."""
    earner.goto(f"{demo_city.base_url}/en/badges")
    expect(earner.locator(".badge-tile")).to_have_count(2)
    earner.wait_for_load_state("networkidle")
    earner.context.set_offline(True)
    yield earner
    earner.context.set_offline(False)


def sent(page: Page) -> None:
    """Have a network again, and wait until the link has been sent, and all that came before it."""
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_text("Opened 0 times")).to_be_visible()
    expect(page.get_by_text("It works once it is sent.")).to_have_count(0)


def all_sent(page: Page) -> None:
    """Have a network again, and wait until nothing waits to be sent."""
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(".badge-detail")).to_be_visible()
    expect(page.get_by_role("link", name="All sent")).to_be_visible()
    page.wait_for_load_state("networkidle")


COUNT_TAPS = (
    "window.taps = 0; addEventListener('click', (event) => { window.taps += event.isTrusted; }, true)"
)


def test_a_badge_is_shared_in_three_taps_at_most(offline: Page) -> None:
    offline.evaluate(COUNT_TAPS)
    offline.locator(".badge-tile", has_text="Night owl").click()
    offline.get_by_role("button", name="Share").click()
    expect(offline.get_by_text("The link is copied.")).to_be_visible()
    assert "/credentials/" in offline.evaluate("navigator.clipboard.readText()")
    assert offline.evaluate("taps") <= 3
    offline.goto(offline.url.partition("#")[0])


def tile(page: Page, place: int) -> Locator:
    return page.locator(".badge-tile .card-title").nth(place)


def test_badges_are_ordered_put_away_and_collected_with_no_network(offline: Page) -> None:
    expect(tile(offline, 0)).to_have_text("Night owl")
    offline.get_by_role("link", name="Order, pin, put away").click()
    down = offline.get_by_role("button", name="Move Night owl down")
    expect(down).to_be_visible()
    look(offline)
    down.press("Enter")
    expect(offline.get_by_text("Night owl is now number 2.")).to_be_visible()
    offline.get_by_role("link", name="All my badges").click()
    expect(tile(offline, 1)).to_have_text("Night owl")

    offline.get_by_role("link", name="Collections").click()
    offline.get_by_label("Name of a new collection").fill("Applications")
    offline.get_by_role("button", name="Make it").click()
    offline.get_by_label("Night owl").check()
    expect(offline.get_by_text("Saved on this phone.")).to_be_visible()
    look(offline)
    offline.get_by_role("link", name="All collections").click()
    offline.get_by_role("button", name="Remove Applications").click()
    offline.get_by_role("button", name="Undo").click()
    expect(offline.get_by_role("link", name="Applications")).to_be_visible()
    offline.get_by_role("link", name="All my badges").click()
    offline.get_by_label("Show").select_option(label="Applications")
    expect(offline.locator(".badge-tile")).to_have_count(1)


def test_a_link_made_offline_shows_an_employer_the_badge_until_it_is_ended(
    offline: Page, open_phone: Callable[..., Page]
) -> None:
    offline.locator(".badge-tile", has_not_text="Night owl").click()
    words = offline.get_by_role("textbox", name="What I say about it today")
    words.fill("I would do it again.")
    offline.get_by_role("button", name="Keep my words").click()
    expect(offline.get_by_text("Saved on this phone. It holds for others once it is sent.")).to_be_visible()
    offline.get_by_role("button", name="Make a link").click()
    offline.get_by_role("textbox", name="For whom? Only you see this.").fill("The workshop")
    for piece in offline.locator(".link-form input[type=checkbox]").all():
        piece.check()
    look(offline)
    offline.get_by_role("button", name="Make the link").click()
    expect(offline.get_by_text("It works once it is sent.")).to_be_visible()
    offline.get_by_role("button", name="Show as QR code").click()
    address = offline.locator(".link-list [data-address]").get_attribute("data-address") or ""
    look(offline)

    sent(offline)
    employer = open_phone()
    employer.goto(address)
    expect(employer.get_by_text("Genuine, and it still holds")).to_be_visible()
    expect(employer.get_by_role("heading", name="Who says what")).to_be_visible()
    expect(employer.get_by_role("heading", name="How surely")).to_be_visible()
    expect(employer.get_by_text("I would do it again.")).to_be_visible()
    expect(employer.get_by_role("heading", name="Work that was handed in")).to_be_visible()
    look(employer)

    offline.reload()
    expect(offline.get_by_text(re.compile("Opened 1 time"))).to_be_visible()
    offline.get_by_role("button", name="End this link").click()
    expect(offline.get_by_text(re.compile("Ended on"))).to_be_visible()
    expect(offline.get_by_role("link", name="All sent")).to_be_visible()
    offline.wait_for_load_state("networkidle")
    answer = employer.reload()
    assert answer and answer.status == 410
    expect(employer.get_by_role("heading", name="This link has ended")).to_be_visible()
    look(employer)


def test_a_portfolio_shows_what_its_learner_chose(
    earner: Page, demo_city: RunningCity, open_phone: Callable[..., Page]
) -> None:
    earner.goto(f"{demo_city.base_url}/en/badges#portfolio")
    earner.get_by_label("Whoever has its address").check()
    earner.get_by_label("Name, as others read it").fill("Ada Byron")
    earner.get_by_label("What I am or look for").fill("Looking for a placement")
    look(earner)
    earner.get_by_role("button", name="Keep it").click()
    way = earner.get_by_role("link", name="See it as others do")
    expect(way).to_be_visible()
    visitor = open_phone()
    visitor.goto(f"{demo_city.base_url}{way.get_attribute('href')}")
    expect(visitor.get_by_role("heading", name="Badges of Ada Byron")).to_be_visible()
    expect(visitor.get_by_role("link", name="Night owl")).to_be_visible()
    visitor.get_by_text("The same as a table").click()
    look(visitor)


def test_an_invited_person_says_something_and_the_learner_shows_it(
    offline: Page, open_phone: Callable[..., Page]
) -> None:
    offline.locator(".badge-tile", has_text="Night owl").click()
    offline.locator("summary", has_text="Ask somebody").click()
    offline.get_by_label("For whom? Only you see this.").fill("My trainer")
    offline.get_by_role("button", name="Make the link").click()
    address = offline.get_by_label("The link", exact=True).input_value()
    look(offline)
    offline.context.set_offline(False)
    expect(offline.get_by_text("Asked. The link works until")).to_be_visible()
    all_sent(offline)

    trainer = open_phone()
    trainer.goto(address)
    trainer.get_by_role("button", name="Sign and send it").click()
    expect(trainer.get_by_role("alert")).to_contain_text("Please write your name.")
    look(trainer)
    trainer.get_by_label("Your words").fill("She found every animal, in the dark.")
    trainer.get_by_label("Your name").fill("Jo Baker")
    trainer.get_by_role("button", name="Sign and send it").click()
    expect(trainer.get_by_role("heading", name="Thank you")).to_be_visible()

    offline.reload()
    show = offline.get_by_role("button", name="Show it", exact=True)
    expect(show).to_be_visible()
    look(offline)
    show.click()
    expect(offline.get_by_text("Shown to all who see this badge.")).to_be_visible()
    all_sent(offline)
    page = offline.get_by_role("link", name="Its page, where anyone can check it").get_attribute("href")
    trainer.goto(f"{address.partition('/endorse')[0]}{page}")
    expect(trainer.get_by_text("She found every animal, in the dark.")).to_be_visible()
    trainer.get_by_role("link", name="Check this endorsement").click()
    expect(trainer.get_by_text("Genuine, and it still holds")).to_be_visible()
    look(trainer)


def test_a_badge_erased_offline_is_gone_here_at_once_and_everywhere_once_it_is_sent(
    offline: Page, demo_city: RunningCity, open_phone: Callable[..., Page]
) -> None:
    offline.locator(".badge-tile", has_text="Night owl").click()
    page = offline.get_by_role("link", name="Its page, where anyone can check it").get_attribute("href")
    offline.locator("summary", has_text="Erase this badge for good").click()
    look(offline)
    offline.get_by_role("button", name="Erase “Night owl”").click()
    expect(offline.get_by_text("“Night owl” is erased on this phone.")).to_be_focused()
    expect(offline.locator(".badge-tile")).to_have_count(1)
    look(offline)
    offline.context.set_offline(False)
    offline.reload()
    expect(offline.get_by_role("link", name="All sent")).to_be_visible()
    offline.wait_for_load_state("networkidle")
    expect(offline.locator(".badge-tile")).to_have_count(1)
    visitor = open_phone()
    answer = visitor.goto(f"{demo_city.base_url}{page}")
    assert answer and answer.status == 410
    expect(visitor.get_by_text("This badge was erased")).to_be_visible()
