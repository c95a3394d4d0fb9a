"""With no network, after the browser was killed: every kept address opens, and what was done on each way is sent."""

from playwright.sync_api import expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.faults.browser import all_sent, all_there_once, learning


def test_after_a_kill_every_kept_address_opens_and_reloads_with_no_network(
    phone: Phone, demo_city: RunningCity, visit: Visit
) -> None:
    page = phone.switch_on()
    save(page, visit.playlist)
    learning(page, demo_city)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="My learning", level=1)).to_be_visible()
    phone.kill()

    # The first thing that is opened is a stop deep in the playlist; then a printed code; then the own pages.
    page = phone.switch_on(offline=True)
    page.goto(visit.activities["river-terrace"]["url"])
    expect(page.get_by_role("heading", name="What convinced you?")).to_be_visible()
    page.goto(visit.points["mill-wheel"]["url"])
    expect(page.get_by_text("You're here: checked in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Twelve paddles and a clack")).to_be_visible()
    for name, title in (
        ("learning", "My learning"),
        ("badges", "My badges"),
        ("people", "Who is learning?"),
        ("scan", "Scan"),
    ):
        page.goto(f"{demo_city.base_url}/en/{name}")
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    phone.kill()

    page = phone.switch_on()
    all_sent(page, demo_city)
    all_there_once(page, demo_city, check_ins=1)
