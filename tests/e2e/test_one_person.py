"""Somebody has learned on two phones as two guests: they bring both together, see their phones, and lock one out."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_screens import look
from tests.e2e.test_shared_tablet import PIN, add, arrive
from tests.e2e.test_two_phones import invite


def shoot(page: Page, name: str) -> None:
    """Keep a picture of a screen where somebody wants to look at it."""
    if folder := os.environ.get("SCREENS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def done_at(page: Page, visit: Visit, slug: str) -> None:
    page.goto(visit.activities[slug]["url"])
    expect(page.locator(".task.is-done")).to_have_count(1)


def test_two_guests_who_are_one_come_together_and_one_phone_is_locked_out(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit
) -> None:
    check_ins = "SELECT count(*) FROM check_ins"
    before = demo_city.ask(check_ins)
    first, second = (open_phone(reduced_motion="reduce") for _ in range(2))
    arrive(first, visit, "flood-pole")
    arrive(first, visit, "pump-room")
    save(second, visit.playlist)
    add(second, demo_city, "Sam", "Fox", PIN)
    arrive(second, visit, "pump-room")
    expect(second.get_by_role("link", name="All sent")).to_be_visible()
    second.context.set_offline(True)
    arrive(second, visit, "mill-wheel")
    other_tab = second.context.new_page()
    other_tab.goto(f"{demo_city.base_url}/en/learning")

    address = invite(first, demo_city)
    expect(first.get_by_text("Ready: scan it with your other phone.")).to_be_visible()
    second.goto(address)
    expect(second.get_by_text("Somebody has learned on this phone before")).to_be_visible()
    look(second)
    shoot(second, "1-who")
    second.get_by_role("button", name="Sam: that was me").click()
    expect(second.get_by_text("1 thing that is not sent yet")).to_be_visible()
    look(second)
    shoot(second, "2-what")
    second.get_by_role("button", name="Bring together").click()
    shoot(second, "3-sure")
    second.get_by_label("PIN of Sam").fill("1111")
    second.get_by_role("button", name="Yes, that is me: bring together").click()
    expect(second.get_by_text("That is not the PIN.")).to_be_visible()
    look(second)
    second.get_by_label("PIN of Sam").fill(PIN)
    second.get_by_role("button", name="Yes, that is me: bring together").click()
    expect(second.get_by_text("Almost there")).to_be_visible()
    shoot(second, "4-waiting")
    second.context.set_offline(False)
    expect(second.get_by_text("Both are one now")).to_be_visible()
    shoot(second, "5-together")
    expect(other_tab.get_by_role("link", name="All sent")).to_be_visible()
    assert demo_city.ask(check_ins) == before + 3  # of four: one was done on both
    for slug in ("flood-pole", "pump-room", "mill-wheel"):
        done_at(second, visit, slug)
    first.reload()
    for slug in ("flood-pole", "pump-room", "mill-wheel"):
        done_at(first, visit, slug)

    first.goto(f"{demo_city.base_url}/en/phones")
    expect(first.locator(".phone-list > li")).to_have_count(2)
    other = first.locator(".phone-list > li").nth(1)
    other.get_by_role("button", name="Rename").click()
    other.get_by_label("Name").fill("The old phone")
    look(first)
    shoot(first, "6-rename")
    other.get_by_role("button", name="Keep").click()
    first.get_by_role("button", name="Use another phone too").click()
    first.get_by_role("button", name="Show the code").click()
    expect(first.get_by_text("Ready: scan it with your other phone.")).to_be_visible()
    look(first)
    first.get_by_role("button", name="Done").click()
    expect(first.get_by_role("button", name="Use another phone too")).to_be_focused()
    expect(other.get_by_role("heading", name="The old phone")).to_be_visible()
    second.context.set_offline(True)
    arrive(second, visit, "salt-cellar")
    other.get_by_role("button", name="Lock out").click()
    expect(other.get_by_text("for good. What it has sent stays yours")).to_be_visible()
    look(first)
    shoot(first, "7-lock")
    other.get_by_role("button", name="Lock it out for good").click()
    expect(other.get_by_text("Locked out on")).to_be_visible()
    expect(other.get_by_text("Said here")).to_be_hidden()  # the city knows
    shoot(first, "8-locked")
    second.context.set_offline(False)
    second.goto(f"{demo_city.base_url}/en/phones")
    expect(second.get_by_text("This phone is locked out")).to_be_visible()
    look(second)
    expect(second.get_by_role("button", name="Lock out")).to_have_count(0)
    second.get_by_role("button", name="Put what was not sent into a file").click()
    expect(second.get_by_role("link", name="Save it")).to_be_visible()
    shoot(second, "9-locked-out")
    assert demo_city.ask(check_ins) == before + 3
