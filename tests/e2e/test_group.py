"""A class with one phone: one scan checks in everyone who is there, each as themselves; and codes that ask for the place."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Geolocation, Locator, Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_screens import look
from tests.e2e.test_shared_tablet import PIN, add, arrive, people, switch

NINE = ("Amina", "Bram", "Chidi", "Dunya", "Elif", "Finn", "Gus", "Hanna", "Ines")
CHECK_INS, LEARNERS = "SELECT count(*) FROM check_ins", "SELECT count(DISTINCT learner_id) FROM check_ins"
MUSEUM: Geolocation = {"latitude": 51.85, "longitude": 5.86, "accuracy": 10}
ELSEWHERE: Geolocation = {"latitude": 51.86, "longitude": 5.86, "accuracy": 10}


@pytest.fixture
def teacher(open_phone: Callable[..., Page], visit: Visit) -> Page:
    """A teacher's phone: the playlist is saved, and it works with no network."""
    page = open_phone()
    save(page, visit.playlist)
    expect(page.get_by_text("This app now opens with no network.")).to_be_hidden()
    return page


def set_up(page: Page, city: RunningCity, names: tuple[str, ...] = ()) -> None:
    people(page, city)
    page.get_by_role("button", name="Check in a group").click()
    page.get_by_role("switch").check()
    if names:
        field = page.get_by_label("One name a line, up to 40")
        expect(field).to_be_attached()
        if not field.is_visible():
            page.get_by_text("Class list", exact=True).click()
        field.fill("\n".join(names))
        page.get_by_role("button", name="Add them").click()
        expect(page.get_by_text(re.compile("added"))).to_be_visible()


def scan(page: Page, visit: Visit, slug: str) -> Locator:
    """Open a code's address, as the stock camera does; return the list of who is here."""
    page.goto(visit.points[slug]["url"])
    form = page.get_by_role("form", name="Who is here?")
    expect(form).to_be_visible()
    return form


def states(page: Page, words: str) -> Locator:
    return page.locator(".group-state").filter(has_text=words)


def test_a_class_of_nine_is_in_with_one_scan_offline_and_each_counts_once(
    teacher: Page, demo_city: RunningCity, visit: Visit
) -> None:
    sent: list[str] = []
    teacher.context.on("request", lambda one: sent.append(f"{one.url} {one.post_data_buffer!r}"))
    before = (demo_city.ask(CHECK_INS), demo_city.ask(LEARNERS))
    set_up(teacher, demo_city, NINE)
    look(teacher)

    teacher.context.set_offline(True)
    form = scan(teacher, visit, "mill-wheel")
    expect(
        form.get_by_text("9 of 10 ticked")
    ).to_be_visible()  # the teacher, who has no name here, is no pupil
    look(teacher)
    form.get_by_role("button", name="Check in 9").click()
    expect(teacher.get_by_text("9 of 9 checked in")).to_be_visible()
    expect(states(teacher, "Saved on this device, not sent yet")).to_have_count(9)
    look(teacher)

    teacher.context.set_offline(False)
    expect(states(teacher, "Accepted")).to_have_count(9, timeout=60_000)
    assert (demo_city.ask(CHECK_INS), demo_city.ask(LEARNERS)) == (before[0] + 9, before[1] + 9)
    for name in NINE:
        assert not [one for one in sent if re.search(rf"\b{name}\b", one)], "names stay on the device"

    form = scan(teacher, visit, "mill-wheel")
    expect(form.get_by_text("in since")).to_have_count(9)
    form.get_by_role("button", name="Check in 9").click()
    expect(states(teacher, "In already since")).to_have_count(9)
    assert demo_city.ask(CHECK_INS) == before[0] + 9

    switch(teacher, demo_city, "Chidi")
    teacher.goto(f"{demo_city.base_url}/en/learning")
    expect(teacher.locator(".entry").filter(has_text="Checked in")).to_have_count(1)


def test_one_is_left_out_and_one_taken_back(teacher: Page, demo_city: RunningCity, visit: Visit) -> None:
    before = demo_city.ask(CHECK_INS)
    set_up(teacher, demo_city, NINE[:4])
    teacher.context.set_offline(True)
    form = scan(teacher, visit, "pump-room")
    form.get_by_label("Bram").uncheck()
    form.get_by_role("button", name="Check in 3").click()
    teacher.get_by_role("button", name="Undo for Chidi").click()
    expect(teacher.get_by_text("2 of 3 checked in")).to_be_visible()
    expect(states(teacher, "Taken back")).to_have_count(1)
    teacher.context.set_offline(False)
    expect(states(teacher, "Accepted")).to_have_count(2, timeout=60_000)
    expect(teacher.get_by_role("link", name="All sent")).to_be_visible()
    assert demo_city.ask(CHECK_INS) == before + 2

    form = scan(teacher, visit, "pump-room")
    expect(form.get_by_label("Bram")).not_to_be_checked()  # as last time
    form.get_by_label("Bram").check()
    form.get_by_role("button", name="Check in 4").click()
    expect(states(teacher, "Accepted")).to_have_count(2, timeout=60_000)
    expect(states(teacher, "In already")).to_have_count(2)
    teacher.get_by_role("button", name="Undo all").click()
    expect(teacher.get_by_text("2 of 4 checked in")).to_be_visible()
    teacher.goto(f"{demo_city.base_url}/en/people#group")
    teacher.get_by_text("The last time").click()
    teacher.get_by_role("button", name="Undo for Amina").click()
    expect(teacher.get_by_text("1 of 4 checked in")).to_be_visible()


def test_who_has_a_pin_says_yes_once_and_stays_behind_it(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    add(visitor, demo_city, "Ada", "Fox", PIN)
    add(visitor, demo_city, "Ben", "Boat")
    set_up(visitor, demo_city)
    form = scan(visitor, visit, "mill-wheel")
    expect(form.get_by_role("checkbox")).to_have_count(1)
    form.get_by_label("Ben").uncheck()
    form.get_by_label("Ben").check()
    form.get_by_text("has a PIN: say yes once").click()
    form.get_by_label("PIN of Ada").fill("1111")
    form.get_by_role("button", name="Let the group check me in").click()
    expect(form.get_by_text("That is not the PIN.")).to_be_visible()
    look(visitor)
    form.get_by_label("PIN of Ada").fill(PIN)
    form.get_by_role("button", name="Let the group check me in").click()
    form.get_by_role("button", name="Check in 2").click()
    expect(states(visitor, "Accepted")).to_have_count(2, timeout=60_000)
    people(visitor, demo_city).filter(has_text="Ada").click()
    expect(visitor.get_by_label("PIN", exact=True)).to_be_visible()


@pytest.fixture
def placed(demo_city: RunningCity, visit: Visit) -> Iterator[str]:
    """A stop whose code asks whether one is at the museum."""
    at = "UPDATE codes SET latitude = 51.85, longitude = 5.86, radius_m = 200 WHERE point_id = :point"
    demo_city.change(at, point=visit.points["clock-room"]["point"])
    yield "clock-room"
    demo_city.change(at.replace("200", "NULL"), point=visit.points["clock-room"]["point"])


def last_scan(page: Page) -> dict[str, Any]:
    """Read the event as it was signed."""
    found: dict[str, Any] = json.loads(
        page.evaluate(
            """async () => {
              const open = indexedDB.open("streetwise");
              await new Promise((done) => (open.onsuccess = done));
              const all = open.result.transaction("outbox").objectStore("outbox").getAll();
              await new Promise((done) => (all.onsuccess = done));
              const scans = all.result.filter(({ type }) => type === "checkin.scan");
              open.result.close();
              return atob(scans.at(-1).p.replaceAll("-", "+").replaceAll("_", "/"));
            }"""
        )
    )
    return found


@pytest.mark.parametrize(
    ("where", "word", "said"),
    [(MUSEUM, "in", "you are at the place"), (ELSEWHERE, "out", "you are not at the place")],
)
def test_the_phone_compares_the_place_offline_and_sends_one_word(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit, placed: str,
    where: Geolocation, word: str, said: str,
) -> None:  # fmt: skip
    page = open_phone(geolocation=where, permissions=["geolocation"])
    save(page, visit.playlist)
    expect(page.get_by_text("This app now opens with no network.")).to_be_hidden()
    page.context.set_offline(True)
    page.goto(visit.points[placed]["url"])
    expect(page.get_by_text("This code asks whether you are at the place")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Yes, compare").click()
    expect(page.get_by_text("You're here: checked in")).to_be_visible()
    expect(page.get_by_text(f"Your phone says: {said}")).to_be_visible()
    event = last_scan(page)
    assert event["body"]["place"] == {"is": word, "accuracy": "fine"}
    assert not re.search(r"51\.8|5\.86|latitude|longitude", json.dumps(event)), "no coordinates are sent"
    count = "SELECT count(*) FROM check_ins WHERE place = :word AND event_id = :event"
    page.context.set_offline(False)
    expect(page.locator('[data-island="arrival"]').get_by_text("Accepted")).to_be_visible()
    assert demo_city.ask(count, word=word, event=event["id"]) == 1


def test_saying_no_or_being_denied_checks_in_all_the_same(
    visitor: Page, demo_city: RunningCity, visit: Visit, placed: str
) -> None:
    visitor.goto(visit.points[placed]["url"])  # not saved: the page itself says that the code asks
    visitor.get_by_label("Do the same next time").check()
    visitor.get_by_role("button", name="Not now").click()
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    assert last_scan(visitor)["body"]["place"] == {"is": "unknown"}
    expect(visitor.get_by_text("Whether you are at the place is not known.")).to_be_visible()


def test_a_phone_that_may_not_look_checks_in_as_unknown(
    visitor: Page, demo_city: RunningCity, visit: Visit, placed: str
) -> None:
    visitor.goto(visit.points[placed]["url"])
    visitor.get_by_role("button", name="Yes, compare").click()  # and the browser says no
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    assert last_scan(visitor)["body"]["place"] == {"is": "unknown"}


def test_a_typed_code_asks_for_the_place_too(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit, placed: str
) -> None:
    page = open_phone(geolocation=MUSEUM, permissions=["geolocation"])
    page.goto(f"{demo_city.base_url}/en/scan")
    page.get_by_role("button", name="Type the code").click()
    page.get_by_label("The code under the QR, eight characters").fill(visit.points[placed]["typed"])
    page.get_by_role("button", name="Check in").click()
    page.get_by_role("button", name="Yes, compare").click()
    expect(page.get_by_text("Saved on this device.")).to_be_visible()
    assert last_scan(page)["body"]["place"] == {"is": "in", "accuracy": "fine"}


def test_a_group_answers_for_the_place_once(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit, placed: str
) -> None:
    page = open_phone(geolocation=MUSEUM, permissions=["geolocation"])
    set_up(page, demo_city, NINE[:2])
    page.goto(visit.points[placed]["url"])
    page.get_by_label("Do the same next time").check()
    page.get_by_role("button", name="Yes, compare").click()
    page.get_by_role("button", name="Check in 2").click()
    expect(states(page, "Accepted")).to_have_count(2)
    assert last_scan(page)["body"]["place"] == {"is": "in", "accuracy": "fine"}
    scan(page, visit, placed)  # not asked again


def test_the_one_at_work_goes_on_as_before_when_no_group_is_set_up(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    add(visitor, demo_city, "Ada", "Fox")
    add(visitor, demo_city, "Ben", "Boat")
    arrive(visitor, visit, "mill-wheel")
