"""A tablet in nine hands: everybody's work is their own, whoever comes next, with a network and without."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_screens import look

PIN = "2468"


@pytest.fixture
def tablet(open_phone: Callable[..., Page], visit: Visit) -> Page:
    """A tablet of the museum's: the playlist is saved, and nobody has a name on it yet."""
    page = open_phone()
    save(page, visit.playlist)
    return page


def people(page: Page, city: RunningCity) -> Locator:
    page.goto(f"{city.base_url}/en/people")
    return page.locator(".person")


def add(page: Page, city: RunningCity, name: str, picture: str, pin: str = "") -> None:
    people(page, city)
    page.get_by_role("button", name="Add a person").or_(
        page.get_by_role("button", name="Give a name")
    ).click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("radio", name=picture).check(force=True)
    if pin:
        page.get_by_text("Add a PIN, if you like").click()
        page.get_by_label("PIN", exact=True).fill(pin)
        page.get_by_label("The same PIN once more").fill(pin)
    page.get_by_role("button", name="That's me").click()
    expect(page.get_by_text(f"It's {name}'s turn")).to_be_visible()


def switch(page: Page, city: RunningCity, name: str, pin: str = "") -> None:
    people(page, city).filter(has_text=name).click()
    if pin:
        page.get_by_label("PIN", exact=True).fill(pin)
        page.get_by_role("button", name="It's me").click()
    expect(page.get_by_text(f"It's {name}'s turn")).to_be_visible()


def arrive(page: Page, visit: Visit, slug: str) -> None:
    page.goto(visit.points[slug]["url"])
    expect(page.get_by_text("You're here: checked in")).to_be_visible()


def test_three_children_work_offline_and_all_is_sent_as_their_own(
    tablet: Page, demo_city: RunningCity, visit: Visit
) -> None:
    sent: list[str] = []
    tablet.context.on("request", lambda request: sent.append(f"{request.url} {request.post_data_buffer!r}"))
    check_ins, learners = "SELECT count(*) FROM check_ins", "SELECT count(DISTINCT learner_id) FROM check_ins"
    before = (demo_city.ask(check_ins), demo_city.ask(learners))
    for name, picture, pin in (("Ada", "Fox", PIN), ("Ben", "Boat", ""), ("Cleo", "Owl", "")):
        add(tablet, demo_city, name, picture, pin)
    expect(tablet.get_by_text("This app now opens with no network.")).to_be_hidden()

    tablet.context.set_offline(True)
    switch(tablet, demo_city, "Ada", PIN)
    arrive(tablet, visit, "mill-wheel")
    switch(tablet, demo_city, "Ben")
    arrive(tablet, visit, "mill-wheel")
    arrive(tablet, visit, "pump-room")
    switch(tablet, demo_city, "Cleo")
    tablet.goto(visit.activities["mill-wheel"]["url"])
    expect(tablet.get_by_text("You're checked in.")).to_have_count(0)
    expect(tablet.locator(".task.is-done")).to_have_count(0)
    tiles = people(tablet, demo_city)
    expect(tiles.filter(has_text="Ada")).to_contain_text("1 thing waits to be sent")
    expect(tiles.filter(has_text="Ben")).to_contain_text("2 things wait to be sent")

    tablet.context.set_offline(False)
    expect(tiles.filter(has_text="waits to be sent")).to_have_count(0, timeout=60_000)
    expect(tiles.filter(has_text="wait to be sent")).to_have_count(0, timeout=60_000)
    assert (demo_city.ask(check_ins), demo_city.ask(learners)) == (before[0] + 3, before[1] + 2)
    for name in ("Ada", "Cleo"):
        assert not [one for one in sent if re.search(rf"\b{name}\b", one)], "names stay on the device"

    switch(tablet, demo_city, "Ben")
    tablet.goto(f"{demo_city.base_url}/en/learning")
    expect(tablet.locator(".entry").filter(has_text="Checked in")).to_have_count(2)


def test_a_pin_is_asked_and_a_wrong_one_lets_nobody_in(visitor: Page, demo_city: RunningCity) -> None:
    add(visitor, demo_city, "Ada", "Fox", PIN)
    add(visitor, demo_city, "Ben", "Boat")
    people(visitor, demo_city).filter(has_text="Ada").click()
    for _ in range(5):
        visitor.get_by_label("PIN", exact=True).fill("1111")
        visitor.get_by_role("button", name="It's me").click()
        expect(visitor.get_by_label("PIN", exact=True)).to_have_value("")
    expect(visitor.get_by_text("Too many wrong PINs.")).to_be_visible()
    expect(people(visitor, demo_city).filter(has_text="Ben")).to_have_attribute("aria-current", "true")


def test_nobody_is_removed_with_unsent_work(tablet: Page, demo_city: RunningCity, visit: Visit) -> None:
    add(tablet, demo_city, "Ada", "Fox")
    expect(tablet.get_by_text("This app now opens with no network.")).to_be_hidden()
    tablet.context.set_offline(True)
    arrive(tablet, visit, "mill-wheel")
    remove(tablet, demo_city)
    expect(tablet.get_by_text("1 thing is not sent yet")).to_be_visible()
    with tablet.expect_download() as rescued:
        tablet.get_by_role("button", name="Keep it as a rescue file").click()
    assert json.loads(rescued.value.path().read_text())["streetwise"] == "rescue"
    expect(people(tablet, demo_city)).to_have_count(1)

    tablet.context.set_offline(False)
    expect(tablet.get_by_role("link", name="All sent")).to_be_visible()
    remove(tablet, demo_city)
    expect(tablet.get_by_text("Ada was removed from this device")).to_be_visible()
    expect(tablet.locator(".person")).to_have_count(0)


def remove(page: Page, city: RunningCity) -> None:
    people(page, city)
    page.get_by_role("button", name="Change Ada").click()
    page.get_by_text("Remove from this device", exact=True).click()
    page.get_by_role("button", name="Remove Ada from this device").click()


def test_another_tab_follows_and_an_answer_begun_there_is_not_the_next_ones(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    add(visitor, demo_city, "Ada", "Fox")
    add(visitor, demo_city, "Ben", "Boat")
    switch(visitor, demo_city, "Ada")
    visitor.goto(visit.activities["mill-wheel"]["url"])
    field = visitor.locator(".task").get_by_role("textbox").first
    field.fill("17")
    other = visitor.context.new_page()
    switch(other, demo_city, "Ben")
    expect(field).to_have_value("")
    expect(visitor.locator(".person-chip")).to_contain_text("Ben")
    switch(other, demo_city, "Ada")
    expect(field).to_have_value("17")


def test_after_a_long_absence_it_asks_whose_turn_it_is(visitor: Page, demo_city: RunningCity) -> None:
    add(visitor, demo_city, "Ada", "Fox")
    add(visitor, demo_city, "Ben", "Boat")
    visitor.goto(f"{demo_city.base_url}/en/learning")
    expect(visitor.locator(".person-chip")).to_be_visible()
    turn_away_for(visitor, minutes=2)
    expect(visitor.get_by_role("dialog")).to_have_count(0)
    turn_away_for(visitor, minutes=11)
    question = visitor.get_by_role("dialog", name="Who is learning?")
    question.get_by_role("button", name="Ada").click()
    expect(question).to_have_count(0)
    expect(visitor.locator(".person-chip")).to_contain_text("Ada")


def turn_away_for(page: Page, minutes: int) -> None:
    page.evaluate(
        """(ms) => {
          const show = (state) => {
            Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
          };
          const now = Date.now;
          show("hidden");
          Date.now = () => now() + ms;
          show("visible");
          Date.now = now;
        }""",
        minutes * 60_000,
    )


def test_every_view_of_people_can_be_used_by_everyone(visitor: Page, demo_city: RunningCity) -> None:
    add(visitor, demo_city, "Ada", "Fox", PIN)
    add(visitor, demo_city, "Ben", "Boat")
    look(visitor)
    visitor.get_by_role("button", name="Add a person").click()
    look(visitor)
    people(visitor, demo_city).filter(has_text="Ada").click()
    look(visitor)
    people(visitor, demo_city)
    visitor.get_by_role("button", name="Change Ben").click()
    look(visitor)
    people(visitor, demo_city)
    visitor.get_by_role("button", name="Use another phone too").click()
    visitor.get_by_role("button", name="Show the code").click()
    expect(visitor.locator("svg.phone-code")).to_be_visible()
    look(visitor)


def test_after_the_end_of_a_turn_a_scan_asks_whose_it_is(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    add(visitor, demo_city, "Ada", "Fox")
    add(visitor, demo_city, "Ben", "Boat")
    visitor.get_by_role("button", name="End my turn").click()
    expect(visitor.get_by_text("Nobody is learning now")).to_be_visible()
    visitor.goto(f"{demo_city.base_url}/en/learning")
    expect(visitor.get_by_role("link", name="Choose who you are")).to_be_visible()
    look(visitor)
    visitor.goto(visit.points["pump-room"]["url"])
    question = visitor.get_by_role("dialog", name="Who is learning?")
    expect(question.get_by_role("heading")).to_be_focused()
    look(visitor)
    question.get_by_role("button", name="Ada").click()
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    expect(visitor.locator(".person-chip")).to_contain_text("Ada")
    switch(visitor, demo_city, "Ben")
    visitor.goto(visit.activities["pump-room"]["url"])
    expect(visitor.locator(".task.is-done")).to_have_count(0)
