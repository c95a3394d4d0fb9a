"""The offline walk in browsers of two other makers: save, lose the network, work, reload, come back, all counts once."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import free_port
from tests.e2e.city import RunningCity
from tests.engines import firefox, webkit
from tests.engines.driver import Driver, await_place, having, see, wait_for

STOPS = ("clock-room", "pump-room", "mill-wheel")
BROWSERS: dict[str, Callable[[Path], Driver]] = {
    "firefox": lambda folder: firefox.Firefox(folder / "profile"),
    "webkit": webkit.WebKit,
}
SURVIVES = {"firefox"}
"""Whose store can be seen to outlive its process here: WebKitGTK drops it when automation ends."""


@pytest.fixture
def city(tmp_path: Path) -> Iterator[RunningCity]:
    city = RunningCity(tmp_path, free_port(), typed_rate="1000 per minute")
    city.facts = city.demo()
    city.start()
    yield city
    city.stop()


@pytest.fixture(params=sorted(BROWSERS))
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    module = {"firefox": firefox, "webkit": webkit}[name]
    if module.program() is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed here")
    return name


class Walker:
    """A visitor with one of these browsers, who can close it and come back."""

    def __init__(self, engine: str, city: RunningCity, folder: Path) -> None:
        self.engine, self.demo, self._folder = engine, city.facts, folder
        self.driver = BROWSERS[engine](folder)

    def reopen(self) -> None:
        """Pull the plug and start again, where what was stored outlives the process; else load the page anew."""
        if self.engine in SURVIVES:
            self.driver.quit()
            self.driver = BROWSERS[self.engine](self._folder)

    def open(self, path: str) -> None:
        self.go(self.demo["base_url"] + path)

    def go(self, url: str) -> None:
        """Leave the page as a person does, who has looked at it for a moment. WebKitGTK sometimes keeps a transaction
        of a page that was left within milliseconds open, and the store shut (docs/phone-checklist.md)."""
        if self.driver.ask("Boolean(globalThis.navigator?.locks) && location.origin !== 'null'"):
            wait_for(self.driver, "navigator.locks.query().then(({ held }) => held.length === 0)")
        time.sleep(0.7)
        self.driver.open(url)

    def find(self, kind: str, slug: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.demo[kind] if one["slug"] == slug)
        return found

    def type_code(self, slug: str) -> None:
        self.open("/en/scan")
        await_place(self.driver, having("Type the code", "button"))
        self.driver.click(having("Type the code", "button"))
        self.driver.type('//input[@id="typed-code"]', self.find("points", slug)["typed"].lower())
        self.driver.click(having("Check in", "button"))
        see(self.driver, "Saved on this device.")

    def answer(self, slug: str) -> int:
        """Answer the stop's questions; return how many were handed in."""
        activity = self.find("activities", slug)
        self.go(activity["url"])
        given = 0
        for task in self.demo["tasks"]:
            if task["id"] in activity["tasks"] and task["kind"] in ("choice", "choices", "number", "text"):
                self._answer(task)
                given += 1
        return given

    def _answer(self, task: dict[str, Any]) -> None:
        card = f'//*[contains(@class, "task")][.//*[contains(., {json.dumps(task["prompt"]["en"])})]]//form'
        await_place(self.driver, card)
        if task["kind"] in ("choice", "choices"):
            for option in task["answer"]["choices"]:
                self.driver.click(f'{card}//input[@value="{option}"]')
        else:
            field = "number" if task["kind"] == "number" else "text"
            self.driver.type(f"{card}//*[self::input or self::textarea]", task["answer"][field])
        self.driver.click(f'{card}//button[@type="submit"]')
        gone = f"document.evaluate({card!r}, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue"
        wait_for(self.driver, f"!{gone}")


def test_the_offline_walk_in_another_engine(engine: str, city: RunningCity, tmp_path: Path) -> None:
    walker = Walker(engine, city, tmp_path)
    try:
        _walk(walker, city)
    finally:
        walker.driver.photograph(tmp_path / f"{engine}.png")
        walker.driver.quit()


def _walk(walker: Walker, city: RunningCity) -> None:
    playlist = walker.demo["playlists"][0]
    walker.driver.open(playlist["url"])
    await_place(walker.driver, having("Save for offline", "button"))
    walker.driver.click(having("Save for offline", "button"))
    see(walker.driver, "Ready with no network", 60)
    wait_for(walker.driver, "navigator.locks.query().then(({ held }) => held.length === 0)")
    time.sleep(0.7)

    city.stop()  # in the cellar: nobody answers
    for slug in STOPS[:2]:
        walker.type_code(slug)
    answers = walker.answer(STOPS[0])
    walker.reopen()
    walker.open("/en/learning")
    see(walker.driver, "saved on this phone and wait to be sent")
    walker.go(playlist["url"])  # a deep link, with no network
    see(walker.driver, "Ready with no network")
    walker.type_code(STOPS[2])
    answers += walker.answer(STOPS[2])

    city.start()
    walker.open("/en/learning")
    see(walker.driver, "Everything is sent", 60)
    assert city.ask("SELECT count(*) FROM check_ins") == len(STOPS)
    assert city.ask("SELECT count(*) FROM answers WHERE state IN ('right', 'received')") == answers
    assert city.ask("SELECT count(*) FROM events WHERE state <> 'ok'") == 0
    assert city.ask("SELECT count(*) FROM events") == city.ask("SELECT max(seq) FROM events")
    walker.open("/en/learning")
    see(walker.driver, f"{len(STOPS) + answers + 1} accepted")
