"""Badges from elsewhere: kept with no network, checked once there is one, and never taken for one of ours."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.badges.making import badge
from tests.e2e.city import RunningCity
from tests.e2e.phone import SMALL
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_screens import look

FILE = {"name": "river.json", "mimeType": "application/json", "buffer": json.dumps(badge()).encode()}


@pytest.fixture
def learner(other_browser: Browser, visit: Visit) -> Iterator[Page]:
    """Somebody who has checked in once, so that this phone is known."""
    context = other_browser.new_context(viewport=SMALL, has_touch=True, locale="en")
    page = context.new_page()
    page.goto(visit.points["repair-cafe"]["url"])
    expect(page.get_by_text("You're here: checked in")).to_be_visible()
    expect(page.get_by_role("link", name="All sent")).to_be_visible()
    yield page
    context.close()


def test_a_badge_from_elsewhere_waits_for_the_network_and_is_marked(
    learner: Page, demo_city: RunningCity
) -> None:
    learner.goto(f"{demo_city.base_url}/en/badges")
    learner.get_by_role("link", name="Bring in a badge from elsewhere").click()
    expect(learner.get_by_label("Choose a badge file")).to_be_attached()
    learner.context.set_offline(True)
    learner.get_by_label("Choose a badge file").set_input_files(FILE)  # type: ignore[arg-type]
    expect(learner.get_by_text("It is checked as soon as there is a network.")).to_be_visible()
    look(learner)
    learner.context.set_offline(False)
    learner.goto(f"{demo_city.base_url}/en/badges")
    tile = learner.locator(".badge-tile", has_text="River explorer")
    expect(tile.get_by_text("Not issued here")).to_be_visible()
    expect(learner.get_by_text("River explorer")).to_have_count(1)
    look(learner)
    tile.click()
    kept = learner.locator(".badge-detail")
    expect(kept.get_by_role("heading", name="River explorer")).to_be_focused()
    expect(kept.get_by_text("Not issued here")).to_be_visible()
    expect(kept.locator(".check .state", has_text="could not be checked")).to_have_count(3)
    look(learner)
    kept.get_by_role("button", name="Check again").click()
    expect(kept.get_by_text("Checked again.")).to_be_visible()
    kept.get_by_role("button", name="Remove").click()
    kept.get_by_role("button", name="Really remove it?").click()
    expect(learner.get_by_text("Your first badge goes here.")).to_be_visible()
