"""The repair page: it opens when the app does not, shows what waits, takes it out, and mends without taking anything away."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_screens import look, off_the_side

READY = "This app now opens with no network."
AFTER_A_WHILE = """() => document.getAnimations()
  .filter(({ animationName }) => animationName === "broken-show")
  .map((one) => (one.finish(), one.effect.getTiming().delay))"""
"""Let the time be over after which a page that has not started shows the way here; say how long it is, in ms."""


def check_in_offline(page: Page, city: RunningCity, visit: Visit, slug: str = "clock-room") -> None:
    """Leave something on the phone that the server has not got."""
    page.goto(f"{city.base_url}/en/scan")
    expect(page.get_by_text(READY)).to_be_visible()
    page.context.set_offline(True)
    visit.type_code(page, slug)


def works(page: Page) -> None:
    """The page's own script runs: it has looked into the phone."""
    expect(page.get_by_text("Looking …")).to_have_count(0)
    expect(page.get_by_role("heading", name="Repair", exact=True)).to_be_visible()


def test_it_opens_with_no_worker_and_on_a_new_phone(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/repair")
    expect(visitor.get_by_text("This phone holds no work of this city.")).to_be_visible()
    assert visitor.evaluate("indexedDB.databases()") == []
    assert visitor.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


@pytest.mark.parametrize("lang", ["en", "nl", "es"])
def test_it_fits_a_small_screen_in_every_language(visitor: Page, demo_city: RunningCity, lang: str) -> None:
    visitor.goto(f"{demo_city.base_url}/{lang}/repair")
    expect(visitor.locator("#work .muted")).to_have_count(0)
    look(visitor)
    visitor.evaluate("document.documentElement.dir = 'rtl'")
    assert not off_the_side(visitor)


def test_it_speaks_the_visitors_language_at_its_short_address(
    open_phone: Callable[..., Page], demo_city: RunningCity
) -> None:
    page = open_phone(locale="nl")
    page.goto(f"{demo_city.base_url}/repair")
    assert page.evaluate("document.documentElement.lang") == "nl"


def test_it_shows_what_waits_and_takes_it_out_with_no_network(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    check_in_offline(visitor, demo_city, visit)
    visitor.goto(f"{demo_city.base_url}/en/repair")
    expect(visitor.get_by_text("Waiting to be sent: 1")).to_be_visible()
    expect(visitor.get_by_text("Check-in at a stop")).to_be_visible()
    look(visitor)
    rescue = exported(visitor)
    assert rescue["streetwise"] == "rescue" and rescue["v"] == 1 and rescue["origin"] == demo_city.base_url
    [device] = rescue["devices"]
    events = [envelope(event["p"]) for event in device["events"]]
    assert [event["type"] for event in events] == ["device.hello", "checkin.scan"]
    assert all(
        event["device"] == device["device"] and event["learner"] == device["learner"] for event in events
    )


def test_a_rescued_photo_carries_the_signatures_that_let_anybody_hand_it_in(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    visitor.goto(visit.activities["river-terrace"]["url"])
    expect(visitor.get_by_text(READY)).to_be_visible()
    slug = next(slug for slug in visit.activities if any(t["kind"] == "photo" for t in visit.tasks(slug)))
    visitor.goto(visit.activities[slug]["url"])
    visitor.wait_for_load_state("networkidle")
    visitor.context.set_offline(True)
    visit.do_tasks(visitor, slug)
    visitor.goto(f"{demo_city.base_url}/en/repair")
    expect(visitor.get_by_text("Files: 1")).to_be_visible()
    rescue = exported(visitor)
    [device] = rescue["devices"]
    [blob] = device["blobs"]
    assert len(decode(blob["bytes"])) == blob["size"]
    assert list(blob["signatures"]) == ["PUT 0"]
    visitor.context.set_offline(False)
    send_as_a_stranger(visitor, demo_city, device)
    whole = (
        "SELECT count(*) FROM blobs WHERE sha256 = :hash AND learner_id = :whose AND complete_at IS NOT NULL"
    )
    assert demo_city.ask(whole, hash=blob["sha256"], whose=device["learner"]) == 1


def test_it_sends_and_everything_counts_once(visitor: Page, demo_city: RunningCity, visit: Visit) -> None:
    check_in_offline(visitor, demo_city, visit, "pump-room")
    visitor.goto(f"{demo_city.base_url}/en/repair")
    learner = exported(visitor)["devices"][0]["learner"]
    visitor.get_by_role("button", name="Send now").click()
    expect(visitor.get_by_text("The city's server was not reached.")).to_be_visible()
    visitor.context.set_offline(False)
    visitor.get_by_role("button", name="Send now").click()
    expect(visitor.get_by_text("Arrived: 1.")).to_be_visible()
    count = "SELECT count(*) FROM check_ins WHERE learner_id = :learner"
    assert demo_city.ask(count, learner=learner) == 1
    visitor.get_by_role("link", name="Open the app").click()
    expect(visitor.get_by_text("Everything is sent")).to_be_visible()
    assert demo_city.ask(count, learner=learner) == 1


def test_the_app_is_fetched_again_and_nothing_of_ones_work_is_gone(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    visitor.goto(visit.playlist["url"])
    visitor.get_by_role("button", name="Save for offline · ").click()
    expect(visitor.get_by_text("Ready with no network")).to_be_visible()
    check_in_offline_here(visitor, visit)
    visitor.goto(f"{demo_city.base_url}/en/repair")
    visitor.get_by_role("button", name="Fetch the app again").click()
    expect(visitor.get_by_text("The city's server was not reached.")).to_be_visible()
    assert visitor.evaluate("caches.keys().then((all) => all.some((name) => name.startsWith('app-')))")
    visitor.context.set_offline(False)
    visitor.evaluate("caches.keys().then((all) => Promise.all(all.filter((name) => name.startsWith('app-')).map((name) => caches.delete(name))))")  # fmt: skip
    visitor.get_by_role("button", name="Fetch the app again").click()
    expect(visitor.get_by_text("The app is fetched again, and opens with no network.")).to_be_visible(
        timeout=30_000
    )
    visitor.get_by_role("link", name="Open the app").click()
    expect(visitor.get_by_text(READY)).to_be_visible()
    expect(visitor.get_by_text("Everything is sent")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.goto(visit.playlist["url"])
    expect(visitor.get_by_text("Ready with no network")).to_be_visible()


def test_it_opens_when_all_the_app_keeps_is_gone(visitor: Page, demo_city: RunningCity, visit: Visit) -> None:
    check_in_offline(visitor, demo_city, visit)
    visitor.evaluate(
        "caches.keys().then((all) => Promise.all(all.filter((name) => name !== 'repair').map((name) => caches.delete(name))))"
    )
    visitor.goto(f"{demo_city.base_url}/nl/repair")  # in a language that was never used here
    works_in_any_words(visitor)
    visitor.goto(f"{demo_city.base_url}/repair")
    works(visitor)
    expect(visitor.get_by_text("Waiting to be sent: 1")).to_be_visible()


def test_a_page_whose_script_does_not_start_shows_the_way_to_it(
    visitor: Page, demo_city: RunningCity
) -> None:
    visitor.route("**/main-*.js", lambda route: route.abort())
    visitor.goto(f"{demo_city.base_url}/en/")
    link = visitor.get_by_role("link", name="Something is broken here: repair")
    expect(link).to_be_hidden()
    assert visitor.evaluate(AFTER_A_WHILE) == [30_000]
    expect(link).to_be_visible()
    visitor.unroute_all()
    visitor.route("**/visit-*.js", lambda route: route.abort())
    visitor.goto(f"{demo_city.base_url}/en/activities/clock-room")
    expect(link).to_be_visible()
    link.click()
    works(visitor)


def test_a_page_that_works_does_not_show_it(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/")
    expect(visitor.get_by_text(READY)).to_be_visible()
    expect(visitor.get_by_role("link", name="Something is broken here: repair")).to_be_hidden()
    visitor.get_by_role("link", name="Something broken?").click()
    works(visitor)


def test_it_reads_a_store_of_a_newer_app(visitor: Page, demo_city: RunningCity, visit: Visit) -> None:
    check_in_offline(visitor, demo_city, visit)
    visitor.goto(f"{demo_city.base_url}/en/repair")
    visitor.evaluate(RAISE_VERSION)
    visitor.reload()
    expect(visitor.get_by_text("Waiting to be sent: 1")).to_be_visible()
    assert len(exported(visitor)["devices"][0]["events"]) == 2


RAISE_VERSION = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("streetwise", 99);
  request.onupgradeneeded = () => request.result.createObjectStore("of-the-future");
  request.onsuccess = () => { request.result.close(); resolve(); };
  request.onerror = () => reject(request.error);
})"""


def test_the_page_is_looked_at(phone: Phone, demo_city: RunningCity, tmp_path: Path) -> None:
    """Keyboard: every way on the page can be reached and is named."""
    page = phone.switch_on()
    page.goto(f"{demo_city.base_url}/en/repair")
    works(page)
    names = []
    for _ in range(6):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.innerText || document.activeElement.parentElement.innerText"))  # fmt: skip
    assert [re.sub(r"\s+", " ", name)[:12] for name in names] == ["Send now", "Make a rescu", "Also remove ", "Fetch the ap", "Open the app", "Look again"]  # fmt: skip


def check_in_offline_here(page: Page, visit: Visit) -> None:
    page.context.set_offline(True)
    visit.type_code(page, "clock-room")


def works_in_any_words(page: Page) -> None:
    expect(page.locator("#work h3")).to_have_count(1)


def exported(page: Page) -> dict[str, Any]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Make a rescue file").click()
    assert re.fullmatch(r"streetwise-rescue-\d{4}-\d\d-\d\d\.json", download.value.suggested_filename)
    found: dict[str, Any] = json.loads(Path(download.value.path()).read_text())
    return found


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def envelope(p: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(decode(p))
    return found


def send_as_a_stranger(page: Page, city: RunningCity, device: dict[str, Any]) -> None:
    """The phone's own app tells the server of the events; the file comes from the rescue file alone."""
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("Arrived:")).to_be_visible()
    for blob in device["blobs"]:
        reply = page.request.put(
            f"{city.base_url}/api/blobs/{blob['sha256']}",
            data=decode(blob["bytes"]),
            headers={
                "Content-Type": blob["mime"],
                "Sync-Proto": "1",
                "Sync-Device": device["device"],
                "Sync-Signature": blob["signatures"]["PUT 0"],
            },
        )
        assert reply.ok, reply.text()
