"""A full phone: there is room in reserve for what a person does, and when even that is gone they are told so."""

from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import IN_HAND, Visit
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
    phone: Phone, demo_city: RunningCity, visit: Visit
) -> None:
    page = phone.switch_on()
    type_code(page, demo_city, visit.points["river-terrace"]["typed"])
    wait_for(page, lambda: bool(on_phone(page).ballast))
    all_sent(page, demo_city)
    phone.switch_off()

    # Not a byte left (a browser that was just started has counted nothing yet): the reserve is given up.
    page = phone.switch_on()
    page.goto(f"{demo_city.base_url}/robots.txt")
    room = Room(page, demo_city)
    room.leave(-1000)
    page.goto(visit.activities["river-terrace"]["url"])
    words = page.locator(".task").get_by_role("textbox")
    words.fill("Ballast makes room for this.")
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Handed in")).to_be_visible()
    assert on_phone(page).ballast == 0
    room.end()
    all_sent(page, demo_city)
    all_there_once(page, demo_city, check_ins=1, answers=1)
    phone.switch_off()

    # Really full: nothing can be kept, and that is said; the words stay where they are.
    page = phone.switch_on()
    page.goto(f"{demo_city.base_url}/robots.txt")
    before = on_phone(page)
    room = Room(page, demo_city)
    room.leave(-10_000 * MEGABYTE)
    page.goto(visit.activities["printing-press"]["url"])
    words = page.locator(".task").get_by_role("textbox")
    words.fill("vela nova")
    give = page.locator(".task").get_by_role("button", name="Check my answer")
    give.click()
    expect(page.get_by_text("Not saved:")).to_be_visible()
    expect(words).to_have_value("vela nova")
    assert (on_phone(page).seq, on_phone(page).states) == (before.seq, before.states)
    room.end()
    give.click()
    expect(page.locator(".task").get_by_text(IN_HAND).first).to_be_visible()
    all_sent(page, demo_city)
    all_there_once(page, demo_city, check_ins=1, answers=2)
