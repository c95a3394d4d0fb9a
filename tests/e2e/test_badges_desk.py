"""An organiser with a phone makes a badge of what people do: reads the draft, publishes, and changes it later."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_screens import look
from tests.e2e.test_sessions import desk, press

ADVERTISED = "See the tiles of the reading room"


@pytest.mark.parametrize("own_city", ["sqlite"], indirect=True)
def test_from_a_draft_to_a_second_version(visitor: Page, own_city: RunningCity) -> None:
    """In a city of its own: what is published here would be earned by others."""
    own_city.facts = own_city.demo()
    own_city.start()
    visitor.set_viewport_size({"width": 360, "height": 740})
    desk(visitor, own_city)
    visitor.get_by_role("link", name="Badges What they say").click()
    look(visitor)
    visitor.get_by_role("button", name="Draft a badge for").first.click()
    expect(visitor.get_by_text("Draft of version 1")).to_be_visible()
    look(visitor)

    visitor.get_by_role("link", name="Edit", exact=True).click()
    picture = visitor.get_by_role("img", name="How the badge looks now")
    before = picture.get_attribute("src")
    visitor.get_by_label("Flower").check(force=True)
    visitor.get_by_label("Words on the ribbon (English)").fill("First")
    expect(picture).not_to_have_attribute("src", before or "")
    expect(visitor.get_by_text("hard to see on this colour")).to_be_hidden()
    visitor.get_by_label("Colour", exact=True).fill("#f5f0e0")
    expect(visitor.get_by_text("hard to see on this colour")).to_be_visible()
    visitor.get_by_label("Colour", exact=True).fill("#14506b")
    visitor.get_by_label("Nederlands", exact=True).check(force=True)
    expect(visitor.get_by_label("Name (English)")).to_be_hidden()
    visitor.get_by_label("Name (Nederlands)").fill("Lezer van de stad")
    visitor.get_by_label("Holds for how many months").fill("soon")
    press(visitor, "Save the draft")
    expect(visitor.get_by_role("alert").first).to_contain_text("Nothing was saved yet")
    expect(visitor.get_by_label("Name (Nederlands)")).to_have_value("Lezer van de stad")
    look(visitor)
    visitor.get_by_label("Holds for how many months").fill("24")
    press(visitor, "Save the draft")
    expect(visitor.get_by_text("for 24 months")).to_be_visible()
    press(visitor, "Publish")
    expect(visitor.get_by_text("Given now, version 1")).to_be_visible()

    visitor.get_by_role("link", name="Edit as a new version").click()
    visitor.get_by_label("Skill level").select_option("advanced")
    press(visitor, "Save the draft")
    expect(visitor.get_by_text("Whoever holds version 1 keeps it as it is.")).to_be_visible()
    press(visitor, "Publish")
    expect(visitor.get_by_text("Changed: Skill level")).to_be_visible()
    look(visitor)
    visitor.get_by_role("link", name="Its public page").click()
    expect(visitor.get_by_text("Advanced")).to_be_visible()
    look(visitor)
