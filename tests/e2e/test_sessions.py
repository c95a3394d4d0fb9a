"""An organiser with only a phone makes a session, from a title alone, and calls it off again; the public reads of it."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_screens import look


def desk(page: Page, city: RunningCity) -> None:
    page.goto(city.sign_in_link("library"))
    expect(page.get_by_role("heading", name="Hello,")).to_be_visible()


def running(city: RunningCity) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in city.facts["sessions"] if one["runs"])
    return found


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_from_a_title_to_a_session_and_back(visitor: Page, demo_city: RunningCity) -> None:
    visitor.set_viewport_size({"width": 360, "height": 740})
    visitor.goto(running(demo_city)["codes"][0]["url"])
    expect(visitor.locator(".session-here")).to_be_visible()
    expect(visitor.get_by_text("You're here")).to_be_visible()
    look(visitor)
    desk(visitor, demo_city)
    visitor.get_by_role("link", name=running(demo_city)["title"]["en"]).first.click()
    expect(visitor.get_by_text("Scanned the code")).to_be_visible()
    look(visitor)
    visitor.get_by_role("link", name="Desk").first.click()
    visitor.get_by_role("link", name="New session").click()
    look(visitor)
    visitor.get_by_role("link", name="New activity").click()
    press(visitor, "Next: when?")
    expect(visitor.get_by_role("alert")).to_contain_text("One thing is not right yet")
    look(visitor)
    visitor.get_by_label("Title").fill("Knitting for beginners")
    press(visitor, "Next: when?")
    visitor.get_by_label("Places").fill("a few")
    press(visitor, "Make the session")
    expect(visitor.get_by_label("Places")).to_have_value("a few")
    look(visitor)
    visitor.get_by_label("Places").fill("10")
    press(visitor, "Make the session")
    expect(visitor.get_by_text("The session is there. What next?")).to_be_visible()
    visitor.get_by_text("Share", exact=True).first.click()
    expect(visitor.get_by_label("Address")).to_have_value(f"{demo_city.base_url}/en/activities/knitting-for-beginners#session-{visitor.url.split('/')[-1].split('?')[0]}")  # fmt: skip
    look(visitor)
    visitor.get_by_role("link", name="Change time, place or capacity").click()
    look(visitor)
    visitor.go_back()
    visitor.get_by_text("Cancel the session").first.click()
    visitor.get_by_label("Why? People read it.").fill("No yarn.")
    press(visitor, "Cancel the session")
    expect(visitor.get_by_text("This session is cancelled.")).to_be_visible()
    look(visitor)
    press(visitor, "Undo: it takes place")
    expect(visitor.get_by_text("It takes place after all.")).to_be_visible()
    visitor.get_by_role("link", name="Sessions").click()
    look(visitor)


def test_the_public_reads_of_sessions(visitor: Page, demo_city: RunningCity) -> None:
    sessions = demo_city.facts["sessions"]
    for one in (running(demo_city), next(one for one in sessions if one["cancelled"])):
        visitor.goto(one["url"])
        expect(visitor.locator(f"#session-{one['id']}")).to_be_in_viewport()
        look(visitor)
