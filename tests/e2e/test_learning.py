"""My learning's promises: each thing with where it is now, why not, and what to do about it."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save

WRONG = "A" * 16
NOT_SENT = "Saved on this device, not sent yet"


def learning(page: Page, city: RunningCity) -> Locator:
    page.goto(f"{city.base_url}/en/learning")
    return page.locator(".entry")


def keep_app(page: Page) -> None:
    """Wait until the app opens with no network."""
    expect(page.get_by_text("This app now opens with no network.")).to_be_visible()


def test_nothing_yet_is_said_kindly_with_a_way_to_begin(visitor: Page, demo_city: RunningCity) -> None:
    learning(visitor, demo_city)
    expect(visitor.get_by_text("Nothing here yet.")).to_be_visible()
    expect(visitor.locator(".empty").get_by_role("link", name="Scan a code")).to_be_visible()


def test_each_thing_is_listed_from_saved_here_to_accepted(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    save(visitor, visit.playlist)
    expect(visitor.get_by_role("link", name="All sent")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    visit.do_tasks(visitor, "mill-wheel")
    entries = learning(visitor, demo_city).filter(has_text="Twelve paddles and a clack")
    expect(entries.get_by_text(NOT_SENT)).to_have_count(2)
    expect(visitor.get_by_text("2 things are saved on this phone and wait to be sent")).to_be_visible()
    visitor.get_by_role("button", name="Send now").click()
    expect(visitor.get_by_text("There is no network just now.")).to_be_visible()

    visitor.context.set_offline(False)
    visitor.get_by_role("button", name="Send now").click()
    expect(visitor.get_by_text("Everything is sent")).to_be_visible()
    expect(visitor.get_by_text(re.compile(r"Last sent and read at \d"))).to_be_visible()
    expect(entries.get_by_text("Accepted", exact=True)).to_have_count(2)


def test_what_waits_counts_in_the_playlists_progress_and_is_marked(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    save(visitor, visit.playlist)
    visitor.context.set_offline(True)
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    visit.do_tasks(visitor, "mill-wheel")
    visitor.goto(visit.playlist["url"])
    expect(visitor.get_by_text("You're on your way; 1 stop waits to be sent")).to_be_visible()
    learning(visitor, demo_city)
    expect(visitor.get_by_text("1 of 5 stops done, of which 1 not sent yet")).to_be_visible()


def test_what_was_declined_says_why_and_what_to_do_until_it_is_put_away(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    visitor.goto(visit.points["pump-room"]["url"].partition("#")[0] + f"#1{WRONG}")
    expect(visitor.get_by_text("Not accepted").first).to_be_visible()
    entries = learning(visitor, demo_city)
    expect(visitor.get_by_role("heading", name="1 needs you")).to_be_visible()
    expect(entries.get_by_text("This code is not one of ours.")).to_be_visible()
    expect(entries.get_by_role("link", name="Go to the stop")).to_be_visible()
    entries.get_by_role("button", name="Put away").click()
    expect(entries).to_have_count(0)
    expect(visitor.locator(".status-chip")).not_to_contain_text("needs you")


def test_the_header_says_what_waits(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.activities["flood-pole"]["url"])
    keep_app(visitor)
    visitor.context.set_offline(True)
    visit.do_tasks(visitor, "flood-pole")
    expect(visitor.get_by_role("link", name="1 waiting")).to_be_visible()
    visitor.context.set_offline(False)
    expect(visitor.get_by_role("link", name="All sent")).to_be_visible()


LOSE_CHECK_IN = """() => new Promise((resolve) => {
  const opening = indexedDB.open("streetwise");
  opening.onsuccess = () => {
    const reading = opening.result.transaction("outbox").objectStore("outbox").getAll();
    reading.onsuccess = async () => {
      const lost = reading.result.filter(({ type }) => type === "checkin.scan");
      // Not while a cycle has them in its hands: it would still send them.
      await navigator.locks.request(`sync:${lost[0].learner}`, () => new Promise((done) => {
        const tx = opening.result.transaction("outbox", "readwrite");
        for (const { id } of lost) tx.objectStore("outbox").delete(id);
        tx.oncomplete = done;
      }));
      opening.result.close();
      resolve();
    };
  };
})"""


def test_what_was_lost_on_this_phone_is_told_until_it_is_put_away(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    save(visitor, visit.playlist)
    expect(visitor.get_by_role("link", name="All sent")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    visit.do_tasks(visitor, "mill-wheel")
    visitor.evaluate(LOSE_CHECK_IN)
    visitor.context.set_offline(False)

    learning(visitor, demo_city)
    loss = visitor.locator(".entry", has_text="1 thing that you did on")
    expect(loss.get_by_text("Lost on this phone before it could be sent")).to_be_visible()
    expect(visitor.locator(".status-chip")).to_contain_text("1 needs you")
    loss.get_by_role("button", name="Put away").click()
    expect(loss).to_have_count(0)
    expect(visitor.locator(".status-chip")).not_to_contain_text("needs you")
