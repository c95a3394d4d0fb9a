"""The phone's database in a real browser: raised with a full outbox, written by a newer app, damaged on the disk."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_repair import RAISE_VERSION
from tests.faults.browser import wait_for

LOST_SIGHT = "Your earlier work on this phone cannot be read just now; it is kept."

LOWER = """async () => {
  // What the app of version 1 would have left: its stores, its drafts by task, and none of the later stores.
  const ask = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const now = await ask(indexedDB.open('streetwise'));
  const stores = ['device', 'outbox', 'feed', 'cursors', 'blobs', 'bundles', 'settings', 'drafts'];
  const rows = {};
  for (const name of stores) rows[name] = await ask(now.transaction(name).objectStore(name).getAll());
  now.close();
  await ask(indexedDB.deleteDatabase('streetwise'));
  const request = indexedDB.open('streetwise', 1);
  request.onupgradeneeded = () => {
    const make = (name, keyPath) => request.result.createObjectStore(name, { keyPath });
    make('device', 'learner');
    make('outbox', 'id').createIndex('learner', 'learner');
    make('feed', ['feed', 'key']).createIndex('feed', 'feed');
    make('cursors', 'feed');
    make('blobs', ['learner', 'sha256']);
    make('bundles', 'id');
    make('settings', 'name');
    make('drafts', 'task');
  };
  const old = await ask(request);
  const tx = old.transaction(stores, 'readwrite');
  for (const name of stores) for (const { learner, ...row } of rows[name])
    tx.objectStore(name).put(name === 'drafts' ? row : { learner, ...row });
  await new Promise((done) => { tx.oncomplete = done; });
  old.close();
  return [rows.outbox.length, rows.drafts.length];
}"""


SAVE_IS_SENT = """() => new Promise((resolve) => {
  const request = indexedDB.open('streetwise');
  request.onsuccess = () => {
    const rows = request.result.transaction('outbox').objectStore('outbox').getAll();
    rows.onsuccess = () => {
      request.result.close();
      resolve(rows.result.some(({ type, state }) => type === 'playlist.save' && state === 'accepted'));
    };
  };
})"""


@pytest.fixture
def laden(phone: Phone, demo_city: RunningCity, visit: Visit) -> Page:
    """A phone with two check-ins, an answer and a half-written text that the server has not got."""
    page = phone.switch_on()
    page.goto(visit.playlist["url"])
    page.get_by_role("button", name="Save for offline · ").click()
    expect(page.get_by_text("Ready with no network")).to_be_visible()
    wait_for(
        page, lambda: page.evaluate(SAVE_IS_SENT)
    )  # else, on a busy machine, it would wait with the check-ins
    page.context.set_offline(True)
    for slug in ("pump-room", "salt-cellar"):
        visit.type_code(page, slug)
    return page


def my_learner(page: Page) -> str:
    return str(page.evaluate(LEARNER))


LEARNER = """() => new Promise((resolve) => {
  const request = indexedDB.open('streetwise');
  request.onsuccess = () => {
    const database = request.result;
    const row = database.transaction('settings').objectStore('settings').get('learner');
    row.onsuccess = () => { database.close(); resolve(row.result.value); };
  };
})"""


def on_repair_page(page: Page, city: RunningCity) -> Page:
    """Stand where no script of the app holds the database open, with no network."""
    page.goto(f"{city.base_url}/en/repair")
    expect(page.get_by_text("Waiting to be sent:")).to_be_visible()
    return page


def test_an_app_of_version_1_with_a_full_outbox_is_raised_and_all_is_sent_once(
    laden: Page, demo_city: RunningCity, visit: Visit
) -> None:
    page = laden
    field = page.locator(".task textarea, .task input[type=text]").first
    if field.count():
        field.fill("half a thought")
        page.wait_for_timeout(300)
    page = on_repair_page(page, demo_city)
    learner = my_learner(page)
    events, drafts = page.evaluate(LOWER)
    assert events == 4  # hello, the saved playlist, two check-ins
    page.context.set_offline(False)
    page.goto(f"{demo_city.base_url}/en/learning")
    expect(page.get_by_text("Everything is sent")).to_be_visible()
    assert demo_city.ask("SELECT count(*) FROM check_ins WHERE learner_id = :mine", mine=learner) == 2
    assert demo_city.ask("SELECT count(*) FROM events WHERE learner_id = :mine", mine=learner) == 4
    assert page.evaluate(DRAFT_OWNERS) == [learner] * drafts


DRAFT_OWNERS = """() => new Promise((resolve) => {
  const request = indexedDB.open('streetwise');
  request.onsuccess = () => {
    const rows = request.result.transaction('drafts').objectStore('drafts').getAll();
    rows.onsuccess = () => { request.result.close(); resolve(rows.result.map(({ learner }) => learner)); };
  };
})"""


def works_on(page: Page, visit: Visit, waiting: str = "1 waiting") -> None:
    """The app starts, a check-in is kept, and the header says that it waits."""
    visit.type_code(page, "clock-room")
    expect(page.get_by_role("link", name=re.compile(waiting))).to_be_visible()


def test_a_store_of_a_newer_app_is_left_alone_and_work_goes_on(
    laden: Page, demo_city: RunningCity, visit: Visit
) -> None:
    page = on_repair_page(laden, demo_city)
    page.evaluate(RAISE_VERSION)
    page.goto(f"{demo_city.base_url}/en/learning")
    works_on(page, visit)
    expect(page.get_by_text(LOST_SIGHT)).to_be_visible()
    page.get_by_role("status").get_by_role("link", name="Repair").click()
    expect(page.get_by_text("Waiting to be sent: 2")).to_be_visible()
    expect(page.get_by_text("Waiting to be sent: 1")).to_be_visible()
    names = page.evaluate("indexedDB.databases().then((all) => all.map(({ name }) => name).sort())")
    assert names == ["streetwise", "streetwise-2"]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for at in range(64, len(content), 97):
        content[at] ^= 0x5A
    file.write_bytes(bytes(content))


@pytest.mark.parametrize(("part", "harm"), [("MANIFEST-*", garble), ("*.log", cut), ("CURRENT", cut)])
def test_a_store_damaged_on_the_disk_does_not_stop_the_app(
    phone: Phone, laden: Page, demo_city: RunningCity, visit: Visit, part: str, harm: Callable[[Path], None]
) -> None:
    """Chromium mends such a store (3 wait, 4 when the saving itself was not sent yet) or throws it away (1 waits): then nobody can bring it home."""
    on_repair_page(laden, demo_city)
    phone.switch_off()
    harm(newest(phone, part))
    page = phone.switch_on(offline=True)
    page.goto(f"{demo_city.base_url}/en/learning")
    works_on(page, visit, "[134] waiting")
    page.goto(f"{demo_city.base_url}/en/repair")
    expect(page.get_by_text("Looking …")).to_have_count(0)
    expect(page.get_by_role("button", name="Make a rescue file")).to_be_enabled()


def newest(phone: Phone, part: str) -> Path:
    """Find the newest file of a kind in the database's folder of this browser."""
    profile: Any = phone._profile
    found = sorted(profile.glob(f"**/IndexedDB/*.leveldb/{part}"), key=lambda one: one.stat().st_mtime)
    assert found, sorted(profile.glob("**/IndexedDB/**/*"))
    return Path(found[-1])
