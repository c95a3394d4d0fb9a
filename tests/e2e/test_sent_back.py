"""An organiser asks for more: the learner hears of it at once, and until they have done it. Every screen of it can be used by everyone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_screens import look
from tests.e2e.test_stop import card

STOP, NOTE = "river-clean-up", "One more, please, from close by."


def desk(page: Page, city: RunningCity) -> None:
    """Sign in where the river club's work waits."""
    page.goto(city.sign_in_link("river-club"))
    expect(page.get_by_role("heading", name="Hello,")).to_be_visible()


def hand_in(page: Page, visit: Visit) -> None:
    photo = card(page, visit, STOP, "photo")
    photo.get_by_label("Choose pictures").set_input_files(visit.photo)
    expect(photo.get_by_alt_text("Your photo 1")).to_be_visible()
    photo.get_by_role("button", name="Hand in").click()
    expect(photo.get_by_text("The organiser looks at it.")).to_be_visible()


def test_work_that_was_sent_back_needs_its_learner_until_it_is_handed_in_again(
    visitor: Page, open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit
) -> None:
    visitor.goto(visit.activities[STOP]["url"])
    hand_in(visitor, visit)
    look(visitor)

    ines = open_phone()
    desk(ines, demo_city)
    look(ines)
    ines.get_by_role("link", name="Waiting for you").click()
    ines.get_by_label("A note to the learner").first.fill(NOTE)
    look(ines)
    ines.get_by_role("button", name="Ask for more").first.click()
    expect(ines.get_by_text("1 decided.")).to_be_visible()
    for path in ("/desk/health", f"/desk/activities/{STOP}/checks", "/desk/playlists/river-keeper/rule"):
        ines.goto(demo_city.base_url + path)
        look(ines)

    visitor.goto(f"{demo_city.base_url}/en/learning")
    entry = visitor.locator(".entry", has_text=NOTE)
    expect(entry).to_be_visible()
    expect(visitor.get_by_role("heading", name="1 needs you")).to_be_visible()
    expect(visitor.locator(".status-chip")).to_contain_text("1 needs you")
    look(visitor)

    entry.get_by_role("link", name="Go to the stop").click()
    look(visitor)
    visit.photo.write_bytes(visit.photo.read_bytes() + b" ")
    hand_in(visitor, visit)
    visitor.goto(f"{demo_city.base_url}/en/learning")
    expect(visitor.locator(".entry").filter(has_text="1 photo handed in")).to_have_count(1)
    expect(visitor.locator(".status-chip")).not_to_contain_text("need")
