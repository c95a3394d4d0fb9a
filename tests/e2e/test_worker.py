"""A new version of the app: it interrupts nothing, and pages of the version before work on with their own files."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, ConsoleMessage, Error, Page, Request, expect

from tests.databases import free_port
from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import Visit

ROOT = Path(__file__).parents[2]
READY = "This app now opens with no network."
NEW = "A new version is ready."
EARLIER = "This page is of an earlier version."


@pytest.fixture(scope="session")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next release: the same sources but for one line, so that every script has another name."""
    folder = tmp_path_factory.mktemp("next") / "streetwise"
    shutil.copytree(
        ROOT, folder, ignore=shutil.ignore_patterns(".*", "node_modules", "instance", "docs", "tests")
    )
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    main = folder / "pwa/app/main.js"
    main.write_text(main.read_text() + '\ndocument.documentElement.dataset.version = "next";\n')
    built = subprocess.run(
        [sys.executable, "build.py", "--dev"], cwd=folder, env={**os.environ}, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture
def city(tmp_path: Path) -> Iterator[RunningCity]:
    """A city of this test's own, which can be updated."""
    city = RunningCity(tmp_path, free_port())
    city.facts = city.demo()
    city.start()
    yield city
    city.stop()


@pytest.fixture
def my_visit(city: RunningCity, tmp_path: Path) -> Visit:
    return Visit(city.facts, {}, tmp_path, everywhere=True)


def release(city: RunningCity, version: Path) -> None:
    """Install the next version as an operator does: stop, and start again with the new code."""
    city.stop()
    city.code = version
    city.start()


def until(page: Page, condition: str) -> None:
    """Wait for something that only a script can tell. (Playwright's own way needs `eval`, which our policy forbids.)"""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with suppress(Error):  # the page is being reloaded
            if page.evaluate(condition):
                return
        page.wait_for_timeout(100)
    raise AssertionError(f"never: {condition}")


def becomes_next(page: Page, timeout: float = 15_000) -> None:
    expect(page.locator("html[data-version=next]")).to_be_attached(timeout=timeout)


def tidied(page: Page) -> None:
    """Only the files of one version are left."""
    until(page, "caches.keys().then((all) => all.filter((one) => one.startsWith('app-')).length === 1)")


def look_for_update(page: Page, waits: bool = True) -> None:
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    if waits:
        until(page, "navigator.serviceWorker.getRegistration().then((one) => Boolean(one.waiting))")


def started(page: Page, address: str) -> Page:
    """Open a page that has a worker and is at rest."""
    page.goto(address)
    until(page, "navigator.serviceWorker.controller !== null")
    page.wait_for_load_state("networkidle")
    return page


def first_visit(page: Page, city: RunningCity, path: str = "/en/learning") -> Page:
    page.goto(city.base_url + path)
    expect(page.get_by_text(READY)).to_be_visible()
    return started(page, city.base_url + path)


def version(page: Page) -> str:
    return str(page.evaluate("document.documentElement.dataset.version ?? 'first'"))


def app_caches(page: Page) -> int:
    return int(
        page.evaluate("caches.keys().then((all) => all.filter((one) => one.startsWith('app-')).length)")
    )


def show_new(page: Page, city: RunningCity) -> None:
    """Touch the page, and bring the new version to it."""
    page.get_by_role("heading", level=1).first.click()
    look_for_update(page)
    expect(page.get_by_text(NEW)).to_be_visible()


def test_a_new_version_waits_until_it_is_asked_for(
    visitor: Page, city: RunningCity, next_version: Path
) -> None:
    page = first_visit(visitor, city)
    release(city, next_version)
    show_new(page, city)
    assert version(page) == "first"
    page.get_by_role("button", name="Use it now").click()
    becomes_next(page)
    expect(page.get_by_text(NEW)).to_have_count(0)
    tidied(page)


def test_it_waits_for_what_is_being_sent(
    visitor: Page, city: RunningCity, my_visit: Visit, next_version: Path
) -> None:
    page = first_visit(visitor, city, "/en/scan")
    release(city, next_version)
    page.get_by_role("button", name="Type the code").click()
    look_for_update(page)
    expect(page.get_by_text(NEW)).to_be_visible()
    city.hold()
    page.get_by_label("The code under the QR, eight characters").fill(my_visit.points["clock-room"]["typed"])
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("Saved on this device.")).to_be_visible()
    page.get_by_role("button", name="Use it now").click()
    expect(page.get_by_text("The new version takes over when sending is done.")).to_be_visible()
    page.wait_for_timeout(2000)
    assert version(page) == "first"
    city.go_on()
    becomes_next(page, 30_000)
    assert city.ask("SELECT count(*) FROM check_ins") == 1


def test_it_waits_for_the_camera_in_whatever_tab(phone: Phone, city: RunningCity, next_version: Path) -> None:
    page = first_visit(phone.switch_on(), city)
    scanner = page.context.new_page()
    scanner.goto(f"{city.base_url}/en/scan")
    expect(scanner.get_by_text("Hold the code inside the frame")).to_be_visible()
    page.bring_to_front()
    release(city, next_version)
    show_new(page, city)
    page.get_by_role("button", name="Use it now").click()
    expect(page.get_by_text("The new version takes over when the camera is closed.")).to_be_visible()
    page.wait_for_timeout(1500)
    assert version(page) == "first"
    scanner.get_by_role("button", name="Stop the camera").click()
    becomes_next(page)


def test_it_waits_for_words_that_are_nowhere_else(
    visitor: Page, city: RunningCity, next_version: Path
) -> None:
    page = first_visit(visitor, city, "/en/scan")
    release(city, next_version)
    page.get_by_role("button", name="Type the code").click()
    field = page.get_by_label("The code under the QR, eight characters")
    field.fill("ABC")
    look_for_update(page)
    page.get_by_role("button", name="Use it now").click()
    expect(page.get_by_text("The new version takes over when you have finished typing.")).to_be_visible()
    page.wait_for_timeout(1500)
    assert field.input_value() == "ABC"
    field.fill("")
    becomes_next(page)


def test_the_other_tab_works_on_with_its_own_files_offline_too(
    visitor: Page, city: RunningCity, my_visit: Visit, next_version: Path
) -> None:
    page = first_visit(visitor, city)
    other = started(page.context.new_page(), my_visit.activities["clock-room"]["url"])
    other.get_by_role("heading", level=1).click()
    page.bring_to_front()
    release(city, next_version)
    show_new(page, city)
    page.get_by_role("button", name="Use it now").click()
    becomes_next(page)
    other.bring_to_front()
    expect(other.get_by_text(EARLIER)).to_be_visible()
    assert version(other) == "first"
    page.wait_for_timeout(1500)  # long enough for the new one to have tidied up, if it did
    assert app_caches(other) == 2
    other.context.set_offline(True)
    loaded = other.evaluate(LOAD_ALL_CHUNKS)
    assert loaded["failed"] == [] and loaded["count"] > 10
    other.context.set_offline(False)
    other.get_by_role("button", name="Reload").click()
    becomes_next(other)
    tidied(other)


LOAD_ALL_CHUNKS = """async () => {
  const [mine] = [...document.querySelectorAll('script[type=module]')].map((one) => one.src);
  const names = (await caches.keys()).filter((one) => one.startsWith('app-'));
  for (const name of names) {
    const cache = await caches.open(name);
    if (!(await cache.match(mine))) continue;
    const urls = (await cache.keys()).map(({url}) => url).filter((url) => url.endsWith('.js') && !url.includes('/main-'));
    const failed = [];
    for (const url of urls) await import(url).catch((error) => failed.push(`${url} ${error}`));
    return { count: urls.length, failed };
  }
}"""


def test_pages_that_nobody_uses_take_it_by_themselves(
    visitor: Page, city: RunningCity, next_version: Path
) -> None:
    visitor.add_init_script(UNUSED)
    page = first_visit(visitor, city)
    release(city, next_version)
    look_for_update(page, waits=False)
    becomes_next(page)


UNUSED = """
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  // A test that evaluates a script counts as a person's tap.
  Object.defineProperty(Navigator.prototype, "userActivation", { get: () => ({ hasBeenActive: false }) });
"""


def test_a_page_in_use_keeps_unused_ones_from_taking_it(
    visitor: Page, city: RunningCity, next_version: Path
) -> None:
    visitor.add_init_script(UNUSED)
    page = first_visit(visitor, city)
    seen = started(page.context.new_page(), f"{city.base_url}/en/badges")
    release(city, next_version)
    look_for_update(page)
    page.wait_for_timeout(2500)
    assert version(page) == version(seen) == "first"


def test_a_cycle_in_the_old_worker_ends_before_the_new_one_begins(
    visitor: Page, city: RunningCity, my_visit: Visit, next_version: Path
) -> None:
    page = first_visit(visitor, city, "/en/scan")
    page.context.set_offline(True)
    my_visit.type_code(page, "clock-room")
    page.goto(f"{city.base_url}/en/repair")  # here no script of the app runs, and no cycle but the worker's
    workers = watch_workers(page)
    release(city, next_version)
    page.context.set_offline(False)
    look_for_update(page)
    city.hold()
    page.evaluate("navigator.serviceWorker.controller.postMessage({ type: 'sync' })")
    until(
        page, "navigator.locks.query().then(({ held }) => held.some(({ name }) => name.startsWith('sync:')))"
    )
    workers.send("ServiceWorker.skipWaiting", {"scopeURL": city.base_url + "/"})  # past our own patience
    page.wait_for_timeout(2000)
    waiting = "navigator.serviceWorker.getRegistration().then((one) => one.waiting?.state ?? null)"
    assert page.evaluate(waiting) == "installed"
    city.go_on()
    until(page, f"{waiting}.then((state) => state === null)")
    assert city.ask("SELECT count(*) FROM check_ins") == 1


def watch_workers(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    return session


def test_pages_are_asked_for_while_the_worker_starts_and_nothing_complains(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    said: list[str] = []
    visitor.context.on("console", lambda message: said.append(complaint(message)))
    visitor.goto(f"{demo_city.base_url}/en/")
    expect(visitor.get_by_text(READY)).to_be_visible()
    by_worker: list[Request] = []
    visitor.context.on("request", lambda one: by_worker.append(one) if one.service_worker else None)
    for address in ("/en/", "/en/learning", "/en/badges", "/desk/sign-in", "/en/repair", "/en/nowhere"):
        visitor.goto(demo_city.base_url + address)
        visitor.wait_for_load_state("networkidle")
    visitor.goto(visit.activities["clock-room"]["url"])
    visitor.wait_for_load_state("networkidle")
    assert [text for text in said if "preload" in text.lower()] == []
    assert visitor.evaluate(PRELOADS) == {"enabled": True, "headerValue": "true"}
    assert visitor.evaluate("performance.getEntriesByType('navigation')[0].workerStart") > 0
    pages = [one for one in by_worker if one.url.endswith(("/en/", "/en/nowhere", "/desk/sign-in"))]
    assert len(pages) == 3
    assert all("service-worker-navigation-preload" in one.headers for one in pages)


PRELOADS = "navigator.serviceWorker.ready.then((one) => one.navigationPreload.getState())"


def complaint(message: ConsoleMessage) -> str:
    return f"{message.type}: {message.text}"
