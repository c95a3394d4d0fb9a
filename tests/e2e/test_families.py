"""A family and a class: children come along to a new phone, one takes over; a card of paper shows at the desk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pypdfium2
from playwright.sync_api import Page, expect

from server.core.read_back import read_page
from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_screens import look
from tests.e2e.test_shared_tablet import add, arrive, people, switch
from tests.e2e.test_two_phones import invite, join

YOUNG = str(datetime.now(UTC).year - 9)


def my_children(page: Page, city: RunningCity) -> None:
    people(page, city)
    page.get_by_role("button", name="My children").click()


def add_child(page: Page, city: RunningCity, name: str, picture: str = "", *, named: bool = False) -> None:
    """Add somebody who is on this phone already, or with a picture somebody new; the guardian consents."""
    my_children(page, city)
    page.get_by_role("button", name="Add a child").click()
    if picture:
        page.get_by_role("button", name="Somebody who is not here yet").or_(page.get_by_role("button", name="Next")).click()  # fmt: skip
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("radio", name=picture).check(force=True)
        page.get_by_role("button", name="Next").click()
    else:
        page.get_by_role("button", name=name).click()
    page.get_by_label("Born in").select_option(YOUNG)
    page.get_by_label("Lives in").select_option("NL")
    page.get_by_label("I agree").check()
    page.get_by_label("A new phone of mine may know").set_checked(named)
    page.get_by_role("button", name=f"Add {name}").click()
    expect(page.get_by_text(f"{name} is added")).to_be_visible()
    card = page.get_by_role("article", name=name)
    expect(card.get_by_text("You agreed on")).to_be_visible()


def make_kit(page: Page) -> None:
    page.get_by_role("link", name="Make a way back in").click()
    page.get_by_role("button", name="Make a recovery kit").click()
    page.get_by_label("I have the words on paper").check()
    page.get_by_role("button", name="Done").click()


def test_two_children_come_to_a_new_phone_and_one_takes_over(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit
) -> None:
    first = open_phone(reduced_motion="reduce")
    add(first, demo_city, "Ada", "Fox")
    add(first, demo_city, "Ben", "Boat")
    arrive(first, visit, "mill-wheel")
    switch(first, demo_city, "Ada")
    add_child(first, demo_city, "Ben", named=True)
    look(first)
    add_child(first, demo_city, "Cleo", "Owl")

    second = open_phone(reduced_motion="reduce")
    join(second, invite(first, demo_city))
    expect(second.get_by_text("Both phones are yours now")).to_be_visible()
    second.get_by_role("link", name="Bring them too").click()
    expect(second.get_by_role("heading", name="My children")).to_be_visible()
    for told, name in (("Ben", "Ben"), (f"A child born in {YOUNG}", "Cleo")):
        second.get_by_role("article", name=told).get_by_role("button", name="Bring to this phone").click()
        second.get_by_label("Name", exact=True).fill(name)
        second.get_by_role("button", name="Bring to this phone").click()
        expect(second.get_by_text(f"{name} is on this phone now")).to_be_visible()
    switch(second, demo_city, "Ben")
    second.goto(f"{demo_city.base_url}/en/learning")
    second.goto(visit.activities["mill-wheel"]["url"])
    expect(second.locator(".task.is-done")).to_have_count(1)

    my_children(first, demo_city)
    first.get_by_role("article", name="Ben").get_by_role("button", name="A phone of their own").click()
    first.get_by_role("button", name="Show the code").click()
    expect(first.get_by_text("Ready: scan it with the child's phone.")).to_be_visible()
    address = first.locator("svg.phone-code").get_attribute("data-address") or ""
    own = open_phone(reduced_motion="reduce")
    join(own, address)
    expect(own.get_by_text("Both phones are yours now")).to_be_visible()
    people(own, demo_city)
    expect(own.get_by_role("link", name="Make a way back in")).to_be_visible()
    look(own)
    make_kit(own)
    people(own, demo_city)
    own.get_by_role("button", name="From now on it is mine").click()
    expect(own.get_by_text("It is all yours now")).to_be_visible()
    my_children(first, demo_city)
    expect(first.get_by_text("Ben has taken over")).to_be_visible()
    expect(first.get_by_text("You agreed on")).to_have_count(1)
    first.get_by_role("button", name="Remove Ben from this device").click()
    expect(first.get_by_text("Ben was removed from this device")).to_be_visible()
    expect(people(first, demo_city)).to_have_count(2)
    erase_a_child(first, demo_city, "Cleo")


def erase_a_child(page: Page, city: RunningCity, name: str) -> None:
    """Withdraw consent, which locks the child's phones out, and then erase all that the city has of it."""
    my_children(page, city)
    card = page.get_by_role("article", name=name)
    card.get_by_text("Withdraw my consent").click()
    page.context.set_offline(True)
    card.get_by_role("button", name="Withdraw it").click()
    expect(card.get_by_text("It holds once it has been sent.")).to_be_visible()
    expect(card.get_by_text("Withdraw my consent")).to_have_count(0)  # it is said, once
    page.context.set_offline(False)
    expect(card.get_by_text("You have withdrawn your consent.")).to_be_visible()
    page.context.set_offline(True)
    card.get_by_text("Erase everything of this child").click()
    look(page)
    card.get_by_label("Type “erase” to go on").fill("erase")
    card.get_by_role("button", name="Erase everything").click()
    expect(card.get_by_text("as soon as there is a network")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(f"Everything of {name} was erased")).to_be_visible()
    expect(card).to_have_count(0)


def test_a_card_of_paper_shows_at_the_desk_and_a_tablet_takes_the_rest(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit
) -> None:
    desk = open_phone(reduced_motion="reduce")
    desk.goto(demo_city.sign_in_link("river-museum"))
    desk.get_by_role("link", name="Classes").first.click()
    desk.get_by_label("Name of the class").fill("4b")
    desk.get_by_label("How many people").fill("3")
    desk.get_by_label("Last day").fill((datetime.now(UTC) + timedelta(days=60)).date().isoformat())
    look(desk)
    desk.get_by_role("button", name="Make the class").click()
    expect(desk.get_by_text("The class is made.")).to_be_visible()
    look(desk)
    cards = desk.get_by_role("link", name="Cards to print (PDF)").get_attribute("href") or ""
    pdf = desk.request.get(demo_city.base_url + cards)
    [otter, *_] = read_page(pypdfium2.PdfDocument(pdf.body())[0], 200)

    own = open_phone(reduced_motion="reduce")
    own.goto(otter)
    expect(own.get_by_text("Otter", exact=True)).to_be_visible()
    look(own)
    own.get_by_role("button", name="Join the class").click()
    expect(own.get_by_text("You are Otter in 4b")).to_be_visible()
    arrive(own, visit, "mill-wheel")
    visit.do_tasks(own, "mill-wheel")
    expect(own.get_by_role("link", name="All sent")).to_be_visible()

    tablet = open_phone(reduced_motion="reduce")
    tablet.goto(desk.locator(".class-code").get_attribute("data-address") or "")
    expect(tablet.get_by_text("1 learns on another device already.")).to_be_visible()
    look(tablet)
    tablet.get_by_role("button", name="Put them on this device").click()
    expect(tablet.get_by_text("2 people came to this device")).to_be_visible()
    expect(people(tablet, demo_city)).to_have_count(2)
    tablet.goto(otter)
    expect(tablet.get_by_text("Somebody has taken this card")).to_be_visible()

    desk.reload()
    row = desk.locator(".class-rows > li").filter(has_text="Otter")
    expect(row).to_contain_text("1 activity · 0 badges")
    expect(desk.get_by_text("Card not used yet")).to_have_count(0)
    row.get_by_text("Otter").click()
    desk.get_by_text("Shared tablets").click()
    look(desk)
