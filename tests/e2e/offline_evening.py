"""An evening with no network at all: two doors and a learner's phone, and what they did, kept on disk to be gone on from.

The session has two places. Once the server is gone, and each phone is alone:

- Ada's pass is scanned at both doors, and her phone takes the organiser's answer (level 4);
- Ben scans the rotating code on the organiser's phone (level 3), and then his pass is scanned at the helper's door;
- Cleo's pass is scanned at the organiser's door, her phone takes the answer, and then she is taken back there;
- Mo, who has no phone, is let in at the organiser's door, and Zoe at the helper's, who is full by then and takes her back.

So three people are in for two places: who is beyond them follows from which phone syncs first.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import qrcode
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.databases import free_port
from tests.e2e.city import RunningCity
from tests.e2e.door import SessionDoor, answer, open_session
from tests.e2e.phone import SMALL, browser
from tests.e2e.test_door import add_guest, enter, phone_with_camera, read_screen, scan_picture, tab
from tests.e2e.test_shared_tablet import add, switch

LONG = 60_000
ORGANISER, HELPER, LEARNER = PHONES = ("organiser", "helper", "learner")
PEOPLE = {"Ada": "Fox", "Ben": "Boat", "Cleo": "Owl"}


@dataclass(frozen=True)
class Evening:
    """Three phones that are switched off, and a city that is: all of it in a folder."""

    folder: Path
    port: int
    session: str
    database: str

    def copy(self, folder: Path) -> "Evening":
        locks = shutil.ignore_patterns("Singleton*")
        shutil.copytree(self.folder, folder, ignore=locks)
        return Evening(folder, self.port, self.session, self.database)

    @property
    def city(self) -> RunningCity:
        return RunningCity(self.folder, self.port, self.database)

    @property
    def door(self) -> str:
        return f"{self.city.base_url}/en/door"


def make_evening(driver: Playwright, folder: Path, database: str = "") -> Evening:
    """Bring the phones together with a network, take it away, and let everybody arrive."""
    folder.mkdir()
    city = RunningCity(folder, free_port(), database)
    city.demo()
    city.start()
    try:
        session = open_session(city, capacity=2)
        with switched_on(driver, folder) as phones:
            _meet(city, session, phones)
            for page in phones.values():
                page.context.set_offline(True)
            city.stop()
            _arrive(city, phones, folder)
    finally:
        city.stop()
    return Evening(folder, int(city.base_url.rsplit(":", 1)[1]), session.id, database)


@contextmanager
def switched_on(driver: Playwright, folder: Path, offline: bool = False) -> Iterator[dict[str, Page]]:
    """Three phones, each with a profile of its own in the folder; none sees the network if `offline`."""
    contexts = {
        name: driver.chromium.launch_persistent_context(
            folder / name,
            executable_path=browser(),
            args=["--no-sandbox"],
            viewport=SMALL,
            device_scale_factor=2,
            has_touch=True,
            locale="en",
            offline=offline,
        )
        for name in PHONES
    }
    try:
        for context in contexts.values():
            context.set_default_timeout(LONG)
        yield {name: context.pages[0] for name, context in contexts.items()}
    finally:
        for context in contexts.values():
            context.close()


def _meet(city: RunningCity, session: SessionDoor, phones: dict[str, Page]) -> None:
    """With a network: both doors are opened, and three people share a phone that the city knows."""
    organiser, helper, learner = (phones[name] for name in PHONES)
    phone_with_camera(lambda: organiser)
    phone_with_camera(lambda: helper)
    enter(organiser, session.link())
    tab(organiser, "Helpers")
    organiser.get_by_role("button", name="Make a link").click()
    link = organiser.locator(".door-link svg")
    expect(link).to_be_visible(timeout=LONG)
    enter(helper, link.get_attribute("data-address") or "")
    for name, picture in PEOPLE.items():
        add(learner, city, name, picture)
        learner.goto(f"{city.base_url}/en/pass")
        consent = learner.get_by_role("switch", name="Show my name and picture")
        consent.click()
        learner.get_by_role("button", name="Yes, show them").click()
        expect(consent).to_be_checked()
        expect(learner.locator("svg.pass-code")).to_be_visible()
        expect(learner.get_by_role("link", name="All sent")).to_be_visible(timeout=LONG)
    learner.goto(f"{city.base_url}/en/scan")  # its chunk is kept, too
    learner.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for page in (organiser, helper):
        page.reload()
        expect(page.locator(".door-count")).to_have_text("0 of 2")


def _arrive(city: RunningCity, phones: dict[str, Page], folder: Path) -> None:
    organiser, helper, learner = (phones[name] for name in PHONES)
    for door in (organiser, helper):
        door.reload()
        expect(door.get_by_text("Offline: all is kept here")).to_be_visible()
        tab(door, "Scan")

    ada = show_pass(learner, city, "Ada", folder)
    scan(organiser, ada)
    answer(organiser, "Let in")
    take_answer(organiser, learner, folder)
    scan(helper, ada)
    answer(helper, "Let in")

    tab(organiser, "Show code")
    rotating = picture_of(read_screen(organiser, folder), folder / "rotating.png")
    organiser.get_by_role("button", name="Close").click()
    switch(learner, city, "Ben")
    learner.goto(f"{city.base_url}/en/scan")
    learner.get_by_label("Read a picture").set_input_files(rotating)
    expect(learner.get_by_text("Saved on this device.")).to_be_visible()
    scan(helper, show_pass(learner, city, "Ben", folder))
    answer(helper, "Let in")

    scan(organiser, show_pass(learner, city, "Cleo", folder))
    answer(organiser, "Let in")
    take_answer(organiser, learner, folder)
    organiser.locator(".door-result").get_by_role("button", name="Undo").click()

    tab(organiser, "List")
    add_guest(organiser, "Mo")
    tab(helper, "List")
    helper.get_by_label("Without a phone").fill("Zoe")
    helper.get_by_role("button", name="+ Let in").click()
    expect(helper.get_by_text("Full: 2 of 2")).to_be_visible()
    helper.get_by_role("button", name="Let in, to be reviewed").click()
    expect(row(helper, "Zoe")).to_contain_text("In, to be reviewed")
    helper.get_by_role("button", name="Undo: Zoe").click()
    expect(row(helper, "Zoe")).to_contain_text("Taken back")


def show_pass(learner: Page, city: RunningCity, name: str, folder: Path) -> Path:
    """Photograph somebody's pass on the learners' phone."""
    switch(learner, city, name)
    learner.goto(f"{city.base_url}/en/pass")
    expect(learner.locator(".pass-who")).to_contain_text(name)
    picture = folder / f"{name}.png"
    learner.locator("svg.pass-code").screenshot(path=picture)
    return picture


def scan(door: Page, picture: Path) -> None:
    """Hold a picture before a door's camera, opened anew."""
    door.get_by_role("button", name="Scan", exact=True).click()
    stop = door.get_by_role("button", name="Stop the camera")
    if stop.count():
        stop.click()
    door.get_by_role("button", name="Start the camera").click()
    expect(stop).to_be_visible()
    scan_picture(door, picture)


def take_answer(door: Page, learner: Page, folder: Path) -> None:
    """Let the learner's phone read the answer that the door's shows."""
    door.get_by_role("button", name="Show receipt").click()
    shown = picture_of(read_screen(door, folder), folder / "answer.png")
    door.get_by_role("button", name="Close").click()
    learner.get_by_role("button", name="Scan the door's answer").click()
    learner.get_by_label("Read a picture").set_input_files(shown)
    expect(learner.get_by_text("Confirmed at the door at")).to_be_visible()


def picture_of(content: str, path: Path) -> Path:
    with path.open("wb") as file:
        qrcode.make(content).save(file)
    return path


def row(door: Page, name: str) -> Locator:
    """Somebody's row of a door's list."""
    return door.locator(".door-row").filter(has_text=name)
