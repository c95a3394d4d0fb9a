"""A full phone: there is room in reserve for what a person does, and when even that is gone they are told so."""

from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.faults.browser import all_sent, all_there_once, on_phone, type_code, wait_for

MEGABYTE = 1_000_000


class Room:
    """How much this browser gives the city's pages."""

    def __init__(self, page: Page, city: RunningCity) -> None:
        self._page, self._origin = page, city.base_url
        self._browser: CDPSession = page.context.new_cdp_session(page)

    def leave(self, bytes: int) -> None:
        used = int(self._page.evaluate("navigator.storage.estimate().then(({ usage }) => usage)"))
        self._browser.send(
            "Storage.overrideQuotaForOrigin", {"origin": self._origin, "quotaSize": max(1, used + bytes)}
        )

    def end(self) -> None:
        self._browser.send("Storage.overrideQuotaForOrigin", {"origin": self._origin})


def test_a_full_phone_takes_what_one_does_and_says_when_it_cannot(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    type_code(visitor, demo_city, visit.points["river-terrace"]["typed"])
    wait_for(visitor, lambda: bool(on_phone(visitor).ballast))
    all_sent(visitor, demo_city)
    visitor.goto(visit.activities["river-terrace"]["url"])
    room = Room(visitor, demo_city)
    words = visitor.locator(".task").get_by_role("textbox")
    words.fill("Ballast makes room for this.")

    # Not a byte left: the reserve is given up, and the answer is saved.
    room.leave(-1000)
    visitor.get_by_role("button", name="Hand in").click()
    expect(visitor.get_by_text("Handed in")).to_be_visible()
    assert on_phone(visitor).ballast == 0
    room.end()
    all_sent(visitor, demo_city)
    all_there_once(visitor, demo_city, check_ins=1, answers=1)

    # Really full: nothing can be kept, and that is said; the words stay where they are.
    visitor.goto(visit.activities["printing-press"]["url"])
    before = on_phone(visitor)
    words = visitor.locator(".task").get_by_role("textbox")
    words.fill("E")
    room.leave(-10_000 * MEGABYTE)
    visitor.locator(".task").get_by_role("button", name="Check my answer").click()
    expect(visitor.get_by_text("Not saved:")).to_be_visible()
    expect(words).to_have_value("E")
    assert on_phone(visitor) == before
    room.end()
    visitor.locator(".task").get_by_role("button", name="Check my answer").click()
    expect(visitor.get_by_text("Not saved:")).to_have_count(0)
    all_sent(visitor, demo_city)
    all_there_once(visitor, demo_city, check_ins=1, answers=2)
