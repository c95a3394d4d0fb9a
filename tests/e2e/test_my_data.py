"""A learner reads what is stored, takes a copy, and erases it: on one phone, and the other one empties itself of them."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_screens import look
from tests.e2e.test_shared_tablet import add, arrive, people, switch
from tests.e2e.test_two_phones import invite, join

ERASED = "Everything was erased"


def my_data(page: Page, city: RunningCity) -> None:
    page.goto(f"{city.base_url}/en/my-data")
    expect(page.get_by_role("heading", name="On the server")).to_be_visible()


def fact(page: Page, what: str) -> str:
    return page.locator(".data-facts > div").filter(has_text=what).locator("dd").inner_text()


def test_who_erases_on_one_phone_is_gone_from_all_of_them_and_others_stay(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit, tmp_path: Path
) -> None:
    erasures = "SELECT count(*) FROM erasures"
    before = demo_city.ask(erasures)
    first, second = (open_phone(reduced_motion="reduce", accept_downloads=True) for _ in range(2))
    arrive(first, visit, "flood-pole")
    address = invite(first, demo_city)
    expect(first.get_by_text("Ready: scan it with your other phone.")).to_be_visible()
    join(second, address)
    expect(second.get_by_text("Both phones are yours now")).to_be_visible()
    add(second, demo_city, "Ada", "Fox")
    add(second, demo_city, "Ben", "Boat")
    save(second, visit.playlist)
    switch(second, demo_city, "Ada")
    second.context.set_offline(True)
    arrive(second, visit, "mill-wheel")

    first.wait_for_function("async () => Boolean(await caches.match('/en/privacy'))")
    my_data(first, demo_city)
    expect(first.get_by_text("Known since")).to_be_visible()
    assert (fact(first, "Check-ins"), fact(first, "Phones and browsers")) == ("1", "2")
    look(first)
    first.get_by_role("button", name="Make a copy").click()
    with first.expect_download() as copy:
        first.get_by_role("button", name="Download").click()
    copy.value.save_as(tmp_path / "copy.zip")
    assert "index.html" in zipfile.ZipFile(tmp_path / "copy.zip").namelist()

    other_tab = first.context.new_page()
    other_tab.goto(f"{demo_city.base_url}/en/learning")
    expect(other_tab.locator(".entry")).to_have_count(1)
    first.context.set_offline(True)
    first.get_by_role("link", name="What this city keeps, why, and for how long").click()
    first.get_by_role("link", name="See, copy or erase my data").click()
    first.get_by_text("Erase everything about me").click()
    look(first)
    first.get_by_role("button", name="Erase everything").click()
    expect(first.get_by_text("Please type the word “erase”.")).to_be_visible()
    first.get_by_label("Type “erase” to go on").fill("Erase")
    first.get_by_role("button", name="Erase everything").click()
    expect(first.get_by_text("Everything is erased as soon as there is a network")).to_be_visible()
    expect(other_tab.locator(".entry")).to_have_count(1)
    first.context.set_offline(False)
    for tab in (first, other_tab):
        expect(tab.get_by_text(ERASED)).to_be_visible()
    expect(other_tab.locator(".entry")).to_have_count(0)

    second.context.set_offline(False)
    second.goto(f"{demo_city.base_url}/en/learning")
    expect(second.get_by_text("Everything of Ada was erased")).to_be_visible()
    expect(second.get_by_text("1 thing that was done here had not been sent yet.")).to_be_visible()
    look(second)
    expect(people(second, demo_city)).to_have_text(["Ben"])
    assert demo_city.ask(erasures) == before + 1
