"""What the browser tests of faults share: what is on a phone, and whether the server has all of it, once."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity

ON_PHONE = """() => new Promise((resolve) => {
  const opening = indexedDB.open("streetwise");
  opening.onsuccess = () => {
    const names = ["settings", "device", "outbox", "feed", "cursors", "ballast"];
    const tx = opening.result.transaction(names), found = {};
    for (const name of names)
      tx.objectStore(name).getAll().onsuccess = ({ target }) => { found[name] = target.result; };
    tx.oncomplete = () => {
      opening.result.close();
      const learner = found.settings.find(({ name }) => name === "learner")?.value;
      resolve({
        learner,
        device: found.device.find((one) => one.learner === learner)?.device,
        seq: found.device.find((one) => one.learner === learner)?.seq ?? 0,
        states: found.outbox.filter((one) => one.learner === learner).map(({ state }) => state),
        rows: found.feed.length,
        cursor: found.cursors.find(({ feed }) => feed === `learner:${learner}`)?.next ?? 0,
        ballast: found.ballast.length,
      });
    };
  };
})"""


@dataclass(frozen=True)
class OnPhone:
    """What the learner at work has on a phone: the end of their chain, states of their work, and of the feed."""

    learner: str
    device: str
    seq: int
    states: list[str]
    rows: int
    cursor: int
    ballast: int


def on_phone(page: Page) -> OnPhone:
    found: dict[str, Any] = page.evaluate(ON_PHONE)
    return OnPhone(**found)


def in_database(city: RunningCity, table: str, learner: str) -> int:
    return city.ask(f"SELECT count(*) FROM {table} WHERE learner_id = :mine", mine=learner)  # noqa: S608


def learning(page: Page, city: RunningCity) -> Page:
    page.goto(f"{city.base_url}/en/learning")
    return page


def all_sent(page: Page, city: RunningCity) -> None:
    """My learning says so, by itself."""
    learning(page, city)
    expect(page.get_by_text("Everything is sent")).to_be_visible()


def all_there_once(page: Page, city: RunningCity, **counts: int) -> OnPhone:
    """The phone's whole chain is in the database, each place once, with these many rows (`check_ins=2`) of theirs."""
    here = on_phone(page)
    assert set(here.states) == {"accepted"}
    chain = "SELECT count(DISTINCT seq) FROM events WHERE device_id = :device"
    assert city.ask(chain, device=here.device) == here.seq
    assert in_database(city, "events", here.learner) == here.seq
    assert {table: in_database(city, table, here.learner) for table in counts} == counts
    return here


def type_code(page: Page, city: RunningCity, typed: str) -> None:
    """Check in by a typed code, and wait only until the phone has it."""
    page.goto(f"{city.base_url}/en/scan")
    page.get_by_role("button", name="Type the code").click()
    page.get_by_label("The code under the QR, eight characters").fill(typed)
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("Saved on this device.")).to_be_visible()


def wait_for(page: Page, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        page.wait_for_timeout(50)
