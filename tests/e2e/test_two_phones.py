"""One learner, two phones: the second joins by a code on the first, and both see one truth."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
import qrcode
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_shared_tablet import arrive, people

STOPS = ("repair-cafe", "poster-workshop", "code-club")


@pytest.fixture
def first(open_phone: Callable[..., Page], visit: Visit) -> Page:
    """Somebody's phone, on which they have begun."""
    page = open_phone(reduced_motion="reduce")
    arrive(page, visit, "flood-pole")
    return page


def invite(page: Page, city: RunningCity) -> str:
    """Show the code for another phone; return the address in it."""
    people(page, city)
    page.get_by_role("button", name="Use another phone too").click()
    page.get_by_role("button", name="Show the code").click()
    return page.locator("svg.phone-code").get_attribute("data-address") or ""


def join(page: Page, address: str) -> None:
    page.goto(address)
    expect(page).to_have_url(address.partition("#")[0])  # the secret has left the address
    page.get_by_role("button", name="Yes, use this phone too").click()


@pytest.fixture
def second(first: Page, open_phone: Callable[..., Page], demo_city: RunningCity) -> Page:
    page = open_phone(reduced_motion="reduce")
    address = invite(first, demo_city)
    expect(first.get_by_text("Ready: scan it with your other phone.")).to_be_visible()
    join(page, address)
    expect(page.get_by_text("Both phones are yours now")).to_be_visible()
    return page


@pytest.mark.parametrize("order", list(itertools.permutations((0, 1))), ids=("first", "second"))
def test_the_same_stop_scanned_on_both_offline_is_one_truth_whoever_sends_first(
    first: Page, second: Page, demo_city: RunningCity, visit: Visit, order: tuple[int, int]
) -> None:
    check_ins = demo_city.ask("SELECT count(*) FROM check_ins")
    phones = (first, second)
    for phone in phones:
        save(phone, visit.playlist)
        phone.context.set_offline(True)
        arrive(phone, visit, "mill-wheel")
    for place in order:
        phones[place].context.set_offline(False)
        phones[place].goto(f"{demo_city.base_url}/en/learning")
        expect(phones[place].get_by_role("link", name="All sent")).to_be_visible()
    assert demo_city.ask("SELECT count(*) FROM check_ins") == check_ins + 1
    for phone in phones:
        phone.goto(visit.activities["mill-wheel"]["url"])
        expect(phone.locator(".task.is-done")).to_have_count(1)
        phone.goto(visit.activities["flood-pole"]["url"])
        expect(phone.locator(".task.is-done")).to_have_count(1)


def test_a_badge_earned_on_both_together_appears_on_both(
    first: Page, second: Page, demo_city: RunningCity, visit: Visit
) -> None:
    for phone, slug in zip(itertools.cycle((first, second)), STOPS, strict=False):
        arrive(phone, visit, slug)
        visit.do_tasks(phone, slug)
        expect(phone.get_by_role("link", name="All sent")).to_be_visible()
    for phone in (first, second):
        phone.goto(f"{demo_city.base_url}/en/badges")
        expect(phone.get_by_role("dialog").get_by_text("You earned a badge")).to_be_visible()


def test_a_code_scanned_while_its_page_is_open_is_read(
    first: Page, open_phone: Callable[..., Page], demo_city: RunningCity
) -> None:
    page = open_phone()
    people(page, demo_city)
    page.get_by_role("link", name="Do you learn on another phone already?").click()
    expect(page.get_by_role("main").get_by_role("link", name="Scan the code")).to_be_visible()
    page.goto(invite(first, demo_city))  # the same page but for what follows its "#"
    page.get_by_role("button", name="Yes, use this phone too").click()
    expect(page.get_by_text("Both phones are yours now")).to_be_visible()


def test_a_code_lets_one_phone_in_and_no_second(
    first: Page, open_phone: Callable[..., Page], demo_city: RunningCity
) -> None:
    address = invite(first, demo_city)
    expect(first.get_by_text("Ready: scan it with your other phone.")).to_be_visible()
    mine, thief = open_phone(), open_phone()
    join(mine, address)
    expect(mine.get_by_text("Both phones are yours now")).to_be_visible()
    join(thief, address)
    expect(thief.get_by_text("Waiting for your first phone")).to_be_visible()
    thief.goto(f"{demo_city.base_url}/en/learning")
    expect(thief.locator(".entry")).to_have_count(0)


def test_a_second_phone_waits_until_the_first_is_online(
    first: Page, open_phone: Callable[..., Page], demo_city: RunningCity
) -> None:
    people(first, demo_city)
    first.get_by_role("button", name="Use another phone too").click()
    first.context.set_offline(True)
    first.get_by_role("button", name="Show the code").click()
    address = first.locator("svg.phone-code").get_attribute("data-address") or ""
    page = open_phone()
    join(page, address)
    expect(page.get_by_text("Waiting for your first phone")).to_be_visible()
    first.context.set_offline(False)
    expect(page.get_by_text("Both phones are yours now")).to_be_visible(timeout=60_000)


def test_whoever_learned_on_the_second_phone_stays_apart(
    first: Page, open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit, tmp_path: Path
) -> None:
    page = open_phone()
    arrive(page, visit, "pump-room")
    with (tmp_path / "code.png").open("wb") as picture:
        qrcode.make(invite(first, demo_city)).save(picture)
    page.goto(f"{demo_city.base_url}/en/scan")
    page.get_by_label("Read a picture").set_input_files(tmp_path / "code.png")
    expect(page.get_by_text("Somebody has learned on this phone before")).to_be_visible()
    page.get_by_role("button", name="That was somebody else").click()
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("Both phones are yours now")).to_be_visible()
    page.goto(visit.activities["flood-pole"]["url"])
    expect(page.locator(".task.is-done")).to_have_count(1)
    people(page, demo_city).filter(has_text="No name yet").click()
    expect(page.get_by_text("It's No name yet's turn")).to_have_count(0)
    page.goto(visit.activities["pump-room"]["url"])
    expect(page.locator(".task.is-done")).to_have_count(1)
    page.goto(visit.activities["flood-pole"]["url"])
    expect(page.locator(".task.is-done")).to_have_count(0)
