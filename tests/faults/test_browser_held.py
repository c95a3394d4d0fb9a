"""A request on its way, and the browser dies, or somebody else takes the tablet: all arrives, once, as whose it is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_shared_tablet import add, switch
from tests.faults.browser import (
    all_sent,
    all_there_once,
    in_database,
    learning,
    on_phone,
    type_code,
    wait_for,
)

READY = "This app now opens with no network."


def ready(page: Page, city: RunningCity) -> Page:
    learning(page, city)
    expect(page.get_by_text(READY)).to_be_visible()
    return page


def test_killed_before_the_request_has_left(phone: Phone, demo_city: RunningCity, visit: Visit) -> None:
    page = ready(phone.switch_on(), demo_city)
    held: list[Route] = []
    page.context.route("**/api/sync", lambda route: held.append(route))
    type_code(page, demo_city, visit.points["clock-room"]["typed"])
    wait_for(page, lambda: bool(held))
    learner = on_phone(page).learner
    phone.kill()
    assert in_database(demo_city, "events", learner) == 0
    page = phone.switch_on()
    all_sent(page, demo_city)
    expect(page.locator(".entry").get_by_text("Accepted", exact=True)).to_have_count(1)
    assert all_there_once(page, demo_city, check_ins=1).learner == learner


def test_killed_while_the_server_has_the_request_in_its_hands(
    phone: Phone, demo_city: RunningCity, visit: Visit
) -> None:
    """The stopped server goes on after the phone's death: nobody is there to hear its answer."""
    page = ready(phone.switch_on(), demo_city)
    demo_city.hold()
    try:
        type_code(page, demo_city, visit.points["clock-room"]["typed"])
        wait_for(page, lambda: "sending" in on_phone(page).states)
        page.wait_for_timeout(300)
        learner = on_phone(page).learner
        phone.kill()
    finally:
        demo_city.go_on()
    page = phone.switch_on()
    all_sent(page, demo_city)
    expect(page.locator(".entry").get_by_text("Accepted", exact=True)).to_have_count(1)
    assert all_there_once(page, demo_city, check_ins=1).learner == learner


def test_killed_after_the_commit_and_before_the_reply(
    phone: Phone, demo_city: RunningCity, visit: Visit
) -> None:
    page = ready(phone.switch_on(), demo_city)
    unheard: list[APIResponse] = []
    page.context.route("**/api/sync", lambda route: unheard.append(route.fetch()))
    type_code(page, demo_city, visit.points["clock-room"]["typed"])
    wait_for(page, lambda: bool(unheard))
    here = on_phone(page)
    assert "accepted" not in here.states
    assert in_database(demo_city, "check_ins", here.learner) == 1
    phone.kill()
    page = phone.switch_on(offline=True)
    learning(page, demo_city)
    expect(page.get_by_text("1 thing is saved on this phone and waits to be sent")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Everything is sent")).to_be_visible()
    expect(page.locator(".entry").get_by_text("Accepted", exact=True)).to_have_count(1)
    all_there_once(page, demo_city, check_ins=1)


@pytest.mark.parametrize("committed", [False, True])
def test_the_tablet_changes_hands_while_a_request_is_held(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit, committed: bool
) -> None:
    page = open_phone()
    add(page, demo_city, "Ada", "Fox")
    add(page, demo_city, "Ben", "Boat")
    switch(page, demo_city, "Ada")
    held: list[tuple[Route, APIResponse | None]] = []
    page.context.route(
        "**/api/sync", lambda route: held.append((route, route.fetch() if committed else None))
    )
    type_code(page, demo_city, visit.points["clock-room"]["typed"])
    wait_for(page, lambda: bool(held))
    ada = on_phone(page).learner
    other = page.context.new_page()
    switch(other, demo_city, "Ben")
    type_code(other, demo_city, visit.points["clock-room"]["typed"])
    type_code(other, demo_city, visit.points["pump-room"]["typed"])
    ben = on_phone(other).learner
    assert ada != ben
    for route, reply in held:
        if reply:
            route.fulfill(response=reply)
        else:
            route.continue_()
    page.context.unroute_all()
    all_sent(other, demo_city)
    expect(other.locator(".entry").get_by_text("Accepted", exact=True)).to_have_count(2)
    all_there_once(other, demo_city, check_ins=2)
    switch(other, demo_city, "Ada")
    all_sent(other, demo_city)
    expect(other.locator(".entry").get_by_text("Accepted", exact=True)).to_have_count(1)
    assert all_there_once(other, demo_city, check_ins=1).learner == ada
